"""Closed expressions, such as exp(2) - 3 sigmoid(1/2), enclosed in intervals.

Every part is enclosed once, however often it occurs: what a deep network of curved
activations computes is written with the same parts over and over.
"""

from __future__ import annotations

from functools import lru_cache, reduce
from operator import add, mul
from typing import Any

from mpmath.ctx_iv import MPIntervalContext
from sympy import Add, Expr, Float, Integer, Mul, Pow, Rational, exp, log, tanh

from derive.algebra.functions import sigmoid, softplus

_context: Any = MPIntervalContext()
_context.dps = 60
#: So many digits of SymPy's numerical values are relied on.
_TRUSTED = 30
#: The exponential of a number of more bits is not worked out: it has as many bits as that says.
_MOST_BITS = 1000


@lru_cache(maxsize=20_000)
def enclosure(expression: Expr) -> Any:
    """An interval that holds the value, or None where there is no finite real one to be had."""
    match expression:
        case Rational():
            return _context.mpf(int(expression.p)) / _context.mpf(int(expression.q))
        case Float():
            return _exactly(expression)
        case Add() | Mul() | exp() | log() | tanh() | sigmoid() | softplus():
            pass
        case Pow() if isinstance(expression.exp, Integer):
            pass
        case _:
            return _by_sympy(expression)
    parts = [enclosure(argument) for argument in expression.args]
    return None if None in parts else _checked(_applied(expression, parts))


def _exactly(number: Float) -> Any:
    return _context.make_mpf((number._mpf_, number._mpf_))


def _by_sympy(expression: Expr) -> Any:
    """What SymPy makes of a root or another function, to fewer digits than it claims."""
    value = expression.evalf(_context.dps)
    if not isinstance(value, Float) or not value.is_finite:
        return None
    middle = _exactly(value)
    return middle + _context.mpf([-1, 1]) * (1 + abs(middle)) * _context.mpf(10) ** -_TRUSTED


def _applied(expression: Expr, parts: list[Any]) -> Any:
    first = parts[0]
    match expression:
        case Add():
            return reduce(add, parts)
        case Mul():
            return reduce(mul, parts)
        case Pow():
            if expression.exp < 0 and 0 in first:
                return None
            return first ** int(expression.exp)
        case log():
            return _context.log(first) if first.a > 0 else None
        case _:
            # All others go through exp.
            return None if abs(first).b > 2**_MOST_BITS else _through_exp(expression, first)


def _through_exp(expression: Expr, argument: Any) -> Any:
    match expression:
        case sigmoid():
            return 1 / (1 + _context.exp(-argument))
        case tanh():
            return 1 - 2 / (1 + _context.exp(2 * argument))
        case softplus():
            return _context.log(1 + _context.exp(argument))
        case _:
            return _context.exp(argument)


def _checked(interval: Any) -> Any:
    """The interval, if it is bounded."""
    if interval is None or not (interval.a > -_context.inf and interval.b < _context.inf):
        return None
    return interval
