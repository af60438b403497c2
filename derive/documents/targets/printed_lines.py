"""The lines of displayed formulas, broken where they would be too wide beside their labels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from sympy import Basic, DiracDelta, Expr, S

from derive.algebra import boxes
from derive.algebra.boxes import Box
from derive.algebra.quantities import Partial
from derive.documents.blocks import Equations, Mistaken, Results, Row
from derive.documents.targets.dialects import Dialect
from derive.model.matrices import Matrix
from derive.notation.breaking import lines
from derive.notation.tex import AtPoint, LatexWriter

#: Room for mathematics on a line, in em: a text width of 16.5 cm at 11 pt, less a margin.
_LINE = 41.0
#: Room that an equation number and the gaps between columns take.
_GAPS = 6.0
#: What a label takes beside a formula, as a rule.
_LABEL = 8.0
#: What an equals sign and a frame around an equation take.
_FRAME = 4.0
#: Room for a formula in the middle column of a table, between a name and decimals.
_CELL = 30.0
#: A left-hand side wider than this has lines to itself, above its equals sign.
_WIDEST_LEFT = 20.0
#: So has one wider than this, where what it is equal to does not fit beside it.
_WIDE_LEFT = 12.0


@dataclass(frozen=True)
class Label:
    """What stands beside an equation, and how many characters of it are seen."""

    text: str
    seen: int


@dataclass(frozen=True)
class PrintedLine:
    """One printed line of a formula; `row` is None where no equals sign of a row stands."""

    left: str
    right: str
    row: Row | None
    label: str


def displays(
    block: Equations | Results | Mistaken,
    label: Callable[[Row], Label],
    writer: LatexWriter,
    dialect: Dialect,
) -> list[list[PrintedLine]]:
    """The lines of each displayed formula: a left-hand side on lines of its own begins one."""
    groups: list[list[Row]] = []
    for row in block.rows:
        first = row.left is not None and (
            not groups or _apart(row, writer) or _apart(groups[-1][0], writer)
        )
        if first:
            groups.append([])
        groups[-1].append(row)
    return [_lines(rows, [label(row) for row in rows], writer, dialect) for rows in groups]


def equation(left: Expr, right: Expr, writer: LatexWriter) -> str:
    """An equation by itself as LaTeX, on as many lines as it takes."""
    head = writer.box(left)
    first, *rest = lines(right, _LINE - _FRAME - head.width, writer)
    if not rest:
        return f"{head.text} = {first.text}"
    rows = [f"{head.text} &= {first.text}", *(rf"&\quad {part.text}" for part in rest)]
    return "\\begin{aligned}\n" + " \\\\\n".join(rows) + "\n\\end{aligned}"


def in_a_cell(value: Basic, writer: LatexWriter) -> str:
    """A value as LaTeX; a formula with numbers put in on as many lines as a column has room for."""
    if not isinstance(value, AtPoint):
        return writer.text(value)
    first, *rest = lines(value.formula, _CELL, replace(writer, numbers=value.numbers))
    if not rest:
        return writer.text(value)
    rows = [f"&{first.text}", *(rf"&\quad {part.text}" for part in rest)]
    rows[-1] += value.sign + writer.text(value.value)
    return r"\begin{aligned} " + r" \\ ".join(rows) + r" \end{aligned}"


def _apart(row: Row, writer: LatexWriter) -> bool:
    """Whether a left-hand side has lines of its own."""
    left = _left(row, writer).width
    if left <= _WIDE_LEFT or isinstance(row.right, Matrix):
        return left > _WIDEST_LEFT
    room = _LINE - _GAPS - left - _LABEL
    return left > _WIDEST_LEFT or writer.box(row.right).width > room


def _jumps(right: Expr | Matrix) -> bool:
    """Whether what a derivative is equal to has a delta, so that it is a distribution."""
    return not isinstance(right, Matrix) and right.has(DiracDelta)


def _left(row: Row, writer: LatexWriter) -> Box:
    """The left-hand side; of an equation with a delta, the derivative of a function that jumps."""
    if isinstance(row.left, Partial) and _jumps(row.right):
        return writer.derivative_of_derivative(row.left)
    return boxes.glyphs("") if row.left is None else writer.box(row.left)


def _lines(
    rows: list[Row], labels: list[Label], writer: LatexWriter, dialect: Dialect
) -> list[PrintedLine]:
    """The lines of a formula, broken where they would be too wide beside their labels."""
    apart = _apart(rows[0], writer)
    lefts = [boxes.glyphs("") if apart else _left(row, writer) for row in rows]
    beside = max(dialect.least_label, 0.44 * max(label.seen for label in labels))
    room = _LINE - _GAPS - max(left.width for left in lefts) - beside
    found: list[PrintedLine] = []
    if apart and rows[0].left is not None:
        first, *rest = lines(rows[0].left, room, writer)
        found += [PrintedLine("", first.text, None, ""), *_continued(rest)]
    head = rows[0].left
    for row, left, label in zip(rows, lefts, labels, strict=True):
        head = head if row.left is None else row.left
        broken = lines(row.right, room, dialect.writer(writer, head))
        if row.where != S.true:
            condition = writer.condition(row.where)
            whole = boxes.row(broken[-1], r"\quad", condition)
            broken = [*broken[:-1], whole] if whole.width <= room else [*broken, condition]
        found.append(PrintedLine(left.text, f"{row.relation} {broken[0].text}", row, label.text))
        found += _continued(broken[1:])
    return found


def _continued(parts: list[Box]) -> list[PrintedLine]:
    """The lines of a formula behind its first, indented."""
    return [PrintedLine("", rf"\quad {part.text}", None, "") for part in parts]
