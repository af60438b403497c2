"""Conditions as they are written: z > 0, 0 < x < 1, z_1 > 0 and z_2 > 0."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from derive.reading.latex.lexical.cursor import split, with_depth
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.lexical.words import AND, OR, joins_conditions
from derive.reading.latex.syntax.tree import Broken, Compared, Condition, Terms

_COMMANDS = {
    "gt": ">",
    "lt": "<",
    **dict.fromkeys(("ge", "geq", "geqslant"), ">="),
    **dict.fromkeys(("le", "leq", "leqslant"), "<="),
    **dict.fromkeys(("ne", "neq"), "!="),
}
_ORDERING = (">", ">=", "<", "<=")

#: Parses tokens that end at a place.
Inside = Callable[[Sequence[Token], int], Terms]


def has_relation(tokens: Sequence[Token]) -> bool:
    """Whether a comparison stands in these tokens outside of all brackets."""
    return any(depth == 0 and _relation(token) for token, depth in with_depth(tokens))


def condition_of(tokens: Sequence[Token], inside: Inside) -> Condition:
    """Alternatives, which "or" parts; each of comparisons, which "and" or a comma parts."""
    start = tokens[0].start if tokens else 0
    alternatives: list[tuple[Compared | Broken, ...]] = []
    for alternative in _cut(tokens, OR, ("lor", "vee")):
        parts = _cut(alternative, AND, ("land", "wedge", "&"))
        parts = [piece for part in parts for piece in split(part, ",", "quad", ";")]
        parts = _shared([part for part in parts if _meaningful(part)])
        found = [_comparison(part, inside) for part in parts]
        expected = LatexError(start, "a condition such as z > 0 is expected here")
        alternatives.append(tuple(found) or (Broken(start, expected),))
    unread = (t for t in tokens if t.kind == "text" and not joins_conditions(t))
    problems = (LatexError(t.start, f"the words {t} in a condition are not read") for t in unread)
    return Condition(start, tuple(alternatives), next(problems, None))


def _shared(parts: Sequence[list[Token]]) -> list[list[Token]]:
    """w, x > 0 as w > 0, x > 0; and 0 < w, x < 1 as 0 < w < 1, 0 < x < 1."""
    found: list[list[Token]] = []
    waiting: list[list[Token]] = []
    for part in parts:
        sides, signs = _sides(part)
        if not signs and _is_name(part):
            waiting.append(part)
            continue
        found += ([*name, *part[len(sides[0]) :]] for name in waiting)
        found.append(part)
        waiting = []
    found += waiting
    for n, (one, other) in enumerate(pairwise(found)):
        (left, first), (right, second) = _sides(one), _sides(other)
        if len(first) == len(second) == 1 and first[0] in _ORDERING:
            same_way = (first[0] in ("<", "<=")) == (second[0] in ("<", "<="))
            open_ends = not _is_name(left[0]) and not _is_name(right[1])
            if same_way and open_ends and _is_name(left[1]) and _is_name(right[0]):
                found[n] = [*one, *other[len(right[0]) :]]
                found[n + 1] = [*one[: -len(left[1])], *other]
    return found


def _is_name(tokens: Sequence[Token]) -> bool:
    """Whether a part begins as a name does, and is no number."""
    first = next((token for token in tokens if token.kind not in ("quad", "text")), None)
    return first is not None and first.kind == "name"


def _meaningful(tokens: Sequence[Token]) -> bool:
    return any(token.kind not in ("quad", "text") and not token.is_sign(".") for token in tokens)


def _cut(
    tokens: Sequence[Token], words: tuple[str, ...], commands: tuple[str, ...]
) -> list[list[Token]]:
    parts: list[list[Token]] = [[]]
    for token, depth in with_depth(tokens):
        is_word = token.kind == "text" and token.text.strip(" ,.").lower() in words
        if depth == 0 and (is_word or token.is_command(*commands)):
            parts.append([])
        else:
            parts[-1].append(token)
    return parts


def _comparison(tokens: Sequence[Token], inside: Inside) -> Compared | Broken:
    start = tokens[0].start
    sides, signs = _sides(tokens)
    if not signs and _is_bracketed(tokens):
        return _comparison(tokens[1:-1], inside)
    if not signs:
        return Broken(start, LatexError(start, "a comparison such as > 0 is expected here"))
    return Compared(start, tuple(_side(side, start, inside) for side in sides), tuple(signs))


def _is_bracketed(tokens: Sequence[Token]) -> bool:
    """Whether one pair of brackets stands around all of it, as in (z > 0)."""
    depths = [depth for _, depth in with_depth(tokens)]
    ends = len(tokens) > 2 and tokens[0].is_sign("(") and tokens[-1].is_sign(")")
    return ends and min(depths) > 0 and depths.count(1) > 1


def _side(side: Sequence[Token], start: int, inside: Inside) -> Terms | Broken:
    kept = [token for token in side if token.kind not in ("quad", "text")]
    while kept and kept[-1].is_sign(".", ",", ";"):
        kept = kept[:-1]
    if not kept:
        return Broken(start, LatexError(start, "one side of this comparison is empty"))
    return inside(kept, kept[-1].end)


def _sides(tokens: Sequence[Token]) -> tuple[list[list[Token]], list[str]]:
    sides: list[list[Token]] = [[]]
    signs: list[str] = []
    for token, depth in with_depth(tokens):
        sign = _relation(token) if depth == 0 else ""
        if sign:
            signs.append(sign)
            sides.append([])
        else:
            sides[-1].append(token)
    return sides, signs


def _relation(token: Token) -> str:
    """The sign of comparison that a token is; "" for any other token."""
    if token.kind == "sign":
        return token.text if token.text in (">", "<", "=") else ""
    return _COMMANDS.get(token.text, "") if token.kind == "command" else ""
