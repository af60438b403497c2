"""Formulas with the words between them: what they claim, assume, and stand under."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from sympy import And, Basic, S

from derive.quantities import Quantity
from derive.reading.latex.chains import read_side
from derive.reading.latex.problems import LatexError
from derive.reading.latex.raw import Macros, macros_in
from derive.reading.latex.scope import Scope, index_letters
from derive.reading.latex.sentences import Sentence, compares_letters, sentences
from derive.reading.latex.state import Source, State
from derive.reading.latex.statements import assumption, assumption_of, read_sentence
from derive.reading.latex.tokens import Token, tokenize
from derive.reading.latex.unjudged import is_given, is_value
from derive.reading.prose import (
    adds_a_condition,
    assumes,
    condition_after,
    ends_with_at,
    ends_with_condition_word,
    ends_with_if,
    ends_with_place_word,
    goes_on,
    introduces_condition,
    is_otherwise,
)
from derive.reading.spans import Span, spans_of
from derive.reading.statements import Assumption, Claim, NotUnderstood, Outside, Place, Statement
from derive.reading.surroundings import Condition, Surroundings, denied

MAXIMAL_STATEMENTS = 20_000
MAXIMAL_FORMULAS = 30_000

_SPOKEN_OF = "a value that the text speaks of, not an equality that follows from the network"


def read_running_text(
    masked: str, text: str, state: State, place: Callable[[int, int], Place]
) -> tuple[State, list[Statement]]:
    """The formulas of a text whose code and comments are blank."""
    reading = _RunningText(masked, Source(text, place), state)
    macros = macros_in(text)
    for number, span in enumerate(spans_of(masked)):
        if len(reading.found) >= MAXIMAL_STATEMENTS or number >= MAXIMAL_FORMULAS:
            message = (
                f"a document is read up to its formula {number}; split it to have the rest read"
            )
            reading.found.append(NotUnderstood(place(span.start, span.end), "", message))
            break
        reading.take(span, macros)
    return reading.state, reading.found


@dataclass
class _RunningText:
    """What has been read so far, and what holds where the reading stands.

    Attributes:
        before: where the formula before ends.
        under: the conditions that hold here.
        said: the words before the last comparison: those of both in "if $a$ and $b$".
        units: a condition on indices that this sentence states, as it is written.
        assumed: what the last assumption says, which an "otherwise" may deny.
        claimed: the last sentence with an equality: the state before it, the sentence, the
            number of its first statement.
    """

    masked: str
    source: Source
    state: State
    found: list[Statement] = field(default_factory=list[Statement])
    before: int = 0
    under: Surroundings = field(default_factory=Surroundings)
    said: str = ""
    units: tuple[Token, ...] = ()
    assumed: Basic | None = None
    claimed: tuple[State, Sentence, int] | None = None

    def take(self, span: Span, macros: Macros) -> None:
        """The next formula, and the words before it."""
        prose = self.masked[self.before : span.outer_start]
        after = self.masked[span.outer_end : span.outer_end + 200]
        self.before = span.outer_end
        words = self.source.words(span.start, min(span.end, span.start + 200))
        place = self.source.place
        if span.problem:
            self.found.append(NotUnderstood(place(span.start, span.end), words, span.problem))
            return
        try:
            tokens = tokenize(self.masked, span.start, span.end, macros, self.state.lexicon.words)
            parts = sentences(tokens)
        except (LatexError, RecursionError) as problem:
            at = problem.at if isinstance(problem, LatexError) else span.start
            self.found.append(NotUnderstood(place(at, span.end), words, str(problem)))
            return
        was = self.under.sentence
        self.under = self.under.after(prose)
        if is_otherwise(prose):
            self.units = _denied(self.units)
        elif self.under.sentence != was or "." in prose:
            self.units = ()
        self._deny(span, prose)
        for part in parts:
            self._part(part, prose, after, span)
            prose = ", "
        if span.display and self.masked[span.start : span.end].rstrip().endswith("."):
            # The point inside of a display ends the sentence as one behind it would.
            self.under = replace(self.under, sentence=S.true)
            self.units = ()

    def _deny(self, span: Span, prose: str) -> None:
        """Take an "otherwise" before a formula: what was stated last does not hold now."""
        if self.under.denies:
            denial = self.under.denial
            self.under = replace(self.under.stating(denial), alternatives=())
        elif self.assumed is not None and is_otherwise(prose):
            condition = denied((self.assumed,))
            self.assumed = None
            if condition is not None:
                place = self.source.place(span.outer_start, span.outer_start)
                self.found.append(assumption_of(self.state, condition, place, "otherwise"))

    def _part(self, part: Sentence, prose: str, after: str, span: Span) -> None:
        if part.is_condition or compares_letters(part):
            # "if $a$ and $b$": the words before the first are those of both
            self.said = self.said if goes_on(prose) else prose
            self._comparison(part, self.said)
            return
        joined = bool(self.said) and goes_on(prose) and is_value(part)
        joined = joined and is_given(self.state, part)
        spoken = self.said if joined else prose
        self.said = ""
        if not part.relations and (worded := condition_after(after)):
            whole = self._joined(part, span, len(worded))
            if self._assumes(prose):
                self._assume(whole)
                return
            if self.under.awaits or ends_with_if(prose):
                self._comparison(whole, prose)
                return
        if is_value(part) and (not span.display or ends_with_place_word(spoken)):
            self._value(part, spoken, after)
            return
        if self._is_equal_if(part, prose):
            self._comparison(part, prose)
            self.said = prose
            return
        self._claim(part, after)
        if ends_with_condition_word(prose) and self._not_understood():
            self.under = self.under.stating(None)

    def _claim(self, part: Sentence, after: str = "") -> None:
        """An equality, or what else is no condition, under all that holds here."""
        if part.relations or self.under.awaits != "item":
            self.under = self.under.not_awaiting()
        part = _with_units(part, self.units)
        self.claimed = (self.state, part, len(self.found))
        condition = self.under.condition
        given = S.true if condition is None else condition
        if self.under.alternatives and part.relations and is_otherwise(after, follows=True):
            denial = self.under.denial
            given, condition = (given, None) if denial is None else (And(given, denial), condition)
            self.under = replace(self.under, alternatives=())
        self.state, statements = read_sentence(self.state, part, self.source, given)
        self.found += statements if condition is not None else map(_unsure, statements)

    def _not_understood(self) -> bool:
        start = self.claimed[2] if self.claimed else 0
        told = self.found[start:]
        return bool(told) and all(isinstance(one, NotUnderstood) for one in told)

    # -- conditions --------------------------------------------------------------------------

    def _comparison(self, part: Sentence, prose: str) -> None:
        """An assumption, the condition of a claim beside it, or nothing to judge."""
        case = self.under.awaits
        if self._assumes(prose):
            self._assume(part)
            return
        follows = self._follows_claim(prose)
        if not (case or follows or ends_with_condition_word(prose) or ends_with_at(prose)):
            self._claim(part)
            return
        if compares_letters(part):
            self._letters(part, follows)
            return
        stated = assumption(self.state, part, self.source)
        condition = stated.condition if isinstance(stated, Assumption) else None
        if case:
            self.under = self.under.opening(condition)
        elif follows:
            self._put_under(condition)
            self.under = self.under.with_alternative(condition)
        else:
            self._state(condition, prose)
        if condition is None:
            self.found += read_sentence(self.state, part, self.source)[1]

    def _state(self, condition: Condition, prose: str) -> None:
        """A condition of this sentence: after a claim, in place of that of the claim."""
        told = bool(self.found) and isinstance(self.found[-1], Claim)
        under = self.under.restarted() if told and not adds_a_condition(prose) else self.under
        self.under = under.stating(condition)

    def _follows_claim(self, prose: str) -> bool:
        return (
            bool(self.found)
            and isinstance(self.found[-1], Claim)
            and (introduces_condition(prose) or (ends_with_at(prose) and len(prose.strip()) < 4))
        )

    def _put_under(self, condition: Condition) -> None:
        """Give the claims that were just made the condition that stands behind them."""
        last = self.found[-1].place
        for position in range(len(self.found) - 1, -1, -1):
            claim = self.found[position]
            if not isinstance(claim, Claim) or claim.place != last:
                break
            under = _unsure(claim) if condition is None else _under(claim, condition, self.state)
            self.found[position] = under

    def _letters(self, part: Sentence, follows: bool) -> None:
        """A condition such as i = j: read with the letters of the equation that it is about."""
        tokens = tuple(part.tokens)
        if not follows or self.claimed is None:
            self.units = tokens
            return
        state, sentence, first = self.claimed
        del self.found[first:]
        units, self.units = self.units, tokens
        self.state = state
        self._claim(sentence)
        self.units = units

    def _assumes(self, prose: str) -> bool:
        awaits = self.under.awaits
        return awaits == "assumption" or (assumes(prose) and not awaits)

    def _assume(self, part: Sentence) -> None:
        stated = assumption(self.state, part, self.source)
        self.found.append(stated)
        self.assumed = stated.condition if isinstance(stated, Assumption) else None

    def _is_equal_if(self, part: Sentence, prose: str) -> bool:
        """Whether an equality is a condition, as in "if $y = r$"."""
        if len(part.relations) != 1 or part.relations[0].sign != "=" or part.where:
            return False
        if not ends_with_if(prose):
            return False
        return isinstance(assumption(self.state, part, self.source), Assumption)

    def _value(self, part: Sentence, prose: str, after: str) -> None:
        """x = 0 in the text: an assumption, a place that it speaks of, or a claim about z or C."""
        case = self.under.awaits
        if self._assumes(prose):
            self._assume(part)
            return
        given = is_given(self.state, part)
        spoken = ends_with_condition_word(prose) or ends_with_place_word(prose)
        opens = bool(case) and (given or self._is_of_kind(part, "z"))
        if case == "item" and not after.lstrip(" *_)").startswith((":", ",", "—", "–")):
            opens = opens and ends_with_if(prose)
        if opens or ends_with_condition_word(prose) or ends_with_at(prose):
            zero = part.sides[-1][-1].text == "0"
            self._comparison_of_value(part, prose, opens=opens)
            self.said = prose if given or zero else ""
            return
        if spoken or given:
            self._speak_of(part, numbers=not spoken)
            return
        self._claim(part, after)

    def _comparison_of_value(self, part: Sentence, prose: str, *, opens: bool) -> None:
        stated = assumption(self.state, part, self.source)
        condition = stated.condition if isinstance(stated, Assumption) else None
        follows = self._follows_claim(prose)
        if follows:
            self._put_under(condition)
        elif opens:
            self.under = self.under.opening(condition)
        else:
            self._state(condition, prose)
        self._speak_of(part, numbers=False)

    def _speak_of(self, part: Sentence, *, numbers: bool) -> None:
        start, end = part.tokens[0].start, part.tokens[-1].end
        place, words = self.source.place(start, end), self.source.words(start, end)
        self.found.append(Outside(place, words, _SPOKEN_OF))
        zero = [token.text for token in part.sides[-1] if token.kind != "quad"] == ["0"]
        told = self.state.numbers or (numbers and not zero)
        self.state = replace(self.state, numbers=told)

    def _is_of_kind(self, part: Sentence, kind: str) -> bool:
        scope = Scope(self.state.lexicon, free=index_letters(part.tokens))
        try:
            value = read_side(scope, part.sides[0])
        except LatexError:
            return False
        return isinstance(value, Quantity) and value.kind == kind

    def _joined(self, part: Sentence, span: Span, length: int) -> Sentence:
        """$x$ > 0: the comparison that goes on behind the formula."""
        end = span.outer_end + length
        behind = tokenize(self.masked, span.outer_end, end, {}, self.state.lexicon.words)
        return sentences([*part.sides[0], *behind])[0]


def _denied(units: tuple[Token, ...]) -> tuple[Token, ...]:
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
    return replace(part, where=[*part.where, *parting, *units])


def _unsure(statement: Statement) -> Statement:
    """A claim whose condition was not understood."""
    return replace(statement, unsure=True) if isinstance(statement, Claim) else statement


def _under(claim: Claim, condition: Basic, state: State) -> Claim:
    """The claim with the condition that the words behind it state."""
    from derive.ascii import ascii_text

    written = ascii_text(condition, state.lexicon.network.step_at_zero)
    return replace(
        claim, where=And(claim.where, condition), read_as=f"{claim.read_as} if {written}"
    )
