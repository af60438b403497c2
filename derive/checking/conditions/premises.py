"""What an equation takes for granted: conditions on every unit, targets that sum to 1."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, product

from sympy import And, Basic, Eq, Expr, Integer

from derive.algebra.indices import free_indices, index, substitute
from derive.checking.sampling.pointwise import Point, same
from derive.checking.sampling.samples import places, values_at
from derive.deriving.first_order import targets_assumed
from derive.model.assumptions import rows_of_sum_one
from derive.model.defined_model import DefinedModel
from derive.model.instances import IllTypedError, free_axes
from derive.model.model import Model

#: Layers of at most so many units are written out where a condition speaks of all of them.
_MOST_UNITS = 6
#: The number that letters of assumptions carry, which no letter of an equation has.
_APART = 9
#: Points at which to see whether targets must sum to 1.
_FEW = 4


def for_all_units(network: Model, condition: Basic) -> Basic:
    """A condition on x_i as one on x_1, x_2, ...: what is assumed of each unit, of all.

    Where the widths are symbols or large, the letters stay, renamed apart from others.
    """
    letters = free_indices(condition)
    if not letters:
        return condition
    try:
        axes = free_axes(network, condition)
    except IllTypedError:
        return condition
    widths = [network.width(axis) for axis in axes.values()]
    if all(isinstance(width, Integer) and width <= _MOST_UNITS for width in widths):
        ranges = [range(1, int(width) + 1) for width in widths]
        return And(
            *(
                substitute(condition, dict(zip(axes, map(Integer, units), strict=True)))
                for units in product(*ranges)
            )
        )
    apart = {letter: index(f"{letter.name}_{_APART}") for letter in axes}
    return substitute(condition, apart)


def needs_targets(network: Model, left: Expr, right: Expr, where: Basic) -> bool:
    """Whether an equation fails at some point with targets that do not sum to 1.

    One that does is false without the assumption; one that does not is hardly going to be.
    """
    if not targets_assumed(network):
        return False
    somewhere = islice(places(network, free_axes(network, left, right), where), _FEW)
    moved = ((_with_larger_targets(point), units) for point, units in somewhere)
    return any(not same(*values) for values in values_at(moved, left, right))


def _with_larger_targets(point: Point) -> Point:
    return replace(
        point, given={q: 1.7 * v if q.kind == "y" else v for q, v in point.given.items()}
    )


def targets_that_sum_to_one(model: DefinedModel) -> Iterator[DefinedModel]:
    """The model in which the rows of one more target sum to 1, for each of its targets."""
    known = rows_of_sum_one(model)
    for head in model.given:
        entry, letters = model.general_entry(head)
        if model.role(head) == "target" and letters and head not in known:
            axis, letter = letters[-1]
            total = Eq(model.sum_over(axis, letter, entry), 1)
            yield replace(model, assumptions=(*model.assumptions, total))
