"""Numbers in lists of lists, as points hold them: of a known shape, or of a known depth."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeAlias

from sympy import Expr

#: A number, or a list of as many for each unit of an axis.
Nested: TypeAlias = "Expr | tuple[Nested, ...]"


class DepthError(ValueError):
    """Lists that are not so deep, deeper, or of unequal lengths; it says which."""


def in_rows(value: object, height: int, breadth: int) -> Sequence[Sequence[Any]] | None:
    """The entries row by row; a single row or column may be flat, and one number bare.

    None where they are not so many.
    """
    entries: Sequence[Any] = value if isinstance(value, list | tuple) else (value,)
    if not any(isinstance(entry, list | tuple) for entry in entries):
        entries = (entries,) if height == 1 else [(entry,) for entry in entries]
    rows = [row for row in entries if isinstance(row, list | tuple) and len(row) == breadth]  # pyright: ignore
    return rows if len(rows) == len(entries) == height else None


def with_units(
    value: Any, depth: int, shape: list[int], units: tuple[int, ...] = ()
) -> Iterator[tuple[tuple[int, ...], Any]]:
    """The entries of lists that are `depth` deep with their units, from 0.

    `shape` grows with the first list of each depth.

    Raises:
        DepthError: when the lists are not so deep, or of unequal lengths.
    """
    is_list = isinstance(value, list | tuple)
    if len(units) == depth:
        if is_list:
            raise DepthError(f"is {lists_of(depth)}, and more is given")
        yield units, value
        return
    if not is_list or not value:
        raise DepthError(f"is {lists_of(depth)}, and not so deep here")
    rows: tuple[Any, ...] = tuple(value)  # pyright: ignore
    if len(shape) == len(units):
        shape.append(len(rows))
    if len(rows) != shape[len(units)]:
        raise DepthError("has rows of unequal length")
    for unit, row in enumerate(rows):
        yield from with_units(row, depth, shape, (*units, unit))


def lists_of(depth: int) -> str:
    """'a list of lists of numbers', for messages."""
    return "one number" if not depth else "a list of " + "lists of " * (depth - 1) + "numbers"
