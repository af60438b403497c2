"""Matrices in words, by what they are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from sympy import Basic, KroneckerDelta

from derive.algebra.boxes import ATOM, KRONECKER, PRODUCT, SUM, Box
from derive.algebra.quantities import Partial, Quantity, is_step
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
    is_ones,
)
from derive.notation.tex_matrices import WrittenOut, subscripts, terms

#: The phrases of what is made of one matrix, and of what is made of two.
_OF_ONE = {
    Transposed: "transposed", RowSum: "row_sums", RowMean: "row_means", Diagonal: "diagonal",
    Stacked: "stacked",
}  # fmt: skip
_OF_TWO = {Product: "times", Hadamard: "times_entries", Kronecker: "kronecker"}


class MatrixSpeaker(Protocol):
    """What says the numbers in a matrix, and puts words together."""

    def box(self, node: Basic | Matrix) -> Box: ...
    def said(self, key: str, *parts: Box | str, strength: int = ATOM, tall: bool = True) -> Box: ...
    def grouped(self, box: Box, strength: int) -> Box: ...
    def joined(self, key: str, boxes: Sequence[Box], strength: int = ATOM) -> Box: ...


def spoken_matrix(matrix: Matrix, speaker: MatrixSpeaker) -> Box:
    """A matrix; tensors without their indices."""

    def at_least(part: Matrix, strength: int) -> Box:
        return speaker.grouped(spoken_matrix(part, speaker), strength)

    match matrix:
        case Entries():
            return _named(matrix, speaker)
        case Transposed() | RowSum() | RowMean() | Diagonal() | Stacked():
            return speaker.said(_OF_ONE[type(matrix)], at_least(matrix.of, ATOM))
        case Product() | Hadamard() | Kronecker():
            own = PRODUCT if isinstance(matrix, Product) else KRONECKER
            parts = [at_least(matrix.left, own), at_least(matrix.right, PRODUCT)]
            return speaker.joined(_OF_TWO[type(matrix)], parts, own)
        case Total():
            (negative, first), *others = terms(matrix)
            whole = at_least(first, KRONECKER)
            whole = speaker.said("negative", whole) if negative else whole
            for negative, term in others:
                key = "minus" if negative else "plus"
                whole = speaker.joined(key, [whole, at_least(term, KRONECKER)], SUM)
            return whole
        case Scaled():
            number = speaker.grouped(speaker.box(matrix.factor), PRODUCT)
            return speaker.joined("times", [number, at_least(matrix.of, KRONECKER)], KRONECKER)
        case Elementwise():
            inside = WrittenOut(at_least(matrix.of, ATOM))
            return speaker.box(matrix.body.xreplace({matrix.variable: inside}))
        case Einsum():
            parts = [at_least(operand, ATOM) for operand in matrix.operands]
            letters = (_spelt(side) for side in subscripts(matrix).split("->"))
            return speaker.said("einsum", *letters, speaker.joined("both", parts))
        case Repeated():
            return spoken_matrix(matrix.of, speaker)
        case _:
            raise TypeError(f"no words for {type(matrix).__name__}")


def _spelt(letters: str) -> str:
    """hts,hsa letter by letter: h t s, h s a."""
    return ", ".join(" ".join(own) for own in letters.split(","))


def _named(matrix: Entries, speaker: MatrixSpeaker) -> Box:
    """The tensor whose entry the body is."""
    body = matrix.body
    if is_ones(matrix):
        return speaker.said("ones")
    if isinstance(body, KroneckerDelta):
        return speaker.said("identity")
    if isinstance(body, Quantity):
        return speaker.box(body.at())
    if not isinstance(body, Partial):
        return speaker.box(body)
    if is_step(body.wrt):
        return speaker.said("along", _named(replace(matrix, body=body.of), speaker))
    of, chain = body.unnested
    bare = speaker.box(of.at() if isinstance(of, Quantity) else of)
    key = "derivative" if len(chain) == 1 else "second_derivative"
    return speaker.said(key, bare, speaker.joined("both", [speaker.box(q.at()) for q in chain]))
