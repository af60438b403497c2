"""One-sided limits, not yet worked out, where a pre-activation passes 0.

`RightLimit(f, z)` is the limit of f as z falls to 0 and `LeftLimit(f, z)` as it rises to 0,
all else held fixed.  A jump is their difference.
"""

from __future__ import annotations

from sympy import Function


class RightLimit(Function):
    """lim f for z -> 0, z > 0."""

    nargs = 2
    is_real = True
    is_commutative = True


class LeftLimit(Function):
    """lim f for z -> 0, z < 0."""

    nargs = 2
    is_real = True
    is_commutative = True


#: Each limit and the sign of z on its side.
SIDES = {RightLimit: 1, LeftLimit: -1}
