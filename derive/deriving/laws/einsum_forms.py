"""Equations in index form as equations between arrays of any number of axes.

    A_hta = sum_s P_hts V_hsa   is   A = einsum(hts,hsa->hta, P, V).

Where an equation is none between matrices, each term is a number times one such sum of products,
as numpy.einsum takes it: a letter that stands behind the arrow counts an axis of the result, each
other letter is summed over.  An axis that no factor has is that of a vector of ones.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce

from sympy import Add, Expr, Integer, KroneckerDelta, Mul, Pow, S, Sum, Symbol
from sympy.core.function import Application

from derive.algebra.indices import Shift, free_indices, index_symbols, rename_bound
from derive.algebra.quantities import Partial, Quantity, is_step
from derive.deriving.laws.matrix_forms import (
    NoMatrixFormError,
    identity,
    matrix_of,
    matrix_view,
    tensor_entry,
    term_by_term,
)
from derive.meaning.derivation import Equation
from derive.model.instances import axis_of
from derive.model.matrices import (
    Einsum,
    Elementwise,
    Matrix,
    MatrixEquation,
    array,
    elementwise,
    hadamard,
    scaled,
    total,
)
from derive.model.model import Model
from derive.model.network import Network
from derive.notation.printer import terms_of
from derive.notation.spelling import factor_order

#: The argument of a function that is taken entry by entry.
_ENTRY = Symbol("u", real=True)
#: The axis of each index.
Axes = dict[Symbol, Expr]
#: The indices of an array, in order.
Letters = tuple[Symbol, ...]


def array_view(model: Model, left: Quantity | Partial, right: Expr) -> MatrixEquation:
    """The equation between matrices, or else between arrays, of which left = right is an entry.

    Raises:
        NoMatrixFormError: when there is none.
    """
    if right.has(Shift):
        raise NoMatrixFormError("a sum of letters as an index is none of an array")
    try:
        return matrix_view(model, left, right)
    except NoMatrixFormError:
        if isinstance(model, Network):
            raise
        return einsum_view(model, left, right)


def einsum_view(model: Model, left: Quantity | Partial, right: Expr) -> MatrixEquation:
    """The equation between arrays of which left = right is an entry.

    Raises:
        NoMatrixFormError: when there is none.
    """
    entry = tensor_entry(left)
    letters = tuple(i for i in entry.indices if isinstance(i, Symbol))
    if not 0 < len(letters) == len(entry.indices) == len({*letters}):
        raise NoMatrixFormError(f"{left} is no entry of an array")
    axes = dict(zip(letters, model.axes(entry), strict=True))
    writer = _ArrayWriter(model)
    sides = [writer.array(side, letters, axes) for side in (left, right)]
    row, column = (letters[:1], letters[1:]) if len(letters) == 2 else (letters, ())
    return MatrixEquation(sides[0], sides[1], row, column)


def in_matrices(model: Model, entry: Expr, given: tuple[Equation, ...]) -> Expr:
    """An entry of the equation between matrices or arrays, written back in indices."""
    (equation,) = given
    if equation.lhs != entry or not isinstance(entry, Quantity | Partial):
        raise NoMatrixFormError(f"{entry} is not what is given")
    return array_view(model, entry, equation.rhs).entries(model)[1]


@dataclass(frozen=True)
class _ArrayWriter:
    model: Model

    def array(self, expression: Expr, letters: Letters, axes: Axes) -> Matrix:
        """The array with this entry at the letters."""
        expression = term_by_term(expression)
        if isinstance(expression, Add):
            terms = [self._term(term, letters, axes) for term in terms_of(expression)]
            return total(self.model, terms)
        axes = dict(axes)
        number, operands = self._factors(expression, axes, frozenset(letters))
        covered = {letter for own, _ in operands for letter in own}
        operands += [
            ((letter,), array((letter,), (axes[letter],), S.One))
            for letter in letters
            if letter not in covered
        ]
        return scaled(number, self._product(operands, letters, axes))

    def _term(self, term: Expr, letters: Letters, axes: Axes) -> Matrix:
        """A term of a sum: between matrices where it can be, whatever the others are."""
        if len(letters) < 3:
            row, column = (*letters, None)[:2]
            try:
                return matrix_of(self.model, term, (row, column), axes)
            except NoMatrixFormError:
                pass
        return self.array(term, letters, axes)

    def _product(
        self, operands: list[tuple[Letters, Matrix]], letters: Letters, axes: Axes
    ) -> Matrix:
        """The product of operands; those that have all letters of it entry by entry."""
        whole = [matrix for own, matrix in operands if own == letters]
        others = [(own, matrix) for own, matrix in operands if own != letters]
        covered = {letter for own, _ in others for letter in own}
        if others and not {*letters} <= covered:
            others, whole = operands, []
        if others:
            sizes = tuple(axes[letter] for letter in letters)
            rows, columns = (sizes[:1], sizes[1:]) if len(sizes) == 2 else (sizes, ())
            inputs, parts = zip(*others, strict=True)
            whole.append(Einsum(rows, columns, inputs, letters, parts))
        whole.sort(key=lambda one: not isinstance(one, Elementwise))
        return reduce(lambda left, right: hadamard(self.model, left, right), whole)

    def _factors(
        self, expression: Expr, axes: Axes, used: frozenset[Symbol]
    ) -> tuple[Expr, list[tuple[Letters, Matrix]]]:
        """The number in front, and the operands, each with its letters."""
        number: Expr = S.One
        operands: list[tuple[Letters, Matrix]] = []
        for factor in sorted(Mul.make_args(expression), key=factor_order):
            if isinstance(factor, Sum):
                avoid = used | {*axes} | index_symbols(expression.xreplace({factor: S.One}))
                inner = rename_bound(factor, avoid)
                for letter, _, _ in inner.limits:
                    axes[letter] = axis_of(self.model, letter, inner.function)
                times, further = self._factors(inner.function, axes, avoid)
                number, operands = number * times, [*operands, *further]
            elif free_indices(factor):
                operands += self._operands(factor, axes)
            elif factor.has(Sum):
                raise NoMatrixFormError(f"{factor} is a number with a sum in it")
            else:
                number = number * factor
        return number, operands

    def _operands(self, factor: Expr, axes: Axes) -> list[tuple[Letters, Matrix]]:
        """A factor as an array, as often as its power says."""
        own = tuple(letter for letter in axes if letter in free_indices(factor))
        if free_indices(factor) - {*own}:
            raise NoMatrixFormError(f"{factor} has indices of which nothing is known")
        match factor:
            case Quantity() | Partial():
                return [self._tensor(factor, axes)]
            case Add():
                return [(own, self.array(factor, own, axes))]
            case KroneckerDelta():
                return [(own, identity(self.model, own, axes))]
            case Pow() if isinstance(factor.exp, Integer) and factor.exp > 0:
                return self._operands(factor.base, axes) * int(factor.exp)
            case Pow() if factor.exp.is_number:
                base = self.array(factor.base, own, axes)
                return [(own, elementwise(_ENTRY, _ENTRY**factor.exp, base))]
            case Application() if not _has_letters(factor.args[1:]):
                inner = self.array(factor.args[0], own, axes)
                return [(own, elementwise(_ENTRY, factor.func(_ENTRY, *factor.args[1:]), inner))]
            case _:
                raise NoMatrixFormError(f"{factor} is no function of single entries")

    def _tensor(self, entry: Quantity | Partial, axes: Axes) -> tuple[Letters, Matrix]:
        indices = tensor_entry(entry).indices
        by = entry.of if isinstance(entry, Partial) and is_step(entry.wrt) else entry
        if isinstance(by, Partial) and by.of != self.model.C:
            raise NoMatrixFormError(f"{entry} has the indices of two tensors")
        letters = tuple(i for i in indices if isinstance(i, Symbol))
        if len(letters) < len(indices) or len({*letters}) < len(letters):
            raise NoMatrixFormError(f"{entry} is no general entry")
        return letters, array(letters, tuple(axes[letter] for letter in letters), entry)


def _has_letters(arguments: Iterable[Expr]) -> bool:
    return any(free_indices(argument) for argument in arguments)
