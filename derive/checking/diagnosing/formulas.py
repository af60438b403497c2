"""Guesses about models from definitions: what may be lost or misplaced in a backward formula.

What is lost is looked for among the tensors of the model, the sizes of its axes, and the factors
and terms of the formula that is derived for the same left side.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from itertools import combinations
from typing import Any

from sympy import Add, Expr, Function, Integer, Mul, Pow, S, Sum, Symbol, sqrt

from derive.algebra.indices import free_indices, substitute
from derive.algebra.primitives import Primitive, primitive_of
from derive.algebra.quantities import Partial, Quantity
from derive.checking.diagnosing.answers import expected_right
from derive.checking.diagnosing.mistakes import Guess, Mistake, Suspect
from derive.checking.diagnosing.positions import (
    Change,
    Scope,
    changed,
    outside_steps,
    with_factor,
    with_term,
    without_factor,
    without_term,
)
from derive.checking.diagnosing.scopes import Neighbourhood
from derive.model.model import Model


def numbers(suspect: Suspect) -> Iterator[Guess]:
    """2 or 1/2, the size of an axis, its root, or one by one of these."""
    sizes = sorted(suspect.network.sizes, key=str)
    whole = [*map(Integer, (2, 3, 4))]
    for number in whole:
        yield suspect.guess(Mistake.SURPLUS_FACTOR, suspect.right / number, factor=number)
    known = [*whole, *sizes, *map(sqrt, sizes)]
    ratios = [one / other for one in sizes for other in sizes if one != other]
    for number in (one for size in known for one in (size, 1 / size)):
        times = suspect.right * number
        yield suspect.guess(Mistake.MISSING_FACTOR, times, factor=number)
    pool = [*known, *(1 / number for number in known), *ratios]
    for new, factor in changed(suspect.right, with_factor(lambda _: pool), into=outside_steps):
        yield suspect.guess(Mistake.MISSING_FACTOR, new, factor=factor)


def _slopes(model: Model, entries: Iterable[Quantity]) -> Iterator[Expr]:
    """dh_j/du_j of each h_j that is a smooth function of u_j alone.

    Without the slope of a gate an equation holds where the unit is active, which is said.
    """
    for entry in entries:
        if entry.args[:2] in model.kinked:
            continue
        formula = model.definition(entry) if model.defines(entry) else None
        inner = formula.atoms(Quantity) if formula is not None else set[Quantity]()
        if len(inner) == 1 and (of := inner.pop()).indices == entry.indices:
            yield Partial(entry, of)


def missing(suspect: Suspect) -> Iterator[Guess]:
    """A factor: an entry of a tensor, its reciprocal, or a factor of the derived formula."""
    derived = [factor for node in _nodes(_answer(suspect)) for factor in Mul.make_args(node)]
    letters = {*suspect.around.free}
    functions = dict.fromkeys(
        one for one in derived if not one.is_number and free_indices(one) <= letters
    )

    @cache
    def pool(scope: Scope) -> tuple[Expr, ...]:
        entries = tuple(_entries(suspect.network, suspect.around, scope))
        slopes = _slopes(suspect.network, entries)
        return (*entries, *slopes, *(1 / entry for entry in entries), *functions)

    for new, factor in changed(suspect.right, with_factor(pool), into=outside_steps):
        yield suspect.guess(Mistake.MISSING_FACTOR, new, factor=factor)


def surplus(suspect: Suspect) -> Iterator[Guess]:
    """A factor or a term that should not be there."""
    for new, factor in changed(suspect.right, without_factor):
        if factor != -1:
            yield suspect.guess(Mistake.SURPLUS_FACTOR, new, factor=factor)
    for new, term in changed(suspect.right, without_term):
        yield suspect.guess(Mistake.SURPLUS_TERM, new, term=term)


def terms(suspect: Suspect) -> Iterator[Guess]:
    """A term of the derived formula, as one stands there or multiplied out."""
    answer = _answer(suspect)
    sums = [node for node in (*_nodes(answer), answer.expand()) if isinstance(node, Add)]
    lost = dict.fromkeys(term for node in sums for term in node.args)
    for new, term in changed(suspect.right, with_term(lambda _: lost), into=outside_steps):
        yield suspect.guess(Mistake.MISSING_TERM, new, term=term)


def axes(suspect: Suspect) -> Iterator[Guess]:
    """A sum over another axis, sum_j a_tj for sum_u a_ui, or a mean, and what it left outside."""

    def other(node: Any, scope: Scope) -> Iterator[tuple[Any, Any]]:
        if isinstance(node, Sum) and len(node.limits) == 1:
            for new in _over_others(node, suspect.around, scope):
                yield new, (node, new)

    for new, (found, expected) in changed(suspect.right, other):
        yield suspect.guess(Mistake.WRONG_SUM, new, found=found, expected=expected)

    def outside(node: Any, _: Scope) -> Iterator[tuple[Any, Any]]:
        if isinstance(node, Mul):
            for total in (part for part in node.args if isinstance(part, Sum)):
                for entry in (part for part in node.args if isinstance(part, Quantity)):
                    if (new := _moved_inside(suspect.around, entry, total)) is not None:
                        yield node / entry / total * new, (entry * total, new)

    for new, (found, expected) in changed(suspect.right, outside):
        yield suspect.guess(Mistake.WRONG_FACTOR, new, found=found, expected=expected)


def products_of_sums(suspect: Suspect) -> Iterator[Guess]:
    """sum_n a_n b_n for sum_n a_n sum_n b_n."""

    def together(node: Any, _: Scope) -> Iterator[tuple[Any, Any]]:
        factors = Mul.make_args(node)
        totals = [one for one in factors if isinstance(one, Sum) and len(one.limits) == 1]
        for first, second in combinations(totals, 2):
            bound, other = first.limits[0][0], second.limits[0][0]
            if first.limits[0][1:] == second.limits[0][1:] and bound not in free_indices(second):
                body = first.function * substitute(second.function, {other: bound})
                new = Sum(body, *first.limits)
                yield node / first / second * new, (first * second, new)

    yield from _put_right(suspect, Mistake.WRONG_FACTOR, together)


def functions(suspect: Suspect) -> Iterator[Guess]:
    """f(a) for a and a for f(a), with the functions f that the definitions have."""
    model = suspect.network
    rights = [model.definition(model.general_entry(head)[0]) for head in model.defined]
    known = dict.fromkeys(
        row for right in rights if right is not None for row in _primitives_in(right)
    )

    def other(node: Any, _: Scope) -> Iterator[tuple[Any, Any]]:
        if isinstance(node, Quantity | Sum):
            for row in known:
                yield row(node), (node, row(node))
        elif primitive_of(node) is not None:
            yield node.args[0], (node, node.args[0])

    yield from _put_right(suspect, Mistake.WRONG_QUANTITY, other)


def _primitives_in(right: Expr) -> Iterator[Primitive]:
    for node in sorted(right.atoms(Function, Pow), key=str):
        if isinstance(node, Function | Pow) and (row := primitive_of(node)) is not None:
            yield row


def remaining(suspect: Suspect) -> Iterator[Guess]:
    """What is left of both sides where they share a factor: (1 - P) dP for dP - sum_u P dP.

    Where more factors are left of what is right, to say them all names no mistake.
    """
    answer = _answer(suspect)
    own, wanted = list(Mul.make_args(suspect.right)), list(Mul.make_args(answer))
    shared = [one for one in own if one in wanted and not one.is_number]
    found, expected = (Mul(*(one for one in side if one not in shared)) for side in (own, wanted))
    named = not (expected.is_number or isinstance(expected, Partial))  # dC/dz says nothing of it
    alike = len(Mul.make_args(expected)) <= len(Mul.make_args(found))
    if shared and not found.is_number and named and alike:
        yield suspect.guess(Mistake.WRONG_FACTOR, answer, found=found, expected=expected)


def _put_right(suspect: Suspect, mistake: Mistake, change: Change) -> Iterator[Guess]:
    """The guesses that one node stands for another, which `change` gives."""
    for new, (found, expected) in changed(suspect.right, change):
        yield suspect.guess(mistake, new, found=found, expected=expected)


def _over_others(node: Sum, around: Neighbourhood, scope: Scope) -> Iterator[Expr]:
    """The sum with its letter free, and a letter that is free in it summed over instead."""
    model = around.network
    ((bound, _, _),) = node.limits
    axis = around.axes.get(bound)
    letters = dict.fromkeys((*scope, *around.free))
    for free in sorted(free_indices(node), key=str):
        over = around.axes.get(free)
        for mine in (one for one in letters if around.axes.get(one) == axis):
            if over is None or axis is None:
                continue
            letter = model.letter_for(over, {*letters, *around.axes})
            body = substitute(node.function, {bound: mine, free: letter})
            whole = model.sum_over(over, letter, body)
            yield whole
            if over != axis:
                yield whole * model.width(axis) / model.width(over)


def _moved_inside(around: Neighbourhood, entry: Quantity, total: Sum) -> Expr | None:
    """sum_j g_j a_j for g_i sum_j a_j."""
    ((bound, low, high), *rest) = total.limits
    axis = around.axes.get(bound)
    own = [i for i in entry.indices if isinstance(i, Symbol) and around.axes.get(i) == axis]
    if len(own) != 1:
        return None
    return Sum(total.function * substitute(entry, {own[0]: bound}), (bound, low, high), *rest)


def transposes(suspect: Suspect) -> Iterator[Guess]:
    """dS_st for dS_ts."""

    def turned(node: Any, _: Scope) -> Iterator[tuple[Any, Any]]:
        if isinstance(node, Partial) and len(node.wrt.indices) == 2:
            yield Partial(node.of, node.wrt.at(*reversed(node.wrt.indices))), node

    for new, entry in changed(suspect.right, turned):
        yield suspect.guess(Mistake.TRANSPOSED, new, entry=entry)


def quantities(suspect: Suspect) -> Iterator[Guess]:
    """One tensor for another, the derivative by one for that by another, 1/p for p."""

    def other(node: Any, scope: Scope) -> Iterator[tuple[Any, Any]]:
        entry = node.wrt if isinstance(node, Partial) else node
        if not isinstance(entry, Quantity):
            return
        if isinstance(node, Quantity):
            yield 1 / node, (node, 1 / node)
        for new in _entries(suspect.network, suspect.around, scope):
            if {*new.indices} == {*entry.indices} and new.args[:2] != entry.args[:2]:
                whole = Partial(node.of, new) if isinstance(node, Partial) else new
                yield whole, (node, whole)

    for new, (found, expected) in changed(suspect.right, other):
        yield suspect.guess(Mistake.WRONG_QUANTITY, new, found=found, expected=expected)


def _entries(model: Model, around: Neighbourhood, scope: Scope) -> Iterator[Quantity]:
    """Entries of all tensors but the objective at the letters of a place."""
    for kind, layer in (*model.given, *model.defined):
        if (kind, layer) != model.C.args[:2]:
            yield from around.entries(kind.name, layer, scope)  # pyright: ignore


def _answer(suspect: Suspect) -> Expr:
    """The right side that is derived for the same left side; 0 where there is none."""
    return expected_right(suspect.network, suspect.left, where=suspect.where) or S.Zero


def _nodes(expression: Expr) -> Iterator[Expr]:
    """An expression and its parts, outside of quantities and of sums."""
    yield expression
    if isinstance(expression, Add | Mul | Pow):
        for part in expression.args:
            yield from _nodes(part)  # pyright: ignore
