"""The lines of a program are those of the derivation, under the numbers that stand there."""

from itertools import pairwise

import pytest

from derive import backpropagate, read_model, second_order
from derive.algebra.quantities import ascii_name
from derive.deriving.model_curvature import model_curvature
from derive.deriving.model_gradient import model_gradient
from derive.files.built_in import builtin_models
from derive.kernels.routines import routines
from derive.kernels.sources import kernel
from derive.meaning.derivation import without_indices
from derive.model.network import Network
from derive.notation.ascii.printing import ascii_text
from derive.proving.judge import judge
from tests.kernels.test_numpy_programs import BUILT_IN
from tests.sweeps import sweep

EVERY = [*BUILT_IN, *builtin_models()]
OFTEN = ["one-layer-chain", "rms-norm", "hinge"]
#: What is multiplied by p is divided by p no more: `test_products_without_quotients_are_proved`.
CANCELLED = "focal-loss"


def derived(model, order):
    """What `derive report` writes down."""
    if isinstance(model, Network):
        return (backpropagate if order == 1 else second_order)(model)
    return (model_gradient if order == 1 else model_curvature)(model)


def lines_of(made, order):
    """Each line of a program once.

    J^T w is that of any derivatives by the output, of a model whose objective is another one.
    """
    for routine in routines(made, order, product=False):
        if routine.kind != "vector_jacobian_product":
            yield from routine.steps


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("name", sweep(EVERY, OFTEN))
def test_each_number_is_that_of_an_equation_about_the_same_quantity(name, order):
    model = read_model(name)
    lines = [*derived(model, order).steps]
    made = kernel(model, order)
    for own in made.assignments.values():
        if own.equations:
            (first, last), *_ = own.equations
            start = lines[first - 1].lhs
            assert without_indices(ascii_name(start)) == without_indices(ascii_name(own.left))
            chained = lines[first - 1 : last]
            assert all(a.rhs == b.lhs for a, b in pairwise(chained))
    assert not [step.said for step in lines_of(made, order) if not step.equations]


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("name", sweep(EVERY, OFTEN))
def test_each_line_is_an_equation_of_the_derivation_or_is_proved(name, order):
    """A line that puts several equations together is proved as it stands, of every width."""
    made = kernel(name, order)
    chains = (chain for group in derived(made.model, order).groups for chain in group.chains)
    ends = {(ascii_text(chain[0].lhs), chain[-1].rhs) for chain in chains}
    joined = {
        step.said: made.assignments[step.target]
        for step in lines_of(made, order)
        if (step.said, step.formula) not in ends
    }
    if name == CANCELLED:
        assert all("dC/dz" in said for said in joined)
        return
    for own in joined.values():
        assert len(own.equations) > 1
        assert judge(made.model, own.left, own.right, assuming=own.assuming).proved
