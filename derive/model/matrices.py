"""Matrices of a model as small expression trees: shapes in axes, entries in indices.

The rows count a tuple of axes of the model, the layers of a network: () for a single row,
(k,) for the units of layer k, (k, k+1) for their pairs, as the rows of a Kronecker product;
likewise the columns.  Layers of one unit have no index and so appear in no tuple.  The entry
of a matrix is an expression in index form, which is what gets proved.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, fields
from typing import Any

from sympy import Add, Expr, Integer, KroneckerDelta, Mul, S, Symbol

from derive.algebra.indices import contract, fresh_index, index_symbols, substitute
from derive.algebra.quantities import Partial, Quantity
from derive.errors import DeriveError
from derive.model.model import Model

Axis = tuple[Expr, ...]

#: Sums between two different layers of one width are written out up to this width.
_MAXIMAL_WRITTEN_OUT = 50


class ShapeError(DeriveError):
    """Matrices whose shapes do not go together; the message names the shapes."""


@dataclass(frozen=True)
class Matrix:
    """What all matrices have: the layers that the rows and the columns count."""

    rows: Axis
    columns: Axis

    @property
    def is_column(self) -> bool:
        """Whether there is one column."""
        return not self.columns

    @property
    def is_row(self) -> bool:
        """Whether there is one row."""
        return not self.rows


@dataclass(frozen=True)
class Entries(Matrix):
    """The matrix whose entry in a row and column is `body`, a formula in their indices."""

    row: tuple[Symbol, ...]
    column: tuple[Symbol, ...]
    body: Expr


@dataclass(frozen=True)
class Transposed(Matrix):
    """Rows for columns."""

    of: Matrix


@dataclass(frozen=True)
class Total(Matrix):
    """A sum of matrices of one shape."""

    terms: tuple[Matrix, ...]


@dataclass(frozen=True)
class Product(Matrix):
    """(A B)_ij = sum_l A_il B_lj."""

    left: Matrix
    right: Matrix


@dataclass(frozen=True)
class Hadamard(Matrix):
    """(A o B)_ij = A_ij B_ij."""

    left: Matrix
    right: Matrix


@dataclass(frozen=True)
class Scaled(Matrix):
    """A number times a matrix."""

    factor: Expr
    of: Matrix


@dataclass(frozen=True)
class Kronecker(Matrix):
    """(A (x) B)_(i,l),(j,m) = A_ij B_lm."""

    left: Matrix
    right: Matrix


@dataclass(frozen=True)
class Diagonal(Matrix):
    """The square matrix with the entries of a column on its diagonal."""

    of: Matrix


@dataclass(frozen=True)
class Stacked(Matrix):
    """vec(A): the columns of A one under the other, vec(A)_(j,i) = A_ij."""

    of: Matrix


@dataclass(frozen=True)
class Elementwise(Matrix):
    """f(A)_ij = f(A_ij), where f(variable) = body."""

    variable: Symbol
    body: Expr
    of: Matrix


@dataclass(frozen=True)
class RowSum(Matrix):
    """rowsum(A)_i = sum_j A_ij, a column."""

    of: Matrix


@dataclass(frozen=True)
class RowMean(Matrix):
    """rowmean(A)_i = (1/n) sum_j A_ij for n columns, a column."""

    of: Matrix


@dataclass(frozen=True)
class Repeated(Matrix):
    """A column for each column, a row for each row, or one number for all entries."""

    of: Matrix


@dataclass(frozen=True)
class Einsum(Matrix):
    """einsum(hts,hsa->hta, P, V)_hta = sum_s P_hts V_hsa: products, summed over other letters.

    An array of three axes and more has all of them as its rows.  `inputs` has the letters of each
    operand, its rows before its columns, `output` those of the result.
    """

    inputs: tuple[tuple[Symbol, ...], ...]
    output: tuple[Symbol, ...]
    operands: tuple[Matrix, ...]


@dataclass(frozen=True)
class MatrixEquation:
    """An equation between matrices of one shape, and a row and column that stand for all."""

    left: Matrix
    right: Matrix
    row: tuple[Symbol, ...]
    column: tuple[Symbol, ...]

    def entries(self, network: Model) -> tuple[Expr, Expr]:
        """Both sides in that row and column: the equation in index form."""
        left, right = (
            contract(entry(network, side, self.row, self.column))
            for side in (self.left, self.right)
        )
        return left, right  # pyright: ignore[reportReturnType]


# -- building --------------------------------------------------------------------------------


def entries(
    network: Model,
    body: Expr,
    row: tuple[Symbol, Expr] | None,
    column: tuple[Symbol, Expr] | None,
) -> Matrix | Expr:
    """The matrix whose (row, column) entry is `body`; row and column are an index and its layer.

    An axis of one unit is dropped; where nothing is left, this is the number `body` itself.
    """
    kept = [pair if pair and network.has_index(pair[1]) else None for pair in (row, column)]
    if kept == [None, None]:
        return body
    (rows, row_index), (columns, column_index) = (
        (((pair[1],), (pair[0],)) if pair else ((), ())) for pair in kept
    )
    return Entries(rows, columns, row_index, column_index, body)


def ones(axis: Expr) -> Matrix:
    """A column of ones along an axis."""
    return array((fresh_index(()),), (axis,), S.One)


def array(letters: tuple[Symbol, ...], axes: Axis, body: Expr) -> Matrix:
    """The array whose entry at these letters, each on its axis, is `body`."""
    if len(letters) == 2:
        return Entries(axes[:1], axes[1:], letters[:1], letters[1:], body)
    return Entries(axes, (), letters, (), body)


def tensor(network: Model, kind: str, layer: Expr) -> Matrix | Expr:
    """All of W^(k), n_k x n_{k+1}; or of z^(k), a column; a number for one-unit layers."""
    return _over_units(network, Quantity(kind, layer), lambda quantity: quantity, ())


def gradient(network: Model, of: Expr, kind: str, layer: Expr) -> Matrix | Expr:
    """d(of)/dW^(k), in the shape of W^(k); d(of)/dz^(k), a column."""
    head = Quantity(kind, layer)
    return _over_units(network, head, lambda entry: Partial(of, entry), index_symbols(of))


def _over_units(
    network: Model, head: Quantity, entry_of: Callable[[Quantity], Expr], avoid: Iterable[Symbol]
) -> Matrix | Expr:
    axes = [axis for axis in network.slots(head.kind, head.layer) if network.has_index(axis)]
    letters: list[Symbol] = []
    for position, _ in enumerate(axes):
        letters.append(fresh_index({*letters, *avoid}, after=position))
    body = entry_of(head.at(*letters))
    if not axes:
        return body
    slots = network.slots(head.kind, head.layer)
    if len(slots) == 2 and not network.has_index(slots[0]):
        return Entries((), tuple(axes), (), tuple(letters), body)  # one input: a row
    if len(axes) == 2:
        return Entries((axes[0],), (axes[1],), (letters[0],), (letters[1],), body)
    return Entries(tuple(axes), (), tuple(letters), (), body)


def transposed(matrix: Matrix) -> Matrix:
    """A^T."""
    if isinstance(matrix, Transposed):
        return matrix.of
    return Transposed(matrix.columns, matrix.rows, matrix)


def as_row(vector: Matrix) -> Matrix:
    """A column of the network as the row that some write for it."""
    if isinstance(vector, Entries):
        return Entries(vector.columns, vector.rows, vector.column, vector.row, vector.body)
    return transposed(vector)


def total(network: Model, terms: Iterable[Matrix]) -> Matrix:
    """The sum of matrices of one shape.

    Raises:
        ShapeError: when the shapes differ.
    """
    parts = tuple(terms)
    for part in parts[1:]:
        if not same_shape(network, parts[0], part):
            raise ShapeError(
                f"a {shape(network, parts[0])} and a {shape(network, part)} matrix "
                "cannot be added or subtracted"
            )
    return parts[0] if len(parts) == 1 else Total(parts[0].rows, parts[0].columns, parts)


def product(network: Model, left: Matrix, right: Matrix) -> Matrix | Expr:
    """A B; a number where a row meets a column.

    Raises:
        ShapeError: when A has not as many columns as B has rows.
    """
    if _widths(network, left.columns) != _widths(network, right.rows):
        raise ShapeError(
            f"a {shape(network, left)} matrix cannot be multiplied by a "
            f"{shape(network, right)} matrix from the right"
        )
    result = Product(left.rows, right.columns, left, right)
    if not result.rows and not result.columns:
        return entry(network, result, (), ())
    return result


def hadamard(network: Model, left: Matrix, right: Matrix) -> Matrix:
    """A o B, entry by entry.

    Raises:
        ShapeError: when the shapes differ.
    """
    if not same_shape(network, left, right):
        raise ShapeError(
            f"a {shape(network, left)} and a {shape(network, right)} matrix "
            "cannot be multiplied entry by entry"
        )
    return Hadamard(left.rows, left.columns, left, right)


def scaled(factor: Expr, matrix: Matrix) -> Matrix:
    """A number times a matrix."""
    return matrix if factor == 1 else Scaled(matrix.rows, matrix.columns, factor, matrix)


def kronecker(left: Matrix, right: Matrix) -> Matrix:
    """A (x) B, its rows the pairs of rows and its columns the pairs of columns."""
    return Kronecker(left.rows + right.rows, left.columns + right.columns, left, right)


def diagonal(network: Model, vector: Matrix) -> Matrix:
    """diag(v), of a column or a row.

    Raises:
        ShapeError: for what is no vector.
    """
    column = transposed(vector) if vector.is_row else vector
    if not column.is_column or not column.rows:
        raise ShapeError(f"diag takes a vector, not a {shape(network, column)} matrix")
    return Diagonal(column.rows, column.rows, column)


def stacked(matrix: Matrix) -> Matrix:
    """vec(A), whose row counts the columns of A first; a column is its own vec."""
    return matrix if matrix.is_column else Stacked(matrix.columns + matrix.rows, (), matrix)


def is_ones(matrix: Matrix) -> bool:
    """Whether this is a column of ones."""
    return (
        isinstance(matrix, Entries) and matrix.body == 1 and matrix.is_column and bool(matrix.rows)
    )


def row_sum(of: Matrix) -> Matrix:
    """The sums of the rows, a column."""
    return RowSum(of.rows, (), of)


def row_mean(of: Matrix) -> Matrix:
    """The means of the rows, a column."""
    return RowMean(of.rows, (), of)


def repeated(rows: Axis, columns: Axis, of: Matrix) -> Matrix:
    """A column, a row or a number as a matrix of this shape; what has the shape already itself."""
    same = (of.rows, of.columns) == (rows, columns)
    return of if same else Repeated(rows, columns, of)


def elementwise(variable: Symbol, body: Expr, of: Matrix) -> Matrix:
    """f(A), where f(variable) = body."""
    return Elementwise(of.rows, of.columns, variable, body, of)


# -- shapes ----------------------------------------------------------------------------------


def same_shape(network: Model, left: Matrix, right: Matrix) -> bool:
    """Whether both have as many rows and as many columns."""
    return _widths(network, left.rows) == _widths(network, right.rows) and _widths(
        network, left.columns
    ) == _widths(network, right.columns)


def shape(network: Model, matrix: Matrix) -> str:
    """3×2, or n_1×1."""
    return "×".join(
        str(Mul(*_widths(network, axis))).replace(" ", "") for axis in (matrix.rows, matrix.columns)
    )


def _widths(network: Model, axis: Axis) -> tuple[Expr, ...]:
    return tuple(network.width(layer) for layer in axis)


# -- entries ---------------------------------------------------------------------------------


def entry(network: Model, matrix: Matrix, row: tuple[Expr, ...], column: tuple[Expr, ...]) -> Expr:
    """The entry of a matrix, with one index for each layer of its axes.

    Bound indices are chosen so that they capture none of the given ones.
    """
    used: set[Symbol] = set()
    for index in (*row, *column):
        used |= index_symbols(index)
    return _entry(network, matrix, row, column, frozenset(used))


def _entry(
    network: Model,
    matrix: Matrix,
    row: tuple[Expr, ...],
    column: tuple[Expr, ...],
    avoid: frozenset[Symbol],
) -> Expr:
    match matrix:
        case Entries():
            places = dict(zip((*matrix.row, *matrix.column), (*row, *column), strict=True))
            return substitute(matrix.body, places)
        case Transposed():
            return _entry(network, matrix.of, column, row, avoid)
        case Total():
            return Add(*(_entry(network, term, row, column, avoid) for term in matrix.terms))
        case Hadamard():
            left = _entry(network, matrix.left, row, column, avoid)
            return Mul(left, _entry(network, matrix.right, row, column, avoid))
        case Scaled():
            return Mul(matrix.factor, _entry(network, matrix.of, row, column, avoid))
        case Elementwise():
            inner = _entry(network, matrix.of, row, column, avoid)
            return matrix.body.xreplace({matrix.variable: inner})
        case Diagonal():
            deltas = (KroneckerDelta(i, j) for i, j in zip(row, column, strict=True))
            return Mul(*deltas, _entry(network, matrix.of, row, (), avoid))
        case Stacked():
            across = len(matrix.of.columns)
            return _entry(network, matrix.of, row[across:], row[:across], avoid)
        case Kronecker():
            across, down = len(matrix.left.columns), len(matrix.left.rows)
            left = _entry(network, matrix.left, row[:down], column[:across], avoid)
            return Mul(left, _entry(network, matrix.right, row[down:], column[across:], avoid))
        case Product():
            return _product_entry(network, matrix, row, column, avoid)
        case RowSum() | RowMean():
            return _row_entry(network, matrix, row, avoid)
        case Einsum():
            return _einsum_entry(network, matrix, (*row, *column), avoid)
        case Repeated():
            own = row if matrix.of.rows else (), column if matrix.of.columns else ()
            return _entry(network, matrix.of, *own, avoid)
        case _:
            raise TypeError(f"{type(matrix).__name__} is no matrix")


def _row_entry(
    network: Model, matrix: RowSum | RowMean, row: tuple[Expr, ...], avoid: frozenset[Symbol]
) -> Expr:
    """sum_j A_ij, divided by the number of columns for a mean."""
    used = {*avoid, *free_indices(matrix.of)}
    letters: list[Symbol] = []
    for axis in matrix.of.columns:
        letters.append(network.letter_for(axis, {*used, *letters}))
    result = _entry(network, matrix.of, row, tuple(letters), avoid | {*letters})
    for axis, letter in zip(matrix.of.columns, letters, strict=True):
        result = network.sum_over(axis, letter, result)
    sizes = _widths(network, matrix.of.columns) if isinstance(matrix, RowMean) else ()
    return result / Mul(*sizes)


def _einsum_entry(
    network: Model, matrix: Einsum, units: tuple[Expr, ...], avoid: frozenset[Symbol]
) -> Expr:
    """The product of the entries of the operands, summed over all letters but those of `units`."""
    places: dict[Expr, Expr] = dict(zip(matrix.output, units, strict=True))
    used = {*avoid, *free_indices(matrix)}
    sums: list[tuple[Expr, Symbol]] = []
    for letters, operand in zip(matrix.inputs, matrix.operands, strict=True):
        for letter, axis in zip(letters, (*operand.rows, *operand.columns), strict=True):
            if letter not in places:
                places[letter] = network.letter_for(axis, used)
                sums.append((axis, places[letter]))
                used.add(places[letter])
    factors: list[Expr] = []
    for letters, operand in zip(matrix.inputs, matrix.operands, strict=True):
        own = tuple(places[letter] for letter in letters)
        down = len(operand.rows)
        factors.append(_entry(network, operand, own[:down], own[down:], frozenset(used)))
    result = Mul(*factors)
    for axis, letter in reversed(sums):
        result = network.sum_over(axis, letter, result)
    return result


def _product_entry(
    network: Model,
    matrix: Product,
    row: tuple[Expr, ...],
    column: tuple[Expr, ...],
    avoid: frozenset[Symbol],
) -> Expr:
    """sum_l A_il B_lj; written out where A and B count different layers of one width."""
    inner = matrix.left.columns
    free = avoid | free_indices(matrix.left) | free_indices(matrix.right)
    bound: list[Symbol] = []
    for axis in inner:
        bound.append(network.letter_for(axis, {*free, *bound}))
    held = avoid | frozenset(bound)

    def term(units: tuple[Expr, ...]) -> Expr:
        left = _entry(network, matrix.left, row, units, held)
        return Mul(left, _entry(network, matrix.right, units, column, held))

    if inner == matrix.right.rows:
        result = term(tuple(bound))
        for layer, letter in zip(inner, bound, strict=True):
            result = S.Zero if result == 0 else network.sum_over(layer, letter, result)
        return result
    width = network.width(inner[0])
    if len(inner) != 1 or not isinstance(width, Integer) or width > _MAXIMAL_WRITTEN_OUT:
        raise ShapeError("this product runs over the units of two different layers")
    return Add(*(term((Integer(unit),)) for unit in range(1, int(width) + 1)))


def within(matrix: Matrix) -> Iterator[Matrix]:
    """A matrix and all that it is made of."""
    yield matrix
    for one in fields(matrix):
        value: Any = getattr(matrix, one.name)
        for part in value if isinstance(value, tuple) else (value,):
            if isinstance(part, Matrix):
                yield from within(part)


def free_indices(matrix: Matrix) -> frozenset[Symbol]:
    """Every index letter inside a matrix that does not stand for its own rows and columns."""
    match matrix:
        case Entries():
            return frozenset(index_symbols(matrix.body)) - {*matrix.row, *matrix.column}
        case Transposed() | Diagonal() | Stacked() | RowSum() | RowMean() | Repeated():
            return free_indices(matrix.of)
        case Scaled():
            return free_indices(matrix.of) | frozenset(index_symbols(matrix.factor))
        case Elementwise():
            return free_indices(matrix.of) | frozenset(index_symbols(matrix.body))
        case Total():
            return frozenset[Symbol]().union(*(free_indices(term) for term in matrix.terms))
        case Product() | Hadamard() | Kronecker():
            return free_indices(matrix.left) | free_indices(matrix.right)
        case Einsum():
            return frozenset[Symbol]().union(*(free_indices(part) for part in matrix.operands))
        case _:
            raise TypeError(f"{type(matrix).__name__} is no matrix")
