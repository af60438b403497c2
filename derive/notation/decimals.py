"""Exact numbers rounded for reading: SymPy Floats with just the digits that are meant."""

from __future__ import annotations

from sympy import Expr, Float, Integer, Pow, log

#: Digits carried while rounding; more than any document shows.
_CARRIED = 40


def significant(value: Expr, digits: int = 3) -> Float:
    """The number to so many significant digits: 0.9^1000 -> 1.75e-46."""
    return Float(str(value.evalf(_CARRIED)), digits)


def fixed(value: Expr, places: int = 1) -> Expr:
    """The number to so many places after the point: -602.06 -> -602.1."""
    scaled = (value * 10**places).evalf(_CARRIED)
    nearest = int(scaled.round())
    if places == 0:
        return Integer(nearest)
    return Float(Integer(nearest) / 10**places, len(str(abs(nearest))))


def log10_power(base: Expr, exponent: Expr) -> Expr:
    """log10(base^exponent), with no power worked out; base is positive."""
    return exponent * log(base) / log(Integer(10))


def power_of_ten(value: Integer) -> Expr:
    """10^12, left standing, for 1000000000000; any other number as it is."""
    exponent = len(str(value)) - 1
    return Pow(10, exponent, evaluate=False) if value == 10**exponent else value
