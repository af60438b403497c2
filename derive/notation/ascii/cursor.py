"""A place in a text: the next token, what may be taken there, how deep the brackets are."""

from __future__ import annotations

from collections.abc import Sequence

from derive.errors import ReadingError
from derive.notation.ascii.tokens import TextToken

#: SymPy and this package walk formulas recursively, and Python allows 1,000 calls in all.
MAXIMAL_DEPTH = 100


class TextCursor:
    """Moves through tokens from left to right; the last one is the end."""

    def __init__(self, tokens: Sequence[TextToken]) -> None:
        self._tokens = tokens
        self._position = 0
        self._depth = 0

    @property
    def next(self) -> TextToken:
        """The token that is read next."""
        return self._tokens[self._position]

    @property
    def after_next(self) -> TextToken:
        """The token behind the next one."""
        return self._tokens[min(self._position + 1, len(self._tokens) - 1)]

    @property
    def names_written(self) -> frozenset[str]:
        """Every name of the text, wherever it stands."""
        return frozenset(token.text for token in self._tokens if token.kind == "name")

    def advance(self) -> TextToken:
        """Read the next token, whatever it is; the end stays next for ever."""
        token = self.next
        self._position += token.kind != "end"
        return token

    def take(self, *signs: str) -> TextToken:
        """Read one of these signs or words."""
        if not self.next.is_sign(*signs):
            raise self.error(f"found {self.next} where {' or '.join(signs)} is expected")
        return self.advance()

    def open(self) -> TextToken:
        """Read (, which a `close` must follow."""
        token = self.take("(")
        self.deeper()
        return token

    def close(self, opened: TextToken) -> None:
        """Read the ) that belongs to an `open`."""
        if self.next.kind == "end":
            raise self.error(f"the text ends before the ( of column {opened.column} is closed")
        if not self.next.is_sign(")"):
            raise self.surplus()
        self.advance()
        self.shallower()

    def deeper(self) -> None:
        """Enter a part inside the present one."""
        self._depth += 1
        if self._depth > MAXIMAL_DEPTH:
            raise self.too_deep()

    def shallower(self) -> None:
        """Leave the part that was entered last."""
        self._depth -= 1

    def error(self, sentence: str) -> ReadingError:
        """An error at the next token."""
        return ReadingError(self.next.column, sentence)

    def too_deep(self) -> ReadingError:
        """The error for brackets inside brackets without end."""
        return self.error(
            f"this is nested too deeply; parts go up to {MAXIMAL_DEPTH} deep, functions less"
        )

    def end(self) -> None:
        """Nothing is left."""
        if self.next.kind != "end":
            raise self.surplus()

    def surplus(self) -> ReadingError:
        """The error for a token that does not continue what was read."""
        token = self.next
        if token.kind == "sign" and token.text not in ("(", "["):
            return self.error(f"found {token} where an operator or the end is expected")
        return self.error(f"found {token} where an operator is expected; a product needs its *")
