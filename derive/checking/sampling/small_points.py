"""The smallest sizes at which a wrong equation of a model from definitions fails.

A point of a model is read more easily if its tensors are small and whole: so one size after
another is tried from 1 on, in floating point first, and entries that do not matter are 1.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import product
from random import Random

from sympy import Basic, Expr, Integer, S, Symbol

from derive.algebra.quantities import Quantity, ascii_name
from derive.checking.sampling.pointwise import same
from derive.checking.sampling.samples import drawn, values_at
from derive.model.instances import free_axes
from derive.model.model import Model
from derive.proving import Counterexample
from derive.proving.points.search import (
    best_of,
    differences_as_written,
    instance_widths,
    with_larger_means,
)

#: Sizes that are tried, and models of more axes are left at the sizes of the search.
_SIZES = (1, 2, 3)
_MOST_AXES = 6
_POINTS = 2


def smaller(
    model: Model, left: Expr, right: Expr, where: Basic, found: Counterexample
) -> Counterexample:
    """A counterexample with the smallest sizes at which there is one, each tensor whole.

    Sizes are listed by the names of their axes.  Where none is found, it is the one given.
    """
    usual = instance_widths(model)
    for widths in _assignments(model, usual):
        if widths == usual or not _fails(model, left, right, where, widths):
            continue
        better = best_of(differences_as_written(model, left, right, where, widths=widths))
        if better is not None and better.generic:
            return _whole(model, widths, better.point)
    known = (_whole(model, widths, found) for widths in (usual, with_larger_means(model, usual)))
    return next((one for one in known if found.values.keys() <= one.values.keys()), found)


def _assignments(model: Model, usual: Mapping[Expr, int]) -> Iterator[dict[Expr, int]]:
    """Sizes of the axes, the smaller in all the sooner; those that are numbers stay."""
    free = [axis for axis in usual if isinstance(model.width(axis), Symbol)]
    if len(free) > _MOST_AXES:
        return
    every = product(_SIZES, repeat=len(free))
    for sizes in sorted(every, key=lambda chosen: (sum(chosen), max(chosen, default=0))):
        if sum(size > 2 for size in sizes) < 2:
            yield {**usual, **dict(zip(free, sizes, strict=True))}


def _fails(model: Model, left: Expr, right: Expr, where: Basic, widths: Mapping[Expr, int]) -> bool:
    """Whether the sides differ at a random point of these sizes, for some units."""
    axes = free_axes(model, left, right)
    ranges = [range(1, min(2, widths[axis]) + 1) for axis in axes.values()]
    points = (
        drawn(model, Random(number), positive=number == 0, widths=widths)
        for number in range(_POINTS)
    )
    somewhere = (
        (point, units)
        for point in points
        for chosen in product(*ranges)
        if point.holds(where, units := dict(zip(axes, chosen, strict=True)))
    )
    return any(not same(*values) for values in values_at(somewhere, left, right))


def _whole(model: Model, widths: Mapping[Expr, int], found: Counterexample) -> Counterexample:
    """With the sizes of its axes, and every entry of the tensors that it names."""
    entries: dict[str, Expr] = {}
    axes: dict[Expr, None] = {}
    for head in model.given:
        bare = Quantity(*head)
        own = model.axes(bare)
        ranges = [range(1, widths[axis] + 1) for axis in own]
        names = [ascii_name(bare.at(*map(Integer, units))) for units in product(*ranges)]
        if any(name in found.values for name in names):
            axes |= dict.fromkeys(own)
            entries |= {name: found.values.get(name, S.One) for name in names}
    sizes = {
        str(axis): Integer(widths[axis]) for axis in axes if isinstance(model.width(axis), Symbol)
    }
    units = {name: value for name, value in found.values.items() if "[" not in name}
    return replace(found, values=sizes | units | entries)
