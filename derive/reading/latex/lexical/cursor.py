"""A place among the tokens of a formula: the next token, groups in braces, how deep it is."""

from __future__ import annotations

from collections.abc import Sequence

from derive.reading.latex.lexical.problems import BrokenError, LatexError
from derive.reading.latex.lexical.tokens import Token

#: Formulas are read recursively, and Python allows 1,000 calls in all.
MAXIMAL_DEPTH = 40


class Cursor:
    """Moves through tokens from left to right; the last one is a stop."""

    def __init__(self, tokens: Sequence[Token], end: int) -> None:
        self._tokens = [*tokens, Token("stop", "", end, end)]
        self._position = 0
        self._depth = 0

    @property
    def next(self) -> Token:
        """The token that is read next."""
        return self._tokens[self._position]

    def ahead(self, distance: int) -> Token:
        """The token that follows the next one at this distance."""
        return self._tokens[min(self._position + distance, len(self._tokens) - 1)]

    @property
    def last(self) -> Token:
        """The token that was read last."""
        return self._tokens[max(self._position - 1, 0)]

    @property
    def at_end(self) -> bool:
        """Whether nothing is left."""
        return self.next.kind == "stop"

    def advance(self) -> Token:
        """Read the next token, whatever it is; the stop stays next for ever."""
        token = self.next
        self._position += token.kind != "stop"
        return token

    def take(self, *signs: str) -> Token:
        """Read one of these characters."""
        if not self.next.is_sign(*signs):
            raise self.error(f"found {self.next} where {' or '.join(signs)} is expected")
        return self.advance()

    def mark(self) -> int:
        """This place, to which `back` returns."""
        return self._position

    def back(self, position: int) -> None:
        """Return to a marked place."""
        self._position = position

    def drop_braces(self) -> None:
        """Take away the braces around the one token that follows."""
        del self._tokens[self._position + 2]
        del self._tokens[self._position]

    def deeper(self) -> None:
        """Enter a part inside the present one."""
        self._depth += 1
        if self._depth > MAXIMAL_DEPTH:
            sentence = f"this is nested too deeply; parts go up to {MAXIMAL_DEPTH} deep"
            raise BrokenError(self.next.start, sentence)

    def shallower(self) -> None:
        """Leave the part that was entered last."""
        self._depth -= 1

    def error(self, sentence: str) -> LatexError:
        """An error at the next token."""
        return LatexError(self.next.start, sentence)

    def group(self) -> list[Token]:
        """The tokens of {…}, without the braces, or the single next token."""
        first = self.advance()
        if first.kind == "stop":
            raise LatexError(first.start, "the formula ends where something is expected")
        if not first.is_sign("{"):
            if first.is_sign("}"):
                raise BrokenError(first.start, "found } that closes nothing")
            return [self._one_digit(first)]
        inside: list[Token] = []
        depth = 1
        while True:
            token = self.advance()
            if token.kind == "stop":
                raise BrokenError(first.start, "this { is never closed")
            depth += token.is_sign("{") - token.is_sign("}")
            if depth == 0:
                return inside
            inside.append(token)

    def _one_digit(self, number: Token) -> Token:
        r"""The first digit of a number without braces: \frac12 is one half, x^23 is x^2 3."""
        if number.kind != "number" or len(number.text) == 1:
            return number
        split_at = number.start + 1 if number.end - number.start == len(number.text) else number.end
        self._position -= 1
        self._tokens[self._position] = number._replace(text=number.text[1:], start=split_at)
        return number._replace(text=number.text[0], end=split_at)

    def environment(self, begin: Token) -> list[Token]:
        r"""The tokens up to the \end that belongs to a \begin that was read."""
        inside: list[Token] = []
        depth = 1
        while True:
            token = self.advance()
            if token.kind == "stop":
                raise BrokenError(begin.start, f"\\begin{{{begin.text}}} has no \\end")
            depth += (token.kind == "begin") - (token.kind == "end")
            if depth == 0:
                if token.text != begin.text:
                    raise BrokenError(
                        token.start, f"\\begin{{{begin.text}}} ends with \\end{{{token.text}}}"
                    )
                return inside
            inside.append(token)


def split(tokens: Sequence[Token], *kinds: str) -> list[list[Token]]:
    """The tokens cut where one of these kinds, or of these signs, stands outside brackets."""
    if not any(token.kind in kinds or token.text in kinds for token in tokens):
        return [list(tokens)]
    parts: list[list[Token]] = [[]]
    for token, depth in with_depth(tokens):
        if depth == 0 and (token.kind in kinds or (token.is_sign(*kinds) and token.kind == "sign")):
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


#: How far what opens and closes brackets goes down or up, by the kind of token.
_OPENING, _CLOSING = ("left", "{", "langle", "lvert"), ("right", "}", "rangle", "rvert")
_STEPS: dict[str, dict[str, int]] = {
    "sign": {**dict.fromkeys("([{", 1), **dict.fromkeys(")]}", -1)},
    "command": {**dict.fromkeys(_OPENING, 1), **dict.fromkeys(_CLOSING, -1)},
}
_OF_ENVIRONMENTS = {"begin": 1, "end": -1}
_SIZES = ("left", "right")
_NONE: dict[str, int] = {}


def with_depth(tokens: Sequence[Token]) -> list[tuple[Token, int]]:
    r"""Each token with how many brackets, \left and \begin stand open around it."""
    found: list[tuple[Token, int]] = []
    depth = 0
    after_size = False
    for token in tokens:
        kind, text = token.kind, token.text
        if after_size:  # the bracket of \left( is counted with \left
            after_size, step = False, 0
        else:
            step = _STEPS.get(kind, _NONE).get(text, 0) or _OF_ENVIRONMENTS.get(kind, 0)
            after_size = kind == "command" and text in _SIZES
        if step < 0:
            found.append((token, depth or 1))
            depth -= depth > 0
        else:
            depth += step
            found.append((token, depth))
    return found
