"""Arithmetic on what was read: numbers in index form and matrices, in any mixture."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from sympy import Expr, S, Symbol

from derive.algebra.indices import free_indices, fresh_index
from derive.errors import ReadingError
from derive.model import matrices
from derive.model.matrices import Entries, Matrix, Product, Scaled, ShapeError, Transposed
from derive.model.model import Model
from derive.model.network import Network
from derive.notation.ascii import arithmetic
from derive.reading.latex.meaning.unsized import (
    Identity,
    OnesRow,
    scaled_identity,
    sized_in_product,
    sized_in_sum,
)

Value = Expr | Matrix

#: Entries of products are written out recursively, and nobody multiplies more matrices.
MAXIMAL_MATRICES = 30

#: What binds less than a product without a sign; a column \\otimes a column is their outer
#: product as "otimes" and a longer column as "kronecker"; of rows, that is "outer".
_LOOSE = ("odot", "otimes", "kronecker", "outer")

#: The argument of a function that is applied entry by entry.
ENTRY = Symbol("_entry", real=True)


def total(network: Model, terms: Sequence[Value]) -> Value:
    """The sum; a constant is added to every entry of a vector, as in 1 - r."""
    if len(terms) == 1:
        return terms[0]
    terms = sized_in_sum(terms)
    found = [term for term in terms if isinstance(term, Matrix)]
    numbers = [term for term in terms if not isinstance(term, Matrix)]
    if not found:
        return arithmetic.total(numbers, 0)
    together = matrices.total(network, spread(network, found))
    if not numbers:
        return together
    constant = arithmetic.total(numbers, 0)
    if constant == 0:
        return together
    entrywise = not isinstance(network, Network) and not free_indices(constant)
    if not (constant.is_number or entrywise):
        raise ShapeError(
            f"a number and a {matrices.shape(network, together)} matrix cannot be added"
        )
    return matrices.elementwise(ENTRY, ENTRY + constant, together)


def adds_number_to_square(terms: Sequence[Value]) -> bool:
    """Whether a number other than 0 stands beside matrices with rows and columns of one axis."""
    square = any(isinstance(term, Matrix) and term.rows == term.columns != () for term in terms)
    return square and any(not isinstance(term, Matrix | Identity) and term != 0 for term in terms)


def negative(value: Value, at: int) -> Value:
    """-v."""
    if isinstance(value, Identity):
        return scaled_identity(value, S.NegativeOne)
    if isinstance(value, Matrix):
        return matrices.scaled(S.NegativeOne, value)
    return arithmetic.product([S.NegativeOne, value], at)


def transposed(value: Value) -> Value:
    """v^T; a number is its own transpose, and so is I."""
    if isinstance(value, Identity):
        return value
    return matrices.transposed(value) if isinstance(value, Matrix) else value


def power(network: Model, base: Value, exponent: Value) -> Value:
    """b^n: entry by entry, but for the square of a square matrix, its product with itself."""
    if isinstance(exponent, Matrix):
        raise ReadingError(0, "an exponent is a number")
    if not isinstance(base, Matrix):
        return arithmetic.power(base, exponent, 0)
    if base.rows != base.columns or not isinstance(network, Network):
        return _power_of_entries(base, exponent)
    if exponent == 2:
        return matrices.product(network, base, base)
    raise ReadingError(0, f"a matrix is read to the power 2 only, not {exponent}")


def spread(network: Model, terms: Sequence[Matrix]) -> Sequence[Matrix]:
    """The terms of a sum or product entry by entry, vectors as matrices with equal rows or columns.

    In a model from definitions the axis of a vector says along which it lies; where it is that of
    rows and columns both, a sum over rows is a column.

    Raises:
        ReadingError: for a vector that may be meant either way.
    """
    whole = next((term for term in terms if term.rows and term.columns), None)
    if isinstance(network, Network):
        return terms
    if whole is None:
        # The sums of columns lie as the vectors do that they are added to.
        column = next((t for t in terms if t.is_column and not _sums_columns(t)), None)
        rows = None if column is None else column.rows
        return [
            matrices.transposed(term) if _sums_columns(term) and term.columns == rows else term
            for term in terms
        ]
    return [term if term.rows and term.columns else _spread(network, term, whole) for term in terms]


def _sums_columns(vector: Matrix) -> bool:
    """Whether a row is 1^T A, the sums of the columns of a matrix, or a multiple of it."""
    match vector:
        case Scaled():
            return _sums_columns(vector.of)
        case Transposed():
            return isinstance(vector.of, Product) and _is_ones(vector.of.right)
        case Product():
            return _is_ones(vector.left)
        case _:
            return False


def _is_ones(matrix: Matrix) -> bool:
    inner = matrix.of if isinstance(matrix, Transposed) else matrix
    return isinstance(inner, Entries) and inner.body == 1


def _spread(network: Model, vector: Matrix, like: Matrix) -> Matrix:
    axis = vector.rows or vector.columns
    if axis not in (like.rows, like.columns):
        return vector  # whose shape does not fit in any way
    down = axis == like.rows
    if like.rows == like.columns:
        if isinstance(vector, Entries):
            raise ReadingError(0, "this vector may be meant as a row or as a column; write indices")
        down = vector.is_column
    letters: list[Symbol] = []
    for _ in (*like.rows, *like.columns):
        letters.append(fresh_index({*letters, *matrices.free_indices(vector)}))
    row, column = letters[: len(like.rows)], letters[len(like.rows) :]
    place = tuple(row) if down else tuple(column)
    units = (place, ()) if vector.rows else ((), place)
    body = matrices.entry(network, vector, *units)
    return Entries(like.rows, like.columns, tuple(row), tuple(column), body)


def entry_by_entry(network: Model, left: Matrix, right: Matrix) -> Matrix:
    """A o B, and v o B for a vector in a model from definitions."""
    left, right = spread(network, (left, right))
    return matrices.hadamard(network, left, right)


def _power_of_entries(base: Matrix, exponent: Expr) -> Matrix:
    """Entry by entry, unless it may as well be the product of a matrix with itself."""
    if base.rows == base.columns:
        raise ReadingError(0, "a power of a square matrix may be meant entry by entry or not")
    return matrices.elementwise(ENTRY, arithmetic.power(ENTRY, exponent, 0), base)


def _without_ones(factors: Sequence[Value]) -> list[Value]:
    """v for v 1^T, whose rows are equal to what stands beside it in a sum: vectors are spread."""
    ends = isinstance(factors[-1], OnesRow) and isinstance(factors[-2], Matrix)
    return [*factors[:-1], S.One] if ends and factors[-2].is_column else [*factors]  # pyright: ignore


def _starred(network: Model, left: Matrix, right: Matrix) -> Value:
    """A * B, entry by entry where the shapes allow that and no product of matrices."""
    if left.columns == right.rows and not matrices.same_shape(network, left, right):
        return matrices.product(network, left, right)
    if left.columns == right.rows:
        raise ReadingError(0, "this sign may mean either product; write \\odot, or no sign")
    return entry_by_entry(network, left, right)


def product(network: Model, factors: Sequence[Value], operators: Sequence[str]) -> Value:
    r"""The product; `operators[n]` stands before factor n, "" where they are side by side.

    \odot and \otimes bind less than a product without a sign: W^T d \odot s is (W^T d) \odot
    s.  Where the shapes forbid that, they bind alike, from left to right.
    """
    if sum(isinstance(factor, Matrix) for factor in factors) > MAXIMAL_MATRICES:
        raise ReadingError(0, f"a product has up to {MAXIMAL_MATRICES} matrices here")
    if len(factors) == 1:
        return factors[0]
    found = [factor for factor in factors if isinstance(factor, Matrix)]
    if len(found) == 1 and isinstance(found[0], Identity):
        numbers = [S.One if isinstance(factor, Matrix) else factor for factor in factors]
        number = _run(network, numbers, operators)
        assert isinstance(number, Expr)
        return scaled_identity(found[0], number)
    if not isinstance(network, Network):
        factors = _without_ones(factors)
    factors = sized_in_product(factors, operators)
    loose = [n for n, operator in enumerate(operators) if operator in _LOOSE]
    if not loose:
        return _run(network, factors, operators)
    bounds = [0, *loose, len(factors)]
    try:
        runs = [
            _run(network, factors[a:b], ["", *operators[a + 1 : b]]) for a, b in pairwise(bounds)
        ]
        return _run(network, runs, ["", *(operators[n] for n in loose)])
    except ShapeError as problem:
        try:
            return _run(network, factors, operators)
        except ShapeError:
            raise problem from None


def _run(network: Model, factors: Sequence[Value], operators: Sequence[str]) -> Value:
    """From left to right; numbers are collected, so that their product stays short."""
    numbers: list[Expr] = []
    matrix: Matrix | None = None
    for factor, operator in zip(factors, operators, strict=True):
        if operator == "over" and not isinstance(factor, Matrix):
            numbers.append(arithmetic.power(factor, S.NegativeOne, 0))
        elif operator == "over" and isinstance(factor, Matrix):
            inverse = matrices.elementwise(ENTRY, 1 / ENTRY, factor)
            matrix = inverse if matrix is None else entry_by_entry(network, matrix, inverse)
        elif not isinstance(factor, Matrix):
            numbers.append(factor)
        elif matrix is None:
            matrix = factor
        else:
            together = _pair(network, matrix, factor, operator)
            if isinstance(together, Matrix):
                matrix = together
            else:
                numbers.append(together)
                matrix = None
    number = arithmetic.product(numbers, 0) if numbers else S.One
    return number if matrix is None else matrices.scaled(number, matrix)


def _pair(network: Model, left: Matrix, right: Matrix, operator: str) -> Value:
    """Two matrices multiplied in the way that the sign between them says."""
    match operator:
        case "odot":
            return entry_by_entry(network, left, right)
        case "otimes":
            if left.is_column and right.is_column:
                return matrices.product(network, left, matrices.transposed(right))
            return matrices.kronecker(left, right)
        case "kronecker":
            return matrices.kronecker(left, right)
        case "outer":
            if left.is_row and right.is_row:
                return matrices.product(network, matrices.transposed(left), right)
            return matrices.kronecker(left, right)
        case "dot" if left.is_row and right.is_row:
            return matrices.product(network, left, matrices.transposed(right))
        case "cdot" if left.is_column and right.is_column and not isinstance(network, Network):
            raise ReadingError(
                0, "a dot between vectors may mean either product; write u^T v or u \\odot v"
            )
        case "cdot" if left.is_column and right.is_column:
            return matrices.product(network, matrices.transposed(left), right)
        case "times" if not isinstance(network, Network):
            return _starred(network, left, right)
        case "times":
            try:
                return matrices.product(network, left, right)
            except ShapeError as problem:
                if matrices.same_shape(network, left, right):
                    return matrices.hadamard(network, left, right)
                raise problem from None
        case _:
            return matrices.product(network, left, right)
