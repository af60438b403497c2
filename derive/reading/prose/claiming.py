"""Equalities of a text, under all that holds where they stand."""

from __future__ import annotations

from dataclasses import replace

from sympy import And, S

from derive.reading.latex.lexical.sentences import Sentence
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.named_in_words import without_name_in_words
from derive.reading.latex.statements import read_sentence
from derive.reading.prose.passage import RunningText, unsure
from derive.reading.prose.roles import CLAIMED, LONE, is_condition
from derive.reading.prose.said_in_words import take_conditions_before
from derive.reading.prose.words import is_otherwise
from derive.reading.statements import Claim


def state_equality(passage: RunningText, part: Sentence, after: str) -> None:
    """An equality, or a formula without one, under the conditions in words before it."""
    if part.continued:
        part = without_name_in_words(part, passage.masked[: part.tokens[0].start][-80:])
    doubts = take_conditions_before(passage) if part.relations else ()
    first = len(passage.found)
    state_claim(passage, part, after)
    for position in range(first, len(passage.found)):
        claim = passage.found[position]
        if doubts and isinstance(claim, Claim):
            passage.found[position] = replace(claim, doubts=doubts)
    if passage.says_nothing_understood() and is_condition(passage.words):
        passage.under = passage.under.stating(None)
    passage.words += CLAIMED if part.relations else LONE


def state_claim(passage: RunningText, part: Sentence, after: str = "") -> None:
    """An equality, or what else is no condition, under all that holds here."""
    if part.relations or passage.under.awaits != "item":
        passage.under = passage.under.not_awaiting()
    part = _with_units(part, passage.units)
    passage.claimed = (passage.state, part, len(passage.found))
    condition = passage.under.condition
    given = S.true if condition is None else condition
    if passage.under.alternatives and part.relations and is_otherwise(after, follows=True):
        denial = passage.under.denial
        given, condition = (given, None) if denial is None else (And(given, denial), condition)
        passage.under = replace(passage.under, alternatives=())
    passage.state, statements = passage.read_before.read(
        passage.state,
        part,
        passage.source,
        given,
        lambda: read_sentence(passage.state, part, passage.source, given),
    )
    passage.found += statements if condition is not None else map(unsure, statements)


def compare_letters(passage: RunningText, part: Sentence, follows: bool) -> None:
    """A condition such as i = j: read with the letters of the equation that it is about."""
    tokens = tuple(part.tokens)
    if not follows or passage.claimed is None:
        passage.units = tokens
        return
    state, sentence, first = passage.claimed
    del passage.found[first:]
    units, passage.units = passage.units, tokens
    passage.state = state
    state_claim(passage, sentence)
    passage.units = units


def denied_units(units: tuple[Token, ...]) -> tuple[Token, ...]:
    r"""i \ne j for i = j, and the other way round."""
    swapped = {"=": ("command", "ne"), "ne": ("sign", "="), "neq": ("sign", "=")}
    return tuple(
        Token(*swapped[token.text], token.start, token.end) if token.text in swapped else token
        for token in units
    )


def _with_units(part: Sentence, units: tuple[Token, ...]) -> Sentence:
    """The sentence with a condition on its indices behind the conditions that it states."""
    if not units or not part.relations:
        return part
    parting = [Token("text", "and", units[0].start, units[0].start)] if part.where else []
    return replace(part, where=(*part.where, *parting, *units))
