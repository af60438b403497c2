"""Numbers that are rounded to the digits shown, and values of a worked example."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Abs, Expr, Rational, floor

from derive.model.matrices import Matrix
from derive.reading.latex.claims import Side
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.meaning.tables import Written

_MOST_DIGITS = 60
#: A decimal with fewer digits is hardly a rounded one.
_ROUNDED_DIGITS = 3


def decimals(side: Sequence[Token]) -> int | None:
    """How many digits a side has behind its point, where it is one decimal and nothing else."""
    kept = [token for token in side if token.kind not in ("quad", "cell")]
    if kept and kept[0].is_sign("-", "+"):
        kept = kept[1:]
    if len(kept) != 1 or kept[0].kind != "number":
        return None
    _, point, behind = kept[0].text.partition(".")
    return len(behind) if point and len(behind) <= _MOST_DIGITS else None


def rounds_to(exact: Expr, shown: Expr, digits: int) -> bool:
    """Whether a number, rounded or cut to so many digits behind the point, is the one shown."""
    if not (exact.is_number and exact.is_extended_real and isinstance(shown, Rational)):
        return False
    value = Rational(str(exact.evalf(2 * _MOST_DIGITS)))  # pyright: ignore
    unit = Rational(1, 10**digits)
    if Abs(value - shown) <= unit / 2:
        return True
    return value * shown > 0 and floor(Abs(value) / unit) * unit == Abs(shown)


def is_rounded_on_the_way(left: Any, right: Any, tokens: Sequence[Token]) -> bool:
    """Whether a number is that of decimals, which may be rounded, but for their last digit."""
    written = [t.text for t in tokens if t.kind == "number" and "." in t.text]
    if not written or not (isinstance(left, Expr) and isinstance(right, Expr)):
        return False
    if not (left.is_number and right.is_number) or left.equals(right):
        return False
    digits = min(len(text.replace(".", "").strip("0")) for text in written)
    bound = Abs(left) * Rational(1, 10 ** (digits - 1))
    return digits >= _ROUNDED_DIGITS and bool(Abs(left - right) <= bound)


#: What stands beside decimals where a value is worked out.
_OPERATORS = frozenset("+-*/@^.,()[]{}|%")
_COMMANDS = frozenset(
    {"frac", "dfrac", "tfrac", "cdot", "times", "odot", "circ", "left", "right", "top", "sqrt"}
)
_OF_NUMBERS = frozenset({"exp", "log", "tanh", "max", "min", "sqrt", "e", "\\sigma", "T"})


def is_worked_out(tokens: Sequence[Token]) -> bool:
    """Whether a side is made of decimals alone, as 0.5 * 0.2 + 0.1 and matrices of them."""
    shown = [token for token in tokens if token.kind not in ("quad", "cell", "row", "begin", "end")]
    return any(token.kind == "number" and "." in token.text for token in shown) and all(
        token.kind == "number"
        or token.is_sign(*_OPERATORS)
        or token.is_command(*_COMMANDS)
        or (token.kind == "name" and token.text in _OF_NUMBERS)
        for token in shown
    )


def is_value_of_example(
    left: Side | LatexError, right: Side | LatexError, tokens: Sequence[Token]
) -> bool:
    """Whether a side puts decimals in for symbols: w_5 = 0.40, or net = 0.15 * 0.05 + 0.35.

    What quantities are at the numbers of an example is calculated, and does not follow.
    """
    if isinstance(left, Matrix | Written | LatexError):
        return False
    if isinstance(right, Matrix | Written | LatexError):
        return False
    shows_decimals = any(token.kind == "number" and "." in token.text for token in tokens)
    return shows_decimals and bool(right.is_number) and not left.is_number
