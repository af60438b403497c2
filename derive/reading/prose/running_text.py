"""Formulas with the words between them: what they claim, assume, and stand under."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from sympy import S

from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.lexical.raw import Macro, macros_in
from derive.reading.latex.lexical.sentences import Sentence, compares_letters, sentences_in
from derive.reading.latex.state import Source, State
from derive.reading.latex.statements import assumption_of
from derive.reading.latex.unjudged import ends_in_number, is_given, is_value
from derive.reading.prose.claiming import denied_units, state_equality
from derive.reading.prose.comparing import (
    bounds,
    compare,
    is_behind_list,
    is_equal_if,
    joined_behind,
    joined_bounds,
    leave_unread,
    wait,
    with_listed,
)
from derive.reading.prose.given_values import place_value, spoken_before
from derive.reading.prose.hypotheses import (
    SOLVED,
    SUPPOSED,
    ends_paragraph,
    letters_of_their_own,
    replaces_function,
    without_zero,
)
from derive.reading.prose.passage import RunningText
from derive.reading.prose.roles import CLAIMED, COMPARED, Role, role
from derive.reading.prose.said_in_words import hear
from derive.reading.prose.surroundings import denied
from derive.reading.prose.words import (
    comparison_after,
    ends_with_place_word,
    ends_with_where,
    is_otherwise,
    sentences_of,
    speaks_of_all,
)
from derive.reading.spans import Span, spans_of
from derive.reading.statements import NotUnderstood, Outside, Place, Statement

MAXIMAL_STATEMENTS = 20_000
MAXIMAL_FORMULAS = 30_000

_GAP = re.compile(r"\n(?:[ \t]*\n){2,}")


def read_running_text(
    masked: str, text: str, state: State, place: Callable[[int, int], Place]
) -> tuple[State, list[Statement]]:
    """The formulas of a text whose code and comments are blank."""
    masked = _GAP.sub(_closed, masked)
    reading = RunningText(masked, Source(text, place), state)
    macros = (*macros_in(text).items(),)
    for number, span in enumerate(spans_of(masked)):
        if len(reading.found) >= MAXIMAL_STATEMENTS or number >= MAXIMAL_FORMULAS:
            message = (
                f"a document is read up to its formula {number}; split it to have the rest read"
            )
            reading.found.append(NotUnderstood(place(span.start, span.end), "", message))
            break
        _take(reading, span, macros)
    else:
        # A text without a formula says nothing that is judged.
        if reading.before:
            hear(reading, f"{masked[reading.before :]}. ", len(masked))
    return reading.state, reading.found


def _closed(gap: re.Match[str]) -> str:
    """One blank line for many, as where other parts are left out; the rest stays in its place."""
    return "\n" + " " * (len(gap[0]) - 2) + "\n"


def _take(passage: RunningText, span: Span, macros: tuple[tuple[str, Macro], ...]) -> None:
    """The next formula, and the words before it."""
    prose = passage.masked[passage.before : span.outer_start]
    tagged = passage.source.text[passage.before : span.outer_start]
    after = passage.masked[span.outer_end : span.outer_end + 200]
    passage.before = span.outer_end
    words = passage.source.words(span.start, min(span.end, span.start + 200))
    place = passage.source.place
    if span.problem:
        passage.found.append(NotUnderstood(place(span.start, span.end), words, span.problem))
        return
    try:
        names = passage.state.lexicon
        found = sentences_in(
            passage.masked, span.start, span.end, macros, names.words, names.squares
        )
        parts = joined_bounds(found)
    except (LatexError, RecursionError) as problem:
        at = problem.at if isinstance(problem, LatexError) else span.start
        passage.found.append(NotUnderstood(place(at, span.end), words, str(problem)))
        return
    was = passage.under.sentence
    _forget(passage, prose)
    hear(passage, prose, span.outer_start)
    passage.columns, passage.state = passage.columns.entered(
        passage.state, passage.source.text, tagged, span.outer_start
    )
    passage.under = passage.under.after(prose)
    if is_otherwise(prose):
        passage.units = denied_units(passage.units)
    elif passage.under.sentence != was or "." in prose:
        passage.units = ()
    if speaks_of_all(prose + passage.masked[span.start : span.end]):
        passage.units = ()
    _deny(passage, span, prose)
    for part in parts:
        _part(passage, part, prose, after, span)
        prose = ", "
        passage.words += prose
    passage.words = passage.words.removesuffix(", ")
    passage.columns = passage.columns.left(passage.state, passage.source.text, span.outer_end)
    if span.display and passage.masked[span.start : span.end].rstrip().endswith("."):
        # The point inside of a display ends the sentence as one behind it would.
        passage.under = replace(passage.under, sentence=S.true)
        passage.units = ()
        hear(passage, ". ", span.outer_end)


def _forget(passage: RunningText, prose: str) -> None:
    """A chain does not go on in another sentence, nor other mathematics in a new paragraph."""
    if len(sentences_of(prose)) > 1 and re.search("[A-Za-z]{2}", prose):
        passage.state = replace(passage.state, last={})
    if passage.state.foreign and ends_paragraph(prose):
        passage.state = replace(passage.state, foreign=frozenset())


def _deny(passage: RunningText, span: Span, prose: str) -> None:
    """Take an "otherwise" before a formula: what was stated last does not hold now."""
    if passage.under.denies:
        denial = passage.under.denial
        passage.under = replace(passage.under.stating(denial), alternatives=())
    elif passage.assumed is not None and is_otherwise(prose):
        condition = denied((passage.assumed,))
        passage.assumed = None
        if condition is not None:
            place = passage.source.place(span.outer_start, span.outer_start)
            passage.found.append(assumption_of(passage.state, condition, place, "otherwise"))


def _part(passage: RunningText, part: Sentence, prose: str, after: str, span: Span) -> None:
    """One equality, comparison or name of a formula."""
    if _is_compared(passage, part, prose, after, span) or _is_given(
        passage, part, prose, after, span
    ):
        return
    shorter = without_zero(part, passage.words, after)
    if shorter is not None:
        passage.mention(part, Outside, SOLVED)
        part = shorter
        if not part.relations:
            return
    if _is_supposed(passage, part):
        passage.mention(part, Outside, SUPPOSED)
        passage.words += CLAIMED
        return
    state_equality(passage, part, after)


def _is_compared(passage: RunningText, part: Sentence, prose: str, after: str, span: Span) -> bool:
    """Whether a part is a comparison, which is then taken; a name waits for one behind it."""
    if part.is_condition and part.continued and passage.listed:
        part = replace(part, sides=(passage.listed, *part.sides[1:]))
        passage.listed = ()
    if part.is_condition or compares_letters(part):
        compare(passage, with_listed(passage, part, prose), prose, after)
        passage.words += COMPARED
        return True
    if not part.relations:
        length, worded = comparison_after(after)
        if worded:
            whole = with_listed(passage, joined_behind(passage, part, span, worded), prose)
            if passage.under.awaits or role(passage.words) is not Role.OPEN:
                passage.before = span.outer_end + length
                compare(passage, whole, prose, after[length:])
                passage.words += COMPARED
                return True
        if is_behind_list(passage, part, prose, span):
            leave_unread(passage, part)
        wait(passage, part, prose)
    elif part.relations[0].token.is_command("in") and bounds(part):
        leave_unread(passage, part)
    return False


def _is_given(passage: RunningText, part: Sentence, prose: str, after: str, span: Span) -> bool:
    """Whether a part gives a value, or is equal under "if": which is then taken."""
    if is_value(part):
        if not span.display or ends_with_place_word(spoken_before(passage, part, prose)):
            place_value(passage, part, prose, after)
            return True
        if _is_beside_others(passage, part, span) and is_given(passage.state, part):
            passage.speak_of(part, numbers=True)
            return True
    if is_equal_if(passage, part, prose):
        compare(passage, part, prose, after)
        passage.words += COMPARED
        return True
    if len(part.relations) == 1 and ends_in_number(part) and ends_with_where(prose):
        passage.speak_of(part, numbers=False)
        passage.words += COMPARED
        return True
    return False


def _is_beside_others(passage: RunningText, part: Sentence, span: Span) -> bool:
    """Whether a display has further equalities, as one that lists the numbers of an example."""
    start, end = part.tokens[0].start, part.tokens[-1].end
    text = passage.source.text
    return "=" in text[span.start : start] + text[end : span.end]


def _is_supposed(passage: RunningText, part: Sentence) -> bool:
    """Whether an equality is only supposed; its letters are then no quantities here."""
    if replaces_function(passage.state, part, passage.words):
        return True
    letters = letters_of_their_own(passage.state, part, passage.words)
    if letters is not None:
        passage.state = replace(passage.state, foreign=passage.state.foreign | letters)
    return letters is not None
