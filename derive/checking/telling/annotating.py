"""An annotated copy of a checked document: a mark and a note at each equation.

A note is never put into mathematics: it goes behind the paragraph or display in which its
equation stands, at the first place where the document is back in plain text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from sympy import Basic

from derive.checking.assessment import Verdict
from derive.checking.telling.check_report import summary_line
from derive.checking.telling.check_wording import Say, Wording, in_words
from derive.checking.telling.safe_places import latex_gaps, markdown_gaps, text_gaps
from derive.checking.telling.words import Words
from derive.checking.verdicts import Checked, Judged
from derive.documents.rendering import escaped
from derive.documents.templating.environment import LANGUAGES
from derive.errors import DeriveError

#: symbol in text, symbol in LaTeX, and the tone that colours it.
_MARKS: dict[Verdict | None, tuple[str, str, str]] = {
    Verdict.RIGHT: ("✓", r"\surd", "good"),
    Verdict.RIGHT_IF: ("△", r"\triangle", "open"),
    Verdict.WRONG: ("✗", r"\times", "bad"),
    Verdict.UNDECIDED: ("?", "?", "open"),
    Verdict.NOT_UNDERSTOOD: ("?", "?", "open"),
    None: ("·", r"\cdot", "good"),
}
_SUFFIXES = {"markdown": ".md", "latex": ".tex", "text": ".txt"}
_GAPS: dict[str, Callable[[list[str]], list[int]]] = {
    "markdown": markdown_gaps,
    "latex": latex_gaps,
    "text": text_gaps,
}


@dataclass(frozen=True)
class Note:
    """What stands in the margin; `source` also as a code span of Markdown."""

    symbol: str
    tex_symbol: str
    tone: str
    word: str
    line: int
    source: str
    code: str
    message: str


@dataclass(frozen=True)
class SourceLine:
    """A line of the document, with the notes on it, for the HTML page."""

    number: int
    source: str
    tone: str
    notes: tuple[Note, ...]


def annotated(
    text: str,
    checked: Checked,
    kind: str | None = None,
    templates: Path | None = None,
    language: str = LANGUAGES[0],
) -> str:
    """The document with a note behind each equation; `kind` "html" makes a page of it.

    Raises:
        DeriveError: for a kind that cannot carry notes, such as a notebook.
    """
    if kind == "html":
        return _page(text, checked, Words(templates, _ESCAPES["html"], language))
    own = kind or checked.kind
    if own not in _GAPS:
        raise DeriveError(
            f"a {own} cannot carry notes; ask for an annotated copy in HTML (--annotate-as html)"
        )
    return _with_notes(text, checked, own, Words(templates, _ESCAPES[own], language))


def suffix(checked: Checked, kind: str | None) -> str:
    """The ending of the file name of an annotated copy."""
    return ".html" if kind == "html" else _SUFFIXES.get(checked.kind, ".txt")


#: What the mathematics of an answer may need a package for, which a LaTeX document may not load.
_PACKAGED = (r"\text{", r"\begin{", r"\operatorname{", r"\mathbb{", r"\boldsymbol{")


def _as_mathematics(wording: Wording, kind: str) -> Say:
    """Writes formulas between dollars; in LaTeX those that need a package as source."""

    def say(expression: Basic) -> str:
        formula = wording.latex(expression)
        packaged = kind == "latex" and any(command in formula for command in _PACKAGED)
        return wording.words.escape(formula) if packaged else f"${formula}$"

    return say


def _with_notes(text: str, checked: Checked, kind: str, words: Words) -> str:
    lines = text.split("\n")
    behind: dict[int, list[Note]] = {}
    gaps = _GAPS[kind](lines)
    for note in _notes(checked, words, kind):
        gap = next((g for g in gaps if g >= note.line), len(lines))
        behind.setdefault(gap, []).append(note)
    written: list[str] = []
    for number, line in enumerate(lines, 1):
        written.append(line)
        if number in behind:
            block = words.page(kind, notes=behind[number]).strip("\n")
            written += ["", block] if kind == "markdown" else [block]
            if kind == "markdown" and number < len(lines) and lines[number].strip():
                written.append("")
    whole = "\n".join(written)
    return _with_preamble(whole, words) if kind == "latex" else whole


def _with_preamble(text: str, words: Words) -> str:
    preamble = words.page("latex_preamble")
    begin = re.search(r"^[^%\n]*\\begin\{document\}", text, re.MULTILINE)
    at = begin.start() if begin else 0
    return text[:at] + preamble + text[at:]


def _notes(checked: Checked, words: Words, kind: str) -> list[Note]:
    mathematics = kind in ("markdown", "latex")
    return [
        _note(one, wording, _as_mathematics(wording, kind) if mathematics else None)
        for one, wording in in_words(checked, words)
        if one.is_equation
    ]


def _note(one: Judged, wording: Wording, say: Say | None) -> Note:
    symbol, tex_symbol, tone = _MARKS[one.verdict]
    source = " ".join(one.statement.source.split())
    line = _last_line(one)
    return Note(
        symbol, tex_symbol, tone, wording.word(one), line, source, _code(source),
        wording.message(one, say),
    )  # fmt: skip


def _last_line(one: Judged) -> int:
    return one.statement.place.line + one.statement.source.strip("\n").count("\n")


def _page(text: str, checked: Checked, words: Words) -> str:
    notes: dict[int, list[Note]] = {}
    for note, one in zip(_notes(checked, words, "html"), checked.equations, strict=True):
        notes.setdefault(one.line, []).append(note)
    worst = {"bad": 2, "open": 1, "good": 0}
    lines = [
        SourceLine(
            number, line,
            max((n.tone for n in notes.get(number, [])), key=worst.__getitem__, default=""),
            tuple(notes.get(number, ())),
        )
        for number, line in enumerate(text.split("\n"), 1)
    ]  # fmt: skip
    summary = summary_line(checked.summary, words)
    return words.page("html", lines=lines, title=checked.networks, summary=summary)


#: What messages contain beside ASCII, and quotations of formulas often, as LaTeX has it.
_TEX_SIGNS = {
    "×": r"\times", "·": r"\cdot", "−": "-", "≠": r"\ne", "≤": r"\le", "≥": r"\ge",
    "∂": r"\partial", "∇": r"\nabla", "Σ": r"\Sigma", "∑": r"\sum", "→": r"\to", "⊙": r"\odot",
    "δ": r"\delta", "σ": r"\sigma", "α": r"\alpha", "φ": r"\varphi", "ŷ": r"\hat{y}",
    "²": "^2",
}  # fmt: skip


def _ascii_latex(words: object) -> str:
    """Words for LaTeX that may lack fonts: signs as commands, other letters as question marks."""
    written: list[str] = []
    for part in re.split(f"([{''.join(_TEX_SIGNS)}])", str(words).replace("…", "...")):
        plain = part.encode("ascii", "replace").decode()
        written.append(f"${_TEX_SIGNS[part]}$" if part in _TEX_SIGNS else escaped("latex", plain))
    return "".join(written)


_ESCAPES: dict[str, Callable[[object], str]] = {
    "markdown": lambda words: escaped("plain", words),
    "latex": _ascii_latex,
    "text": str,
    "html": lambda words: html.escape(str(words)),
}


def _code(source: str) -> str:
    """A code span, with more backticks than the source has in a row."""
    longest = max((len(run) for run in re.findall("`+", source)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if source.startswith("`") or source.endswith("`") else ""
    return f"{fence}{pad}{source}{pad}{fence}"
