"""Counts of the Hessian's zeros against jax.hessian; costs against instrumented passes."""

from __future__ import annotations

from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from sympy import Rational, Symbol

from derive import read_network
from derive.claims.analysis.counts import (
    count_table,
    off_diagonal,
    product_costs,
    square_count,
    storage,
)
from derive.model.operation_counts import parameter_count, pass_costs, zero_entries
from tests.sweeps import sampled, sweep

jax.config.update("jax_enable_x64", True)


@pytest.mark.parametrize(
    "shape",
    sampled(["1-1", "2-1", "1-2", "2-3", "2-2-2", "1-2-3", "2-3-2-2"], every=2),
)
@pytest.mark.parametrize("bias", sweep([False, True], [True]))
def test_entries_that_are_always_zero(shape: str, bias: bool) -> None:
    """An entry that is 0 at 60 random points counts as always 0."""
    network = read_network(shape, bias=bias)
    widths = [int(n) for n in shape.split("-")]
    size = sum((n + bias) * m for n, m in pairwise(widths))

    def cost(parameters: jax.Array, x: jax.Array, y: jax.Array) -> jax.Array:
        r, at = x, 0
        for n, m in pairwise(widths):
            w = parameters[at : at + n * m].reshape(n, m)
            b = parameters[at + n * m : at + (n + bias) * m] if bias else 0.0
            at += (n + bias) * m
            r = jax.nn.relu(w.T @ r + b)
        return ((y - r) ** 2).sum() / 2

    hessians = jax.jit(jax.vmap(jax.hessian(cost)))
    random = np.random.default_rng(1)
    parameters = jnp.abs(random.normal(size=(60, size))) + 0.1  # active, so that nothing hides
    points = jnp.abs(random.normal(size=(60, widths[0]))) + 0.1
    found = hessians(parameters, points, random.normal(size=(60, widths[-1])))
    always = (np.abs(np.asarray(found)).max(axis=0) < 1e-12).sum()
    assert parameter_count(network) == size
    assert zero_entries(network) == always


def test_softmax_ties_outputs_together() -> None:
    assert zero_entries(read_network("softmax-classifier")) == 0


@pytest.mark.parametrize("widths", [[1, 1], [2, 3, 1], [4, 3, 3, 2]])
def test_costs_are_those_of_the_passes(widths: list[int]) -> None:
    """The passes written out on numbers that count how often they are multiplied."""
    count = 0

    def times(a: np.ndarray, b: np.ndarray, form: str) -> np.ndarray:
        nonlocal count
        count += {"ij,i->j": a.size, "ij,j->i": a.size, "i,j->ij": a.size * b.size}[form]
        return np.einsum(form, a, b)

    weights = [np.ones(pair) for pair in pairwise(widths)]
    r, gates, outputs = np.ones(widths[0]), [], []
    for w in weights:
        outputs.append(r)
        r = times(w, r, "ij,i->j")
        gates.append(np.ones(r.size))
    deltas = []
    delta = gates[-1] * r
    for k in reversed(range(len(weights))):
        deltas.insert(0, delta)
        times(outputs[k], delta, "i,j->ij")
        if k:
            back = times(weights[k], delta, "ij,j->i")
            delta = gates[k - 1] * back
    assert pass_costs(widths).gradient == count

    count = 0
    ahead, aheads = None, []
    for k, w in enumerate(weights):
        aheads.append(ahead)
        z = times(w, outputs[k], "ij,i->j")  # V^T r
        if ahead is not None:
            z = z + times(w, ahead, "ij,i->j")
        ahead = gates[k] * z
    change = gates[-1] * ahead
    for k in reversed(range(len(weights))):
        times(outputs[k], change, "i,j->ij")
        if k:
            times(aheads[k], deltas[k], "i,j->ij")
            back = times(weights[k], change, "ij,j->i") + times(weights[k], deltas[k], "ij,j->i")
            change = gates[k - 1] * back
    assert pass_costs(widths).hessian_vector == count

    count = 0
    ahead = None
    for k, w in enumerate(weights):
        z = times(w, outputs[k], "ij,i->j")  # V^T r
        if ahead is not None:
            z = z + times(w, ahead, "ij,i->j")
        ahead = gates[k] * z
    gamma = gates[-1] * ahead
    for k in reversed(range(len(weights))):
        times(outputs[k], gamma, "i,j->ij")
        if k:
            gamma = gates[k - 1] * times(weights[k], gamma, "ij,j->i")
    assert pass_costs(widths).gauss_newton_vector == count


def test_a_product_costs_at_most_two_gradients() -> None:
    random = np.random.default_rng(5)
    for _ in range(200):
        widths = [int(n) for n in random.integers(1, 40, size=random.integers(2, 7))]
        costs = pass_costs(widths)
        assert costs.gauss_newton_vector <= costs.hessian_vector <= 2 * costs.gradient
    costs = pass_costs([50] * 60)
    assert costs.hessian_vector > Rational(195, 100) * costs.gradient
    assert product_costs().holds


def test_storage_and_squares() -> None:
    found = storage()
    assert found.holds and (found.values["single"], found.values["double"]) == (4, 8)
    assert not storage(1000).holds
    assert square_count().holds and square_count().values["small_entries"] == 36
    assert off_diagonal().holds == (Symbol("N", positive=True) > 2)


def test_the_table_counts_each_network() -> None:
    table = count_table([read_network("2-3-2")])
    assert table.rows[0][:4] == ("2-3-2", 12, 144, 18)
