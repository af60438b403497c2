"""An equation that follows from one without the factors and the sums that both sides share.

    sum_n A_n = sum_n B_n   if   A_n = B_n for each n;      F A = F B   if   A = B.

Each term may have denominators of its own, as 1/sum_k exp(z_nk), which no fixed number of
factors multiplies out of the sums; and a gate of a sum may be a factor of both sides, as
Step(z_j) is of dC/dW_ij, and in no other way a part of what is to be seen.
"""

from __future__ import annotations

from collections import Counter

from sympy import Add, Expr, Integer, Mul, Pow, S, Sum, Symbol, Tuple, log

from derive.algebra.indices import fresh_index, index_symbols, substitute, with_canonical_bounds
from derive.algebra.nodes import nodes_of
from derive.algebra.quantities import Partial, Quantity
from derive.model.instances import IllTypedError, axis_of
from derive.model.model import Model
from derive.proving.exact.denominators import denominators


def simpler_sides(model: Model, sides: Tuple) -> tuple[Expr, Expr] | None:
    """Both sides without what they share: a sum over an axis, and factors; None if nothing is.

    Where they share both, the factors of the terms go with the sum.
    """
    left, right = sides.args
    opened = _terms(model, left, right)  # pyright: ignore[reportArgumentType]
    found = _without_shared(model, *(opened or (left, right)))  # pyright: ignore
    return None if found == (left, right) else found


def _terms(model: Model, left: Expr, right: Expr) -> tuple[Expr, Expr] | None:
    """The terms of both sides, at one index, of a sum over one axis that both are a multiple of."""
    mine, theirs = _multiple_of_sum(left), _multiple_of_sum(right)
    if mine is None or theirs is None:
        return None
    letter = fresh_index(index_symbols(Tuple(left, right)))
    axes = [(axis, other) for other, axis in _axes(model, theirs)]
    for own, axis in reversed(_axes(model, mine)):
        if (other := dict(reversed(axes)).get(axis)) is not None:
            return _at(mine, own, letter), _at(theirs, other, letter)
    return None


def _multiple_of_sum(side: Expr) -> tuple[list[Expr], Sum] | None:
    """The factors beside the one sum that a side is a multiple of."""
    factors = [*Mul.make_args(side)]
    sums = [one for one in factors if isinstance(one, Sum)]
    if len(sums) != 1:
        return None
    factors.remove(sums[0])
    return factors, sums[0]


def _axes(model: Model, multiple: tuple[list[Expr], Sum]) -> list[tuple[Symbol, Expr]]:
    """The letters of a sum, each with what it counts; not those that stand beside it too."""
    factors, sum_ = multiple
    found: list[tuple[Symbol, Expr]] = []
    for letter, *_ in sum_.limits:
        if any(factor.has(letter) for factor in factors):
            continue
        try:
            found.append((letter, axis_of(model, letter, sum_.function)))
        except IllTypedError:
            continue
    return found


def _at(multiple: tuple[list[Expr], Sum], own: Symbol, letter: Symbol) -> Expr:
    """The term of a multiple of a sum, at an index in the place of its own."""
    factors, sum_ = multiple
    rest = [limit for limit in sum_.limits if limit[0] != own]
    inner = Sum(sum_.function, *rest) if rest else sum_.function
    return substitute(Mul(*factors, inner), {own: letter})


def _without_shared(model: Model, left: Expr, right: Expr) -> tuple[Expr, Expr]:
    """Both sides without the factors that they share, as far as indices still count something."""
    shared = _factors(left) & _factors(right)
    for factor in sorted(shared.elements(), key=str):
        divided = _divided(left, factor), _divided(right, factor)
        if all(_counts(model, before, after) for before, after in zip(
            (left, right), divided, strict=True
        )):  # fmt: skip
            left, right = divided
    return left, right


def _counts(model: Model, before: Expr, after: Expr) -> bool:
    """Whether what is left says of the indices that it sums over what they count."""
    try:
        for one in nodes_of(after, Sum):
            for letter in one.bound_symbols:
                axis_of(model, letter, one.function)
    except IllTypedError:
        return False
    return True


def _factors(side: Expr) -> Counter[Expr]:
    """The factors of an expression, of all its terms and before its sums, as often as they occur.

    Only those that have a value everywhere: what divides says where a side has one.
    """
    match side:
        case Mul():
            return sum((_factors(part) for part in side.args), Counter[Expr]())
        case Add():
            first, *others = [_factors(part) for part in side.args]
            for other in others:
                first &= other
            return first
        case Sum():
            bound = {*side.bound_symbols}
            inner = _factors(side.function)
            return Counter({f: n for f, n in inner.items() if not f.free_symbols & bound})
        case Pow() if isinstance(side.exp, Integer) and side.exp > 0:
            inner = _factors(side.base)
            return Counter({f: n * int(side.exp) for f, n in inner.items()})
        case Quantity() | Partial():
            return Counter([side])
        case _ if side.is_number or side.has(log) or denominators(side):
            return Counter()
        case _:
            return Counter([with_canonical_bounds(side)])  # pyright: ignore


def _divided(side: Expr, factor: Expr) -> Expr:
    """An expression without one of its factors."""
    match side:
        case Mul():
            parts = [*side.args]
            place = next(n for n, part in enumerate(parts) if factor in _factors(part))
            parts[place] = _divided(parts[place], factor)
            return Mul(*parts)
        case Add():
            return Add(*(_divided(part, factor) for part in side.args))
        case Sum():
            return Sum(_divided(side.function, factor), *side.limits)
        case Pow() if isinstance(side.exp, Integer) and side.exp > 0 and factor in _factors(side):
            return side.base ** (side.exp - 1) * _divided(side.base, factor)
        case _:
            return S.One
