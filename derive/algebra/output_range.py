"""Where the outputs of a layer lie, which is what the logarithm in a cost asks for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sympy import Dummy, Expr, exp, together

_POSITIVE = Dummy("p", positive=True)


@dataclass(frozen=True)
class OutputRange:
    """A set of numbers r.

    Attributes:
        words: what is said of r.
        example: the activations whose outputs are known to lie there, as messages list them.
        rank: a range with a higher one is part of those with a lower one.
        of: a formula for r that takes each number of the range, and no other.
    """

    words: str
    example: str
    rank: int
    of: Callable[[Expr], Expr]

    def holds_positive(self, expression: Expr, r: Expr) -> bool:
        """Whether an expression is known to be positive wherever r lies in the range."""
        return bool(self._there(expression, r).is_positive)

    def holds_nonzero(self, expression: Expr, r: Expr) -> bool:
        """Whether an expression is known not to be 0 wherever r lies in the range."""
        return bool(self._there(expression, r).is_nonzero)

    def _there(self, expression: Expr, r: Expr) -> Expr:
        if self is REALS:
            return expression
        return together(expression.xreplace({r: self.of(_POSITIVE)}))  # pyright: ignore


REALS = OutputRange("real", "any", 0, lambda p: p)
POSITIVE = OutputRange("r > 0", "sigmoid and softplus", 1, lambda p: p)
UNIT_INTERVAL = OutputRange("0 < r < 1", "sigmoid", 2, lambda p: p / (1 + p))

#: From the widest to the narrowest.
RANGES = (REALS, POSITIVE, UNIT_INTERVAL)


def range_of(phi: Expr) -> OutputRange:
    """The narrowest range in which a formula in a real symbol is known to have its values."""
    written = together(phi.rewrite(exp))
    if not (phi.is_positive or written.is_positive):
        return REALS
    return UNIT_INTERVAL if together(1 - written).is_positive else POSITIVE
