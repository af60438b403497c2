"""The point that refutes a mistake, in tables that are no wider than a line."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Expr

from derive.documents.blocks import Mistaken, NumberRow
from derive.notation.tex import LatexWriter

#: Room on a line of the narrowest page, and what stands between two columns, in em.
_LINE = 41.0
_BETWEEN = 1.2
#: The words above each of the two sides, as a column that is no narrower.
_SIDE = 5.0


@dataclass(frozen=True)
class PointTable:
    """Some of the values of a point; the last table has the values of both sides, too."""

    values: tuple[NumberRow, ...]
    sides: tuple[Expr, ...]


def point_tables(block: Mistaken, writer: LatexWriter) -> list[PointTable]:
    """The tables of a point: one, or as many as its width asks for."""
    both = sum(max(_SIDE, writer.box(side).width) + _BETWEEN for side in block.values)
    tables: list[list[NumberRow]] = [[]]
    room = _LINE
    for number, row in enumerate(block.point, start=1):
        assert row.value is not None
        width = max(writer.box(row.name).width, writer.box(row.value).width) + _BETWEEN
        is_last = number == len(block.point)
        if tables[-1] and width + (both if is_last else 0) > room:
            tables.append([])
            room = _LINE
        tables[-1].append(row)
        room -= width
    return [
        *(PointTable(tuple(rows), ()) for rows in tables[:-1]),
        PointTable(tuple(tables[-1]), block.values),
    ]
