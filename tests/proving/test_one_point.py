"""Sides that differ at one point of exact numbers, and sides of which nothing is said."""

import pytest
from sympy import Abs, Expr, Max, Rational, exp, sqrt, symbols

from derive.algebra.functions import LeakyReLU, ReLU, Step
from derive.proving.exact.one_point import differ_at_a_point

a, b, s = symbols("a b s", real=True)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (a * b, a + b),
        (ReLU(a * b), 2 * a * b),
        (Step(a), Step(-a)),
        (LeakyReLU(-a, s), -a),
        (Max(a, a + b), a),
        (1 / a, 1 / b),
        (a**3, a**2),
    ],
)
def test_sides_that_differ(left: Expr, right: Expr) -> None:
    assert differ_at_a_point(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ((a + b) ** 2, a**2 + 2 * a * b + b**2),
        (ReLU(a) - ReLU(-a), a),
        (Abs(a), 2 * ReLU(a) - a),
        (a / b + Rational(1, 3), (3 * a + b) / (3 * b)),
    ],
)
def test_equal_sides_do_not_differ(left: Expr, right: Expr) -> None:
    assert not differ_at_a_point(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (exp(a), a),  # no rational value
        (sqrt(a), a),
        (Step(ReLU(-a)), Step(-ReLU(-b)) + 1),  # at a kink
        (1 / (ReLU(-a)), a),  # at a pole
    ],
)
def test_nothing_is_said_of_what_has_no_value_here(left: Expr, right: Expr) -> None:
    assert not differ_at_a_point(left, right)
