r"""Functions without their argument: \sigma' = \sigma(1 - \sigma), d\sigma/dz.

Where a sentence writes a function alone at least once, all of it is about the function of one
number, and each occurrence gets that number; a bracket with the bare function in it is a factor.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from derive.reading.latex.lexical.cursor import Cursor
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.lexical.scripts import Scripts, read_scripts
from derive.reading.latex.lexical.sentences import Sentence
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.naming.lexicon import Lexicon
from derive.reading.latex.naming.meanings import FunctionMeaning

_BARE = frozenset({"sigma", "sigmoid", "tanh", "softplus", "ReLU"})
_VARIABLE = "z"


def with_arguments(lexicon: Lexicon, sentence: Sentence) -> Sentence:
    """The sentence with (z) behind functions that stand alone in it; itself where none does."""
    bare = any(_bare_places(lexicon, side) for side in sentence.sides)
    if not bare or sum(_is_function(lexicon, token) for token in sentence.tokens) < 2:
        return sentence
    return replace(sentence, sides=tuple(_applied(lexicon, side) for side in sentence.sides))


def _is_function(lexicon: Lexicon, token: Token) -> bool:
    meaning = lexicon.find(token.text, Scripts())[0] if token.kind == "name" else None
    is_phi = meaning == FunctionMeaning("phi") and token.text == "\\sigma"
    return is_phi or (isinstance(meaning, FunctionMeaning) and meaning.name in _BARE)


def _bare_places(lexicon: Lexicon, side: Sequence[Token]) -> list[int]:
    """Behind which places a function ends that no argument follows."""
    found: list[int] = []
    for place, token in enumerate(side):
        if not _is_function(lexicon, token):
            continue
        end = _behind_scripts(side, place)
        follower = side[end] if end < len(side) else None
        if follower is None or _ends_factor(follower):
            found.append(end)
    return found


def _behind_scripts(side: Sequence[Token], place: int) -> int:
    """The place behind a name and its scripts."""
    cursor = Cursor(side[place:], side[-1].end)
    cursor.advance()
    try:
        read_scripts(cursor)
    except LatexError:
        return place + 1
    return place + cursor.mark()


def _ends_factor(token: Token) -> bool:
    operators = ("cdot", "times", "odot", "circ", "right", "frac", "left")
    ends = token.is_sign("+", "-", "*", "/", ")", "]", "}", ",", ".", "=")
    return ends or token.kind == "quad" or (token.is_command(*operators) and token.text != "left")


def _applied(lexicon: Lexicon, side: Sequence[Token]) -> tuple[Token, ...]:
    """A side with the variable behind each function, but where it has another argument."""
    found: list[Token] = []
    position = 0
    while position < len(side):
        token = side[position]
        if not _is_function(lexicon, token):
            found.append(token)
            position += 1
            continue
        end = _behind_scripts(side, position)
        found += side[position:end]
        if not _has_argument(lexicon, side, end):
            at = side[end - 1].end
            found += (
                Token("sign", "(", at, at),
                Token("name", _VARIABLE, at, at),
                Token("sign", ")", at, at),
            )
        position = end
    return tuple(found)


def _has_argument(lexicon: Lexicon, side: Sequence[Token], start: int) -> bool:
    """Whether a bracket, name or number follows that is the argument of the function before."""
    if start >= len(side) or _ends_factor(side[start]):
        return False
    depth = 0
    for token in side[start:]:
        depth += token.is_sign("(", "[") - token.is_sign(")", "]")
        if _is_function(lexicon, token):
            return False  # sigma (1 - sigma) is a product
        if depth <= 0:
            return True
    return True
