r"""Brackets of every kind: ( ), [ ], \{ \}, \left \right, |…|, ‖…‖, and Iverson's [z > 0]."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sympy import Abs

from derive.model import matrices
from derive.model.matrices import Matrix
from derive.reading.latex.lexical.problems import BrokenError, LatexError
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.naming.quantities import Value

if TYPE_CHECKING:
    from derive.reading.latex.grammar.formulas import Reader

_PAIRS = {"(": ")", "[": "]", "|": "|", "{": "}", "lvert": "rvert", "langle": "rangle"}
_RELATIONS = ("<", ">")
_RELATION_COMMANDS = ("le", "leq", "ge", "geq", "lt", "gt", "neq", "ne", "leqslant", "geqslant")


def bracket(reader: Reader) -> Value:
    r"""A value in brackets; |v| its size, \|v\|^2 the sum of its squares, [z > 0] its truth."""
    opened, tokens = content(reader)
    if opened.text == "{" and opened.kind == "command" and tokens and tokens[0].kind == "begin":
        from derive.reading.latex.grammar import tables

        return tables.environment(reader.inside(tokens, reader.last.start), cases_only=True)
    inner = reader.inside(tokens, reader.last.start)
    if has_relation(tokens):
        from derive.reading.latex.grammar import functions

        return functions.truth(reader, inner)
    value = inner.whole()
    if opened.text in ("|", "lvert") and opened.kind == "sign":
        if isinstance(value, Matrix):
            raise LatexError(opened.start, "the size of a vector is written \\|v\\|")
        return Abs(value, evaluate=False)
    if opened.text == "|":
        return _norm_squared(reader, value, opened)
    return value


def content(reader: Reader) -> tuple[Token, list[Token]]:
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


def _sized(reader: Reader) -> tuple[Token, list[Token]]:
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
    from derive.reading.latex.lexical.cursor import with_depth

    return any(
        depth == 0
        and (
            token.is_sign(*_RELATIONS)
            or token.is_command(*_RELATION_COMMANDS)
            or token.is_sign("=")
        )
        for token, depth in with_depth(tokens)
    )


def _norm_squared(reader: Reader, value: Value, opened: Token) -> Value:
    r"""\|v\|^2 = sum_i v_i^2; the norm itself is no function of this project."""
    if reader.next.is_sign("_"):
        reader.advance()
        reader.group()
    if not reader.next.is_sign("^") or reader.ahead(1).text not in ("2", "{"):
        raise LatexError(opened.start, "the norm is read in its square only, as in \\|y - r\\|^2")
    reader.advance()
    exponent = reader.group()
    if [t.text for t in exponent] != ["2"]:
        raise LatexError(opened.start, "the norm is read in its square only, as in \\|y - r\\|^2")
    if not isinstance(value, Matrix):
        return value**2
    flat = value if value.is_row else matrices.transposed(value)
    squares = reader.at_place(
        opened.start,
        lambda: matrices.product(reader.scope.network, flat, matrices.transposed(flat)),
    )
    if isinstance(squares, Matrix):
        raise LatexError(opened.start, "the norm of a matrix is not read")
    return squares
