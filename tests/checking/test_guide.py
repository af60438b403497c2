"""What docs/checking.md shows is what happens."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner

from derive.checking.diagnosing.mistakes import Mistake
from derive.cli import main
from derive.notation.notations import NOTATIONS

GUIDE = (Path(__file__).parents[2] / "docs" / "checking.md").read_text(encoding="utf-8")


def block(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
    assert found is not None
    return found[1]


def test_the_example_prints_what_the_guide_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("notes.md").write_text(block("markdown"), encoding="utf-8")
    result = CliRunner().invoke(main, ["check", "notes.md", "--network", "two-layer-chain"])
    assert result.stdout == block("text")
    assert result.exit_code == 1


def test_the_python_example_runs(capsys: pytest.CaptureFixture[str]) -> None:
    exec(compile(block("python"), "guide", "exec"), {})
    assert capsys.readouterr().out == "True ['right']\n"


def test_the_notations_it_names_exist() -> None:
    named = re.search(r"`notation = nielsen`, (.*?) chooses", GUIDE, re.DOTALL)
    assert named is not None
    assert {"nielsen", *re.findall(r"`(\w+)`", named[1])} <= set(NOTATIONS)


def test_every_mistake_is_met_in_the_corpus_or_the_tests() -> None:
    """No kind of mistake is named in the code that no test plants."""
    here = Path(__file__).parent
    corpus = [tomllib.loads(p.read_text(encoding="utf-8")) for p in here.glob("corpus/*/*.toml")]
    planted = {line.get("mistake") for one in corpus for line in one.get("line", ())}
    planted |= {
        name for one in corpus for plant in one.get("plant", ()) for name in plant["mistake"]
    }
    tests = "".join(path.read_text(encoding="utf-8") for path in here.glob("test_*.py"))
    planted |= {name for name in map(str, Mistake) if f'"{name}"' in tests}
    assert planted >= {str(mistake) for mistake in Mistake}
