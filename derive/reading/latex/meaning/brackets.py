r"""Brackets of every kind: ( ), [ ], \{ \}, \left \right, |…|, ‖…‖, and Iverson's [z > 0].

[z_i]_i is the vector of all z_i.
"""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Abs, Expr

from derive.algebra.indices import free_indices, fresh_index
from derive.algebra.quantities import quantities_in
from derive.model import matrices
from derive.model.matrices import Entries, Matrix
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.lexical.scripts import Scripts
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.meaning import indicators
from derive.reading.latex.meaning.reader import FormulaReader
from derive.reading.latex.naming.quantities import Value
from derive.reading.latex.naming.scope import FormulaScope
from derive.reading.latex.naming.subscripts import subscripts
from derive.reading.latex.syntax.tree import (
    Enclosed,
    Node,
    Scripted,
)

_SIZES = ("|", "\\lvert")


def bracket(reader: FormulaReader, opened: Enclosed, item: Node) -> Value:
    r"""A value in brackets; |v| its size, \|v\|^2 the sum of its squares, [z > 0] its truth."""
    if opened.condition is not None:
        return reader.raised(indicators.truth(reader, opened.condition), item)
    value = only_value(reader, opened)
    if opened.opened == "\\|" or (opened.opened in _SIZES and isinstance(value, Matrix)):
        scripts = item.scripts if isinstance(item, Scripted) else Scripts()
        return _norm_squared(reader, value, opened, scripts)
    size = Abs(value, evaluate=False) if opened.opened in _SIZES else value
    return reader.raised(size, item)


def only_value(reader: FormulaReader, item: Enclosed) -> Value:
    """The one value that stands in brackets."""
    value = reader.value(item.members[0])
    if len(item.members) > 1:
        at = item.members[1].start
        raise LatexError(at, "found a comma where an operator or the end is expected")
    return value


def listed_entries(scope: FormulaScope, body: Expr, below: Sequence[Token]) -> Matrix:
    """The vector [z_i]_i, or the matrix [z_ij]_ij, of a formula for its entries.

    Raises:
        LatexError: where the letters below count nothing in it.
    """
    letters = subscripts(scope, below, 1, below[0], allowed=(1, 2))
    counted = free_indices(body)
    axes = [_axis_of(scope, body, letter) for letter in letters if letter in counted]
    if len(axes) != len(letters) or None in axes:
        raise LatexError(below[0].start, "this number has no indices")
    rows, *columns = ((axis,) for axis in axes)
    row, *column = ((letter,) for letter in letters)
    return Entries(rows, (*columns, ())[0], row, (*column, ())[0], body)  # pyright: ignore


def _axis_of(scope: FormulaScope, body: Expr, letter: Expr) -> Expr | None:
    """What a letter counts in a formula."""
    for quantity in quantities_in(body):
        for own, axis in zip(quantity.indices, scope.model.axes(quantity), strict=False):
            if own == letter:
                return axis
    return None


def _norm_squared(reader: FormulaReader, value: Value, item: Enclosed, scripts: Scripts) -> Value:
    r"""\|v\|^2 = sum_i v_i^2; the norm itself is no function of this project."""
    rest = Scripts(below=scripts.below, layer=scripts.layer, bare=True)
    if [token.text for token in scripts.layer] != ["2"] or scripts != rest:
        raise LatexError(item.start, "the norm is read in its square only, as in \\|y - r\\|^2")
    if not isinstance(value, Matrix):
        return value**2
    if value.rows and value.columns:
        return _sum_of_squares(reader, value, item)
    flat = value if value.is_row else matrices.transposed(value)
    squares = reader.at_place(
        item.start,
        lambda: matrices.product(reader.scope.model, flat, matrices.transposed(flat)),
    )
    assert not isinstance(squares, Matrix)
    return squares


def _sum_of_squares(reader: FormulaReader, value: Matrix, item: Enclosed) -> Value:
    """The square of the norm of Frobenius, the sum over all entries."""
    if len(value.rows) != 1 or len(value.columns) != 1:
        raise LatexError(item.start, "the norm of this matrix is not read")
    model = reader.scope.model
    row = fresh_index(matrices.free_indices(value))
    column = fresh_index({row, *matrices.free_indices(value)})
    entry = matrices.entry(model, value, (row,), (column,))
    return model.over_all(((value.columns[0], column), (value.rows[0], row)), entry**2)
