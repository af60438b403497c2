"""Numbers that a text gives are put in, fractions and decimals too."""

import pytest

from derive import read_network
from derive.checking.check import check

TWO = read_network("two-layer-chain")


@pytest.mark.parametrize("weight", [r"\frac{3}{2}", r"\frac32", "1.5", "3/2"])
def test_what_follows_from_them_is_decided(weight: str) -> None:
    text = rf"Let $W^{{(0)}} = {weight}$ and $x = 2$. Then $z^{{(1)}} = 3$ and $z^{{(1)}} = 4$."
    said = [one.verdict.value for one in check(text, TWO).equations if one.verdict is not None]
    assert said == ["right", "wrong"]


def test_so_is_the_gradient() -> None:
    text = (
        r"Let $x = 2$, $y = 1$, $W^{(0)} = 1$ and $W^{(1)} = \frac12$. Then $C = 0$ and "
        r"$\frac{\partial C}{\partial W^{(1)}} = 0$."
    )
    said = [one.verdict.value for one in check(text, TWO).equations if one.verdict is not None]
    assert said == ["right", "right"]
