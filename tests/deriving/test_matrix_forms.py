"""The blocks as matrices: what is printed is what is proved, and nothing else is confirmed."""

from dataclasses import replace

import pytest

from derive import judge, read_network, second_order
from derive.deriving.laws import confirm
from derive.meaning.derivation import Line
from derive.model.matrices import transposed
from derive.model.network import Network
from derive.notation.tex import tex
from tests.sweeps import sweep

NETWORKS = ("two-layer-general", "regression-2-3-1", "softmax-classifier", "deep-relu", "2-1-1-2")


def matrix_steps(network: Network) -> list[Line]:
    return [step for step in second_order(network).steps if step.matrices is not None]


@pytest.mark.parametrize(
    "name", sweep(NETWORKS, ["two-layer-general", "regression-2-3-1", "2-1-1-2"])
)
def test_every_matrix_equation_is_proved_entry_by_entry_for_every_width(name: str) -> None:
    network = read_network(name)
    steps = matrix_steps(network)
    assert steps
    for step in steps:
        assert step.matrices is not None
        assert step.matrices.entries(network) == (step.lhs, step.rhs)
        proof = judge(network, step.lhs, step.rhs)
        assert proof.proved and proof.scope.widths.every, step.lhs
        assert confirm(network, step)


def test_chains_have_no_matrices() -> None:
    assert not matrix_steps(read_network("two-layer-chain"))


def test_a_printed_matrix_that_is_not_the_proved_one_is_not_confirmed() -> None:
    network = read_network("two-layer-general")
    step = next(s for s in matrix_steps(network) if s.rule == "matrix form")
    assert step.matrices is not None
    turned = replace(
        step.matrices,
        right=replace(step.matrices.right, left=transposed(step.matrices.right.right)),  # pyright: ignore
    )
    assert not confirm(network, replace(step, matrices=turned))


def test_blocks_are_kronecker_products() -> None:
    network = read_network("two-layer-general")
    printed = [tex(s.matrices.right) for s in matrix_steps(network) if s.rule == "matrix form"]  # pyright: ignore
    assert printed[0] == (
        r"(x\,x^\top) \otimes \frac{\partial^2 C}{\partial z^{(1)}\,\partial z^{(1)}}"
    )
    assert printed[1].endswith(
        r"x^\top \otimes \frac{\partial r^{(1)}}{\partial z^{(1)}}"
        r" \otimes \frac{\partial C}{\partial z^{(2)}}"
    )


@pytest.mark.thorough
def test_the_diagonal_is_outputs_squared_times_curvature() -> None:
    network = read_network("n_0-n_1-n_2", activation="sigmoid")
    steps = [s for s in second_order(network).steps if s.rule == "equal indices"]
    assert len(steps) == 4
    assert all(judge(network, s.lhs, s.rhs).proved for s in steps)
    assert all(not judge(network, s.lhs, 2 * s.rhs).proved for s in steps)


def test_a_transposed_matrix_stands_under_vec() -> None:
    network = read_network("two-layer-general")
    step = next(s for s in matrix_steps(network) if s.rule == "matrix form")
    assert tex(step.matrices.left) == (  # pyright: ignore
        r"\frac{\partial^2 C}{\partial\,\mathrm{vec}({W^{(0)}}^\top)\,"
        r"\partial\,\mathrm{vec}({W^{(0)}}^\top)}"
    )
