"""Why a formula in LaTeX cannot be read, told apart where the reader acts on it."""

from __future__ import annotations

from derive.reading.latex.lexical.raw import BrokenError, LatexError


class UnknownNameError(LatexError):
    """A name that nothing declares."""


class MissingQuantityError(LatexError):
    """A quantity of a layer that the network does not have, such as W^(L)."""


class ShapesError(LatexError):
    """Matrices that do not go together."""


class LayerLetterError(LatexError):
    """A letter that stands for any layer; the formula is read once for each layer instead."""

    def __init__(self, at: int, letter: str) -> None:
        super().__init__(at, f"{letter} stands for a layer, and which one is not known here")
        self.letter = letter


__all__ = [
    "BrokenError",
    "LatexError",
    "LayerLetterError",
    "MissingQuantityError",
    "ShapesError",
    "UnknownNameError",
]
