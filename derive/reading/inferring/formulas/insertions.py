r"""Names put in for the formulas that they stand for: \hat y = \sigma(w x + b) where z = w x + b.

A text may write a formula out and give a part of it a name only then.  What is differentiated
by that name has to be computed from it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any

from derive.reading.inferring.candidates import Candidate
from derive.reading.inferring.formulas.nodes import (
    Applied,
    Bracket,
    Digits,
    Factors,
    Name,
    Node,
    TermSum,
)
from derive.reading.inferring.names import Key, free_letters, key_of
from derive.reading.latex.lexical.scripts import Scripts
from derive.reading.latex.lexical.tokens import Token

_INSERTED = (Applied, Factors, TermSum)
_MOST_ROUNDS = 8


def with_names_put_in(first: Mapping[Key, Candidate]) -> dict[Key, Candidate]:
    """The definitions with the name of each formula where that stands in another, inner ones first.

    relu(w_1 relu(w_2 x)) becomes relu(w_1 relu(z)), then relu(w_1 h) where h = relu(z).
    """
    found = dict(first)
    for _ in range(_MOST_ROUNDS):
        named = {
            signature(one.right): one
            for one in found.values()
            if isinstance(one.right, _INSERTED)
            and one.argument is None
            and not one.key.is_cost
            and free_letters(one.right) <= {*one.letters}
        }
        changed = {
            key: replace(one, right=_put_in(one.right, named, one, whole=True))
            for key, one in found.items()
        }
        if changed == found:
            break
        found = changed
    return found


def _put_in(
    node: Node, named: Mapping[object, Candidate], within: Candidate, *, whole: bool = False
) -> Node:
    """A formula with names put in; the whole of a definition stays what it is."""
    found = None if whole else named.get(signature(node))
    if found is not None and found.key != within.key:
        return name_of(found.key, found.letters, node.start)
    return node.with_parts(lambda part: _put_in(part, named, within))


def name_of(key: Key, letters: tuple[str, ...], start: int = 0) -> Name:
    """A tensor with these indices, as a text that has it would write it."""
    below = ((key.below,) if key.below else ()) + letters
    layer = (key.layer,) if key.layer else ()
    return Name(start, key.base, Scripts(below=_tokens(below), layer=_tokens(layer)))


def _tokens(texts: tuple[str, ...]) -> tuple[Token, ...]:
    return tuple(Token("number" if text.isdigit() else "name", text, 0, 0) for text in texts)


def signature(node: Node) -> object:
    """What two formulas have in common that are written alike; brackets around do not count."""
    match node:
        case Name():
            return key_of(node)
        case Digits():
            return node.text
        case Bracket() if len(node.inside) == 1:
            return signature(node.inside[0])
        case _:
            values = (getattr(node, one.name) for one in fields(node) if one.name != "start")
            return type(node).__name__, *(_signed(value) for value in values)


def _signed(value: Any) -> object:
    if isinstance(value, Node):
        return signature(value)
    if isinstance(value, tuple):
        parts: tuple[Any, ...] = value
        return tuple(_signed(part) for part in parts)
    return value
