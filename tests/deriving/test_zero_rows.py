"""Units that are not active: which gradients vanish, proved; and what the rule refuses."""

import pytest
from sympy import S

from derive.algebra.indices import index
from derive.algebra.quantities import Partial
from derive.deriving import laws
from derive.deriving.hessian_regions import zero_rows
from derive.deriving.second_order import second_order
from derive.files.network_file import read_network
from derive.proving import Status, judge
from tests.sweeps import thorough

SOURCE, TARGET, OTHER, LAST = map(index, "ijlm")
WIDE = read_network("two-layer-general")
W0, W1 = WIDE.quantity("W", 0, SOURCE, TARGET), WIDE.quantity("W", 1, SOURCE, TARGET)


@pytest.mark.parametrize(
    ("name", "equations"),
    [("one-layer-chain", 1), ("two-layer-chain", 4), ("sigmoid-chain", 0), ("leaky-chain", 0),
     *map(thorough, [("two-layer-general", 3), ("regression-2-3-1", 3), ("deep-relu", 10)])],
)  # fmt: skip
def test_gradients_of_inactive_units_are_proved_to_vanish(name, equations):
    network = read_network(name)
    steps = zero_rows(network).steps
    assert sum(step.rule == "inactive unit" for step in steps) == equations
    for step in steps:
        assert step.rhs == 0
        assert judge(network, step.lhs, step.rhs, step.where).status is Status.PROVED
        assert judge(network, step.lhs, step.rhs).status is Status.REFUTED


def test_second_derivatives_vanish_with_them_for_every_width():
    others = [WIDE.quantity("W", k, OTHER, LAST) for k in (0, 1)]
    for first, where in (
        (W0, WIDE.quantity("z", 1, TARGET) < 0),
        (W1, WIDE.quantity("z", 1, SOURCE) < 0),
        (W1, WIDE.quantity("z", 2, TARGET) < 0),
    ):
        for second in others:
            block = Partial(Partial(WIDE.C, first), second)
            proof = judge(WIDE, block, S.Zero, where)
            assert proof.status is Status.PROVED and proof.scope.widths.every
            assert judge(WIDE, block, S.Zero).status is Status.REFUTED


def test_another_unit_that_is_inactive_is_no_reason():
    slope = laws.apply(WIDE, "first order", Partial(WIDE.C, WIDE.quantity("z", 1, OTHER))).equation
    output = laws.apply(WIDE, "definition", WIDE.quantity("r", 1, TARGET)).equation
    for parameter, given in ((W0, slope), (W1, output), (W1, slope), (W0, output)):
        with pytest.raises(ValueError, match="is not a factor of"):
            laws.apply(WIDE, "inactive unit", Partial(WIDE.C, parameter), (given,))
    proof = judge(WIDE, Partial(WIDE.C, W0), S.Zero, WIDE.quantity("z", 1, OTHER) < 0)
    assert proof.status is not Status.PROVED


def test_costs_and_zeros_stand_in_the_derivation():
    groups = {group.title: group for group in second_order(WIDE).groups}
    n0, n1, n2 = (WIDE.width(k) for k in WIDE.layer_numbers)
    about = groups["hessian_vector"].about
    assert about["parameters"] == n0 * n1 + n1 * n2
    assert about["gradient"] == 2 * n0 * n1 + 3 * n1 * n2
    assert about["product"] == 2 * n0 * n1 + 6 * n1 * n2
    assert about["zeros"] == n2 * (n2 - 1) * n1**2
    assert groups["gauss_newton_vector"].about["product"] == 2 * n0 * n1 + 4 * n1 * n2
