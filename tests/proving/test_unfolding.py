"""The judge's shortcuts: through a later layer, and by what differs alone."""

import pytest

from derive import Network, judge, prove, read_network, second_order
from derive.proving import Kinks, Method
from tests.sweeps import sweep, thorough

SIGMOID = read_network("n_0-n_1-n_2-n_3", activation="sigmoid")
SIGMOID_CHAIN = read_network("1-1-1-1", activation="sigmoid")
RELU = read_network("n_0-n_1-n_2-n_3")
DEEP = read_network("-".join(f"n_{k}" for k in range(11)))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("d2C/dz2[i]dz1[j]", "sum(m, d2C/dz2[i]dz2[m]*dz2[m]/dz1[j])"),
        ("dC/dz1[j]", "sum(m, dC/dz3[m]*dz3[m]/dz1[j])"),
        ("dC/dW0[i,j]", "sum(m, dC/dr2[m]*dr2[m]/dW0[i,j])"),
        thorough(("d2C/dW1[i,j]dz1[l]", "sum(m, d2C/dW1[i,j]dr1[m]*dr1[m]/dz1[l])")),
    ],
)
def test_a_derivative_goes_through_any_layer_between(left: str, right: str) -> None:
    proof = prove(left, right, SIGMOID)
    assert proof.proved
    assert proof.scope.widths.every


@pytest.mark.parametrize(
    ("left", "right"),
    [
        # dC/dz2 depends on z1 through z2 itself, by phi'(z2), and not through z3 alone.
        thorough(("d2C/dz2dz1", "d2C/dz2dz3*dz3/dz1")),
        thorough(("d2C/dW1dz1", "d2C/dW1dz2*dz2/dz1")),
        thorough(("d2C/dW1dW0", "d2C/dW1dr2*dr2/dW0")),
        ("d2r3/dW1dW0", "d2r3/dW1dr2*dr2/dW0"),
    ],
)
def test_but_not_through_a_layer_behind_what_is_differentiated(left: str, right: str) -> None:
    assert prove(left, right, SIGMOID_CHAIN).status == "refuted"


@pytest.mark.parametrize("apart", sweep([4, 10], [4]))
def test_a_block_inserts_its_own_gradient_at_once(apart: int) -> None:
    """However far apart the layers are, every one of the equations is proved for all widths."""
    network = read_network("-".join(f"n_{k}" for k in range(apart + 1)))
    block = second_order(network)[f"d2C/dW{apart - 1}dW0"]
    proofs = [judge(network, step.lhs, step.rhs) for step in block]
    assert all(proof.proved and proof.scope.widths.every for proof in proofs)


def test_the_hessian_of_a_deep_network_is_gauss_newton_by_induction_from_the_output() -> None:
    proof = prove("d2C/dz1[i]dz1[j]", "G1[i,j]", DEEP)
    assert proof.proved
    assert proof.method is Method.NORMAL_FORM
    assert proof.scope.kinks is Kinks.EVERY_CONVENTION
    assert proof.scope.widths.every


@pytest.mark.parametrize(
    ("left", "right", "network"),
    [
        ("d2C/dz1dz1", "G1", SIGMOID_CHAIN),
        thorough(("d2C/dz3[i]dz3[j]", "2*G3[i,j]", RELU)),
    ],
    ids=["curved", "doubled"],
)
def test_which_is_false_where_an_activation_is_curved(
    left: str, right: str, network: Network
) -> None:
    assert prove(left, right, network).status == "refuted"


@pytest.mark.parametrize("depth", sweep([4, 10], [4]))
def test_outputs_of_a_deep_relu_network_are_linear_within_a_layer(depth: int) -> None:
    network = read_network("-".join(f"n_{k}" for k in range(depth + 1)))
    assert prove(f"d2r{depth}[p]/dW2[i,j]dW2[l,m]", "0", network).proved
    assert not prove("d2r3[p]/dW1[i,j]dW0[l,m]", "0", RELU).proved
