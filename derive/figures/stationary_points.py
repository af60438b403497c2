"""Where the cost over two weights is stationary and nowhere nearby: saddles, minima, maxima.

They are looked for in floats, and kept where exact numbers are found at which both derivatives
are exactly 0, no unit is at a kink, and the Hessian of the two weights is not singular, so that
the point is isolated.  A stationary point that no fraction names is left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import Any

from sympy import Expr, Rational

from derive.errors import DeriveError
from derive.evaluating.descent import rows_of
from derive.evaluating.evaluate import evaluate
from derive.figures.float_numbers import FloatPoint
from derive.model.network import Network

#: Of the values of a figure every so many are tried.
_EVERY = 3
_ROUNDS = 30
#: A difference of slopes, what Newton's method ends at, and how far a fraction may be.
_H, _ENOUGH, _NEAR = 1e-5, 1e-11, 1e-7
#: A determinant that small beside its products is that of a curve of stationary points.
_SINGULAR = 1e-5
_LARGEST_DENOMINATOR = 1000

Place = tuple[int, int, int]
Pair = tuple[float, float]


@dataclass(frozen=True)
class StationaryPoint:
    """Values of two weights, what is there ("saddle", "minimum" or "maximum"), and the cost."""

    at: tuple[Expr, Expr]
    kind: str
    cost: Expr


@dataclass(frozen=True)
class _Over:
    """A network over two weights W^(layer)_ij, whose places are counted from 0."""

    network: Network
    point: FloatPoint
    places: tuple[Place, Place]

    @property
    def names(self) -> tuple[str, str]:
        """What the weights are called among the parameters."""
        first, second = self.places
        return name_of_weight(self.network, first), name_of_weight(self.network, second)

    def slopes(self, at: Pair, indices: tuple[int, int]) -> Pair:
        """The derivatives of C, in floats, by the parameters with these indices."""
        point = self.point
        for place, value in zip(self.places, at, strict=True):
            point = point.with_weight(*place, value)
        found = [one.gradient for one in point.passes]
        share = len(found) if self.network.reduction == "mean" else 1
        first, second = (sum(one[n] for one in found) / share for n in indices)
        return first, second

    def exact(self, at: tuple[Expr, Expr]) -> StationaryPoint | None:
        """The point if C is stationary there, exactly, and nowhere nearby."""
        point = dict(self.network.point or {})
        for (layer, i, j), value in zip(self.places, at, strict=True):
            key = f"W{self.network.layer_numbers[layer]}"
            rows = [list(row) for row in rows_of(point[key])]
            rows[i][j] = value
            point[key] = rows
        try:
            found = evaluate(self.network, point, 2)
        except DeriveError:  # the cost has no value there
            return None
        assert found.gradient is not None and found.hessian is not None
        indices = [found.parameters.index(name) for name in self.names]
        if found.kinks or any(found.gradient[n] != 0 for n in indices):
            return None
        (a, b), (_, d) = ([found.hessian[i][j] for j in indices] for i in indices)
        kind = _kind(a, b, d)
        return None if kind is None else StationaryPoint(at, kind, found.C)


def stationary_points(
    network: Network,
    point: FloatPoint,
    parameters: Sequence[str],
    places: tuple[Place, Place],
    across: Sequence[float],
    up: Sequence[float],
) -> tuple[StationaryPoint, ...]:
    """Those between the first and the last value of each weight, by the value of the first.

    `parameters` are the names of all parameters, in the order of a gradient.
    """
    over = _Over(network, point, places)
    first, second = (parameters.index(name) for name in over.names)
    found: list[StationaryPoint] = []
    for at in dict.fromkeys(_candidates(over, (first, second), across, up)):
        x, y = map(float, at)
        inside = across[0] <= x <= across[-1] and up[0] <= y <= up[-1]
        one = over.exact(at) if inside else None
        found += () if one is None else (one,)
    return tuple(sorted(found, key=lambda one: (float(one.at[0]), float(one.at[1]))))


def _candidates(
    over: _Over, indices: tuple[int, int], across: Sequence[float], up: Sequence[float]
) -> Iterator[tuple[Expr, Expr]]:
    """Fractions near which Newton's method ends; some come more than once."""
    for start in _starts(over, indices, across, up):
        at = _by_newton(over, indices, start)
        if at is not None:
            first, second = map(_fraction, at)
            if first is not None and second is not None:
                yield first, second


def _starts(
    over: _Over, indices: tuple[int, int], across: Sequence[float], up: Sequence[float]
) -> Iterator[Pair]:
    """Values around which both derivatives have both signs."""
    columns, rows = _thinned(across), _thinned(up)
    slopes = [[over.slopes((a, b), indices) for a in columns] for b in rows]
    for row, column in product(range(1, len(rows) - 1), range(1, len(columns) - 1)):
        around = [slopes[row + i][column + j] for i, j in product((-1, 0, 1), repeat=2)]
        if all(min(one) < 0 < max(one) for one in zip(*around, strict=True)):
            yield columns[column], rows[row]


def _thinned(values: Sequence[float]) -> Sequence[float]:
    return (*values[:-1:_EVERY], values[-1])


def _by_newton(over: _Over, indices: tuple[int, int], start: Pair) -> Pair | None:
    """Where Newton's method ends, if it does and not on a curve of stationary points."""
    x, y = start
    for _ in range(_ROUNDS):
        (a, c), (b, d) = (
            [
                (high - low) / (2 * _H)
                for high, low in zip(
                    over.slopes((x + dx, y + dy), indices),
                    over.slopes((x - dx, y - dy), indices),
                    strict=True,
                )
            ]
            for dx, dy in ((_H, 0.0), (0.0, _H))
        )
        determinant = a * d - b * c
        if not abs(determinant) > _SINGULAR * max(abs(a * d), abs(b * c)):
            return None
        g, h = over.slopes((x, y), indices)
        s, t = (b * h - d * g) / determinant, (c * g - a * h) / determinant
        x, y = x + s, y + t
        if abs(s) + abs(t) < _ENOUGH:
            return x, y
    return None


def _fraction(value: float) -> Expr | None:
    """The fraction of few digits that a float is, as nearly as is to be expected."""
    near = Fraction(value).limit_denominator(_LARGEST_DENOMINATOR)
    return Rational(near.numerator, near.denominator) if abs(near - value) < _NEAR else None


def _kind(a: Any, b: Any, d: Any) -> str | None:
    """What [a b; b d] makes of a stationary point; None where it is singular."""
    determinant = a * d - b * b
    if not determinant.is_number or determinant == 0:
        return None
    if determinant < 0:
        return "saddle"
    return "minimum" if a > 0 else "maximum"


def name_of_weight(network: Network, place: Place) -> str:
    """What evaluations call the entry of a weight matrix, whose layer and indices begin with 0."""
    layer, i, j = place
    return f"W{network.layer_numbers[layer]}[{i},{j}]"
