"""What reads one formula, as the rules of its grammar see it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

from sympy import Basic, Expr

from derive.errors import ReadingError
from derive.model.matrices import ShapeError
from derive.notation.ascii.function_names import domain_of
from derive.reading.latex.lexical.cursor import Cursor
from derive.reading.latex.lexical.problems import LatexError, ShapesError
from derive.reading.latex.lexical.scripts import Scripts
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.naming.quantities import Value
from derive.reading.latex.naming.scope import FormulaScope


class FormulaReader(Cursor, ABC):
    """A place in a formula, what its names mean, and what was divided by on the way.

    The rules of derivatives, sums, functions and tables read parts of a formula with it; how
    they go together is said in `formulas`.
    """

    def __init__(self, tokens: Sequence[Token], end: int, scope: FormulaScope) -> None:
        super().__init__(tokens, end)
        self.scope = scope
        self.divisors: list[Expr] = []
        self.domain: list[Basic] = []
        self.doubts: list[str] = []
        self.loose: list[str] = []

    def inside(self, tokens: Sequence[Token], end: int) -> FormulaReader:
        """A reader of a part, which counts as one level deeper."""
        reader = type(self)(tokens, end, self.scope)
        reader._depth = self._depth
        reader.divisors = self.divisors
        reader.domain = self.domain
        reader.doubts = self.doubts
        reader.loose = self.loose
        reader.deeper()
        return reader

    @abstractmethod
    def whole(self) -> Value:
        """The whole text as one value."""

    @abstractmethod
    def term(self) -> Value:
        """Factors side by side or with a sign of multiplication between them."""

    @abstractmethod
    def factor(self) -> Value:
        """An atom with its exponents and indices."""

    @abstractmethod
    def starts_factor(self) -> bool:
        """Whether the next token can start a factor."""

    @abstractmethod
    def unbraced(self) -> bool:
        """Read the brace before a lone name with scripts, as in {W}^{(0)}, if one stands here."""

    @abstractmethod
    def with_exponents(self, value: Value, scripts: Scripts, at: Token) -> Value:
        """The value transposed, its positive part, raised to its power, as the scripts say."""

    def may_mean(self, otherwise: str) -> None:
        """Keep why what was read may mean something else, so that it is not held to be wrong."""
        self.doubts.append(otherwise)

    def divides(self, value: Value) -> None:
        """Keep what is divided by: where that cancels, the value no longer tells."""
        if isinstance(value, Expr):
            self.divisors.append(value)

    def needs_value(self, name: str, of: Value) -> None:
        """Keep where a logarithm or a root exists: it may cancel, as a divisor may."""
        if isinstance(of, Expr):
            self.domain += domain_of(name, of)

    def at_place(self, at: int, work: Callable[[], Value]) -> Value:
        """The result of some arithmetic, its errors told with their place."""
        try:
            return work()
        except ReadingError as problem:
            raise LatexError(at, problem.sentence) from None
        except ShapeError as problem:
            raise ShapesError(at, str(problem)) from None
