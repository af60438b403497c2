"""Lines that a document says twice mean the same, each in its place; what changed is read anew."""

from __future__ import annotations

from typing import Any

import pytest

from derive import read_network
from derive.reading.documents import read_document
from derive.reading.prose import claiming
from derive.reading.prose.read_before import ReadBefore
from derive.reading.statements import Claim, Statement

LINES = (
    r"$$\frac{\partial C}{\partial r^{(2)}} = r^{(2)} - y$$",
    r"$$\frac{\partial C}{\partial z^{(2)}} = (r^{(2)} - y)\,\mathrm{Step}(z^{(2)})$$",
    r"With $z^{(1)} > 0$ we have $r^{(1)} = z^{(1)}$.",
    r"Let $\delta = \frac{\partial C}{\partial z^{(2)}}$.",
    r"$$\frac{\partial C}{\partial W^{(1)}} = \delta r^{(1)}$$",
    r"Now let $\delta = \frac{\partial C}{\partial z^{(1)}}$.",
    r"$$\frac{\partial C}{\partial W^{(0)}} = \delta x$$",
    r"$$a = r^{(1)}$$",
)


def said(text: str) -> tuple[Statement, ...]:
    return read_document(text, read_network("1-1-1"), kind="markdown")


def test_a_document_reads_the_same_as_if_nothing_was_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "\n\n".join(LINES * 3)
    found = said(text)
    monkeypatch.setattr(ReadBefore, "read", lambda *args: args[-1]())
    assert said(text) == found
    assert len({one.place for one in found}) == len(found)


def test_each_claim_stands_where_it_is_written() -> None:
    text = "\n\n".join(LINES[:2] * 4)
    claims = [one for one in said(text) if isinstance(one, Claim)]
    assert [one.place.line for one in claims] == list(range(1, 17, 2))
    assert all(text[one.place.start :].startswith(r"\frac") for one in claims)


def test_a_line_is_read_once_where_nothing_has_changed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read: list[object] = []
    before = claiming.read_sentence

    def counting(*args: Any) -> Any:
        read.append(args)
        return before(*args)

    monkeypatch.setattr(claiming, "read_sentence", counting)
    assert len(said("\n\n".join(LINES[:1] * 9))) == 9
    assert len(read) <= 3
