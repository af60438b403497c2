"""The corpus: single lines in many notations, and whole documents with a planted mistake.

Each file of `corpus/lines` is one style: lines, each with its verdict and, where it is wrong,
the mistake in it.  Each file of `corpus/documents` is a document that is right, and the
mistakes that are planted into it, one at a time.  A document may say how many of its
equations are not understood, and a plant that it is not found.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from functools import cache
from itertools import islice, takewhile
from pathlib import Path
from typing import Any

import pytest

from derive import check
from derive.checking.assessment import Verdict
from derive.checking.verdicts import Checked, Judged
from derive.files.network_file import read_network
from derive.model.network import Network
from tests.read_again import FINE
from tests.sweeps import sampled, sweep, thorough

CORPUS = Path(__file__).parent / "corpus"
_WORST_FIRST = ["wrong", "right_if", "not_understood", "undecided", "right"]


@cache
def table(path: Path) -> dict[str, Any]:
    return tomllib.loads(path.read_text(encoding="utf-8"))


def network_of(style: dict[str, Any]) -> Network:
    return read_network(style["network"], **style.get("options", {}))


def lines() -> Iterator[tuple[str, tuple[Path, dict[str, str]]]]:
    for path in sorted((CORPUS / "lines").glob("*.toml")):
        for number, line in enumerate(table(path)["line"], 1):
            yield f"{path.stem}-{number}", (path, line)


LINES = dict(lines())


def plants() -> Iterator[tuple[str, tuple[Path, dict[str, Any]]]]:
    for path in sorted((CORPUS / "documents").glob("*.toml")):
        for number, plant in enumerate(table(path).get("plant", []), 1):
            yield f"{path.stem}-{number}", (path, plant)


PLANTS = dict(plants())


@pytest.mark.parametrize("name", sampled(LINES, every=5))
def test_line(name: str) -> None:
    path, line = LINES[name]
    style = table(path)
    preamble = style.get("preamble", "")
    first = preamble.count("\n") + 2
    checked = check(f"{preamble}\n\n{line['text']}", network_of(style), kind=style["kind"])
    found = [one for one in checked.equations if one.line > first]
    verdicts = sorted((one.verdict for one in found), key=_WORST_FIRST.index)
    assert (verdicts[0] if verdicts else "none") == line["verdict"]
    if "mistake" in line:
        named = [one.diagnosis.mistake for one in found if one.diagnosis]
        assert line["mistake"] in named


def test_the_corpus_is_large_and_varied() -> None:
    styles = [table(path) for path in (CORPUS / "lines").glob("*.toml")]
    assert len(styles) >= 8
    assert sum(len(style["line"]) for style in styles) >= 200
    assert len(PLANTS) >= 100


@pytest.mark.parametrize(
    "path",
    [
        thorough(path) if number % 3 else path
        for number, path in enumerate(sorted((CORPUS / "documents").glob("*.toml")))
    ],
    ids=lambda p: p.stem,
)
def test_document_without_a_mistake_is_right(path: Path) -> None:
    document = table(path)
    assert document["text"].strip().count("\n") + 1 <= 60
    checked = check(document["text"], network_of(document), kind=document["kind"])
    verdicts = [one.verdict for one in checked.equations]
    assert set(verdicts) <= {*FINE, Verdict.NOT_UNDERSTOOD}
    assert verdicts.count(Verdict.NOT_UNDERSTOOD) == document.get("not_understood", 0)


@cache
def planted(path: Path, find: str, replace: str) -> tuple[int, str, Checked]:
    document = table(path)
    assert document["text"].count(find) == 1
    pairs = zip(find, replace, strict=False)
    unchanged = sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
    line = document["text"][: document["text"].index(find) + unchanged].count("\n") + 1
    text = document["text"].replace(find, replace)
    return line, text, check(text, network_of(document), kind=document["kind"])


def own_mistakes(checked: Checked) -> list[Judged]:
    wrong = (Verdict.WRONG, Verdict.RIGHT_IF)
    return [one for one in checked.equations if one.verdict in wrong and not one.carried_from]


def stands_on(mistake: Judged, line: int, text: str) -> bool:
    """Whether an equation, which may go over several lines, has this one."""
    return mistake.line <= line <= text.count("\n", 0, mistake.statement.place.end) + 1


@pytest.mark.parametrize("name", sampled(PLANTS, every=11))
def test_nothing_but_the_planted_line_is_wrong(name: str) -> None:
    path, plant = PLANTS[name]
    line, text, checked = planted(path, plant["find"], plant["replace"])
    mistakes = own_mistakes(checked)
    assert bool(mistakes) is plant.get("found", True)
    assert all(stands_on(one, line, text) for one in mistakes)
    others = [one for one in checked.equations if one not in mistakes and not one.carried_from]
    verdicts = [one.verdict for one in others]
    assert set(verdicts) <= {*FINE, Verdict.NOT_UNDERSTOOD}
    assert verdicts.count(Verdict.NOT_UNDERSTOOD) <= table(path).get("not_understood", 0)


@pytest.mark.parametrize("every", sweep([1, 3, 11], [11]))
def test_the_first_wrong_line_and_the_mistake_are_named(every: int) -> None:
    """In at least 95 and 80 of 100 documents."""
    total = first = named = 0
    for path, plant in islice(PLANTS.values(), None, None, every):
        line, text, checked = planted(path, plant["find"], plant["replace"])
        total += 1
        found = own_mistakes(checked)
        if not found:
            continue
        first += checked.summary.first_wrong == found[0].statement.place and stands_on(
            found[0], line, text
        )
        diagnosis = found[0].diagnosis
        named += diagnosis is not None and diagnosis.mistake.value in plant["mistake"]
    assert first >= 0.95 * total
    assert named >= 0.80 * total
