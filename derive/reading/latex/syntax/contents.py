"""What stands between two brackets, whatever it means."""

from __future__ import annotations

from derive.reading.latex.lexical.cursor import Cursor
from derive.reading.latex.lexical.problems import BrokenError, LatexError
from derive.reading.latex.lexical.tokens import Token

_PAIRS = {"(": ")", "[": "]", "|": "|", "{": "}", "lvert": "rvert", "langle": "rangle"}


def content(cursor: Cursor) -> tuple[Token, list[Token]]:
    r"""The opening bracket, and the tokens up to the one that closes it; \left is left out."""
    if cursor.next.is_command("left"):
        return _sized(cursor)
    opened = cursor.advance()
    closing = _PAIRS[opened.text]
    inside: list[Token] = []
    depth = 1
    while True:
        token = cursor.advance()
        if token.kind == "stop":
            raise BrokenError(opened.start, f"this {opened.text} is never closed")
        if token.kind == opened.kind and token.text == closing:
            depth -= 1
            if depth == 0:
                return opened, inside
        elif token.kind == opened.kind and token.text == opened.text:
            depth += 1
        inside.append(token)


def _sized(cursor: Cursor) -> tuple[Token, list[Token]]:
    r"""\left( … \right)."""
    left = cursor.advance()
    opened = cursor.advance()
    inside: list[Token] = []
    depth = 1
    while True:
        token = cursor.advance()
        if token.kind == "stop":
            raise LatexError(left.start, "this \\left has no \\right")
        if token.is_command("left"):
            depth += 1
        elif token.is_command("right"):
            depth -= 1
            if depth == 0:
                closed = cursor.advance()
                if closed.is_sign("|") and not opened.is_sign("|"):
                    raise LatexError(closed.start, "a value put in behind a bar is not read")
                return opened, inside
        inside.append(token)
