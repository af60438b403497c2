"""The parts of a text that are about models of their own: sections that define a name anew."""

from __future__ import annotations

import re
from dataclasses import dataclass

from derive.reading.inferring.candidates import Candidate, collected
from derive.reading.inferring.formulas.insertions import signature
from derive.reading.inferring.layered_network import is_about_samples
from derive.reading.latex.lexical.raw import blank

_HEADING = re.compile(
    r"^[ \t]{0,3}#{1,6}[ \t]|^[ \t]*\\(?:sub){0,2}section\b|^[ \t]*<(?:h[1-6]\b|hr[ /]*>)",
    re.MULTILINE | re.IGNORECASE,
)


@dataclass(frozen=True)
class TextSection:
    """A part of a document, and all of the document that is read with it.

    Attributes:
        start, end: what is said here, in characters of the document.
        text: the document, with other sections blanked out.
        elsewhere: for each name the equation of another section that may define it: the last one
            before this section, or the first one behind it.
        whole: the whole document.
    """

    start: int
    end: int
    text: str
    elsewhere: tuple[Candidate, ...] = ()
    whole: str | None = None


def sections(text: str, kind: str) -> tuple[TextSection, ...]:
    """The parts of a document with a model each; one where no name is defined twice.

    What stands before the first heading belongs to all of them, and a section that defines
    nothing to the one before.
    """
    starts = [match.start() for match in _HEADING.finditer(text)]
    found = collected(text, kind).candidates
    if not starts or not _defines_anew(found, starts):
        return (TextSection(0, len(text), text),)
    kept = [n for n in starts if any(n <= one.place < _next(starts, n, text) for one in found)]
    kept = kept or starts[:1]
    ends = [*kept[1:], len(text)]
    head = text[: kept[0]]
    parts = [
        TextSection(
            start,
            end,
            head + blank(text[kept[0] : start]) + text[start:end] + blank(text[end:]),
            _elsewhere(found, kept[0], start, end),
            text,
        )
        for start, end in zip(kept, ends, strict=True)
    ]
    first = parts[0]
    return (TextSection(0, first.end, first.text, whole=text), *parts[1:])


def _elsewhere(
    found: tuple[Candidate, ...], first: int, start: int, end: int
) -> tuple[Candidate, ...]:
    """What the sections around this one define; the head is read with it anyway.

    A cost is rather that of one sample than the mean of those of all.
    """
    later = {one.key: one for one in reversed(found) if one.place >= end}
    before = [one for one in found if first <= one.place < start]
    before.sort(key=lambda one: not is_about_samples(one))
    return tuple({**later, **{one.key: one for one in before}}.values())


def _next(starts: list[int], start: int, text: str) -> int:
    """Where the section that begins here ends."""
    return next((one for one in starts if one > start), len(text))


def _defines_anew(found: tuple[Candidate, ...], starts: list[int]) -> bool:
    """Whether two sections define one name by different formulas."""
    first: dict[object, tuple[int, object]] = {}
    for one in found:
        section = sum(start <= one.place for start in starts)
        if not section:
            continue
        formula = signature(one.right)
        known = first.setdefault(one.key, (section, formula))
        if known[0] != section and known[1] != formula:
            return True
    return False
