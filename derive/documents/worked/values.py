"""Numbers as tables show them: exact where that can be read, and in decimals."""

from __future__ import annotations

from typing import Any

from sympy import Basic, Expr, Float, ImmutableMatrix, S

from derive.algebra.quantities import Quantity
from derive.documents.blocks import NumberRow
from derive.evaluating.descent import DIGITS, Numbers, rows_of
from derive.model.network import Network

#: Matrices with more rows or columns are no use on a page.
MOST_UNITS = 5
#: Matrices of more entries are not repeated in decimals.
_MOST_DECIMALS = 9
_LARGEST_DENOMINATOR = 10**6


def can_be_printed(network: Network) -> bool:
    """Whether the widths are numbers, and small enough for matrices on a page."""
    widths = (network.width(layer) for layer in network.layer_numbers)
    return all(width.is_Integer and width <= MOST_UNITS for width in widths)


def number_row(name: Quantity, numbers: Any) -> NumberRow:
    """The row of a table for a tensor with these numbers."""
    return NumberRow(name, *written(rows_of(numbers)))


def written(rows: Numbers) -> tuple[Basic, str]:
    """The numbers as they are, a matrix unless there is one only, and as decimals."""
    shortened = [[rounded(entry) for entry in row] for row in rows]
    entries = [entry for row in shortened for entry in row]
    value = entries[0] if len(entries) == 1 else ImmutableMatrix(shortened)
    plain = all(entry.is_Integer or not entry.is_Rational for entry in entries)
    if plain or len(entries) > _MOST_DECIMALS:
        return value, ""
    return value, "; ".join(", ".join(map(in_decimals, row)) for row in shortened)


def rounded(entry: Any) -> Expr:
    """An exact number, or a decimal of few digits, as for a fraction that nobody can read."""
    number = S(entry)
    unreadable = number.is_Rational and number.q > _LARGEST_DENOMINATOR
    return Float(number, DIGITS) if number.is_Float or unreadable else number


def in_decimals(entry: Any) -> str:
    """A number to the digits that are shown; an integer or a symbol as it is."""
    number = S(entry)
    if number.is_Integer or not number.is_number:
        return str(number)
    text = str(Float(number, DIGITS))
    return text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text
