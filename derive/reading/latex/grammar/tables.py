r"""Environments inside a formula: cases, and matrices written out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Basic, Eq, Expr, KroneckerDelta, Ne, Piecewise, S

from derive.model.matrices import Matrix
from derive.reading.latex.grammar.conditions import condition, otherwise
from derive.reading.latex.grammar.reader import FormulaReader
from derive.reading.latex.grammar.unit_conditions import compares_units
from derive.reading.latex.lexical.cursor import split, with_depth
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.naming.quantities import Value

_CASES = ("cases", "dcases", "rcases", "cases*", "dcases*")
_MATRICES = ("pmatrix", "bmatrix", "matrix", "vmatrix", "smallmatrix", "Bmatrix")
_IN_BRACE = ("array", "aligned", "matrix", "alignedat", "gathered", "split")
_CONDITION_WORDS = (
    "if",
    "for",
    "when",
    "where",
    "whenever",
    "as long as",
    "provided",
    "provided that",
    "wherever",
    "in case",
    "falls",
    "wenn",
)
#: Words that make of "if" something else: not if, even if, only if, unless when.
_TURNING = frozenset(
    ("not", "never", "even", "only", "except", "unless", "whether", "regardless", "no", "nor")
)
_MAXIMAL_CASES = 20
_MAXIMAL_ENTRIES = 400


@dataclass(frozen=True)
class Written:
    """A matrix or vector written out, entry by entry."""

    rows: tuple[tuple[Expr, ...], ...]


def environment(reader: FormulaReader, cases_only: bool = False) -> Value:
    r"""\begin{cases} … \end{cases}, also as \left\{ \begin{array} … \right."""
    begin = reader.advance()
    tokens = reader.environment(begin)
    end = reader.last.start
    if begin.text in _CASES or (cases_only and begin.text in _IN_BRACE):
        return _cases(reader, begin, tokens, end)
    if begin.text in _MATRICES:
        raise LatexError(
            begin.start, "a matrix written out is read only where it is one whole side"
        )
    raise LatexError(begin.start, f"\\begin{{{begin.text}}} is not read inside a formula")


def written_out(reader: FormulaReader) -> Written | None:
    """The whole side as a matrix that is written out; None where it is something else.

    A number may stand in front, as in (r - y) times the matrix.
    """
    start = reader.mark()
    before = _tokens_before_matrix(reader)
    if before is None:
        reader.back(start)
        return None
    factor = _factor(reader, before)
    begin = reader.advance()
    tokens = reader.environment(begin)
    end = reader.last.start
    turned = False
    if reader.next.is_sign("^") and reader.ahead(1).text in ("T", "top", "{"):
        reader.advance()
        turned = [t.text for t in reader.group()] in (["T"], ["top"])
    if not reader.at_end:
        raise LatexError(
            begin.start, "a matrix written out is read only where it is one whole side"
        )
    rows = [split(row, "cell") for row in split(tokens, "row") if row]
    if len({len(row) for row in rows}) != 1:
        raise LatexError(begin.start, "the rows of this matrix differ in length")
    if len(rows) * len(rows[0]) > _MAXIMAL_ENTRIES:
        raise LatexError(begin.start, f"a matrix has up to {_MAXIMAL_ENTRIES} entries here")
    read = [tuple(_entry(reader, cell, end) for cell in row) for row in rows]
    if turned:
        read = [tuple(column) for column in zip(*read, strict=True)]
    return Written(tuple(tuple(factor * entry for entry in row) for row in read))


def _tokens_before_matrix(reader: FormulaReader) -> list[Token] | None:
    """What stands before the matrix of a side of one term; None where there is no such side."""
    before: list[Token] = []
    while not (reader.next.kind == "begin" and reader.next.text in _MATRICES):
        if reader.at_end or reader.next.kind == "begin":
            return None
        before.append(reader.advance())
    depths = with_depth([*before, reader.next])
    terms = any(token.is_sign("+", "-") and not depth for token, depth in depths[1:])
    return before if depths[-1][1] == 1 and not terms else None


def _factor(reader: FormulaReader, before: list[Token]) -> Expr:
    """The number in front of a matrix, which may be a sign alone."""
    while before and (before[-1].kind == "quad" or before[-1].is_command("cdot", "times")):
        before = before[:-1]
    if not any(token.kind != "quad" for token in before):
        return S.One
    if len(before) == 1 and before[0].is_sign("-"):
        return S.NegativeOne
    value = reader.inside(before, before[-1].end).whole()
    if isinstance(value, Matrix):
        raise LatexError(before[0].start, "a product with a matrix written out is not read")
    return value


def _entry(reader: FormulaReader, cell: Sequence[Token], end: int) -> Expr:
    value = reader.inside([t for t in cell if t.kind != "quad"], end).whole()
    if isinstance(value, Matrix):
        raise LatexError(cell[0].start, "an entry of a matrix is a number")
    return value


def _cases(reader: FormulaReader, begin: Token, tokens: Sequence[Token], end: int) -> Value:
    rows = [row for row in split(tokens, "row") if any(t.kind not in ("cell", "quad") for t in row)]
    if not rows or len(rows) > _MAXIMAL_CASES:
        raise LatexError(begin.start, f"cases have 1 to {_MAXIMAL_CASES} lines")
    branches: list[tuple[Expr, Basic]] = []
    for row in rows:
        branches.append(_branch(reader, row, end))
    by_index = _by_index(branches)
    if by_index is not None:
        return by_index
    if any(compares_units(part) for _, where in branches for part in where.atoms(Eq, Ne)):
        raise LatexError(begin.start, "cases of indices are read as i = j and otherwise only")
    return Piecewise(*branches, evaluate=False)


def _by_index(branches: Sequence[tuple[Expr, Basic]]) -> Expr | None:
    """a if i = j, b if i is not j: a delta_ij + b (1 - delta_ij); None for other cases."""
    if len(branches) != 2:
        return None
    (value, first), (other, second) = branches
    if isinstance(first, Ne):
        value, other, first, second = other, value, ~first, second if second == S.true else ~second
    if not isinstance(first, Eq) or not compares_units(first):
        return None
    if second not in (S.true, Ne(*first.args), Ne(*reversed(first.args))):
        return None
    delta = KroneckerDelta(*first.args)
    return value * delta + other * (1 - delta)


def _branch(reader: FormulaReader, row: Sequence[Token], end: int) -> tuple[Expr, Basic]:
    """A value and its condition, parted by & or by the word if."""
    value_tokens, where = _parted(row)
    value = reader.inside(value_tokens, value_tokens[-1].end).whole()
    if isinstance(value, Matrix):
        raise LatexError(value_tokens[0].start, "a case of a vector is not read; write one entry")
    if otherwise(where):
        return value, S.true
    while where and (where[0].kind in ("quad", "text", "cell") or _is_word(where)):
        if where[0].kind == "text" and not begins_condition(where[0]):
            raise LatexError(where[0].start, f"the words {where[0]} in a case are not read")
        where = where[2:] if _is_word(where) else where[1:]
    if not where:
        return value, S.true
    return value, condition(reader.inside(where, end), of_units=True)


def _is_word(tokens: Sequence[Token]) -> bool:
    """The letters i f, written without text around them."""
    return len(tokens) > 1 and (tokens[0].text, tokens[1].text) == ("i", "f")


def _parted(row: Sequence[Token]) -> tuple[list[Token], list[Token]]:
    cells = split(row, "cell")
    value = cells[0]
    where = [token for cell in cells[1:] for token in cell]
    for position, token in enumerate(value):
        is_word = token.kind == "text" and begins_condition(token)
        if is_word or (position and token.kind in ("quad",)) or _is_word(value[position:]):
            where = [*value[position:], *where]
            value = value[:position]
            break
        if token.kind == "text":
            where, value = [*value[position:], *where], value[:position]
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


def begins_condition(token: Token) -> bool:
    """Whether words such as "if" introduce a condition."""
    words = token.text.strip(" ,.;:(").lower()
    before, _, last = words.rpartition(" ")
    turned = not _TURNING.isdisjoint(before.replace(",", " ").split())
    return words in _CONDITION_WORDS or (last in _CONDITION_WORDS and not turned)
