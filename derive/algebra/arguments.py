"""What callers of the library hand in, as SymPy: nothing of it is ever executed.

SymPy's own `sympify` evaluates a string as Python.  So whatever comes from outside goes
through `expression` (or `condition`) before SymPy sees it: a number, a SymPy expression, or
text in the ASCII notation; everything else is refused in one sentence.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from numbers import Integral, Real
from typing import TYPE_CHECKING, Any, TypeVar

from sympy import Basic, Expr, Float, I, Integer, Rational, S, nan, oo, zoo
from sympy.logic.boolalg import Boolean

from derive.errors import DeriveError

if TYPE_CHECKING:
    from derive.model.network import Network

T = TypeVar("T")

#: Characters of a value that a message quotes.
_SHOWN = 40


def expression(value: object, what: str = "a value", network: Network | None = None) -> Expr:
    """The expression that a number, a SymPy expression or text in the ASCII notation is.

    `what` begins the sentence of a refusal; `network` is what the names of a text are about.

    Raises:
        DeriveError: for everything else, and for what cannot be read.
    """
    if isinstance(value, Expr):
        return value
    if isinstance(value, str):
        from derive.notation.ascii.formulas import read_expression

        return _read(what, lambda: read_expression(value, network))
    return _number(value, what)


def exactly(value: object, what: str = "a value", network: Network | None = None) -> Expr:
    """As `expression`, each floating-point number the fraction that it writes: 0.15 is 3/20."""
    return _exact(expression(value, what, network))


def finite(value: object, what: str) -> Expr:
    """As `exactly`, and neither infinite nor undefined nor complex.

    Raises:
        DeriveError: as `expression`, and for what is.
    """
    found = exactly(value, what)
    if found.has(nan, zoo, oo, -oo, I):
        raise DeriveError(f"{what} is real and finite, which {quoted(str(found))} is not")
    return found


def _exact(found: Any) -> Any:
    floats = {number: Rational(str(number)) for number in found.atoms(Float)}
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
        f"{what} is a number, a SymPy expression or text in the ASCII notation, not {quoted(value)}"
    )


def condition(value: object, what: str = "a condition", network: Network | None = None) -> Basic:
    """The condition that a SymPy relation, a truth value or text such as "x > 0" is.

    Raises:
        DeriveError: for everything else, and for what cannot be read.
    """
    if isinstance(value, Boolean):
        return _exact(value)
    if isinstance(value, bool):
        return S.true if value else S.false
    if isinstance(value, str):
        from derive.notation.ascii.formulas import read_condition

        return _read(what, lambda: read_condition(value, network))
    raise DeriveError(f'{what} is a SymPy relation or text such as "x > 0", not {quoted(value)}')


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


def _read(what: str, reader: Callable[[], T]) -> T:
    try:
        return reader()
    except DeriveError as error:
        raise DeriveError(f"{what}: {error}") from None
