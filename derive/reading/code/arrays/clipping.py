"""Clips: those that only guard a logarithm or an exponential, and those that are functions."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence

from sympy import Expr, Rational, S

from derive.algebra.quantities import Quantity
from derive.reading.code.arrays.array import IndexedArray
from derive.reading.code.arrays.axes import UnreadableError
from derive.reading.code.arrays.operations import exact, greater, relu, smaller
from derive.reading.code.arrays.scope import CodeScope, has_gradient

#: A clip within these bounds of what lies between 0 and 1 only guards a logarithm.
_CLOSE = exact(0.001)
#: A clip at numbers so large only keeps an exponential from overflowing.
_LARGE = 20


def clipped(
    node: ast.Call, array: IndexedArray, bounds: Sequence[ast.expr], scope: CodeScope
) -> IndexedArray:
    """min(max(z, low), high), or the array itself where the clip only guards what follows.

    Raises:
        UnreadableError: where bounds are no numbers, and of gradients: what is clipped is none.
    """
    if has_gradient(array.value):
        raise UnreadableError("what is clipped is no gradient any more")
    given = [(is_low, *_bound(one, scope)) for is_low, one in _bounds(node, bounds)]
    if not given:
        raise UnreadableError("a clip is read with a bound")
    values = [value for _, value, _ in given]
    if _are_guards(values, all(is_written for *_, is_written in given)):
        return array
    if len(values) == 2:
        low, high = values
        if low > high:
            raise UnreadableError("the lower bound of a clip is above the upper one")
        return array.plain().entrywise(lambda z: low + relu(z - low) - relu(z - high))
    single = greater if given[0][0] else smaller
    return array.plain().entrywise(lambda z: single(z, values[0]))


def _bounds(node: ast.Call, bounds: Sequence[ast.expr]) -> Iterator[tuple[bool, ast.expr]]:
    """The bounds that are given, each with whether it is the lower one."""
    named = {key.arg: key.value for key in node.keywords}
    for place, (short, long) in enumerate((("min", "a_min"), ("max", "a_max"))):
        one = named.get(short, named.get(long, bounds[place] if len(bounds) > place else None))
        if one is not None and not (isinstance(one, ast.Constant) and one.value is None):
            yield place == 0, one


def _bound(node: ast.expr, scope: CodeScope) -> tuple[Rational, bool]:
    """A bound, and whether nothing small stands in it; 1 - 1e-9 is 1."""
    value: Expr = scope.array(node).value
    guards = {*scope.draft.guards.values()}
    small = {q: S.Zero for q in value.atoms(Quantity) if q.kind in guards}
    whole = value.xreplace(small)
    if not isinstance(whole, Rational):
        raise UnreadableError("a clip is read where its bounds are numbers")
    return whole, not small


def _are_guards(values: Sequence[Rational], are_written: bool) -> bool:
    if all(abs(value) >= _LARGE for value in values):
        return True
    close = all(min(abs(value), abs(1 - value)) < _CLOSE for value in values)
    return close and not (are_written and all(value in (0, 1) for value in values))
