r"""What stands below and above \sum and \lim."""

from __future__ import annotations

from collections.abc import Sequence

from derive.reading.latex.lexical.cursor import Cursor
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.syntax.tree import Broken, Limits

#: Arrows of one-sided limits.
_ARROWS = ("downarrow", "searrow", "uparrow", "nearrow")


def limits(sign: Token, cursor: Cursor) -> Limits | Broken | None:
    r"""The limits of a sum, \sum_{i=1}^{n}, \sum_{k \neq i}; None where it has none."""
    below: list[Token] = []
    above: list[Token] = []
    while cursor.next.is_sign("_", "^"):
        mark = cursor.advance()
        if mark.text == "_":
            below = cursor.group()
        else:
            above = cursor.group()
    if not below and not above:
        return None
    below, apart = _apart(below)
    try:
        letters, low = _letters_and_low(sign, below)
    except LatexError as problem:
        return Broken(sign.start, problem)
    return Limits(sign.start, tuple(letters), low, tuple(above), apart)


def _apart(below: list[Token]) -> tuple[list[Token], Token | None]:
    r"""The letter of \sum_{k \neq i}, and the one that it leaves out."""
    kept = [token for token in below if token.kind != "quad"]
    if len(kept) == 3 and kept[1].is_command("neq", "ne") and kept[0].kind == "name":
        return kept[:1], kept[2]
    return below, None


def _letters_and_low(
    sign: Token, below: Sequence[Token]
) -> tuple[list[Token], tuple[Token, ...] | None]:
    """The letters that are summed over, and the lower limit where one is written."""
    tokens = [t for t in below if not t.is_command("forall") and t.kind != "quad"]
    if not tokens:
        raise LatexError(sign.start, "a sum says below its sign over which letter it runs")
    for position, token in enumerate(tokens):
        if token.is_sign("=") or token.is_command("in"):
            low = tuple(tokens[position + 1 :]) if token.is_sign("=") else None
            return _letters(tokens[:position], sign), low
    return _letters(tokens, sign), None


def _letters(tokens: Sequence[Token], sign: Token) -> list[Token]:
    found = [token for token in tokens if not token.is_sign(",", "'")]
    if not found or any(token.kind != "name" for token in found):
        raise LatexError(sign.start, "a sum runs over letters, as in \\sum_{i=1}^{n}")
    primed: list[Token] = []
    for token in tokens:
        if token.is_sign("'") and primed:
            last = primed[-1]
            primed[-1] = Token("name", last.text + "'", last.start, token.end)
        elif not token.is_sign(",", "'"):
            primed.append(token)
    return primed


def one_sided(sign: Token, cursor: Cursor) -> tuple[list[Token], Token]:
    r"""What falls or rises to 0 below \lim, and the arrow.

    Raises:
        LatexError: for limits of other kinds.
    """
    cursor.take("_")
    below = cursor.group()
    arrow = next((n for n, token in enumerate(below) if token.is_command(*_ARROWS)), None)
    if arrow is None or [token.text for token in below[arrow + 1 :]] != ["0"]:
        raise LatexError(sign.start, "limits are read where a quantity falls or rises to 0 only")
    return below[:arrow], below[arrow]
