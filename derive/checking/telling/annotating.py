"""An annotated copy of a checked document: a mark and a note at each equation.

A note is never put into mathematics: it goes behind the paragraph or display in which its
equation stands, at the first place where the document is back in plain text.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

from sympy import Basic

from derive.checking.telling.annotated_page import page_of
from derive.checking.telling.check_wording import Say, Wording
from derive.checking.telling.notes import Note, notes_on
from derive.checking.telling.safe_places import latex_gaps, markdown_gaps, text_gaps
from derive.checking.telling.words import Words
from derive.checking.verdicts import Checked
from derive.documents.targets.dialects import escaped
from derive.documents.templating.environment import LANGUAGES
from derive.errors import DeriveError

_SUFFIXES = {"markdown": ".md", "latex": ".tex", "text": ".txt"}
_GAPS: dict[str, Callable[[list[str]], list[int]]] = {
    "markdown": markdown_gaps,
    "latex": latex_gaps,
    "text": text_gaps,
}


def annotated(
    text: str,
    checked: Checked,
    kind: str | None = None,
    templates: Path | None = None,
    language: str = LANGUAGES[0],
    title: str = "",
) -> str:
    """The document with a note behind each equation; `kind` "html" makes a page of it.

    The page has a title, which is the name of the network if there is no other.

    Raises:
        DeriveError: for a kind that cannot carry notes, such as a notebook.
    """
    if kind == "html":
        words = Words(templates, _ESCAPES["html"], language)
        return page_of(text, checked, words, title or checked.networks)
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


def _as_mathematics(kind: str, wording: Wording) -> Say:
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
    mathematics = None if kind == "text" else partial(_as_mathematics, kind)
    for note in notes_on(checked, words, mathematics):
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
