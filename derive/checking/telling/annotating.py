"""An annotated copy of a checked document: a mark and a note at each equation.

A note is never put into mathematics: it goes behind the paragraph or display in which its
equation stands, at the first place where the document is back in plain text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment
from sympy import Basic

from derive.checking.assessment import Verdict
from derive.checking.telling.check_report import summary_line, word_for
from derive.checking.telling.check_wording import Wording, in_words
from derive.checking.telling.safe_places import latex_gaps, markdown_gaps, text_gaps
from derive.checking.verdicts import Checked, Judged
from derive.documents.rendering import escaped
from derive.documents.templating import template_environment
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
    """What stands in the margin."""

    symbol: str
    tex_symbol: str
    tone: str
    word: str
    line: int
    source: str
    message: str


@dataclass(frozen=True)
class SourceLine:
    """A line of the document, with the notes on it, for the HTML page."""

    number: int
    source: str
    tone: str
    notes: tuple[Note, ...]


def annotated(text: str, checked: Checked, kind: str | None = None) -> str:
    """The document with a note behind each equation; `kind` "html" makes a page of it.

    Raises:
        DeriveError: for a kind that cannot carry notes, such as a notebook.
    """
    if kind == "html":
        return _page(text, checked)
    own = kind or checked.kind
    if own not in _GAPS:
        raise DeriveError(
            f"a {own} cannot carry notes; ask for an annotated copy in HTML (--annotate-as html)"
        )
    return _with_notes(text, checked, own)


def suffix(checked: Checked, kind: str | None) -> str:
    """The ending of the file name of an annotated copy."""
    return ".html" if kind == "html" else _SUFFIXES.get(checked.kind, ".txt")


#: Where mathematics begins and ends in a message; no document has these characters.
_OPEN, _CLOSE = "\ue000", "\ue001"


def _as_mathematics(wording: Wording) -> Callable[[Basic], str]:
    return lambda expression: f"{_OPEN}{wording.latex(expression)}{_CLOSE}"


def _escaped(escape: Callable[[object], str], message: str) -> str:
    """A message with its words escaped and its formulas between dollars.

    Formulas that need a package, which the document may not load, are left as source.
    """
    parts = re.split(f"{_OPEN}(.*?){_CLOSE}", message, flags=re.DOTALL)
    written = [escape(parts[0])]
    for formula, words in zip(parts[1::2], parts[2::2], strict=True):
        plain = _PACKAGED.search(formula) is None
        written += [f"${formula}$" if plain else escape(formula), escape(words)]
    return "".join(written)


_PACKAGED = re.compile(r"\\(text|begin|operatorname|mathbb|boldsymbol)\b")


def _with_notes(text: str, checked: Checked, kind: str) -> str:
    lines = text.split("\n")
    behind: dict[int, list[Note]] = {}
    gaps = _GAPS[kind](lines)
    for note in _notes(checked, mathematics=kind != "text"):
        gap = next((g for g in gaps if g >= note.line), len(lines))
        behind.setdefault(gap, []).append(note)
    environment = _environment(kind)
    template = environment.get_template(f"checked/{kind}.jinja")
    written: list[str] = []
    for number, line in enumerate(lines, 1):
        written.append(line)
        if number in behind:
            block = template.render(notes=behind[number]).strip("\n")
            written += ["", block] if kind == "markdown" else [block]
            if kind == "markdown" and number < len(lines) and lines[number].strip():
                written.append("")
    whole = "\n".join(written)
    return _with_preamble(whole, environment) if kind == "latex" else whole


def _with_preamble(text: str, environment: Environment) -> str:
    preamble = environment.get_template("checked/latex_preamble.jinja").render()
    begin = re.search(r"^[^%\n]*\\begin\{document\}", text, re.MULTILINE)
    at = begin.start() if begin else 0
    return text[:at] + preamble + text[at:]


def _notes(checked: Checked, *, mathematics: bool) -> Iterable[Note]:
    return [
        _note(one, wording, _as_mathematics(wording) if mathematics else wording.plain)
        for one, wording in in_words(checked)
        if one.is_equation
    ]


def _note(one: Judged, wording: Wording, say: Callable[[Basic], str]) -> Note:
    symbol, tex_symbol, tone = _MARKS[one.verdict]
    source = " ".join(one.statement.source.split())
    line = _last_line(one)
    return Note(symbol, tex_symbol, tone, word_for(one), line, source, wording.message(one, say))


def _last_line(one: Judged) -> int:
    return one.statement.place.line + one.statement.source.strip("\n").count("\n")


def _page(text: str, checked: Checked) -> str:
    notes: dict[int, list[Note]] = {}
    for note, one in zip(_notes(checked, mathematics=False), checked.equations, strict=True):
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
    template = _environment("html").get_template("checked/html.jinja")
    summary = summary_line(checked.summary)
    return template.render(lines=lines, title=checked.networks, summary=summary)


def _environment(kind: str) -> Environment:
    environment = template_environment()
    shared: dict[str, Any] = environment.globals
    escape = _ESCAPES[kind]
    shared |= {"text": escape, "code": _code, "said": lambda words: _escaped(escape, words)}
    return environment


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
