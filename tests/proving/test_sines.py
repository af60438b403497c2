"""sin and cos: neither increases, and cos^2 = 1 - sin^2."""

from __future__ import annotations

from fractions import Fraction

import pytest
from sympy import Integer, cos, sin

import derive
from derive.algebra.functions import ReLU
from derive.algebra.primitives import COS, SIN
from derive.evaluating.series import Series
from derive.proving import Status

CHAIN = "1-1"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("d(sin(x))/dx", "cos(x)"),
        ("d(cos(2*x))/dx", "-2*sin(2*x)"),
        ("sin(x)^2 + cos(x)^2", "1"),
        ("cos(x)^3", "cos(x) - cos(x)*sin(x)^2"),
        ("sin(-2*x)", "-sin(2*x)"),
        ("cos(-x)", "cos(x)"),
        ("sin(pi/6)", "1/2"),
        ("sin(ReLU(x))", "Step(x)*sin(x)"),
        ("max(sin(x), 2)", "2"),
    ],
)
def test_what_holds_is_proved(left: str, right: str) -> None:
    assert derive.prove(left, right, network=CHAIN).status is Status.PROVED


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("d(cos(x))/dx", "sin(x)"),
        ("cos(x)", "sqrt(1 - sin(x)^2)"),
        ("sin(x)", "x"),
        ("cos(x) + sin(y)", "cos(y) + sin(x)"),
    ],
)
def test_what_fails_somewhere_is_refuted(left: str, right: str) -> None:
    assert derive.prove(left, right, network=CHAIN).status is Status.REFUTED


@pytest.mark.parametrize(
    ("left", "right"), [("Step(sin(x))", "Step(x)"), ("Step(sin(x) - sin(y))", "Step(x - y)")]
)
def test_no_order_is_told_of_them(left: str, right: str) -> None:
    assert derive.prove(left, right, network=CHAIN).status is not Status.PROVED


def test_they_do_not_increase_and_their_parity_is_theirs() -> None:
    assert not SIN.increases and not COS.increases
    x = ReLU(Integer(1)) * 2
    assert SIN.odd and SIN(-x) == -SIN(x)
    assert COS.even and COS(-x) == COS(x)


def test_series_of_second_order_agree_with_the_derivatives() -> None:
    from derive.evaluating.series import _FUNCTIONS  # pyright: ignore[reportPrivateUsage]

    for function in (sin, cos):
        at = Series(Fraction(1, 2), Fraction(1), Fraction(0))
        found = _FUNCTIONS[function](at)
        value = float(function(0.5))
        slope = float(function(0.5 + 1e-6) - function(0.5 - 1e-6)) / 2e-6
        assert float(found.c0) == pytest.approx(value)
        assert float(found.c1) == pytest.approx(slope, abs=1e-8)
        assert float(found.c2) == pytest.approx(-value / 2)


def test_a_network_with_sines_is_derived_to_second_order() -> None:
    network = derive.read_network("1-1-1", activation="sin(z)")
    derivation = derive.second_order(network)
    assert derivation.groups
    point = {"x": [1], "y": [1], "W0": [[1]], "W1": [[2]]}
    found = derive.evaluate(network, point, order=2)
    assert found.gradient
