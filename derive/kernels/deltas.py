"""Products with a delta: arrays that are 0 away from a diagonal, where alone there is work."""

from __future__ import annotations

from sympy import Add, Expr, KroneckerDelta, Mul, Symbol

from derive.algebra.indices import substitute

Letters = tuple[Symbol, ...]


def along_deltas(value: Expr, letters: Letters) -> tuple[Expr, dict[Symbol, Symbol]]:
    """delta_ij f_ij as f_ii, and what each letter of an entry is then."""
    units = dict(zip(letters, letters, strict=True))
    for factor in Mul.make_args(value):
        if isinstance(factor, KroneckerDelta) and {*factor.args} <= {*letters}:
            kept, other = sorted(factor.args, key=letters.index)
            value = substitute(value / factor, {other: kept})
            units = {one: kept if unit == other else unit for one, unit in units.items()}
    return value, units


def diagonal_terms(formula: Expr, letters: Letters) -> tuple[Expr, tuple[Expr, ...]]:
    """The terms of a sum that have no delta of some letters in front, and those that have."""
    plain: list[Expr] = []
    diagonal: list[Expr] = []
    for term in Add.make_args(formula):
        deltas = (f for f in Mul.make_args(term) if isinstance(f, KroneckerDelta))
        (diagonal if any({*one.args} <= {*letters} for one in deltas) else plain).append(term)
    return Add(*plain), tuple(diagonal)
