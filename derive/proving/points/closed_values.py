"""Closed expressions, such as exp(2) - 3 sigmoid(1/2), enclosed in intervals.

Every part is enclosed once, however often it occurs: what a deep network of curved
activations computes is written with the same parts over and over.  Long ones stand as one number,
since their text doubles with every layer.
"""

from __future__ import annotations

from functools import lru_cache, reduce
from itertools import islice
from operator import add, mul
from typing import Any

from mpmath.ctx_iv import MPIntervalContext
from sympy import Add, AtomicExpr, Expr, Float, Integer, Mul, Pow, Rational, S, preorder_traversal

from derive.algebra.kinked import Kinked
from derive.algebra.primitives import SQRT, is_root, primitive_of
from derive.meaning.valuation import Valuation

_context: Any = MPIntervalContext()
_context.dps = 60
#: So many digits of SymPy's numerical values are relied on.
_TRUSTED = 30
#: What has more nodes than this stands as one number.
_MOST_NODES = 24


class ClosedValue(AtomicExpr):
    """A closed expression as one number: what is known of it is its sign, and the interval.

    Two are equal if their expressions are.  It is no `is_number`: SymPy would rely on more digits
    than the interval has.
    """

    formula: Expr
    is_commutative = True
    is_number = False

    def __new__(cls, formula: Expr) -> ClosedValue:
        made = AtomicExpr.__new__(cls)
        made.formula = formula
        return made

    def _hashable_content(self) -> tuple[Any, ...]:
        return (self.formula,)

    def _eval_is_extended_real(self) -> bool:
        return True

    def _eval_is_finite(self) -> bool:
        return True

    def _eval_is_extended_positive(self) -> bool | None:
        return _side_of_zero(enclosure(self), 1)

    def _eval_is_extended_negative(self) -> bool | None:
        return _side_of_zero(enclosure(self), -1)

    def _eval_evalf(self, prec: int) -> Expr:
        return Float(enclosure(self).mid, precision=prec)


def _side_of_zero(interval: Any, sign: int) -> bool | None:
    """Whether all values have this sign; None where 0 is among them."""
    return None if 0 in interval else bool(sign * interval.a > 0)


class EnclosedValuation(Valuation):
    """A model at one sample, where long values are numbers in intervals."""

    def kept(self, value: Expr) -> Expr:
        """The value, or the number that a long one is."""
        is_long = next(islice(preorder_traversal(value), _MOST_NODES, None), None) is not None
        return _closed(value) if is_long and not value.free_symbols else value


@lru_cache(maxsize=20_000)
def _closed(value: Expr) -> Expr:
    """The same number each time: what is identical is soon compared."""
    return value if enclosure(value) is None else ClosedValue(value)


@lru_cache(maxsize=20_000)
def enclosure(expression: Expr) -> Any:
    """An interval that holds the value, or None where there is no finite real one to be had."""
    match expression:
        case ClosedValue():
            return enclosure(expression.formula)
        case Rational():
            return _context.mpf(int(expression.p)) / _context.mpf(int(expression.q))
        case Float():
            return _exactly(expression)
        case S.Pi:
            return _context.pi
        case S.Exp1:
            return _context.e
        case Add() | Mul():
            pass
        case Kinked():
            return _on_its_side(expression)
        case Pow() if isinstance(expression.exp, Integer) or is_root(expression):
            pass
        case _ if primitive_of(expression) is None:
            return _by_sympy(expression)
        case _:
            pass
    parts = [enclosure(argument) for argument in expression.args]
    return None if None in parts else _checked(_applied(expression, parts))


def _on_its_side(expression: Kinked) -> Any:
    """The value of a function with a kink, where the sign of its argument is certain."""
    argument = enclosure(expression.args[0])  # pyright: ignore
    if argument is None or 0 in argument:
        return _by_sympy(expression)
    return enclosure(expression.sides(*expression.args).at(1 if argument.a > 0 else -1))  # pyright: ignore


def _exactly(number: Float) -> Any:
    return _context.make_mpf((number._mpf_, number._mpf_))


def _by_sympy(expression: Expr) -> Any:
    """What SymPy makes of another function, to fewer digits than it claims."""
    value = expression.evalf(_context.dps)
    if not isinstance(value, Float) or not value.is_finite:
        return None
    middle = _exactly(value)
    return middle + _context.mpf([-1, 1]) * (1 + abs(middle)) * _context.mpf(10) ** -_TRUSTED


def _applied(expression: Expr, parts: list[Any]) -> Any:
    match expression:
        case Add():
            return reduce(add, parts)
        case Mul():
            return reduce(mul, parts)
        case Pow() if type(expression) is Pow:
            return _power(parts[0], expression.exp)
        case _:
            row = primitive_of(expression)
            return None if row is None else row.enclosure(_context, parts[0])


def _power(base: Any, exponent: Rational) -> Any:
    """The power, with a root first for half a whole exponent."""
    if exponent.q == 2:
        base, exponent = SQRT.enclosure(_context, base), 2 * exponent
    if base is None or (exponent < 0 and 0 in base):
        return None
    return base ** int(exponent)


def _checked(interval: Any) -> Any:
    """The interval, if it is bounded."""
    if interval is None or not (interval.a > -_context.inf and interval.b < _context.inf):
        return None
    return interval
