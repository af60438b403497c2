"""Units that are named by numbers, on axes whose size is a symbol."""

import pytest

from derive.model.model import Model
from derive.proving.prove import prove

LOGISTIC = Model.from_definitions(
    """
input x[D]
parameter w[D]
parameter W[D,E]
target y
z := sum(i, w[i]*x[i])
a := sigmoid(z)
h[j:E] := sum(i, W[i,j]*x[i])
C := -(y*log(a) + (1-y)*log(1-a)) + sum(j, h[j]^2)
objective C
"""
)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("dC/dw[0]", "(a-y)*x[0]"),
        ("dC/dw[4]", "(a-y)*x[4]"),
        ("dC/dW[0,1]", "2*h[1]*x[0]"),
        ("dC/dx[0]", "(a-y)*w[0] + sum(j, 2*h[j]*W[0,j])"),
        ("dx[0]/dx[1]", "0"),
        ("dx[1]/dx[1]", "1"),
    ],
)
def test_what_holds_for_every_unit_holds_for_one(left: str, right: str) -> None:
    assert prove(left, right, LOGISTIC).proved


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("dC/dw[0]", "(a-y)*x[1]"),
        ("dC/dW[0,1]", "2*h[0]*x[0]"),
        ("dx[0]/dx[1]", "1"),
        ("sum(i, x[i]^2)", "x[0]^2"),
        ("x[0]", "x[1]"),
    ],
)
def test_what_holds_for_another_unit_only_is_refuted(left: str, right: str) -> None:
    proof = prove(left, right, LOGISTIC)
    assert not proof.proved and proof.counterexample is not None


def test_the_condition_is_said_of_the_unit_that_is_meant() -> None:
    proof = prove("x[0]*x[1]/x[1]", "x[0]", LOGISTIC)
    assert proof.proved and "where x[1] is not 0" in str(proof)
