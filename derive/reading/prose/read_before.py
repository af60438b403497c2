"""Sentences that a document says again in the same words, which need not be read again."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass, field, replace

from sympy import Basic

from derive.reading.latex.lexical.sentences import Sentence
from derive.reading.latex.state import Source, State
from derive.reading.statements import Claim, Statement

#: How much of the text before a sentence what it says may depend on.
_BEFORE = 80

Read = tuple[State, list[Statement]]


@dataclass(frozen=True)
class _Said:
    """What a sentence said where it began at `start`, and the states before and after it."""

    start: int
    before: State
    after: State
    statements: tuple[Claim, ...]


@dataclass(frozen=True)
class ReadBefore:
    """The claims of one document by their words and by what held before them."""

    _said: dict[Hashable, _Said] = field(default_factory=dict[Hashable, _Said])

    def read(
        self, state: State, part: Sentence, source: Source, given: Basic, read: Callable[[], Read]
    ) -> Read:
        """What `read` makes of a sentence; where it was read before, the same in its new place."""
        tokens = [*part.tokens, *part.where]
        start, end = tokens[0].start, max(token.end for token in tokens)
        if part.continued or any(token.start < start for token in tokens):
            return read()  # it goes on with what was said, or has words of elsewhere
        signs = tuple((one.sign, one.asked, one.token.start - start) for one in part.relations)
        words, context = source.text[start:end], source.text[max(0, start - _BEFORE) : start]
        held = (state.where, state.numbers, state.values, state.averages, state.foreign, given)
        key = (words, context, len(tokens), signs, held)
        known = self._said.get(key)
        if known is None or known.before.lexicon is not state.lexicon:
            after, found = read()
            claims = tuple(one for one in found if type(one) is Claim)
            if len(claims) == len(found):
                self._said[key] = _Said(start, state, after, claims)
            return after, found
        moved = start - known.start

        def place(one: Claim) -> Claim:
            at = source.place(one.place.start + moved, one.place.end + moved)
            return replace(one, place=at)

        return known.after, [*map(place, known.statements)]
