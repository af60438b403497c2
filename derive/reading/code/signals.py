"""Gradients by the argument of an activation that are called after its value, as delta_out is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sympy import Expr, Sum, cancel, fraction
from sympy.core.function import Application

from derive.algebra.functions import ReLU, Step
from derive.algebra.indices import substitute
from derive.algebra.quantities import Quantity
from derive.reading.code.arrays.array import IndexedArray
from derive.reading.code.arrays.operations import AT_ZERO
from derive.reading.code.arrays.scope import Drafted


def by_argument(
    draft: Drafted, by: IndexedArray, array: IndexedArray, *, of_last: bool = False
) -> IndexedArray:
    """The argument z of a = phi(z) where a gradient "by a" has the factor phi'(z); else a.

    d_hidden = (d_out @ W2.T) * hidden * (1 - hidden) is the gradient by z, as all that is
    computed from it says.  With `of_last`, so is every gradient "by a" of what is computed last,
    as d_output = output - y is: of the cross-entropy, whose factor phi'(z) has gone.
    """
    found = draft.defined.get(by.value.kind) if isinstance(by.value, Quantity) else None
    if found is None or not isinstance(found.value, Application):
        return by
    inner = found.value.args[0]
    same = [draft.axes.of(s) for s in by.slots if s] == [draft.axes.of(s) for s in array.slots if s]
    if not isinstance(inner, Quantity) or len(inner.indices) != len(by.value.indices) or not same:
        return by
    renamed = dict(zip(found.entry.indices, by.value.indices, strict=True))  # pyright: ignore
    applied, inner = (substitute(one, renamed) for one in (found.value, inner))
    if of_last and _is_last(draft, by.value.kind):
        return replace(by, value=inner)
    wanted = iter(letter for letter in by.letters if letter is not None)
    value = array.plain().at([None if s is None else next(wanted) for s in array.slots]).value
    if any(_divides(slope, value) for slope in _slopes(applied, inner, by.value)):  # pyright: ignore
        return replace(by, value=inner)
    return by


def _is_last(draft: Drafted, kind: str) -> bool:
    """Whether only numbers, and what compares it with targets, are computed from a quantity."""
    users = (one for one in draft.defined.values() if any(slot for slot in one.slots))
    using = (one for one in users if any(q.kind == kind for q in one.value.atoms(Quantity)))
    return all(not one.value.has(Sum) and _is_last(draft, one.entry.kind) for one in using)  # pyright: ignore


def _slopes(applied: Expr, inner: Quantity, outer: Expr) -> Iterator[Expr]:
    """phi'(z), in z and in the value a."""
    if isinstance(applied, ReLU):
        yield from (Step(one, AT_ZERO) for one in (inner, outer))
        return
    slope = applied.diff(inner)
    yield slope
    yield slope.subs(applied, outer)


def _divides(slope: Expr, value: Expr) -> bool:
    """Whether a value is a product with a factor."""
    named = slope.atoms(Quantity)
    if not named or not named & value.atoms(Quantity):
        return False
    below = fraction(cancel(value / slope))[1]
    return not below.atoms(Quantity) & named and not below.atoms(Step) & slope.atoms(Step)
