"""Pairs that were once judged wrongly, with the right answer; they stand in `cases.toml`."""

import tomllib
from fractions import Fraction
from pathlib import Path

import pytest

from derive.proving import Status
from tests.oracle.faults import faults, judged
from tests.oracle.models import CHAINS, NOTHING
from tests.oracle.pairs import OPEN, Pair
from tests.oracle.terms import read
from tests.sweeps import sampled

CASES = tomllib.loads(Path(__file__).with_name("cases.toml").read_text())["cases"]
_MODELS = {model.network: model for model in (NOTHING, *CHAINS)}
_ALLOWED = {
    **{str(status): {status} for status in Status},
    "not proved": {Status.REFUTED, Status.UNDECIDED},
    "not refuted": {Status.PROVED, Status.UNDECIDED},
}


def pair_of(case: dict) -> Pair:
    at_zero = case.get("at_zero")
    return Pair(
        read(case["left"]),
        read(case["right"]),
        tuple(map(read, case.get("assume", ()))),
        _MODELS[case.get("network")],
        at_zero if at_zero in (None, OPEN) else Fraction(at_zero),
    )


@pytest.mark.parametrize(
    "case", sampled(CASES, every=2), ids=lambda case: f"{case['left']} = {case['right']}"
)
def test_what_was_once_judged_wrongly(case):
    one = pair_of(case)
    proof = judged(one)
    assert faults(one, proof) == []
    # None: it was refused in words, as where assumptions contradict each other.
    assert proof is None or proof.status in _ALLOWED[case["expect"]]
    assert proof is not None or case["expect"] in ("not proved", "not refuted")
