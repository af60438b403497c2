"""Exact numbers as text writes them: 3, "3/2", 0.15; no text is evaluated."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

from sympy import Integer, Rational

MAXIMAL_DIGITS = 60

#: A fraction, or a decimal whose exponent is too short to make a number that fills memory.
_NUMBER = re.compile(
    r"[-+]?[0-9]+/[0-9]*[1-9][0-9]*|[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,2})?"
)


@dataclass(frozen=True)
class FloatText:
    """A floating-point literal of a file, as it was written."""

    text: str


def exact(value: object) -> Rational | None:
    """The number that 3, "3/2", 0.15 or "0.15" writes, exactly; None for anything else."""
    if isinstance(value, int) and not isinstance(value, bool):
        return Integer(value) if abs(value) < 10**MAXIMAL_DIGITS else None
    text = value.text.replace("_", "") if isinstance(value, FloatText) else value
    if not isinstance(text, str) or len(text) > MAXIMAL_DIGITS:
        return None
    if not _NUMBER.fullmatch(text.strip()):
        return None
    fraction = Fraction(text.strip())
    return Rational(fraction.numerator, fraction.denominator)


def as_printed(value: object) -> Rational | None:
    """As `exact`; also a fraction, and a floating-point number as it prints: 0.15 is 3/20."""
    if isinstance(value, float):
        return exact(FloatText(repr(value)))
    if isinstance(value, Rational):
        return value
    if isinstance(value, Fraction):
        return Rational(value.numerator, value.denominator)
    return exact(value)
