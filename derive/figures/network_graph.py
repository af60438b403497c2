"""A network as columns of units: what stands in each, and what leads from one to the next."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Expr, Integer

from derive.algebra.quantities import Quantity
from derive.model.activations import Activation
from derive.model.network import Network

#: Layers and units beyond these are left out in the middle.
MOST_LAYERS = 5
MOST_UNITS = 6
#: How many layers are drawn before and behind the gap, and how many units before one.
_LAYERS, _UNITS = 2, 3


@dataclass(frozen=True)
class DrawnUnit:
    """A unit: its pre-activation, which an input has not, and its output."""

    z: Quantity | None
    r: Quantity


@dataclass(frozen=True)
class DrawnLayer:
    """A layer; None in `units` stands for those that are left out.

    Attributes:
        width: the number of its units, a number or a symbol.
        units: those that are drawn.
        activation: None for the inputs.
        parameters: the weights, and biases, that lead into it.
    """

    number: Expr
    width: Expr
    units: tuple[DrawnUnit | None, ...]
    activation: Activation | None
    parameters: tuple[Quantity, ...]


@dataclass(frozen=True)
class NetworkGraph:
    """The layers, None for those left out; the cost and its targets, if there is a cost."""

    layers: tuple[DrawnLayer | None, ...]
    cost: Quantity | None
    target: Quantity


def network_graph(network: Network) -> NetworkGraph:
    """The drawing of a network, with its symbols."""
    layers = [_layer(network, number) for number in network.layer_numbers]
    return NetworkGraph(
        tuple(
            layers if len(layers) <= MOST_LAYERS else (*layers[:_LAYERS], None, *layers[-_LAYERS:])
        ),
        None if network.cost is None else network.C,
        Quantity("y", network.last),
    )


def _layer(network: Network, number: Expr) -> DrawnLayer:
    width = network.width(number)
    is_input = number == network.first
    units: list[DrawnUnit | None] = []
    for unit in _units(width):
        if unit is None:
            units.append(None)
            continue
        z, r = (network.quantity(kind, number, unit) for kind in "zr")
        units.append(DrawnUnit(None if is_input else z, r))
    if is_input:
        return DrawnLayer(number, width, tuple(units), None, ())
    layer = network.layer(number)
    groups = (Quantity(*group) for group in network.parameter_groups)
    parameters = tuple(group for group in groups if network.into(group) == number)
    return DrawnLayer(number, width, tuple(units), layer.activation, parameters)


def _units(width: Expr) -> Sequence[Expr | None]:
    """1, ..., n; 1, 2, 3, a gap and n where these are many, 1, 2, a gap and n for a symbol."""
    if not isinstance(width, Integer):
        return Integer(1), Integer(2), None, width
    if width <= MOST_UNITS:
        return [Integer(unit) for unit in range(1, int(width) + 1)]
    return *map(Integer, range(1, _UNITS + 1)), None, width
