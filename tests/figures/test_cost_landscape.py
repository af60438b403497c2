"""The cost around a point, against exact evaluation there."""

from dataclasses import replace
from fractions import Fraction

import pytest
from sympy import Rational

from derive import evaluate, read_network
from derive.documents.blocks import NumberTable
from derive.documents.worked.gradient import worked_numbers
from derive.evaluating.given import read_given
from derive.figures.cost_landscape import cost_lines, cost_surface
from derive.figures.float_numbers import FloatNumbers, FloatPoint, cost_of
from derive.notation.ascii.printing import ascii_text

NAMES = ["two-layer-chain", "three-layer-chain", "regression-2-3-1", "binary-classifier",
         "softmax-classifier", "sigmoid-chain", "deep-relu"]  # fmt: skip
SHORT = NAMES[:1] + NAMES[2:5]


def moved(network, *changes):
    """The point of a network with other weights, exactly as the floats say."""
    point = dict(network.point)
    for weight, value in changes:
        layer, i, j = weight.place
        rows = point[f"W{layer}"]
        if not isinstance(rows, list | tuple):
            rows = [[rows]]
        elif not isinstance(rows[0], list | tuple):
            rows = [[one] for one in rows]
        rows = [list(row) for row in rows]
        rows[i][j] = Rational(*Fraction(value).as_integer_ratio())
        point[f"W{layer}"] = rows
    return point


@pytest.mark.parametrize("name", SHORT)
def test_costs_along_a_weight_are_those_of_evaluate(name):
    network = read_network(name)
    found = cost_lines(network)
    assert found.cost == pytest.approx(float(evaluate(network).C))
    for line in found.lines:
        for place in range(0, len(line.weights), 17):
            exact = evaluate(network, moved(network, (line.weight, line.weights[place])), 0)
            assert line.costs[place] == pytest.approx(float(exact.C), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", NAMES)
def test_the_tangents_are_the_derivatives_and_the_steepest_of_their_layers(name):
    network = read_network(name)
    exact = evaluate(network)
    slopes = dict(zip(exact.parameters, map(float, exact.gradient), strict=True))
    for line in cost_lines(network).lines:
        layer, i, j = line.weight.place
        assert line.weight.slope == pytest.approx(slopes[f"W{layer}[{i},{j}]"])
        in_layer = [abs(v) for key, v in slopes.items() if key.startswith(f"W{layer}[")]
        assert abs(line.weight.slope) == pytest.approx(max(in_layer))


@pytest.mark.parametrize("name", ["two-layer-chain", "regression-2-3-1", "deep-relu"])
def test_units_are_at_a_kink_where_it_is_said(name):
    network = read_network(name)
    for line in cost_lines(network).lines:
        for kink in line.kinks:
            near = Fraction(kink.at).limit_denominator(1000)
            assert float(near) == pytest.approx(kink.at, abs=1e-8)
            there = evaluate(network, moved(network, (line.weight, near)), 0)
            at_kinks = {name.removesuffix("[0]") for name in there.kinks}
            assert {ascii_text(unit).removesuffix("[0]") for unit in kink.units} <= at_kinks
            assert kink.cost == pytest.approx(float(there.C), abs=1e-6)


@pytest.mark.parametrize("name", SHORT)
def test_costs_over_two_weights_are_those_of_evaluate(name):
    network = read_network(name)
    found = cost_surface(network)
    assert found.first.value in found.across and found.second.value in found.up
    for row in range(0, len(found.up), 21):
        for column in range(0, len(found.across), 19):
            point = moved(network, (found.first, found.across[column]),
                          (found.second, found.up[row]))  # fmt: skip
            exact = float(evaluate(network, point, 0).C)
            assert found.costs[row][column] == pytest.approx(exact, rel=1e-9, abs=1e-12)


def test_a_border_is_where_a_pre_activation_is_zero():
    network = read_network("two-layer-chain")  # z1 = 2 W0, and z2 = W1 z1 where z1 > 0
    found = cost_surface(network)
    first, second = found.borders
    assert [ascii_text(border.unit) for border in found.borders] == ["z1", "z2"]
    for up, ones, others in zip(found.up, first.gaps, second.gaps, strict=True):
        assert list(ones) == pytest.approx([2 * w for w in found.across])
        assert list(others) == pytest.approx([up * max(0, 2 * w) for w in found.across])


def test_the_step_is_that_of_the_worked_numbers():
    network = read_network("regression-2-3-1")
    (table,) = [b for b in worked_numbers(network)
                if isinstance(b, NumberTable) and b.key == "step"]  # fmt: skip
    after = {row.name.kind + str(row.name.layer): row.value for row in table.rows}
    step = cost_surface(network).step
    assert step.to == pytest.approx((float(after["W0"][1, 2]), float(after["W1"][2])))
    assert not step.is_whole
    assert cost_surface(read_network("two-layer-chain")).step.is_whole


def test_what_has_no_such_point_has_no_figure():
    for name in ("two-layer-general", "leaky-chain", "2-3-1"):
        assert cost_lines(read_network(name)) is None
        assert cost_surface(read_network(name)) is None
    assert cost_surface(read_network("one-layer-chain")) is None  # one weight
    wide = replace(read_network("50-1"), point={"x": [1] * 50, "y": [1], "W0": [[1]] * 50})
    assert cost_lines(wide) is None


def test_several_samples_have_the_cost_that_evaluate_gives():
    samples = [{"x": [1], "y": [2]}, {"x": [-3], "y": [1]}]
    point = {"samples": samples, "W0": [["1/2"]], "W1": [[2]]}
    for reduction in ("sum", "mean"):
        network = replace(read_network("1-1-1", activation="tanh"), point=point,
                          reduction=reduction)  # fmt: skip
        assert cost_lines(network).lines[0].weight.value == 0.5
        values = FloatPoint.of(network, read_given(network, point))
        assert cost_of(network, values.passes) == pytest.approx(float(evaluate(network).C))


@pytest.mark.parametrize("name", NAMES)
def test_the_gradient_of_the_passes_on_floats_is_the_exact_one(name):
    network = read_network(name)
    (passes,) = FloatPoint.of(network, read_given(network, network.point)).passes
    assert isinstance(passes.arithmetic, FloatNumbers)
    assert list(passes.gradient) == pytest.approx(list(map(float, evaluate(network).gradient)))


def test_newtons_step_by_hand():
    """C = (w v x - y)^2/2 at w = 3/2, v = 1/2, x = 2, y = 1: s = -(1/7) (w, v)."""
    surface = cost_surface(read_network("two-layer-chain"))
    assert surface is not None and surface.newton is not None
    assert surface.newton == pytest.approx((9 / 7, 3 / 7))


@pytest.mark.parametrize("name", ["regression-2-3-1", "sigmoid-chain"])
def test_where_newtons_step_in_two_weights_leads_the_quadratic_model_is_stationary(name):
    """With second derivatives by differences of exact costs."""
    network = read_network(name)
    surface = cost_surface(network)
    assert surface is not None
    first, second, h = surface.first, surface.second, 1e-4

    def cost(a, b):
        changes = ((first, first.value + a), (second, second.value + b))
        return float(evaluate(network, moved(network, *changes), 0).C)

    xx = (cost(h, 0) - 2 * cost(0, 0) + cost(-h, 0)) / h**2
    yy = (cost(0, h) - 2 * cost(0, 0) + cost(0, -h)) / h**2
    xy = (cost(h, h) - cost(h, -h) - cost(-h, h) + cost(-h, -h)) / (4 * h * h)
    if surface.newton is None:  # out of sight, for a Hessian that is nearly singular
        assert abs(xx * yy - xy * xy) < 0.1
        return
    s, t = surface.newton[0] - first.value, surface.newton[1] - second.value
    assert first.slope + xx * s + xy * t == pytest.approx(0, abs=1e-4)
    assert second.slope + xy * s + yy * t == pytest.approx(0, abs=1e-4)


def test_the_cost_is_stationary_where_the_output_is_the_target():
    surface = cost_surface(read_network("two-layer-chain"))
    assert surface is not None and surface.errors is not None
    for costs, errors in zip(surface.costs, surface.errors, strict=True):
        for found, error in zip(costs, errors, strict=True):
            assert found == pytest.approx(error**2 / 2)
    several = cost_surface(read_network("softmax-classifier"))
    assert several is not None and several.errors is None
