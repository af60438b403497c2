r"""Sums that are written with dots: w_1 x_1 + \dots + w_n x_n is \sum_{k=1}^{n} w_k x_k.

Both ends are the same but for a number and a letter, each in subscripts alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from derive.reading.latex.lexical.bracing import behind_group
from derive.reading.latex.lexical.cursor import with_depth
from derive.reading.latex.lexical.spelling import DOTS
from derive.reading.latex.lexical.tokens import Token

_LETTERS = ("k", "q", "p", "u", "v", "s")


def with_sums_of_dots(side: Sequence[Token]) -> tuple[Token, ...]:
    """The tokens with each such sum as one with its sign; others with dots stay as they are."""
    tokens = tuple(side)
    place = 0
    while place < len(tokens):
        if tokens[place].is_command(*DOTS):
            written = _as_sum(tokens, place)
            if written is not None:
                return with_sums_of_dots(written)
        place += 1
    return tokens


def _as_sum(tokens: tuple[Token, ...], dots: int) -> tuple[Token, ...] | None:
    """The tokens with the sum around dots written with its sign."""
    marked = with_depth(tokens)
    depth = marked[dots][1]
    terms = _terms(tokens, [d for _, d in marked], dots, depth)
    if terms is None:
        return None
    *before, last = terms
    letter = next((one for one in _LETTERS if all(t.text != one for t in tokens)), "")
    found: tuple[int, tuple[Token, ...], Token, Token] | None = None
    for start, end in reversed(before):
        ends = _ends(tokens[start:end], tokens[slice(*last)])
        expected = None if found is None else str(int(found[2].text) - 1)
        if ends is None or expected not in (None, ends[0].text):
            break
        found = start, tokens[start:end], *ends
    if found is None or not letter or found[2].text not in ("0", "1"):
        return None
    start, first, low, high = found
    return tokens[:start] + _sum(first, low, high, letter) + tokens[last[1] :]


def _terms(
    tokens: Sequence[Token], depths: Sequence[int], dots: int, depth: int
) -> list[tuple[int, int]] | None:
    """Where the terms before dots that are added stand, the nearest last, and the one behind."""
    if not (0 < dots < len(tokens) - 1 and tokens[dots - 1].is_sign("+")):
        return None
    if not tokens[dots + 1].is_sign("+"):
        return None
    end = dots + 2
    while end < len(tokens) and not _parts(tokens[end], depths[end], depth):
        end += 1
    found = [(dots + 2, end)]
    stop = dots - 1
    while stop > 0 and tokens[stop].is_sign("+") and depths[stop] == depth:
        start = stop
        while start > 0 and not _parts(tokens[start - 1], depths[start - 1], depth):
            start -= 1
        if start > 0 and tokens[start - 1].is_sign("-"):
            break  # what is taken away is none of what is added
        found.insert(0, (start, stop))
        stop = start - 1
    return found if len(found) > 1 else None


def _parts(token: Token, own: int, depth: int) -> bool:
    """Whether a term ends here: at a sign beside it, or at the bracket around it."""
    if own != depth:
        return own < depth
    is_around = depth > 0 and token.is_sign("(", "[", "{", ")", "]", "}")
    return is_around or token.is_sign("+", "-", "=", ",") or token.kind in ("quad", "cell")


def _ends(first: Sequence[Token], last: Sequence[Token]) -> tuple[Token, Token] | None:
    """The number of one term for which the other has a letter, in subscripts alone."""
    if len(first) != len(last):
        return None
    below = _subscripts(first)
    pairs: set[tuple[str, str]] = set()
    found: tuple[Token, Token] | None = None
    for place, (one, other) in enumerate(zip(first, last, strict=True)):
        if (one.kind, one.text) == (other.kind, other.text):
            continue
        if place not in below or one.kind != "number" or other.kind != "name":
            return None
        pairs.add((one.text, other.text))
        found = one, other
    return found if len(pairs) == 1 else None


def _subscripts(tokens: Sequence[Token]) -> set[int]:
    """The places of what stands below names."""
    found: set[int] = set()
    for place, token in enumerate(tokens):
        if token.is_sign("_"):
            found |= {*range(place + 1, behind_group(tokens, place + 1))}
    return found


def _sum(first: Sequence[Token], low: Token, high: Token, letter: str) -> tuple[Token, ...]:
    r"""\sum_{k=1}^{n} before a term, with k for the number below its names."""
    at, below = first[0].start, _subscripts(first)

    def sign(text: str) -> Token:
        return Token("sign", text, at, at)

    counter = Token("name", letter, at, at)
    head = (Token("command", "sum", at, at), sign("_"), sign("{"), counter, sign("="))
    head += (low._replace(start=at, end=at), sign("}"), sign("^"), sign("{"))
    head += (high._replace(start=at, end=at), sign("}"))
    body = (
        token._replace(kind="name", text=letter)
        if place in below and (token.kind, token.text) == (low.kind, low.text)
        else token
        for place, token in enumerate(first)
    )
    return (*head, *body)
