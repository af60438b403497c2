"""An equation between fractions is proved where nothing that it divides by is 0."""

import pytest
from sympy import Symbol, exp

from derive import prove
from derive.proving import Status
from derive.proving.denominators import denominators

X, Y = Symbol("x", real=True), Symbol("y", real=True)


@pytest.mark.parametrize(
    ("left", "right", "divisors"),
    [
        ("y/y", "1", {"y"}),
        ("0/y", "0", {"y"}),
        ("x^2/x", "x", {"x"}),
        ("1/y - 1/y", "0", {"y"}),
        ("x^2*x^(-1)", "x", {"x"}),
        ("x/(x*y)", "1/y", {"x", "y"}),
        ("x/y + 1/y", "(x + 1)/y", {"y"}),
        ("1/y", "1/y", {"y"}),
        ("x/(1 + exp(y))", "x/(1 + exp(y))", set()),
        ("x/2", "x*1/2", set()),
        ("x/exp(x)", "x*exp(-x)", set()),
        ("ReLU(x)/x", "Step(x)*x/x", {"x"}),
    ],
)
def test_what_an_equation_divides_by_is_said(left, right, divisors):
    proof = prove(left, right)
    assert proof.status is Status.PROVED
    assert {str(one) for one in proof.scope.nonzero} == divisors


def test_denominators_of_an_expression():
    assert denominators(X / (Y * (1 + exp(X))), 3 / X) == (Y, X)
    assert denominators(X * Y + exp(-X)) == ()


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("abs(x/(x + y))", "ReLU(x/(x + y))"),
        ("abs(max(1, x) + 2/y)", "ReLU(max(1, x) + 2/y)"),
        ("abs(-2/x) - abs(x*y)", "ReLU(-2/x) - abs(y*x)"),
    ],
)
def test_points_that_divide_by_zero_are_no_counterexamples(left, right):
    proof = prove(left, right)
    assert proof.status is Status.REFUTED and proof.condition is not None
    assert prove(left, right, assume=[proof.condition]).proved
