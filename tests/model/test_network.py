"""What a stack of layers says of its own tensors."""

from __future__ import annotations

import pytest
from sympy import Integer, S

from derive.algebra.quantities import Quantity
from derive.model.activations import Activation
from derive.model.network import Layer, Network

#: Two inputs, three units with biases, one output without.
NETWORK = Network(Integer(2), (Layer(Integer(3), bias=True), Layer(S.One, Activation("identity"))))
LAYERS = {
    "W": (0, 1), "V": (0, 1), "b": (0,), "v": (0,), "z": (1, 2), "G": (1, 2), "r": (0, 1, 2),
    "y": (2,), "U": (2,), "C": (2,),
}  # fmt: skip


@pytest.mark.parametrize("kind", LAYERS)
def test_a_network_has_the_tensors_of_its_layers_and_no_others(kind: str) -> None:
    there = [layer for layer in range(-1, 5) if NETWORK.has(Quantity(kind, layer))]
    assert there == list(LAYERS[kind])


def test_a_tensor_is_shifted_to_layers_that_have_it() -> None:
    z = Quantity("z", 1, Integer(2))
    assert NETWORK.shifted(z, 1) == Quantity("z", 2, Integer(2))
    assert NETWORK.shifted(z, -1) is None
