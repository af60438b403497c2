"""The factors of a side that may have lost a transposition: where each begins, and its words."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from derive.reading.latex.lexical.cursor import Cursor
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.lexical.scripts import read_scripts
from derive.reading.latex.lexical.tokens import Token
from derive.reading.statements import Turn

#: So far into a side factors are tried.
_MOST_PLACES = 200

_CLOSING = {"(": ")", "[": "]"}


def turnable(tokens: Sequence[Token]) -> Iterator[tuple[list[Token], Turn]]:
    """Each name or bracket with its scripts, in order, and what turning it does."""
    for n, token in islice(enumerate(tokens), _MOST_PLACES):
        end = _end(tokens, n)
        if end is None:
            continue
        cursor = Cursor(tokens[end:], tokens[-1].end)
        try:
            scripts = read_scripts(cursor)
        except LatexError:
            continue
        part = list(tokens[n : end + cursor.mark()])
        if token.kind == "name" and scripts.with_indices_exchanged() != scripts:
            yield part, Turn.EXCHANGED
        else:
            yield part, Turn.NOT_TRANSPOSED if scripts.transposed else Turn.TRANSPOSED


def _end(tokens: Sequence[Token], n: int) -> int | None:
    """Where the name or bracket ends that begins here, without its scripts."""
    token = tokens[n]
    if token.kind == "name":
        return n + 1
    first = n + 1 if token.is_command("left") else n
    if first == len(tokens) or not tokens[first].is_sign(*_CLOSING):
        return None
    opens = tokens[first].text
    depth = 0
    for place in range(first, len(tokens)):
        depth += tokens[place].is_sign(opens) - tokens[place].is_sign(_CLOSING[opens])
        if depth == 0:
            return place + 1
    return None
