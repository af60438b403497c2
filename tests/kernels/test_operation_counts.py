"""A gradient takes at most four times the operations of its cost."""

import pytest

from benchmarks.operations import BOUND, gradient_and_cost, specified
from tests.sweeps import sweep

OFTEN = ["two-layer-general", "layer-norm", "lstm-cell", "convolution"]


@pytest.mark.parametrize("name", sweep(specified(), OFTEN))
def test_gradients_keep_the_bound(name):
    gradient, cost = gradient_and_cost(name)
    assert 0 < gradient <= BOUND * cost
