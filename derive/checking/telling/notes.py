"""Notes on the equations of a checked document: a mark, the verdict, and what there is to say."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from derive.checking.assessment import Verdict
from derive.checking.telling.check_wording import Say, Wording, in_words
from derive.checking.telling.words import Words
from derive.checking.verdicts import Checked, Judged

#: symbol in text, symbol in LaTeX, and the tone that colours it.
_MARKS: dict[Verdict | None, tuple[str, str, str]] = {
    Verdict.RIGHT: ("✓", r"\surd", "good"),
    Verdict.DEFINED: (":=", ":=", "good"),
    Verdict.RIGHT_IF: ("△", r"\triangle", "open"),
    Verdict.WRONG: ("✗", r"\times", "bad"),
    Verdict.UNDECIDED: ("?", "?", "open"),
    Verdict.NOT_UNDERSTOOD: ("?", "?", "open"),
    None: ("·", r"\cdot", "good"),
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


def notes_on(
    checked: Checked, words: Words, mathematics: Callable[[Wording], Say] | None
) -> list[Note]:
    """A note for each equation; `mathematics` makes what writes formulas, or they are ASCII."""
    return [
        _note(one, wording, mathematics(wording) if mathematics else None)
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


def _code(source: str) -> str:
    """A code span, with more backticks than the source has in a row."""
    longest = max((len(run) for run in re.findall("`+", source)), default=0)
    fence = "`" * (longest + 1)
    pad = " " if source.startswith("`") or source.endswith("`") else ""
    return f"{fence}{pad}{source}{pad}{fence}"
