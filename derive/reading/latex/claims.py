"""Two sides of an equality as equations in index form, whatever they were written in."""

from __future__ import annotations

from collections.abc import Iterable

from sympy import Add, Expr, Integer, Symbol

from derive.algebra.indices import free_indices, fresh_index, index_symbols
from derive.algebra.quantities import Partial
from derive.errors import ReadingError
from derive.model.instances import axis_of
from derive.model.matrices import (
    Entries,
    Matrix,
    ShapeError,
    diagonal,
    entry,
    same_shape,
    shape,
    transposed,
)
from derive.model.model import Model
from derive.model.network import Network
from derive.notation.ascii.arithmetic import check_real
from derive.reading.latex.meaning.tables import Written

Side = Expr | Matrix | Written


def equations(network: Model, left: Side, right: Side) -> list[tuple[Expr, Expr]]:
    """The equations between numbers that left = right stands for.

    One for numbers and for matrices of the network, with a free index for each axis; one for
    each entry of a matrix that is written out.

    Raises:
        ShapeError: when the two sides differ in shape.
        ReadingError: when a side has no real value.
    """
    if isinstance(left, Written) or isinstance(right, Written):
        return _entry_by_entry(network, left, right)
    if isinstance(left, Matrix) and isinstance(right, Matrix):
        if not isinstance(network, Network) and _are_turned_vectors(left, right):
            right = transposed(right)
        if not same_shape(network, left, right):
            raise ShapeError(_differing(shape(network, left), shape(network, right)))
        letters = _letters(left, right)
        row, column = letters[: len(left.rows)], letters[len(left.rows) :]
        pair = entry(network, left, row, column), entry(network, right, row, column)
        return [_checked(*pair)]
    if isinstance(left, Matrix) or isinstance(right, Matrix):
        return [_with_zero(network, left, right)]
    return [_checked(left, right)]


def slopes_on_diagonal(network: Model, left: Side, right: Side) -> Matrix | None:
    r"""The diagonal matrix of \phi'(z) in \partial a/\partial z = \phi'(z); None for all else.

    Where each unit depends on its own variable alone, its slopes are often listed as a vector.
    """
    if not isinstance(left, Entries) or not isinstance(left.body, Partial):
        return None
    if not isinstance(right, Matrix) or not left.rows or left.rows != left.columns:
        return None
    if right.rows and right.columns:
        return None
    column = transposed(right) if right.is_row else right
    return diagonal(network, column) if column.rows == left.rows else None


def _are_turned_vectors(left: Matrix, right: Matrix) -> bool:
    """Whether one is a row and the other the column of the same axis."""
    vectors = all(bool(one.rows) != bool(one.columns) for one in (left, right))
    return vectors and (left.rows, left.columns) == (right.columns, right.rows)


def _differing(left: str, right: str) -> str:
    if left == right:
        return f"both sides are {left}, but their entries stand in different orders"
    return f"the left side is {left} and the right side is {right}"


def _checked(left: Expr, right: Expr) -> tuple[Expr, Expr]:
    return check_real(left), check_real(right)


def _with_zero(network: Model, left: Expr | Matrix, right: Expr | Matrix) -> tuple[Expr, Expr]:
    """A vector is 0 where all its entries are; of a network it equals no other number."""
    matrix, number = (left, right) if isinstance(left, Matrix) else (right, left)
    if not isinstance(matrix, Matrix) or isinstance(number, Matrix):
        raise ReadingError(0, "a number and a matrix are compared here")
    if number != 0 and (length := _squared_length(network, matrix)) is not None:
        return _checked(length, number) if matrix is left else _checked(number, length)
    if number != 0 and isinstance(network, Network):
        sides = (
            f"the left side is {shape(network, matrix)} and the right side is a number"
            if matrix is left
            else f"the left side is a number and the right side is {shape(network, matrix)}"
        )
        raise ShapeError(sides)
    letters = _letters(matrix)
    body = entry(network, matrix, letters[: len(matrix.rows)], letters[len(matrix.rows) :])
    return _checked(body, number) if matrix is left else _checked(number, body)


def _squared_length(network: Model, matrix: Matrix) -> Expr | None:
    """v^T v for the square of a vector that stands beside a number; None for anything else."""
    if not isinstance(network, Network) or matrix.columns:
        return None
    letters = _letters(matrix)
    body = entry(network, matrix, letters, ())
    base, exponent = body.as_coeff_Mul()[1].as_base_exp()
    if len(letters) != 1 or exponent != 2 or not free_indices(base):
        return None
    return network.sum_over(matrix.rows[0], letters[0], body)


def with_implied_sums(model: Model, left: Expr, right: Expr) -> tuple[Expr, Expr]:
    """Both sides with sums over the letters that only one of them has, as Einstein wrote."""
    of_left, of_right = free_indices(left), free_indices(right)
    return _summed(model, left, of_left - of_right), _summed(model, right, of_right - of_left)


def _summed(model: Model, side: Expr, letters: Iterable[Symbol]) -> Expr:
    for letter in sorted(letters, key=str):
        terms = Add.make_args(side)
        side = Add(
            *(
                model.sum_over(axis_of(model, letter, term), letter, term)
                if letter in free_indices(term)
                else term
                for term in terms
            )
        )
    return side


def _letters(*matrices: Matrix) -> tuple[Symbol, ...]:
    """Fresh letters for the axes; those of a plain quantity as it has them."""
    first = matrices[0]
    if isinstance(first, Entries) and not set(first.row) & set(first.column):
        return (*first.row, *first.column)
    found: list[Symbol] = []
    used = {symbol for m in matrices if isinstance(m, Entries) for symbol in index_symbols(m.body)}
    for _ in (*first.rows, *first.columns):
        found.append(fresh_index({*found, *used}))
    return tuple(found)


def _entry_by_entry(network: Model, left: Side, right: Side) -> list[tuple[Expr, Expr]]:
    """One equation for each entry of a matrix that is written out."""
    grids = [_grid(network, side) for side in (left, right)]
    sizes = [(len(grid), len(grid[0])) for grid in grids]
    if sizes[0] != sizes[1]:
        (a, b), (c, d) = sizes
        raise ShapeError(f"the left side is {a}×{b} and the right side is {c}×{d}")
    return [
        _checked(one, other)
        for row, other_row in zip(*grids, strict=True)
        for one, other in zip(row, other_row, strict=True)
    ]


def _grid(network: Model, side: Side) -> tuple[tuple[Expr, ...], ...]:
    if isinstance(side, Written):
        return side.rows
    if not isinstance(side, Matrix):
        return ((side,),)
    counts: list[int] = []
    for axis in (side.rows, side.columns):
        width = network.width(axis[0]) if axis else Integer(1)
        if len(axis) > 1 or not isinstance(width, Integer) or width > 100:
            raise ShapeError(
                f"a {shape(network, side)} matrix cannot be compared with one that is written out"
            )
        counts.append(int(width))
    return tuple(
        tuple(
            entry(
                network,
                side,
                (Integer(row),) if side.rows else (),
                (Integer(column),) if side.columns else (),
            )
            for column in range(1, counts[1] + 1)
        )
        for row in range(1, counts[0] + 1)
    )
