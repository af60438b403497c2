"""What is written while proofs are looked for is what would be written behind them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from derive import read_model, read_network
from derive.deriving.verifying import Marks, Verifying
from derive.documents import reporting
from derive.documents.rendering import written_ahead
from derive.documents.reporting import report_on
from derive.documents.targets.dialects import DIALECTS

NAMES = ("one-layer-chain", "linear")


def texts(name: str) -> dict[str, str | bytes]:
    return dict(report_on(read_model(name), tuple(DIALECTS)).files)


@pytest.mark.parametrize("name", NAMES)
def test_documents_are_the_same_as_if_nothing_was_written_ahead(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = texts(name)
    monkeypatch.setattr(reporting, "written_ahead", lambda *_: {})
    assert texts(name) == found


def test_an_equation_that_is_not_proved_is_marked_where_it_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    proved = texts("one-layer-chain")
    marks = Verifying.marks

    def all_but_the_first(self: Verifying, *rest: object) -> tuple[Marks, ...]:
        first, *others = marks(self)
        return (replace(first, rule_confirmed=False), *others)

    monkeypatch.setattr(Verifying, "marks", all_but_the_first)
    found = texts("one-layer-chain")
    for file in ("one-layer-chain.md", "one-layer-chain.tex", "one-layer-chain.typ"):
        assert str(found[file]).count("not proved") > str(proved[file]).count("not proved")


def test_what_shows_proofs_beside_equations_is_not_written_ahead() -> None:
    network = read_network("one-layer-chain")
    body = reporting.without_proofs(network, reporting.backpropagate(network), [True] * 33)
    assert written_ahead(body, ("html", "json", "pdf")) == {}
    (known,) = written_ahead(body, ("github",)).values()
    assert len(known) == len(body.blocks) - 2
