"""Two sums over one axis whose terms may be equal: sum_n A_n = sum_n B_n if A_n = B_n for each n.

Each term may have denominators of its own, as 1/sum_k exp(z_nk), which no fixed number of
factors multiplies out of the sums.
"""

from __future__ import annotations

from sympy import Expr, Mul, Sum, Symbol, Tuple

from derive.algebra.indices import fresh_index, index_symbols, substitute
from derive.algebra.quantities import Quantity
from derive.model.instances import IllTypedError, axis_of
from derive.model.model import Model


def terms_of_sums(model: Model, sides: Tuple) -> tuple[Expr, Expr] | None:
    """The terms of both sides, at one index, without the factors that they share."""
    parts = [_term(model, side) for side in sides.args]
    left, right = parts
    if left is None or right is None or left[1] != right[1]:
        return None
    letter = fresh_index(index_symbols(sides))
    bodies = [substitute(part[0], {part[2]: letter}) for part in (left, right)]
    factors = [list(Mul.make_args(body)) for body in bodies]
    for factor in [f for f in factors[0] if isinstance(f, Quantity) and f in factors[1]]:
        if not all(_counts(model, letter, Mul(*_without(own, factor))) for own in factors):
            continue  # what is left would not say what the index counts
        factors = [_without(own, factor) for own in factors]
    return Mul(*factors[0]), Mul(*factors[1])


def _term(model: Model, side: Expr) -> tuple[Expr, Expr, Symbol] | None:
    """The term of a multiple of one sum, its axis and its index."""
    sums = [f for f in Mul.make_args(side) if isinstance(f, Sum)]
    if len(sums) != 1:
        return None
    letter, *_ = sums[0].limits[-1]
    inner = Sum(sums[0].function, *rest) if (rest := sums[0].limits[:-1]) else sums[0].function
    others = [f for f in Mul.make_args(side) if f != sums[0]]
    if any(other.has(letter) for other in others):
        return None
    try:
        return Mul(*others, inner), axis_of(model, letter, inner), letter
    except IllTypedError:
        return None


def _counts(model: Model, letter: Symbol, term: Expr) -> bool:
    try:
        axis_of(model, letter, term)
    except IllTypedError:
        return False
    return True


def _without(factors: list[Expr], one: Expr) -> list[Expr]:
    place = factors.index(one)
    return [*factors[:place], *factors[place + 1 :]]
