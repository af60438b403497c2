"""Lines, JSON, SARIF and annotated copies; the command `derive check` and how it ends."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from itertools import islice
from pathlib import Path
from time import process_time

import pytest
from click.testing import CliRunner, Result
from jinja2.exceptions import TemplateRuntimeError, UndefinedError

from derive import check
from derive.checking.diagnosing.mistakes import Mistake
from derive.checking.telling.annotating import annotated
from derive.checking.telling.check_json import as_json
from derive.checking.telling.check_report import report_lines, summary_line
from derive.checking.telling.findings import Remark
from derive.checking.telling.safe_places import latex_gaps, markdown_gaps
from derive.checking.telling.sarif import as_sarif
from derive.checking.telling.watching import versions
from derive.checking.telling.words import Words
from derive.cli import main
from derive.errors import DeriveError
from derive.files.network_file import read_network
from derive.notation.point_text import our_name, point_text
from tests.sweeps import thorough

CHAIN = read_network("two-layer-chain")
TEXT = """\
# Notes

Assume $x > 0$. Forwards $z^{(1)} = W^{(0)} x$.

$$
\\frac{\\partial C}{\\partial \\hat y} = y - \\hat y
$$

$ReLU(W^{(1)} ReLU(W^{(0)} x)) = W^{(0)} W^{(1)} x$ and $\\frac{\\partial C}{\\partial q} = 0$
"""
CHECKED = check(TEXT, CHAIN, kind="markdown")
DOCUMENTS = Path(__file__).parent / "corpus" / "documents"


def run(*arguments: str, stdin: str | None = None) -> Result:
    return CliRunner().invoke(main, ["check", *arguments], input=stdin)


# -- lines ---------------------------------------------------------------------------------


def test_a_line_for_every_equation_then_the_summary() -> None:
    lines = list(report_lines(CHECKED, "notes.md", lambda word, verdict: word))
    starts = [re.match(r"notes\.md:(\d+):\d+: ([a-z ]+?)(:| z1| W|$)", line) for line in lines]
    assert [(m[1], m[2]) for m in starts if m] == [
        ("3", "assumption"),
        ("3", "right"),
        ("6", "wrong"),
        ("9", "right if"),
        ("9", "not understood"),
    ]
    assert summary_line(CHECKED.summary) == (
        "4 equations: 1 right, 1 right under a condition, 1 wrong, 1 not understood; "
        "the first mistake is in line 6"
    )


def test_the_right_hand_side_is_in_the_notation_of_the_document() -> None:
    names = {"w_2": "W0", "w_1": "W1"}
    text = "$\\frac{dC}{dw_1} = (y - \\hat y)\\, Step(z^{(2)})\\, r^{(1)}$, $\\hat y = w_1 w_2 x$"
    checked = check(text, CHAIN, kind="markdown", names=names)
    lines = list(report_lines(checked, "f", lambda word, verdict: word))
    assert "the right side should be (ŷ - y)·Step(z⁽²⁾)·r⁽¹⁾;" in lines[0]
    assert "w_2 = " in lines[1] and "W0" not in lines[1]
    plain = check("dC/dw_1 = (y - yhat)*Step(z2)*w_2*x", CHAIN, kind="text", names=names)
    assert "W0" not in next(report_lines(plain, "f", lambda word, verdict: word)).split("for")[0]


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"r0": 1, "W0": -2, "h_0": 1}, "x = 1, W0 = -2, Step(0) = 1"),
        ({"j": 1, "r0[0]": 1, "r0[1]": 2}, "j = 1, x = [1, 2]"),
        (
            {"W0[0,0]": 1, "W0[0,1]": 2, "W0[1,0]": 3, "W0[1,1]": 4},
            "W0 = [[1, 2], [3, 4]]",
        ),
    ],
)
def test_points_are_written_as_people_write_them(values: dict[str, int], text: str) -> None:
    assert point_text(values, our_name) == text


def test_every_mistake_has_words() -> None:
    """No answer is silent about what was found."""
    names = (*("factor", "term", "difference", "found", "expected", "entry", "letter", "of", "for"),
             *("condition", "cost", "activation", "layers", "depth", "block"))  # fmt: skip
    about: dict[str, object] = {name: f"<{name}>" for name in names}
    about |= {"layers": (0,), "depth": 2}
    said = {
        Words().say("finding", Remark("mistake", {**about, "mistake": mistake.value}))
        for mistake in Mistake
    }
    # "... stands where ... is right" is said of a factor and of a quantity
    assert len(said) == len(Mistake) - 1 and all(said)
    with pytest.raises(UndefinedError):
        Words().say("finding", Remark("mistake", {"mistake": "sign_of_term"}))
    with pytest.raises(TemplateRuntimeError, match="no words for 'new'"):
        Words().say("finding", Remark("new"))


# -- JSON ----------------------------------------------------------------------------------

KEYS = {"line", "column", "source", "read_as", "verdict", "scope", "condition",
        "counterexample", "diagnosis", "carried_forward"}  # fmt: skip


def test_json_has_the_keys_of_the_contract() -> None:
    found = as_json(CHECKED, "notes.md")
    assert set(found) >= {"file", "network", "equations", "summary"}
    assert found["file"] == "notes.md" and found["network"] == "two-layer-chain"
    for equation in found["equations"]:
        assert set(equation) >= KEYS
        assert equation["verdict"] in ("right", "right_if", "wrong", "undecided", "not_understood")
    right, wrong, condition, strange = found["equations"]
    assert right["scope"] and right["condition"] is right["counterexample"] is None
    assert set(wrong["counterexample"]) == {"values", "left", "right"}
    assert all(isinstance(v, str) for v in wrong["counterexample"]["values"].values())
    assert "x" in wrong["counterexample"]["values"]
    assert wrong["mistake"] == "swapped_difference" and r"\hat{y} - y" in wrong["diagnosis"]
    assert condition["condition"] == "W0*x > 0 and W1 > 0" and condition["verdict"] == "right_if"
    assert strange["verdict"] == "not_understood" and "q" in strange["diagnosis"]
    assert found["summary"]["wrong"] == 1 and found["summary"]["first_wrong"] == 6
    json.dumps(found)


def test_units_in_json_count_from_0() -> None:
    checked = check("dC/dr2[j] = y[j] - r2[j]", read_network("2-3-2"), kind="text")
    values = as_json(checked, "f")["equations"][0]["counterexample"]["values"]
    assert values["j"] == "0"


# -- SARIF ---------------------------------------------------------------------------------


def test_sarif_has_what_the_schema_requires() -> None:
    found = as_sarif([("my notes.md", TEXT, CHECKED)])
    assert found["version"] == "2.1.0" and found["$schema"].endswith("sarif-2.1.0.json")
    (whole,) = found["runs"]
    driver = whole["tool"]["driver"]
    assert driver["name"] == "derive check"
    assert [result["level"] for result in whole["results"]] == ["error", "warning", "warning"]
    for result in whole["results"]:
        assert driver["rules"][result["ruleIndex"]]["id"] == result["ruleId"]
        assert result["message"]["text"]
        place = result["locations"][0]["physicalLocation"]
        assert place["artifactLocation"]["uri"] == "my%20notes.md"
        region = place["region"]
        assert region["startLine"] >= 1 and region["startColumn"] >= 1
        assert (region["endLine"], region["endColumn"]) > (
            region["startLine"],
            region["startColumn"],
        )


def test_sarif_columns_are_those_of_the_text() -> None:
    result = as_sarif([("f", TEXT, CHECKED)])["runs"][0]["results"][1]
    region = result["locations"][0]["physicalLocation"]["region"]
    line = TEXT.split("\n")[region["startLine"] - 1]
    assert line[region["startColumn"] - 1 : region["endColumn"] - 1].startswith("ReLU(W^{(1)}")


# -- annotated copies ----------------------------------------------------------------------


def test_markdown_copy_keeps_every_line_and_adds_notes() -> None:
    copy = annotated(TEXT, CHECKED)
    kept = [line for line in copy.split("\n") if not line.startswith(">") and line]
    assert kept == [line for line in TEXT.split("\n") if line]
    assert "> **✗ wrong**, line 6" in copy and "> **✓ right**, line 3" in copy
    assert r"$\hat{y} - y$" in copy


@pytest.mark.parametrize("name", ["general_index", "three_layers"])
def test_latex_copy_compiles(name: str, tmp_path: Path) -> None:
    if shutil.which("pdflatex") is None:
        pytest.skip("pdflatex is not installed")
    document = tomllib.loads((DOCUMENTS / f"{name}.toml").read_text(encoding="utf-8"))
    text = document["text"]
    for plant in document["plant"][1:4]:
        text = text.replace(plant["find"], plant["replace"])
    checked = check(text, read_network(document["network"], **document.get("options", {})),
                    kind="latex")  # fmt: skip
    copy = annotated(text, checked)
    if "documentclass" not in copy:
        head = "\\documentclass{article}\\usepackage{amsmath}\\begin{document}"
        copy = f"{head}\n{copy}\n\\end{{document}}"
    (tmp_path / "copy.tex").write_text(copy, encoding="utf-8")
    assert copy.count(r"\derivenote{bad}") >= 1
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "copy.tex"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=60, check=False)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]


def test_html_copy_escapes_what_the_document_says() -> None:
    text = "<script>alert(1)</script> $z^{(1)} = W^{(0)} x + 1$"
    copy = annotated(text, check(text, CHAIN, kind="markdown"), "html")
    assert "<script>" not in copy and "&lt;script&gt;" in copy
    assert '<div class="note bad">' in copy


def test_an_html_copy_sets_formulas_in_the_document_and_in_notes() -> None:
    text = "Here $z^{(1)} = W^{(0)} x$, and\n$$\n\\hat y = \\unheardof{r}\n$$\nso $z^{(2)} = 0$."
    copy = annotated(text, check(text, CHAIN, kind="markdown"), "html", title="<notes>.md")
    assert "<h1>&lt;notes&gt;.md</h1>" in copy and '<p class="about">two-layer-chain</p>' in copy
    first, *others = copy.split('<div class="line">')[1:]
    assert first.startswith('<span class="number">1</span>') and first.count("<math>") == 1
    assert "Here <math>" in first and "</math>, and" in first
    # What cannot be set stands as it was written, with all of its lines.
    assert '<span class="number">2</span>' in others[0]
    assert "<code>$$\n\\hat y = \\unheardof{r}\n$$</code>" in others[0]
    # The notes write their formulas too.
    assert '<span class="number">5</span>' in others[1] and "should be <math>" in others[1]


def test_an_html_copy_of_a_notebook_has_its_cells() -> None:
    cells = [("markdown", "a\n$r^{(1)} = x$"), ("code", "1"), ("markdown", "$z^{(1)} = W^{(0)} x$")]
    text = json.dumps({"cells": [{"cell_type": kind, "source": source} for kind, source in cells]})
    copy = annotated(text, check(text, CHAIN, kind="notebook"), "html")
    assert "cell_type" not in copy and "<h2>Cell 2</h2>" not in copy
    _, first, third = copy.split('<section class="cell">')
    assert first.lstrip().startswith("<h2>Cell 1</h2>") and "✗ wrong" in first
    assert third.lstrip().startswith("<h2>Cell 3</h2>") and "✓ right" in third
    assert first.index('<span class="number">2</span>') < first.index("✗ wrong")


def test_an_html_copy_of_plain_text_shows_it_as_it_is() -> None:
    text = "z1 = W0*x\nr1 = z1"
    copy = annotated(text, check(text, CHAIN, kind="text"), "html")
    assert "<code>z1 = W0*x</code>" in copy and "<code>r1 = z1</code>" in copy


def test_notes_are_put_outside_of_mathematics() -> None:
    assert markdown_gaps(["a $x$", "b", "", "$$", "x", "$$"]) == [2, 6]
    assert markdown_gaps(["```math", "x", "", "y", "```", "a"]) == [5, 6]
    lines = ["\\begin{document}", "a", "\\begin{align}", "x \\\\", "", "y", "\\end{align}", "",
             "\\textbf{b", "", "c}", "", "\\end{document}"]  # fmt: skip
    assert latex_gaps(lines) == [7, 11]


def test_a_notebook_cannot_be_annotated_in_its_own_format() -> None:
    text = json.dumps({"cells": [{"cell_type": "markdown", "metadata": {}, "source": ["$x = x$"]}],
                       "metadata": {}, "nbformat": 4, "nbformat_minor": 5})  # fmt: skip
    with pytest.raises(DeriveError, match="html"):
        annotated(text, check(text, CHAIN, kind="notebook"))


# -- the command ---------------------------------------------------------------------------


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    path = tmp_path / "notes.md"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_exit_codes(notes: Path) -> None:
    assert run(str(notes), "--network", "two-layer-chain").exit_code == 1
    right = run("-", "--network", "one-layer-chain", stdin="dC/dr1 = r1 - y\n")
    assert right.exit_code == 0
    assert right.stdout.splitlines()[0] == "-:1:1: right: for all real values"


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["no-such.md", "--network", "1-1"], "no-such.md: the file cannot be read"),
        (["-"], "--network"),
        (["-", "--network", "nowhere"], "there is no network"),
        (["-", "--network", "1-1", "--assume", "x >"], "column"),
        (["-", "--network", "1-1", "--assume", "x > 0", "--assume", "x < 0"], "contradict"),
        (["-", "--network", "1-1", "--json", "--sarif"], "choose one"),
        (["-", "--network", "1-1", "--watch"], "standard input"),
        (["-", "--network", "1-1", "--kind", "word"], "word"),
        ([], "FILE"),
    ],
)
def test_bad_usage_ends_with_2_and_a_sentence(arguments: list[str], sentence: str) -> None:
    result = run(*arguments, stdin="dC/dr1 = r1 - y\n")
    assert result.exit_code == 2
    assert sentence in result.stderr


def test_the_head_of_a_document_names_its_network() -> None:
    text = "<!-- derive: network = one-layer-chain -->\n$z^{(1)} = W^{(0)} x$\n"
    result = run("-", stdin=text)
    assert (result.exit_code, result.stdout.splitlines()[0]) == (
        0, "-:2:2: right: for all real values",
    )  # fmt: skip


def test_json_of_several_files(notes: Path) -> None:
    result = run(str(notes), str(notes), "--network", "two-layer-chain", "--json")
    found = json.loads(result.stdout)
    assert [one["file"] for one in found["documents"]] == [str(notes)] * 2
    assert json.loads(run(str(notes), "-n", "two-layer-chain", "--json").stdout)["equations"]


def test_sarif_and_annotations_from_the_command_line(notes: Path, tmp_path: Path) -> None:
    folder = tmp_path / "checked"
    result = run(str(notes), "-n", "two-layer-chain", "--sarif", "--annotate", str(folder))
    assert json.loads(result.stdout)["version"] == "2.1.0"
    assert [path.name for path in folder.iterdir()] == ["notes.md"]
    run(str(notes), "-n", "two-layer-chain", "--annotate", str(folder), "--annotate-as", "html")
    assert "<!DOCTYPE html>" in (folder / "notes.html").read_text(encoding="utf-8")


def test_explain_and_quiet(notes: Path) -> None:
    explained = run(str(notes), "-n", "two-layer-chain", "--explain").stdout
    assert "read as: z1 = W0*x" in explained
    quiet = run(str(notes), "-n", "two-layer-chain", "--quiet").stdout
    assert ": right:" not in quiet and ": wrong:" in quiet


def test_assumptions_and_conventions_from_the_command_line() -> None:
    text = "r1 = W0*x\n"
    assert run("-", "-n", "1-1", stdin=text).exit_code == 1
    assert run("-", "-n", "1-1", "--assume", "W0*x > 0", stdin=text).exit_code == 0
    lost = "dC/dW0 = (r2 - y)*Step(z2)*W1*x\n"
    assert "Step(0) = 0" in run("-", "-n", "1-1-1", stdin=lost).stdout
    assert "wrong" in run("-", "-n", "1-1-1", "--at-zero", "h0", stdin=lost).stdout


def test_watching_yields_what_changed() -> None:
    stamps = {"a": (1, 1), "b": (1, 1)}
    changes = iter([lambda: None, lambda: stamps.update(b=(2, 1)), lambda: stamps.pop("a"),
                    lambda: stamps.update(a=(3, 1))])  # fmt: skip
    found = versions(["a", "b"], lambda: next(changes)(), stamps.get)
    assert list(islice(found, 3)) == [["a", "b"], ["b"], ["a"]]


# -- bounded time --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "$" + "{" * 1000 + "x" + "}" * 1000 + " = 0$",
        "$\\frac{1}{2$ and $$ \\begin{align} a &= $$",
        "$E = mc^2$, $\\int_0^1 f(x) dx = F(1) - F(0)$, $a^2 + b^2 = c^2$",
        "text without mathematics " * 20_000,
        thorough("text without mathematics " * 200_000),
        "$z^{(1)} = " + "+".join(["W^{(0)} x"] * 500) + "$",
    ],
    ids=["braces", "broken", "other formulas", "500 kB", "5 MB", "long sum"],
)
def test_anything_ends_in_bounded_time(text: str) -> None:
    started = process_time()
    checked = check(text, CHAIN, kind="markdown")
    assert process_time() - started < 20
    assert not [one for one in checked.equations if one.verdict == "right"]


def test_sixty_equations_take_less_than_five_seconds() -> None:
    document = tomllib.loads((DOCUMENTS / "three_layers.toml").read_text(encoding="utf-8"))
    text = document["text"] * 5
    before = os.times()
    done = subprocess.run(
        [sys.executable, "-m", "derive", "check", "-", "-n", "three-layer-chain",
         "--kind", "latex"],
        input=text.encode(), capture_output=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout.decode()
    assert done.stdout.count(b": right:") >= 60
    after = os.times()
    taken = after.children_user + after.children_system
    assert taken - before.children_user - before.children_system < 5


def test_places_in_a_notebook_are_told_by_cells() -> None:
    wrong = r"$\frac{\partial C}{\partial W^{(0)}} = y\,x$"
    cells = [
        {"cell_type": "code", "source": ["y = 1"]},
        {"cell_type": "markdown", "source": ["# Title\n", f"So {wrong}\n"]},
        {"cell_type": "markdown", "source": f"Again {wrong}, and $y = y$"},
    ]
    for indent in (1, None):
        checked = check(json.dumps({"cells": cells}, indent=indent), CHAIN, kind="notebook")
        first, again, right = report_lines(checked, "a.ipynb", lambda word, _: word)
        assert first.startswith("a.ipynb: cell 2, line 2: wrong: ")
        assert again.startswith("a.ipynb: cell 3, line 1: wrong: error carried forward from cell 2")
        assert right.startswith("a.ipynb: cell 3, line 1: right")
        assert "the first mistake is in cell 2, line 2" in summary_line(checked.summary)
        assert "- cell 3, line 1: **right**" in checked._repr_markdown_()  # pyright: ignore[reportPrivateUsage]
