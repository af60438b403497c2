r"""Equalities that a text only supposes, and letters that it uses for other mathematics.

"Suppose y = g(x) and z = f(y)" explains the chain rule with letters that are quantities of the
network elsewhere; "we want to fit y = 2x" speaks of data; "suppose we replace the usual function
by sigma(z) = z" of another network.  Nothing of it follows from the network or against it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from derive.reading.latex.lexical.sentences import Sentence
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.naming.definitions import bare_name, function_head
from derive.reading.latex.naming.meanings import DEFAULT, FunctionMeaning, KindName, OneTensor
from derive.reading.latex.state import State

_SUPPOSED = re.compile(
    r"\b(?:suppose|let|if|for|when|consider|given|imagine|say|where|assume|fit|model)\b", re.I
)
#: What makes a formula for an activation one of another network.
_REPLACED = re.compile(
    r"\b(?:suppose|imagine|what if|if we|had we|replac\w+|chang\w+|exercise|instead)\b", re.I
)
#: The words behind C = 0 that make it no claim.
_ONLY_IF = re.compile(
    r"^\s*,?\s*(?:only if|if and only if|only when|exactly when|iff|precisely)\b", re.I
)
#: What may stand between a paragraph and one that goes on with it.
_NEW_PARAGRAPH = re.compile(r"(?:^|[.!?])[\s*_]*\n[ \t]*\n")
_GIVEN = frozenset({"x", "y"})
_FREE_FUNCTIONS = frozenset({"f", "g", "h", "F", "G"})

SUPPOSED = "a supposition about data or about another network, which nothing here can prove"


def ends_paragraph(prose: str) -> bool:
    """Whether the words before a formula begin a paragraph that does not go on with the last."""
    return bool(_NEW_PARAGRAPH.search(prose))


def leaves_open(after: str) -> bool:
    """Whether the words behind a value say when it has that value, and not that it has."""
    return bool(_ONLY_IF.match(after))


def replaces_function(state: State, part: Sentence, words: str) -> bool:
    """Whether a text supposes another activation: "suppose we replace … by sigma(z) = z"."""
    if not part.relations or function_head(state.lexicon, part.sides[0]) is None:
        return False
    return bool(_REPLACED.search(words))


def letters_of_their_own(state: State, part: Sentence, words: str) -> frozenset[str] | None:
    """The letters that a supposition gives another meaning; None for anything else.

    An empty set where it only speaks of data: y = 2x, y = y(x).
    """
    if len(part.relations) != 1 or part.relations[0].sign != "=" or part.where:
        return None
    if (function := _of_several(state, part.sides[0])) is not None:
        return frozenset({function})
    named = bare_name(part.sides[0])
    if named is None or named[1].below or named[1].layer:
        return None
    name = named[0].text
    kind = _kind(state, name)
    right = [t for t in part.sides[1] if t.kind != "quad" and not t.is_command("left", "right")]
    if not right or kind not in ("x", "y", "z", "r"):
        return None
    if kind in _GIVEN and _is_of_data(state, right, name):
        return frozenset()
    if kind != "r" and _SUPPOSED.search(words) and _applies_free_functions(state, right, name):
        return frozenset({name})
    return None


def _of_several(state: State, left: Sequence[Token]) -> str | None:
    """The name of a function of several variables that a text gives as an example: f(x, y)."""
    kept = [t for t in left if t.kind != "quad" and not t.is_command("left", "right")]
    if len(kept) < 6 or not kept[1].is_sign("(") or not kept[-1].is_sign(")"):
        return None
    commas = any(token.is_sign(",") for token in kept[2:-1])
    name = kept[0].text
    return name if commas and name in _FREE_FUNCTIONS and _is_free(state, name) else None


def _kind(state: State, name: str) -> str:
    """The kind of quantity that a lone name is: "x", "y", "z" …; "" for another meaning."""
    declared = state.lexicon.declared.get((name, "", ""))
    meaning = declared or state.lexicon.defaults.get(name)
    return meaning.kind if isinstance(meaning, KindName | OneTensor) else ""


def _is_of_data(state: State, right: Sequence[Token], name: str) -> bool:
    """Whether a side is made of numbers and inputs alone, or the name itself of an input."""
    texts = [token.text for token in right]
    if texts == [name, "(", "x", ")"]:
        return True
    names = [token for token in right if token.kind == "name"]
    plain = all(
        token.kind in ("name", "number") or token.is_sign("+", "-", "*", "^", "(", ")")
        for token in right
    )
    is_input = bool(names) and all(_kind(state, token.text) == "x" for token in names)
    return plain and is_input and name not in texts and len(right) > 1


def _applies_free_functions(state: State, right: Sequence[Token], name: str) -> bool:
    """Whether a side is f(x) or f(g(x)) for functions that only have a name."""
    if right[0].text not in _FREE_FUNCTIONS or not _is_free(state, right[0].text):
        return False
    if len(right) < 4 or not right[1].is_sign("(") or not right[-1].is_sign(")"):
        return False
    inner = right[2:-1]
    letters = [token.text for token in inner if token.kind == "name"]
    plain = all(t.kind == "name" or t.is_sign("(", ")", ",") for t in inner)
    return plain and "z" not in letters and name not in letters


def _is_free(state: State, name: str) -> bool:
    undeclared = not any(key[0] == name for key in state.lexicon.declared)
    return undeclared and DEFAULT.get(name) in (None, FunctionMeaning("phi"))
