"""Every kind of mistake, planted in a right equation, is found, named and put right."""

from __future__ import annotations

from typing import Any

import pytest

from derive.algebra.quantities import Partial
from derive.checking.assessment import Verdict
from derive.checking.check import judged_statements
from derive.checking.verdicts import Judged
from derive.files.network_file import read_network
from derive.model.network import Network
from derive.proving import judge
from derive.reading.statements import Claim
from tests.checking.equations import statements
from tests.sweeps import sampled

CHAIN = ("two-layer-chain", {})
ONE = ("one-layer-chain", {})
THREE = ("three-layer-chain", {})
WIDE = ("2-3-2", {})
BIASED = ("2-3-2", {"bias": True})
LAYER = ("general-layer", {})
SIGMOID = ("2-3-1", {"activation": "sigmoid", "output_activation": "sigmoid"})
SIGMOID_CHAIN = ("1-1-1", {"activation": "sigmoid", "output_activation": "sigmoid"})
TANH = ("2-3-2", {"activation": "tanh", "output_activation": "identity", "bias": True})
LEAKY = ("1-1-1", {"activation": "leaky_relu", "slope": "1/10"})
SOFTPLUS = ("1-1-1", {"activation": "softplus", "output_activation": "identity"})
SOFTMAX = ("2-3-3", {"output_activation": "softmax", "cost": "cross_entropy"})
BINARY = ("2-3-1", {"output_activation": "sigmoid", "cost": "binary_cross_entropy"})
MEAN = ("2-3-3", {"cost": "mean_squared_error", "output_activation": "identity"})
LINEAR = ("1-1-1", {"output_activation": "identity"})

Case = tuple[tuple[str, dict[str, Any]], str, str]

#: network, a wrong equation, and the mistake in it
FIRST_ORDER: list[Case] = [
    # a factor that is missing
    (ONE, "dC/dW0 = (r1 - y)*x", "missing_factor"),
    (ONE, "dC/dW0 = (r1 - y)*Step(z1)", "missing_factor"),
    (CHAIN, "dC/dW0 = (r2 - y)*Step(z2)*Step(z1)*x", "missing_factor"),
    (CHAIN, "dC/dW0 = (r2 - y)*W1*x", "missing_factor"),
    (CHAIN, "dC/dW0 = dC/dz1", "missing_factor"),
    (THREE, "dC/dW0 = (r3 - y)*Step(z3)*W2*Step(z2)*Step(z1)*x", "missing_factor"),
    (WIDE, "dC/dz1[i] = sum(j, W1[i,j]*dC/dz2[j])", "missing_factor"),
    (WIDE, "dC/dr1[i] = sum(j, dC/dz2[j])", "missing_factor"),
    (LAYER, "dC/dW{k}[i,j] = dC/dz{k+1}[j]", "missing_factor"),
    (LAYER, "dC/dz{k+1}[j] = dC/dr{k+1}[j]", "missing_factor"),
    (SIGMOID, "dC/dz2 = r2 - y", "missing_factor"),
    (SIGMOID, "dC/dz2 = (r2 - y)*r2", "missing_factor"),
    (SIGMOID, "dC/dz1[j] = dC/dz2*W1[j]*(1 - r1[j])", "missing_factor"),
    (TANH, "dC/dz1[i] = sum(j, W1[i,j]*dC/dz2[j])", "missing_factor"),
    (TANH, "dC/dz1[i] = (1 - r1[i])*sum(j, W1[i,j]*dC/dz2[j])", "missing_factor"),
    (LEAKY, "dC/dz2 = r2 - y", "missing_factor"),
    (SOFTPLUS, "dC/dz1 = W1*dC/dz2", "missing_factor"),
    (SOFTMAX, "dC/dW1[i,j] = r2[j] - y[j]", "missing_factor"),
    (MEAN, "dC/dr2[j] = (r2[j] - y[j])/3", "missing_factor"),
    # one that does not belong there
    (ONE, "dC/dW0 = 2*(r1 - y)*Step(z1)*x", "surplus_factor"),
    (ONE, "dC/dr1 = (r1 - y)*Step(z1)", "surplus_factor"),
    (CHAIN, "dC/dW1 = (r2 - y)*Step(z2)*W1*r1", "surplus_factor"),
    (BIASED, "dC/db0[j] = dC/dz1[j]*b0[j]", "surplus_factor"),
    (WIDE, "dC/dr1[i] = Step(z1[i])*sum(j, W1[i,j]*dC/dz2[j])", "surplus_factor"),
    (SOFTMAX, "dC/dz2[j] = (r2[j] - y[j])*r2[j]*(1 - r2[j])", "surplus_factor"),
    (BINARY, "dC/dz2 = (r2 - y)*r2*(1 - r2)", "surplus_factor"),
    (ONE, "C = (y - r1)^2", "surplus_factor"),
    # the sign
    (ONE, "dC/dr1 = y - r1", "swapped_difference"),
    (CHAIN, "dC/dW1 = (y - r2)*Step(z2)*r1", "swapped_difference"),
    (SOFTMAX, "dC/dz2[j] = y[j] - r2[j]", "swapped_difference"),
    (CHAIN, "dC/dz1 = -dC/dz2*W1*Step(z1)", "sign"),
    (ONE, "dU/dr1 = 1", "sign"),
    (ONE, "dC/dr1 = U", "swapped_difference"),
    (BINARY, "dC/dr2 = -y/r2 - (1 - y)/(1 - r2)", "sign_of_term"),
    (ONE, "C = (y^2 - 2*y*r1 - r1^2)/2", "sign_of_term"),
    (ONE, "U = y + r1", "sign_of_term"),
    # indices
    (("3-3-3", {}), "dC/dW0[i,j] = dC/dz1[i]*x[j]", "transposed"),
    (WIDE, "dC/dW1[i,j] = dC/dz2[j]*r1[j]", "wrong_index"),
    (WIDE, "dC/dz1[i] = Step(z1[i])*sum(j, W1[i,j]*dC/dz2[j])*x[l]", "surplus_factor"),
    (WIDE, "dC/dW0[i,j] = x[i]*Step(z1[j])*W1[j,m]*dC/dz2[m]", "missing_sum"),
    (WIDE, "dC/dr1[i] = W1[i,j]*dC/dz2[j]", "missing_sum"),
    (WIDE, "dC/dW1[i,j] = sum(j, dC/dz2[j]*r1[i])", "surplus_sum"),
    # layers
    (CHAIN, "dC/dW1 = (r2 - y)*Step(z2)*x", "wrong_layer"),
    (CHAIN, "dC/dW0 = (r2 - y)*Step(z2)*W0*Step(z1)*x", "wrong_layer"),
    (("1-1-1-1", {"bias": True}), "dC/db1 = dC/dz3*W2*Step(z1)", "wrong_layer"),
    (THREE, "dC/dz1 = dC/dz3*W1*Step(z1)", "wrong_layer"),
    (THREE, "z2 = W1*r2", "wrong_layer"),
    (LAYER, "z{k+1}[j] = sum(i, W{k}[i,j]*r{k}[i])*2", "surplus_factor"),
    (CHAIN, "dC/dW0 = dC/dr1*Step(z2)*x", "wrong_layer"),
    # indices that are numbers, and two at once
    (WIDE, "dC/dW0[0,1] = dC/dz1[1]*x[1]", "wrong_index"),
    (SOFTMAX, "d2C/dW1[i,j]dW1[l,m] = r2[j]*(delta(j,m) - r2[m])*r1[j]*r1[m]", "wrong_index"),
    # terms
    (BIASED, "z1[j] = sum(i, W0[i,j]*x[i])", "missing_term"),
    (ONE, "C = (y^2 - 2*y*r1)/2", ""),
    (CHAIN, "dC/dr2 = r2 - y + 1", "surplus_term"),
    (LINEAR, "z2 = W1*r1 + W1", "surplus_term"),
    # the activation
    (CHAIN, "dC/dz1 = dC/dz2*W1*ReLU(z1)", "not_differentiated"),
    (SIGMOID_CHAIN, "dC/dz2 = (r2 - y)*r2", "missing_factor"),
    (SIGMOID_CHAIN, "dC/dz2 = (r2 - y)*sigmoid(z2)*(1 + sigmoid(z2))", "sign_of_term"),
    (CHAIN, "r1 = Step(z1)", "differentiated"),
    (CHAIN, "dC/dz2 = (r2 - y)*r2*(1 - r2)", "other_activation"),
    (SIGMOID_CHAIN, "dC/dz1 = dC/dz2*W1*Step(z1)", "other_activation"),
    (TANH, "dC/dz1[j] = dC/dr1[j]*r1[j]*(1 - r1[j])", "other_activation"),
    # what is differentiated
    (CHAIN, "dC/dW0 = (r2 - y)*Step(z2)*r1", "wrong_derivative"),
    (CHAIN, "dC/dr1 = dC/dz2*r1", "wrong_derivative"),
    (CHAIN, "dz2/dr1 = r1", "wrong_derivative"),
    (CHAIN, "dC/dz1 = dC/dr2*Step(z1)", "wrong_layer"),
    (CHAIN, "z2 = W1*z1", "wrong_quantity"),
    (THREE, "dC/dW1 = dC/dz2*z1", "wrong_quantity"),
    # signs that were lost
    (SOFTMAX, "dC/dz2[j] = r2[j]*y[j]", "wrong_factor"),
    (SOFTPLUS, "dr1/dz1 = 1/(1 + exp(z1))", "sign_of_term"),
    # the cost
    (("2-3-3", {}), "dC/dr2[j] = 2*(r2[j] - y[j])/3", "other_cost"),
    # the region
    (("2-3-1", {}), "dC/dz1[j] = (sum(i, W1[i]*z1[i]) - y)*W1[j]", "active_only"),
    # nothing at all
    (CHAIN, "dC/dW0 = 0", "taken_for_zero"),
]  # fmt: skip

SECOND_ORDER: list[Case] = [
    (CHAIN, "d2C/dW0dW1 = Step(z2)*Step(z1)*x*r2", "gauss_newton_only"),
    (CHAIN, "d2C/dW0dW1 = Step(z2)*Step(z1)*x*(r2 - y)", "residual_only"),
    (CHAIN, "d2C/dW0dW0 = 0", "same_layer_zero"),
    (CHAIN, "d2C/dW0dW1 = 0", "taken_for_zero"),
    (CHAIN, "d2C/dW0dW0 = Step(z2)*Step(z1)*W1*x^2", "missing_factor"),
    (CHAIN, "d2C/dW0dW0 = Step(z2)*Step(z1)*W1^2*x", "missing_factor"),
    (CHAIN, "d2C/dW0dW1 = Step(z2)*Step(z1)*x*(2*r2 + y)", "sign_of_term"),
    (CHAIN, "d2C/dW1dW1 = Step(z2)*r1", "missing_factor"),
    (CHAIN, "d2C/dW1dW1 = 2*Step(z2)*r1^2", "surplus_factor"),
    (CHAIN, "d2C/dW1dW1 = Step(z2)*W1^2*x^2*Step(z1)", "wrong_layer"),
    (ONE, "d2C/dW0dW0 = -Step(z1)*x^2", "sign"),
    (ONE, "d2C/dz1dz1 = r1*Step(z1)", "surplus_factor"),
    (WIDE, "d2C/dW0[i,j]dW0[l,m] = 0", "same_layer_zero"),
    (WIDE, "d2C/dW0[i,j]dW1[l,m] = x[i]*Step(z1[j])*Step(z2[m])*r1[l]*W1[j,m]",
     "gauss_newton_only"),
    (WIDE, "d2C/dW0[i,j]dW1[l,m] = delta(j,l)*x[i]*Step(z1[j])*Step(z2[m])*(r2[m] - y[m])",
     "residual_only"),
    (WIDE, "d2C/dW0[i,j]dW1[l,m] = x[i]*Step(z1[j])*Step(z2[m])*(r1[l]*W1[j,m] + r2[m] - y[m])",
     "missing_factor"),
    (WIDE, "d2C/dW1[i,j]dW1[l,m] = r1[i]*r1[l]*Step(z2[j])", "missing_factor"),
    (WIDE, "d2C/dW1[i,j]dW1[l,m] = delta(j,m)*r1[i]*x[l]*Step(z2[j])", "wrong_layer"),
    (SIGMOID_CHAIN, "d2C/dz2dz2 = (r2*(1 - r2))^2", "gauss_newton_only"),
    (SIGMOID_CHAIN, "d2C/dz2dz2 = (r2 - y)*r2*(1 - r2)*(1 - 2*r2)", "residual_only"),
    (BINARY, "d2C/dz2dz2 = r2", "missing_factor"),
    (SOFTMAX, "d2C/dz2[i]dz2[j] = r2[i]*delta(i,j) + r2[i]*r2[j]", "sign_of_term"),
    (SOFTMAX, "d2C/dz2[i]dz2[j] = r2[i]*delta(i,j)", "missing_term"),
]  # fmt: skip


def judged(where: tuple[str, dict[str, Any]], line: str) -> tuple[Network, Judged]:
    network = read_network(where[0], **where[1])
    (one,) = judged_statements(statements(network, line), network)
    return network, one


@pytest.mark.parametrize(
    ("where", "line", "mistake"), sampled([*FIRST_ORDER, *SECOND_ORDER], every=6),
    ids=[line for _, line, _ in [*FIRST_ORDER, *SECOND_ORDER]],
)  # fmt: skip
def test_mistake_is_named(where: tuple[str, dict[str, Any]], line: str, mistake: str) -> None:
    network, one = judged(where, line)
    assert one.verdict in (Verdict.WRONG, Verdict.RIGHT_IF)
    assert one.assessment is not None and one.assessment.counterexample is not None
    assert (one.diagnosis.mistake.value if one.diagnosis else "") == mistake
    if one.should_be is not None:
        claim = one.statement
        proof = judge(network, claim.left, one.should_be)  # pyright: ignore
        assert proof.proved or where in (SOFTMAX,)


#: network, an equation with two mistakes, both, and the right side that is offered
TWO_MISTAKES: list[tuple[tuple[str, dict[str, Any]], str, list[str], str]] = [
    (ONE, "dC/dW0 = (y - r1)*x", ["swapped_difference", "missing_factor"],
     "(r1 - y)*Step(z1)*x"),
    (ONE, "dC/dW0 = 2*(r1 - y)*x", ["surplus_factor", "missing_factor"], "(r1 - y)*Step(z1)*x"),
    (CHAIN, "dC/dW1 = -(r2 - y)*ReLU(W0*x)", ["swapped_difference", "missing_factor"],
     "(r2 - y)*Step(z2)*r1"),
    (CHAIN, "dC/dW0 = (y - r2)*W1*x", ["swapped_difference", "missing_factor"],
     "(r2 - y)*Step(z2)*W1*Step(z1)*x"),
    (CHAIN, "dC/dW0 = (y - r2)*Step(z2)*W1*Step(z1)*W0",
     ["swapped_difference", "wrong_derivative"], "(r2 - y)*Step(z2)*W1*Step(z1)*x"),
    (WIDE, "dC/dz1[i] = -sum(j, W1[i,j]*dC/dz2[j])", ["sign", "missing_factor"],
     "Step(z1[i])*sum(j, W1[i,j]*dC/dz2[j])"),
    (SIGMOID_CHAIN, "dC/dz1 = (y - r2)*r2*(1 - r2)*W1*r1",
     ["swapped_difference", "missing_factor"], "(r2 - y)*r2*(1 - r2)*W1*r1*(1 - r1)"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("where", "line", "mistakes", "right"), sampled(TWO_MISTAKES, every=3),
    ids=[line for _, line, _, _ in TWO_MISTAKES],
)  # fmt: skip
def test_two_mistakes_at_once_are_both_named(
    where: tuple[str, dict[str, Any]], line: str, mistakes: list[str], right: str
) -> None:
    network, one = judged(where, line)
    assert one.verdict is Verdict.WRONG and one.diagnosis is not None
    assert [mistake.value for mistake, _ in one.diagnosis.mistakes] == mistakes
    assert one.should_be is not None
    (expected,) = statements(network, f"{line.partition(' = ')[0]} = {right}")
    assert isinstance(expected, Claim)
    assert judge(network, one.should_be, expected.right).proved


def test_what_two_mistakes_do_not_explain_has_a_right_side_without_derivatives() -> None:
    network, one = judged(CHAIN, "dC/dW0 = (r2 - y)^2*x")
    assert one.verdict is Verdict.WRONG and one.diagnosis is None
    (expected,) = statements(network, "dC/dW0 = (r2 - y)*Step(z2)*W1*Step(z1)*x")
    assert isinstance(expected, Claim) and one.should_be == expected.right
    # Whoever writes with derivatives is answered with them.
    _, other = judged(CHAIN, "dC/dW0 = dC/dz2*dC/dz1*x^2")
    assert other.should_be is not None and other.should_be.has(Partial)


@pytest.mark.parametrize(
    ("line", "verdicts", "named"),
    [
        ("dC/dW0 = dC/dz1*x = (y - r2)*Step(z2)*W1*Step(z1)*x", "right wrong",
         ["swapped_difference"]),
        ("dC/dW0 = dC/dr2*dr2/dW0 = (r2 - y)*W1*x", "right wrong", ["missing_factor"]),
        ("dC/dW0 = dC/dz1*x = (r2 - y)*Step(z2)*W1*Step(z1)*W0", "right wrong",
         ["wrong_derivative"]),
        # The second equality holds in part; nothing is said of it that is about the first.
        ("dC/dx = (r2 - y)*W1*W0 = (r2 - y)*Step(W0*x)*W0*W1", "wrong right_if", []),
        # Nor that Step(z1^2) would be right for Step(z1).
        ("dC/dW0 = (r2 - y)*Step(z2)*W1*x = (r2 - y)*Step(z2)*W1*Step(z1)*x",
         "right_if right_if", []),
    ],
)  # fmt: skip
def test_the_end_of_a_chain_is_held_against_its_beginning(
    line: str, verdicts: str, named: list[str]
) -> None:
    network = read_network("two-layer-chain")
    *_, last = found = judged_statements(statements(network, line), network)
    assert " ".join(one.verdict.value for one in found if one.verdict) == verdicts
    mistakes = [one.value for one, _ in last.diagnosis.mistakes] if last.diagnosis else []
    assert mistakes == named
    if named and last.should_be is not None:
        head = found[0].statement
        assert isinstance(head, Claim) and judge(network, head.left, last.should_be).proved
