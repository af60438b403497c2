"""Equations of a deep network whose proofs must not double with every layer."""

import pytest
from sympy import S

from derive.algebra.functions import ReLU, Step
from derive.algebra.indices import index
from derive.algebra.quantities import Partial
from derive.deriving.laws.cases import VARIABLE, function_formula
from derive.files.network_file import read_network
from derive.proving import judge

#: Sixteen layers: what doubles with each takes minutes.
DEEP = read_network("-".join(f"n_{k}" for k in range(17)))
FROM, TO, OTHER, LAST = map(index, "ijlm")


def test_an_equation_about_no_quantity_needs_no_forward_pass():
    relu = ReLU(VARIABLE, 0)
    assert judge(DEEP, relu, function_formula(DEEP, relu)).proved


@pytest.mark.parametrize(
    ("later", "earlier", "layer", "unit"),
    [
        (1, 0, 1, FROM),
        (2, 0, 2, FROM),
        (2, 1, 1, OTHER),
        (1, 0, 1, LAST),
        (0, 0, 1, TO),
        (3, 1, 2, LAST),
    ],
)
def test_a_unit_that_is_off_makes_second_derivatives_vanish(later, earlier, layer, unit):
    first, second = DEEP.quantity("W", later, FROM, TO), DEEP.quantity("W", earlier, OTHER, LAST)
    block = Partial(Partial(DEEP.C, first), second)
    proof = judge(DEEP, block, S.Zero, DEEP.quantity("z", layer, unit) < 0)
    assert proof.proved and proof.scope.widths.every


def test_one_that_is_on_does_not():
    network = read_network("n_0-n_1-n_2")
    weights = network.quantity("W", 1, FROM, TO), network.quantity("W", 0, OTHER, LAST)
    block = Partial(Partial(network.C, weights[0]), weights[1])
    assert not judge(network, block, S.Zero, network.quantity("z", 1, FROM) > 0).proved
    assert not judge(network, block, S.Zero, network.quantity("z", 1, TO) < 0).proved


@pytest.mark.parametrize("letter", "jklmpqs")
def test_the_unit_of_a_condition_is_none_that_a_sum_goes_over(letter):
    network = read_network("n_0-n_1-n_2")
    slope = Partial(network.C, network.quantity("r", 0, FROM))
    assert not judge(network, slope, S.Zero, network.quantity("z", 1, index(letter)) < 0).proved


def test_derivatives_by_an_early_layer_are_compared_one_layer_apart():
    z, r, early = (DEEP.quantity(kind, k, u) for kind, k, u in
                   (("z", 15, FROM), ("r", 15, FROM), ("z", 1, LAST)))  # fmt: skip
    assert judge(DEEP, Partial(r, early), Step(z, 0) * Partial(z, early)).proved
