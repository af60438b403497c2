"""Quotients and powers of vectors of a network are entry by entry, as arrays have them."""

import pytest

from derive import read_network
from derive.checking.check import check
from derive.checking.verdicts import Verdict

WIDE = read_network("2-3-2", activation="sigmoid", output_activation="identity")
D = r"\frac{\partial C}{\partial z^{(2)}}"

LINES = [
    (D + r" = (r^{(2)} - y)^2 / (r^{(2)} - y)", Verdict.RIGHT),
    (D + r" = \frac{(r^{(2)} - y) \odot (r^{(2)} - y)}{r^{(2)} - y}", Verdict.RIGHT),
    (D + r" = \frac{(r^{(2)} - y)^2}{y}", Verdict.WRONG),
    (r"r^{(1)} = \frac{1}{1 + e^{-z^{(1)}}}", Verdict.RIGHT),
    (r"r^{(1)} = \frac{1}{1 + e^{z^{(1)}}}", Verdict.WRONG),
]


@pytest.mark.parametrize(("line", "verdict"), LINES)
def test_a_line(line, verdict):
    (equation,) = check(f"$${line}$$", WIDE).equations
    assert equation.verdict is verdict
