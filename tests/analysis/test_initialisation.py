"""Expected squared gradients against simulation, with standard errors."""

from __future__ import annotations

from itertools import pairwise
from math import sqrt

import numpy as np
import pytest
from sympy import Integer, Rational, Symbol, simplify

from derive.activations import Activation
from derive.analysis.initialisation import (
    INITIALISATIONS,
    Initialisation,
    alive_probability,
    backward_factor,
    example_table,
    expected_squared_gradient,
    fluctuation,
    mean_square_slope,
)

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
    n_0, last = all_weights[0].shape[1], all_weights[-1].shape[2]
    r = np.broadcast_to(np.linspace(0.5, 1.5, n_0), (NETWORKS, n_0))
    gates = []
    for w in all_weights[:-1]:
        z = np.einsum("sij,si->sj", w, r)
        gates.append(np.where(z > 0, 1.0, slope))
        r = gates[-1] * z
    c = np.linspace(1.0, 2.0, last)
    delta = np.broadcast_to(c, (NETWORKS, last))
    for w, gate in zip(reversed(all_weights[1:]), reversed(gates), strict=True):
        delta = gate * np.einsum("sij,sj->si", w, delta)
    return (delta**2).sum(axis=1) / (c**2).sum()


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
