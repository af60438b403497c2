"""Backward passes in NumPy: right ones are right line by line, and known mistakes are named."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from derive.checking.assessment import Verdict
from derive.checking.code_parts import code_parts
from derive.checking.telling.check_wording import in_words
from derive.checking.verdicts import Checked

CORPUS = sorted((Path(__file__).parent / "corpus" / "code").glob("*.toml"))
PROGRAMS = {path.stem: tomllib.loads(path.read_text(encoding="utf-8")) for path in CORPUS}


def judged(code: str) -> list[tuple[str, str | None, str]]:
    """The gradient, the verdict and the sentence of each line."""
    checked = Checked(code_parts(code, "python"))
    return [
        (
            getattr(one.statement, "name", ""),
            one.verdict and one.verdict.value,
            wording.message(one),
        )
        for one, wording in in_words(checked)
        if one.is_equation
    ]


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_right_backward_pass_is_right_line_by_line(name: str) -> None:
    program = PROGRAMS[name]
    found = judged(program["code"])
    assert [one for one in found if one[1] != Verdict.RIGHT] == []
    assert len(found) == program["right"]


def mistakes() -> Iterator[Any]:
    for name, program in PROGRAMS.items():
        for number, mistake in enumerate(program["mistake"]):
            yield pytest.param(program["code"], mistake, id=f"{name}-{number}")


@pytest.mark.parametrize(("code", "mistake"), [*mistakes()])
def test_a_known_mistake_is_wrong_and_nothing_else_is(code: str, mistake: dict[str, str]) -> None:
    assert mistake["old"] in code
    found = judged(code.replace(mistake["old"], mistake["new"]))
    wrong = [one for one in found if one[1] == Verdict.WRONG]
    gradient = mistake.get("gradient") or mistake["says"].partition(":")[0]
    assert [one[0] for one in wrong][:1] == [gradient], found
    assert mistake.get("says", "") in wrong[0][2]
    carried = [one for one in wrong[1:] if "carried forward" not in one[2]]
    assert len(carried) <= mistake.get("also", 0), carried
