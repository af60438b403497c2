"""Blocks put together to pages, and formulas to pieces, within what GitHub renders."""

from __future__ import annotations

from collections.abc import Iterable

from derive.documents.targets.printed_lines import PrintedLine

#: GitHub renders formulas up to a cost of 2000 on a page and 100 each; a margin is left.
_PAGE_BUDGET = 1900
_FORMULA_BUDGET = 95


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
    """All blocks on one page; equations go on in the paragraph that introduces them."""
    body, before = "", ""
    for block, text in zip(blocks, texts, strict=True):
        kind = type(block).__name__
        joined = before == "Paragraph" and kind == "Equations"
        body += ("\n" if joined else "\n\n" if body else "") + text
        before = kind
    return body


def paged(blocks: Iterable[object], texts: list[str]) -> list[str]:
    """Blocks on as many pages as GitHub's budget asks for; a heading stays with its text.

    Entries of a list may be parted from each other.
    """
    sections: list[str] = []
    before = ""
    for block, text in zip(blocks, texts, strict=True):
        kind = type(block).__name__
        starts = kind == "Heading" or kind == before == "Entry"
        before = kind
        if starts or not sections:
            sections.append(text)
        else:
            sections[-1] += "\n\n" + text
    pages: list[str] = []
    cost = _PAGE_BUDGET
    for section in sections:
        own = section.count("{") + section.count("`$") + section.count("```math")
        if cost + own > _PAGE_BUDGET:
            pages.append(section)
            cost = own
        else:
            pages[-1] += "\n\n" + section
            cost += own
    return pages
