"""Witnesses: a point at which a proved equation says something.

What holds nowhere proves anything.  So no proof is given without one point of its scope at which
every assumption holds for certain, both sides have values, and, where kinks are left out, no
argument of a gate is 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice, product

from sympy import (
    Abs,
    Basic,
    Derivative,
    Expr,
    Heaviside,
    Integer,
    Max,
    Min,
    Symbol,
    Tuple,
    sign,
)

from derive.algebra.functions import LeakyReLU, ReLU, Step
from derive.algebra.nodes import nodes_of
from derive.algebra.quantities import Partial, Quantity, outermost, quantities_in, replace_whole
from derive.errors import NotRationalError
from derive.meaning.derivation import Equation
from derive.meaning.valuation import Valuation
from derive.model.instances import free_axes
from derive.model.model import Model
from derive.proving.points.sample_points import Point, points, valuation_at, with_given
from derive.proving.points.search import (
    assumptions_hold,
    differ,
    holds,
    instance_widths,
    side_values,
    sign_of,
)
from derive.proving.proof import Kinks, Scope
from derive.proving.smt import solver as smt

_GATED = (ReLU, LeakyReLU, Step, Abs, sign, Heaviside)
#: So many choices of units for free indices are tried at a point.
_MOST_UNITS = 4
#: The number of a point with unlike values.
_ANY_POINT, _LAST_POINT = 9, 13


def has_witness(
    model: Model,
    sides: tuple[Expr, Expr],
    where: Basic,
    assuming: tuple[Equation, ...],
    scope: Scope,
    written: tuple[Expr, ...] = (),
) -> bool:
    """Whether a point of the scope was found at which both sides have values.

    `written` is what the sides were before derivatives were worked out, gates in them included.
    """
    sizes = _sizes(model, Tuple(*sides, where))
    free_symbols = free_axes(model, *sides, where)
    units = [range(1, sizes[layer] + 1) for layer in free_symbols.values()]
    choices = [dict(zip(free_symbols, map(Integer, u), strict=True)) for u in product(*units)]
    gated = (*sides, *written)
    for values, at in _points(model, sizes, sides, where, assuming):
        valuation = valuation_at(model, sizes, values)
        for free in choices[:_MOST_UNITS]:
            if (
                assumptions_hold(valuation, assuming, at)
                and holds(valuation, where, at, free)
                and _has_values(valuation, sides, at, free)
                and (scope.kinks is not Kinks.EXCLUDED or _off_kinks(valuation, gated, at, free))
            ):
                return True
    return False


def _sizes(model: Model, parts: Basic) -> dict[Expr, int]:
    """Sizes of the layers, with room for the units that are named by numbers."""
    sizes = instance_widths(model)
    for quantity in quantities_in(parts):  # pyright: ignore[reportArgumentType]
        for layer, unit in zip(model.axes(quantity), quantity.indices, strict=False):
            if isinstance(unit, Integer) and layer in sizes:
                sizes[layer] = max(sizes[layer], int(unit))
    return sizes


def _points(
    model: Model,
    sizes: Mapping[Expr, int],
    sides: tuple[Expr, Expr],
    where: Basic,
    assuming: tuple[Equation, ...],
) -> Iterator[Point]:
    yield from points(model, sizes, sides, where, assuming)
    if any(part.has(Quantity, Partial) for part in (*sides, where)):
        return
    try:
        found = smt.model(where, sides)
    except (smt.MissingError, NotRationalError):
        return
    if found is not None:
        yield {}, with_given(where, found)


def may_be_equal(model: Model, left: Expr, right: Expr) -> bool:
    """Whether two expressions with the same free indices agree at one point, as far as is seen.

    Where both are 0, as by units that are all idle, they agree by accident, and another is tried.
    """
    sizes = instance_widths(model)
    free = {symbol: Integer(1) for symbol in free_axes(model, left, right)}
    for values, at in islice(points(model, sizes, (left, right)), _ANY_POINT, _LAST_POINT):
        pair = side_values(valuation_at(model, sizes, values), (left, right), at, free)
        if pair is None:
            return True
        if differ(*pair):
            return False
        if pair[0] != 0:
            return True
    return True


def _has_values(
    valuation: Valuation,
    sides: tuple[Expr, Expr],
    at: Mapping[Expr, Expr],
    free: Mapping[Symbol, Integer],
) -> bool:
    """Whether both sides have values; derivatives of an unspecified cost may have any."""
    if valuation.model.opaque(valuation.model.C.args[:2]):
        unknown = {
            atom: Integer(1)
            for side in sides
            for atom in outermost(valuation(side, free))
            if isinstance(atom, Partial)
        }
        sides = tuple(replace_whole(valuation(side, free), unknown) for side in sides)  # pyright: ignore
    return side_values(valuation, sides, at, free) is not None


def _off_kinks(
    valuation: Valuation,
    sides: tuple[Expr, ...],
    at: Mapping[Expr, Expr],
    free: Mapping[Symbol, Integer],
) -> bool:
    """Whether no argument of a gate is 0 for certain, those of the model's definitions included."""
    arguments: list[Expr] = []
    for side in sides:
        written = valuation.written_out(side, free)
        arguments += [node.args[0] for node in nodes_of(written, *_GATED)]
        for node in nodes_of(written, Max, Min):
            arguments += [a - b for a in node.args for b in node.args if str(a) < str(b)]  # pyright: ignore
    if any(side.has(Quantity, Partial) for side in sides):
        arguments += valuation.gate_arguments
    # A derivative in an argument is looked at where it is worked out.
    known = (a for a in arguments if not a.has(Derivative))
    return all(sign_of(valuation(a).xreplace(at)) in (1, -1) for a in known)
