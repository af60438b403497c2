"""Closed expressions, such as exp(2) - 3 sigmoid(1/2), enclosed in intervals.

Every part is enclosed once, however often it occurs: what a deep network of curved
activations computes is written with the same parts over and over.
"""

from __future__ import annotations

from functools import lru_cache, reduce
from operator import add, mul
from typing import Any

from mpmath.ctx_iv import MPIntervalContext
from sympy import Add, Expr, Float, Integer, Mul, Pow, Rational, S

from derive.algebra.primitives import SQRT, is_root, primitive_of

_context: Any = MPIntervalContext()
_context.dps = 60
#: So many digits of SymPy's numerical values are relied on.
_TRUSTED = 30


@lru_cache(maxsize=20_000)
def enclosure(expression: Expr) -> Any:
    """An interval that holds the value, or None where there is no finite real one to be had."""
    match expression:
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
        case Pow() if isinstance(expression.exp, Integer) or is_root(expression):
            pass
        case _ if primitive_of(expression) is None:
            return _by_sympy(expression)
        case _:
            pass
    parts = [enclosure(argument) for argument in expression.args]
    return None if None in parts else _checked(_applied(expression, parts))


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
