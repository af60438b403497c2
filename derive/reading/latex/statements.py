"""The statements of a formula: claims, definitions, what is outside, what was not understood."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from sympy import And, Basic, Equality, S

from derive.meaning.sides import Sides
from derive.notation.ascii.printing import ascii_text
from derive.reading.latex.assignments import counts, updates
from derive.reading.latex.bare_functions import with_arguments
from derive.reading.latex.chains import Layers, Understood, understand
from derive.reading.latex.decimals import (
    decimals,
    is_rounded_on_the_way,
    is_value_of_example,
    is_worked_out,
    rounds_to,
)
from derive.reading.latex.indexed_values import with_indices_at_names
from derive.reading.latex.lexical.problems import (
    LatexError,
    MissingQuantityError,
    ShapesError,
)
from derive.reading.latex.lexical.sentences import Relation, Sentence, compares_letters
from derive.reading.latex.meaning.conditions import condition
from derive.reading.latex.meaning.formulas import reader_under
from derive.reading.latex.meaning.unit_conditions import at_units
from derive.reading.latex.naming.introductions import (
    with_convention_named,
    with_definition,
    without_variable,
)
from derive.reading.latex.naming.lexicon import Lexicon
from derive.reading.latex.naming.scope import FormulaScope, index_letters, letters_of
from derive.reading.latex.naming.written_names import own_names
from derive.reading.latex.samples import for_one_sample
from derive.reading.latex.state import Source, State
from derive.reading.latex.syntax.parsed_sentence import ParsedSentence, parsed_sentence
from derive.reading.latex.syntax.parsing import parsed_condition
from derive.reading.latex.turning import turnable
from derive.reading.latex.unjudged import (
    averages,
    explains_operator,
    introduced,
    is_convention,
    lists_numbers,
    lone,
    names_entries,
    outside,
    reason,
    says_in_words,
    says_of_what,
    shows_form,
    tells_sizes,
)
from derive.reading.own_names import OwnNames
from derive.reading.statements import (
    Assumption,
    Claim,
    MissingQuantity,
    NotUnderstood,
    Outside,
    Place,
    Remedy,
    ShapesDisagree,
    Statement,
    Turn,
)

_ELSEWHERE = "letters that the text uses here for something else than the network"
_COUNTED = "which layers or units are meant"
_CONVENTION = "the value of a step at its kink is a convention"
_AVERAGE = "an average over a distribution"
_ROUNDED = "a number calculated from others that are rounded"
CALCULATED = "a value at the numbers that the text gives, which are not put in"


def read_sentence(
    state: State, sentence: Sentence, source: Source, given: Basic = S.true
) -> tuple[State, list[Statement]]:
    """What a sentence says, and the state of the document after it.

    Args:
        given: a condition that the words around the formula state.
    """
    if not sentence.relations:
        return state, lone(sentence, source)
    aside = _aside(state, sentence)
    if aside is not None:
        after, why = aside
        return after, [outside(sentence, source, why)]
    parsed = for_one_sample(state.lexicon, parsed_sentence(sentence))
    parsed = with_arguments(state.lexicon, with_indices_at_names(parsed, state.lexicon.is_tensor))
    before = source.text[: sentence.tokens[0].start]
    lexicon, defines = with_definition(state.lexicon, parsed, before[-80:])
    readings = understand(lexicon, parsed, state.last)
    given = And(given, state.where) if sentence.continued else given
    found: list[Statement] = []
    for reading in readings:
        for statement in _links(reading, parsed, source, given, state.lexicon, defines):
            told = _calculated(statement, state.values) if state.numbers else statement
            if told not in found:
                found.append(told)
    last = {reading.layers: reading.last for reading in readings}
    where = readings[0].where if readings else S.true
    if isinstance(where, LatexError):
        where = S.true
    kept = without_variable(state.lexicon, lexicon, parsed)
    return replace(state, lexicon=kept, last=last, where=And(given, where)), found


def _aside(state: State, sentence: Sentence) -> tuple[State, Relation] | None:
    """Why a sentence with a relation is not judged, and the state after it; None if it is."""
    sign = sentence.relations[0]
    if any(token.text in state.foreign for token in sentence.tokens if token.kind == "name"):
        return state, Relation(_ELSEWHERE, sign.token)
    if is_convention(state, sentence):
        named = with_convention_named(state.lexicon, sentence)
        return replace(state, lexicon=named), Relation(_CONVENTION, sign.token)
    if explains_operator(state, sentence):
        return state, Relation("what an operator means", sign.token)
    if not any(relation.sign == "=" for relation in sentence.relations):
        return state, sign
    known = {name for name, _, _ in state.lexicon.declared}
    if counts(sentence, known):
        return state, Relation(_COUNTED, sign.token)
    if updates(sentence, known):
        return state, Relation("an assignment of a new value", sign.token)
    if shows_form(sentence):
        return state, Relation("a matrix with dots, which shows its form", sign.token)
    if lists_numbers(sentence):
        return state, Relation("the numbers of an example", sign.token)
    if says_in_words(sentence):
        return state, Relation("what one side says in words", sign.token)
    if tells_sizes(sentence):
        return state, Relation("which sizes go together", sign.token)
    if says_of_what(state, sentence):
        return state, Relation("what it depends on", sign.token)
    notation = names_entries(sentence)
    if notation:
        return state, Relation(notation, sign.token)
    if averages(state, sentence):
        name = introduced(state, sentence)
        names = state.averages if name is None else state.averages | {name}
        return replace(state, averages=names), Relation(_AVERAGE, sign.token)
    return None


def _calculated(statement: Statement, values: Sequence[Basic]) -> Statement:
    """What a quantity is at the numbers of the text: judged at these where they are known."""
    if not isinstance(statement, Claim) or statement.where != S.true:
        return statement
    if not statement.right.is_number or statement.left.is_number:
        return statement
    if values:
        return replace(statement, where=And(*values), calculated=True)
    return Outside(statement.place, statement.source, CALCULATED)


def value_given(state: State, sentence: Sentence) -> tuple[Basic, ...]:
    """The numbers of an example when a further one is given; the last of a quantity stands."""
    try:
        found = read_condition_sentence(state, sentence)
    except (ValueError, TypeError, RecursionError):
        return state.values
    if not isinstance(found, Equality):
        return state.values
    kept = [one for one in state.values if isinstance(one, Equality) and one.lhs != found.lhs]
    return (*kept, found)


def read_condition_sentence(state: State, sentence: Sentence) -> Basic:
    """The condition that a sentence such as x > 0 states.

    Raises:
        LatexError: when it cannot be read.
    """
    tokens = [*sentence.tokens, *sentence.where]
    scope = FormulaScope(state.lexicon, free=index_letters(tokens, state.lexicon.model))
    return condition(reader_under(scope), parsed_condition((*tokens,)))


def assumption(state: State, sentence: Sentence, source: Source) -> Statement:
    """The assumption that a sentence makes, or why it cannot be read."""
    start, end = sentence.tokens[0].start, sentence.tokens[-1].end
    try:
        found = read_condition_sentence(state, sentence)
        written = ascii_text(found, state.lexicon.model.step_at_zero)
    except (ValueError, TypeError, RecursionError) as problem:
        if compares_letters(sentence) and not any(
            state.lexicon.knows(token.text) for token in sentence.tokens if token.kind == "name"
        ):
            return outside(sentence, source, Relation(_COUNTED, sentence.relations[0].token))
        at = problem.at if isinstance(problem, LatexError) else start
        return NotUnderstood(source.place(at, end), source.words(start, end), _message(problem))
    return Assumption(source.place(start, end), source.words(start, end), found, written)


def assumption_of(state: State, condition: Basic, place: Place, words: str) -> Assumption:
    """The assumption that a condition holds from here on."""
    written = ascii_text(condition, state.lexicon.model.step_at_zero)
    return Assumption(place, words, condition, written)


# -- what is said --------------------------------------------------------------------------


def _links(
    reading: Understood,
    parsed: ParsedSentence,
    source: Source,
    given: Basic,
    lexicon: Lexicon,
    defines: str | None,
) -> Iterator[Statement]:
    """One statement for each sign of the chain."""
    sentence = parsed.sentence
    told: set[int] = {0} if sentence.continued else set()
    for n, relation in enumerate(sentence.relations):
        left, right = sentence.sides[n], sentence.sides[n + 1]
        start = relation.token.start if n or not left else left[0].start
        end = max(right[-1].end if right else relation.token.end, relation.token.end)
        words = source.words(start, end)
        if relation.sign != "=":
            yield Outside(source.place(start, end), words, reason(relation))
            continue
        problem = _problem(reading, n, told)
        if problem is not None and is_worked_out(right):
            yield Outside(source.place(start, end), words, CALCULATED)
            continue
        if problem is not None:
            place = source.place(problem.at if start <= problem.at <= end else start, end)
            again = _Again(reading, n, parsed, source, given, lexicon, (start, end))
            loose = next((why for side in reading.pair(n) for why in side.loose), "")
            if isinstance(problem, ShapesError) and loose:
                yield NotUnderstood(place, words, f"{_message(problem)}; {loose}")
            elif isinstance(problem, ShapesError):
                yield ShapesDisagree(place, words, _message(problem), again.remedies)
            else:
                yield _kind(problem)(place, words, _message(problem))
            continue
        first, second = reading.pair(n)
        values = (first.value, second.value)
        if is_value_of_example(*values, right):
            yield Outside(source.place(start, end), words, CALCULATED)
            continue
        if is_rounded_on_the_way(*values, sentence.sides[reading.left(n)]):
            digits = decimals(right)
            if digits is None or not rounds_to(*values, digits):  # pyright: ignore
                yield Outside(source.place(start, end), words, _ROUNDED)
                continue
        where = And(given, reading.where)  # pyright: ignore
        try:
            yield from _claims(reading, n, parsed, source, where, lexicon, defines, start, end)
        except (TypeError, ValueError, RecursionError):
            message = "this formula is beyond what is read here"
            yield NotUnderstood(source.place(start, end), words, message)


def _claims(
    reading: Understood,
    n: int,
    parsed: ParsedSentence,
    source: Source,
    where: Basic,
    lexicon: Lexicon,
    defines: str | None,
    start: int,
    end: int,
) -> Iterator[Claim]:
    at_zero = lexicon.model.step_at_zero
    sentence = parsed.sentence
    layer = ", ".join(f"{letter} = {number}" for letter, number in reading.layers)
    named = partial(_names_in, parsed, lexicon, reading.layers)
    stated = where
    for written in reading.links[n].equations:
        where, left, right = at_units(stated, *written)
        read_as = f"{ascii_text(left, at_zero)} = {ascii_text(right, at_zero)}"
        sides = Sides.read(left, right, reading.pair(n))
        digits = decimals(sentence.sides[n + 1]) if n + 2 == len(sentence.sides) else None
        if digits is not None and rounds_to(left, right, digits):
            sides = replace(sides, left=right)
            read_as = f"{ascii_text(left, at_zero)} = {right} to {digits} digits behind the point"
        if where != S.true:
            read_as += f" if {ascii_text(where, at_zero)}"
        if parsed.for_one_sample:
            read_as += "  (for one sample)"
        if layer:
            read_as += f"  ({layer})"
        yield Claim(
            source.place(start, end),
            source.words(start, end),
            sides,
            read_as,
            continues=n > 0 or sentence.continued,
            where=where,
            defines=defines if n == 0 else None,
            left_source=source.of(sentence.sides[reading.left(n)]),
            right_source=source.of(sentence.sides[n + 1]),
            layer=layer,
            named=named,
            asked=sentence.relations[n].asked,
            unsure=next(_doubts(reading, n), ""),
            rows=reading.rows,
            fits_rows=reading.fits_rows,
        )


def _names_in(parsed: ParsedSentence, lexicon: Lexicon, layers: Layers) -> OwnNames:
    free = letters_of(parsed, lexicon.model)
    return own_names(FormulaScope(lexicon, dict(layers), free=free), parsed)


def _doubts(reading: Understood, n: int) -> Iterator[str]:
    """What else link n may mean."""
    for side in reading.pair(n):
        yield from side.doubts
    yield from reading.links[n].doubts


def _problem(reading: Understood, n: int, told: set[int]) -> LatexError | None:
    """Why link n is not understood; the same side is explained once."""
    positions = (reading.left(n), n + 1)
    for position in positions:
        side = reading.sides[position].value
        if isinstance(side, LatexError) and position not in told:
            told.add(position)
            return side
    if any(isinstance(reading.sides[position].value, LatexError) for position in positions):
        at = -1
        return LatexError(at, "one side of this equality was not understood, as said before")
    if reading.links[n].problem is not None:
        return reading.links[n].problem
    return reading.where if isinstance(reading.where, LatexError) else None


@dataclass(frozen=True)
class _Again:
    """Link n of a sentence whose shapes disagree, read with one factor turned."""

    reading: Understood
    n: int
    parsed: ParsedSentence
    source: Source
    given: Basic
    lexicon: Lexicon
    extent: tuple[int, int]

    def remedies(self) -> tuple[Remedy, ...]:
        """The equations that mean something once one factor of the right side is turned."""
        found: list[Remedy] = []
        side = self.parsed.sides[self.n + 1]
        for part, change in () if side is None else turnable(side):
            for claim in self._claim(part.start):
                words = self.source.words(part.start, part.end)
                found.append(Remedy(claim, _balanced(words), change))
        sign = self.parsed.relations[self.n].token
        found += (Remedy(claim, "", Turn.TRANSPOSED) for claim in self._claim(sign.start))
        return tuple(found)

    def _claim(self, at: int) -> list[Claim]:
        """The claim with what begins there turned, if it is one equation."""
        if self.reading.turned is None:
            return []
        other = self.reading.turned(at)
        if len(other.links) <= self.n or isinstance(other.where, LatexError):
            return []
        if len(other.links[self.n].equations) != 1:
            return []
        where = And(self.given, other.where)
        return list(
            _claims(other, self.n, self.parsed, self.source, where, self.lexicon, None,
                    *self.extent)
        )  # fmt: skip


def _balanced(words: str) -> str:
    r"""A part without the brace that only closes its decoration, as in \mathbf{W}^{(k)}."""
    depth = 0
    for n, character in enumerate(words):
        depth += (character == "{") - (character == "}")
        if depth < 0:
            return words[:n] + words[n + 1 :]
    return words


def _kind(problem: LatexError) -> type[NotUnderstood]:
    """The sort of statement that a problem makes, for those who act on it."""
    return MissingQuantity if isinstance(problem, MissingQuantityError) else NotUnderstood


def _message(problem: BaseException) -> str:
    if isinstance(problem, LatexError):
        return str(problem)
    return "this formula is beyond what is read here"
