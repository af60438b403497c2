"""An equation between fractions is proved where nothing that it divides by is 0."""

import pytest
from sympy import Abs, S, Symbol, exp, sqrt, symbols

from derive import prove
from derive.algebra.functions import Step
from derive.proving import Status
from derive.proving.exact.denominators import denominators
from tests.sweeps import thorough

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
        ("1/(exp(2*x) - 1)", "1/((exp(x) - 1)*(exp(x) + 1))", {"exp(x) - 1", "exp(2*x) - 1"}),
    ],
)
def test_what_an_equation_divides_by_is_said(left, right, divisors):
    proof = prove(left, right)
    assert proof.status is Status.PROVED
    assert {str(one) for one in proof.scope.nonzero} == divisors


def test_what_is_0_at_a_kink_only_is_said_of_expressions_too():
    proof = prove(1 / (Step(X) + Step(-X)), S.One)
    assert proof.status is Status.PROVED
    assert proof.scope.nonzero == (Step(X) + Step(-X),)


def test_a_point_that_a_side_does_not_reach_refutes_nothing():
    assert prove(sqrt(X) * sqrt(Y), sqrt(X * Y)).status is not Status.REFUTED
    same = prove("log(exp(x)+exp(y)) + z*softplus(1/z)", "x + softplus(y-x) + z*softplus(-1/z) + 1")
    assert same.status is not Status.REFUTED


@pytest.mark.parametrize(
    ("left", "right", "condition"),
    [("ReLU(w/y)", "abs(w/y)", "w/y > 0"), ("Step(1/w) + x", "Step(-1/w^2) + x", "1/w < 0")],
)
def test_conditions_on_quotients(left, right, condition):
    proof = prove(left, right)
    assert proof.status is Status.REFUTED
    assert str(proof.condition) == condition


def test_denominators_of_an_expression():
    assert denominators(X / (Y * (1 + exp(X))), 3 / X) == (Y, X)
    assert denominators(X * Y + exp(-X)) == ()


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("abs(x/(x + y))", "ReLU(x/(x + y))"),
        thorough(("abs(max(1, x) + 2/y)", "ReLU(max(1, x) + 2/y)")),
        ("abs(-2/x) - abs(x*y)", "ReLU(-2/x) - abs(y*x)"),
    ],
)
def test_points_that_divide_by_zero_are_no_counterexamples(left, right):
    proof = prove(left, right)
    assert proof.status is Status.REFUTED and proof.condition is not None
    assert prove(left, right, assume=[proof.condition]).proved


def test_a_modulus_is_0_where_its_argument_is() -> None:
    x, y = symbols("x y", real=True)
    assert denominators(1 / Abs(x * y), 1 / x) == (x, y)
