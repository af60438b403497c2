"""Tokens of lines as people type them: a * b, 1{z > 0}, 1 if z > 0 else 0."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise

from derive.reading.latex.lexical.cursor import with_depth
from derive.reading.latex.lexical.tokens import Token

#: The words of a choice, as names: a if z > 0 else b.
IF, ELSE = "if", "else"
CHOOSING = frozenset({IF, ELSE})
_INDICATORS = ("1", "I", "\\mathbb{1}")


def as_typed(tokens: Sequence[Token]) -> list[Token]:
    """The tokens as LaTeX has them.

    * multiplies, Σ_i is a sum, 1{…} an indicator, e^(…) a power, and a choice has brackets.
    """
    found = [Token("command", "cdot", t.start, t.end) if t.is_sign("*") else t for t in tokens]
    for place in range(len(found) - 1):
        if found[place].text in _INDICATORS and found[place + 1].is_sign("{"):
            _turn(found, place + 1, "{}", "[]")
        if found[place].text == "\\Sigma" and found[place + 1].is_sign("_"):
            found[place] = Token("command", "sum", found[place].start, found[place].end)
        if [t.text for t in found[place - 1 : place + 2]] == ["e", "^", "("]:
            _turn(found, place + 1, "()", "{}")
    return _bracketed(_with_whole_subscripts(found))


def with_numbers(tokens: Sequence[Token], names: Collection[str]) -> list[Token]:
    """The number that is stuck to a name as a part of it: W0 and W₀ where `names` has W0.

    To any other name it is a subscript: w1 is w_1.
    """
    found: list[Token] = []
    for token in tokens:
        marked = found[-1:] and found[-1].is_sign("_") and found[-1].start == token.start
        name = found[-2:-1] if marked else found[-1:]
        stuck = name and name[0].kind == "name" and name[0].end == token.start
        if token.kind == "number" and stuck:
            whole = name[0].text + token.text
            if whole in names:
                del found[-1 - bool(marked) :]
                found.append(Token("name", whole, name[0].start, token.end))
                continue
            if not marked:
                found.append(Token("sign", "_", token.start, token.start))
        found.append(token)
    return found


def with_squares(tokens: Sequence[Token], names: Collection[str]) -> list[Token]:
    """d2C/dw2 and d2C/dwdb as d^2C/dw^2 and d^2C/dwdb, where `names` has no w2."""
    squared: set[int] = set()
    for n in (n for n, pair in enumerate(pairwise(tokens), 1) if _is_stuck_two(*pair)):
        below = next((m for m in range(n, len(tokens)) if tokens[m].text == "/"), len(tokens))
        words = [token.text for token in (tokens[n - 1], *tokens[below + 1 : below + 4])]
        if len(words) < 4 or words[:2] != ["d", "d"]:
            continue
        if words[3] == "d":
            squared.add(n)
        elif words[3] == "2" and f"{words[2]}2" not in names:
            squared |= {n, below + 3}
    found: list[Token] = []
    for n, token in enumerate(tokens):
        if n in squared:
            found.append(Token("sign", "^", token.start, token.start))
        found.append(token)
    return found


def _is_stuck_two(name: Token, number: Token) -> bool:
    return name.kind == "name" and number.text == "2" and name.end == number.start


def _with_whole_subscripts(tokens: list[Token]) -> list[Token]:
    """All that follows w_ without a gap as its subscript: w_new, w_ij."""
    found: list[Token] = []
    position = 0
    while position < len(tokens):
        found.append(tokens[position])
        end = position = position + 1
        if not found[-1].is_sign("_") or position == len(tokens):
            continue
        if tokens[position].start < found[-1].end:  # of ₁, which is both
            continue
        while end < len(tokens) and tokens[end].kind in ("name", "number"):
            if end > position and tokens[end].start != tokens[end - 1].end:
                break
            end += 1
        if end > position + 1:
            first, last = tokens[position].start, tokens[end - 1].end
            opened, closed = Token("sign", "{", first, first), Token("sign", "}", last, last)
            found += [opened, *tokens[position:end], closed]
            position = end
    return found


def _turn(tokens: list[Token], start: int, own: str, wanted: str) -> None:
    """Other brackets for those that open here."""
    depth = 0
    for end in range(start, len(tokens)):
        depth += tokens[end].is_sign(own[0]) - tokens[end].is_sign(own[1])
        if depth == 0:
            tokens[start] = tokens[start]._replace(text=wanted[0])
            tokens[end] = tokens[end]._replace(text=wanted[1])
            return


def choice(
    tokens: Sequence[Token],
) -> tuple[Sequence[Token], Sequence[Token], Sequence[Token]] | None:
    """Value, condition and other value of a if z > 0 else b; None for anything else."""
    words = [(n, t.text) for n, (t, depth) in enumerate(with_depth(tokens))
             if depth == 0 and t.kind == "name" and t.text in CHOOSING]  # fmt: skip
    if [word for _, word in words] != [IF, ELSE]:
        return None
    (first, _), (second, _) = words
    return tokens[:first], tokens[first + 1 : second], tokens[second + 1 :]


def _bracketed(tokens: list[Token]) -> list[Token]:
    """A choice that is a whole side in brackets, so that its comparison is none of the line."""
    starts = [n + 1 for n, (t, depth) in enumerate(with_depth(tokens))
              if depth == 0 and t.is_sign("=")]  # fmt: skip
    for start in (s for s in starts if choice(tokens[s:]) is not None):
        first, last = tokens[start].start, tokens[-1].end
        opened, closed = Token("sign", "(", first, first), Token("sign", ")", last, last)
        return [*tokens[:start], opened, *tokens[start:], closed]
    return tokens
