"""Blocks put together to pages, and formulas to pieces, within what GitHub renders."""

from __future__ import annotations

from collections.abc import Iterable

from derive.documents.targets.printed_lines import PrintedLine

#: GitHub renders formulas up to a cost of 2000 on a page and 100 each; a margin is left.
_PAGE_BUDGET = 1900
_FORMULA_BUDGET = 95
#: Kinds of blocks that begin with a displayed formula.
_FORMULAS = ("Equations", "Results", "Mistaken")


def pieces(displays: Iterable[list[PrintedLine]]) -> list[list[PrintedLine]]:
    """Displayed formulas in pieces that GitHub will render, each within its budget."""
    found: list[list[PrintedLine]] = []
    for display in displays:
        found.append([])
        cost = 0
        for line in display:
            own = (line.left + line.right).count("{") + 3
            parted = any(before.row is not None for before in found[-1])
            if parted and cost + own > _FORMULA_BUDGET and line.row is not None:
                found.append([])
                cost = 0
            found[-1].append(line)
            cost += own
    return found


def whole(blocks: Iterable[object], texts: list[str]) -> str:
    """All blocks on one page; formulas go on in the paragraph that introduces them."""
    body, before = "", ""
    for block, text in zip(blocks, texts, strict=True):
        kind = type(block).__name__
        joined = before == "Paragraph" and kind in _FORMULAS
        body += ("\n" if joined else "\n\n" if body else "") + text
        before = kind
    return body


def paged(blocks: Iterable[object], texts: list[str]) -> list[tuple[int, str]]:
    """Blocks on as many pages as GitHub's budget asks for; a heading stays with its text.

    Each page has the place of its first block.  Entries of a list may be parted from each other.
    """
    sections: list[tuple[int, str]] = []
    before = ""
    for place, (block, text) in enumerate(zip(blocks, texts, strict=True)):
        kind = type(block).__name__
        starts = kind == "Heading" or kind == before == "Entry"
        before = kind
        if starts or not sections:
            sections.append((place, text))
        else:
            sections[-1] = (sections[-1][0], f"{sections[-1][1]}\n\n{text}")
    pages: list[tuple[int, str]] = []
    cost = _PAGE_BUDGET
    for place, section in sections:
        own = section.count("{") + section.count("`$") + section.count("```math")
        if cost + own > _PAGE_BUDGET:
            pages.append((place, section))
            cost = own
        else:
            pages[-1] = (pages[-1][0], f"{pages[-1][1]}\n\n{section}")
            cost += own
    return pages
