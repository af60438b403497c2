"""A checked document as a page for a browser: its formulas set, a note beside each line.

Of a notebook each cell of Markdown stands by itself, with the number that it has there.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from sympy import Basic

from derive.checking.telling.check_report import summary_line
from derive.checking.telling.check_wording import Say, Wording
from derive.checking.telling.notes import Note, notes_on
from derive.checking.telling.words import Words
from derive.checking.verdicts import Checked
from derive.documents.targets.foreign_mathml import ForeignMathml
from derive.reading.notebooks import cells_of
from derive.reading.spans import Span, latex_masked, markdown_masked, spans_of

#: What is no mathematics in a kind of document is blank for the one who looks for formulas.
_MASKED: dict[str, Callable[[str], str]] = {"markdown": markdown_masked, "latex": latex_masked}
_WORST = {"bad": 2, "open": 1, "good": 0}


@dataclass(frozen=True)
class Piece:
    """Part of a line: words, or a formula with its MathML, where that could be made."""

    source: str
    is_formula: bool = False
    mathml: str = ""


@dataclass(frozen=True)
class PageLine:
    """A line of the document, or the lines of a display, with the notes on them."""

    number: int
    pieces: tuple[Piece, ...]
    tone: str
    notes: tuple[Note, ...]


@dataclass(frozen=True)
class PageCell:
    """A cell of a notebook, with its number, or all of another document, with the number 0."""

    number: int
    lines: tuple[PageLine, ...]


def page_of(text: str, checked: Checked, words: Words, title: str) -> str:
    """The page; what the document says is escaped."""
    formulas = ForeignMathml()
    notes: dict[tuple[int, int], list[Note]] = {}
    made = notes_on(checked, words, lambda wording: _say(wording, formulas))
    for note, one in zip(made, checked.equations, strict=True):
        place = one.statement.place
        notes.setdefault(place.cell or (0, place.line), []).append(note)
    cells = [
        PageCell(number, tuple(_lines(content, kind, number, notes, formulas)))
        for number, content, kind in _contents(text, checked.kind)
    ]
    summary = summary_line(checked.summary, words)
    about = checked.networks if title != checked.networks else ""
    return words.page("html", cells=cells, title=title, about=about, summary=summary)


def _say(wording: Wording, formulas: ForeignMathml) -> Say:
    def say(expression: Basic) -> str:
        latex = wording.latex(expression)
        return formulas.written(latex, display=False) or wording.words.escape(latex)

    return say


def _contents(text: str, kind: str) -> Iterable[tuple[int, str, str]]:
    if kind != "notebook":
        return [(0, text, kind)]
    try:
        return [(cell.number, cell.content, "markdown") for cell in cells_of(text)]
    except ValueError:  # said in a note already
        return [(0, text, "text")]


def _lines(
    content: str,
    kind: str,
    cell: int,
    notes: dict[tuple[int, int], list[Note]],
    formulas: ForeignMathml,
) -> Iterator[PageLine]:
    """The lines of a document or a cell, those of a display together."""
    spans = deque(spans_of(_MASKED[kind](content)) if kind in _MASKED else ())
    start, number = 0, 1
    while start < len(content):
        end = _line_end(content, start)
        within: list[Span] = []
        while spans and spans[0].outer_start <= end:
            within.append(spans.popleft())
            end = max(end, _line_end(content, within[-1].outer_end))
        count = content.count("\n", start, end) + 1
        own = [note for n in range(number, number + count) for note in notes.get((cell, n), ())]
        tone = max((note.tone for note in own), key=_WORST.__getitem__, default="")
        pieces = tuple(_pieces(content, start, end, within, formulas, kind == "text"))
        yield PageLine(number, pieces, tone, tuple(own))
        start, number = end + 1, number + count


def _line_end(content: str, start: int) -> int:
    found = content.find("\n", start)
    return len(content) if found < 0 else found


def _pieces(
    content: str, start: int, end: int, spans: list[Span], formulas: ForeignMathml, plain: bool
) -> Iterator[Piece]:
    """Formulas and the words between them; in `plain` text formulas have no signs around them."""
    for span in spans:
        if span.outer_start > start:
            yield Piece(content[start : span.outer_start])
        made = ""
        if not span.problem:
            made = formulas.written(content[span.start : span.end], display=span.display)
        yield Piece(content[span.outer_start : span.outer_end], True, made)
        start = span.outer_end
    if start < end:
        yield Piece(content[start:end], is_formula=plain)
