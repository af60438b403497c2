"""Letters below names that count nothing: d_k of attention, a_f and a_i of the gates of a cell."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from derive.reading.latex.lexical.bracing import behind_group
from derive.reading.latex.lexical.tokens import Token


@dataclass
class _Subscripts:
    """Where letters stand: below which names, and where something runs over them."""

    below: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))
    bare: set[str] = field(default_factory=set[str])
    counts: set[str] = field(default_factory=set[str])


def labels(formulas: Iterable[Sequence[Token]]) -> frozenset[tuple[str, str]]:
    """The names with the letters that are part of them.

    An index stands below at least two names, or is summed over.  A label stands below one name
    only, which never stands there without a label, and alone.
    """
    uses = _Subscripts()
    for tokens in formulas:
        place = 0
        while place < len(tokens):
            place = _noted(tokens, place, uses)
    counted = uses.bare.union(
        *(names for letter, names in uses.below.items() if len(names) > 1 or letter in uses.counts)
    )
    return frozenset(
        (name, letter) for letter, names in uses.below.items() for name in names - counted
    )


def _noted(tokens: Sequence[Token], place: int, uses: _Subscripts) -> int:
    """Note what a token and its subscript say; the place behind them."""
    token = tokens[place]
    if place + 1 == len(tokens) or not tokens[place + 1].is_sign("_"):
        if token.kind == "name":
            uses.bare.add(token.text)
        return place + 1
    end = behind_group(tokens, place + 2)
    group = [one for one in tokens[place + 2 : end] if not one.is_sign("{", "}")]
    letters = {one.text for one in group if one.kind == "name"}
    if token.kind == "name" and len(group) == 1 and letters:
        uses.below[group[0].text].add(token.text)
    else:
        uses.counts |= letters
        if token.kind == "name":
            uses.bare.add(token.text)
    return end


def with_labels(tokens: Sequence[Token], known: frozenset[tuple[str, str]]) -> list[Token]:
    """The tokens with letters that count nothing marked as part of their names."""
    found = [*tokens]
    for place, token in enumerate(tokens[:-2]):
        if token.kind != "name" or not tokens[place + 1].is_sign("_"):
            continue
        at = place + 2 + tokens[place + 2].is_sign("{")
        if at < len(tokens) and (token.text, tokens[at].text) in known:
            found[at] = tokens[at]._replace(kind="label")
    return found
