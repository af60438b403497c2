"""Equations in index form as equations between matrices, for any model.

    dC/dS_ts = P_ts (dC/dP_ts - sum_i dC/dP_ti P_ti)   is   dS = P o (dP - rowsum(dP o P)).

A product is a graph: its indices are the points, and each factor joins those that it has.  A
sum over an index with one neighbour is a row sum, or a matrix times a column; with two, a
product of matrices; with none, a row times a column, which is a number.  Where an index has more
neighbours, or a factor more than two indices, there is no matrix form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import reduce

from sympy import Add, Expr, Integer, KroneckerDelta, Mul, Pow, S, Sum, Symbol
from sympy.core.function import Application

from derive.algebra.indices import free_indices, index_symbols, rename_bound
from derive.algebra.quantities import Partial, Quantity, is_step
from derive.model.instances import axis_of
from derive.model.matrices import (
    Axis,
    Elementwise,
    Entries,
    Hadamard,
    Matrix,
    MatrixEquation,
    Product,
    Repeated,
    Scaled,
    Total,
    Transposed,
    elementwise,
    ones,
    repeated,
    row_mean,
    row_sum,
    scaled,
    total,
    transposed,
)
from derive.model.model import Model
from derive.notation.printer import terms_of
from derive.notation.spelling import factor_order

#: The argument of a function that is taken entry by entry.
_ENTRY = Symbol("u", real=True)
#: The axis of each index.
Axes = dict[Symbol, Expr]
#: The indices of the rows and of the columns: one each, or none.
Letters = tuple[Symbol | None, Symbol | None]


class NoMatrixFormError(ValueError):
    """An equation in index form that is none between matrices."""


def matrix_view(model: Model, left: Quantity | Partial, right: Expr) -> MatrixEquation:
    """The equation between matrices of which left = right is an entry.

    A tensor with one index is a column.

    Raises:
        NoMatrixFormError: when there is none.
    """
    entry = tensor_entry(left)
    letters = tuple(i for i in entry.indices if isinstance(i, Symbol))
    if not 0 < len(letters) == len(entry.indices) == len({*letters}) < 3:
        raise NoMatrixFormError(f"{left} is no entry of a matrix or a column")
    axes = dict(zip(letters, model.axes(entry), strict=True))
    row, column = letters[0], letters[1] if len(letters) > 1 else None
    sides = [matrix_of(model, side, (row, column), axes) for side in (left, right)]
    return MatrixEquation(sides[0], sides[1], _as_tuple(row), _as_tuple(column))


def matrix_of(model: Model, expression: Expr, letters: Letters, axes: Axes) -> Matrix:
    """The matrix with this entry in the row and the column of the letters.

    Raises:
        NoMatrixFormError: when there is none.
    """
    return _MatrixWriter(model).matrix(expression, letters, axes)


def tensor_entry(node: Quantity | Partial) -> Quantity:
    """The entry whose indices a node has: that of q for dC/dq, R{q} and R{dC/dq}."""
    while isinstance(node, Partial):
        inner = node.of if is_step(node.wrt) else node.wrt
        assert isinstance(inner, Quantity | Partial)
        node = inner
    return node


def identity(model: Model, letters: tuple[Symbol | None, ...], axes: Axes) -> Matrix:
    """The identity matrix, whose entry is a delta of two letters on one axis."""
    row, column = letters if len(letters) == 2 else (None, None)
    if row is None or column is None or axes[row] != axes[column] or "I" in model.names:
        raise NoMatrixFormError("a delta that is no entry of a square matrix")
    axis = (axes[row],)
    return Entries(axis, axis, (row,), (column,), KroneckerDelta(row, column))


def term_by_term(expression: Expr) -> Expr:
    """sum_s (a_s + b_s) = sum_s a_s + sum_s b_s, where each term has the letters of the sum."""
    for factor in Mul.make_args(expression):
        if isinstance(factor, Sum) and isinstance(factor.function, Add):
            parts = factor.function.args
            if all({*factor.bound_symbols} <= free_indices(part) for part in parts):
                rest = expression / factor
                return Add(*(rest * Sum(part, *factor.limits) for part in parts))
    return expression


def _as_tuple(one: Symbol | None) -> tuple[Symbol, ...]:
    return () if one is None else (one,)


@dataclass
class _Graph:
    """The factors of a product by the indices that they join, two or one, and the numbers."""

    number: Expr = S.One
    #: Rows times columns, and what is computed from such numbers.
    inner_products: list[Matrix] = field(default_factory=list)
    joins: dict[tuple[Symbol, Symbol], Matrix] = field(default_factory=dict)
    columns: dict[Symbol, Matrix] = field(default_factory=dict)

    def put(self, one: Symbol, other: Symbol | None, matrix: Matrix) -> None:
        """Multiply what joins two indices, or what one index has, by a matrix."""
        if other is None:
            known = self.columns.get(one)
            if isinstance(known, Elementwise) and isinstance(matrix, Product):
                known, matrix = matrix, known  # (W d) * phi'(z), as people write it
            self.columns[one] = matrix if known is None else _entry_by_entry(known, matrix)
        elif (one, other) in self.joins:
            self.joins[one, other] = _entry_by_entry(self.joins[one, other], matrix)
        elif (other, one) in self.joins:
            self.put(other, one, _turned(matrix))
        else:
            self.joins[one, other] = matrix

    def take(self, letter: Symbol) -> list[tuple[Symbol, Matrix]]:
        """Take out all that joins an index to others, its own rows first."""
        found: list[tuple[Symbol, Matrix]] = []
        for pair in [pair for pair in self.joins if letter in pair]:
            matrix = self.joins.pop(pair)
            first, second = pair
            found.append((second, matrix) if first == letter else (first, _turned(matrix)))
        return found


@dataclass(frozen=True)
class _MatrixWriter:
    model: Model

    def matrix(self, expression: Expr, letters: Letters, axes: Axes) -> Matrix:
        """The matrix with this entry in the row and the column of the letters."""
        if isinstance(expression, Add):
            terms = (self.matrix(term, letters, axes) for term in terms_of(expression))
            return total(self.model, terms)
        try:
            return self._product(expression, letters, axes)
        except NoMatrixFormError:
            if (apart := term_by_term(expression)) == expression:
                raise
            return self.matrix(apart, letters, axes)

    def _product(self, expression: Expr, letters: Letters, axes: Axes) -> Matrix:
        row, column = letters
        graph, axes = _Graph(), dict(axes)
        bound = self._factors(expression, graph, axes, frozenset(_given(letters)))
        self._sum_out(graph, bound, axes)
        rows, columns = (tuple(axes[one] for one in _as_tuple(end)) for end in letters)
        parts = [_spread(rows, columns, one) for one in _left_over(graph, row, column)]
        numbers = graph.inner_products
        if not parts and not numbers:
            return repeated(rows, columns, Entries((), (), (), (), graph.number))
        if not parts:
            return repeated(rows, columns, scaled(graph.number, reduce(_times, numbers)))
        whole = reduce(_entry_by_entry, parts)
        return scaled(graph.number, reduce(_times_a_number, numbers, whole))

    def _factors(
        self, expression: Expr, graph: _Graph, axes: Axes, used: frozenset[Symbol]
    ) -> list[Symbol]:
        """Put the factors of a product into the graph; the indices that are summed over."""
        bound: list[Symbol] = []
        for factor in sorted(Mul.make_args(expression), key=factor_order):
            if isinstance(factor, Sum):
                avoid = used | index_symbols(expression.xreplace({factor: S.One})) | {*bound}
                inner = rename_bound(factor, avoid)
                for letter, _, _ in inner.limits:
                    axes[letter] = axis_of(self.model, letter, inner.function)
                    bound.append(letter)
                bound += self._factors(inner.function, graph, axes, used | {*bound})
            else:
                self._factor(factor, graph, axes)
        return bound

    def _factor(self, factor: Expr, graph: _Graph, axes: Axes) -> None:
        own = [letter for letter in axes if letter in free_indices(factor)]
        if free_indices(factor) - {*own} or len(own) > 2:
            raise NoMatrixFormError(f"{factor} has too many indices")
        if not own:
            if factor.has(Sum):
                number = self._entry_by_entry(factor, (None, None), axes)
                graph.inner_products.append(number)
            else:
                graph.number = graph.number * factor
            return
        one, other = own[0], own[1] if len(own) > 1 else None
        graph.put(one, other, self._entry_by_entry(factor, (one, other), axes))

    def _entry_by_entry(self, factor: Expr, letters: Letters, axes: Axes) -> Matrix:
        """A tensor, or what is computed from tensors entry by entry, of these letters."""
        match factor:
            case Quantity() | Partial():
                return self._tensor(factor, letters, axes)
            case Add():
                return self.matrix(factor, letters, axes)
            case KroneckerDelta():
                return identity(self.model, letters, axes)
            case Pow() if isinstance(factor.exp, Integer) and factor.exp > 0:
                base = self._entry_by_entry(factor.base, letters, axes)
                return reduce(_entry_by_entry, [base] * int(factor.exp))
            case Pow() if factor.exp.is_number:
                base = self.matrix(factor.base, letters, axes)
                return elementwise(_ENTRY, _ENTRY**factor.exp, base)
            case Application():
                inner = self.matrix(factor.args[0], letters, axes)
                return elementwise(_ENTRY, factor.func(_ENTRY, *factor.args[1:]), inner)
            case _:
                raise NoMatrixFormError(f"{factor} is no function of single entries")

    def _tensor(self, entry: Quantity | Partial, letters: Letters, axes: Axes) -> Matrix:
        indices = tensor_entry(entry).indices
        by = entry.of if isinstance(entry, Partial) and is_step(entry.wrt) else entry
        if isinstance(by, Partial) and by.of != self.model.C:
            raise NoMatrixFormError(f"{entry} has the indices of two tensors")
        if {*indices} != _given(letters) or len({*indices}) != len(indices):
            raise NoMatrixFormError(f"{entry} is no general entry")
        row, column = indices[0], indices[1] if len(indices) > 1 else None
        own = [_as_tuple(one) for one in (row, column)]  # pyright: ignore
        shape = [tuple(axes[one] for one in side) for side in own]
        found = Entries(shape[0], shape[1], own[0], own[1], entry)
        return found if row == letters[0] else transposed(found)

    def _sum_out(self, graph: _Graph, bound: Iterable[Symbol], axes: Axes) -> None:
        """Sum over each index: those with one neighbour first, then the inner ones."""
        left = [*bound][::-1]
        while left:
            letter = min(left, key=lambda b: sum(b in pair for pair in graph.joins))
            left.remove(letter)
            joined, weight = graph.take(letter), graph.columns.pop(letter, None)
            if len(joined) == 1 and weight is None:
                (other, matrix), size = joined[0], self.model.width(axes[letter])
                is_mean = graph.number.as_powers_dict().get(size, S.Zero) <= -1
                graph.number = graph.number * size if is_mean else graph.number
                graph.put(other, None, _along(row_mean if is_mean else row_sum, _turned(matrix)))
            elif not joined and weight is not None:
                graph.inner_products.append(_sum_of(weight))
            elif len(joined) == 1 and weight is not None:
                other, matrix = joined[0]
                graph.put(other, None, _times(_turned(matrix), weight))
            elif len(joined) == 2:
                (one, first), (other, second) = joined
                if weight is not None:
                    first = _entry_by_entry(first, repeated(first.rows, first.columns, weight))
                graph.put(one, other, _times(_turned(first), second))
            else:
                raise NoMatrixFormError(f"{letter} joins {len(joined)} factors")


def _left_over(graph: _Graph, row: Symbol | None, column: Symbol | None) -> list[Matrix]:
    """What a product is in the end: a matrix, a column and a row, to be taken entry by entry."""
    between = [m if pair == (row, column) else _turned(m) for pair, m in graph.joins.items()]
    down = [graph.columns[row]] if row in graph.columns else []
    across = [_turned(graph.columns[column])] if column in graph.columns else []
    if down and across and not between:
        return [_times(down[0], _as_row(graph.columns[column]))]  # pyright: ignore
    parts = [*between, *down, *across]
    return sorted(parts, key=lambda one: not isinstance(one, Elementwise))  # 1/s first


def _as_row(column: Matrix) -> Matrix:
    """A column as a row, with one sign for the whole of a longer product."""
    turned = _turned(column)
    return turned if _transposes(turned) < 2 else transposed(column)


def _spread(rows: Axis, columns: Axis, part: Matrix) -> Matrix:
    """A column, or a product of columns entry by entry, repeated to this shape."""
    if isinstance(part, Hadamard):
        sides = (_spread(rows, columns, side) for side in (part.left, part.right))
        return _entry_by_entry(*sides)
    if rows == columns and rows and _is_named_vector(part):
        if part.is_row:
            raise NoMatrixFormError("a row beside a square matrix may be taken for a column")
        return _times(part, transposed(ones(columns[0])))  # which no reader takes for a row
    return repeated(rows, columns, part)


def _is_named_vector(part: Matrix) -> bool:
    inner = part.of if isinstance(part, Transposed) else part
    return isinstance(inner, Entries) and bool(part.rows) != bool(part.columns)


def _given(letters: Letters) -> set[Symbol]:
    return {letter for letter in letters if letter is not None}


def _entry_by_entry(left: Matrix, right: Matrix) -> Matrix:
    if isinstance(right, Hadamard):
        return _entry_by_entry(_entry_by_entry(left, right.left), right.right)
    return Hadamard(left.rows, left.columns, left, right)


def _times(left: Matrix, right: Matrix) -> Matrix:
    return Product(left.rows, right.columns, left, right)


def _sum_of(column: Matrix) -> Matrix:
    """The sum of the entries of a column: a^T b for that of a o b."""
    if isinstance(column, Hadamard):
        first, second = sorted((column.left, column.right), key=_is_derivative)
        return _times(_turned(first), second)
    return _times(transposed(ones(column.rows[0])), column)


def _is_derivative(matrix: Matrix) -> bool:
    """Whether it is written as a fraction, which takes brackets where it is transposed."""
    return isinstance(matrix, Entries) and isinstance(matrix.body, Partial)


def _times_a_number(matrix: Matrix, number: Matrix) -> Matrix:
    """A matrix times a row times a column, which stands where shapes let it."""
    if matrix.is_column:
        return _times(matrix, number)
    if matrix.is_row:
        return _times(number, matrix)
    return _entry_by_entry(repeated(matrix.rows, matrix.columns, number), matrix)


def _along(reduced: Callable[[Matrix], Matrix], matrix: Matrix) -> Matrix:
    """The sums of the rows, or, where that is easier to read, of the columns of the transpose."""
    turned = _turned(matrix)
    return reduced(transposed(turned) if _transposes(turned) < _transposes(matrix) else matrix)


def _transposes(matrix: Matrix) -> int:
    match matrix:
        case Transposed():
            return 1 + _transposes(matrix.of)
        case Hadamard() | Product():
            return _transposes(matrix.left) + _transposes(matrix.right)
        case Total():
            return sum(_transposes(term) for term in matrix.terms)
        case Scaled() | Elementwise():
            return _transposes(matrix.of)
        case _:
            return 0


def _turned(matrix: Matrix) -> Matrix:
    """The transpose, with the sign at single tensors: (A B)^T = B^T A^T."""
    rows, columns = matrix.columns, matrix.rows
    match matrix:
        case Product():
            return Product(rows, columns, _turned(matrix.right), _turned(matrix.left))
        case Hadamard():
            return Hadamard(rows, columns, _turned(matrix.left), _turned(matrix.right))
        case Total():
            return Total(rows, columns, tuple(_turned(term) for term in matrix.terms))
        case Scaled():
            return Scaled(rows, columns, matrix.factor, _turned(matrix.of))
        case Repeated():
            return Repeated(rows, columns, _turned(matrix.of))
        case Elementwise():
            return elementwise(matrix.variable, matrix.body, _turned(matrix.of))
        case Entries() if not (rows or columns):
            return matrix
        case _:
            return transposed(matrix)
