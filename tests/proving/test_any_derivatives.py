"""Equations that hold whatever the derivatives in them are."""

import pytest
from sympy import S, sqrt

from derive import read_network
from derive.algebra.quantities import Partial
from derive.proving.judge import judge
from derive.proving.proof import Kinks, Method, Status


def hessian_of(network):
    """Three second derivatives of a chain of two layers."""
    first, second = (Partial(network.C, network.quantity("W", n)) for n in (0, 1))
    w0, w1 = (network.quantity("W", n) for n in (0, 1))
    return Partial(first, w0), Partial(second, w0), Partial(second, w1)


@pytest.mark.parametrize(
    ("activation", "kinks"), [("tanh", Kinks.NONE), ("relu", Kinks.EVERY_CONVENTION)]
)
def test_what_holds_of_any_numbers_is_proved_without_the_definitions(activation, kinks):
    """Two layers of tanh, worked out, take minutes."""
    network = read_network("1-1-1", activation=activation)
    a, h, b = hessian_of(network)
    root = sqrt((a - b) ** 2 + 4 * h**2)
    proof = judge(network, (a + b + root) * (a + b - root) / 4, a * b - h**2)
    assert proof.proved and proof.method is Method.NORMAL_FORM
    assert proof.scope.kinks is kinks
    larger = (a + b + root) / 2
    assert judge(network, (a - larger) * (b - larger) - h**2, S.Zero).proved


def test_what_does_not_hold_of_any_numbers_is_judged_as_before():
    network = read_network("1-1-1", output_activation="identity")
    a, h, b = hessian_of(network)
    assert judge(network, (a + b) ** 2, (a - b) ** 2 + 4 * h**2).status is Status.REFUTED
    w0, w1 = (network.quantity("W", n) for n in (0, 1))
    assert judge(network, a * w0**2, b * w1**2).proved  # by what the derivatives are
