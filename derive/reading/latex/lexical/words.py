"""Words among the mathematics that say where something holds: if, for, otherwise, and."""

from __future__ import annotations

from collections.abc import Sequence

from derive.reading.latex.lexical.tokens import Token

_CONDITION_WORDS = (
    "if",
    "for",
    "when",
    "where",
    "whenever",
    "as long as",
    "provided",
    "provided that",
    "wherever",
    "in case",
    "falls",
    "wenn",
)
#: Words that make of "if" something else: not if, even if, only if, unless when.
_TURNING = frozenset(
    ("not", "never", "even", "only", "except", "unless", "whether", "regardless", "no", "nor")
)
AND = ("and", "with", "und", "mit")
OR = ("or", "oder")
#: Words that may stand in a condition.
_JOINING = frozenset(("", *AND, *OR, "both", "all", "if", "for", "when", "where", "falls", "wenn"))
_OTHERWISE = frozenset(
    ("otherwise", "else", "elsewhere", "inallothercases", "ow", "o.w", "sonst", "andernfalls")
)


def begins_condition(token: Token) -> bool:
    """Whether words such as "if" introduce a condition."""
    words = token.text.strip(" ,.;:(").lower()
    before, _, last = words.rpartition(" ")
    turned = not _TURNING.isdisjoint(before.replace(",", " ").split())
    return words in _CONDITION_WORDS or (last in _CONDITION_WORDS and not turned)


def joins_conditions(token: Token) -> bool:
    """Whether words may stand in a condition without a meaning of their own."""
    return token.text.strip(" ,.;:").lower() in _JOINING


def otherwise(tokens: Sequence[Token]) -> bool:
    """Whether these words say: in all other cases."""
    words = " ".join(token.text for token in tokens if token.kind in ("text", "name"))
    return words.replace(" ", "").strip(" ,.").lower() in _OTHERWISE
