"""Which entry x[t+s] is: 1 where unit l is number t + s, counted from 0, and otherwise 0.

    x[t+s] = sum_l shift(l, t, s) x[l]

so that a convolution is a sum over whole axes, and an entry beside the tensor counts for nothing.
"""

from __future__ import annotations

from typing import Any

from sympy import Expr, Function, Integer, S


class Shift(Function):
    """1 where l = t + s counted from 0, which is l = t + s - 1 counted from 1; otherwise 0."""

    is_real = True

    @classmethod
    def eval(cls, *args: Any) -> Expr | None:
        """Its value where all units are named by numbers."""
        if len(args) > 2 and all(isinstance(arg, Integer) for arg in args):
            unit, *parts = args
            return S.One if unit == sum(parts) - len(parts) + 1 else S.Zero
        return None
