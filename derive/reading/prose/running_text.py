"""Formulas with the words between them: what they claim, assume, and stand under."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from sympy import And, Basic, Not, Or, S

from derive.algebra.quantities import Quantity
from derive.reading.latex.chains import read_side
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.lexical.raw import Macro, macros_in
from derive.reading.latex.lexical.sentences import (
    Sentence,
    compares_letters,
    sentences,
    sentences_in,
)
from derive.reading.latex.lexical.tokens import Token, tokenize
from derive.reading.latex.named_in_words import without_name_in_words
from derive.reading.latex.naming.definitions import bare_name, function_head
from derive.reading.latex.naming.scope import FormulaScope, index_letters
from derive.reading.latex.state import Source, State
from derive.reading.latex.statements import (
    assumption,
    assumption_of,
    read_sentence,
    value_given,
)
from derive.reading.latex.unjudged import ends_in_number, is_given, is_value
from derive.reading.prose.hypotheses import (
    SOLVED,
    SUPPOSED,
    ends_paragraph,
    leaves_open,
    letters_of_their_own,
    replaces_function,
    without_zero,
)
from derive.reading.prose.leftovers import (
    conditions_before,
    conditions_behind,
    parts_assumed,
    parts_joined,
    parts_stated,
)
from derive.reading.prose.read_before import ReadBefore
from derive.reading.prose.roles import (
    CLAIMED,
    COMPARED,
    LONE,
    Role,
    assumed_in_words,
    denies_assuming,
    follows_claim,
    is_condition,
    role,
)
from derive.reading.prose.surroundings import Condition, Surroundings, denied
from derive.reading.prose.worded import condition_in_words
from derive.reading.prose.words import (
    adds_a_condition,
    comparison_after,
    ends_with_at,
    ends_with_if,
    ends_with_place_word,
    ends_with_where,
    goes_on,
    is_joining,
    is_otherwise,
    sentences_of,
    speaks_of_all,
    speaks_of_others,
)
from derive.reading.spans import Span, spans_of
from derive.reading.statements import (
    UNREAD,
    Assumption,
    Claim,
    Doubt,
    NotUnderstood,
    Outside,
    Place,
    Statement,
)

MAXIMAL_STATEMENTS = 20_000
MAXIMAL_FORMULAS = 30_000
#: So many characters before a formula are looked at for what its sentence says.
_LONGEST_SENTENCE = 600

_GAP = re.compile(r"\n(?:[ \t]*\n){2,}")
SPOKEN_OF = "a value that the text speaks of, not an equality that follows from the network"
_NOT_ASSUMED = "the text says that it does not assume this"
_OF_OTHERS = "this is how others write it, whose names may mean something else"
_UNREAD_CONDITION = "its condition was not understood"
_PERHAPS = "a comparison, which is not judged; whether it is assumed here is not certain"


def read_running_text(
    masked: str, text: str, state: State, place: Callable[[int, int], Place]
) -> tuple[State, list[Statement]]:
    """The formulas of a text whose code and comments are blank."""
    masked = _GAP.sub(_closed, masked)
    reading = _RunningText(masked, Source(text, place), state)
    macros = (*macros_in(text).items(),)
    for number, span in enumerate(spans_of(masked)):
        if len(reading.found) >= MAXIMAL_STATEMENTS or number >= MAXIMAL_FORMULAS:
            message = (
                f"a document is read up to its formula {number}; split it to have the rest read"
            )
            reading.found.append(NotUnderstood(place(span.start, span.end), "", message))
            break
        reading.take(span, macros)
    else:
        # A text without a formula says nothing that is judged.
        if reading.before:
            reading.hear(f"{masked[reading.before :]}. ", len(masked))
    return reading.state, reading.found


def _closed(gap: re.Match[str]) -> str:
    """One blank line for many, as where other parts are left out; the rest stays in its place."""
    return "\n" + " " * (len(gap[0]) - 2) + "\n"


@dataclass
class _RunningText:
    """What has been read so far, and what holds where the reading stands.

    Attributes:
        before: where the formula before ends.
        under: the conditions that hold here.
        words: those of this sentence so far, each formula in it as one sign.
        heard: how many of them have been looked through for assumptions in words alone.
        begun: the number of the first statement of this sentence.
        since: where in the text this sentence begins.
        listed: names that wait for the comparison that they share, as w_1 in "w_1, w_2 > 0".
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
    words: str = ""
    heard: int = 0
    begun: int = 0
    since: int = 0
    listed: tuple[Token, ...] = ()
    units: tuple[Token, ...] = ()
    assumed: Basic | None = None
    claimed: tuple[State, Sentence, int] | None = None
    read_before: ReadBefore = field(default_factory=ReadBefore)

    def take(self, span: Span, macros: tuple[tuple[str, Macro], ...]) -> None:
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
            words_known = self.state.lexicon.words
            found = sentences_in(self.masked, span.start, span.end, macros, words_known)
            parts = _joined_bounds(found)
        except (LatexError, RecursionError) as problem:
            at = problem.at if isinstance(problem, LatexError) else span.start
            self.found.append(NotUnderstood(place(at, span.end), words, str(problem)))
            return
        was = self.under.sentence
        self._forget(prose)
        self.hear(prose, span.outer_start)
        self.under = self.under.after(prose)
        if is_otherwise(prose):
            self.units = _denied(self.units)
        elif self.under.sentence != was or "." in prose:
            self.units = ()
        if speaks_of_all(prose + self.masked[span.start : span.end]):
            self.units = ()
        self._deny(span, prose)
        for part in parts:
            self._part(part, prose, after, span)
            prose = ", "
            self.words += prose
        self.words = self.words.removesuffix(", ")
        if span.display and self.masked[span.start : span.end].rstrip().endswith("."):
            # The point inside of a display ends the sentence as one behind it would.
            self.under = replace(self.under, sentence=S.true)
            self.units = ()
            self.hear(". ", span.outer_end)

    # -- words ---------------------------------------------------------------------------

    def _forget(self, prose: str) -> None:
        """A chain does not go on in another sentence, nor other mathematics in a new paragraph."""
        if len(sentences_of(prose)) > 1 and re.search("[A-Za-z]{2}", prose):
            self.state = replace(self.state, last={})
        if self.state.foreign and ends_paragraph(prose):
            self.state = replace(self.state, foreign=frozenset())

    def hear(self, prose: str, at: int) -> None:
        """The words up to a place; those of sentences that end in them are looked through."""
        before = self.words[-_LONGEST_SENTENCE:]
        *ended, last = sentences_of(before + prose, len(before))
        left = sum(map(len, ended)) + len(last)
        for whole in ended:
            sentence = whole[-_LONGEST_SENTENCE:]
            self._assumed_in_words(sentence)
            for part, unless in conditions_behind(sentence):
                self._worded_behind(part, unless)
            left -= len(whole)
            self.heard, self.begun, self.since = 0, len(self.found), at - left
            self.listed = ()
        self.words = last[-_LONGEST_SENTENCE:]

    def _here(self) -> Place:
        """Where this sentence begins."""
        end = len(self.masked)
        start = min(self.since, end)
        while start < end and self.masked[start] in " \t\n#*>":
            start += 1
        return self.source.place(start, start)

    def _assumed_in_words(self, sentence: str) -> None:
        """What a sentence assumes, or states and may assume, in words alone."""
        for part in parts_assumed(sentence, self.heard):
            condition = condition_in_words(self.state.lexicon.model, part)
            if condition is None:
                self.found.append(Doubt(self._here(), part, UNREAD))
            else:
                self.found.append(assumption_of(self.state, condition, self._here(), part))
        if assumed_in_words(sentence) is None and self.under.condition == S.true:
            for part in parts_stated(sentence[self.heard :]):
                condition = condition_in_words(self.state.lexicon.model, part)
                if condition is not None:
                    self.found.append(Doubt(self._here(), part, _PERHAPS, condition))
        self.heard = len(sentence)

    def _worded_before(self) -> tuple[Doubt, ...]:
        """Take the conditions in words before an equality; what was not understood of them."""
        unread: list[Doubt] = []
        network = self.state.lexicon.model
        self._assumed_in_words(self.words)
        joined = ((part, False) for part in parts_joined(self.words))
        for part, unless in (*conditions_before(self.words), *joined):
            condition = condition_in_words(network, part)
            if condition is None:
                unread.append(Doubt(self._here(), part, UNREAD))
            else:
                self.under = self.under.stating(Not(condition) if unless else condition)
        if self.under.perhaps != S.true:
            said = "the condition of the sentence before"
            unread.append(Doubt(self._here(), said, _PERHAPS, self.under.perhaps))
        return tuple(unread)

    def _worded_behind(self, part: str, unless: bool) -> None:
        condition = condition_in_words(self.state.lexicon.model, part)
        if condition is None:
            self._doubt_claims(Doubt(self._here(), part, UNREAD))
        elif self.found and isinstance(self.found[-1], Claim):
            self._put_under(Not(condition) if unless else condition)

    def _doubt_claims(self, doubt: Doubt) -> None:
        """What may hold for the equalities that this sentence has stated so far."""
        for position in range(self.begun, len(self.found)):
            claim = self.found[position]
            if isinstance(claim, Claim):
                self.found[position] = replace(claim, doubts=(*claim.doubts, doubt))

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
        if part.is_condition and part.continued and self.listed:
            part = replace(part, sides=(self.listed, *part.sides[1:]))
            self.listed = ()
        if part.is_condition or compares_letters(part):
            part = self._with_listed(part, prose)
            self._comparison(part, prose, after)
            self.words += COMPARED
            return
        if not part.relations:
            length, worded = comparison_after(after)
            if worded:
                whole = self._with_listed(self._joined(part, span, worded), prose)
                if self.under.awaits or role(self.words) is not Role.OPEN:
                    self.before = span.outer_end + length
                    self._comparison(whole, prose, after[length:])
                    self.words += COMPARED
                    return
            if self._is_behind_list(part, prose, span):
                self._leave_unread(part)
            self._wait(part, prose)
        elif part.relations[0].token.is_command("in") and _bounds(part):
            self._leave_unread(part)
        if is_value(part):
            if not span.display or ends_with_place_word(self._spoken(part, prose)):
                self._value(part, prose, after)
                return
            if self._is_beside_others(part, span) and is_given(self.state, part):
                self._speak_of(part, numbers=True)
                return
        if self._is_equal_if(part, prose):
            self._comparison(part, prose, after)
            self.words += COMPARED
            return
        if len(part.relations) == 1 and ends_in_number(part) and ends_with_where(prose):
            self._speak_of(part, numbers=False)
            self.words += COMPARED
            return
        shorter = without_zero(part, self.words, after)
        if shorter is not None:
            self._mention(part, Outside, SOLVED)
            part = shorter
            if not part.relations:
                return
        if self._is_supposed(part):
            self._mention(part, Outside, SUPPOSED)
            self.words += CLAIMED
            return
        self._state_equality(part, after)

    def _is_beside_others(self, part: Sentence, span: Span) -> bool:
        """Whether a display has further equalities, as one that lists the numbers of an example."""
        start, end = part.tokens[0].start, part.tokens[-1].end
        text = self.source.text
        return "=" in text[span.start : start] + text[end : span.end]

    def _is_supposed(self, part: Sentence) -> bool:
        """Whether an equality is only supposed; its letters are then no quantities here."""
        if replaces_function(self.state, part, self.words):
            return True
        letters = letters_of_their_own(self.state, part, self.words)
        if letters is not None:
            self.state = replace(self.state, foreign=self.state.foreign | letters)
        return letters is not None

    def _state_equality(self, part: Sentence, after: str) -> None:
        """An equality, or a formula without one, under the conditions in words before it."""
        if part.continued:
            part = without_name_in_words(part, self.masked[: part.tokens[0].start][-80:])
        doubts = self._worded_before() if part.relations else ()
        first = len(self.found)
        self._claim(part, after)
        for position in range(first, len(self.found)):
            claim = self.found[position]
            if doubts and isinstance(claim, Claim):
                claim = replace(claim, doubts=doubts)
            if isinstance(claim, Claim) and not claim.unsure and speaks_of_others(self.words):
                claim = replace(claim, unsure=_OF_OTHERS)
            self.found[position] = claim
        if self._not_understood() and is_condition(self.words):
            self.under = self.under.stating(None)
        self.words += CLAIMED if part.relations else LONE

    def _is_behind_list(self, part: Sentence, prose: str, span: Span) -> bool:
        """Whether a name stands behind a comparison in one formula: 0 < w_1, w_2."""
        name = part.sides[0][:1]
        within = prose == ", " and bool(name) and name[0].start > span.start
        return within and self.words.rstrip(", ").endswith(COMPARED)

    def _leave_unread(self, part: Sentence) -> None:
        """Of something assumed or stated as a condition, nothing can be made."""
        spoken = role(self.words)
        if spoken is Role.CONDITION:
            self.under = self.under.stating(None)
        elif spoken is Role.ASSUMED:
            self._mention(part, Doubt, UNREAD)

    def _spoken(self, part: Sentence, prose: str) -> str:
        """The words before a value: those before the list in which it stands, if it is given."""
        listed = goes_on(prose) and is_given(self.state, part)
        return self.words.rstrip(f" ,and{COMPARED}") if listed else prose

    def _wait(self, part: Sentence, prose: str) -> None:
        """Keep a name on its own: the comparison behind it may be about it too."""
        tokens = tuple(part.sides[0])
        if bare_name(tokens) is None or not tokens:
            self.listed = ()
        else:
            comma = Token("sign", ",", tokens[0].start, tokens[0].start)
            self.listed = (*self.listed, comma, *tokens) if goes_on(prose) else tokens

    def _with_listed(self, part: Sentence, prose: str) -> Sentence:
        """The comparison with the names that a list has before it: w_1, w_2 > 0."""
        listed, self.listed = self.listed, ()
        if not listed or not goes_on(prose) or compares_letters(part):
            return part
        first = part.sides[0]
        if not first:
            return part
        comma = Token("sign", ",", first[0].start, first[0].start)
        return replace(part, sides=((*listed, comma, *first), *part.sides[1:]))

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
        self.state, statements = self.read_before.read(
            self.state,
            part,
            self.source,
            given,
            lambda: read_sentence(self.state, part, self.source, given),
        )
        self.found += statements if condition is not None else map(_unsure, statements)

    def _not_understood(self) -> bool:
        start = self.claimed[2] if self.claimed else 0
        told = self.found[start:]
        return bool(told) and all(isinstance(one, NotUnderstood) for one in told)

    # -- conditions --------------------------------------------------------------------------

    def _comparison(self, part: Sentence, prose: str, after: str = "") -> None:
        """An assumption, the condition of a claim beside it, or nothing to judge."""
        case = self.under.awaits
        spoken = role(self.words, after)
        if case == "assumption" or (spoken is Role.ASSUMED and not case):
            self._assume(part)
            return
        if spoken is Role.NOT_ASSUMED:
            self._mention(part, Outside, _NOT_ASSUMED)
            return
        follows = self._follows_claim(self.words, after)
        stated = spoken in (Role.CONDITION, Role.DENIED) or ends_with_at(self.words)
        if compares_letters(part):
            if case or follows or stated:
                self._letters(part, follows)
            else:
                self._claim(part)
            return
        if not (case or stated):
            self._doubt(part)
            return
        self._hold(part, self.words, spoken, prose, follows=follows, opens=bool(case))

    def _hold(
        self, part: Sentence, words: str, spoken: Role, prose: str, *, follows: bool, opens: bool
    ) -> None:
        """Let a condition hold for its claim, its item or case, or the rest of its sentence."""
        stated = assumption(self.state, part, self.source)
        condition = stated.condition if isinstance(stated, Assumption) else None
        if condition is not None and spoken is Role.DENIED:
            condition = Not(condition)
        if opens and spoken is Role.OPEN and denies_assuming(words):
            condition = None
        if opens:
            self.under = self.under.opening(condition)
        elif follows:
            self._put_under(condition)
            self.under = self.under.with_alternative(condition)
        else:
            self._state(condition, prose)
        if condition is None and not is_value(part):
            self.found += read_sentence(self.state, part, self.source)[1]

    def _doubt(self, part: Sentence) -> None:
        """A comparison of which nothing tells whether it is assumed."""
        stated = assumption(self.state, part, self.source)
        if not isinstance(stated, Assumption):
            self._claim(part)
            return
        doubt = Doubt(stated.place, stated.source, _PERHAPS, stated.condition)
        self._doubt_claims(doubt)
        if (here := self.under.condition) not in (None, S.true):
            doubt = replace(doubt, condition=Or(Not(here), stated.condition))
        self.found.append(doubt)

    def _mention(self, part: Sentence, kind: type[Outside], reason: str) -> None:
        start, end = part.tokens[0].start, part.tokens[-1].end
        self.found.append(
            kind(self.source.place(start, end), self.source.words(start, end), reason)
        )

    def _state(self, condition: Condition, prose: str) -> None:
        """A condition of this sentence: after a claim, in place of that of the claim."""
        told = bool(self.found) and isinstance(self.found[-1], Claim)
        under = self.under.restarted() if told and not adds_a_condition(prose) else self.under
        self.under = under.stating(condition)

    def _follows_claim(self, words: str, after: str) -> bool:
        """Whether a condition is that of the equality before it, and not of one behind it."""
        leads = after.lstrip().lstrip(",").lstrip().lower().startswith("then")
        told = bool(self.found) and isinstance(self.found[-1], Claim)
        return told and not leads and follows_claim(words)

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

    def _assume(self, part: Sentence) -> None:
        if function_head(self.state.lexicon, part.sides[0]) is not None:
            # "Suppose f(z) = z": another function than the network has, and no fact about z.
            self._mention(part, Doubt, UNREAD)
            return
        stated = assumption(self.state, part, self.source)
        self.found.append(stated)
        self.assumed = stated.condition if isinstance(stated, Assumption) else None
        if self.assumed is None:
            self.found.append(Doubt(stated.place, stated.source, UNREAD))

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
        given = is_given(self.state, part)
        words = self.words
        spoken = role(words, after, listed=given)
        opens = bool(case) and (given or self._is_of_kind(part, "z"))
        if case == "item" and not after.lstrip(" *_)").startswith((":", ",", "—", "–")):
            opens = opens and ends_with_if(prose)
        named = ends_with_place_word(self._spoken(part, prose)) or is_condition(words)
        named = named or (not given and self._tells_a_place(prose))
        self.words += COMPARED
        if case == "assumption" or (spoken is Role.ASSUMED and not case):
            self._assume(part)
        elif spoken is Role.NOT_ASSUMED:
            self._mention(part, Outside, _NOT_ASSUMED)
        elif opens or spoken in (Role.CONDITION, Role.DENIED) or ends_with_at(words):
            follows = self._follows_claim(words, after)
            self._hold(part, words, spoken, prose, follows=follows, opens=opens)
            self._speak_of(part, numbers=False)
        elif denies_assuming(words):
            self._doubt(part)
        elif leaves_open(after):
            self._speak_of(part, numbers=False)
        elif named or given:
            self._speak_of(part, numbers=not named)
        else:
            self.words = words
            self._state_equality(part, after)

    def _tells_a_place(self, prose: str) -> bool:
        """Whether x = 0 follows "where", or goes on such places: "where x = 0 and y = 0"."""
        last = self.found[-1] if self.found else None
        spoken = isinstance(last, Outside) and last.reason == SPOKEN_OF
        return ends_with_where(prose) or (spoken and is_joining(prose))

    def _speak_of(self, part: Sentence, *, numbers: bool) -> None:
        start, end = part.tokens[0].start, part.tokens[-1].end
        place, words = self.source.place(start, end), self.source.words(start, end)
        self.found.append(Outside(place, words, SPOKEN_OF))
        zero = [token.text for token in part.sides[-1] if token.kind != "quad"] == ["0"]
        told = self.state.numbers or (numbers and not zero)
        values = value_given(self.state, part) if numbers else self.state.values
        self.state = replace(self.state, numbers=told, values=values)

    def _is_of_kind(self, part: Sentence, kind: str) -> bool:
        scope = FormulaScope(
            self.state.lexicon, free=index_letters(part.tokens, self.state.lexicon.model)
        )
        try:
            value = read_side(scope, part.sides[0])
        except LatexError:
            return False
        return isinstance(value, Quantity) and value.kind == kind

    def _joined(self, part: Sentence, span: Span, worded: str) -> Sentence:
        """$x$ > 0, "$x$ is positive": the comparison that goes on behind the formula."""
        behind = tokenize(worded, 0, len(worded), {}, self.state.lexicon.words)
        placed = [token._replace(start=span.end, end=span.end) for token in behind]
        return sentences([*part.sides[0], *placed])[0]


def _bounds(part: Sentence) -> bool:
    r"""Whether x \in (0, 1) or \mathbb{R}_+ says more than how many numbers x has."""
    return any(t.is_sign("+", ">", "[", "(") or t.is_command("{") for t in part.sides[-1])


def _joined_bounds(parts: Sequence[Sentence]) -> list[Sentence]:
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
    return replace(part, where=(*part.where, *parting, *units))


def _unsure(statement: Statement) -> Statement:
    """A claim whose condition was not understood."""
    return (
        replace(statement, unsure=_UNREAD_CONDITION) if isinstance(statement, Claim) else statement
    )


def _under(claim: Claim, condition: Basic, state: State) -> Claim:
    """The claim with the condition that the words behind it state."""
    from derive.notation.ascii.printing import ascii_text

    written = ascii_text(condition, state.lexicon.model.step_at_zero)
    return replace(
        claim, where=And(claim.where, condition), read_as=f"{claim.read_as} if {written}"
    )
