"""What a document has assumed before it names another network, read again in the new names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from sympy import Basic

from derive.errors import ReadingError
from derive.notation.ascii.formulas import read_condition
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.lexical.sentences import sentences
from derive.reading.latex.lexical.tokens import tokenize
from derive.reading.latex.state import State
from derive.reading.latex.statements import assumption_of, read_condition_sentence
from derive.reading.prose.worded import condition_in_words
from derive.reading.statements import Assumption, Doubt, Statement


def assumed_again(earlier: Sequence[Statement], state: State, kind: str) -> list[Statement]:
    """Assumptions and doubts of earlier parts in the names and the network of this one.

    What means nothing here may still be meant of something here, and is a doubt.
    """
    found: list[Statement] = []
    for one in earlier:
        condition = _condition(one.source, state, kind)
        if isinstance(one, Doubt):
            if one.condition is None or condition is not None:
                found.append(replace(one, condition=condition))
        elif isinstance(one, Assumption) and condition is not None:
            found.append(assumption_of(state, condition, one.place, one.source))
        else:
            reason = "an assumption about another network, which means nothing in this one"
            found.append(Doubt(one.place, one.source, reason))
    return found


def _condition(words: str, state: State, kind: str) -> Basic | None:
    network = state.lexicon.model
    try:
        if kind == "text":
            return read_condition(words.rstrip(" ."), network)
        (sentence,) = sentences(tokenize(words, 0, len(words), {}, state.lexicon.words))
        return read_condition_sentence(state, sentence)
    except (LatexError, ReadingError, ValueError, TypeError, IndexError, RecursionError):
        return condition_in_words(network, words)
