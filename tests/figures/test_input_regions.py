"""The activation regions of two inputs, against exact evaluation at points within them."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from sympy import Rational

from derive import evaluate, read_network
from derive.figures.input_regions import InputRegions, input_regions
from tests.sweeps import sweep


def deep(activation="relu", bias=True):
    """2-3-2-1 with numbers of its own."""
    network = read_network("2-3-2-1", bias=bias, activation=activation,
                           output_activation="identity")  # fmt: skip
    point = {
        "x": [1, Rational(1, 2)], "y": [1],
        "W0": [[1, -1, Rational(1, 2)], [Rational(1, 2), 1, -1]],
        "W1": [[1, -1], [1, Rational(1, 2)], [-1, 1]],
        "W2": [[1], [-1]],
    }  # fmt: skip
    if bias:
        point |= {"b0": [Rational(1, 4), -1, Rational(1, 2)], "b1": [Rational(-1, 2), 0], "b2": [0]}
    return replace(network, point=point)


NETWORKS = {
    "regression-2-3-1": lambda: read_network("regression-2-3-1"),
    "binary-classifier": lambda: read_network("binary-classifier"),
    "deep": deep,
    "without biases": lambda: deep(bias=False),
}


def area(corners):
    around = [*corners, corners[0]]
    return abs(sum(a * d - c * b for (a, b), (c, d) in pairwise(around))) / 2


def middle(corners):
    return [sum(parts, Fraction(0)) / len(corners) for parts in zip(*corners, strict=True)]


@pytest.mark.parametrize("name", sweep(list(NETWORKS), ["regression-2-3-1", "deep"]))
def test_regions_fill_the_square_and_have_the_active_units_of_evaluate(name):
    network = NETWORKS[name]()
    data = input_regions(network)
    assert isinstance(data, InputRegions)
    assert sum(area(region.corners) for region in data.regions) == (2 * data.reach) ** 2
    for region in data.regions:
        inside = [Rational(*c.as_integer_ratio()) for c in middle(region.corners)]
        found = evaluate(network, {**network.point, "x": inside}, 0)
        kinked = [n for n in network.layer_numbers[1:] if network.layer(n).activation.kind.kinks]
        active = [
            network.quantity("r", number, unit + 1)
            for number in kinked
            for unit, z in enumerate(found.z[0][int(number) - 1])
            if z > 0
        ]
        assert list(region.active) == active
    assert len({region.active for region in data.regions}) == len(data.regions)


def test_three_lines_in_general_position_make_seven_regions():
    assert len(input_regions(read_network("regression-2-3-1")).regions) == 7


def test_the_part_shown_has_the_samples_and_the_borders_near_0():
    data = input_regions(read_network("regression-2-3-1"))
    assert data.samples == ((1.0, 2.0),) and data.reach == Fraction(14, 5)


@pytest.mark.parametrize("name", ["three-layer-chain", "two-layer-general", "2-3-1", "deep-relu"])
def test_what_has_no_plane_of_inputs_or_no_numbers_has_no_such_figure(name):
    assert input_regions(read_network(name)) is None


def test_smooth_units_have_no_regions():
    network = read_network("2-3-1", activation="tanh", output_activation="identity")
    assert input_regions(replace(network, point=read_network("2-3-1").point)) is None
