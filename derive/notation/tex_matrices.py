r"""Matrices as LaTeX: products side by side, \otimes and \odot, tensors without their indices.

A matrix of derivatives is named by what is differentiated: d2C/dvec(W^T) dz has a row for
each entry of W, row by row, since vec stacks columns.
"""

from __future__ import annotations

from collections.abc import Callable

from sympy import Basic

from derive.algebra.quantities import Partial, Quantity
from derive.algebra.quantity_tex import THIN
from derive.model.matrices import (
    Diagonal,
    Entries,
    Hadamard,
    Kronecker,
    Matrix,
    Product,
    Scaled,
    Stacked,
    Total,
    Transposed,
)
from derive.notation.spelling import parenthesised

_SUM, _KRONECKER, _PRODUCT, _ATOM = range(4)


def matrix_tex(matrix: Matrix, tex: Callable[[Basic], str]) -> str:
    """A matrix as LaTeX; `tex` writes its numbers."""
    return _written(matrix, tex)[0]


def terms(matrix: Matrix) -> tuple[Matrix, ...]:
    """The terms of a sum of matrices; a matrix that is none is its own only term."""
    return matrix.terms if isinstance(matrix, Total) else (matrix,)


def _written(matrix: Matrix, tex: Callable[[Basic], str]) -> tuple[str, int]:
    """LaTeX and binding strength: a product without a sign binds more than one with."""

    def at_least(part: Matrix, strength: int) -> str:
        text, own = _written(part, tex)
        return text if own >= strength else parenthesised(text)

    match matrix:
        case Entries():
            return _named(matrix, tex), _ATOM
        case Transposed():
            text, strength = _written(matrix.of, tex)
            plain = strength == _ATOM and "^" not in text and not text.startswith("\\frac")
            return (text if plain else parenthesised(text)) + r"^\top", _ATOM
        case Total():
            return " + ".join(at_least(term, _SUM) for term in matrix.terms), _SUM
        case Product():
            return (
                at_least(matrix.left, _PRODUCT) + THIN + at_least(matrix.right, _PRODUCT),
                _PRODUCT,
            )
        case Kronecker() | Hadamard():
            sign = r" \otimes " if isinstance(matrix, Kronecker) else r" \odot "
            # Nested to the left, (A x B) x C, needs none; a product is clearer with them.
            left = (
                at_least(matrix.left, _KRONECKER)
                if type(matrix.left) is type(matrix)
                else at_least(matrix.left, _ATOM)
            )
            return left + sign + at_least(matrix.right, _ATOM), _KRONECKER
        case Scaled():
            return tex(matrix.factor) + THIN + at_least(matrix.of, _PRODUCT), _PRODUCT
        case Diagonal():
            return rf"\mathrm{{diag}}{parenthesised(_written(matrix.of, tex)[0])}", _ATOM
        case Stacked():
            return rf"\mathrm{{vec}}{parenthesised(_written(matrix.of, tex)[0])}", _ATOM
        case _:
            raise TypeError(f"no LaTeX for {type(matrix).__name__}")


def _named(matrix: Entries, tex: Callable[[Basic], str]) -> str:
    """The tensor whose entry the body is."""
    body = matrix.body
    if isinstance(body, Quantity):
        return tex(body.at())
    of, chain = body.unnested if isinstance(body, Partial) else (body, [])
    if not isinstance(of, Quantity):
        raise TypeError(f"no name for the matrix of {body}")
    order = f"^{len(chain)}" if len(chain) > 1 else ""
    below = THIN.join(rf"\partial{_variable(wrt, matrix, tex)}" for wrt in chain)
    return rf"\frac{{\partial{order} {tex(of.at())}}}{{{below}}}"


def _variable(wrt: Quantity, matrix: Entries, tex: Callable[[Basic], str]) -> str:
    """What stands behind a differential: a matrix, and a row, as the vector of its entries."""
    name = tex(wrt.at())
    counted = dict(zip(matrix.row + matrix.column, matrix.rows + matrix.columns, strict=True))
    is_row = wrt.kind == "W" and any(counted.get(i) == wrt.layer + 1 for i in wrt.indices)
    return rf"{THIN}\mathrm{{vec}}({{{name}}}^\top)" if is_row else f" {name}"
