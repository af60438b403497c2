"""A whole document as statements: its formulas found, read in order, names kept on the way."""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from sympy import Basic, S

from derive.network import Network
from derive.reading.ascii_lines import read_lines
from derive.reading.headers import header_settings
from derive.reading.latex.declarations import lexicon
from derive.reading.latex.problems import LatexError
from derive.reading.latex.raw import macros_in
from derive.reading.latex.sentences import Sentence, sentences
from derive.reading.latex.state import Source, State
from derive.reading.latex.statements import (
    assumption,
    read_condition_sentence,
    read_sentence,
)
from derive.reading.latex.tokens import tokenize
from derive.reading.latex.unjudged import is_given, is_value
from derive.reading.notation import HeaderError, Layout, Notation, with_settings
from derive.reading.notebooks import cells_of
from derive.reading.prose import (
    assumes,
    condition_after,
    ends_with_condition_word,
    ends_with_place_word,
    goes_on,
    introduces_condition,
)
from derive.reading.spans import Span, latex_masked, markdown_masked, spans_of
from derive.reading.statements import Claim, NotUnderstood, Outside, Place, Statement

MAXIMAL_STATEMENTS = 20_000
MAXIMAL_FORMULAS = 30_000

_ASCII_NAME = re.compile(r"[A-Za-z]\w*")
_ASCII_TARGET = re.compile(r"(d2?C/)?[\w\[\],]+")
_KINDS = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".mdown": "markdown",
    ".rmd": "markdown",
    ".qmd": "markdown",
    ".html": "markdown",
    ".tex": "latex",
    ".latex": "latex",
    ".ltx": "latex",
    ".ipynb": "notebook",
}


def kind_of(filename: str, text: str) -> str:
    """Which kind of document this is: markdown, latex, notebook or text.

    The ending of the name says so; of any other name, the text itself.
    """
    ending = os.path.splitext(filename)[1].lower()
    if ending in _KINDS:
        return _KINDS[ending]
    head = text[:200_000]
    if re.match(r"\s*\{", head) and '"cells"' in head:
        return "notebook"
    if "\\documentclass" in head or "\\begin{document}" in head:
        return "latex"
    if re.search(r"\$|\\\(|\\\[|\\begin\{|```", head):
        return "markdown"
    return "text"


def read_document(
    text: str,
    network: Network,
    *,
    kind: str,
    layout: Layout = Layout.SOURCE_TARGET,
    names: Mapping[str, str] | None = None,
    notation: Notation | None = None,
) -> tuple[Statement, ...]:
    r"""Everything that the mathematics of a document says, in order.

    Args:
        kind: "markdown", "latex", "text" (one equation a line in ASCII) or "notebook" (the
            JSON of an .ipynb; places are lines and columns of that file).
        layout: whether z = W^T r or z = W r, where the document does not say.
        names: what names stand for: "w_1": "W0", "H": "Step", "a": "r".
        notation: further conventions; `layout` takes precedence over its layout.

    Bounded in time on any text; what cannot be read becomes a NotUnderstood.
    """
    conventions = replace(notation or Notation(), layout=layout)
    place = _places(text)
    problems: list[Statement] = []
    for start, end, settings in header_settings(text):
        try:
            conventions = with_settings(conventions, settings)
        except HeaderError as problem:
            problems.append(NotUnderstood(place(start, end), text[start:end], str(problem)))
    try:
        words = lexicon(network, conventions, dict(names or {}))
    except LatexError as problem:
        words = lexicon(replace(network, symbols={}), replace(conventions, names={}), {})
        problems.append(NotUnderstood(place(0, 0), "", str(problem)))
    if kind == "text":
        ours = {n: target for n, target in words.spelled.items() if _in_ascii(n, target)}
        ours.setdefault("ŷ", "yhat")
        words = replace(words, network=replace(network, symbols=ours))
        return (*problems, *read_lines(text, State(words), place))
    if kind == "notebook":
        return (*problems, *_read_notebook(text, State(words), place))
    masked = latex_masked(text) if kind == "latex" else markdown_masked(text)
    state, found = _read_masked(masked, text, State(words), place)
    early = words.with_definitions_of(state.lexicon)
    if early.early and any(isinstance(statement, NotUnderstood) for statement in found):
        # A name may be used before the "where" that explains it.
        found = _read_masked(masked, text, State(early), place)[1]
    return (*problems, *found)


def _in_ascii(name: str, target: str) -> bool:
    """Whether a declared name and what it stands for can be written in the ASCII notation."""
    return bool(_ASCII_NAME.fullmatch(name) and _ASCII_TARGET.fullmatch(target))


def _places(text: str) -> Callable[[int, int], Place]:
    """Line and column of characters of the text."""
    starts = [0, *(found.end() for found in re.finditer(r"\n", text))]

    def place(start: int, end: int) -> Place:
        line = bisect_right(starts, start)
        return Place(line, start - starts[line - 1] + 1, start, end)

    return place


def _read_notebook(text: str, state: State, place: Callable[[int, int], Place]) -> list[Statement]:
    """The Markdown cells of a notebook, one after another."""
    found: list[Statement] = []
    try:
        cells = list(cells_of(text))
    except ValueError as problem:
        return [NotUnderstood(place(0, 0), "", f"this is no notebook: {problem}")]
    for content, offsets in cells:

        def within(start: int, end: int, offsets: list[int] = offsets) -> Place:
            return place(offsets[min(start, len(offsets) - 1)], offsets[min(end, len(offsets) - 1)])

        state, statements = _read_masked(markdown_masked(content), content, state, within)
        found += statements
    return found


def _read_masked(
    masked: str, text: str, state: State, place: Callable[[int, int], Place]
) -> tuple[State, list[Statement]]:
    """The formulas of a text whose code and comments are blank."""
    macros = macros_in(text)
    source = Source(text, place)
    found: list[Statement] = []
    before = 0
    pending: Condition = S.true
    said = ""  # the words before the last comparison: those of both in "if $a$ and $b$"
    for number, span in enumerate(spans_of(masked)):
        prose = masked[before : span.outer_start]
        after = masked[span.outer_end : span.outer_end + 200]
        before = span.outer_end
        if len(found) >= MAXIMAL_STATEMENTS or number >= MAXIMAL_FORMULAS:
            where = place(span.start, span.end)
            message = (
                f"a document is read up to its formula {number}; split it to have the rest read"
            )
            found.append(NotUnderstood(where, "", message))
            break
        if span.problem:
            words = source.words(span.start, min(span.end, span.start + 200))
            found.append(NotUnderstood(place(span.start, span.end), words, span.problem))
            continue
        try:
            tokens = tokenize(masked, span.start, span.end, macros, state.lexicon.words)
            parts = sentences(tokens)
        except (LatexError, RecursionError) as problem:
            at = problem.at if isinstance(problem, LatexError) else span.start
            words = source.words(span.start, min(span.end, span.start + 200))
            found.append(NotUnderstood(place(at, span.end), words, str(problem)))
            continue
        if "." in prose or len(prose) > 60:
            pending = S.true
        for part in parts:
            if part.is_condition:
                said = said if goes_on(prose) else prose
                state, pending = _condition(state, part, said, source, found, pending)
                continue
            said = ""
            if not part.relations and (worded := condition_after(after)) and assumes(prose):
                part = _joined(part, masked, span, len(worded), state)
                found.append(assumption(state, part, source))
                continue
            if is_value(part) and (not span.display or ends_with_place_word(prose)):
                state, statements = _value(state, part, prose, source, pending)
                found += statements
                if ends_with_condition_word(prose) and not assumes(prose):
                    stated = assumption(state, part, source)
                    unknown = isinstance(stated, NotUnderstood)
                    pending = None if unknown else read_condition_sentence(state, part)
                continue
            state, statements = _read_under(state, part, source, pending)
            found += statements
            if ends_with_condition_word(prose) and _none_is_understood(statements):
                pending = None
    return state, found


#: What the words before a formula state; None where that was not understood.
Condition = Basic | None


def _none_is_understood(statements: Sequence[Statement]) -> bool:
    return bool(statements) and all(isinstance(one, NotUnderstood) for one in statements)


def _read_under(
    state: State, part: Sentence, source: Source, pending: Condition
) -> tuple[State, list[Statement]]:
    """What a sentence says under a condition: nothing, if that was not understood."""
    state, found = read_sentence(state, part, source, S.true if pending is None else pending)
    return state, found if pending is not None else list(map(_unconditioned, found))


def _unconditioned(statement: Statement) -> Statement:
    if not isinstance(statement, Claim):
        return statement
    return NotUnderstood(statement.place, statement.source, "its condition was not understood")


def _value(
    state: State, part: Sentence, prose: str, source: Source, pending: Condition
) -> tuple[State, list[Statement]]:
    """x = 0 in the text: an assumption, a place that it speaks of, or a claim about z or C."""
    if assumes(prose):
        return state, [assumption(state, part, source)]
    if ends_with_place_word(prose) or ends_with_condition_word(prose) or is_given(state, part):
        start, end = part.tokens[0].start, part.tokens[-1].end
        reason = "a value that the text speaks of, not an equality that follows from the network"
        said = Outside(source.place(start, end), source.words(start, end), reason)
        spoken = ends_with_place_word(prose) or ends_with_condition_word(prose)
        zero = [token.text for token in part.sides[-1] if token.kind != "quad"] == ["0"]
        return replace(state, numbers=state.numbers or not (spoken or zero)), [said]
    return _read_under(state, part, source, pending)


def _condition(
    state: State,
    part: Sentence,
    prose: str,
    source: Source,
    found: list[Statement],
    pending: Condition,
) -> tuple[State, Condition]:
    """A comparison: an assumption, the condition of a claim beside it, or nothing to judge."""
    if assumes(prose):
        found.append(assumption(state, part, source))
        return state, pending
    follows_claim = found and isinstance(found[-1], Claim) and introduces_condition(prose)
    if not follows_claim and not ends_with_condition_word(prose):
        state, statements = read_sentence(state, part, source)
        found += statements
        return state, pending
    unknown = isinstance(assumption(state, part, source), NotUnderstood)
    condition = S.true if unknown else read_condition_sentence(state, part)
    if not follows_claim:
        found += read_sentence(state, part, source)[1] if unknown else []
        return state, None if unknown else condition
    last = found[-1].place
    for position in range(len(found) - 1, -1, -1):
        claim = found[position]
        if not isinstance(claim, Claim) or claim.place != last:
            break
        found[position] = _unconditioned(claim) if unknown else _under(claim, condition, state)
    found += read_sentence(state, part, source)[1] if unknown else []
    return state, pending


def _under(claim: Claim, condition: Basic, state: State) -> Claim:
    """The claim with the condition that the words behind it state."""
    from sympy import And

    from derive.ascii import ascii_text

    written = ascii_text(condition, state.lexicon.network.step_at_zero)
    return replace(
        claim, where=And(claim.where, condition), read_as=f"{claim.read_as} if {written}"
    )


def _joined(part: Sentence, masked: str, span: Span, length: int, state: State) -> Sentence:
    """$x$ > 0: the comparison that goes on behind the formula."""
    end = span.outer_end + length
    behind = tokenize(masked, span.outer_end, end, {}, state.lexicon.words)
    return sentences([*part.sides[0], *behind])[0]
