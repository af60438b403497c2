"""Gradients by the argument of an activation that are called after its value, as delta_out is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sympy import Expr, cancel, fraction
from sympy.core.function import Application

from derive.algebra.functions import ReLU, Step
from derive.algebra.indices import substitute
from derive.algebra.quantities import Quantity
from derive.reading.code.arrays.array import IndexedArray
from derive.reading.code.arrays.operations import AT_ZERO
from derive.reading.code.arrays.scope import Drafted


def by_argument(draft: Drafted, by: IndexedArray, array: IndexedArray) -> IndexedArray:
    """The argument z of a = phi(z) where a gradient "by a" has the factor phi'(z); else a.

    d_hidden = (d_out @ W2.T) * hidden * (1 - hidden) is the gradient by z, as all that is
    computed from it says.
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
    wanted = iter(letter for letter in by.letters if letter is not None)
    value = array.plain().at([None if s is None else next(wanted) for s in array.slots]).value
    if any(_divides(slope, value) for slope in _slopes(applied, inner, by.value)):  # pyright: ignore
        return replace(by, value=inner)
    return by


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
