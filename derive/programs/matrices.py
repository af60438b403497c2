"""Matrices of expressions, row by row."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import mul

from sympy import Add, Expr, S

Row = Sequence[Expr]
Rows = Sequence[Row]


def dot(first: Iterable[Expr], second: Iterable[Expr]) -> Expr:
    """sum_i a_i b_i."""
    return Add(*map(mul, first, second))


def product(first: Rows, second: Rows) -> list[list[Expr]]:
    """A B."""
    columns = transposed(second)
    return [[dot(row, column) for column in columns] for row in first]


def transposed(rows: Rows) -> list[Row]:
    """A'."""
    return list(zip(*rows, strict=True))


def diagonal(entries: Row) -> list[list[Expr]]:
    """The matrix with these entries on its diagonal."""
    size = range(len(entries))
    return [[entries[i] if i == j else S.Zero for j in size] for i in size]
