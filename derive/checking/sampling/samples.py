"""A few generic points in floating point: a quick filter for equations, never a proof.

An equation that fails at one of them (away from every kink) is not worth a proof; what
passes is handed to the judge.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from itertools import product as cartesian
from random import Random

from sympy import Basic, Expr, Integer, Symbol

from derive.algebra.quantities import Quantity
from derive.checking.sampling.pointwise import NoValueError, Point, Units, same, slope_of
from derive.model.assumptions import rows_of_sum_one, with_rows_of_sum_one
from derive.model.instances import free_axes, shifts_of
from derive.model.model import Model
from derive.model.network import Network
from derive.proving.points.search import instance_widths

#: Points with all units active, and with mixed signs.
_ACTIVE, _MIXED = 3, 6


def sample_points(network: Model) -> Iterator[Point]:
    """Generic points of a network: some with all units active, some of every mixture."""
    for number in range(_ACTIVE):
        yield active_point(network, number)
    yield from _mixed_points(network)


@lru_cache(maxsize=256)
def active_point(network: Model, number: int) -> Point:
    """A point at which everything is positive, and so every unit is active."""
    return drawn(network, Random(2017 + number), positive=True)


@lru_cache(maxsize=64)
def _mixed_points(network: Model) -> tuple[Point, ...]:
    """Points at which different units are active."""
    source = Random(1986)
    found: dict[tuple[bool, ...], Point] = {}
    for _ in range(8 * _MIXED):
        if len(found) < _MIXED:
            point = drawn(network, source, positive=False)
            found.setdefault(_pattern(point), point)
    return tuple(found.values())


def drawn(
    network: Model, source: Random, *, positive: bool, widths: Mapping[Expr, int] | None = None
) -> Point:
    """A random point, at the given sizes if there are some; all of it positive if asked."""
    widths = widths or instance_widths(network)
    signs = (1.0,) if positive else (1.0, -1.0, 1.0)
    given: dict[Quantity, float] = {}
    for head in network.given:
        for entry in _entries(network, widths, Quantity(*head)):
            size = source.uniform(0.3, 1.7) * source.choice(signs)
            # What keeps a root or a denominator from 0 is positive.
            given[entry] = abs(size) if network.role(head) == "constant" else size
    if not isinstance(network, Network):
        for head in network.opaque(network.C.args[:2]):
            for entry in _entries(network, widths, Quantity(*head)):
                given[slope_of(network, entry)] = source.uniform(0.3, 1.7) * source.choice(signs)
    if rows := rows_of_sum_one(network):
        scaled = with_rows_of_sum_one(given, rows)  # pyright: ignore[reportArgumentType]
        given = {entry: float(value) for entry, value in scaled.items()}  # pyright: ignore
    symbols = {
        width: float(widths[layer])
        for layer in widths
        if isinstance(width := network.width(layer), Symbol)
    }
    slopes = {*network.slopes, network.step_at_zero}
    symbols |= {s: source.uniform(0.1, 0.9) for s in sorted(slopes, key=str) if s.is_Symbol}
    point = Point(network, widths, given, symbols)
    return _with_probabilities(point) if network.has_distributions else point


def _with_probabilities(point: Point) -> Point:
    """Targets between 0 and 1, with sum 1 where there are several (a softmax layer)."""
    targets = [entry for entry in point.given if entry.kind == "y"]
    total = sum(abs(point.given[t]) for t in targets) if len(targets) > 1 else 2.0
    scaled = {t: abs(point.given[t]) / total for t in targets}
    return replace(point, given={**point.given, **scaled})


def _pattern(point: Point) -> tuple[bool, ...]:
    """Which units are active."""
    network = point.network
    if isinstance(network, Network):
        heads = [("z", layer) for layer in network.layer_numbers[1:]]
    else:
        heads = [part for head in network.kinked for part in network.parts(head)]
    found: list[bool] = []
    for head in heads:
        for entry in _entries(network, point.widths, Quantity(*head)):
            with suppress(NoValueError):
                found.append(point.value(entry) > 0)
    return tuple(found)


def _entries(network: Model, widths: Mapping[Expr, int], bare: Quantity) -> Iterator[Quantity]:
    """All entries of a tensor."""
    for indices in cartesian(*(range(1, widths[axis] + 1) for axis in network.axes(bare))):
        yield bare.at(*map(Integer, indices))


def places(
    network: Model, axes: Mapping[Symbol, Expr], where: Basic
) -> Iterator[tuple[Point, Units]]:
    """Points, each with units for the free indices, at which a condition holds."""
    widths = instance_widths(network)
    every = list(cartesian(*(range(1, widths[axis] + 1) for axis in axes.values())))
    source = Random(1992)
    chosen = every if len(every) <= 4 else [every[0], *source.sample(every[1:], 3)]
    # Equal units bring out deltas, unequal ones indices that were exchanged.
    same_units = tuple(1 for _ in axes)
    chosen = [*dict.fromkeys([tuple(1 + n % 2 for n in range(len(axes))), same_units, *chosen])]
    chosen = [c for c in chosen if c in set(every)]
    for number, point in enumerate(sample_points(network)):
        for offset in range(min(2, len(chosen))):
            indices = chosen[(2 * number + offset) % len(chosen)]
            units = dict(zip(axes, indices, strict=True))
            if point.holds(where, units):
                yield point, units


def values_at(
    somewhere: Iterable[tuple[Point, Units]], left: Expr, right: Expr
) -> Iterator[tuple[float, float]]:
    """Both sides of an equation wherever they have values."""
    for point, units in somewhere:
        with suppress(NoValueError):
            yield point.value(left, units), point.value(right, units)


@lru_cache(maxsize=256)
def kept_places(
    network: Model, axes: tuple[tuple[Symbol, Expr], ...], where: Basic
) -> tuple[tuple[Point, Units], ...]:
    """All of `places`, for the many guesses that are looked at there."""
    return tuple(places(network, dict(axes), where))


@lru_cache(maxsize=256)
def places_apart(
    network: Model, axes: tuple[tuple[Symbol, Expr], ...], where: Basic
) -> tuple[tuple[Point, Units], ...]:
    """Two points of a model at sizes that all differ, so that one is not taken for another."""
    if isinstance(network, Network) or shifts_of(network):
        return ()
    sizes = {axis: network.width(axis) for axis in network.all_axes}
    widths = {
        axis: int(size) if isinstance(size, Integer) else number
        for number, (axis, size) in enumerate(sizes.items(), start=3)
    }
    source = Random(1968)
    units = {letter: 1 + number % 2 for number, (letter, _) in enumerate(axes)}
    units = {letter: min(units[letter], widths[axis]) for letter, axis in axes}
    points = [drawn(network, source, positive=one, widths=widths) for one in (True, False)]
    return tuple((point, units) for point in points if point.holds(where, units))


def holds_at_samples(network: Model, left: Expr, right: Expr, where: Basic) -> bool:
    """Whether an equation holds at all points at which it has values, and there are some.

    Raises:
        IllTypedError: when an index fits no layer.
    """
    return _seen_at_samples(network, left, right, where) is True


def fails_at_a_sample(network: Model, left: Expr, right: Expr, where: Basic) -> bool:
    """Whether a point was seen at which both sides have values, and not the same.

    Raises:
        IllTypedError: when an index fits no layer.
    """
    return _seen_at_samples(network, left, right, where) is False


def fails_at_other_sizes(network: Model, left: Expr, right: Expr, where: Basic) -> bool:
    """Whether an equation fails where all sizes differ, as 1/m for 1/n does there alone.

    Raises:
        IllTypedError: when an index fits no layer.
    """
    axes = tuple(free_axes(network, left, right).items())
    return _held(places_apart(network, axes, where), left, right) is False


@lru_cache(maxsize=4_096)
def _seen_at_samples(network: Model, left: Expr, right: Expr, where: Basic) -> bool | None:
    """Whether an equation holds at the points; nothing where it has values at none.

    The answer is kept: what tells how a document is meant is asked again when it is judged.
    """
    return _held(places(network, free_axes(network, left, right), where), left, right)


def _held(somewhere: Iterable[tuple[Point, Units]], left: Expr, right: Expr) -> bool | None:
    """Whether both sides are the same at some points; nothing where they have values at none."""
    held = None
    for first, second in values_at(somewhere, left, right):
        if not same(first, second):
            return False
        held = True
    return held


def is_wide(network: Model) -> bool:
    """Whether some layer has more units than the points of a search give values to."""
    return any(
        isinstance(network.width(layer), Integer) and network.width(layer) != size
        for layer, size in instance_widths(network).items()
    )
