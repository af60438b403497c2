"""A condition under which an equation holds suffices at kinks too."""

import pytest

from derive import backpropagate, prove, read_network
from derive.model.conventions import with_any_convention
from derive.model.network import Network
from derive.proving import Kinks, Method, Status
from derive.proving.points.search import differs_soon

LEFT, RIGHT = "Step(w^2*y*x, 1/2)*ReLU(-x)", "Step(w^2*y*x + 1/2, 1/2)*ReLU(-x)"


def test_a_condition_leaves_out_the_kinks_at_which_the_equation_fails():
    proof = prove(LEFT, RIGHT)  # at w = 0 and x = y = -1 the sides are 1/2 and 1
    assert proof.status is Status.REFUTED and proof.condition is not None
    under = prove(LEFT, RIGHT, assume=[proof.condition])
    assert under.proved and under.scope.kinks is not Kinks.EXCLUDED
    assert prove(LEFT, RIGHT, assume=["y < 0"]).scope.kinks is Kinks.EXCLUDED


@pytest.mark.parametrize("argument", ["W1*W0*x", "W1*ReLU(W0*x)", "2*W0*x", "W0*x*W1^3"])
def test_a_condition_on_a_product_decides_larger_products(argument: str) -> None:
    """Without z3: the gates are gone before the sides are compared."""
    network = read_network("1-1-1")
    proof = prove(f"Step({argument})", "1", network, ("W0*x > 0", "W1 > 0"))
    assert proof.proved and proof.method is Method.NORMAL_FORM
    assert proof.scope.kinks is Kinks.NONE
    turned = prove(f"ReLU(-({argument}))", "0", network, ("W0*x > 0", "W1 > 0"))
    assert turned.proved and turned.method is Method.NORMAL_FORM


@pytest.mark.parametrize("name", ["deep-relu", "regression-2-3-1", "two-layer-general"])
def test_a_case_at_a_kink_is_seen_to_depend_on_the_convention_before_it_is_unfolded(name):
    """dC/dW by cases is 0 at z = 0 for Step(0) = 0 only: a point says so, no search for a proof."""
    derivation = backpropagate(name)
    lines = [
        (group.network, line)
        for group in derivation.groups
        for line in group.steps
        if line.rule == "unit active or not"
    ]
    assert lines
    for network, line in lines:
        assert isinstance(network, Network)
        home, (left, right) = with_any_convention(network, line.lhs, line.rhs)
        own = line.rhs.args[0][1].lhs  # the pre-activation whose sign decides
        if network.layer(own.layer).activation.kind.is_gate:
            assert differs_soon(home, left, right, line.where, ())
