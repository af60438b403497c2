"""What reads one formula in the ASCII notation, as the calls in it see it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from sympy import Basic, Expr

from derive.notation.ascii.cursor import TextCursor
from derive.notation.ascii.names import Vocabulary
from derive.notation.ascii.tokens import TextToken


class FormulaText(TextCursor, ABC):
    """A place in a formula, and what its names mean; `grammar` says how its parts go together."""

    def __init__(self, tokens: Sequence[TextToken], known: Vocabulary) -> None:
        super().__init__(tokens)
        self.known = known

    @abstractmethod
    def value(self) -> Expr:
        """The value that stands here."""

    @abstractmethod
    def condition(self) -> Basic:
        """The condition that stands here."""

    @abstractmethod
    def indices(self) -> tuple[TextToken, ...]:
        """The indices in brackets that stand here, if any do."""

    @abstractmethod
    def entry(self, name: TextToken, indices: tuple[TextToken, ...]) -> Expr:
        """The quantity of a name and its indices."""
