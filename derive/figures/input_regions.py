"""The plane of two inputs, cut into activation regions by where each unit is at its kink.

On a region every pre-activation is an affine function of the inputs.  So a region is a convex
polygon, and a unit whose pre-activation changes its sign there cuts it along a line; what the two
parts hand on differs, and the next unit may cut each in another way.  With exact arithmetic no
region is missed, however small.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import pairwise

from sympy import Integer

from derive.algebra.quantities import Quantity
from derive.errors import DeriveError
from derive.evaluating.given import read_given
from derive.figures.float_numbers import FloatPoint
from derive.model.network import Layer, Network

#: Networks of more such units, or with more regions, are not drawn.
MOST_UNITS, MOST_REGIONS = 40, 300
#: How far the plane is shown: beyond samples and borders near 0 by this factor, and at least.
_ROOM, _LEAST, _FARTHEST = Fraction(7, 5), Fraction(3, 2), 10

#: A point of the plane, and an affine function a x_1 + b x_2 + c of it.
Corner = tuple[Fraction, Fraction]
Affine = tuple[Fraction, Fraction, Fraction]
#: The inputs themselves.
_FIRST: Affine = (Fraction(1), Fraction(0), Fraction(0))
_SECOND: Affine = (Fraction(0), Fraction(1), Fraction(0))


@dataclass(frozen=True)
class InputRegion:
    """A region: the corners of its polygon, one after another, and the units that are active."""

    corners: tuple[Corner, ...]
    active: tuple[Quantity, ...]


@dataclass(frozen=True)
class InputRegions:
    """The regions within a square around 0, and the inputs of the samples."""

    inputs: tuple[Quantity, Quantity]
    reach: Fraction
    regions: tuple[InputRegion, ...]
    units: int
    samples: tuple[tuple[float, float], ...]

    @property
    def most_active(self) -> int:
        """The largest number of units that are active together."""
        return max(len(region.active) for region in self.regions)


@dataclass(frozen=True)
class _Polygon:
    """A polygon, what the last layer hands on there, and the units that are active so far."""

    corners: tuple[Corner, ...]
    outputs: tuple[Affine, ...]
    active: tuple[Quantity, ...] = ()
    next: tuple[Affine, ...] = field(default=())


def input_regions(network: Network) -> InputRegions | None:
    """The regions of a network of two inputs whose units are linear on either side of 0.

    Layers behind the last with kinks do not matter.  None where there are no numbers, no such
    unit, or too many of them.
    """
    layers = _with_kinks(network)
    if not layers or network.inputs != 2 or network.point is None:
        return None
    if any(one.free_symbols for one in network.hyperparameters):
        return None
    try:
        point = FloatPoint.of(network, read_given(network, network.point))
    except DeriveError:
        return None
    units = sum(len(point.weights[n][0]) for n, layer in enumerate(layers) if _bends(layer))
    if units > MOST_UNITS:
        return None
    reach = _reach(point, layers)
    square = ((-reach, -reach), (reach, -reach), (reach, reach), (-reach, reach))
    parts = [_Polygon(square, (_FIRST, _SECOND))]
    for position, layer in enumerate(layers):
        number = network.layer_numbers[position + 1]
        for unit in range(len(point.weights[position][0])):
            name = network.quantity("r", number, Integer(unit + 1))
            parts = [
                cut for part in parts for cut in _cut(part, point, position, unit, layer, name)
            ]
            if len(parts) > MOST_REGIONS:
                return None
        parts = [_Polygon(part.corners, part.next, part.active) for part in parts]
    first, second = (network.quantity("r", network.first, Integer(i)) for i in (1, 2))
    samples = tuple((float(x[0]), float(x[1])) for x, _ in point.samples)
    regions = tuple(InputRegion(part.corners, part.active) for part in parts)
    return InputRegions((first, second), reach, regions, units, samples)


def _bends(layer: Layer) -> bool:
    return layer.activation.kind.is_gate or layer.activation.kind.is_leaky


def _with_kinks(network: Network) -> list[Layer]:
    """The layers up to the last with kinks; none if one of them is curved."""
    layers = list(network.layers)
    while layers and not _bends(layers[-1]):
        layers.pop()
    straight = all(_bends(layer) or layer.activation.name == "identity" for layer in layers)
    return layers if straight else []


def _reach(point: FloatPoint, layers: Sequence[Layer]) -> Fraction:
    """Half a side of the square: samples are within, and borders that are not far from 0."""
    wanted = [abs(Fraction(entry)) for x, _ in point.samples for entry in x]
    rows = point.weights[0]
    for unit, bias in enumerate(point.biases[0] or ()):
        size = max(abs(row[unit]) for row in rows)
        if _bends(layers[0]) and size and abs(bias) <= _FARTHEST * size:
            wanted.append(abs(Fraction(bias) / Fraction(size)))
    return max(_LEAST, _ROOM * max(wanted))


def _cut(
    part: _Polygon, point: FloatPoint, position: int, unit: int, layer: Layer, name: Quantity
) -> list[_Polygon]:
    """A part on both sides of the border of one more unit; whole where it does not cross it."""
    z = _pre_activation(part.outputs, point, position, unit)
    if not _bends(layer):
        return [_Polygon(part.corners, part.outputs, part.active, (*part.next, z))]
    values = [z[0] * x + z[1] * y + z[2] for x, y in part.corners]
    kind, slope = layer.activation.kind, layer.activation.slope
    below = Fraction(0) if kind.is_gate else Fraction(float(slope))
    left = (below * z[0], below * z[1], below * z[2])
    found: list[_Polygon] = []
    if min(values) < 0 or max(values) == 0:
        corners = part.corners if max(values) <= 0 else _side(part.corners, [-v for v in values])
        found.append(_Polygon(corners, part.outputs, part.active, (*part.next, left)))
    if max(values) > 0:
        corners = part.corners if min(values) >= 0 else _side(part.corners, values)
        found.append(_Polygon(corners, part.outputs, (*part.active, name), (*part.next, z)))
    return found


def _pre_activation(
    outputs: Sequence[Affine], point: FloatPoint, position: int, unit: int
) -> Affine:
    """z = sum_i W_i r_i + b as a function of the inputs."""
    weights = [Fraction(row[unit]) for row in point.weights[position]]
    biases = point.biases[position]
    a, b, c = (
        sum((w * r[place] for w, r in zip(weights, outputs, strict=True)), Fraction(0))
        for place in range(3)
    )
    return a, b, c + (Fraction(biases[unit]) if biases is not None else 0)


def _side(corners: Sequence[Corner], values: Sequence[Fraction]) -> tuple[Corner, ...]:
    """The part of a convex polygon where an affine function, known at the corners, is >= 0."""
    found: list[Corner] = []
    around = [*zip(corners, values, strict=True), (corners[0], values[0])]
    for (corner, value), (following, after) in pairwise(around):
        if value >= 0:
            found.append(corner)
        if value * after < 0:
            share = value / (value - after)
            found.append((corner[0] + share * (following[0] - corner[0]),
                          corner[1] + share * (following[1] - corner[1])))  # fmt: skip
    return tuple(found)
