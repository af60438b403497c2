"""Comparisons of a text: assumptions, conditions of claims beside them, or nothing to judge."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from sympy import Basic, Not, Or, S

from derive.algebra.quantities import Partial, Quantity
from derive.reading.latex.lexical.sentences import Sentence, compares_letters, sentences
from derive.reading.latex.lexical.tokens import Token, tokenize
from derive.reading.latex.naming.definitions import bare_name, function_head
from derive.reading.latex.statements import assumption, read_sentence
from derive.reading.latex.unjudged import is_value
from derive.reading.prose.claiming import compare_letters, state_claim
from derive.reading.prose.passage import RunningText
from derive.reading.prose.roles import COMPARED, Role, denies_assuming, role
from derive.reading.prose.said_in_words import PERHAPS
from derive.reading.prose.surroundings import Condition
from derive.reading.prose.words import adds_a_condition, ends_with_at, ends_with_if, goes_on
from derive.reading.spans import Span
from derive.reading.statements import UNREAD, Assumption, Claim, Doubt, Outside

NOT_ASSUMED = "the text says that it does not assume this"
#: What introduces a letter with what is known of it.
_INTRODUCES = re.compile(r"\b(?:with|where|given|provided|assuming|for (?:some|a|an))[\s,]*$", re.I)


def wait(passage: RunningText, part: Sentence, prose: str) -> None:
    """Keep a name on its own: the comparison behind it may be about it too."""
    tokens = tuple(part.sides[0])
    if bare_name(tokens) is None or not tokens:
        passage.listed = ()
    else:
        comma = Token("sign", ",", tokens[0].start, tokens[0].start)
        passage.listed = (*passage.listed, comma, *tokens) if goes_on(prose) else tokens


def with_listed(passage: RunningText, part: Sentence, prose: str) -> Sentence:
    """The comparison with the names that a list has before it: w_1, w_2 > 0."""
    listed, passage.listed = passage.listed, ()
    if not listed or not goes_on(prose) or compares_letters(part):
        return part
    first = part.sides[0]
    if not first:
        return part
    comma = Token("sign", ",", first[0].start, first[0].start)
    return replace(part, sides=((*listed, comma, *first), *part.sides[1:]))


def is_behind_list(passage: RunningText, part: Sentence, prose: str, span: Span) -> bool:
    """Whether a name stands behind a comparison in one formula: 0 < w_1, w_2."""
    name = part.sides[0][:1]
    within = prose == ", " and bool(name) and name[0].start > span.start
    return within and passage.words.rstrip(", ").endswith(COMPARED)


def leave_unread(passage: RunningText, part: Sentence) -> None:
    """Of something assumed or stated as a condition, nothing can be made."""
    spoken = role(passage.words)
    if spoken is Role.CONDITION:
        passage.under = passage.under.stating(None)
    elif spoken is Role.ASSUMED:
        passage.mention(part, Doubt, UNREAD)


def compare(passage: RunningText, part: Sentence, prose: str, after: str = "") -> None:
    """An assumption, the condition of a claim beside it, or nothing to judge."""
    case = passage.under.awaits
    spoken = role(passage.words, after)
    if case == "assumption" or (spoken is Role.ASSUMED and not case):
        assume(passage, part)
        return
    if spoken is Role.NOT_ASSUMED:
        passage.mention(part, Outside, NOT_ASSUMED)
        return
    follows = passage.follows_claim(passage.words, after)
    stated = spoken in (Role.CONDITION, Role.DENIED) or ends_with_at(passage.words)
    if compares_letters(part):
        if case or follows or stated:
            compare_letters(passage, part, follows)
        else:
            state_claim(passage, part)
        return
    if not (case or stated):
        doubt(passage, part)
        return
    hold(passage, part, passage.words, spoken, prose, follows=follows, opens=bool(case))


def hold(
    passage: RunningText,
    part: Sentence,
    words: str,
    spoken: Role,
    prose: str,
    *,
    follows: bool,
    opens: bool,
) -> None:
    """Let a condition hold for its claim, its item or case, or the rest of its sentence."""
    stated = assumption(passage.state, part, passage.source)
    condition = stated.condition if isinstance(stated, Assumption) else None
    if condition is not None and spoken is Role.DENIED:
        condition = Not(condition)
    if opens and spoken is Role.OPEN and denies_assuming(words):
        condition = None
    if opens:
        passage.under = passage.under.opening(condition)
    elif follows:
        introduced = condition is not None and _introduces(passage, condition, words)
        passage.put_under(condition)
        passage.under = passage.under.with_alternative(condition)
        if introduced:
            passage.found.append(Doubt(stated.place, stated.source, PERHAPS, condition))
    else:
        _state(passage, condition, prose)
    if condition is None and not is_value(part):
        passage.found += read_sentence(passage.state, part, passage.source)[1]


def _introduces(passage: RunningText, condition: Basic, words: str) -> bool:
    r"""Whether a + b, with b > 0, says of what is given what may hold wherever it stands.

    What an equality computes has its cases: r = z where z > 0.
    """
    claim, model = passage.found[-1], passage.state.lexicon.model
    defines = isinstance(claim, Claim) and not (claim.left.has(Partial) or claim.right.has(Partial))
    computed = any(model.defines(one) for one in condition.atoms(Quantity))
    return defines and not computed and bool(_INTRODUCES.search(words))


def doubt(passage: RunningText, part: Sentence) -> None:
    """A comparison of which nothing tells whether it is assumed."""
    stated = assumption(passage.state, part, passage.source)
    if not isinstance(stated, Assumption):
        state_claim(passage, part)
        return
    doubt = Doubt(stated.place, stated.source, PERHAPS, stated.condition)
    passage.doubt_claims(doubt)
    if (here := passage.under.condition) not in (None, S.true):
        doubt = replace(doubt, condition=Or(Not(here), stated.condition))
    passage.found.append(doubt)


def _state(passage: RunningText, condition: Condition, prose: str) -> None:
    """A condition of this sentence: after a claim, in place of that of the claim."""
    told = bool(passage.found) and isinstance(passage.found[-1], Claim)
    under = passage.under.restarted() if told and not adds_a_condition(prose) else passage.under
    passage.under = under.stating(condition)


def assume(passage: RunningText, part: Sentence) -> None:
    """Assume a comparison from here on; a function that is supposed is none."""
    if function_head(passage.state.lexicon, part.sides[0]) is not None:
        # "Suppose f(z) = z": another function than the network has, and no fact about z.
        passage.mention(part, Doubt, UNREAD)
        return
    stated = assumption(passage.state, part, passage.source)
    passage.found.append(stated)
    passage.assumed = stated.condition if isinstance(stated, Assumption) else None
    if passage.assumed is None:
        passage.found.append(Doubt(stated.place, stated.source, UNREAD))


def is_equal_if(passage: RunningText, part: Sentence, prose: str) -> bool:
    """Whether an equality is a condition, as in "if $y = r$"."""
    if len(part.relations) != 1 or part.relations[0].sign != "=" or part.where:
        return False
    if not ends_with_if(prose):
        return False
    return isinstance(assumption(passage.state, part, passage.source), Assumption)


def joined_behind(passage: RunningText, part: Sentence, span: Span, worded: str) -> Sentence:
    """$x$ > 0, "$x$ is positive": the comparison that goes on behind the formula."""
    behind = tokenize(worded, 0, len(worded), {}, passage.state.lexicon.words)
    placed = [token._replace(start=span.end, end=span.end) for token in behind]
    return sentences([*part.sides[0], *placed])[0]


def bounds(part: Sentence) -> bool:
    r"""Whether x \in (0, 1) or \mathbb{R}_+ says more than how many numbers x has."""
    return any(t.is_sign("+", ">", "[", "(") or t.is_command("{") for t in part.sides[-1])


def joined_bounds(parts: Sequence[Sentence]) -> list[Sentence]:
    """0 < w_1, w_2 < 1 as one comparison, since each bound is one of both."""
    found: list[Sentence] = []
    for part in parts:
        before = found[-1] if found else None
        if before is not None and before.is_condition and part.is_condition and not part.continued:
            inner = bare_name(before.sides[-1]) and bare_name(part.sides[0])
            outer = bare_name(before.sides[0]) or bare_name(part.sides[-1])
            if inner and not outer and len(before.relations) == len(part.relations) == 1:
                comma = Token("sign", ",", part.sides[0][0].start, part.sides[0][0].start)
                middle = (*before.sides[-1], comma, *part.sides[0])
                sides = (*before.sides[:-1], middle, *part.sides[1:])
                relations = (*before.relations, *part.relations)
                found[-1] = replace(before, sides=sides, relations=relations)
                continue
        found.append(part)
    return found
