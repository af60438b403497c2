"""What is written, as a tree with places; what the names in it mean is not known here.

A term is a run: names, numbers, brackets and signs side by side.  Whether a name takes the
bracket behind it as its argument, and whether a fraction is a derivative, is for those who
know the names.  What cannot be parsed is a `Broken` item, which ends its run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, fields, replace
from functools import cache
from typing import Any, Self

from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.lexical.scripts import Scripts
from derive.reading.latex.lexical.tokens import Token


@dataclass(frozen=True)
class Node:
    """A part of a formula; `start` is its first character in the document."""

    start: int = field(compare=False)

    @property
    def parts(self) -> Iterator[Node]:
        """The nodes right below this one."""
        for name in _names(type(self)):
            yield from _nodes(getattr(self, name))

    def with_parts(self, change: Callable[[Node], Node]) -> Self:
        """The node with each of the nodes right below it changed; itself where none is."""
        values = {name: getattr(self, name) for name in _names(type(self))}
        changed = {name: _changed(value, change) for name, value in values.items()}
        if all(changed[name] is value for name, value in values.items()):
            return self
        return replace(self, **changed)

    def rewritten(self, change: Callable[[Node], Node]) -> Node:
        """The node with all below it changed, from the leaves up, and itself last."""
        return change(self.with_parts(lambda part: part.rewritten(change)))

    def walk(self) -> Iterator[Node]:
        """This node and all below it."""
        yield self
        for part in self.parts:
            yield from part.walk()


@cache
def _names(kind: type[Node]) -> tuple[str, ...]:
    """What a node of this class has, but for its place."""
    return tuple(one.name for one in fields(kind) if one.name != "start")


def _nodes(value: object) -> Iterator[Node]:
    if isinstance(value, Node):
        yield value
    elif type(value) is tuple:
        for part in value:  # pyright: ignore[reportUnknownVariableType]
            yield from _nodes(part)  # pyright: ignore[reportUnknownArgumentType]


def _changed(value: Any, change: Callable[[Node], Node]) -> Any:
    if isinstance(value, Node):
        return change(value)
    if type(value) is tuple:  # a token is no tuple of parts
        parts: tuple[Any, ...] = value
        changed = tuple(_changed(part, change) for part in parts)
        same = all(one is part for one, part in zip(changed, parts, strict=True))
        return parts if same else changed
    return value


@dataclass(frozen=True)
class Broken(Node):
    """What could not be parsed, and why."""

    problem: LatexError


@dataclass(frozen=True)
class End(Node):
    """Behind the last item of a term; `followed` where another term stands."""

    followed: bool = False


@dataclass(frozen=True)
class Operator(Node):
    """A sign of multiplication: "cdot", "times", "odot", "otimes", "over"."""

    sign: str


@dataclass(frozen=True)
class Minus(Node):
    r"""A minus in front of a factor, as in a \cdot -b."""


@dataclass(frozen=True)
class Numeral(Node):
    """A number as it is written."""

    token: Token


@dataclass(frozen=True)
class Named(Node):
    """A name with its scripts; `end` is the place behind them."""

    token: Token
    scripts: Scripts
    end: int = field(default=0, compare=False)

    @property
    def is_bare(self) -> bool:
        """Whether it has no scripts."""
        return self.scripts == Scripts()


@dataclass(frozen=True)
class Exponential(Node):
    """e^{…}; `name` is what it is where e is a name like others."""

    exponent: Terms
    name: Node


@dataclass(frozen=True)
class Differential(Node):
    r"""\partial or \nabla with its scripts; `by` is what stands below, once for each comma."""

    token: Token
    scripts: Scripts
    by: tuple[Terms, ...] = ()


@dataclass(frozen=True)
class Enclosed(Node):
    r"""What stands in brackets, once for each comma, or the condition in them.

    `opened` is "(", "[", "{" (which only holds together), "\{", "|", "\|" or another; `end` is
    the place behind the bracket that closes.
    """

    opened: str
    tokens: tuple[Token, ...]
    members: tuple[Terms, ...]
    condition: Condition | None = None
    end: int = field(default=0, compare=False)

    @property
    def is_applied(self) -> bool:
        """Whether such brackets hold the arguments of a function."""
        return self.opened in ("(", "[", "\\{")


@dataclass(frozen=True)
class FractionBar(Node):
    """One thing above another."""

    above: Terms
    below: Terms


@dataclass(frozen=True)
class Root(Node):
    """A square root."""

    token: Token
    of: Terms


@dataclass(frozen=True)
class Case(Node):
    """A value, and where it holds; None for all other cases."""

    value: Terms
    where: Condition | Broken | None


@dataclass(frozen=True)
class CaseList(Node):
    """Values under conditions."""

    rows: tuple[Case, ...]


@dataclass(frozen=True)
class Grid(Node):
    """A matrix written out."""

    rows: tuple[tuple[Terms, ...], ...]


@dataclass(frozen=True)
class Limits(Node):
    r"""What stands below and above the sign of a sum.

    Attributes:
        letters: what it runs over.
        low, high: where it begins and ends, as written; None where that is not said.
        apart: the letter that it leaves out, the i of k \neq i.
    """

    letters: tuple[Token, ...]
    low: tuple[Token, ...] | None
    high: tuple[Token, ...]
    apart: Token | None = None


@dataclass(frozen=True)
class BigSum(Node):
    """A sum and the rest of its term; without limits it runs over the entries of a vector."""

    limits: Limits | Broken | None
    body: Run


@dataclass(frozen=True)
class OneSided(Node):
    """A limit from one side at 0, and the rest of its term; `arrow` says from which."""

    place: Terms
    arrow: str
    body: Run


@dataclass(frozen=True)
class Scripted(Node):
    """An item that is no name, with its scripts; `at` is the token before, `end` what is behind."""

    of: Node
    scripts: Scripts
    at: Token
    end: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Run(Node):
    """The items of one term, in order; `end` is behind them, `followed` whether a term follows."""

    items: tuple[Node, ...]
    end: int = field(default=0, compare=False)
    followed: bool = field(default=False, compare=False)

    @property
    def lone(self) -> Node | None:
        """The one item that it has."""
        return self.items[0] if len(self.items) == 1 else None


@dataclass(frozen=True)
class Terms(Node):
    """Terms, each with its sign, 1 or -1, and what is wrong with what follows them."""

    signs: tuple[int, ...]
    runs: tuple[Run, ...]
    surplus: LatexError | None = field(default=None)

    @property
    def run(self) -> Run | None:
        """Its one term, where it has one without a minus."""
        return self.runs[0] if self.signs == (1,) and self.surplus is None else None

    @property
    def lone(self) -> Node | None:
        """The one item that it has."""
        return None if self.run is None else self.run.lone


@dataclass(frozen=True)
class Compared(Node):
    """a > b, or a < b < c; `signs` are ">", "<", "=", ">=", "<=", "!="."""

    sides: tuple[Terms | Broken, ...]
    signs: tuple[str, ...]


@dataclass(frozen=True)
class Condition(Node):
    """Alternatives, each of comparisons that hold together.

    Attributes:
        unread: why words in it are not understood.
    """

    alternatives: tuple[tuple[Compared | Broken, ...], ...]
    unread: LatexError | None = None


def plain_bracket(item: Node, *opened: str) -> Enclosed | None:
    """An item that is one of these brackets, without scripts and comparisons."""
    if not isinstance(item, Enclosed) or item.opened not in opened:
        return None
    return item if item.condition is None else None


def shown(item: Node) -> str:
    """An item in words, for what is said of it."""
    match item:
        case End():
            return "the end"
        case Named() | Numeral() | Root():
            return str(item.token)
        case Enclosed():
            return item.opened
        case _:
            return "a formula"
