"""Formulas once it is said which names are functions: factors, powers, applications."""

from __future__ import annotations

from dataclasses import dataclass

from derive.reading.latex.lexical.scripts import Scripts
from derive.reading.latex.syntax.tree import Node

NO_SCRIPTS = Scripts()


@dataclass(frozen=True)
class Digits(Node):
    """A number as it is written."""

    text: str


@dataclass(frozen=True)
class Name(Node):
    """A name with its scripts; of these the power and the transposition are nodes of their own."""

    text: str
    scripts: Scripts = NO_SCRIPTS


@dataclass(frozen=True)
class TermSum(Node):
    """Terms, each with its sign, 1 or -1."""

    signs: tuple[int, ...]
    terms: tuple[Node, ...]


@dataclass(frozen=True)
class Factors(Node):
    """Factors with the signs between them: "", "cdot", "times", "odot", "over"."""

    factors: tuple[Node, ...]
    signs: tuple[str, ...]


@dataclass(frozen=True)
class Raised(Node):
    """base ^ exponent."""

    base: Node
    exponent: Node


@dataclass(frozen=True)
class Turned(Node):
    """A transposed factor."""

    of: Node


@dataclass(frozen=True)
class Bracket(Node):
    """( … ), [ … ] or { … }: what stands inside, once for each comma."""

    inside: tuple[Node, ...]


@dataclass(frozen=True)
class Applied(Node):
    """A function with its arguments, or a name with a bracket behind it."""

    name: Name
    arguments: tuple[Node, ...]
    bracketed: bool = True


@dataclass(frozen=True)
class Summed(Node):
    """A sum over letters, each up to what is written above, "" where nothing is."""

    letters: tuple[str, ...]
    last: str
    body: Node


@dataclass(frozen=True)
class Slope(Node):
    """A derivative in any spelling, which is not taken apart."""


@dataclass(frozen=True)
class Norm(Node):
    """The length of a vector."""

    of: Node


@dataclass(frozen=True)
class Size(Node):
    """Between upright lines: the absolute value of a number, the length of a vector."""

    of: Node
