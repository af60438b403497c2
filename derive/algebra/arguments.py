"""What callers of the library hand in, as SymPy: nothing of it is ever executed.

SymPy's own `sympify` evaluates a string as Python.  So whatever comes from outside goes
through `expression` (or `condition`) before SymPy sees it: a number, a SymPy expression, or
text that writes a number or names a symbol; everything else is refused in one sentence.  Where
formulas are welcome as text, `derive.notation.ascii.given` reads them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from keyword import iskeyword
from math import isfinite
from numbers import Integral, Real
from typing import Any, TypeVar

from sympy import Basic, Expr, Float, I, Integer, Rational, S, Symbol, nan, oo, zoo
from sympy.logic.boolalg import Boolean

from derive.algebra.nodes import nodes_of
from derive.algebra.numerals import exact
from derive.errors import DeriveError

T = TypeVar("T")

#: Characters of a value that a message quotes.
_SHOWN = 40
_NAME = re.compile(r"[A-Za-z]{1,20}(_[A-Za-z0-9]{1,8})?")
#: Names that are no real symbol: what is not a number, and words of Python and SymPy.
_NO_SYMBOLS = frozenset({"nan", "inf", "infinity", "oo", "zoo"})


def expression(value: object, what: str = "a value") -> Expr:
    """The expression that a number, a SymPy expression, "3/2" or the name of a real symbol is.

    `what` begins the sentence of a refusal.

    Raises:
        DeriveError: for everything else.
    """
    if isinstance(value, Expr):
        return value
    if isinstance(value, str):
        return _literal(value, what)
    return _number(value, what)


def _literal(text: str, what: str) -> Expr:
    """The number that a text writes, or the real symbol that it names."""
    number = exact(text)
    if number is not None:
        return number
    if _NAME.fullmatch(text) and text.lower() not in _NO_SYMBOLS and not iskeyword(text):
        return Symbol(text, real=True)
    raise DeriveError(
        f'{what} is a number, a SymPy expression, or text such as "3/2" or "x", not {quoted(text)}'
    )


def exactly(value: object, what: str = "a value") -> Expr:
    """As `expression`, each floating-point number the fraction that it writes: 0.15 is 3/20."""
    return without_floats(expression(value, what))


def finite(value: object, what: str) -> Expr:
    """As `exactly`, and neither infinite nor undefined nor complex.

    Raises:
        DeriveError: as `expression`, and for what is.
    """
    found = exactly(value, what)
    if found.has(nan, zoo, oo, -oo, I):
        raise DeriveError(f"{what} is real and finite, which {quoted(str(found))} is not")
    return found


def without_floats(found: Any) -> Any:
    """An expression with each floating-point number the fraction that it writes."""
    floats = {number: Rational(str(number)) for number in nodes_of(found, Float)}
    return found.xreplace(floats) if floats else found


def _number(value: object, what: str) -> Expr:
    """The number that a Python number is."""
    if not isinstance(value, bool):
        if isinstance(value, Integral):
            return Integer(int(value))
        if isinstance(value, Fraction):
            return Rational(value.numerator, value.denominator)
        if isinstance(value, Decimal | Real):
            if not isfinite(value):
                raise DeriveError(f"{what} is a finite number, not {quoted(value)}")
            return Rational(str(value)) if isinstance(value, Decimal) else Float(float(value))
    raise DeriveError(
        f'{what} is a number, a SymPy expression, or text such as "3/2" or "x", not {quoted(value)}'
    )


def condition(value: object, what: str = "a condition") -> Basic:
    """The condition that a SymPy relation or a truth value is.

    Raises:
        DeriveError: for everything else.
    """
    if isinstance(value, Boolean):
        return without_floats(value)
    if isinstance(value, bool):
        return S.true if value else S.false
    raise DeriveError(f"{what} is a SymPy relation such as x > 0, not {quoted(value)}")


def several(values: object, what: str) -> tuple[Any, ...]:
    """The members of a list; a text or a single condition is a list of one.

    Raises:
        DeriveError: when it is no list.
    """
    if isinstance(values, str | Boolean):
        return (values,)
    if isinstance(values, Mapping) or not isinstance(values, Iterable):
        raise DeriveError(f"{what} is a list, not {quoted(values)}")
    return tuple(values)


def instance_of(kind: type[T], value: object, what: str) -> T:
    """The value, which must be one of our own objects.

    Raises:
        DeriveError: when it is not.
    """
    if isinstance(value, kind):
        return value
    raise DeriveError(f"{what} is of the class {kind.__name__}, not {quoted(value)}")


def quoted(value: object) -> str:
    """A value as messages quote it, short and on one line; of other objects only their class."""
    if isinstance(value, int) and abs(value) >= 10**_SHOWN:
        return "a very large number"  # str() refuses very long ones
    if value is None or isinstance(value, str | int | float) or getattr(value, "is_Atom", False):
        text = repr(value)
        return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
    return f"an object of type {type(value).__name__}"
