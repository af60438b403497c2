"""Which entries of a Hessian have a Gauss-Newton part, a residual part, both, or are 0.

The passes of second order, done on numbers of which nothing is known but whether they are 0:
0 a = 0 and 0 + 0 = 0 are all that is used, so what comes out as 0 is 0 wherever the network is
evaluated (at kinks with phi'' = 0, as everywhere).  What does not may be 0 at some points.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import accumulate, pairwise
from math import prod

from sympy import Expr, Integer

from derive.algebra.quantities import Quantity
from derive.evaluating.curvature import curvatures, hessian_rows, output_curvature
from derive.evaluating.local_derivatives import (
    activation_formulas,
    cost_formulas,
    log_slopes,
    logit_slopes,
)
from derive.evaluating.passes import Passes
from derive.model.costs import Cost
from derive.model.network import Network
from derive.model.operation_counts import parameter_count

#: Of more rows no entry can be seen; layers are then drawn with fewer units.
MOST_ROWS = 40
#: The number of units of a layer whose own is a symbol.
_OF_A_SYMBOL = 2


class HessianPart(StrEnum):
    """The parts of an entry that are not 0 everywhere."""

    ZERO = "zero"
    GAUSS_NEWTON = "gauss_newton"
    RESIDUAL = "residual"
    BOTH = "both"


@dataclass(frozen=True)
class HessianStructure:
    """The matrix of all entries, in the order of `groups`.

    Attributes:
        groups: the parameter tensors, and how many entries each has.
        parts: row by row.
        widths: the units of each layer as drawn.
        is_reduced: whether these are not the network's own.
    """

    groups: tuple[tuple[Quantity, int], ...]
    parts: tuple[tuple[HessianPart, ...], ...]
    widths: tuple[tuple[Expr, int], ...]
    is_reduced: bool

    @property
    def has_zeros(self) -> bool:
        """Whether some entry is 0 at every point."""
        return any(HessianPart.ZERO in row for row in self.parts)

    @property
    def blocks(self) -> tuple[tuple[Quantity, Quantity, tuple[HessianPart, ...]], ...]:
        """For each two parameter tensors the parts of the entries of their block."""
        ends = list(accumulate((count for _, count in self.groups), initial=0))
        spans = [
            (name, slice(a, b))
            for (name, _), a, b in zip(self.groups, ends, ends[1:], strict=False)
        ]
        return tuple(
            (one, other, tuple(sorted({part for row in self.parts[down] for part in row[along]})))
            for place, (one, down) in enumerate(spans)
            for other, along in spans[: place + 1]
        )


def hessian_structure(network: Network) -> HessianStructure | None:
    """The structure of a network's Hessian; None where even small layers have too many rows."""
    drawn = _small(network)
    if drawn is None:
        return None
    rows = list(_rows(drawn))
    size = range(len(rows))
    parts = tuple(tuple(rows[min(p, q)][abs(p - q)] for q in size) for p in size)
    groups: list[tuple[Quantity, int]] = []
    for kind, source in drawn.parameter_groups:
        axes = drawn.slots(kind, source)
        groups.append((Quantity(kind, source), prod(int(drawn.width(axis)) for axis in axes)))
    widths = tuple((number, int(drawn.width(number))) for number in drawn.layer_numbers)
    return HessianStructure(tuple(groups), parts, widths, drawn != network)


def _small(network: Network) -> Network | None:
    """The network with as many units of each layer as there is room for.

    Entries of layers with two units or more have the same parts whatever their number.
    """
    known = [n for n in map(network.width, network.layer_numbers) if isinstance(n, Integer)]
    for most in range(max(map(int, known), default=_OF_A_SYMBOL), 1, -1):
        small = _with_at_most(network, most)
        if parameter_count(small) <= MOST_ROWS:
            return small
    small = _with_at_most(network, _OF_A_SYMBOL)
    return small if parameter_count(small) <= MOST_ROWS else None


def _with_at_most(network: Network, most: int) -> Network:
    def units(width: Expr) -> Expr:
        return Integer(min(int(width), most) if isinstance(width, Integer) else _OF_A_SYMBOL)

    layers = tuple(replace(layer, units=units(layer.units)) for layer in network.layers)
    return replace(network, inputs=units(network.inputs), layers=layers)


@dataclass(frozen=True)
class Presence:
    """A number that is 0, or of which that is not known."""

    is_present: bool

    def __add__(self, other: Presence) -> Presence:
        return Presence(self.is_present or other.is_present)

    def __mul__(self, other: Presence) -> Presence:
        return Presence(self.is_present and other.is_present)


_PRESENT = Presence(True)
Presences = Sequence[Presence]


@dataclass(frozen=True)
class PresenceArithmetic:
    """What the passes of a network ask for: formulas are 0 where they are written as 0."""

    network: Network

    def constant(self, value: int) -> Presence:
        """An integer."""
        return Presence(value != 0)

    def sum(self, numbers: Iterable[Presence]) -> Presence:
        """0 if all terms are."""
        return Presence(any(number.is_present for number in numbers))

    def vector(self, of: str, layer: int, entries: Presences) -> Presences:
        """The entries: a number needs no name."""
        return entries

    def matrix(
        self, of: str, layer: int, by: int, rows: Sequence[Presences]
    ) -> Sequence[Presences]:
        """The rows."""
        return rows

    def outputs(self, layer: int, z: Presences) -> Presences:
        """Outputs, of which nothing is known."""
        return [_PRESENT] * len(z)

    def slopes(self, layer: int, derivative: int, z: Presences) -> Presences:
        """0 where the derivative of phi is."""
        activation = self.network.activation_at(layer)
        return _of(activation_formulas(activation, self.network.step_at_zero)[derivative], z)

    def cost(self, r: Presences, y: Presences) -> Presence:
        """A cost, of which nothing is known."""
        return _PRESENT

    def cost_slopes(self, derivative: int, r: Presences, y: Presences) -> Presences:
        """0 where the derivative of the cost by an output is."""
        return _of(cost_formulas(self._cost, self.network.step_at_zero)[derivative], r)

    def logit_slopes(self, derivative: int, z: Presences, y: Presences) -> Presences:
        """0 where the derivative of the cost by an output's pre-activation is."""
        activation = self.network.layers[-1].activation
        formulas = logit_slopes(self._cost, activation, self.network.step_at_zero)
        return _of(formulas[derivative - 1], z)

    def log_slopes(self, derivative: int, r: Presences, y: Presences) -> Presences:
        """0 where the derivative of the cost by the logarithm of an output is."""
        return _of(log_slopes(self._cost, self.network.step_at_zero)[derivative - 1], r)

    @property
    def _cost(self) -> Cost:
        assert self.network.cost is not None
        return self.network.cost


def _of(formula: Expr, units: Presences) -> Presences:
    return [Presence(formula != 0)] * len(units)


def _rows(network: Network) -> Iterable[list[HessianPart]]:
    """The rows of the Hessian from the diagonal on."""
    widths = [int(network.width(number)) for number in network.layer_numbers]
    weights = [[[_PRESENT] * columns] * rows for rows, columns in pairwise(widths)]
    biases = [
        [_PRESENT] * int(layer.units) if layer.bias else None  # pyright: ignore
        for layer in network.layers
    ]
    x, y = ([_PRESENT] * width for width in (widths[0], widths[-1]))
    passes = Passes(network, weights, biases, x, y, PresenceArithmetic(network))
    for kept, rest in hessian_rows(passes, curvatures(passes, output_curvature(passes))):
        yield [_part(*pair) for pair in zip(kept, rest, strict=True)]


def _part(gauss_newton: Presence, residual: Presence) -> HessianPart:
    if gauss_newton.is_present:
        return HessianPart.BOTH if residual.is_present else HessianPart.GAUSS_NEWTON
    return HessianPart.RESIDUAL if residual.is_present else HessianPart.ZERO
