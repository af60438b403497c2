"""The cost along one weight, and over two weights, around the point of a network."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sympy import Expr, Float, Integer

from derive.algebra.quantities import Quantity
from derive.errors import DeriveError
from derive.evaluating.descent import by_group, first_step, rows_of
from derive.evaluating.evaluate import evaluate
from derive.evaluating.evaluation import Evaluation
from derive.evaluating.given import read_given
from derive.evaluating.passes import Passes
from derive.figures.float_numbers import FloatPoint, cost_of
from derive.figures.stationary_points import StationaryPoint, name_of_weight, stationary_points
from derive.model.network import Network

#: Networks of more units and samples are too much work for so many points.
MOST_UNITS = 40
_ALONG, _OVER = 120, 60
#: How far a line, and a surface, goes to each side: in multiples of the weight, and at least.
_LINE_REACH, _SURFACE_REACH = (1.5, 2.0), (1.8, 0.6)
#: What rounding may leave of a pre-activation that is at a kink.
_ROUNDING = 1e-12
_HALVINGS = 60
#: The shortest arrow, as a part of the width of a figure.
_SHORTEST = 0.02
#: To how many decimals kinks are told apart.
_DIGITS = 9
_LINES = 3

Floats = tuple[float, ...]
Grid = tuple[Floats, ...]
#: How far each pre-activation is from each kink of its unit.
Gaps = dict[tuple[Quantity, float], float]


@dataclass(frozen=True)
class WeightEntry:
    """A weight: its name, its place W^(layer)_ij counted from 0, its value, the slope of C."""

    name: Quantity
    place: tuple[int, int, int]
    value: float
    slope: float


@dataclass(frozen=True)
class LineKink:
    """Where units come to a kink along a weight, and the cost there."""

    units: tuple[Quantity, ...]
    at: float
    cost: float


@dataclass(frozen=True)
class CostLine:
    """The cost along a weight, with all others as they are at the point."""

    weight: WeightEntry
    weights: Floats
    costs: Floats
    kinks: tuple[LineKink, ...]


@dataclass(frozen=True)
class CostLines:
    """The cost along some weights, the steepest of each layer; `cost` is that of the point."""

    symbol: Quantity
    cost: float
    lines: tuple[CostLine, ...]


@dataclass(frozen=True)
class RegionBorder:
    """How far a pre-activation is from a kink, over the grid: it is 0 on the border."""

    unit: Quantity
    gaps: Grid


@dataclass(frozen=True)
class ShownStep:
    """The first step of gradient descent in two weights; it may move others too."""

    rate: Expr
    to: tuple[float, float]
    is_whole: bool


@dataclass(frozen=True)
class CostSurface:
    """The cost over two weights; a row of `costs` for each value of the second.

    `errors` is the output less the target, where there is one of each: the cost is stationary
    where it is 0.  `newton` is where Newton's step in these two weights leads, if it is in sight.
    `stationary` has the points in sight at which it is stationary, and nowhere nearby.
    """

    symbol: Quantity
    first: WeightEntry
    second: WeightEntry
    cost: float
    across: Floats
    up: Floats
    costs: Grid
    borders: tuple[RegionBorder, ...]
    step: ShownStep | None
    errors: Grid | None = None
    newton: tuple[float, float] | None = None
    stationary: tuple[StationaryPoint, ...] = ()

    @property
    def step_is_seen(self) -> bool:
        """Whether the step is long enough to be drawn as an arrow."""
        if self.step is None:
            return False
        ends = zip(self.step.to, (self.first, self.second), (self.across, self.up), strict=True)
        parts = (abs(to - one.value) / (values[-1] - values[0]) for to, one, values in ends)
        return max(parts) >= _SHORTEST


@dataclass(frozen=True)
class _Site:
    """The point of a network, exactly and in floats."""

    network: Network
    found: Evaluation
    point: FloatPoint
    weights: tuple[tuple[WeightEntry, ...], ...]  #: by layer

    def at(self, *moved: tuple[WeightEntry, float]) -> Sequence[Passes[float]]:
        """The passes with some weights moved."""
        point = self.point
        for weight, value in moved:
            point = point.with_weight(*weight.place, value)
        return point.passes

    @property
    def steepest(self) -> list[WeightEntry]:
        """Of each layer the weight along which C is steepest, the first of equals."""
        return [max(layer, key=lambda one: abs(one.slope)) for layer in self.weights]


def cost_lines(network: Network) -> CostLines | None:
    """The cost along one weight of each layer; None where the network has no such point."""
    site = _site(network)
    if site is None:
        return None
    chosen = sorted(site.steepest, key=lambda one: -abs(one.slope))[:_LINES]
    lines = (_line(site, one) for one in sorted(chosen, key=lambda one: one.place))
    return CostLines(network.C, float(site.found.C), tuple(lines))


def cost_surface(network: Network) -> CostSurface | None:
    """The cost over two weights, steep ones and of two layers if there are two.

    None where the network has no such point, or one weight only.
    """
    site = _site(network)
    if site is None or sum(map(len, site.weights)) < 2:
        return None
    candidates = site.steepest
    if len(candidates) < 2:
        candidates = list(site.weights[0])
    chosen = sorted(candidates, key=lambda one: -abs(one.slope))[:2]
    first, second = sorted(chosen, key=lambda one: one.place)
    step = _step(site, first, second)
    towards = step.to if step else (first.value, second.value)
    across, up = (
        _with_kinks(site, weight, _values(weight.value, _SURFACE_REACH, _OVER, end))
        for weight, end in zip((first, second), towards, strict=True)
    )
    over = [[site.at((first, a), (second, b)) for a in across] for b in up]
    costs = tuple(tuple(cost_of(network, one) for one in row) for row in over)
    gaps = [[_gaps(network, one) for one in row] for row in over]
    borders = tuple(
        RegionBorder(key[0], tuple(tuple(one[key] for one in row) for row in gaps))
        for key in gaps[0][0]
        if len({one[key] > 0 for row in gaps for one in row}) > 1
    )
    cost = float(site.found.C)
    errors = _errors(site, over)
    newton = _newton(site, first, second)
    if newton is not None:
        inside = across[0] <= newton[0] <= across[-1] and up[0] <= newton[1] <= up[-1]
        newton = newton if inside else None
    names, places = site.found.parameters, (first.place, second.place)
    still = stationary_points(network, site.point, names, places, across, up)
    return CostSurface(
        network.C, first, second, cost, across, up, costs, borders, step, errors, newton, still
    )


def _errors(site: _Site, over: Sequence[Sequence[Sequence[Passes[float]]]]) -> Grid | None:
    """The output less the target over the grid; None where it is 0 nowhere, or is no number."""
    network, point = site.network, site.network.point
    if network.cost is None or not network.cost.has_difference or point is None:
        return None
    if "samples" in point or int(network.width(network.last)) != 1:
        return None
    target = float(Float(rows_of(point["y"])[0][0]))
    found = tuple(tuple(one[0].forward.r[-1][0] - target for one in row) for row in over)
    return found if len({error > 0 for row in found for error in row}) > 1 else None


def _newton(site: _Site, first: WeightEntry, second: WeightEntry) -> tuple[float, float] | None:
    """Where Newton's step leads, of the cost as a function of two weights alone."""
    network, point = site.network, site.network.point
    if site.found.kinks or point is None:
        return None
    found = evaluate(network, point, 2)
    assert found.hessian is not None
    names = [str(name) for name in found.parameters]
    places = [names.index(name_of_weight(network, weight.place)) for weight in (first, second)]
    (a, b), (c, d) = ([float(found.hessian[i][j]) for j in places] for i in places)
    determinant = a * d - b * c
    if abs(determinant) <= _ROUNDING * max(abs(a * d), abs(b * c), _ROUNDING):
        return None
    g, h = first.slope, second.slope
    return (
        first.value - (d * g - b * h) / determinant,
        second.value - (a * h - c * g) / determinant,
    )


def _site(network: Network) -> _Site | None:
    """None where there is no point, where numbers are missing, or for too large a network."""
    if network.point is None or any(one.free_symbols for one in network.hyperparameters):
        return None
    try:
        given = read_given(network, network.point)
        units = sum(int(network.width(number)) for number in network.layer_numbers)
        if units * len(given.samples) > MOST_UNITS:
            return None
        found = evaluate(network, network.point, 1)
    except DeriveError:  # the cost has no value there
        return None
    assert found.gradient is not None
    if not all(slope.is_number for slope in found.gradient):
        return None
    point = FloatPoint.of(network, given)
    slopes = by_group(network, found.gradient)
    layers = tuple(
        tuple(
            WeightEntry(
                network.quantity("W", source, Integer(i + 1), Integer(j + 1)),
                (network.position(source), i, j),
                point.weights[network.position(source)][i][j],
                float(slope),
            )
            for i, row in enumerate(slopes[kind, source])
            for j, slope in enumerate(row)
        )
        for kind, source in network.parameter_groups
        if kind == "W"
    )
    return _Site(network, found, point, layers)


def _values(
    center: float, size: tuple[float, float], steps: int, end: float | None = None
) -> Floats:
    """Equal steps around a value, with the value and 0 among them; `end` is to be in sight."""
    multiple, least = size
    away = 0.0 if end is None else abs(end - center)
    reach = max(least, multiple * abs(center), multiple * away)
    low = center - reach
    grid = {low + 2 * reach * n / steps for n in range(steps + 1)} | {center}
    return tuple(sorted(grid | ({0.0} if abs(center) < reach else set())))


def _with_kinks(site: _Site, weight: WeightEntry, values: Floats) -> Floats:
    """The values with those at which a unit comes to a kink: some regions end exactly there."""
    return tuple(sorted({*values, *_kinks(site, weight, values)}))


def _line(site: _Site, weight: WeightEntry) -> CostLine:
    """The cost along a weight; points at which a kink is met are among those drawn."""
    network = site.network
    values = _values(weight.value, _LINE_REACH, _ALONG)
    kinks = _kinks(site, weight, values)
    places = tuple(sorted({*values, *kinks}))
    costs = tuple(cost_of(network, site.at((weight, value))) for value in places)
    there = dict(zip(places, costs, strict=True))
    found = (LineKink(units, at, there[at]) for at, units in sorted(kinks.items()))
    return CostLine(weight, places, costs, tuple(found))


def _kinks(site: _Site, weight: WeightEntry, values: Floats) -> dict[float, tuple[Quantity, ...]]:
    """Where units come to a kink along a weight, between the first of its values and the last."""
    network = site.network
    signs = [_signs(network, site.at((weight, value))) for value in values]
    found: dict[float, dict[Quantity, None]] = {}
    for (low, high), (before, after) in zip(pairwise(values), pairwise(signs), strict=True):
        for key, sign in before.items():
            if sign != after[key]:
                at = _turn(lambda w, key=key: _signs(network, site.at((weight, w)))[key],
                           low, high)  # fmt: skip
                found.setdefault(round(at, _DIGITS) + 0.0, {})[key[0]] = None
    return {at: tuple(units) for at, units in found.items()}


def _turn(sign: Callable[[float], int], low: float, high: float) -> float:
    """Where the sign changes between two values: the end at which it is 0, or by halving."""
    first = sign(low)
    if first == 0 and sign(high) != 0:
        low, high, first = high, low, sign(high)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if sign(middle) == first else (low, middle)
    return high


def _gaps(network: Network, passes: Sequence[Passes[float]]) -> Gaps:
    """For each unit with kinks its distance from each; of several samples those of the first."""
    found: Gaps = {}
    for number, row in zip(network.layer_numbers[1:], passes[0].forward.z, strict=True):
        for kink in network.layer(number).activation.kind.kinks:
            for unit, z in enumerate(row):
                name = network.quantity("z", number, Integer(unit + 1))
                found[name, float(kink)] = z - float(kink)
    return found


def _signs(network: Network, passes: Sequence[Passes[float]]) -> dict[tuple[Quantity, float], int]:
    return {
        key: (gap > _ROUNDING) - (gap < -_ROUNDING) for key, gap in _gaps(network, passes).items()
    }


def _step(site: _Site, first: WeightEntry, second: WeightEntry) -> ShownStep | None:
    step = first_step(site.network, site.found)
    if step is None:
        return None
    to: list[float] = []
    for weight in (first, second):
        layer, i, j = weight.place
        rows = step.point[f"W{site.network.layer_numbers[layer]}"]
        wide = rows if isinstance(rows[0], list | tuple) else [rows]
        to.append(float(Float(rows_of(wide)[i][j])))
    assert site.found.gradient is not None
    moved = sum(slope != 0 for slope in site.found.gradient)
    is_whole = moved == sum(weight.slope != 0 for weight in (first, second))
    return ShownStep(step.rate, (to[0], to[1]), is_whole)
