"""Arithmetic on what was read: numbers in index form and matrices, in any mixture."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from sympy import Expr, S, Symbol

from derive.errors import ReadingError
from derive.model import matrices
from derive.model.matrices import Matrix, ShapeError
from derive.model.network import Network
from derive.notation.ascii import arithmetic
from derive.reading.latex.grammar.unsized import (
    Identity,
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


def total(network: Network, terms: Sequence[Value]) -> Value:
    """The sum; a constant is added to every entry of a vector, as in 1 - r."""
    if len(terms) == 1:
        return terms[0]
    terms = sized_in_sum(terms)
    found = [term for term in terms if isinstance(term, Matrix)]
    numbers = [term for term in terms if not isinstance(term, Matrix)]
    if not found:
        return arithmetic.total(numbers, 0)
    if not numbers:
        return matrices.total(network, found)
    constant = arithmetic.total(numbers, 0)
    together = matrices.total(network, found)
    if constant == 0:
        return together
    if not constant.is_number:
        raise ShapeError(
            f"a number and a {matrices.shape(network, together)} matrix cannot be added"
        )
    return matrices.elementwise(ENTRY, ENTRY + constant, together)


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


def power(network: Network, base: Value, exponent: Value) -> Value:
    """b^n, the exponent a whole number; the square of a matrix is its product with itself."""
    if isinstance(exponent, Matrix):
        raise ReadingError(0, "an exponent is a number")
    if not isinstance(base, Matrix):
        return arithmetic.power(base, exponent, 0)
    if exponent == 2:
        return matrices.product(network, base, base)
    raise ReadingError(0, f"a matrix is read to the power 2 only, not {exponent}")


def product(network: Network, factors: Sequence[Value], operators: Sequence[str]) -> Value:
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


def _run(network: Network, factors: Sequence[Value], operators: Sequence[str]) -> Value:
    """From left to right; numbers are collected, so that their product stays short."""
    numbers: list[Expr] = []
    matrix: Matrix | None = None
    for factor, operator in zip(factors, operators, strict=True):
        if operator == "over":
            if isinstance(factor, Matrix):
                raise ShapeError("nothing can be divided by a matrix")
            numbers.append(arithmetic.power(factor, S.NegativeOne, 0))
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


def _pair(network: Network, left: Matrix, right: Matrix, operator: str) -> Value:
    """Two matrices multiplied in the way that the sign between them says."""
    match operator:
        case "odot":
            return matrices.hadamard(network, left, right)
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
        case "cdot" if left.is_column and right.is_column:
            return matrices.product(network, matrices.transposed(left), right)
        case "times":
            try:
                return matrices.product(network, left, right)
            except ShapeError as problem:
                if matrices.same_shape(network, left, right):
                    return matrices.hadamard(network, left, right)
                raise problem from None
        case _:
            return matrices.product(network, left, right)
