"""A wrong right side in place of that of a row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sympy import Expr

from derive.documents.blocks import Row


@dataclass(frozen=True)
class WrongRow:
    """A wrong right side in place of that of `row`, and what the words about it speak of.

    `mistake` has the name that `derive check` gives it.
    """

    row: Row
    right: Expr
    mistake: str
    about: Mapping[str, Expr] = field(default_factory=dict)


def right_of(row: Row) -> Expr:
    """The right side of a row in index form."""
    assert isinstance(row.right, Expr)
    return row.right
