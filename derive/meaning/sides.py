"""`Sides`: both sides of an equation, and where they have values as they are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from sympy import Basic, Expr


class ReadAsWritten(Protocol):
    """What was read of one side: what it divides by, and where its functions have values."""

    @property
    def divisors(self) -> tuple[Expr, ...]: ...

    @property
    def domain(self) -> tuple[Basic, ...]: ...


@dataclass(frozen=True)
class Sides:
    """left = right.

    Attributes:
        divisors: what the equation divides by as it was written; it may have cancelled since.
        domain: what has to hold for its logarithms and roots to have real values, also of those
            that cancelled.
    """

    left: Expr
    right: Expr
    divisors: tuple[Expr, ...] = ()
    domain: tuple[Basic, ...] = ()

    @staticmethod
    def read(left: Expr, right: Expr, written: Sequence[ReadAsWritten]) -> Sides:
        """The sides, with all that was read of them."""
        divisors = dict.fromkeys(divisor for one in written for divisor in one.divisors)
        domain = dict.fromkeys(relation for one in written for relation in one.domain)
        return Sides(left, right, tuple(divisors), tuple(domain))
