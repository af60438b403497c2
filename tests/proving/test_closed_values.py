"""Enclosures hold the value, and what SymPy alone can evaluate is still compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp, mpf
from sympy import Expr, Float, Integer, Rational, Symbol, exp, log, sin, sqrt, tanh

from derive import prove
from derive.algebra.functions import sigmoid, softplus
from derive.proving.points.closed_values import enclosure

FRACTIONS = st.fractions(-3, 3, max_denominator=7).map(
    lambda f: Rational(f.numerator, f.denominator)
)


@given(FRACTIONS, FRACTIONS)
def test_the_value_is_inside(a: Expr, b: Expr) -> None:
    value = sigmoid(tanh(a) + softplus(b)) * exp(-sigmoid(a)) + b**3 / (1 + a**2)
    found = enclosure(value)
    with mp.workdps(40):
        exact = mpf(str(value.evalf(40)))
        assert found.a - mpf(10) ** -35 < exact < found.b + mpf(10) ** -35
        assert found.delta < mpf(10) ** -50


@pytest.mark.parametrize(
    "value", [log(Integer(-1)), 1 / (sigmoid(0) - Rational(1, 2)), Symbol("x")]
)
def test_there_is_none_where_there_is_no_finite_real_value(value: Expr) -> None:
    assert enclosure(value) is None


@pytest.mark.parametrize(
    ("value", "wanted"),
    [(Float("0.5", 30), "0.5"), (sqrt(2), "1.41421356"), (sin(1), "0.84147098")],
)
def test_floats_roots_and_other_functions_have_values(value: Expr, wanted: str) -> None:
    found = enclosure(value)
    assert found.a <= mpf(wanted) + mpf("1e-8") and found.b >= mpf(wanted) - mpf("1e-8")


def test_equations_with_roots_are_refuted() -> None:
    x = Symbol("x", real=True)
    proof = prove(sqrt(x), x)
    assert proof.status == "refuted"
    assert proof.counterexample is not None and proof.counterexample.values["x"] == 2
