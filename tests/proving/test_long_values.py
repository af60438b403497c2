"""Values at points where curved functions stand in one another: numbers, and no long text."""

import math

import pytest
from sympy import Integer, Rational, preorder_traversal, tanh

from derive import Model, prove
from derive.algebra.functions import ReLU, Step
from derive.proving.points.closed_values import ClosedValue, enclosure
from derive.proving.points.sample_points import points, valuation_at
from derive.proving.points.search import differ, instance_widths, sign_of

STEPS = 8


def recurrent(function):
    lines = ["input h0[m]", "target y[m]", "parameter W[m,m], b[m]"]
    lines += [
        f"h{t}[j] := {function}(sum(l, h{t - 1}[l]*W[l,j]) + b[j])" for t in range(1, STEPS + 1)
    ]
    cost = f"C := 1/2*sum(j, (h{STEPS}[j] - y[j])^2)"
    return Model.from_definitions("\n".join([*lines, cost]))


@pytest.mark.parametrize("function", ["tanh", "sigmoid", "gelu", "softplus"])
def test_a_value_of_many_layers_stays_short(function):
    model = recurrent(function)
    sizes = instance_widths(model)
    for values, _ in [*points(model, sizes, (model.C, model.C))][:12]:
        value = valuation_at(model, sizes, values).values[model.C]
        assert sum(1 for _ in preorder_traversal(value)) < 100
        assert enclosure(value) is not None


def long(text):
    """The number as one node."""
    return ClosedValue(text)


def test_a_long_value_is_known_by_its_sign_and_its_interval():
    number = long(tanh(Rational(1, 2)) + 1)
    assert number.is_positive and not number.is_negative and number.is_real
    assert abs(float(number.evalf(12)) - math.tanh(0.5) - 1) < 1e-12
    assert ReLU(number) == number and Step(-number) == 0
    assert sign_of(number - 2) == -1 and sign_of(number - number) == 0
    assert differ(number, Integer(1)) and not differ(number, number)


def test_the_side_of_a_kink_is_seen_from_the_interval():
    one, other = long(tanh(Integer(2))), long(tanh(Integer(3)))
    assert enclosure(ReLU(one - other)) == 0
    assert enclosure(ReLU(other - one)) == enclosure(other - one)
    assert enclosure(Step(one + other)) == 1


@pytest.mark.parametrize(("factor", "proved"), [("", True), ("2*", False)])
def test_many_layers_are_proved_and_refuted(factor, proved):
    model = recurrent("tanh")
    right = f"{factor}sum(l, dC/dh2[l]*(1 - h2[l]^2)*W[j,l])"
    assert prove("dC/dh1[j]", right, model).proved is proved
