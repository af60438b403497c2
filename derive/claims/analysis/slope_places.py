"""Where the derivative of the activation stands in the equations from layer to layer."""

from __future__ import annotations

from collections.abc import Sequence

from derive.claims.analysis.finding import Finding, found
from derive.deriving.first_order import backpropagate
from derive.model.network import Network


def one_place(networks: Sequence[Network]) -> Finding:
    """What backpropagation derives for networks that differ in the hidden activation only.

    Holds where dC/dz has another right side for each of them, and dC/dr and dC/dW have the
    same one for all: then the activation stands in the first equation and in no other.
    """
    derived = [backpropagate(network) for network in networks]
    forms = {
        name: {derivation[name][-1].rhs for derivation in derived}
        for name in ("dC/dz1", "dC/dr1", "dC/dW1")
    }
    count = len(networks)
    return found(
        len(forms["dC/dz1"]) == count and len(forms["dC/dr1"]) == len(forms["dC/dW1"]) == 1,
        activations=count,
    )
