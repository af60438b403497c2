"""Guesses about indices, sums and layers: W_ji for W_ij, a sum left out, r^(1) for r^(0)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, permutations
from typing import Any

from sympy import Expr, Integer, Pow, Sum, Symbol

from derive.algebra.functions import Step
from derive.algebra.indices import free_indices, index_symbols, substitute
from derive.algebra.quantities import Partial, Quantity, replace_whole
from derive.checking.diagnosing.mistakes import Guess, Mistake, Suspect
from derive.checking.diagnosing.positions import Scope, changed
from derive.checking.diagnosing.scopes import Neighbourhood
from derive.model.instances import IllTypedError, axis_of
from derive.model.model import Model

#: Other units are tried for a number up to this one.
_MOST_UNITS = 8


def indices(suspect: Suspect) -> Iterator[Guess]:
    """Two indices of one quantity exchanged, two letters exchanged, one letter for another."""
    right = suspect.right
    for new, entry in changed(right, _transposed):
        yield suspect.guess(Mistake.TRANSPOSED, new, entry=entry)
    letters = sorted(free_indices(right), key=str)
    for first, second in combinations(letters, 2):
        new = substitute(right, {first: second, second: first})
        yield suspect.guess(Mistake.TRANSPOSED, new, letters=(first, second))

    def relabelled(node: Any, scope: Scope) -> Iterator[tuple[Any, Any]]:
        if isinstance(node, Quantity | Partial):
            for old in sorted(free_indices(node), key=str):
                for letter in dict.fromkeys((*scope, *suspect.around.free)):
                    if letter != old:
                        new = substitute(node, {old: letter})
                        yield new, (node, new)
            if isinstance(node, Quantity):
                for new in _other_units(node, suspect.around):
                    yield new, (node, new)
        elif isinstance(node, Pow) and node.exp == 2 and isinstance(node.base, Quantity):
            for new, detail in relabelled(node.base, scope):
                yield node.base * new, detail

    for new, (entry, expected) in changed(right, relabelled):
        yield suspect.guess(Mistake.WRONG_INDEX, new, found=entry, expected=expected)
    for moved in _other_letters(right, suspect.around):
        found, expected = next((old, new) for old, new in moved.items() if old != new)
        whole = right.xreplace(moved)
        yield suspect.guess(Mistake.WRONG_INDEX, whole, found=found, expected=expected)


def _other_units(entry: Quantity, around: Neighbourhood) -> Iterator[Quantity]:
    """x_1 for x_2, where units are written as numbers."""
    network = around.network
    axes = [axis for axis in network.slots(entry.kind, entry.layer) if network.has_index(axis)]
    for place, (unit, axis) in enumerate(zip(entry.indices, axes, strict=False)):
        width = network.width(axis)
        if isinstance(unit, Integer) and isinstance(width, Integer):
            for other in range(1, min(int(width), _MOST_UNITS) + 1):
                if other != unit:
                    others = [*entry.indices]
                    others[place] = Integer(other)
                    yield entry.at(*others)


def _other_letters(right: Expr, around: Neighbourhood) -> Iterator[dict[Quantity, Quantity]]:
    """r_j r_l for r_i r_k: all entries of one tensor at other letters."""
    families: dict[tuple[str, Expr], list[Quantity]] = {}
    for entry in sorted(right.atoms(Quantity), key=str):
        if len(entry.indices) == 1:
            families.setdefault((entry.kind, entry.layer), []).append(entry)
    for (kind, layer), entries in families.items():
        if len(entries) == 2:
            for chosen in permutations(around.entries(kind, layer), 2):
                moved = dict(zip(entries, chosen, strict=True))
                if any(old != new for old, new in moved.items()):
                    yield moved


def _transposed(node: Any, _: Scope) -> Iterator[tuple[Any, Any]]:
    if isinstance(node, Quantity) and len(node.indices) == 2:
        yield node.at(*reversed(node.indices)), node


def layout(suspect: Suspect) -> Iterator[Guess]:
    """Every W_ij read as W_ji, on both sides: the same equation in the other layout."""
    sides = [_all_transposed(side) for side in (suspect.left, suspect.right)]
    if sides != [suspect.left, suspect.right]:
        yield Guess(Mistake.OTHER_LAYOUT, sides[0], sides[1], repairs=False)


def _all_transposed(expression: Expr) -> Expr:
    """The expression with the indices of every weight exchanged, in derivatives too."""
    weights = [q for q in expression.atoms(Quantity) if q.kind == "W" and len(q.indices) == 2]
    return expression.xreplace({q: q.at(*reversed(q.indices)) for q in weights})


def sums(suspect: Suspect) -> Iterator[Guess]:
    """A sum over units that is missing, or one that should not be there."""
    network, left, right = suspect.network, suspect.left, suspect.right
    loose = sorted(free_indices(right) - free_indices(left), key=str)

    def summed(node: Any, scope: Scope) -> Iterator[tuple[Any, Any]]:
        for letter in loose:
            if letter in free_indices(node):
                new = _summed(network, node, letter)
                if new is not None:
                    yield new, letter

    for new, letter in changed(right, summed):
        yield suspect.guess(Mistake.MISSING_SUM, new, letter=letter)

    def opened(node: Any, scope: Scope) -> Iterator[tuple[Any, Any]]:
        for bound, inner in _without_one_sum(node):
            yield inner, bound
            for letter in (*scope, *suspect.around.free):
                yield substitute(inner, {bound: letter}), bound

    for new, letter in changed(right, opened):
        if free_indices(new) <= free_indices(left):
            yield suspect.guess(Mistake.SURPLUS_SUM, new, letter=letter)


def _without_one_sum(node: Any) -> Iterator[tuple[Symbol, Expr]]:
    """Each letter that a sum binds, and what is left without its sum."""
    if isinstance(node, Sum):
        for limit in node.limits:
            rest = [other for other in node.limits if other != limit]
            yield limit[0], Sum(node.function, *rest) if rest else node.function


def _summed(network: Model, body: Expr, letter: Symbol) -> Expr | None:
    try:
        return network.sum_over(axis_of(network, letter, body), letter, body)
    except IllTypedError:
        return None


def layers(suspect: Suspect) -> Iterator[Guess]:
    """A quantity of the layer before or after."""
    right = suspect.right

    def shifted(node: Any, scope: Scope) -> Iterator[tuple[Any, Any]]:
        if isinstance(node, Quantity) and node.kind not in "yUC":
            for new in _neighbours(node, suspect.around, scope):
                yield new, (node, new)
        elif isinstance(node, Partial):
            for wrt in _neighbours(node.wrt, suspect.around, scope):
                yield Partial(node.of, wrt), (node, Partial(node.of, wrt))

    for new, (found, expected) in changed(right, shifted):
        yield suspect.guess(Mistake.WRONG_LAYER, new, found=found, expected=expected)
    # Once for all places: sigma'(z) is written sigma(z) (1 - sigma(z)).
    letters = tuple(sorted(index_symbols(right), key=str))
    for entry in sorted(right.atoms(Quantity), key=str):
        if entry.kind in "zr":
            for new in _neighbours(entry, suspect.around, letters):
                whole = replace_whole(right, {entry: new})
                yield suspect.guess(Mistake.WRONG_LAYER, whole, found=entry, expected=new)
    for kind in ("r", "z", "W"):
        for by in (1, -1):
            named = [q for q in right.atoms(Quantity) if q.kind == kind]
            shifts = ((q, suspect.stack.shifted(q, by)) for q in named)
            moved = {q: new for q, new in shifts if new is not None}
            if 1 < len(named) == len(moved):
                whole, old = right.xreplace(moved), named[0]
                yield suspect.guess(Mistake.WRONG_LAYER, whole, found=old, expected=moved[old])


def steps(suspect: Suspect) -> Iterator[Guess]:
    """Step(z) of the wrong layer: beside another of its kind it seems only to be missing."""

    def shifted(node: Any, scope: Scope) -> Iterator[tuple[Any, Any]]:
        if isinstance(node, Step) and isinstance(node.args[0], Quantity):
            for z in _neighbours(node.args[0], suspect.around, scope):
                new = Step(z, node.args[1])
                yield new, (node, new)

    for new, (found, expected) in changed(suspect.right, shifted):
        yield suspect.guess(Mistake.WRONG_LAYER, new, found=found, expected=expected)


def _neighbours(entry: Quantity, around: Neighbourhood, scope: Scope) -> Iterator[Quantity]:
    for by in (-1, 1):
        if (beside := around.stack.shifted(entry, by)) is not None:
            yield from around.entries(beside.kind, beside.layer, scope)


def derivatives(suspect: Suspect) -> Iterator[Guess]:
    """The right side belongs to another left: another variable, or another thing."""
    left, right = suspect.left, suspect.right
    if not isinstance(left, Partial | Quantity):
        return
    units = [*suspect.around.outputs(), *suspect.around.pre_activations()]
    others = [*suspect.around.parameters(), *units]
    if isinstance(left, Quantity):
        for new in others:
            if new.kind in "zr":
                yield _belonging(left, new, right)
        return
    of, variables = left.unnested
    for number, old in enumerate(variables):
        for wrt in others:
            if wrt != old:
                changed_to = [*variables[:number], wrt, *variables[number + 1 :]]
                yield _belonging(left, _nested(of, changed_to), right)
    if isinstance(of, Quantity):
        for new in [suspect.network.C, *units]:
            if new != of:
                yield _belonging(left, _nested(new, variables), right)


def _nested(of: Expr, variables: list[Quantity]) -> Expr:
    for wrt in variables:
        of = Partial(of, wrt)
    return of


def _belonging(left: Expr, other: Expr, right: Expr) -> Guess:
    return Guess(
        Mistake.WRONG_DERIVATIVE, other, right, repairs=False, details={"of": other, "for": left}
    )


def partials(suspect: Suspect) -> Iterator[Guess]:
    """dC/dr for dC/dz on the right side, and the other way round."""

    def other(node: Any, _: Scope) -> Iterator[tuple[Any, Any]]:
        if isinstance(node, Partial) and node.wrt.kind in "zr":
            kind = "r" if node.wrt.kind == "z" else "z"
            if suspect.network.has(Quantity(kind, node.wrt.layer)):
                new = Partial(node.of, Quantity(kind, node.wrt.layer, *node.wrt.indices))
                yield new, (node, new)

    for new, (found, expected) in changed(suspect.right, other):
        yield suspect.guess(Mistake.WRONG_QUANTITY, new, found=found, expected=expected)
