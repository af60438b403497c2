"""A whole document as statements: its formulas found, read in order, names kept on the way."""

from __future__ import annotations

import os
import re
from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from derive.model.model import Model
from derive.notation.notations import NOTATIONS, Layout, Notation
from derive.reading.ascii_lines import read_lines
from derive.reading.carried import assumed_again
from derive.reading.headers import header_settings
from derive.reading.latex.naming.declarations import lexicon
from derive.reading.latex.naming.lexicon import Lexicon
from derive.reading.latex.naming.meanings import FunctionMeaning
from derive.reading.latex.state import State
from derive.reading.loose_lines import loose_statements
from derive.reading.notation import HeaderError, with_settings
from derive.reading.notebooks import Cell, cells_of
from derive.reading.prose.running_text import read_running_text
from derive.reading.spans import latex_masked, markdown_masked
from derive.reading.statements import Claim, NotUnderstood, Place, Statement

_ASCII_NAME = re.compile(r"[A-Za-z]\w*")
_ASCII_TARGET = re.compile(r"(d2?C/)?[\w\[\],]+")
#: What a document may be written in.
KINDS = ("markdown", "latex", "text", "notebook")
#: Words by which a document leaves out the signs of its sums.
_EINSTEIN = re.compile(
    r"(?:in|with|using|use|employ\w*|adopt\w*|by|the) Einstein(?:'s|’s)? "
    r"(?:summation|sum|notation|convention)"
    r"|repeated ind(?:ices|exes) (?:are|is) summed"
    r"|summation over repeated ind(?:ices|exes) is implied",
    re.IGNORECASE,
)
#: The factor between logarithms of unlike bases: \ln 2, \log_2.
_LN_OF_NUMBER = re.compile(r"\\ln\s*[({]*\s*(?:2|10)(?!\d)|\\log_\{?(?:2|10)(?!\d)")
#: What shows that sigma is the sigmoid in a document, whatever the activation of the network.
_SIGMOID = re.compile(
    r"(?<!not the )(?<!not a )\b(?:sigmoid|logistic)s?\s+(?:function|unit|activation|neuron|\$)"
    r"|\bsigmoid\b(?=[^\n]{0,40}\\sigma)|\\sigma\b[^\n]{0,40}\b(?:sigmoid|logistic)\b"
    r"|1\s*-\s*\\sigma|\\sigma[^=\n]{0,40}=\s*\\[dt]?frac\s*\{?\s*1\s*\}?\s*\{\s*1\s*\+\s*"
    r"|\\sigma[^=\n]{0,40}=\s*1\s*/\s*\(\s*1\s*\+",
    re.IGNORECASE,
)
#: What shows that sigma is the softmax.
_SOFTMAX = re.compile(
    r"\\sigma(?:\([^()=\n]{1,12}\)|_\{?\w\}?)*\s*&?=\s*\\[dt]?frac\s*\{\s*"
    r"(?:e\s*\^|\\exp)[^=\n]{0,30}\}"
    r"\s*\{\s*\\sum"
    r"|\\sigma\$? (?:to|will|shall)? ?(?:indicates?|denotes?|means?|be|is|for) the softmax"
    r"|softmax function,? \$?\\sigma\b",
    re.IGNORECASE,
)
#: What only Python begins a line with.
_PYTHON = re.compile(r"^(?:import (?:numpy|torch)|from \w+ import |[ \t]*def \w+\()", re.MULTILINE)
#: A function of one number, by a name of several letters, on the left of a line that is typed.
_TYPED_FUNCTION = re.compile(r"^\s*([A-Za-z]{2,12})(?='{0,2}\(\w\)\s*=)", re.MULTILINE)
_KINDS = {
    ".md": "markdown",
    ".markdown": "markdown",
    ".mdown": "markdown",
    ".rmd": "markdown",
    ".qmd": "markdown",
    ".html": "markdown",
    ".htm": "markdown",
    ".rst": "markdown",
    ".tex": "latex",
    ".latex": "latex",
    ".ltx": "latex",
    ".ipynb": "notebook",
    ".py": "python",
}


def kind_of(filename: str, text: str) -> str:
    """Which kind of document this is: markdown, latex, notebook, python or text.

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
    if _PYTHON.search(head) and "```" not in head and "$" not in head:
        return "python"
    if re.search(r"\$|\\\(|\\\[|\\begin\{|```|\.\. math::|:math:`|math/tex", head):
        return "markdown"
    return "text"


def read_document(
    text: str,
    network: Model,
    *,
    kind: str,
    layout: Layout = Layout.SOURCE_TARGET,
    names: Mapping[str, str] | None = None,
    notation: Notation | None = None,
    earlier: Sequence[Statement] = (),
) -> tuple[Statement, ...]:
    r"""Everything that the mathematics of a document says, in order.

    Args:
        kind: "markdown", "latex", "text" (one equation a line in ASCII) or "notebook" (the
            JSON of an .ipynb; places are lines and columns of that file).
        layout: whether z = W^T r or z = W r, where the document does not say.
        names: what names stand for: "w_1": "W0", "H": "Step", "a": "r".
        notation: further conventions; `layout` takes precedence over its layout.  Without,
            those of the network, whose layout stands.
        earlier: what was assumed before, in a part about another network; it holds here too.

    Bounded in time on any text; what cannot be read becomes a NotUnderstood.
    """
    place = places(text)
    conventions = _conventions(network, notation, layout, kind)
    conventions, problems = _with_header(conventions, text, kind, place)
    words = lexicon(network, conventions, dict(names or {}), text)
    words = replace(
        words,
        implied_sums=_occurs(_EINSTEIN, text),
        logarithm_open=_occurs(_LN_OF_NUMBER, text),
    )
    problems += (NotUnderstood(place(0, 0), "", problem) for problem in words.refused)
    found = _said(text, words, kind, place, earlier)
    return (*problems, *found)


def _conventions(model: Model, notation: Notation | None, layout: Layout, kind: str) -> Notation:
    """What is taken for granted where the document does not say."""
    if notation is None and kind != "text" and model.notation != "derive":
        return NOTATIONS[model.notation]
    return replace(notation or Notation(), layout=layout)


def _with_header(
    conventions: Notation, text: str, kind: str, place: Callable[[int, int], Place]
) -> tuple[Notation, list[Statement]]:
    """The conventions with those that the document sets, and which of these are none."""
    problems: list[Statement] = []
    for start, end, settings in header_settings(text, kind):
        try:
            conventions = with_settings(conventions, settings)
        except HeaderError as problem:
            problems.append(NotUnderstood(place(start, end), text[start:end], str(problem)))
    return conventions, problems


def _said(
    text: str,
    words: Lexicon,
    kind: str,
    place: Callable[[int, int], Place],
    earlier: Sequence[Statement],
) -> Iterable[Statement]:
    """What the mathematics of a document of this kind says, under names."""
    if kind == "text":
        words = replace(words, words=words.words | {*_TYPED_FUNCTION.findall(text)})
    ours = {n: target for n, target in words.spelled.items() if _in_ascii(n, target)}
    ours.setdefault("ŷ", "yhat")
    in_lines = replace(words, model=words.model.with_symbols(ours))
    if kind == "text":
        before = assumed_again(earlier, State(in_lines), kind)
        return (*before, *read_lines(text, State(in_lines), place))
    if ("\\sigma", "", "") not in words.declared:
        words = _with_sigma(words, text)
    if kind == "notebook":
        return _read_notebook(text, State(words), place)
    masked = latex_masked(text) if kind == "latex" else markdown_masked(text)
    state, found = read_running_text(masked, text, State(words), place)
    early = words.with_definitions_of(state.lexicon)
    if early.early and any(map(_is_open, found)):
        # A name may be used before the "where" that explains it.
        found = read_running_text(masked, text, State(early), place)[1]
    if kind == "markdown":
        loose = loose_statements(text, State(in_lines), place)
        found = sorted((*found, *loose), key=lambda one: one.place.start)
    return (*assumed_again(earlier, State(words), kind), *found)


def _with_sigma(words: Lexicon, text: str) -> Lexicon:
    """The names of a document with what it shows sigma to be."""
    for shown, name in ((_SOFTMAX, "softmax"), (_SIGMOID, "sigmoid")):
        if _occurs(shown, text):
            return words.bind(("\\sigma", "", ""), FunctionMeaning(name))
    return words


@lru_cache(maxsize=256)
def _occurs(what: re.Pattern[str], text: str) -> bool:
    """Whether something stands in a text; kept, as one is read under many models."""
    return what.search(text) is not None


def _is_open(statement: Statement) -> bool:
    """Whether something in a statement, or its condition, was not understood."""
    unsure = isinstance(statement, Claim) and bool(statement.unsure)
    return unsure or isinstance(statement, NotUnderstood)


def _in_ascii(name: str, target: str) -> bool:
    """Whether a declared name and what it stands for can be written in the ASCII notation."""
    return bool(_ASCII_NAME.fullmatch(name) and _ASCII_TARGET.fullmatch(target))


def places(text: str) -> Callable[[int, int], Place]:
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
    for cell in cells:

        def within(start: int, end: int, cell: Cell = cell) -> Place:
            first, last = (cell.offsets[min(n, len(cell.offsets) - 1)] for n in (start, end))
            line = cell.content.count("\n", 0, start) + 1
            return replace(place(first, last), cell=(cell.number, line))

        masked = markdown_masked(cell.content)
        state, statements = read_running_text(masked, cell.content, state, within)
        found += statements
    return found
