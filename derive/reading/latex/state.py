"""What a document has said so far, and where its words stand."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from sympy import Basic, S

from derive.reading.latex.chains import Layers, ReadSide
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.naming.lexicon import Lexicon
from derive.reading.statements import (
    Place,
)


@dataclass(frozen=True)
class State:
    """What a document has said so far.

    Attributes:
        lexicon: its names.
        last: the right side that a chain may go on from, by layer.
        where: the condition under which that was said.
        averages: names that it gave to expectations, about which nothing is judged.
        numbers: whether it gave an input, a target or a parameter a number to calculate with.
        values: these numbers, each as an equality, where one number alone was given.
        foreign: letters that it uses here for other mathematics than that of the network.
    """

    lexicon: Lexicon
    last: dict[Layers, ReadSide] = field(default_factory=dict)
    where: Basic = S.true
    numbers: bool = False
    values: tuple[Basic, ...] = ()
    averages: frozenset[str] = frozenset()
    foreign: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Source:
    """The document, and where in it a stretch of characters stands."""

    text: str
    place: Callable[[int, int], Place]

    def words(self, start: int, end: int) -> str:
        """What the document says there, on one line."""
        return " ".join(self.text[start:end].replace("$", "").split())

    def of(self, tokens: Sequence[Token]) -> str:
        """The document's own words for these tokens."""
        return self.words(tokens[0].start, tokens[-1].end) if tokens else ""
