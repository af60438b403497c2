"""An equation with a question mark is answered, and is no claim."""

import json

import pytest

from derive import read_network
from derive.checking.assessment import Verdict
from derive.checking.check import check
from derive.checking.telling.annotating import annotated
from derive.checking.telling.check_json import as_json
from derive.checking.telling.check_report import report_lines, summary_line
from derive.checking.telling.sarif import as_sarif

CHAIN = read_network("two-layer-chain")
WRONG = r"\frac{\partial C}{\partial W^{(1)}} SIGN (r^{(2)} - y)\, r^{(1)}"
RIGHT = r"\frac{\partial C}{\partial r^{(2)}} SIGN r^{(2)} - y"


@pytest.mark.parametrize("sign", [r"\overset{?}{=}", r"\stackrel{?}{=}", r"\overset?=", "≟"])
def test_what_is_asked_is_answered_and_no_mistake(sign: str) -> None:
    checked = check(f"${WRONG}$ and ${RIGHT}$".replace("SIGN", sign), CHAIN)
    assert [one.verdict for one in checked.equations] == [Verdict.WRONG, Verdict.RIGHT]
    assert all(one.is_asked for one in checked.equations)
    summary = checked.summary
    assert summary.all_right and summary.equations == 0 and summary.first_wrong is None
    assert summary.asked[Verdict.WRONG] == summary.asked[Verdict.RIGHT] == 1
    assert summary_line(summary) == "0 equations: 0 right, 0 wrong; 2 asked: 1 right, 1 wrong"


@pytest.mark.parametrize("sign", ["=", r"\overset{!}{=}", r"\overset{(3)}{=}"])
def test_other_marks_over_an_equals_sign_claim(sign: str) -> None:
    checked = check(f"${WRONG}$".replace("SIGN", sign), CHAIN)
    assert not checked.equations[0].is_asked
    assert checked.summary.counts[Verdict.WRONG] == 1


def test_a_question_that_is_not_understood_is_not_passed_over() -> None:
    checked = check(r"$\frac{\partial C}{\partial q} \overset{?}{=} 1$", CHAIN)
    assert not checked.summary.all_right


def test_a_question_is_no_error_to_carry_forward() -> None:
    gradient = r"\frac{\partial C}{\partial z^{(2)}} SIGN r^{(2)} - y"
    follows = r"\frac{\partial C}{\partial r^{(1)}} = (r^{(2)} - y)\, W^{(1)}"
    text = f"${gradient}$\n\n${follows}$"
    claimed = check(text.replace("SIGN", "="), CHAIN).equations[1]
    asked = check(text.replace("SIGN", r"\overset{?}{=}"), CHAIN).equations[1]
    assert claimed.carried_from.line == 1 and asked.carried_from is None


def test_every_output_says_what_is_asked() -> None:
    text = f"${WRONG}$\n".replace("SIGN", r"\overset{?}{=}")
    checked = check(text, CHAIN, kind="markdown")
    (line,) = report_lines(checked, "notes.md", lambda word, _: word)
    assert line.startswith("notes.md:1:2: asked: wrong: off by the factor Step(z⁽²⁾)")
    found = as_json(checked, "notes.md")
    assert found["equations"][0]["asked"] and found["summary"]["asked"] == 1
    (result,) = as_sarif([("notes.md", text, checked)])["runs"][0]["results"]
    assert (result["ruleId"], result["level"]) == ("asked", "note")
    assert "asked: wrong" in annotated(text, checked)
    json.dumps(found)
