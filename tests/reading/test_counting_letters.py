"""Letters such as k and n count units in plain text too."""

from __future__ import annotations

import pytest

from derive import check
from derive.checking.assessment import Verdict
from derive.checking.telling.check_wording import Wording
from derive.files.network_file import read_network

WIDE = read_network("2-3-2", bias=True, output_activation="identity")


@pytest.mark.parametrize(
    "line",
    [
        "z2[k] = sum(j, W1[j,k]*r1[j]) + b1[k]",
        "dC/dr1[n] = sum(k, W1[n,k]*dC/dz2[k])",
        "d2C/dW1[j,k]dW1[l,m] = delta(k,m)*r1[j]*r1[l]",
        "dr1[k]/dz1[k] = 1 if z1[k] > 0",
    ],
)
def test_a_letter_counts(line: str) -> None:
    (one,) = check(line, WIDE, kind="text").equations
    assert one.verdict is Verdict.RIGHT


def test_the_answer_has_the_letters_of_the_line() -> None:
    checked = check("dC/dW1[j,k] = dC/dz2[k]", WIDE, kind="text")
    (one,) = checked.equations
    said = Wording(checked.parts[0], one.statement).message(one)
    assert one.statement.source == "dC/dW1[j,k] = dC/dz2[k]"
    assert "the right side should be dC/dz2[k]*r1[j]" in said and "k = 1" in said
