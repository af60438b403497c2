"""A quick and certain no: two sides at one point, in exact arithmetic.

Quantities are independent of one another here, as they are in the normal form, so sides that
differ at the point have different normal forms.  Translating them would take far longer, and a
proof by unfolding meets such sides at every depth but the last.
"""

from __future__ import annotations

from fractions import Fraction
from math import prod
from random import Random

from sympy import Abs, Add, Expr, Heaviside, Integer, Max, Min, Mul, Pow, Rational, Symbol, sign

from derive.algebra.functions import LeakyReLU, ReLU, Step
from derive.algebra.quantities import Partial, Quantity

#: Values are integers up to this one, so that powers and quotients of them stay short.
_LARGEST = 9_973
_LARGEST_EXPONENT = 12

Number = int | Fraction


class _UnknownError(ArithmeticError):
    """An expression has no rational value that is known here."""


def differ_at_a_point(left: Expr, right: Expr) -> bool:
    """Whether two sides are rational at a point away from all kinks, and differ there."""
    point = _Point()
    try:
        return point.value(left) != point.value(right)
    except (_UnknownError, ZeroDivisionError):
        return False


class _Point:
    """A value for each quantity and symbol, drawn when it is first met."""

    def __init__(self) -> None:
        self._source = Random(1)
        self._values: dict[Expr, Number] = {}

    def value(self, node: Expr) -> Number:
        """The value of an expression.

        Raises:
            _UnknownError: at a kink, and for what is neither rational nor a gate.
            ZeroDivisionError: at a pole.
        """
        known = self._values.get(node)
        if known is None:
            known = self._values[node] = self._worked_out(node)
        return known

    def _worked_out(self, node: Expr) -> Number:
        if isinstance(node, Quantity | Partial | Symbol):
            return self._source.randrange(1, _LARGEST)  # of units in a row, none is idle
        if isinstance(node, Rational):
            return node.p if isinstance(node, Integer) else Fraction(node.p, node.q)
        match node:
            case Add():
                return sum(map(self.value, node.args))  # pyright: ignore[reportArgumentType]
            case Mul():
                return prod(map(self.value, node.args))  # pyright: ignore[reportArgumentType]
            case Pow(base=base, exp=Integer(p=n)) if abs(n) <= _LARGEST_EXPONENT:
                value = self.value(base)
                return value**n if n > 0 else Fraction(1, 1) / value**-n
            case Max():
                return max(map(self.value, node.args))  # pyright: ignore[reportArgumentType]
            case Min():
                return min(map(self.value, node.args))  # pyright: ignore[reportArgumentType]
            case _:
                return self._gated(node)

    def _gated(self, node: Expr) -> Number:
        if not isinstance(node, ReLU | LeakyReLU | Step | Heaviside | Abs | sign):
            raise _UnknownError(str(node.func))
        argument = self.value(node.args[0])  # pyright: ignore[reportArgumentType]
        if argument == 0:
            raise _UnknownError("a kink")
        match node:
            case Abs():
                return abs(argument)
            case sign():
                return 1 if argument > 0 else -1
            case Step() | Heaviside():
                return int(argument > 0)
            case LeakyReLU():
                slope = self.value(node.args[1])  # pyright: ignore[reportArgumentType]
                return argument if argument > 0 else slope * argument
            case _:
                return max(argument, 0)
