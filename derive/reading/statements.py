"""What a document says, one statement at a time, as the reader hands it to the checker."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import cached_property

from sympy import Basic, Expr, S

from derive.meaning.sides import Sides
from derive.reading.own_names import OwnNames


@dataclass(frozen=True)
class Place:
    """Where something stands in a document: line and column from 1, characters from 0.

    Attributes:
        cell: in a notebook the number of the cell, and the line in it, from 1.
    """

    line: int
    column: int
    start: int
    end: int
    cell: tuple[int, int] | None = None

    def __str__(self) -> str:
        return f"line {self.line}" if self.cell is None else "cell {}, line {}".format(*self.cell)


@dataclass(frozen=True)
class Statement:
    """One thing that a document says.

    Attributes:
        place: where it stands.
        source: the words of the document.
    """

    place: Place
    source: str

    def settled(self) -> Statement:
        """The same with nothing left to be found late, so that another process can have it."""
        return self


def _fits() -> bool:
    return True


@dataclass(frozen=True)
class _Found:
    """Names that were found."""

    names: OwnNames

    def __call__(self) -> OwnNames:
        return self.names


@dataclass(frozen=True)
class Claim(Statement):
    """left = right, one equality of a chain, in index form where it was in matrices.

    Attributes:
        continues: whether `left` is the right side of the claim before (a = b = c).
        where: the condition that the line itself states ("if z > 0").
        defines: the name that the document introduces here ("Let a_1 = ReLU(z_1)"); such a
            claim is true by definition unless the name is also a quantity of the network.
        left_source, right_source: the two sides in the document's own words.
        layer: "k = 0" where the document speaks of any layer k: then there is one claim for
            each layer that it can mean, all with the same place.
        named: finds what the sentence calls the quantities in it, which answers alone ask for.
        asked: whether the document asks for it, with a ? on top of the =, and claims nothing.
        unsure: why it may mean something else, as where its condition was not understood: it is
            right if it is right as it was read, and otherwise nothing is known of it.
        doubts: what else may hold here, as far as its sentence tells.
        calculated: whether it is a value at the numbers of an example, which are its condition:
            it is right if it is so at these, and otherwise about others.
        rows: whether its shapes fit only with gradients as rows.
        fits_rows: whether they fit with them as rows at all, which few ask.
    """

    sides: Sides
    read_as: str
    continues: bool = False
    where: Basic = S.true
    defines: str | None = None
    left_source: str = ""
    right_source: str = ""
    layer: str = ""
    named: Callable[[], OwnNames] = field(default=OwnNames, compare=False, repr=False)
    asked: bool = False
    unsure: str = ""
    doubts: tuple[Doubt, ...] = ()
    calculated: bool = False
    rows: bool = False
    fits_rows: Callable[[], bool] = field(default=_fits, compare=False, repr=False)

    def settled(self) -> Claim:
        """The same with its names found; whether it fits gradients as rows is no longer known."""
        return replace(self, named=_Found(self.names), fits_rows=_fits)

    @property
    def left(self) -> Expr:
        return self.sides.left

    @property
    def right(self) -> Expr:
        return self.sides.right

    @cached_property
    def names(self) -> OwnNames:
        return self.named()


@dataclass(frozen=True)
class Assumption(Statement):
    """A condition that holds from here on ("assume x > 0")."""

    condition: Basic
    read_as: str


@dataclass(frozen=True)
class Outside(Statement):
    r"""Mathematics that is understood but is not an equality to judge: x \approx y, a lone z_1.

    `reason` is one sentence in words, for people.
    """

    reason: str


#: Why what may rest on such words is not judged.
UNREAD = "words that may assume something, and were not understood"


@dataclass(frozen=True)
class Doubt(Outside):
    """Something that may be assumed from here on: nothing tells for certain whether it is.

    Attributes:
        condition: what it says; None where that was not understood.
    """

    condition: Basic | None = None


@dataclass(frozen=True)
class NotUnderstood(Statement):
    """Mathematics that could not be read; `message` says what and what would be right."""

    message: str


@dataclass(frozen=True)
class MissingQuantity(NotUnderstood):
    """A quantity of a layer that the network does not have, as the layers are counted here."""


@dataclass(frozen=True)
class Remedy:
    """What an equation says whose shapes agree once one factor is turned.

    Attributes:
        claim: the equation then.
        part: the factor in the document's words; "" for the whole right side.
        change: what was done to it.
    """

    claim: Claim
    part: str
    change: Turn


class Turn(StrEnum):
    """How a factor is turned."""

    TRANSPOSED = "transposed"
    NOT_TRANSPOSED = "not transposed"
    EXCHANGED = "exchanged"


@dataclass(frozen=True)
class ShapesDisagree(NotUnderstood):
    """Matrices that do not go together: each is understood, and the equation can mean nothing.

    `remedies` reads it again with one factor transposed, for each factor; asked for late,
    since few want to know.
    """

    remedies: Callable[[], tuple[Remedy, ...]] = field(default=tuple, compare=False, repr=False)

    def settled(self) -> ShapesDisagree:
        """The same without its remedies."""
        return replace(self, remedies=tuple)
