"""The activations at infinity, near their kinks, and as series."""

from __future__ import annotations

import pytest
from sympy import (
    O,
    PoleError,
    Rational,
    S,
    Symbol,
    cos,
    exp,
    limit,
    log,
    nan,
    oo,
    series,
    sin,
    symbols,
    zoo,
)

from derive import LeakyReLU, ReLU, Step, sigmoid, softplus
from tests.sweeps import sweep

x = Symbol("x", real=True)
plain = Symbol("x")
a, h0 = Symbol("a", real=True), Symbol("h_0", real=True)
half, tenth = Rational(1, 2), Rational(1, 10)


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (ReLU(oo), oo), (ReLU(-oo), 0), (Step(oo, h0), 1), (Step(-oo, h0), 0),
        (LeakyReLU(oo, a), oo), (LeakyReLU(-oo, tenth), -oo),
        (sigmoid(oo), 1), (sigmoid(-oo), 0), (softplus(oo), oo), (softplus(-oo), 0),
        *((f(at), nan) for at in (nan, zoo)
          for f in (ReLU, Step, sigmoid, softplus, lambda z: LeakyReLU(z, a))),
    ],
    ids=str,
)  # fmt: skip
def test_values_at_infinity_and_at_what_is_no_number(value, expected):
    assert value is S(expected)


LIMITS = [
    (sigmoid(x), oo, 1), (sigmoid(x), -oo, 0), (softplus(x), oo, oo), (softplus(x), -oo, 0),
    (ReLU(x), oo, oo), (ReLU(x), -oo, 0), (Step(x, h0), oo, 1), (Step(x, h0), -oo, 0),
    (LeakyReLU(x, tenth), -oo, -oo), (LeakyReLU(x, a) / x, -oo, a), (LeakyReLU(x, a) / x, oo, 1),
    (softplus(x) - x, oo, 0), (softplus(x) / x, oo, 1), (x * softplus(-x), oo, 0),
    (sigmoid(x) * exp(-x), -oo, 1), (x * sigmoid(-x), oo, 0), (x * (1 - sigmoid(x)), oo, 0),
    (softplus(x) * exp(-x), -oo, 1), ((1 - sigmoid(x)) * exp(x), oo, 1),
    (ReLU(x - 1) / x, oo, 1), (ReLU(1 - x) / x, -oo, -1), (ReLU(3 - x) * exp(x), oo, 0),
    (ReLU(x**2 - x**3), oo, 0), (Step(x - log(x) ** 2), oo, 1), (Step(log(x) - x) * x, oo, 0),
    (ReLU(x) - x, oo, 0), (ReLU(ReLU(x) - 2) - x, oo, -2), (ReLU(1 / x) * x, oo, 1),
    (sigmoid(ReLU(x)), -oo, half), (ReLU(sigmoid(x) - half), oo, half),
]  # fmt: skip


@pytest.mark.parametrize(("expression", "at", "expected"), LIMITS, ids=str)
@pytest.mark.parametrize(
    "symbol", sweep([x, plain, Symbol("z"), Symbol("p", real=True)], [x]), ids=repr
)
def test_limits_at_infinity(expression, at, expected, symbol):
    assert limit(expression.subs(x, symbol), symbol, at) == expected


@pytest.mark.parametrize(
    ("expression", "left", "right"),
    [
        (Step(x), 0, 1), (Step(x, h0), 0, 1), (Step(-x, half), 1, 0), (ReLU(x), 0, 0),
        (ReLU(x) / x, 0, 1), (LeakyReLU(x, a) / x, a, 1), (LeakyReLU(x, tenth, 1) / x, tenth, 1),
        (ReLU(sin(x)) / x, 0, 1), (ReLU(x**3) / x**3, 0, 1), (ReLU(-x) / x, -1, 0),
        (ReLU(x**2) / x**2, 1, 1), (Step(x**2, h0), 1, 1), (Step(-(x**2), h0), 0, 0),
        ((ReLU(x) - x) / x, -1, 0), ((exp(ReLU(x)) - 1) / x, 0, 1), (Step(cos(x) - 1), 0, 0),
        (Step(1 / x), 0, 1), (sigmoid(1 / x), 0, 1), (ReLU(1 / x) * x, 0, 1),
        (softplus(1 / x) * x, 0, 1), (Step(x - 1), 0, 0), (Step(x + 1), 1, 1),
        ((sigmoid(x) - half) / x, Rational(1, 4), Rational(1, 4)),
        ((softplus(x) - log(2)) / x, half, half),
        (ReLU(x).diff(x), 0, 1),
    ],
    ids=str,
)  # fmt: skip
def test_limits_at_0_from_either_side(expression, left, right):
    for symbol in (x, plain):
        here = expression.subs(x, symbol)
        assert (limit(here, symbol, 0, "-"), limit(here, symbol, 0, "+")) == (left, right)


def test_two_sided_limits():
    assert limit(ReLU(x), x, 0, "+-") == 0
    with pytest.raises(ValueError, match="does not exist"):
        limit(Step(x), x, 0, "+-")


def test_a_limit_that_depends_on_an_unknown_sign_is_refused():
    with pytest.raises(NotImplementedError, match="the sign of"):
        limit(ReLU(a * x), x, oo)


# -- series --------------------------------------------------------------------------------


@pytest.mark.parametrize("symbol", [x, plain], ids=repr)
@pytest.mark.parametrize(
    "expression",
    [
        ReLU(x), Step(x), Step(x, half), LeakyReLU(x, tenth), LeakyReLU(x, a), ReLU(sin(x)),
        ReLU(2 * x), x + ReLU(x), x * ReLU(x), ReLU(x) ** 2, exp(ReLU(x)), sigmoid(ReLU(x)),
        1 / (1 + ReLU(x)), sin(Step(x)), ReLU(ReLU(x)), ReLU(x - x**2),
    ],
    ids=str,
)  # fmt: skip
def test_there_is_no_series_at_a_kink(expression, symbol):
    expression = expression.subs(x, symbol)
    for ask in (
        lambda: series(expression, symbol, 0, 4),
        lambda: series(expression, symbol, 0, 4, dir="-"),
        lambda: expression.nseries(symbol, n=4),
        lambda: series(expression.subs(symbol, symbol - 3), symbol, 3, 4),
    ):
        with pytest.raises(NotImplementedError, match=r"has no power series|is not known") as told:
            ask()
        assert "\n" not in str(told.value)


@pytest.mark.parametrize("symbol", [x, plain], ids=repr)
@pytest.mark.parametrize(
    ("expression", "at", "expected"),
    [
        (ReLU(x), 2, x), (ReLU(x), -2, 0), (Step(x, h0), 2, 1), (Step(x, h0), -2, 0),
        (LeakyReLU(x, a), -1, -a + a * (x + 1)), (LeakyReLU(x, a), 1, x),
        (ReLU(x + 1), 0, x + 1), (ReLU(x - 1), 0, 0), (x * ReLU(2 - x), 0, 2 * x - x**2),
        (ReLU(cos(x)), 0, 1 - x**2 / 2 + O(x**4)), (Step(cos(x)), 0, 1),
        (exp(ReLU(x + 1)), 0, S.Exp1 * (1 + x + x**2 / 2 + x**3 / 6) + O(x**4)),
        (sigmoid(x), 0, half + x / 4 - x**3 / 48 + O(x**4)),
        (softplus(x), 0, log(2) + x / 2 + x**2 / 8 + O(x**4)),
        (sigmoid(x).diff(x), 0, Rational(1, 4) - x**2 / 16 + O(x**4)),
        (ReLU(x), oo, x), (ReLU(x), -oo, 0), (Step(x, h0), oo, 1), (LeakyReLU(x, a), -oo, a * x),
    ],
    ids=str,
)  # fmt: skip
def test_series_elsewhere(expression, at, expected, symbol):
    expression, expected = expression.subs(x, symbol), S(expected).subs(x, symbol)
    assert (series(expression, symbol, at, 4) - expected).removeO().expand() == 0


@pytest.mark.parametrize("function", [sigmoid(x), softplus(x), sigmoid(x) ** 2], ids=str)
def test_there_is_no_series_of_powers_at_infinity(function):
    with pytest.raises(PoleError, match="not implemented"):
        series(function, x, oo, 4)


@pytest.mark.parametrize(
    ("expression", "side", "lead"),
    [
        (ReLU(x), 1, x), (ReLU(x), -1, 0), (LeakyReLU(x, a), -1, a * x), (Step(x, h0), 1, 1),
        (ReLU(x + 1), 1, 1), (ReLU(x**2), 0, x**2), (sigmoid(x), 0, half), (softplus(x), 1, log(2)),
    ],
    ids=str,
)  # fmt: skip
def test_leading_terms(expression, side, lead):
    assert expression.as_leading_term(x, cdir=side) == lead


def test_a_leading_term_needs_a_side():
    with pytest.raises(NotImplementedError, match="no power series"):
        ReLU(x).as_leading_term(x)


def test_symbols_of_other_names_do_not_disturb():
    y, n = symbols("y n")
    assert series(ReLU(y) * x, x, 0, 3) == x * ReLU(y)
    assert limit(ReLU(n - x), x, oo) == 0
