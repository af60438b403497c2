"""What stands between two brackets, whatever it means."""

from __future__ import annotations

from derive.reading.latex.grammar.reader import FormulaReader
from derive.reading.latex.lexical.cursor import with_depth
from derive.reading.latex.lexical.problems import BrokenError, LatexError
from derive.reading.latex.lexical.tokens import Token

_PAIRS = {"(": ")", "[": "]", "|": "|", "{": "}", "lvert": "rvert", "langle": "rangle"}
_RELATIONS = ("<", ">")
_RELATION_COMMANDS = ("le", "leq", "ge", "geq", "lt", "gt", "neq", "ne", "leqslant", "geqslant")


def content(reader: FormulaReader) -> tuple[Token, list[Token]]:
    r"""The opening bracket, and the tokens up to the one that closes it; \left is left out."""
    if reader.next.is_command("left"):
        return _sized(reader)
    opened = reader.advance()
    closing = _PAIRS[opened.text]
    inside: list[Token] = []
    depth = 1
    while True:
        token = reader.advance()
        if token.kind == "stop":
            raise BrokenError(opened.start, f"this {opened.text} is never closed")
        if token.kind == opened.kind and token.text == closing:
            depth -= 1
            if depth == 0:
                return opened, inside
        elif token.kind == opened.kind and token.text == opened.text:
            depth += 1
        inside.append(token)


def _sized(reader: FormulaReader) -> tuple[Token, list[Token]]:
    r"""\left( … \right)."""
    left = reader.advance()
    opened = reader.advance()
    inside: list[Token] = []
    depth = 1
    while True:
        token = reader.advance()
        if token.kind == "stop":
            raise LatexError(left.start, "this \\left has no \\right")
        if token.is_command("left"):
            depth += 1
        elif token.is_command("right"):
            depth -= 1
            if depth == 0:
                closed = reader.advance()
                if opened.is_sign("|") and closed.is_sign("|"):
                    return opened, inside
                if closed.is_sign("|"):
                    raise LatexError(closed.start, "a value put in behind a bar is not read")
                return opened, inside
        inside.append(token)


def has_relation(tokens: list[Token]) -> bool:
    """Whether a comparison stands in these tokens outside of all brackets."""
    return any(
        depth == 0
        and (
            token.is_sign(*_RELATIONS)
            or token.is_command(*_RELATION_COMMANDS)
            or token.is_sign("=")
        )
        for token, depth in with_depth(tokens)
    )
