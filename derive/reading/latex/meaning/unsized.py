r"""I and \mathbf{1}^T, whose size is that of what stands beside them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sympy import Expr, KroneckerDelta, S, Symbol

from derive.algebra.indices import fresh_index
from derive.errors import ReadingError
from derive.model.matrices import Axis, Entries, Matrix, scaled

#: Signs of multiplication, or none, that mean the product of matrices.
_PLAIN = ("", "cdot")


@dataclass(frozen=True)
class Identity(Matrix):
    """A number times the identity matrix."""

    factor: Expr = S.One


@dataclass(frozen=True)
class OnesRow(Matrix):
    """A row of ones."""


IDENTITY = Identity((), ())
ONES_ROW = OnesRow((), ())


def is_unsized(value: Expr | Matrix) -> bool:
    """Whether the size of a value is not known yet."""
    return isinstance(value, Identity | OnesRow)


def checked(value: Expr | Matrix) -> Expr | Matrix:
    """The value.

    Raises:
        ReadingError: when nothing beside it tells its size.
    """
    if is_unsized(value):
        raise ReadingError(0, "nothing beside it tells the size of this matrix")
    return value


def sized_in_sum(terms: Sequence[Expr | Matrix]) -> list[Expr | Matrix]:
    """The terms, each I as large as the square matrices beside it."""
    if not any(isinstance(term, Identity) for term in terms):
        return list(terms)
    beside = [term for term in terms if isinstance(term, Matrix) and not is_unsized(term)]
    if not beside or not beside[0].rows or beside[0].rows != beside[0].columns:
        raise ReadingError(0, "the identity matrix is read beside a square matrix")
    axis = beside[0].rows
    return [_identity(axis, term) if isinstance(term, Identity) else term for term in terms]


def _identity(axis: Axis, term: Identity) -> Matrix:
    letters = _letters(2 * len(axis))
    row, column = letters[: len(axis)], letters[len(axis) :]
    body: Expr = S.One
    for i, j in zip(row, column, strict=True):
        body = body * KroneckerDelta(i, j)
    return scaled(term.factor, Entries(axis, axis, row, column, body))


def _letters(count: int) -> tuple[Symbol, ...]:
    found: list[Symbol] = []
    for _ in range(count):
        found.append(fresh_index(found))
    return tuple(found)


def sized_in_product(
    factors: Sequence[Expr | Matrix], operators: Sequence[str]
) -> list[Expr | Matrix]:
    """The factors, each I left out and each row of ones as long as what follows is high.

    A 1 behind a row or a matrix is a column of ones: the number 1 is never written there.
    """
    found = list(factors)
    for n, factor in enumerate(factors):
        before = factors[n - 1] if n else None
        is_behind = isinstance(before, Matrix) and bool(before.columns)
        if factor == S.One and isinstance(before, Matrix) and is_behind and operators[n] in _PLAIN:
            letters = _letters(len(before.columns))
            found[n] = Entries(before.columns, (), letters, (), S.One)
        if not is_unsized(factor):
            continue
        follower = factors[n + 1] if n + 1 < len(factors) else None
        follows = isinstance(follower, Matrix) and bool(follower.rows)
        follows = follows and operators[n + 1] in _PLAIN
        if isinstance(factor, OnesRow):
            if not follows or not isinstance(follower, Matrix):
                raise ReadingError(0, "a row of ones is read in front of a vector or a matrix")
            letters = _letters(len(follower.rows))
            found[n] = Entries((), follower.rows, (), letters, S.One)
        elif isinstance(factor, Identity):
            if not follows and not (is_behind and operators[n] in _PLAIN):
                raise ReadingError(0, "the identity matrix is read beside a square matrix")
            found[n] = factor.factor
    return found


def scaled_identity(factor: Identity, number: Expr) -> Identity:
    """A number times I."""
    return replace(factor, factor=factor.factor * number)
