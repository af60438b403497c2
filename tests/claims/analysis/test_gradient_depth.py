"""Gradients against depth: exact means, and networks drawn at random."""

import math
from fractions import Fraction
from random import Random

import pytest
from sympy import Rational

from derive import evaluate, read_network
from derive.claims.analysis import gradient_depth
from derive.claims.analysis.gradient_depth import depth_curves
from derive.claims.analysis.initialisation import INITIALISATIONS
from tests.sweeps import sweep


def test_the_exact_means_are_powers_where_layers_are_seldom_off_as_a_whole():
    linear, he, lecun, sigmoid = depth_curves(width=16, depth=3, draws=3).curves
    assert linear.expected == (1.0, 2.0, 4.0) and sigmoid.expected == ()
    # The two ReLU layers before: the first is alive with probability 1 - 2^-16.
    assert he.expected == (1.0, 1 - 2.0**-16, 1.0)
    assert lecun.expected == (1.0, (1 - 2.0**-16) / 2, 0.25)


@pytest.mark.parametrize("draws", sweep([60, 400], [60]))
def test_drawn_networks_agree_with_the_exact_means(draws):
    for curve in depth_curves(width=8, depth=5, draws=draws).curves:
        assert curve.means[0] == 1.0 and curve.errors[0] == 0.0
        for expected, mean, error in zip(curve.expected, curve.means, curve.errors, strict=False):
            assert abs(mean - expected) <= 4 * error


@pytest.mark.parametrize(("name", "slope"), [("relu", gradient_depth._relu),
                                             ("sigmoid", gradient_depth._sigmoid)])  # fmt: skip
def test_a_drawn_network_has_the_error_signals_that_evaluate_finds(name, slope):
    width, depth = 2, 3
    rule = INITIALISATIONS[0]
    squares = list(gradient_depth._squares(rule, slope, width, depth, Random(7)))
    random, widest = Random(7), math.sqrt(3 * 2 / width)

    def exact(number):
        return Rational(*Fraction(number).as_integer_ratio())

    point = {"x": [1, 1], "y": [0, 0]}
    for layer in range(depth):
        rows = [[widest * (2 * random.random() - 1) for _ in range(width)] for _ in range(width)]
        point[f"W{layer}"] = [[exact(row[i]) for row in rows] for i in range(width)]
        point[f"b{layer}"] = [0, 0]
    network = read_network("2-2-2-2", bias=True, activation=name, output_activation="identity")
    output = evaluate(network, point, 0).r[0][-1]
    first, second = (Rational(str(one)) if name == "sigmoid" else one for one in output)
    found = evaluate(network, {**point, "y": [first - 1, second]}, 1)
    slopes = dict(zip(found.parameters, found.gradient, strict=True))
    for passed, square in enumerate(squares):
        signal = [float(slopes[f"b{depth - 1 - passed}[{unit}]"]) for unit in range(width)]
        assert sum(one * one for one in signal) == pytest.approx(square, rel=1e-9, abs=1e-15)


def test_the_figure_is_the_same_each_time():
    assert depth_curves(4, 3, 5) == depth_curves(4, 3, 5)
