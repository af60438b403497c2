"""The README's commands and examples do what it shows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
from click.testing import CliRunner

from derive.cli import main

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", README, re.S | re.M)


@pytest.mark.parametrize("session", blocks("console"))
def test_commands_print_what_is_shown(
    session: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "output").symlink_to(ROOT / "output")
    (tmp_path / "notes.md").write_text(*blocks("markdown"), encoding="utf-8")
    for command, shown in re.findall(r"^\$ derive (.*)\n((?:(?!\$ ).*\n)*)", session, re.M):
        result = CliRunner().invoke(main, shlex.split(command))
        assert result.exit_code in (0, 1), result.output
        assert result.stdout.splitlines() == shown.splitlines()


@pytest.mark.parametrize("program", blocks("python"))
def test_python_examples_print_what_their_comments_say(
    program: str, capsys: pytest.CaptureFixture[str]
) -> None:
    exec(compile(program, "README.md", "exec"), {})
    printed = capsys.readouterr().out.splitlines()
    assert printed == re.findall(r"^print\(.*  # (.+)$", program, re.M)


def test_make_targets_and_links_exist() -> None:
    makefile = (ROOT / "Makefile").read_text()
    for target in re.findall(r"make (\w+)", README):
        assert re.search(rf"^{target}:", makefile, re.M), target
    for link in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / link).exists(), link


def test_there_is_a_console_and_a_python_block() -> None:
    assert len(blocks("console")) >= 2 and len(blocks("python")) >= 2
