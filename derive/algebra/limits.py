"""One-sided limits, not yet worked out, where a pre-activation passes 0.

`RightLimit(f, z)` is the limit of f as z falls to 0 and `LeftLimit(f, z)` as it rises to 0,
all else held fixed.  A jump is their difference.
"""

from __future__ import annotations

from typing import Any

from sympy import Expr, Function

from derive.algebra.arguments import expression


class RightLimit(Function):
    """lim f for z -> 0, z > 0."""

    nargs = 2
    is_real = True
    is_commutative = True

    def __new__(cls, of: Any, z: Any, **options: Any) -> Expr:
        return super().__new__(cls, expression(of), expression(z), **options)


class LeftLimit(Function):
    """lim f for z -> 0, z < 0."""

    nargs = 2
    is_real = True
    is_commutative = True

    def __new__(cls, of: Any, z: Any, **options: Any) -> Expr:
        return super().__new__(cls, expression(of), expression(z), **options)


#: Each limit and the sign of z on its side.
SIDES = {RightLimit: 1, LeftLimit: -1}
