"""Whether a derivative in an equation is taken through a kink.

Where a pre-activation is 0, such a derivative does not exist, and the equation says what the
convention for Step(0) makes of it.  So its scope is "wherever C is differentiable, and at kinks
by the convention", however it was proved.
"""

from __future__ import annotations

from sympy import Basic, Derivative

from derive.algebra.functions import LeakyReLU, ReLU, Step
from derive.algebra.quantities import PARAMETERS, Partial, Quantity, quantities_in
from derive.model.network import Network

_GATES = (ReLU, LeakyReLU, Step)


def through_a_kink(network: Network, *sides: Basic) -> bool:
    """Whether some derivative in the sides leads through an activation or a cost with a kink."""
    kinked = [
        network.position(number)
        for number in network.layer_numbers[1:]
        if network.layer(number).activation.kind.kinks
    ]
    if network.cost_has_kinks:
        kinked.append(network.depth + 1)
    for side in sides:
        if any(node.expr.has(*_GATES) for node in side.atoms(Derivative)):
            return True
        for node in side.atoms(Partial):
            if node.of.has(*_GATES) or any(_leads_through(network, node, n) for n in kinked):
                return True
        for name in side.atoms(Quantity):
            if name.kind in ("G", "Gv") and any(n >= network.position(name.layer) for n in kinked):
                return True
    return False


def _leads_through(network: Network, node: Partial, kinked: int) -> bool:
    """Whether the outputs of a layer are computed from the variable, and `of` from them."""
    last = max((_last(network, q) for q in quantities_in(node.of)), default=-1)
    return _first(network, node.wrt) <= kinked <= last


def _first(network: Network, variable: Quantity) -> int:
    """The first layer whose activation is applied to what is computed from a variable."""
    if variable.kind == "t":
        return 0
    position = network.position(variable.layer)
    return position + 1 if variable.kind in (*PARAMETERS, "r") else position


def _last(network: Network, quantity: Quantity) -> int:
    """The last layer from whose outputs a quantity is computed; the cost counts as one more."""
    if quantity.kind in ("C", "G", "Gv"):
        return network.depth + 1
    if quantity.kind in ("U", "y"):
        return network.depth
    if quantity.kind in PARAMETERS:
        return -1
    position = network.position(quantity.layer)
    return position - 1 if quantity.kind == "z" else position
