"""Sums of functions and deltas: R + sum c delta(a), taken apart; what a delta may be divided by."""

from __future__ import annotations

from sympy import Add, DiracDelta, Expr, Mul, Number, Pow, S, Symbol, expand_mul

from derive.algebra.quantities import Quantity, outermost
from derive.proving.kinks.one_sided import NoLimitError


def parts(side: Expr) -> tuple[Expr, dict[Expr, Expr]]:
    """A side as R + sum c delta(a): R, and c by a.

    Raises:
        NoLimitError: where it is not such a sum.
    """
    regular: list[Expr] = []
    singular: dict[Expr, Expr] = {}
    opened = (expand_mul(t, deep=False) if t.has(DiracDelta) else t for t in Add.make_args(side))
    for term in Add.make_args(Add(*opened)):
        deltas = [f for f in Mul.make_args(term) if isinstance(f, DiracDelta)]
        rest = Mul(*(f for f in Mul.make_args(term) if f not in deltas))
        if not deltas:
            regular.append(term)
            continue
        if len(deltas) > 1 or len(deltas[0].args) > 1:
            raise NoLimitError("products and derivatives of deltas are not worked out")
        argument = deltas[0].args[0]
        singular[argument] = singular.get(argument, S.Zero) + rest  # pyright: ignore[reportArgumentType]
    if any(part.has(DiracDelta) for part in (*regular, *singular.values(), *singular)):
        raise NoLimitError("a delta stands where it is no term")
    return Add(*regular), singular


def divides_by(expression: Expr, base: Expr) -> bool:
    """Whether something in a denominator is also in an expression that is to be 0."""
    zero = {*outermost(base), *base.free_symbols}
    return any(
        not zero.isdisjoint({*outermost(power), *power.free_symbols})
        for power in expression.atoms(Pow)
        if not power.exp.is_nonnegative
    )


def is_a_factor(factor: Expr, base: Expr) -> bool:
    """Whether a quotient of two arguments is a product of powers, without their zero."""
    powers = factor.as_powers_dict()
    known = all(isinstance(b, Number | Quantity | Symbol) for b in powers)
    return known and base not in powers and factor != 0
