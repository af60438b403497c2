"""The documents in output/, those of several pages as one text."""

from __future__ import annotations

from itertools import count, takewhile
from pathlib import Path


def begins_a_document(path: Path) -> bool:
    """Whether a page is the first of its document, which has the certificate."""
    return path.with_suffix(".json").exists()


def whole_text(path: Path) -> str:
    """The text of a document with the pages that go on from its first."""
    following = (path.with_stem(f"{path.stem}-{number}") for number in count(2))
    more = takewhile(lambda page: page.exists() and not begins_a_document(page), following)
    return "\n\n".join(page.read_text(encoding="utf-8") for page in (path, *more))
