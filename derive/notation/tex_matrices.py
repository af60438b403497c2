r"""Matrices as LaTeX: products side by side, \otimes and \odot, tensors without their indices.

A matrix of derivatives is named by what is differentiated: d2C/dvec(W^T) dz has a row for
each entry of W, row by row, since vec stacks columns.
"""

from __future__ import annotations

from collections.abc import Callable

from sympy import Basic

from derive.algebra.boxes import (
    ATOM,
    KRONECKER,
    PRODUCT,
    SUM,
    THIN,
    Box,
    fraction,
    listed,
    parenthesised,
    row,
    scripted,
)
from derive.algebra.quantities import Partial, Quantity
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


def matrix_box(matrix: Matrix, write: Callable[[Basic], Box]) -> Box:
    """A matrix as LaTeX; `write` writes its numbers."""

    def at_least(part: Matrix, strength: int) -> Box:
        box = matrix_box(part, write)
        return box if box.strength >= strength else parenthesised(box)

    match matrix:
        case Entries():
            return _named(matrix, write)
        case Transposed():
            box = matrix_box(matrix.of, write)
            derivative = isinstance(matrix.of, Entries) and isinstance(matrix.of.body, Partial)
            plain = box.strength == ATOM and not box.raised and not derivative
            return row(box if plain else parenthesised(box), _TRANSPOSED)
        case Total():
            return listed(" + ", [at_least(term, SUM) for term in matrix.terms], SUM)
        case Product():
            left, right = at_least(matrix.left, PRODUCT), at_least(matrix.right, PRODUCT)
            return row(left, THIN, right, strength=PRODUCT)
        case Kronecker() | Hadamard():
            sign = r" \otimes " if isinstance(matrix, Kronecker) else r" \odot "
            # Nested to the left, (A x B) x C, needs none; a product is clearer with them.
            nested = type(matrix.left) is type(matrix)
            left = at_least(matrix.left, KRONECKER if nested else ATOM)
            return row(left, sign, at_least(matrix.right, ATOM), strength=KRONECKER)
        case Scaled():
            of = at_least(matrix.of, PRODUCT)
            return row(write(matrix.factor), THIN, of, strength=PRODUCT)
        case Diagonal():
            return row(r"\mathrm{diag}", parenthesised(matrix_box(matrix.of, write)))
        case Stacked():
            return row(r"\mathrm{vec}", parenthesised(matrix_box(matrix.of, write)))
        case _:
            raise TypeError(f"no LaTeX for {type(matrix).__name__}")


#: What stands behind a transposed matrix.
_TRANSPOSED = scripted("", r"\top", write=lambda mark, text: mark + text)


def terms(matrix: Matrix) -> tuple[Matrix, ...]:
    """The terms of a sum of matrices; a matrix that is none is its own only term."""
    return matrix.terms if isinstance(matrix, Total) else (matrix,)


def _named(matrix: Entries, write: Callable[[Basic], Box]) -> Box:
    """The tensor whose entry the body is."""
    body = matrix.body
    if isinstance(body, Quantity):
        return write(body.at())
    of, chain = body.unnested if isinstance(body, Partial) else (body, [])
    if not isinstance(of, Quantity):
        raise TypeError(f"no name for the matrix of {body}")
    order = str(len(chain)) if len(chain) > 1 else ""
    below = [row(r"\partial", _variable(wrt, matrix, write)) for wrt in chain]
    above = row(scripted(r"\partial", order), " ", write(of.at()))
    return fraction(above, listed(THIN, below), ATOM)


def _variable(wrt: Quantity, matrix: Entries, write: Callable[[Basic], Box]) -> Box:
    """What stands behind a differential: a matrix, and a row, as the vector of its entries."""
    name = write(wrt.at())
    counted = dict(zip(matrix.row + matrix.column, matrix.rows + matrix.columns, strict=True))
    is_row = wrt.kind == "W" and any(counted.get(i) == wrt.layer + 1 for i in wrt.indices)
    if not is_row:
        return row(" ", name)
    return row(rf"{THIN}\mathrm{{vec}}({{", name, "}", _TRANSPOSED, ")")
