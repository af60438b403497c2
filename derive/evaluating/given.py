"""The exact numbers that a network is evaluated at, in the shapes of the mathematics."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from sympy import Integer

from derive.algebra.arguments import instance_of, several
from derive.algebra.numerals import as_printed
from derive.errors import DeriveError
from derive.evaluating.enclosures import Number, constant
from derive.model.literals import shown
from derive.model.nested_numbers import in_rows
from derive.model.network import Network

Vector = tuple[Number, ...]
Matrix = tuple[Vector, ...]


@dataclass(frozen=True)
class Given:
    """The numbers of a point: (x, y) of each sample, W^(k) by rows, b^(k) or None."""

    samples: tuple[tuple[Vector, Vector], ...]
    weights: tuple[Matrix, ...]
    biases: tuple[Vector | None, ...]


def read_given(network: Network, point: Mapping[str, Any] | None) -> Given:
    """Check a point against its network, and take its numbers.

    Raises:
        DeriveError: when the network has no cost or a layer of unknown size, or when a number
            is missing, superfluous, inexact or out of place.
    """
    if network.cost is None:
        raise DeriveError(f"{network.name} has no cost, so there is nothing to evaluate")
    widths: list[int] = []
    for number in network.layer_numbers:
        if not isinstance(network.width(number), Integer):
            raise DeriveError(
                f"layer {number} has {network.width(number)} units; "
                "only layers of known size can be evaluated"
            )
        widths.append(int(network.width(number)))
    if point is None:
        raise DeriveError(f"{network.name} has no [point]; give one with numbers for x, y, W0, …")
    instance_of(Mapping, point, "the point")
    known = {f"{kind}{source}" for kind, source in network.parameter_groups}
    known |= {"samples"} if "samples" in point else {"x", "y"}
    if extra := sorted(set(map(str, point)) - known):
        raise DeriveError(f"the point has {shown(extra[0])}, for which this network has no place")
    rows: tuple[Any, ...] = several(point.get("samples", (point,)), "samples")
    samples = [instance_of(Mapping, row, "each of samples") for row in rows]
    if not samples:
        raise DeriveError("the point has no samples")
    return Given(
        tuple((_rows(s, "x", 1, widths[0])[0], _rows(s, "y", 1, widths[-1])[0]) for s in samples),
        tuple(_rows(point, f"W{k}", *widths[k : k + 2]) for k in range(network.depth)),
        tuple(
            _rows(point, f"b{k}", 1, widths[k + 1])[0] if layer.bias else None
            for k, layer in enumerate(network.layers)
        ),
    )


def read_direction(network: Network, given: Given, vector: Mapping[str, Any]) -> Given:
    """Check a direction, the names of parameters with numbers, against a point of its network.

    Parameters that it does not name stay.

    Raises:
        DeriveError: when a number is superfluous, inexact or out of place.
    """
    instance_of(Mapping, vector, "the vector")
    known = {f"{kind}{source}" for kind, source in network.parameter_groups}
    if extra := sorted(set(map(str, vector)) - known):
        raise DeriveError(
            f"the vector has {shown(extra[0])}, and a direction has {', '.join(sorted(known))}"
        )
    still = constant(0)
    weights: list[Matrix] = []
    biases: list[Vector | None] = []
    for k, (rows, bias) in enumerate(zip(given.weights, given.biases, strict=True)):
        has = f"W{k}" in vector
        zeros = tuple((still,) * len(row) for row in rows)
        weights.append(_rows(vector, f"W{k}", len(rows), len(rows[0])) if has else zeros)
        if bias is None:
            biases.append(None)
        else:
            has = f"b{k}" in vector
            biases.append(_rows(vector, f"b{k}", 1, len(bias))[0] if has else (still,) * len(bias))
    return Given(given.samples, tuple(weights), tuple(biases))


def _rows(point: Mapping[str, Any], name: str, rows: int, columns: int) -> Matrix:
    """The numbers under a name; a single row or column may be flat, one number bare."""
    if name not in point:
        raise DeriveError(f"the point has no {name}")
    value = in_rows(point[name], rows, columns)
    if value is None:
        numbers = f"{columns} number{'s' if columns > 1 else ''}"
        shape = numbers if name[0] in "xyb" else f"{rows} row{'s' if rows > 1 else ''} of {numbers}"
        raise DeriveError(f"{name} must be {shape}, which is not what the point gives")
    return tuple(tuple(_number(name, entry) for entry in row) for row in value)


def _number(name: str, value: Any) -> Number:
    """An exact number."""
    number = as_printed(value)
    if number is None:
        raise DeriveError(f'{name} holds exact numbers such as "3/2" or "0.15", not {shown(value)}')
    return constant(Fraction(int(number.numerator), int(number.denominator)))
