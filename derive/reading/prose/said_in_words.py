"""Assumptions and conditions that the words between formulas state."""

from __future__ import annotations

from collections.abc import Collection

from sympy import Not, S

from derive.reading.latex.statements import assumption_of
from derive.reading.prose.leftovers import (
    conditions_before,
    conditions_behind,
    parts_assumed,
    parts_joined,
    parts_stated,
)
from derive.reading.prose.passage import RunningText
from derive.reading.prose.roles import assumed_in_words
from derive.reading.prose.worded import condition_in_words
from derive.reading.prose.words import sentences_of
from derive.reading.statements import UNREAD, Claim, Doubt

#: So many characters before a formula are looked at for what its sentence says.
_LONGEST_SENTENCE = 600

#: Why a condition that is only stated may be none.
PERHAPS = "a comparison, which is not judged; whether it is assumed here is not certain"


def hear(passage: RunningText, prose: str, at: int) -> None:
    """The words up to a place; those of sentences that end in them are looked through."""
    before = passage.words[-_LONGEST_SENTENCE:]
    *ended, last = sentences_of(before + prose, len(before))
    left = sum(map(len, ended)) + len(last)
    for whole in ended:
        sentence = whole[-_LONGEST_SENTENCE:]
        behind = dict(conditions_behind(sentence))
        _assume_in_words(passage, sentence, behind)
        for part, unless in behind.items():
            _take_condition_behind(passage, part, unless)
        left -= len(whole)
        passage.heard, passage.begun, passage.since = 0, len(passage.found), at - left
        passage.listed = ()
    passage.words = last[-_LONGEST_SENTENCE:]


def _assume_in_words(passage: RunningText, sentence: str, behind: Collection[str] = ()) -> None:
    """What a sentence assumes, or states and may assume, in words alone.

    Not what stands `behind` an equality as its condition.
    """
    for part in parts_assumed(sentence, passage.heard):
        condition = condition_in_words(passage.state.lexicon.model, part)
        if condition is None:
            passage.found.append(Doubt(passage.here(), part, UNREAD))
        else:
            passage.found.append(assumption_of(passage.state, condition, passage.here(), part))
    if assumed_in_words(sentence) is None and passage.under.condition == S.true:
        for part in parts_stated(sentence[passage.heard :]):
            condition = condition_in_words(passage.state.lexicon.model, part)
            if condition is not None and part not in behind:
                passage.found.append(Doubt(passage.here(), part, PERHAPS, condition))
    passage.heard = len(sentence)


def take_conditions_before(passage: RunningText) -> tuple[Doubt, ...]:
    """Take the conditions in words before an equality; what was not understood of them."""
    unread: list[Doubt] = []
    network = passage.state.lexicon.model
    _assume_in_words(passage, passage.words)
    joined = ((part, False) for part in parts_joined(passage.words))
    for part, unless in (*conditions_before(passage.words), *joined):
        condition = condition_in_words(network, part)
        if condition is None:
            unread.append(Doubt(passage.here(), part, UNREAD))
        else:
            passage.under = passage.under.stating(Not(condition) if unless else condition)
    if passage.under.perhaps != S.true:
        said = "the condition of the sentence before"
        unread.append(Doubt(passage.here(), said, PERHAPS, passage.under.perhaps))
    return tuple(unread)


def _take_condition_behind(passage: RunningText, part: str, unless: bool) -> None:
    condition = condition_in_words(passage.state.lexicon.model, part)
    if condition is None:
        passage.doubt_claims(Doubt(passage.here(), part, UNREAD))
    elif passage.found and isinstance(passage.found[-1], Claim):
        passage.put_under(Not(condition) if unless else condition)
