"""Cases brought to the front of an expression, but never out of a sum that binds a letter in them.

SymPy folds the body of each sum that it makes, and takes a sum within for a function like any
other: sum_j v_j sum_l [z_l > 0] w_jl becomes cases of z_l around both sums, where no sum binds l.
"""

from __future__ import annotations

from typing import Any

from sympy import Dummy, Piecewise
from sympy.concrete import expr_with_limits
from sympy.concrete.expr_with_limits import ExprWithLimits
from sympy.functions.elementary.piecewise import piecewise_fold


def folded(expression: Any) -> Any:
    """The expression with its cases in front, those inside of sums and integrals left there."""
    if not expression.has(Piecewise) or not expression.has(ExprWithLimits):
        return piecewise_fold(expression)
    inner = {one: Dummy() for one in expression.atoms(ExprWithLimits) if one.has(Piecewise)}
    outside = piecewise_fold(expression.xreplace(inner))
    return outside.xreplace({mark: one for one, mark in inner.items()})


# What the constructor of sums and integrals calls.
expr_with_limits.piecewise_fold = folded
