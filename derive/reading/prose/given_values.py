"""Values that a text gives: assumed, places that it speaks of, or claims about z or C."""

from __future__ import annotations

from derive.algebra.quantities import Quantity
from derive.reading.latex.chains import read_side
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.lexical.sentences import Sentence
from derive.reading.latex.naming.scope import FormulaScope, index_letters
from derive.reading.latex.unjudged import is_given
from derive.reading.prose.claiming import state_equality
from derive.reading.prose.comparing import NOT_ASSUMED, assume, doubt, hold
from derive.reading.prose.hypotheses import leaves_open
from derive.reading.prose.passage import SPOKEN_OF, RunningText
from derive.reading.prose.roles import COMPARED, Role, denies_assuming, is_condition, role
from derive.reading.prose.words import (
    ends_with_at,
    ends_with_if,
    ends_with_place_word,
    ends_with_where,
    goes_on,
    is_joining,
)
from derive.reading.statements import Outside


def place_value(passage: RunningText, part: Sentence, prose: str, after: str) -> None:
    """x = 0 in the text: an assumption, a place that it speaks of, or a claim about z or C."""
    case = passage.under.awaits
    given = is_given(passage.state, part)
    words = passage.words
    spoken = role(words, after, listed=given)
    opens = bool(case) and (given or _is_of_kind(passage, part, "z"))
    if case == "item" and not after.lstrip(" *_)").startswith((":", ",", "—", "–")):
        opens = opens and ends_with_if(prose)
    named = ends_with_place_word(spoken_before(passage, part, prose)) or is_condition(words)
    named = named or (not given and _tells_a_place(passage, prose))
    passage.words += COMPARED
    if case == "assumption" or (spoken is Role.ASSUMED and not case):
        assume(passage, part)
    elif spoken is Role.NOT_ASSUMED:
        passage.mention(part, Outside, NOT_ASSUMED)
    elif opens or spoken in (Role.CONDITION, Role.DENIED) or ends_with_at(words):
        follows = passage.follows_claim(words, after)
        hold(passage, part, words, spoken, prose, follows=follows, opens=opens)
        passage.speak_of(part, numbers=False)
    elif denies_assuming(words):
        doubt(passage, part)
    elif leaves_open(after):
        passage.speak_of(part, numbers=False)
    elif named or given:
        passage.speak_of(part, numbers=not named)
    else:
        passage.words = words
        state_equality(passage, part, after)


def spoken_before(passage: RunningText, part: Sentence, prose: str) -> str:
    """The words before a value: those before the list in which it stands, if it is given."""
    listed = goes_on(prose) and is_given(passage.state, part)
    return passage.words.rstrip(f" ,and{COMPARED}") if listed else prose


def _tells_a_place(passage: RunningText, prose: str) -> bool:
    """Whether x = 0 follows "where", or goes on such places: "where x = 0 and y = 0"."""
    last = passage.found[-1] if passage.found else None
    spoken = isinstance(last, Outside) and last.reason == SPOKEN_OF
    return ends_with_where(prose) or (spoken and is_joining(prose))


def _is_of_kind(passage: RunningText, part: Sentence, kind: str) -> bool:
    scope = FormulaScope(
        passage.state.lexicon, free=index_letters(part.tokens, passage.state.lexicon.model)
    )
    try:
        value = read_side(scope, part.sides[0])
    except LatexError:
        return False
    return isinstance(value, Quantity) and value.kind == kind
