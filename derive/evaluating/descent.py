"""One step of gradient descent from a point, exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Expr, Float, Rational

from derive.errors import DeriveError
from derive.evaluating.evaluate import evaluate
from derive.evaluating.evaluation import Evaluation
from derive.model.network import Network

#: Rates of gradient descent, of which the first is taken that makes the cost smaller.
RATES = (Rational(1, 10), Rational(1, 100), Rational(1, 1000))
#: To how many digits a derivative that is no exact number is taken.
DIGITS = 8

Point = Mapping[str, Any]
Numbers = Sequence[Sequence[Expr]]
Group = tuple[str, Expr]


@dataclass(frozen=True)
class DescentStep:
    """The rate of a step, the point that it leads to, and the cost there."""

    rate: Expr
    point: Point
    cost: Expr


def first_step(network: Network, found: Evaluation) -> DescentStep | None:
    """The step from the point of a network, whose evaluation with gradient is `found`.

    None where no rate makes the cost smaller.
    """
    assert network.point is not None and found.gradient is not None
    gradient = by_group(network, found.gradient)
    for rate in RATES:
        stepped = moved_along(network.point, gradient, rate)
        try:
            after = evaluate(network, stepped, 0)
        except DeriveError:  # the step leaves the points at which the cost has a value
            continue
        if found.C > after.C:
            return DescentStep(rate, stepped, after.C)
    return None


def by_group(network: Network, entries: Sequence[Expr]) -> dict[Group, Numbers]:
    """The entries of a gradient as matrices and columns, by what they are derivatives by."""
    left = list(entries)
    found: dict[Group, Numbers] = {}
    for kind, source in network.parameter_groups:
        rows = int(network.width(source)) if kind == "W" else 1
        columns = int(network.width(source + 1))
        matrix = [[left.pop(0) for _ in range(columns)] for _ in range(rows)]
        found[kind, source] = matrix if kind == "W" else [[entry] for entry in matrix[0]]
    return found


def rows_of(numbers: Any) -> Numbers:
    """A matrix as its rows; a vector as a column."""
    return [row if isinstance(row, list | tuple) else [row] for row in numbers]


def moved_along(point: Point, gradient: Mapping[Group, Numbers], rate: Expr) -> Point:
    """The point with each parameter less the rate times what belongs to it."""
    new: dict[str, Any] = dict(point)
    for (kind, layer), slopes in gradient.items():
        old = rows_of(point[f"{kind}{layer}"])
        moved = [
            [a - rate * rational(slope) for a, slope in zip(*rows, strict=True)]
            for rows in zip(old, slopes, strict=True)
        ]
        new[f"{kind}{layer}"] = moved if kind == "W" else [row[0] for row in moved]
    return new


def rational(entry: Expr) -> Expr:
    """An exact number; a decimal to the digits that are shown."""
    return Rational(str(Float(entry, DIGITS))) if entry.is_Float else entry
