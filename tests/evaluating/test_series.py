"""Power series along directions: against the gradient, against jax's Hessian, against errors."""

from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from random import Random

import jax
import numpy as np
import pytest
from click.testing import CliRunner
from jax import numpy as jnp
from sympy import Add, Integer, Rational, exp, flatten, log, tanh

from derive.algebra import functions
from derive.cli import main
from derive.documents import reporting
from derive.errors import DeriveError
from derive.evaluating import confirming, series
from derive.evaluating.confirmation import (
    Confirmation,
    Curvature,
    confirm_gradient,
    confirm_hessian,
    regular_points,
)
from derive.evaluating.evaluate import evaluate
from derive.evaluating.series import KinkError, Series, directional_series, sides_of_kinks
from derive.files.network_file import read_network
from derive.model.activations import ACTIVATIONS
from derive.model.costs import COSTS
from tests.deriving.test_backpropagation_jax import ENTROPIES, SQUARED
from tests.deriving.test_backpropagation_jax import cost as jax_cost
from tests.evaluating.test_evaluating import point_of
from tests.networks import random_network
from tests.sweeps import sampled, sweep, thorough

jax.config.update("jax_enable_x64", True)

PIECEWISE = ("relu", "leaky_relu", "identity")


def groups(network):
    return [f"{kind}{source}" for kind, source in network.parameter_groups]


def random_direction(network, point, seed):
    source = Random(seed)
    return {name: [Integer(source.randint(-3, 3)) for _ in flatten(point[name])]
            for name in groups(network)}  # fmt: skip


def slope(network, point, direction):
    """<gradient, direction>."""
    entries = [entry for name in groups(network) for entry in direction[name]]
    gradient = evaluate(network, point).gradient
    return Add(*(a * b for a, b in zip(gradient, entries, strict=True)))


def test_every_activation_and_cost_is_known_here_too():
    assert {*series._ACTIVATIONS, "softmax"} == set(ACTIVATIONS)
    assert set(series._COSTS) == set(COSTS)


def test_arithmetic_of_series():
    a, b = Series(*map(Integer, (2, 3, 5))), Series(*map(Integer, (1, -1, 4)))
    assert a * b == Series(2, 1, 10)
    assert a * b / b == a
    assert a - b == Series(1, 4, 1)


@pytest.mark.parametrize("seed", sampled(range(12), every=3))
@pytest.mark.parametrize("hidden", PIECEWISE)
def test_slopes_of_piecewise_linear_networks_are_exact(hidden, seed):
    cost = ("half_squared_error", "mean_squared_error")[seed % 2]
    sample = random_network(f"series {hidden} {seed}", hidden, hidden, cost)
    point = point_of(sample)
    direction = random_direction(sample.network, point, seed)
    c0, c1, c2 = directional_series(sample.network, point, direction)
    assert c0 == evaluate(sample.network, point, order=0).C
    assert c1 == slope(sample.network, point, direction)
    assert isinstance(c2, Rational)


@pytest.mark.parametrize(
    ("hidden", "output", "cost"), sampled(SQUARED[6:] + ENTROPIES, every=3), ids=str
)
def test_slopes_of_smooth_networks(hidden, output, cost):
    sample = random_network(f"smooth series {hidden} {output} {cost}", hidden, output, cost)
    point = point_of(sample)
    direction = random_direction(sample.network, point, 1)
    c0, c1, _ = directional_series(sample.network, point, direction)
    value = evaluate(sample.network, point, order=0).C
    assert abs(c0 - value) <= Rational(1, 10**28) * (1 + abs(value))
    assert abs(c1 - slope(sample.network, point, direction)) <= Rational(1, 10**26) * (1 + abs(c1))


def test_smooth_activations_to_40_digits():
    """C = 1/2 phi(t)^2 at t = 1 + s: C' = phi phi', 2 c2 = phi'^2 + phi phi''."""
    one = Integer(1)
    sigma = 1 / (1 + exp(-one))
    derivatives = {
        "tanh": (tanh(one), 1 - tanh(one) ** 2, -2 * tanh(one) * (1 - tanh(one) ** 2)),
        "sigmoid": (sigma, sigma * (1 - sigma), sigma * (1 - sigma) * (1 - 2 * sigma)),
        "softplus": (log(1 + exp(one)), sigma, sigma * (1 - sigma)),
    }
    for name, (value, first, second) in derivatives.items():
        network = read_network("1-1", output_activation=name)
        point = {"x": [1], "y": [0], "W0": [[1]]}
        expected = (value**2 / 2, value * first, (first**2 + value * second) / 2)
        for found, exact in zip(directional_series(network, point, {"W0": [[1]]}), expected,
                                strict=True):  # fmt: skip
            assert abs(found - exact.evalf(60)) < Rational(1, 10**40), name


@pytest.mark.parametrize(
    ("hidden", "output", "cost"),
    [
        thorough(("relu", "relu", "half_squared_error")),
        ("leaky_relu", "leaky_relu", "mean_squared_error"),
        ("tanh", "softmax", "cross_entropy"),
        thorough(("softplus", "sigmoid", "binary_cross_entropy")),
        thorough(("sigmoid", "sigmoid", "half_squared_error")),
    ],
)
@pytest.mark.parametrize("seed", sweep(range(2), [0]))
def test_the_second_coefficient_is_half_of_v_H_v(hidden, output, cost, seed):
    sample = random_network(f"hessian {hidden} {cost} {seed}", hidden, output, cost)
    network, point = sample.network, point_of(sample)
    direction = random_direction(network, point, seed)
    shapes = {name: np.array(point[name], dtype=float) for name in groups(network)}
    arrow = {name: np.array(direction[name], dtype=float).reshape(shapes[name].shape)
             for name in shapes}  # fmt: skip
    given = {
        ("r", 0): np.array(point["x"], float),
        ("y", network.depth): np.array(point["y"], float),
    }
    still = {(kind, n): 0.0 for kind in "rz" for n in range(network.depth + 1)}

    def along(t):
        moved = {(n[0], int(n[1:])): shapes[n] + t * jnp.array(arrow[n]) for n in shapes}
        return jax_cost(still | moved, given, network)

    slope_and_curvature = jax.jit(lambda t: (jax.grad(along)(t), jax.grad(jax.grad(along))(t)))
    expected, curvature = slope_and_curvature(0.0)
    _, first, second = directional_series(network, point, direction)
    assert float(first) == pytest.approx(float(expected), rel=1e-9, abs=1e-11)
    assert 2 * float(second) == pytest.approx(float(curvature), rel=1e-8, abs=1e-9)


def test_batches_are_added_or_averaged():
    network = replace(read_network("1-2-1", bias=True), reduction="mean")
    point = {"samples": [{"x": [1], "y": [1]}, {"x": [-2], "y": ["1/2"]}], "W0": [[1, -1]],
             "b0": [1, "1/3"], "W1": [[1], [2]], "b1": ["1/5"]}  # fmt: skip
    direction = random_direction(network, point, 7)
    _, c1, _ = directional_series(network, point, direction)
    assert c1 == slope(network, point, direction) != 0


def test_there_is_no_series_at_a_kink():
    with pytest.raises(KinkError, match="pre-activation is 0"):
        directional_series(read_network("1-1"), {"x": [1], "y": [1], "W0": [[0]]}, {})


def test_points_lie_on_different_regions():
    network = read_network("2-3-1", bias=True)
    regions = {sides_of_kinks(network, point) for point in regular_points(network, 5)}
    assert len(regions) == 5
    assert list(regular_points(network, 3)) == list(regular_points(network, 3))


@pytest.mark.parametrize(
    "name",
    sweep(
        ["one-layer-chain", "regression-2-3-1", "leaky-chain", "sigmoid-chain",
         "softmax-classifier", "binary-classifier", "two-layer-general", "deep-relu"],
        always=["one-layer-chain", "regression-2-3-1", "leaky-chain", "softmax-classifier"],
    ),
)  # fmt: skip
def test_the_gradients_of_the_built_in_networks_are_confirmed(name):
    assert confirming.confirmed(read_network(name)) == Confirmation(3)


@pytest.mark.parametrize(
    "name",
    sweep(
        ["two-layer-chain", "regression-2-3-1", "leaky-chain", "sigmoid-chain",
         "softmax-classifier", "binary-classifier", "two-layer-general"],
        always=["two-layer-chain"],
    ),
)  # fmt: skip
def test_the_hessians_of_the_built_in_networks_are_confirmed(name):
    assert confirming.confirmed(read_network(name), order=2) == Confirmation(3)


def test_a_wrong_block_of_the_hessian_is_found(monkeypatch):
    """evaluate is right, and one block of the derivation is not: its Gauss-Newton part alone."""
    right = confirming.second_order

    def planted(network):
        derivation = right(network)
        title, start = "blocks", "d2C/dW1dW0"
        group, chain = next(
            (g, c) for g in derivation.groups for c in g.chains
            if g.title == title and str(c[0].lhs) == start
        )  # fmt: skip
        bad = replace(chain[-1], rhs=chain[-1].rhs.args[0])
        steps = tuple(bad if step == chain[-1] else step for step in group.steps)
        groups = tuple(replace(g, steps=steps) if g is group else g for g in derivation.groups)
        return replace(derivation, groups=groups)

    monkeypatch.setattr(confirming, "second_order", planted)
    mismatch = confirming.confirmed(read_network("two-layer-chain"), order=2).mismatch
    assert mismatch is not None and mismatch.startswith("blocks d2C/dW1dW0: ")


@pytest.mark.parametrize("unequal", [("W0[0,0]", "W1[1,0]"), ("W0[1,1]", "W0[1,1]")])
def test_a_wrong_second_derivative_is_found(unequal):
    network = read_network("2-2-1")

    def claims(instance, point, by=0):
        found = evaluate(instance, point, order=2)
        one, other = (found.parameters.index(name) for name in unequal)
        value = found.hessian[one][other] + by
        yield Curvature("mine", {unequal[0]: Integer(1)}, {unequal[1]: Integer(1)}, [value])

    assert confirm_hessian(network, claims) == Confirmation(3)
    wrong = confirm_hessian(network, lambda *at: claims(*at, by=Rational(1, 10**9))).mismatch
    assert wrong is not None and wrong.startswith("mine: ")


def test_a_wrong_entry_is_found():
    network = read_network("2-3-1")

    def claims(instance, point):
        found = evaluate(instance, point)
        wrong = dict(zip(found.parameters, found.gradient, strict=True))
        wrong["W1[2,0]"] += Rational(1, 10**9)
        yield "mine", wrong

    mismatch = confirm_gradient(network, claims).mismatch
    assert mismatch is not None and mismatch.startswith("mine: ")


WRONG_RULES = {
    "three-layer-chain": (functions.ReLU, lambda self, argindex=1: Integer(1)),
    "leaky-chain": (functions.LeakyReLU, lambda self, argindex=1: functions.Step(self.args[0])),
    "sigmoid-chain": (functions.sigmoid, lambda self, argindex=1: self * (1 + self)),
}


def mismatch_under_a_wrong_rule(name):
    function, wrong = WRONG_RULES[name]
    function.fdiff = wrong
    return confirming.confirmed(read_network(name)).mismatch


@pytest.mark.parametrize("name", WRONG_RULES)
def test_a_wrong_rule_of_differentiation_is_found(name):
    """The same wrong rule is in every other route: only the series can tell.

    In a process of its own, since what was worked out by the wrong rule would be remembered.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as other:
        assert other.submit(mismatch_under_a_wrong_rule, name).result() is not None


def test_a_wrong_formula_is_found(monkeypatch):
    """evaluate is right, and one formula of the derivation is not."""
    right = confirming.backpropagate

    def planted(network):
        derivation = right(network)
        group = next(g for g in derivation.groups if g.title == "resolved_gradients")
        *before, last = group.steps
        bad = replace(group, steps=(*before, replace(last, rhs=2 * last.rhs)))
        groups = tuple(bad if g is group else g for g in derivation.groups)
        return replace(derivation, groups=groups)

    monkeypatch.setattr(confirming, "backpropagate", planted)
    confirmation = confirming.confirmed(read_network("2-2-1"))
    assert confirmation.mismatch is not None
    assert confirmation.mismatch.startswith("resolved_gradients ")


def test_without_a_cost_there_is_nothing_to_confirm():
    with pytest.raises(DeriveError, match="has no cost"):
        confirming.confirmed(read_network("general-layer"))


def test_report_thorough(tmp_path, monkeypatch):
    arguments = ["report", "one-layer-chain", "--thorough", "-o", str(tmp_path)]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0
    assert result.stdout.splitlines()[-1] == "gradient confirmed by power series at 3 points"
    result = CliRunner().invoke(main, [*arguments, "--order", "2"])
    said = "gradient and Hessian confirmed by power series at 3 points"
    assert result.stdout.splitlines()[-1] == said
    monkeypatch.setattr(reporting, "confirmed", lambda network, order: Confirmation(1, "no"))
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 1
    assert result.stderr == "refuted by power series: no\n"
