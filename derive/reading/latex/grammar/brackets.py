r"""Brackets of every kind: ( ), [ ], \{ \}, \left \right, |…|, ‖…‖, and Iverson's [z > 0]."""

from __future__ import annotations

from sympy import Abs

from derive.algebra.indices import fresh_index
from derive.model import matrices
from derive.model.matrices import Matrix
from derive.reading.latex.grammar import functions, tables
from derive.reading.latex.grammar.contents import content, has_relation
from derive.reading.latex.grammar.reader import FormulaReader
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.naming.quantities import Value


def bracket(reader: FormulaReader) -> Value:
    r"""A value in brackets; |v| its size, \|v\|^2 the sum of its squares, [z > 0] its truth."""
    opened, tokens = content(reader)
    if opened.text == "{" and opened.kind == "command" and tokens and tokens[0].kind == "begin":
        return tables.environment(reader.inside(tokens, reader.last.start), cases_only=True)
    inner = reader.inside(tokens, reader.last.start)
    if has_relation(tokens):
        return functions.truth(reader, inner)
    value = inner.whole()
    if opened.text in ("|", "lvert") and opened.kind == "sign":
        if isinstance(value, Matrix):
            return _norm_squared(reader, value, opened)
        return Abs(value, evaluate=False)
    if opened.text == "|":
        return _norm_squared(reader, value, opened)
    return value


def _norm_squared(reader: FormulaReader, value: Value, opened: Token) -> Value:
    r"""\|v\|^2 = sum_i v_i^2; the norm itself is no function of this project."""
    if reader.next.is_sign("_"):
        reader.advance()
        reader.group()
    if not reader.next.is_sign("^") or reader.ahead(1).text not in ("2", "{"):
        raise LatexError(opened.start, "the norm is read in its square only, as in \\|y - r\\|^2")
    reader.advance()
    exponent = reader.group()
    if [t.text for t in exponent] != ["2"]:
        raise LatexError(opened.start, "the norm is read in its square only, as in \\|y - r\\|^2")
    if not isinstance(value, Matrix):
        return value**2
    if value.rows and value.columns:
        return _sum_of_squares(reader, value, opened)
    flat = value if value.is_row else matrices.transposed(value)
    squares = reader.at_place(
        opened.start,
        lambda: matrices.product(reader.scope.model, flat, matrices.transposed(flat)),
    )
    assert not isinstance(squares, Matrix)
    return squares


def _sum_of_squares(reader: FormulaReader, value: Matrix, opened: Token) -> Value:
    """The square of the norm of Frobenius, the sum over all entries."""
    if len(value.rows) != 1 or len(value.columns) != 1:
        raise LatexError(opened.start, "the norm of this matrix is not read")
    model = reader.scope.model
    row = fresh_index(matrices.free_indices(value))
    column = fresh_index({row, *matrices.free_indices(value)})
    entry = matrices.entry(model, value, (row,), (column,))
    return model.over_all(((value.columns[0], column), (value.rows[0], row)), entry**2)
