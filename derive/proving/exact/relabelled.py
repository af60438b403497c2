"""Sums that are the same but for order: of terms, of factors, of sums, and letters of indices.

    sum_q sum_t (A_qt + B_qt)   and   sum_s sum_i A_is + sum_i sum_s B_is

are equal whatever A and B are, at every size.  Each side is written as a sum of products behind
one sum sign each, with letters that depend on what the indices stand in and not on their names.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product as cartesian

from sympy import Add, Basic, Expr, Mul, S, Sum, Symbol

from derive.algebra.indices import free_indices, index, with_canonical_bounds

#: Sides of more terms than this are left to be compared in other ways.
_MOST_TERMS = 64
_SELF = Symbol("self")


@dataclass(frozen=True)
class _Term:
    """The factors of a product, and the limits of the sums in front of it."""

    factors: tuple[Expr, ...]
    limits: tuple[tuple[Symbol, Expr], ...] = ()


class _TooManyError(Exception):
    """More terms than are worth it."""


def same_sums(left: Expr, right: Expr) -> bool:
    """Whether two sides are the same but for order and letters; False where it is not seen."""
    if not (left.has(Sum) and right.has(Sum)):
        return False
    try:
        return _counted(left) == _counted(right)
    except _TooManyError:
        return False


def _counted(side: Expr) -> Counter[Basic]:
    """How often each term occurs, its number aside."""
    found: Counter[Basic] = Counter()
    for term in _terms(side, [0]):
        number, body = Mul(*_lettered(term)).as_coeff_Mul()
        found[body] += number  # pyright: ignore
    return Counter({body: number for body, number in found.items() if number != 0})


def _terms(expression: Expr, made: list[int]) -> list[_Term]:
    """The terms of an expression multiplied out, each bound index with a letter of its own."""
    if isinstance(expression, Add):
        terms = [term for part in expression.args for term in _terms(part, made)]
    elif isinstance(expression, Mul):
        each = [_terms(factor, made) for factor in expression.args]
        terms = [_product(chosen) for chosen in _chosen(each)]
    elif isinstance(expression, Sum):
        body, limits = expression.function, []
        for bound, _, end in expression.limits:
            made[0] += 1
            letter = index(f"bound {made[0]}")
            body = body.xreplace({bound: letter})
            limits.append((letter, end))
        inner = _terms(body, made)
        terms = [_Term(term.factors, (*term.limits, *limits)) for term in inner]
    else:
        terms = [_Term((expression,))]
    if len(terms) > _MOST_TERMS:
        raise _TooManyError
    return terms


def _chosen(each: Sequence[list[_Term]]) -> Iterable[tuple[_Term, ...]]:
    count = 1
    for terms in each:
        count *= len(terms)
    if count > _MOST_TERMS:
        raise _TooManyError
    return cartesian(*each)


def _product(terms: Iterable[_Term]) -> _Term:
    parts = tuple(terms)
    return _Term(
        tuple(factor for term in parts for factor in term.factors),
        tuple(limit for term in parts for limit in term.limits),
    )


def _lettered(term: _Term) -> list[Expr]:
    """The factors with letters by where each index stands, and the sums as one more factor."""
    factors = [with_canonical_bounds(factor) for factor in term.factors]
    color: dict[Symbol, int] = {}
    names: dict[Symbol, object] = {letter: str(end) for letter, end in term.limits}
    for _ in range(len(names) + 1):
        ranks = {name: n for n, name in enumerate(sorted(set(names.values()), key=str))}
        color = {letter: ranks[name] for letter, name in names.items()}
        marks = {letter: Symbol(f"c{rank}") for letter, rank in color.items()}
        names = {letter: (color[letter], *_places(factors, letter, marks)) for letter in names}
    order = sorted(color, key=lambda letter: (color[letter], letter.name))
    own = {letter: index(f"letter {n}") for n, letter in enumerate(order)}
    summed = [Symbol(f"sum over {own[letter]} to {end}") for letter, end in term.limits]
    return [*(factor.xreplace(own) for factor in factors), *summed] or [S.One]


def _places(
    factors: Iterable[Basic], letter: Symbol, marks: dict[Symbol, Symbol]
) -> tuple[str, ...]:
    """The factors that have an index, as they are but for letters, this one marked."""
    seen = marks | {letter: _SELF}
    return tuple(sorted(str(f.xreplace(seen)) for f in factors if letter in free_indices(f)))
