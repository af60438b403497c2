"""Expected squared gradients against simulation, with standard errors."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise, product
from math import sqrt

import numpy as np
import pytest
from sympy import Integer, Rational, Symbol, simplify

from derive.claims.analysis.initialisation import (
    INITIALISATIONS,
    Initialisation,
    alive_probability,
    backward_factor,
    example_table,
    expected_squared_gradient,
    fluctuation,
    layer_table,
    mean_square_slope,
    moving_error,
    per_unit,
)
from derive.model.activations import Activation

WIDTHS = ([3, 3, 3, 3, 3], [2, 5, 3, 4, 2], [4, 1, 1, 1, 1])
NETWORKS = 20_000


def weights(
    rule: Initialisation, widths: list[int], law: str, random: np.random.Generator
) -> list[np.ndarray]:
    """NETWORKS times all weights: one array (NETWORKS, n_k, n_{k+1}) a layer."""
    found = []
    for n, m in pairwise(widths):
        sigma = sqrt(float(rule.variance(Integer(n), Integer(m))))
        if law == "normal":
            found.append(random.normal(0, sigma, (NETWORKS, n, m)))
        else:
            found.append(random.uniform(-sqrt(3) * sigma, sqrt(3) * sigma, (NETWORKS, n, m)))
    return found


def squared_gradients(all_weights: list[np.ndarray], slope: float) -> np.ndarray:
    """|delta^(1)|^2 / |c|^2 of each network, by the backward pass."""
    return squared_signals(all_weights, slope)[-1]


def squared_signals(all_weights: list[np.ndarray], slope: float) -> list[np.ndarray]:
    """|delta^(k)|^2 / |c|^2 of each network for k = L, ..., 1; a z of exactly 0 passes nothing."""
    n_0, last = all_weights[0].shape[1], all_weights[-1].shape[2]
    r = np.broadcast_to(np.linspace(0.5, 1.5, n_0), (NETWORKS, n_0))
    gates = []
    for w in all_weights[:-1]:
        z = np.einsum("sij,si->sj", w, r)
        gates.append(np.where(z > 0, 1.0, np.where(z < 0, slope, 0.0)))
        r = gates[-1] * z
    c = np.linspace(1.0, 2.0, last)
    deltas = [np.broadcast_to(c, (NETWORKS, last))]
    for w, gate in zip(reversed(all_weights[1:]), reversed(gates), strict=True):
        deltas.append(gate * np.einsum("sij,sj->si", w, deltas[-1]))
    return [(delta**2).sum(axis=1) / (c**2).sum() for delta in deltas]


@pytest.mark.parametrize("widths", WIDTHS)
@pytest.mark.parametrize("rule", INITIALISATIONS, ids=lambda rule: rule.name)
@pytest.mark.parametrize(
    "activation",
    [Activation("relu"), Activation("leaky_relu", Rational(1, 5)), Activation("identity")],
    ids=lambda activation: activation.name,
)
@pytest.mark.parametrize("law", ["normal", "uniform"])
def test_mean_squared_gradients(
    widths: list[int], rule: Initialisation, activation: Activation, law: str
) -> None:
    random = np.random.default_rng([len(law), sum(widths), len(rule.name), len(activation.name)])
    slope = {"relu": 0.0, "identity": 1.0}.get(activation.name, float(activation.slope))
    found = squared_gradients(weights(rule, widths, law, random), slope)
    expected = float(expected_squared_gradient(rule, activation, widths))
    assert abs(found.mean() - expected) < 4 * found.std() / sqrt(NETWORKS)


# -- layer by layer ------------------------------------------------------------------------


def mean_squares_of_signs(depth: int, square: Fraction) -> list[Fraction]:
    """E delta_k^2, k = L, ..., 1, of the chain of `depth` layers, over all signs of its weights.

    Weights of one size have the square `square`; x > 0, the last layer is linear, and the error
    at the output is 1.
    """
    totals = [Fraction(0)] * depth
    for signs in product((1, -1), repeat=depth):
        active = [all(s > 0 for s in signs[: k + 1]) for k in range(depth - 1)]
        squares = [Fraction(1)]
        for gate in reversed(active):
            squares.append(squares[-1] * square if gate else Fraction(0))
        totals = [total + value for total, value in zip(totals, squares, strict=True)]
    return [total / 2**depth for total in totals]


@pytest.mark.parametrize("depth", [2, 3, 4, 6])
@pytest.mark.parametrize("rule", [0, 2], ids=["he", "lecun"])
def test_chains_of_one_unit_layer_by_layer_exactly(depth: int, rule: int) -> None:
    one = INITIALISATIONS[rule]
    square = Fraction(str(one.variance(Integer(1), Integer(1))))
    found = [
        expected_squared_gradient(one, Activation("relu"), [1] * (depth + 1), layer)
        for layer in range(depth, 0, -1)
    ]
    assert [Fraction(str(v)) for v in found] == mean_squares_of_signs(depth, square)


def test_he_is_not_1_at_each_layer() -> None:
    assert mean_squares_of_signs(3, Fraction(2)) == [1, Fraction(1, 2), 1]
    he = INITIALISATIONS[0]
    two = [
        expected_squared_gradient(he, Activation("relu"), [2] * 7, layer)
        for layer in range(6, 0, -1)
    ]
    assert two == [1, *(Rational(3, 4) ** n for n in (4, 3, 2, 1)), 1]
    rows = {row[0]: row[1:] for row in layer_table().rows}
    assert rows["1-1-1-1-1"] == (1, Rational(1, 4), Rational(1, 2), 1)
    assert rows["2-2-2-2-2"] == (1, Rational(9, 16), Rational(3, 4), 1)


@pytest.mark.parametrize("widths", [[2] * 7, [1, 1, 1, 1], [3, 2, 4, 2, 3]])
@pytest.mark.parametrize(
    "activation",
    [Activation("relu"), Activation("leaky_relu", Rational(1, 5)), Activation("identity")],
    ids=lambda activation: activation.name,
)
def test_mean_squares_layer_by_layer(widths: list[int], activation: Activation) -> None:
    random = np.random.default_rng([sum(widths), len(activation.name)])
    he, depth = INITIALISATIONS[0], len(widths) - 1
    slope = {"relu": 0.0, "identity": 1.0}.get(activation.name, float(activation.slope))
    signals = squared_signals(weights(he, widths, "normal", random), slope)
    for layer, found in zip(range(depth, 0, -1), signals, strict=True):
        expected = float(expected_squared_gradient(he, activation, widths, layer))
        assert abs(found.mean() - expected) <= 4 * found.std() / sqrt(NETWORKS) + 1e-12


def test_an_error_that_moves_with_the_weights_has_another_quotient() -> None:
    """1-1-1 with y = 0: E delta_1^2 / E delta_2^2 by simulation, and both moments by quadrature."""
    found = moving_error()
    assert not found.holds and found.values["he_moving"] == 6
    (sigma,) = found.values["quotient"].free_symbols
    points, share = np.polynomial.hermite_e.hermegauss(20)
    for size in (0.5, 1.0, sqrt(2)):
        w = size * points
        quotient = (share * w**4).sum() / (share * w**2).sum()
        assert float(found.values["quotient"].subs(sigma, size)) == pytest.approx(quotient)
    random = np.random.default_rng(11)
    first, second = random.normal(0, sqrt(2), (2, 2_000_000))
    r = np.maximum(first, 0)
    output = second * r  # the error, as y = 0
    back = (first > 0) * second * output
    assert (back**2).mean() / (output**2).mean() == pytest.approx(6, rel=0.03)


def test_the_error_of_the_simulation_is_small_enough_to_tell_the_rules_apart() -> None:
    random = np.random.default_rng(7)
    he, _, lecun, _ = INITIALISATIONS
    relu = Activation("relu")
    found = squared_gradients(weights(lecun, WIDTHS[0], "uniform", random), 0.0)
    wrong = float(expected_squared_gradient(he, relu, WIDTHS[0]))
    assert abs(found.mean() - wrong) > 20 * found.std() / sqrt(NETWORKS)


def test_factors_of_one_layer() -> None:
    n, m, alpha = (Symbol(name, positive=True) for name in ("n_k", "n_{k+1}", "alpha"))
    relu, leaky = Activation("relu"), Activation("leaky_relu", alpha)
    expected = (1, n / m, Rational(1, 2), n / (n + m))
    for rule, factor in zip(INITIALISATIONS, expected, strict=True):
        assert backward_factor(rule, relu, n, m) == factor
        assert simplify(backward_factor(rule, leaky, n, m) - (1 + alpha**2) * factor) == 0
    assert mean_square_slope(Activation("identity")) == 1
    with pytest.raises(ValueError, match="sigmoid"):
        mean_square_slope(Activation("sigmoid"))


@pytest.mark.parametrize("hidden", [[1], [3, 3], [2, 5]])
def test_fluctuations_of_the_hidden_tangent(hidden: list[int]) -> None:
    """s = D^(L-1) W^T ... D^(1) W^(0)^T u, for Gaussian weights and ReLU."""
    random = np.random.default_rng(hidden)
    networks = 200_000
    r = np.broadcast_to([1.0, 0.5], (networks, 2))
    tangent = np.broadcast_to([0.3, -1.0], (networks, 2))
    for n in hidden:
        w = random.normal(0, 1, (networks, r.shape[1], n))
        z = np.einsum("sij,si->sj", w, r)
        r, tangent = np.maximum(z, 0), (z > 0) * np.einsum("sij,si->sj", w, tangent)
    square = (tangent**2).sum(axis=1)
    fourth = square**2
    ratio = fourth.mean() / square.mean() ** 2
    # By the delta method, with both means from the same sample.
    influence = fourth / fourth.mean() - 2 * square / square.mean()
    error = ratio * influence.std() / sqrt(networks)
    assert abs(ratio - float(fluctuation([Integer(n) for n in hidden]))) < 4 * error
    product = Rational(1)
    for n in hidden:
        product *= 1 + Rational(5, n)
    assert fluctuation([Integer(n) for n in hidden]) == product


def test_chains_die() -> None:
    random = np.random.default_rng(3)
    alive = np.ones(200_000, dtype=bool)
    for _ in range(5):
        alive &= random.normal(size=alive.size) > 0  # a sign each; x > 0
    assert alive_probability(5) == Rational(1, 32)
    assert abs(alive.mean() - 1 / 32) < 4 * alive.std() / sqrt(alive.size)


def test_the_table_of_examples_has_the_known_means() -> None:
    """He, fan-out, LeCun, Glorot and the fluctuation, worked out by hand from the widths."""
    rows = {row[0]: row[1:] for row in example_table().rows}
    assert rows["3-3-3-3-3"] == (1, 1, Rational(1, 8), Rational(1, 8), Rational(512, 27))
    assert rows["2-5-3-4-2"] == (1, Rational(5, 2), Rational(1, 8), Rational(5, 28), 12)
    assert rows["4-1-1-1-1"] == (1, 1, Rational(1, 8), Rational(1, 8), 216)


def test_the_mean_over_units_has_the_other_width() -> None:
    """|delta^(1)|^2 by units: n_{k+1} in place of n_k, and 1 for He's fan-out at every width."""
    assert per_unit().holds and per_unit().values["he_fan_out_per_unit"] == 1
    rule, relu, widths = INITIALISATIONS[1], Activation("relu"), [2, 5, 3, 4, 2]
    length = expected_squared_gradient(rule, relu, widths)
    assert length / widths[1] == Rational(1, widths[-1])
