"""Small texts as people really write them, found in public notes, courses and notebooks.

`python -m tests.checking.test_real_texts` prints how many are answered as they should be.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from derive import check
from derive.checking.assessment import Verdict
from derive.checking.verdicts import Judged
from derive.files.network_table import network_from_toml
from derive.model.network import Network
from derive.reading.statements import Assumption, Doubt
from tests.sweeps import sampled

_TABLE = tomllib.loads(Path(__file__).with_name("real_texts.toml").read_text(encoding="utf-8"))
CASES = {case["id"]: case for case in _TABLE["cases"]}
OPEN = [name for name, case in CASES.items() if case.get("open")]
DONE = [name for name in CASES if name not in OPEN]


@cache
def network_of(name: str) -> Network:
    return network_from_toml(_TABLE["networks"][name], name)


def listed(case: dict[str, Any]) -> list[Judged]:
    """What is said of the formulas of a text, in order."""
    checked = check(case["text"], network_of(case["network"]), kind=case.get("kind", "markdown"))
    unsaid = (Assumption, Doubt)
    return [one for one in checked.judged if not isinstance(one.statement, unsaid)]


def answer(case: dict[str, Any]) -> str:
    """What is said of the equation that the case is about."""
    found = listed(case)
    if case["expect"][0].endswith("seen"):
        return f"{sum(one.is_equation for one in found)} seen"
    if case["expect"] == ["1 entry"]:
        return f"{len(found)} entry"
    place = case.get("equation", -1)
    if not -len(found) <= place < len(found):
        return "nothing seen"
    one = found[place]
    if one.verdict is Verdict.DEFINED and {"outside", "not_understood"} & {*case["expect"]}:
        return case["expect"][-1]  # what defines a name is neither right nor wrong
    named = "wrong naming" in case["expect"] and one.diagnosis is not None
    return f"{one.verdict or 'outside'}{' naming' if named else ''}"


@pytest.mark.parametrize("name", sampled(DONE, every=3))
def test_text_is_answered(name: str) -> None:
    assert answer(CASES[name]) in CASES[name]["expect"]


@pytest.mark.parametrize("name", sampled(OPEN, every=3))
@pytest.mark.xfail(strict=True, reason="not answered so yet")
def test_text_is_not_answered_yet(name: str) -> None:
    assert answer(CASES[name]) in CASES[name]["expect"]


@pytest.mark.parametrize("name", sampled(OPEN, every=3))
def test_no_text_is_called_right_falsely(name: str) -> None:
    if "right" not in CASES[name]["expect"] and CASES[name]["expect"][0] != "1 entry":
        assert answer(CASES[name]) != "right"


def scores() -> str:
    """How many texts are answered as they should be, and which are not, by cause."""
    wanted = {name: answer(case) for name, case in CASES.items()}
    bad = {name: said for name, said in wanted.items() if said not in CASES[name]["expect"]}
    causes = Counter(CASES[name]["cause"] for name in bad)
    lines = [f"{len(CASES) - len(bad)} of {len(CASES)} as expected"]
    lines += [
        f"false {v}: {[n for n, said in bad.items() if said == v]}" for v in ("right", "wrong")
    ]
    return "\n".join([*lines, *(f"{count:3} {cause}" for cause, count in causes.most_common())])


if __name__ == "__main__":
    print(scores())
