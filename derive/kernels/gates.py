"""Points of models from definitions at which a gate is 0, a little off 0, or all are closed.

A gate is u of Step(u), ReLU(u), |u|, ...: it has a kink where u = 0.  u is moved to a value by one
given entry t.  Where u is affine in t, as it mostly is on one side of all other kinks, t + (value -
u)/slope does it; whether it did is read off the exact value there, so that nothing is taken on
trust, and only binary fractions are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from random import Random
from typing import Any

from sympy import Expr, Integer, Rational

from derive.errors import DeriveError
from derive.evaluating.model_values import gate_values
from derive.kernels.points import BESIDE, Point, model_points
from derive.model.assumptions import rows_of_sum_one
from derive.model.defined_model import DefinedModel

#: How far an entry is moved to see how a gate goes with it.
_NEARBY = Rational(1, 4096)
#: Binary fractions that float32 holds have smaller denominators, and numerators.
_LARGEST = 2**20
#: Points that are tried, and moves of one of them.
_POINTS, _MOVES = 20, 60

Place = tuple[str, tuple[int, ...]]


def beside_a_kink(model: DefinedModel, draw: Random) -> Iterator[tuple[str, Point]]:
    """Points with one gate at 0 and at 1/1024 and -1/1024.

    Raises:
        DeriveError: when the model has no gate, or none could be moved there.
    """
    _needed_gates(model)
    for point, gates in _points(model, draw):
        for gate in draw.sample(list(gates), len(gates)):
            for place in _shuffled(model, point, draw):
                found = [
                    _moved(model, point, place, gate, value)
                    for value in (Integer(0), BESIDE, -BESIDE)
                ]
                if all(found):
                    kinds = ("kink", "above the kink", "below the kink")
                    yield from zip(kinds, filter(None, found), strict=True)
                    return
    raise DeriveError(f"no point on a kink of {model.name} was found; try another seed")


def closed(model: DefinedModel, draw: Random) -> Point:
    """A point with every gate below 0, so that each Step is 0.

    Raises:
        DeriveError: when the model has no gate, or no such point was found.
    """
    _needed_gates(model)
    for start, _ in _points(model, draw):
        point = start
        for _ in range(_MOVES):
            gates = gate_values(model, point)
            opened = [gate for gate, value in gates.items() if not value < 0]
            if not opened:
                return point
            point = _less(model, point, draw.choice(opened), gates, draw)
    raise DeriveError(
        f"no point with every gate of {model.name} closed was found; try another seed"
    )


def _needed_gates(model: DefinedModel) -> None:
    if not model.kinked:
        raise DeriveError(
            f"{model.name} has no kinks: its definitions have no ReLU, maximum or case that"
            " changes at some value"
        )


def _points(model: DefinedModel, draw: Random) -> Iterator[tuple[Point, Mapping[str, Expr]]]:
    """Points that are drawn, and the gates that have values there."""
    for _ in range(_POINTS):
        for point in model_points(model, draw):
            try:
                gates = gate_values(model, point)
            except DeriveError:
                continue
            yield point, gates
            break


def _less(
    model: DefinedModel, point: Point, gate: str, gates: Mapping[str, Expr], draw: Random
) -> Point:
    """A point at which a gate is below 0, and no more are open than before; the same if none is."""
    for place in _shuffled(model, point, draw):
        found = _moved(model, point, place, gate, Rational(-draw.randint(1, 8), 4))
        if found is not None and _open(gate_values(model, found)) < _open(gates):
            return found
    return point


def _open(gates: Mapping[str, Expr]) -> int:
    return sum(not value < 0 for value in gates.values())


def _moved(model: DefinedModel, point: Point, place: Place, gate: str, value: Expr) -> Point | None:
    """The point with one entry moved so that a gate has exactly a value, if one step does it."""
    before = gate_values(model, point)[gate]
    entry = _entry(point, place)
    nearby = gate_values(model, _with(point, place, entry + _NEARBY))[gate]
    if nearby == before or not (before.is_Rational and nearby.is_Rational):
        return None
    found = entry + (value - before) * _NEARBY / (nearby - before)
    if not _is_binary(found):
        return None
    there = _with(point, place, found)
    try:
        return there if gate_values(model, there)[gate] == value else None
    except DeriveError:
        return None


def _is_binary(number: Any) -> bool:
    """Whether float32 has this number exactly, with digits to spare."""
    power = number.q & (number.q - 1) == 0
    return power and number.q <= _LARGEST and abs(number.p) <= _LARGEST


def _shuffled(model: DefinedModel, point: Point, draw: Random) -> list[Place]:
    """The entries of what is given, in some order; constants and rows of sum 1 stay."""
    sums = rows_of_sum_one(model)
    free = [h for h in model.given if model.role(h) != "constant" and h not in sums]
    places = [(str(head[0]), one) for head in free for one in _places(point[str(head[0])])]
    return draw.sample(places, len(places))


def _places(value: Any) -> Iterator[tuple[int, ...]]:
    if not isinstance(value, tuple):
        yield ()
        return
    for number, part in enumerate(value):
        yield from ((number, *rest) for rest in _places(part))


def _entry(point: Point, place: Place) -> Any:
    name, units = place
    found = point[name]
    for unit in units:
        found = found[unit]
    return found


def _with(point: Point, place: Place, number: Expr) -> Point:
    """The point with another number in one place."""

    def changed(value: Any, units: tuple[int, ...]) -> Any:
        if not units:
            return number
        unit, *rest = units
        return tuple(
            changed(part, tuple(rest)) if other == unit else part
            for other, part in enumerate(value)
        )

    name, units = place
    return {**point, name: changed(point[name], units)}
