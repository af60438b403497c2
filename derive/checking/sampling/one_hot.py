"""Targets that are 1 for one class and 0 for all others, at points in floating point."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product as cartesian

from sympy import Expr, Symbol

from derive.algebra.quantities import Quantity
from derive.checking.sampling.pointwise import NoValueError, Point, Units, same
from derive.checking.sampling.samples import active_point
from derive.model.instances import IllTypedError, free_axes
from derive.model.model import Head, Model
from derive.model.network import Network

#: Points that are tried, for each letter that may name the class.
_POINTS = 2


def holds_for_a_class(network: Model, left: Expr, right: Expr) -> bool:
    """Whether an equation holds where one of its letters, or none, names the class.

    C = -log p_k does for targets with y_k = 1, and dC/dz_j = p_j for another class than j.
    Where it names a target y_k, the class is k.  It is looked at in floating point: what holds
    there is called neither wrong nor right.
    """
    try:
        axes = free_axes(network, left, right)
    except IllTypedError:
        return False
    counted = {axis for one in _targets(network) for axis in network.axes(one)}
    letters = [letter for letter, axis in axes.items() if axis in counted]
    if not letters:
        return False
    written = {
        index
        for side in (left, right)
        for quantity in side.atoms(Quantity)
        if _is_target(network, quantity.args[:2])  # pyright: ignore
        for index in quantity.indices
    }
    classes = [one for one in letters if one in written] if written else (*letters, None)
    return any(_holds(network, left, right, dict(axes), tuple(letters), named) for named in classes)


def _targets(network: Model) -> Iterator[Quantity]:
    """The targets, each without indices."""
    return (Quantity(*head) for head in network.given if _is_target(network, head))


def _is_target(network: Model, head: Head) -> bool:
    return network.role(head) == "target" or (isinstance(network, Network) and str(head[0]) == "y")


def _holds(
    network: Model,
    left: Expr,
    right: Expr,
    axes: dict[Symbol, Expr],
    letters: tuple[Symbol, ...],
    named: Symbol | None,
) -> bool:
    """Whether it holds where this one of the letters names the class, or none of them."""
    seen = False
    for number in range(_POINTS):
        for point, units in _places(active_point(network, number), axes, letters, named):
            try:
                fits = same(point.value(left, units), point.value(right, units))
            except NoValueError:
                continue
            if not fits:
                return False
            seen = True
    return seen


def _places(
    point: Point, axes: dict[Symbol, Expr], letters: tuple[Symbol, ...], named: Symbol | None
) -> Iterator[tuple[Point, Units]]:
    """The point with each class in turn, and units for the letters, of which one may name it."""
    for indices in cartesian(*(range(1, point.widths[axis] + 1) for axis in axes.values())):
        units = dict(zip(axes, indices, strict=True))
        others = {units[one] for one in letters if one is not named}
        widest = point.widths[axes[letters[0]]]
        for chosen in range(1, widest + 1) if named is None else (units[named],):
            if chosen not in others:
                yield _with_class(point, chosen), units


def _with_class(point: Point, chosen: int) -> Point:
    network = point.network
    given = {
        entry: float(entry.indices[-1] == chosen)
        if entry.indices and _is_target(network, (entry.kind, entry.layer))
        else value
        for entry, value in point.given.items()
    }
    return replace(point, given=given)
