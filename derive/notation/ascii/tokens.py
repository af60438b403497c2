"""The smallest parts of a formula in ASCII: numbers, names and signs, each with its column."""

from __future__ import annotations

import re
from dataclasses import dataclass

from derive.errors import ReadingError
from derive.model.literals import shown

MAXIMAL_LENGTH = 100_000
MAXIMAL_PARTS = 10_000
MAXIMAL_DIGITS = 1_000
MAXIMAL_NAME = 100

_TOKEN = re.compile(
    r"(?P<number>[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
    r"|(?P<name>[^\W\d]\w*(?:\{[A-Za-z0-9_+\- ]*\})?)"  # W0, n_1, and z{k+1}, n_{k+1}
    r"|(?P<sign><=|>=|==|!=|\*\*|[-+*/^()\[\],;:=<>])"
    r"|\s+"
)

#: What a word processor or a person writes -> what this notation writes.
_INSTEAD = {
    "−": "-",
    "–": "-",
    "·": "*",
    "⋅": "*",
    "×": "*",
    "÷": "/",
    "≤": "<=",
    "≥": ">=",
    "≠": "!=",
    "²": "^2",
    "³": "^3",
    "½": "1/2",
    "∂": "d",
    "∑": "sum",
    "&": "and",
    "|": "or",
}
#: Two spellings of one sign.
_SAME = {"**": "^", "==": "="}


@dataclass(frozen=True)
class TextToken:
    """A part of a text; `kind` is number, name, sign, differential or end.

    A differential is the d in dC or dW0; its text is what follows the d, and `order` is 2
    in d2C.
    """

    kind: str
    text: str
    column: int
    order: int = 1

    def is_sign(self, *signs: str) -> bool:
        """Whether this is one of these signs or words."""
        return self.kind in ("sign", "name") and self.text in signs

    def __str__(self) -> str:
        if self.kind == "end":
            return "the end"
        if self.kind == "differential":
            return shown(f"d{self.order if self.order > 1 else ''}{self.text}")
        return shown(self.text)


def tokenize(text: str) -> tuple[TextToken, ...]:
    """The tokens of a formula, the last of which is its end.

    Raises:
        ReadingError: for a character that no formula has, and for what is absurdly long.
    """
    if len(text) > MAXIMAL_LENGTH:
        raise ReadingError(
            MAXIMAL_LENGTH + 1, f"a formula has up to {MAXIMAL_LENGTH} characters, not {len(text)}"
        )
    tokens: list[TextToken] = []
    position = 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None:
            raise _strange(text[position], position + 1)
        if found.lastgroup is not None:
            tokens.append(_token(found.lastgroup, found.group(), position + 1))
        if len(tokens) > MAXIMAL_PARTS:
            raise ReadingError(
                position + 1, f"a formula has up to {MAXIMAL_PARTS} numbers, names and signs"
            )
        position = found.end()
    return (*tokens, TextToken("end", "", len(text) + 1))


def _token(kind: str, text: str, column: int) -> TextToken:
    if kind == "number" and len(text) > MAXIMAL_DIGITS:
        raise ReadingError(
            column, f"a number has up to {MAXIMAL_DIGITS} digits, and this one has {len(text)}"
        )
    if kind == "name":
        if len(text) > MAXIMAL_NAME:
            raise ReadingError(
                column, f"a name has up to {MAXIMAL_NAME} characters, and this one has {len(text)}"
            )
        text = text.replace(" ", "")
    return TextToken(kind, _SAME.get(text, text), column)


def _strange(character: str, column: int) -> ReadingError:
    if instead := _INSTEAD.get(character):
        return ReadingError(column, f"found {character!r}; in this notation write {instead}")
    return ReadingError(column, f"found {character!r}, which formulas in this notation do not have")
