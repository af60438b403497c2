r"""Environments inside a formula: cases, and matrices written out."""

from __future__ import annotations

from collections.abc import Sequence

from derive.reading.latex.lexical.cursor import split
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.lexical.words import begins_condition, otherwise
from derive.reading.latex.syntax.conditions import Inside, condition_of
from derive.reading.latex.syntax.tree import (
    Broken,
    Case,
    CaseList,
    Condition,
    Grid,
    Node,
)

_CASES = ("cases", "dcases", "rcases", "cases*", "dcases*")
_MATRICES = ("pmatrix", "bmatrix", "matrix", "vmatrix", "smallmatrix", "Bmatrix")
_IN_BRACE = ("array", "aligned", "matrix", "alignedat", "gathered", "split")
_MAXIMAL_CASES = 20
_MAXIMAL_ENTRIES = 400


def environment(
    begin: Token, tokens: Sequence[Token], end: int, inside: Inside, *, in_brace: bool = False
) -> Node:
    r"""\begin{cases} … \end{cases}, also as \left\{ \begin{array} … \right., or a matrix.

    Raises:
        LatexError: for any other environment.
    """
    if begin.text in _CASES or (in_brace and begin.text in _IN_BRACE):
        return _case_list(begin, tokens, end, inside)
    if begin.text in _MATRICES:
        return _grid(begin, tokens, end, inside)
    raise LatexError(begin.start, f"\\begin{{{begin.text}}} is not read inside a formula")


def _grid(begin: Token, tokens: Sequence[Token], end: int, inside: Inside) -> Grid:
    rows = [split(row, "cell") for row in split(tokens, "row") if row]
    if len({len(row) for row in rows}) != 1:
        raise LatexError(begin.start, "the rows of this matrix differ in length")
    if len(rows) * len(rows[0]) > _MAXIMAL_ENTRIES:
        raise LatexError(begin.start, f"a matrix has up to {_MAXIMAL_ENTRIES} entries here")
    plain = ([[t for t in cell if t.kind != "quad"] for cell in row] for row in rows)
    return Grid(begin.start, tuple(tuple(inside(cell, end) for cell in row) for row in plain))


def _case_list(begin: Token, tokens: Sequence[Token], end: int, inside: Inside) -> CaseList:
    rows = [row for row in split(tokens, "row") if any(t.kind not in ("cell", "quad") for t in row)]
    if not rows or len(rows) > _MAXIMAL_CASES:
        raise LatexError(begin.start, f"cases have 1 to {_MAXIMAL_CASES} lines")
    return CaseList(begin.start, tuple(_case(row, inside) for row in rows))


def _case(row: Sequence[Token], inside: Inside) -> Case:
    """A value and its condition, parted by & or by the word if."""
    value, where = _parted(row)
    found = inside(value, value[-1].end)
    return Case(value[0].start, found, None if otherwise(where) else _where(where, inside))


def _where(where: Sequence[Token], inside: Inside) -> Condition | Broken | None:
    while where and (where[0].kind in ("quad", "text", "cell") or _is_word(where)):
        if where[0].kind == "text" and not begins_condition(where[0]):
            at = where[0].start
            return Broken(at, LatexError(at, f"the words {where[0]} in a case are not read"))
        where = where[2:] if _is_word(where) else where[1:]
    return condition_of(where, inside) if where else None


def _is_word(tokens: Sequence[Token]) -> bool:
    """The letters i f, written without text around them."""
    return len(tokens) > 1 and (tokens[0].text, tokens[1].text) == ("i", "f")


def _parted(row: Sequence[Token]) -> tuple[list[Token], list[Token]]:
    cells = split(row, "cell")
    value = cells[0]
    where = [token for cell in cells[1:] for token in cell]
    for position, token in enumerate(value):
        is_gap = token.kind == "text" or (position > 0 and token.kind == "quad")
        if is_gap or _is_word(value[position:]):
            where = [*value[position:], *where]
            value = value[:position]
            break
    if not where:
        value, *rest = split(value, ",")
        where = [token for part in rest for token in part]
    kept = [token for token in value if token.kind != "quad"]
    while kept and kept[-1].is_sign(",", ";", "."):
        kept = kept[:-1]
    if not kept:
        raise LatexError(row[0].start, "this case has no value")
    return kept, where
