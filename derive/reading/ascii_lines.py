"""Plain text with one chain of equalities a line, in the ASCII notation or nearly so."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from typing import TypeVar

from sympy import Basic, S

from derive.errors import ReadingError
from derive.meaning.sides import Sides
from derive.model.model import Model
from derive.notation.ascii.formulas import Reading, read_condition, read_with_domain
from derive.notation.ascii.printing import ascii_text
from derive.reading.counting_letters import with_our_letters
from derive.reading.latex.lexical.choices import CHOOSING, as_typed, with_numbers, with_squares
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.lexical.sentences import Sentence, sentences
from derive.reading.latex.lexical.tokens import Token, tokenize
from derive.reading.latex.naming.definitions import bare_name
from derive.reading.latex.naming.lexicon import Lexicon
from derive.reading.latex.naming.meanings import OneTensor
from derive.reading.latex.state import Source, State
from derive.reading.latex.statements import assumption, read_sentence
from derive.reading.prose.words import is_among_words
from derive.reading.statements import (
    UNREAD,
    Assumption,
    Claim,
    Doubt,
    NotUnderstood,
    Outside,
    Place,
    ShapesDisagree,
    Statement,
)

Found = TypeVar("Found")

MAXIMAL_LINE = 20_000
MAXIMAL_STATEMENTS = 20_000
_LINE = re.compile(r"[^\n]*\n|[^\n]+\Z")
_EQUALS = re.compile(r"(?<![<>=!:])={1,2}(?![=])|:=")
_ASSUME = re.compile(
    r"\s*(?:also\s+)?(?:assume|assuming|suppose|let)\b(?:\s+that)?\s*:?\s*", re.IGNORECASE
)
#: "x, W0 > 0": names that share a comparison with a number.
_SHARED_COMPARISON = re.compile(
    r"(?P<names>[A-Za-z]\w*(?:\s*,\s*[A-Za-z]\w*)+)\s*(?P<rest>[<>]=?\s*-?\d+(?:\.\d+)?)"
)
_CONDITION = re.compile(r"[,\s]\s*(?:if|when|for|whenever|provided)\b\s*", re.IGNORECASE)
#: Signs of word processors for which ASCII has one of the same length.
_SIGNS = str.maketrans("∂−–·⋅×", "d--***")
_NUMBERED = re.compile(r"[A-Za-z]\d{1,2}")


def read_lines(text: str, state: State, place: Callable[[int, int], Place]) -> Iterator[Statement]:
    """The statements of each line; blank lines, # comments and prose say nothing."""
    source = Source(text, place)
    count = 0
    for match in _LINE.finditer(text):
        if count >= MAXIMAL_STATEMENTS:
            message = (
                f"a document is read up to its statement {count}; split it to have the rest read"
            )
            yield NotUnderstood(place(match.start(), match.end()), "", message)
            return
        line = match.group().split("#")[0].rstrip()
        start = match.start() + len(line) - len(line.lstrip())
        content = line.strip().translate(_SIGNS)
        if not content or content.startswith("//") or content.lower().startswith("derive:"):
            continue
        if len(content) > MAXIMAL_LINE:
            message = f"a line has up to {MAXIMAL_LINE} characters, and this has {len(content)}"
            yield NotUnderstood(place(start, match.end()), content[:100], message)
            continue
        state, found = _line(state, content, start, source)
        count += len(found)
        yield from found


def read_line(
    state: State, content: str, start: int, source: Source
) -> tuple[State, list[Statement]]:
    """What a line says that stands alone, outside of a text in the ASCII notation.

    And the names as they are behind it.
    """
    return _line(state, content.translate(_SIGNS), start, source)


def _line(state: State, content: str, start: int, source: Source) -> tuple[State, list[Statement]]:
    """A line in ASCII; one that is not quite that is read like a formula in LaTeX."""
    end = start + len(content)
    assumed = _ASSUME.match(content)
    has_equals = _EQUALS.search(content) is not None
    if (
        not has_equals
        and not assumed
        and (is_among_words(content) or not re.search(r"[<>=]", content))
    ):
        return state, _alone(state, content, start, source)
    try:
        if assumed and not has_equals:
            return state, [_assumption(state, content, assumed.end(), start, source)]
        if not assumed:
            return state, list(_claims(state, content, start, source))
    except ReadingError as problem:
        after, found = _as_formula(state, start, end, source, bool(assumed))
        failed = any(isinstance(statement, NotUnderstood) for statement in found)
        if failed and not assumed and "\\" not in content:
            again = _as_typed(state, content, start, source)
            if again is not None:
                return again
            if not content.isascii() or any(isinstance(one, ShapesDisagree) for one in found):
                return after, found  # what is said of it as a formula tells more
            at = start + max(problem.column - 1, 0)
            return state, [NotUnderstood(source.place(at, end), content, problem.sentence)]
        return after, found
    return _as_formula(state, start + assumed.end() if assumed else start, end, source, False)


def _as_typed(
    state: State, content: str, start: int, source: Source
) -> tuple[State, list[Statement]] | None:
    """A line as people type it on a phone, if that is a formula; else None."""
    lexicon = _with_own_names(state.lexicon)
    state = replace(state, lexicon=lexicon)
    found: list[Statement] = []
    try:
        tokens = tokenize(source.text, start, start + len(content), {}, lexicon.words | CHOOSING)
        if any(_is_entry(*pair) for pair in pairwise(tokens)):
            return None
        names = lexicon.model.names
        for part in sentences(as_typed(with_numbers(with_squares(tokens, names), names))):
            state, said = read_sentence(state, part, source)
            found += said
    except (LatexError, RecursionError):
        return None
    return None if any(isinstance(one, NotUnderstood) for one in found) else (state, found)


def _with_own_names(lexicon: Lexicon) -> Lexicon:
    """The lexicon in which W0 and z1 stand for themselves, unless they were declared."""
    for name, (kind, layer) in lexicon.model.names.items():
        key = name, "", ""
        if _NUMBERED.fullmatch(name) and key not in lexicon.declared:
            lexicon = lexicon.bind(key, OneTensor(kind, layer))
    return lexicon


def _is_entry(name: Token, bracket: Token) -> bool:
    """Whether an index in brackets stands here, z1[0], which no formula in LaTeX has."""
    stuck = name.kind in ("name", "number") and name.end == bracket.start
    return stuck and bracket.is_sign("[") and name.text not in ("1", "I")


def _as_formula(
    state: State, start: int, end: int, source: Source, assumed: bool
) -> tuple[State, list[Statement]]:
    try:
        if assumed:
            match = _ASSUME.match(source.text, start, end)
            start = match.end() if match else start
        parts = sentences(tokenize(source.text, start, end, {}, state.lexicon.words))
    except (LatexError, RecursionError) as problem:
        words = source.words(start, end)
        return state, [NotUnderstood(source.place(start, end), words, str(problem))]
    found: list[Statement] = []
    names: list[Token] = []
    for part in parts:
        if assumed and part.is_condition:
            found.append(assumption(state, _listed(names, part), source))
            names = []
            if isinstance(found[-1], NotUnderstood):
                found.append(Doubt(found[-1].place, found[-1].source, UNREAD))
        elif assumed and not part.relations and bare_name(part.sides[0]):
            names += [*part.sides[0], Token("sign", ",", part.sides[0][-1].end, end)]
        else:
            state, statements = read_sentence(state, part, source)
            found += statements
    if assumed and (names or not any(isinstance(one, Assumption | Doubt) for one in found)):
        found.append(Doubt(source.place(start, end), source.words(start, end), UNREAD))
    return state, found


def _listed(names: list[Token], part: Sentence) -> Sentence:
    """w, x > 0: the comparison with the names before it that share it."""
    return replace(part, sides=((*names, *part.sides[0]), *part.sides[1:]))


def _assumption(state: State, content: str, offset: int, start: int, source: Source) -> Assumption:
    network = _network(state)
    found = read_condition(_each_compared(content[offset:].rstrip(" .")), network)
    place = source.place(start + offset, start + len(content))
    return Assumption(place, content[offset:], found, ascii_text(found, network.step_at_zero))


def _each_compared(words: str) -> str:
    """x > 0 and W0 > 0 for "x, W0 > 0"."""
    return _SHARED_COMPARISON.sub(
        lambda found: " and ".join(
            f"{name.strip()} {found['rest'].strip()}" for name in found["names"].split(",")
        ),
        words,
    )


def _claims(state: State, content: str, start: int, source: Source) -> Iterator[Statement]:
    """Each equality of a chain a = b = c, with the condition at its end."""
    network = _network(state)
    where: Basic = S.true
    own = content.rstrip(" .;,")
    body, names = with_our_letters(own, network)
    stated = _CONDITION.search(body)
    outside_cases = stated is not None and body.count("(", 0, stated.start()) == body.count(
        ")", 0, stated.start()
    )
    if stated is not None and outside_cases:
        where = _at(stated.end(), lambda: read_condition(body[stated.end() :], network))
        body = body[: stated.start()]
    pieces = _cut(body)
    if len(pieces) < 2:
        raise ReadingError(1, "the line has no = outside of brackets")
    readings: list[Reading] = []
    for begin, end in pieces:
        readings.append(_at(begin, lambda a=begin, b=end: _side(body[a:b], state)))
    sides = [reading.value for reading in readings]
    written = [ascii_text(side, network.step_at_zero) for side in sides]
    condition = "" if where == S.true else f" if {ascii_text(where, network.step_at_zero)}"
    for n in range(len(sides) - 1):
        begin, stop = (pieces[0][0] if n == 0 else pieces[n][1]), pieces[n + 1][1]
        yield Claim(
            source.place(start + begin, start + stop),
            own[begin:stop].strip(),
            Sides.read(sides[n], sides[n + 1], readings[n : n + 2]),
            f"{written[n]} = {written[n + 1]}{condition}",
            continues=n > 0,
            where=where,
            left_source=own[slice(*pieces[n])].strip(),
            right_source=own[slice(*pieces[n + 1])].strip(),
            named=lambda: names,
        )


def _side(text: str, state: State) -> Reading:
    if not text.strip():
        raise ReadingError(1, "nothing stands on one side of this equality")
    return read_with_domain(text, _network(state))


def _network(state: State) -> Model:
    return state.lexicon.model


def _at(offset: int, work: Callable[[], Found]) -> Found:
    """The result, an error told with its column in the whole line."""
    try:
        return work()
    except ReadingError as problem:
        raise ReadingError(problem.column + offset, problem.sentence) from None


def _cut(body: str) -> list[tuple[int, int]]:
    """Where the sides of a chain stand; an = inside brackets is a condition."""
    found: list[tuple[int, int]] = []
    begin = depth = position = 0
    while position < len(body):
        character = body[position]
        depth += (character in "([{") - (character in ")]}")
        match = _EQUALS.match(body, position) if depth == 0 else None
        if match is not None:
            found.append((begin, position))
            begin = position = match.end()
        else:
            position += 1
    return [*found, (begin, len(body))]


def _alone(state: State, content: str, start: int, source: Source) -> list[Statement]:
    """A line without an equality: a formula on its own, or prose, which is left alone."""
    try:
        _side(content, state)
    except ReadingError:
        return []
    place = source.place(start, start + len(content))
    return [Outside(place, content, "a formula on its own states no equality")]
