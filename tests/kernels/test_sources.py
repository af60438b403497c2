"""The lines of a program are those of the derivation, under the numbers that stand there."""

from itertools import pairwise

import pytest

from derive import backpropagate, read_network, second_order
from derive.algebra.quantities import ascii_name
from derive.kernels.routines import routines
from derive.kernels.sources import kernel
from derive.meaning.derivation import without_indices
from tests.kernels.test_numpy_programs import BUILT_IN
from tests.sweeps import sampled


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("name", sampled(BUILT_IN, every=3))
def test_each_number_is_that_of_an_equation_about_the_same_quantity(name, order):
    network = read_network(name)
    derivation = (backpropagate if order == 1 else second_order)(network)
    lines = [*derivation.steps]
    made = kernel(network, order)
    for own in made.assignments.values():
        if own.equations:
            (first, last), *_ = own.equations
            start = lines[first - 1].lhs
            assert without_indices(ascii_name(start)) == without_indices(ascii_name(own.left))
            chained = lines[first - 1 : last]
            assert all(a.rhs == b.lhs for a, b in pairwise(chained))
    missing = {
        str(step.said)
        for routine in routines(made, order, product=False)
        for step in routine.steps
        if not step.equations
    }
    assert not missing
