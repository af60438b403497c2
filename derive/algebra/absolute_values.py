"""|u| where 2 ReLU(u) - u stands: what formulas are differentiated as, and what people write.

An absolute value is kept as 2 ReLU(u) - u, whose slope at the kink is that of the convention
for Step(0).  Only what is printed for people has |u| again.
"""

from __future__ import annotations

from sympy import Abs, Add, Expr, Mul, expand_mul

from derive.algebra.functions import ReLU


def with_absolute_values(expression: Expr) -> Expr:
    """c ReLU(u) - (c/2) u as (c/2) |u|, in a sum of terms; what is no such sum itself."""
    if not isinstance(expression, Add):
        return expression
    for term in expression.args:
        folded = _folded(expression, term)
        if folded is not None:
            return with_absolute_values(folded)
    return expression


def _folded(whole: Add, term: Expr) -> Expr | None:
    """A sum with an absolute value for one of its terms and those that belong to it."""
    for factor in Mul.make_args(term):
        if isinstance(factor, ReLU):
            inner, half = factor.args[0], term / (2 * factor)
            linear = Add.make_args(expand_mul(-half * inner))
            if {*linear} <= {*whole.args} - {term}:
                rest = [other for other in whole.args if other != term and other not in linear]
                return Add(*rest, half * Abs(inner))
    return None
