r"""Matrices as LaTeX: products side by side, \otimes and \odot, tensors without their indices.

A column, a row or a number that is repeated stands as it is, as arrays broadcast.

A matrix of derivatives is named by what is differentiated: d2C/dvec(W^T) dz has a row for
each entry of W, row by row, since vec stacks columns.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from string import ascii_letters

from sympy import Abs, AtomicExpr, Basic, KroneckerDelta, S

from derive.algebra.boxes import (
    ATOM,
    KRONECKER,
    PRODUCT,
    SUM,
    THIN,
    Box,
    along_box,
    fraction,
    glyphs,
    listed,
    parenthesised,
    row,
    scripted,
)
from derive.algebra.functions import ReLU
from derive.algebra.quantities import NO_SUPERSCRIPT, Partial, Quantity, is_step
from derive.model.matrices import (
    Diagonal,
    Einsum,
    Elementwise,
    Entries,
    Hadamard,
    Kronecker,
    Matrix,
    Product,
    Repeated,
    RowMean,
    RowSum,
    Scaled,
    Stacked,
    Total,
    Transposed,
    elementwise,
    is_ones,
    scaled,
)


class WrittenOut(AtomicExpr):
    """A matrix that is written already, in the formula of a function of it."""

    is_commutative = True

    def __new__(cls, box: Box) -> WrittenOut:
        node = AtomicExpr.__new__(cls)
        node.box = box
        return node

    box: Box

    def _hashable_content(self) -> tuple[Box]:
        return (self.box,)


def matrix_box(
    matrix: Matrix, write: Callable[[Basic], Box], factor: Callable[[Matrix], Box] | None = None
) -> Box:
    """A matrix as LaTeX; `write` writes its numbers, and `factor` what it is made of."""
    match matrix:
        case Entries():
            return _named(matrix, write)
        case Transposed() if is_ones(matrix.of):  # as long as what stands beside it is wide
            return row(r"\mathbf{1}", _TRANSPOSED)
        case Transposed():
            box = matrix_box(matrix.of, write)
            derivative = isinstance(matrix.of, Entries) and isinstance(matrix.of.body, Partial)
            plain = box.strength == ATOM and not box.raised and not derivative
            return row(box if plain else parenthesised(box), _TRANSPOSED)
        case Elementwise():
            inside = WrittenOut(matrix_box(matrix.of, write))
            # e^A and 1/A stand beside other factors without parentheses.
            return replace(write(matrix.body.xreplace({matrix.variable: inside})), strength=ATOM)
        case RowSum() | RowMean():
            along, of = "row", matrix.of
            if isinstance(of, Transposed):
                along, of = "col", of.of
            name = along + ("sum" if isinstance(matrix, RowSum) else "mean")
            return row(rf"\mathrm{{{name}}}", parenthesised(matrix_box(of, write)))
        case Einsum():
            operands = [matrix_box(operand, write) for operand in matrix.operands]
            sign = rf"\texttt{{{subscripts(matrix)}}}"
            return row(r"\mathrm{einsum}", parenthesised(listed(", ", [glyphs(sign), *operands])))
        case Repeated():
            return matrix_box(matrix.of, write)
        case Diagonal():
            return row(r"\mathrm{diag}", parenthesised(matrix_box(matrix.of, write)))
        case Stacked():
            return row(r"\mathrm{vec}", parenthesised(matrix_box(matrix.of, write)))
        case _:
            return _combination(matrix, factor or (lambda part: matrix_box(part, write)), write)


def _combination(
    matrix: Matrix, box_of: Callable[[Matrix], Box], write: Callable[[Basic], Box]
) -> Box:
    """A sum, a product of any kind or a multiple."""

    def at_least(part: Matrix, strength: int) -> Box:
        box = box_of(part)
        return box if box.strength >= strength else parenthesised(box)

    match matrix:
        case Total():
            parts: list[Box | str] = []
            for negative, term in terms(matrix):
                signs = (" - ", " + ") if parts else ("-", "")
                parts += [signs[not negative], at_least(term, KRONECKER if parts else SUM)]
            return row(*parts, strength=SUM)
        case Hadamard() | Product() if (quotient := _quotient(matrix)) is not None:
            above, below = map(box_of, quotient)
            return fraction(above, below)
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
            # A number times A o B needs no parentheses: it is the same however they are put.
            own = KRONECKER if isinstance(matrix.of, Hadamard) else PRODUCT
            negative, bare = _signed(matrix)
            if negative:
                return row("-", at_least(bare, own), strength=SUM)
            number = write(matrix.factor)
            number = number if number.strength >= PRODUCT else parenthesised(number)
            return row(number, THIN, at_least(matrix.of, own), strength=own)
        case _:
            raise TypeError(f"no LaTeX for {type(matrix).__name__}")


def _quotient(matrix: Hadamard | Product) -> tuple[Matrix, Matrix] | None:
    """A and B, where this is A o 1/B and A is no product and no sum of more than two tensors.

    A product is one where B is a number.
    """
    if isinstance(matrix, Product) and not (matrix.right.is_row and matrix.right.is_column):
        return None
    for one, other in ((matrix.left, matrix.right), (matrix.right, matrix.left)):
        inverse = other.of if isinstance(other, Repeated) else other
        if _is_short(one) and _divisor(one) is None and (below := _divisor(inverse)) is not None:
            return one, below
    return None


def _is_short(matrix: Matrix) -> bool:
    """Whether it can stand above a line and be taken in at a glance."""
    if isinstance(matrix, Total):
        bare = [_signed(term)[1] for term in matrix.terms]
        return len(bare) == 2 and all(isinstance(one, Entries | Repeated) for one in bare)
    return isinstance(matrix, Entries | Elementwise)


def _divisor(matrix: Matrix) -> Matrix | None:
    """B, where this is 1/B entry by entry."""
    if isinstance(matrix, Elementwise) and matrix.body == 1 / matrix.variable:
        return matrix.of
    return None


#: What stands behind a transposed matrix.
_TRANSPOSED = scripted("", r"\top", write=lambda mark, text: mark + text)


def terms(matrix: Matrix) -> list[tuple[bool, Matrix]]:
    """The terms of a sum of matrices: whether each has a minus sign, and what it is without.

    A matrix that is no sum is its own only term.
    """
    parts = matrix.terms if isinstance(matrix, Total) else (matrix,)
    return [_signed(part) for part in _with_absolute_values(parts)]


def _with_absolute_values(parts: tuple[Matrix, ...]) -> tuple[Matrix, ...]:
    """|A| entry by entry for 2 ReLU(A) - A, as in formulas of single entries."""
    for part in parts:
        number, of = (part.factor, part.of) if isinstance(part, Scaled) else (S.One, part)
        if isinstance(of, Elementwise) and isinstance(of.body, ReLU):
            linear = scaled(-number / 2, of.of)
            if of.body.args[0] == of.variable and linear in parts:
                size = scaled(number / 2, elementwise(of.variable, Abs(of.variable), of.of))
                rest = tuple(one for one in parts if one not in (part, linear))
                return _with_absolute_values((size, *rest))
    return parts


def _signed(matrix: Matrix) -> tuple[bool, Matrix]:
    match matrix:
        case Scaled() if matrix.factor.as_coeff_Mul()[0] < 0:
            return True, scaled(-matrix.factor, matrix.of)
        case Entries() if not (matrix.rows or matrix.columns) and matrix.body.is_negative:
            return True, replace(matrix, body=-matrix.body)
        case Repeated():
            negative, of = _signed(matrix.of)
            return negative, replace(matrix, of=of)
        case _:
            return False, matrix


def subscripts(matrix: Einsum) -> str:
    """hts,hsa->hta, with single letters, as numpy.einsum needs them."""
    letters = dict.fromkeys(letter for own in (*matrix.inputs, matrix.output) for letter in own)
    names = {letter: letter.name for letter in letters if letter.name in ascii_letters}
    free = iter(sorted({*ascii_letters} - {*names.values()}, key=str.swapcase))
    names |= {letter: next(free) for letter in letters if letter not in names}
    inputs = ",".join("".join(names[letter] for letter in own) for own in matrix.inputs)
    return f"{inputs}->{''.join(names[letter] for letter in matrix.output)}"


def _named(matrix: Entries, write: Callable[[Basic], Box]) -> Box:
    """The tensor whose entry the body is."""
    body = matrix.body
    if isinstance(body, Quantity):
        return write(body.at())
    if not (matrix.rows or matrix.columns):
        return write(body)
    if isinstance(body, KroneckerDelta):
        return glyphs("I")
    if body == 1:  # a vector of ones, with the axis that it counts
        return scripted(r"\mathbf{1}", below=write(matrix.rows[0]))
    if isinstance(body, Partial) and is_step(body.wrt):
        return along_box(_named(replace(matrix, body=body.of), write))
    of, chain = body.unnested if isinstance(body, Partial) else (body, [])
    if not isinstance(of, Quantity):
        raise TypeError(f"no name for the matrix of {body}")
    order = str(len(chain)) if len(chain) > 1 else ""
    if len(chain) == 1 and not of.indices and _has_its_shape(chain[0], matrix):
        below = [row(r"\partial ", write(chain[0].at()))]
    else:
        below = [row(r"\partial", _variable(wrt, matrix, write)) for wrt in chain]
    above = row(scripted(r"\partial", order), " ", write(of.at()))
    return fraction(above, listed(THIN, below), ATOM)


def _has_its_shape(wrt: Quantity, matrix: Entries) -> bool:
    """Whether derivatives by a weight stand as its entries do: by W_ij in row i and column j."""
    if not _is_weight(wrt):
        return True
    if len(wrt.indices) == 2:
        return (matrix.row, matrix.column) == (wrt.indices[:1], wrt.indices[1:])
    (axis,) = matrix.rows + matrix.columns
    return bool(matrix.columns) == (axis != wrt.layer)


def _is_weight(entry: Quantity) -> bool:
    """Whether it is a weight between two layers, and not a tensor of a model that is called W."""
    return entry.kind == "W" and entry.layer != NO_SUPERSCRIPT


def _variable(wrt: Quantity, matrix: Entries, write: Callable[[Basic], Box]) -> Box:
    """What stands behind a differential: a matrix, and a row, as the vector of its entries."""
    name = write(wrt.at())
    counted = dict(zip(matrix.row + matrix.column, matrix.rows + matrix.columns, strict=True))
    is_row = _is_weight(wrt) and any(counted.get(i, wrt.layer) != wrt.layer for i in wrt.indices)
    if not is_row:
        return row(" ", name)
    return row(rf"{THIN}\mathrm{{vec}}({{", name, "}", _TRANSPOSED, ")")
