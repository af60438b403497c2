"""Conditions on indices: i = j is Kronecker's delta, and says of an equation where it holds."""

from __future__ import annotations

from sympy import And, Basic, Eq, Expr, KroneckerDelta, Ne, S

from derive.algebra.indices import free_indices, substitute


def compares_units(condition: Basic) -> bool:
    """Whether a comparison is one of two indices, as in i = j."""
    return isinstance(condition, Eq | Ne) and all(
        side.is_Symbol and free_indices(side) for side in condition.args
    )


def as_delta(condition: Basic) -> Expr | None:
    """1 where indices are as a condition says and 0 elsewhere; None for other conditions."""
    value: Expr = S.One
    for part in And.make_args(condition):
        if not compares_units(part):
            return None
        delta = KroneckerDelta(*part.args)
        value *= delta if isinstance(part, Eq) else 1 - delta
    return value


def at_units(where: Basic, left: Expr, right: Expr) -> tuple[Basic, Expr, Expr]:
    """An equation under a condition, with what it says of indices put into both sides.

    For i = j the one letter stands for both; for i not j both sides are multiplied by
    1 - delta_ij, which is 0 only where nothing is claimed.
    """
    others: list[Basic] = []
    for part in And.make_args(where):
        if not compares_units(part):
            others.append(part)
        elif isinstance(part, Ne):
            off = 1 - KroneckerDelta(*part.args)
            left, right = left * off, right * off
    for part in And.make_args(where):
        if compares_units(part) and isinstance(part, Eq):
            kept, other = sorted(part.args, key=str)
            left, right = (substitute(side, {other: kept}) for side in (left, right))
    return And(*others), left, right
