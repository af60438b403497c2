r"""Environments inside a formula: cases, and matrices written out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Basic, Eq, Expr, Integer, KroneckerDelta, Ne, Piecewise, S

from derive.algebra.indices import free_indices
from derive.model.matrices import Matrix, scaled
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.lexical.scripts import Scripts
from derive.reading.latex.meaning.conditions import condition
from derive.reading.latex.meaning.reader import FormulaReader
from derive.reading.latex.meaning.unit_conditions import compares_units
from derive.reading.latex.meaning.values import total
from derive.reading.latex.naming.quantities import Value
from derive.reading.latex.syntax.tree import (
    Broken,
    Case,
    CaseList,
    Grid,
    Minus,
    Operator,
    Run,
    Scripted,
    Terms,
)


@dataclass(frozen=True)
class Written:
    """A matrix or vector written out, entry by entry."""

    rows: tuple[tuple[Expr, ...], ...]


def written_out(reader: FormulaReader, side: Terms) -> Written | None:
    """The whole side as a matrix that is written out; None where it is something else.

    A number may stand in front, as in (r - y) times the matrix.
    """
    run, *others = side.runs
    scripted = run.items[-1]
    last = scripted.of if isinstance(scripted, Scripted) else scripted
    if others or side.surplus is not None or not isinstance(last, Grid):
        return None
    factor = side.signs[0] * _factor(reader, run)
    read = [tuple(_entry(reader, cell) for cell in row) for row in last.rows]
    if isinstance(scripted, Scripted):
        if scripted.scripts != Scripts(transposed=True):
            raise not_whole(last)
        read = [tuple(column) for column in zip(*read, strict=True)]
    return Written(tuple(tuple(factor * entry for entry in row) for row in read))


def not_whole(grid: Grid) -> LatexError:
    """Why a matrix that is written out is not read in the midst of a formula."""
    return LatexError(grid.start, "a matrix written out is read only where it is one whole side")


def _factor(reader: FormulaReader, run: Run) -> Expr:
    """The number in front of a matrix, which may be a sign alone."""
    before = run.items[:-1]
    if before and isinstance(before[-1], Operator) and before[-1].sign in ("cdot", "times"):
        before = before[:-1]
    if not before:
        return S.One
    if len(before) == 1 and isinstance(before[0], Minus):
        return S.NegativeOne
    value = reader.inside(Run(run.start, before, run.end)).term()
    if isinstance(value, Matrix):
        raise LatexError(before[0].start, "a product with a matrix written out is not read")
    return value


def _entry(reader: FormulaReader, cell: Terms) -> Expr:
    value = reader.value(cell)
    if isinstance(value, Matrix):
        raise LatexError(cell.start, "an entry of a matrix is a number")
    return value


def cases(reader: FormulaReader, item: CaseList) -> Value:
    """Values under conditions, or under conditions on indices a number times a delta."""
    read = [_branch(reader, row) for row in item.rows]
    branches = [(value, where) for value, where in read if not isinstance(value, Matrix)]
    if len(branches) < len(read):
        return _of_matrices(reader, item, read)
    by_index = _by_index(branches)
    if by_index is not None:
        return by_index
    if any(compares_units(part) for _, where in branches for part in where.atoms(Eq, Ne)):
        raise LatexError(item.start, "cases of indices are read as i = j and otherwise only")
    return Piecewise(*branches, evaluate=False)


def _of_matrices(
    reader: FormulaReader, item: CaseList, branches: Sequence[tuple[Value, Basic]]
) -> Value:
    """Vectors under conditions of numbers: each times a number that is 1 where it is meant."""
    wheres = [where for _, where in branches]
    if any(free_indices(where) for where in wheres):
        raise LatexError(item.start, "a case of a vector under a condition on its entries is open")
    terms: list[Value] = []
    for place, (value, _) in enumerate(branches):
        if value == 0:
            continue
        if not isinstance(value, Matrix):
            raise LatexError(item.rows[place].start, "one case is a vector, and another a number")
        meant = ((Integer(n == place), where) for n, where in enumerate(wheres))
        terms.append(scaled(Piecewise(*meant, evaluate=False), value))
    return total(reader.scope.model, terms)


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


def _branch(reader: FormulaReader, row: Case) -> tuple[Value, Basic]:
    """A value and its condition."""
    value = reader.value(row.value)
    if isinstance(row.where, Broken):
        raise row.where.problem.with_traceback(None)
    where = S.true if row.where is None else condition(reader, row.where, of_units=True)
    return value, where
