"""The command line: what it writes, what it says, how it ends."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from derive.cli import main
from tests.sweeps import sweep, thorough


def run(*arguments: str) -> Result:
    return CliRunner().invoke(main, list(arguments))


@pytest.mark.thorough  # test_package has the same of the installed package
def test_report_without_arguments_writes_the_three_layer_chain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run("report")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        str(Path("output/three-layer-chain.tex")),
        str(Path("output/three-layer-chain.md")),
        str(Path("output/three-layer-chain.json")),
        "82 of 82 equations proved",
    ]
    assert sorted(p.name for p in (tmp_path / "output").iterdir()) == [
        "three-layer-chain.json",
        "three-layer-chain.md",
        "three-layer-chain.tex",
    ]


def test_report_of_a_shorthand_with_options(tmp_path: Path) -> None:
    result = run("report", "1-1-2", "--bias", "--output-activation", "softmax",
                 "--cost", "cross_entropy", "--format", "markdown", "--dialect", "plain",
                 "--at-zero", "1/2", "-o", str(tmp_path))  # fmt: skip
    assert result.exit_code == 0, result.output
    (file,) = tmp_path.iterdir()
    text = file.read_text()
    assert "$$" in text and "```math" not in text
    assert r"\mathrm{Step}(0) = \frac{1}{2}" in text


@pytest.mark.parametrize(("reduction", "said"), [("sum", False), ("mean", True)])
def test_report_says_that_reduction_is_for_several_samples(
    reduction: str, said: bool, tmp_path: Path
) -> None:
    network = tmp_path / "network.toml"
    network.write_text(
        f'inputs = 1\nreduction = "{reduction}"\n[[layers]]\nunits = 1\nactivation = "relu"\n'
    )
    result = run("report", str(network), "--format", "markdown", "-o", str(tmp_path))
    assert result.exit_code == 0
    assert ("one sample" in result.stderr) == said


def test_the_activation_is_that_of_the_output_too() -> None:
    assert "sigmoid" in run("show", "r2", "1-1-1", "--activation", "sigmoid").stdout
    option = ("--output-activation", "identity")
    assert "sigmoid" not in run("show", "r2", "1-1-1", "--activation", "sigmoid", *option).stdout
    assert "Activation of all layers" in run("report", "--help").stdout


def test_entries_are_written_out(tmp_path: Path) -> None:
    result = run("report", "2-2", "--entries", "--format", "latex", "-o", str(tmp_path))
    assert result.exit_code == 0
    text = next(tmp_path.iterdir()).read_text()
    assert r"\frac{\partial C}{\partial W^{(0)}_{21}}" in text


@pytest.mark.parametrize("network", sweep(["4-1", "7-1", "8-1", "1-8", "12-2-1"], ["4-1"]))
def test_entries_of_wide_layers_are_proved(network: str, tmp_path: Path) -> None:
    result = run("report", network, "--entries", "--format", "json", "-o", str(tmp_path))
    assert result.exit_code == 0, result.stderr
    assert run("verify", str(tmp_path / f"{network}.json")).exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["report", "2-40-1", "--entries"], "has 40 units"),
        (["report", "10-10-10-10", "--entries"], "equations, more than the"),
        (["report", "n_0-2-1", "--entries"], "numeric widths only"),
        (["report", "no/such.toml"], "no/such.toml"),
        (["report", "three-layer-chian"], "three-layer-chain"),
        (["report", "2-0-1"], "2-0-1"),
        (["report", "2--3"], "2--3"),
        (["report", "2-99999999999-1"], "99999999999"),
        (["report", "2-3-1", "--activation", "rleu"], "relu"),
        (["report", "2-3-1", "--cost", "nll"], "nll"),
        (["report", "2-3-1", "--at-zero", "2"], "from 0 to 1"),
        (["report", "2-3-1", "--dirac"], "--dirac adds terms to second derivatives"),
        (["report", "2-3-1", "--order", "1", "--dirac"], "needs --order 2"),
        (["report", "sigmoid-chain", "--order", "2", "--dirac"], "no activation has a kink"),
        (["report", "claims", "--dirac"], "--dirac is for reports on a network"),
        (["report", "2-3-1", "--slope", "\\input{x}", "--activation", "leaky_relu"], "input"),
        (["report", "--format", "docx"], "docx"),
        (["report", "--templates", "/no/such/folder"], "/no/such/folder"),
        (["show", "dC/dW9", "two-layer-chain"], "dC/dW9"),
        (["show", "nonsense", "two-layer-chain"], "nonsense"),
        (["report", "--dialect", "word"], "word"),
        (["frobnicate"], "frobnicate"),
    ],
)
def test_bad_input_is_one_sentence_and_exit_code_2(
    arguments: list[str], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(*arguments)
    assert result.exit_code == 2
    assert sentence in result.stderr
    assert "Traceback" not in result.output
    assert len(result.stderr.strip().splitlines()) <= 4  # click prints usage lines above it
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content",
    [b"\x00\xff\xfe\x80rubbish", b"", b"inputs = ", b"inputs = 1\ninputs = 2\n", b"[[layers]]\n",
     b'inputs = true\n[[layers]]\nunits = 1\n', b'inputs = 1\n[[layers]]\nunits = "x"\n',
     b'inputs = 1\n[[layers]]\nunits = 1\nactivaton = "relu"\n'],
)  # fmt: skip
def test_a_bad_network_file_is_named(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "net.toml"
    file.write_bytes(content)
    result = run("report", str(file), "-o", str(tmp_path / "out"))
    assert result.exit_code == 2
    assert "net.toml" in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_folder_is_not_a_network(tmp_path: Path) -> None:
    result = run("report", str(tmp_path))
    assert result.exit_code == 2 and "folder" in result.stderr


def test_output_that_is_a_file(tmp_path: Path) -> None:
    occupied = tmp_path / "occupied"
    occupied.write_text("mine")
    result = run("report", "1-1", "-o", str(occupied))
    assert result.exit_code == 2 and "cannot write into" in result.stderr
    assert occupied.read_text() == "mine"


def test_a_full_disk_leaves_what_was_there(tmp_path: Path) -> None:
    """A limit on file size stands in for a full disk: the first write fails half way.

    Python ignores the signal that comes with it, so the write just fails.
    """
    old = tmp_path / "1-1.tex"
    old.write_text("old")

    program = shlex.join(
        [sys.executable, "-B", "-m", "derive", "report", "1-1", "-o", str(tmp_path)]
    )
    result = subprocess.run(
        ["sh", "-c", f"ulimit -f 2; exec {program}"], capture_output=True, text=True, timeout=120
    )
    assert result.returncode == 2
    assert result.stderr.startswith("Error: cannot write into")
    assert "Traceback" not in result.stderr
    assert old.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["1-1.tex"]


def test_a_folder_in_the_place_of_a_later_file(tmp_path: Path) -> None:
    (tmp_path / "1-1.md").mkdir()
    result = run("report", "1-1", "-o", str(tmp_path))
    assert result.exit_code == 2 and "1-1.md is a folder" in result.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["1-1.md"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
@pytest.mark.parametrize(
    "arguments",
    sweep(
        [["--help"], ["report", "--help"], ["examples"], ["init", "-"], ["report", "1-1"]],
        [["--help"], ["report", "--help"], ["init", "-"]],
    ),
)
def test_standard_output_on_a_full_disk(arguments: list[str], tmp_path: Path) -> None:
    with open("/dev/full", "w") as full:
        result = subprocess.run(
            [sys.executable, "-B", "-m", "derive", *arguments],
            stdout=full, stderr=subprocess.PIPE, text=True, cwd=tmp_path, timeout=120,
        )  # fmt: skip
    assert result.returncode == 2
    assert result.stderr == "Error: cannot write to standard output: no space left on device\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0o500)
    result = run("report", "1-1", "-o", str(tmp_path))
    assert result.exit_code == 2 and "permission denied" in result.stderr


def test_templates_can_be_overridden(tmp_path: Path) -> None:
    mine = tmp_path / "mine" / "markdown"
    mine.mkdir(parents=True)
    (mine / "page.jinja").write_text("MY NOTES\n<< body >>\n")
    result = run("report", "1-1", "--templates", str(tmp_path / "mine"), "--format", "markdown",
                 "-o", str(tmp_path / "out"))  # fmt: skip
    assert result.exit_code == 0
    assert (tmp_path / "out" / "1-1.md").read_text().startswith("MY NOTES\n<a id=")


def test_answers_can_be_overridden(tmp_path: Path) -> None:
    own_words = (
        "<% macro mistake_missing_factor(key, about) %><< about.factor >> fehlt<% endmacro %>"
    )
    (tmp_path / "mistakes.jinja").write_text(own_words, encoding="utf-8")
    (tmp_path / "line.txt").write_text("dC/dW0 = (r1 - y)*x\n", encoding="utf-8")
    own = ("--templates", str(tmp_path))
    result = run("check", str(tmp_path / "line.txt"), "-n", "one-layer-chain", *own)
    assert "wrong: Step(z1) fehlt;" in result.stdout
    (tmp_path / "answers.jinja").write_text("none", encoding="utf-8")
    result = run("check", str(tmp_path / "line.txt"), "-n", "one-layer-chain", *own)
    assert result.exit_code == 2 and "answers.jinja: this defines no macro" in result.stderr


@pytest.mark.parametrize(
    ("name", "template", "expected"),
    [
        ("latex/page.jinja", b"<% if %>", "page.jinja:1: "),
        thorough(
            ("latex/page.jinja", b"<< nothing.here >>", "page.jinja:1: 'nothing' is undefined")
        ),
        thorough(("latex/page.jinja", b"<< 1 / 0 >>", "page.jinja:1: division by zero")),
        ("latex/page.jinja", b'<% include "gone.jinja" %>', "there is no template gone.jinja"),
        ("words.jinja", b"\xff\xfe", "words.jinja: this is not a text in UTF-8"),
        ("words.jinja", b"none", "words.jinja: this defines no macro"),
        (
            "latex/blocks.jinja",
            b'<% import "frame.jinja" as frame %>\n<< frame.gone() >>',
            "blocks.jinja:2: this calls the macro gone, which the template that it imports",
        ),
    ],
)
def test_a_broken_template_is_named(
    name: str, template: bytes, expected: str, tmp_path: Path
) -> None:
    (tmp_path / "latex").mkdir()
    (tmp_path / name).write_bytes(template)
    result = run("report", "1-1", "--templates", str(tmp_path), "-o", str(tmp_path / "out"))
    assert result.exit_code == 2
    assert expected in result.stderr and "Traceback" not in result.output
    assert not (tmp_path / "out").exists()


def test_show_prints_a_chain() -> None:
    result = run("show", "dC/dW0", "one-layer-chain")
    assert result.exit_code == 0
    first = result.stdout.splitlines()[0]
    assert first.startswith("dC/dW0 = dC/dz1*dz1/dW0") and first.endswith("chain rule")
    latex = run("show", "dC/dW0", "one-layer-chain", "--as", "latex").stdout
    assert r"\frac{\partial C}{\partial W^{(0)}}" in latex


def test_init_says_a_command_that_can_be_copied(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["init", "my net.toml"])
    assert result.output == "my net.toml written; now: derive report 'my net.toml'\n"


def test_a_dash_is_no_folder(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["report", "one-layer-chain", "-o", "-"])
    assert result.exit_code == 2
    assert "- is no folder" in result.output
    assert list(tmp_path.iterdir()) == []


def test_examples_and_init(tmp_path: Path) -> None:
    listed = run("examples").stdout
    for name in ("one-layer-chain", "three-layer-chain", "general-layer", "softmax-classifier"):
        assert name in listed
    file = tmp_path / "net.toml"
    assert run("init", str(file)).exit_code == 0
    again = run("init", str(file))
    assert again.exit_code == 2 and "exists already" in again.stderr
    report = run("report", str(file), "-o", str(tmp_path / "out"))
    assert report.exit_code == 0, report.output
    assert run("init", "-").stdout == file.read_text()


@pytest.mark.parametrize("arguments", [["--help"], ["report", "--help"], ["--version"], []])
def test_help_does_not_import_sympy(arguments: list[str]) -> None:
    program = (
        "import sys\nfrom derive.cli import main\n"
        f"try: main({arguments!r}, prog_name='derive')\n"
        "except SystemExit: pass\n"
        "assert 'sympy' not in sys.modules, 'sympy was imported'\n"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_formats_are_given_with_commas_or_one_by_one(tmp_path: Path) -> None:
    for formats in (["--format", "html,markdown"], ["--format", "html", "--format", "markdown"]):
        folder = tmp_path / str(len(formats))
        result = run("report", "1-1", *formats, "-o", str(folder))
        assert result.exit_code == 0, result.output
        assert {file.suffix for file in folder.iterdir()} == {".html", ".md"}
