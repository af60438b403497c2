"""A gradient takes at most four times the operations of its cost."""

import pytest

from benchmarks.operations import (
    BOUND,
    gradient_and_cost,
    gradient_and_cost_in_c,
    specified,
)
from tests.sweeps import sweep

OFTEN = ["two-layer-general", "layer-norm", "lstm-cell", "convolution"]


@pytest.mark.parametrize("name", sweep(specified(), OFTEN))
def test_gradients_keep_the_bound(name):
    gradient, cost = gradient_and_cost(name)
    assert 0 < gradient <= BOUND * cost


@pytest.mark.parametrize("name", sweep(specified(), OFTEN))
def test_gradients_in_c_keep_the_bound(name):
    gradient, cost = gradient_and_cost_in_c(name)
    assert 0 < gradient <= BOUND * cost


def test_operations_in_c_are_counted_by_loops_and_sizes():
    """16 samples of 16 numbers, 16 units, all counted by hand."""
    gradient, cost = gradient_and_cost_in_c("one-layer-chain")
    product, entries, samples = 2 * 16**3, 16**2, 16
    rectified, squared, halved = entries, 4 * entries, 3 * samples
    assert cost == product + rectified + squared + halved
    assert gradient == 3 * entries + product  # (r - y) Step(z), and x^T times it
