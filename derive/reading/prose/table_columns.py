"""Chains in tables of HTML: a formula that begins with = goes on with what stands above it.

Behind an equation such a table has cells with other formulas, as those that were put in, and with
words; none of them is a part of the chain.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from derive.reading.latex.chains import Layers, ReadSide
from derive.reading.latex.state import State

_ROW = re.compile(r"<tr\b", re.IGNORECASE)
_CELL = re.compile(r"<t[dh]\b", re.IGNORECASE)
_CELLS = re.compile(r"</?t(?:able|r|d|h)\b", re.IGNORECASE)
_TABLE = re.compile(r"</?table\b", re.IGNORECASE)
#: What a chain may go on from.
_Last = Mapping[Layers, ReadSide]


@dataclass(frozen=True)
class TableColumns:
    """Where chains stand in the columns of the table that is read, by the number of each."""

    last: Mapping[int, _Last] = field(default_factory=dict[int, _Last])

    def entered(
        self, state: State, text: str, prose: str, start: int
    ) -> tuple[TableColumns, State]:
        """The same before a formula, and the state with what stands above; `prose` is between."""
        if _CELLS.search(prose) is None:
            return self, state
        columns = TableColumns() if _TABLE.search(prose) else self
        return columns, replace(state, last=dict(columns.last.get(_column(text, start), {})))

    def left(self, state: State, text: str, end: int) -> TableColumns:
        """The same behind a formula."""
        column = _column(text, end)
        return TableColumns({**self.last, column: state.last}) if column else self


def _column(text: str, place: int) -> int:
    """The number of the cell in its row in which a place stands; 0 outside of tables."""
    start = max(
        (row.start() for row in _ROW.finditer(text, max(0, place - 40_000), place)), default=-1
    )
    if start < 0:
        return 0
    return sum(1 for _ in _CELL.finditer(text, start, place))
