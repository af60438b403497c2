"""First order in matrices: what is written, that it is proved, and what has no such form."""

import pytest

from derive import read_network
from derive.deriving.first_order import backpropagate
from derive.deriving.verifying import verify
from derive.meaning.derivation import Derivation
from derive.notation.tex import LatexWriter

D = r"\frac{\partial C}{\partial %s}"
ERROR_2, ERROR_1 = D % "z^{(2)}", D % "z^{(1)}"
WIDE = [
    r"z^{(1)} = (W^{(0)})^\top\,x + b^{(0)}",
    r"r^{(1)} = \mathrm{ReLU}(z^{(1)})",
    r"z^{(2)} = (W^{(1)})^\top\,r^{(1)} + b^{(1)}",
    r"r^{(2)} = \mathrm{ReLU}(z^{(2)})",
    ERROR_2 + r" = (r^{(2)} - y) \odot \mathrm{Step}(z^{(2)})",
    ERROR_1 + rf" = \left(W^{{(1)}}\,{ERROR_2}\right) \odot \mathrm{{Step}}(z^{{(1)}})",
    D % "W^{(1)}" + rf" = r^{{(1)}}\,\left({ERROR_2}\right)^\top",
    D % "b^{(1)}" + f" = {ERROR_2}",
    D % "W^{(0)}" + rf" = x\,\left({ERROR_1}\right)^\top",
    D % "b^{(0)}" + f" = {ERROR_1}",
]


def lines_of(network):
    groups = [g for g in backpropagate(network).groups if g.title == "in_matrices"]
    return groups, [line for group in groups for line in group.steps]


def written(lines):
    writer = LatexWriter()
    return [f"{writer.text(one.printed_left)} = {writer.text(one.printed_right)}" for one in lines]


@pytest.mark.parametrize("shape", ["2-3-2", "n_0-n_1-n_2"])
def test_a_network_in_matrices(shape):
    groups, lines = lines_of(read_network(shape, bias=True))
    assert written(lines) == WIDE
    assert all(mark.proved for mark in verify(Derivation(tuple(groups))))


@pytest.mark.parametrize("shape", ["1-3-2", "3-1-2", "2-2-1", "2-3"])
def test_derivatives_stand_as_their_matrix_does(shape):
    """By a weight of one row no column is meant, and no weight stands behind vec."""
    groups, lines = lines_of(read_network(shape, bias=True))
    assert lines and not any("vec" in text for text in written(lines))
    assert all(mark.proved for mark in verify(Derivation(tuple(groups))))


def test_what_softmax_takes_for_granted_is_assumed_here_too():
    network = read_network("2-3-3", output_activation="softmax", cost="cross_entropy")
    groups, lines = lines_of(network)
    assert D % "z^{(2)}" + " = r^{(2)} - y" in written(lines)
    assert all(mark.proved for mark in verify(Derivation(tuple(groups))))


def test_a_chain_has_no_matrices():
    assert lines_of(read_network("three-layer-chain")) == ([], [])
