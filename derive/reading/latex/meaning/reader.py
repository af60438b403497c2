"""What reads the meaning of one term, as the rules of meaning see it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field

from sympy import Basic, Expr

from derive.errors import ReadingError
from derive.model.matrices import ShapeError
from derive.notation.ascii.function_names import domain_of
from derive.reading.latex.lexical.cursor import MAXIMAL_DEPTH
from derive.reading.latex.lexical.problems import BrokenError, LatexError, ShapesError
from derive.reading.latex.lexical.scripts import Scripts
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.naming.quantities import Value
from derive.reading.latex.naming.scope import FormulaScope
from derive.reading.latex.syntax.tree import (
    Enclosed,
    End,
    Node,
    Operator,
    Run,
    Scripted,
    Terms,
)


@dataclass
class Gathered:
    """What was divided by, has a value only somewhere, or is in doubt, in all of a formula.

    `loose` says what may be meant unit by unit, so that its shape tells nothing.
    """

    divisors: list[Expr] = field(default_factory=list[Expr])
    domain: list[Basic] = field(default_factory=list[Basic])
    doubts: list[str] = field(default_factory=list[str])
    loose: list[str] = field(default_factory=list[str])
    depth: int = 0


class FormulaReader(ABC):
    """A place among the items of a term, and what its names mean.

    The rules of derivatives, sums, functions and tables go on from one item to the next with
    it; how they go together is said in `formulas`.
    """

    def __init__(self, scope: FormulaScope, gathered: Gathered, run: Run) -> None:
        self.scope = scope
        self.gathered = gathered
        self._items = (*run.items, End(run.end, run.followed))
        self._position = 0

    # -- the place ---------------------------------------------------------------------

    @property
    def next(self) -> Node:
        """The item that is read next."""
        return self._items[self._position]

    @property
    def rest(self) -> tuple[Node, ...]:
        """All items that are left, without the end."""
        return self._items[self._position : -1]

    def ahead(self, distance: int) -> Node:
        """The item that follows the next one at this distance."""
        return self._items[min(self._position + distance, len(self._items) - 1)]

    @property
    def at_end(self) -> bool:
        """Whether nothing is left."""
        return isinstance(self.next, End)

    def advance(self) -> Node:
        """Read the next item, whatever it is; the end stays next for ever."""
        item = self.next
        self._position += not isinstance(item, End)
        return item

    def mark(self) -> int:
        """This place, to which `back` returns."""
        return self._position

    def back(self, position: int) -> None:
        """Return to a marked place."""
        self._position = position

    @property
    def bracket(self) -> Enclosed | None:
        """The bracket that comes next, its scripts left aside."""
        item = self.next.of if isinstance(self.next, Scripted) else self.next
        return item if isinstance(item, Enclosed) else None

    @property
    def starts_factor(self) -> bool:
        """Whether a factor stands here."""
        return not isinstance(self.next, Operator | End)

    # -- parts -------------------------------------------------------------------------

    def inside(self, run: Run) -> FormulaReader:
        """A reader of other items under the same scope."""
        return type(self)(self.scope, self.gathered, run)

    @abstractmethod
    def value(self, terms: Terms) -> Value:
        """The value of a part, which counts as one level deeper."""

    @abstractmethod
    def term(self) -> Value:
        """Factors side by side or with a sign of multiplication between them."""

    @abstractmethod
    def factor(self) -> Value:
        """An item with its exponents and indices."""

    @abstractmethod
    def scripted(self, value: Value, scripts: Scripts, at: Token) -> Value:
        """A value with scripts: powers, transposition, an index, ( )_+."""

    def raised(self, value: Value, item: Node) -> Value:
        """A value with the scripts that an item has."""
        return self.scripted(value, item.scripts, item.at) if isinstance(item, Scripted) else value

    @abstractmethod
    def with_exponents(self, value: Value, scripts: Scripts, at: Token) -> Value:
        """The value transposed, its positive part, raised to its power, as the scripts say."""

    def deeper(self) -> None:
        """Enter a part inside the present one."""
        self.gathered.depth += 1
        if self.gathered.depth > MAXIMAL_DEPTH:
            sentence = f"this is nested too deeply; parts go up to {MAXIMAL_DEPTH} deep"
            raise BrokenError(self.next.start, sentence)

    def shallower(self) -> None:
        """Leave the part that was entered last."""
        self.gathered.depth -= 1

    # -- what is told beside the value ---------------------------------------------------

    def may_mean(self, otherwise: str) -> None:
        """Keep why what was read may mean something else, so that it is not held to be wrong."""
        self.gathered.doubts.append(otherwise)

    def divides(self, value: Value) -> None:
        """Keep what is divided by: where that cancels, the value no longer tells."""
        if isinstance(value, Expr):
            self.gathered.divisors.append(value)

    def needs_value(self, name: str, of: Value) -> None:
        """Keep where a logarithm or a root exists: it may cancel, as a divisor may."""
        if isinstance(of, Expr):
            self.gathered.domain += domain_of(name, of)

    def at_place(self, at: int, work: Callable[[], Value]) -> Value:
        """The result of some arithmetic, its errors told with their place."""
        try:
            return work()
        except ReadingError as problem:
            raise LatexError(at, problem.sentence) from None
        except ShapeError as problem:
            raise ShapesError(at, str(problem)) from None
