"""Blocks of a document that present an analysis: a table, and a passage with computed values.

They hold expressions and keys of `templates/analysis.jinja`; neither English nor LaTeX.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sympy import Basic

#: An expression, or a key of the templates for a word.
Cell = Basic | str


@dataclass(frozen=True)
class Table:
    """Rows of cells under the headings `columns`; `key` names the table.

    A heading is a key of the templates, or an expression (a depth, a width).
    """

    key: str
    columns: tuple[Cell, ...]
    rows: tuple[tuple[Cell, ...], ...]


@dataclass(frozen=True)
class Passage:
    """A paragraph that the templates write around computed values.

    `references` are keys of the literature that it relies on.
    """

    key: str
    facts: Mapping[str, Basic] = field(default_factory=dict)
    references: tuple[str, ...] = ()
