"""A table of contents: the titles of a document and the pages on which they stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from jinja2 import Environment

from derive.documents.blocks import Heading, Printable


@dataclass(frozen=True)
class OutlineEntry:
    """A section by its number from 1, its title, and the number of its page from 0."""

    section: int
    title: str
    page: int


def outline(
    document: Printable, environment: Environment, starts: Sequence[int]
) -> list[OutlineEntry]:
    """The headings of a document whose pages begin with the blocks at the places `starts`.

    `environment` is that for outlines, which writes no formulas.
    """
    shared = {"document": document, "network": document.network}
    words: Any = environment.get_template(document.words).make_module(shared)
    headings = [(n, block) for n, block in enumerate(document.blocks) if isinstance(block, Heading)]
    return [
        OutlineEntry(section, str(words.title(block)).strip(), sum(s <= place for s in starts) - 1)
        for section, (place, block) in enumerate(headings, start=1)
    ]
