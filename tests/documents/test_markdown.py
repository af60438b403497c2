"""Markdown: a table of contents that leads somewhere, long tables folded away, rows apart."""

import re

import pytest

from derive import backpropagate, read_model, read_network, report_on
from derive.documents.displays import as_markdown
from tests.documents.formulas import formulas_of_markdown
from tests.sweeps import sweep

CASES = [
    ("three-layer-chain", 1),
    ("attention-head", 1),
    ("regression-2-3-1", 2),
    ("1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1-1", 1),
]


def pages_of(name, order=1, dialect="github"):
    return dict(report_on(read_model(name), [dialect], order=order).files)


def links(text):
    (contents,) = re.findall(r"<summary>Contents</summary>\n\n(.*?)\n\n</details>", text, re.DOTALL)
    return re.findall(r"^\d+\. \[(.*)\]\((.*)#(.*)\)$", contents, re.MULTILINE)


@pytest.mark.parametrize(("name", "order"), sweep(CASES, CASES[:2]))
def test_the_contents_lead_to_every_section_on_its_page(name, order):
    pages = pages_of(name, order)
    first, *others = pages
    found = links(pages[first])
    there = [
        (page, anchor, title)
        for page, text in pages.items()
        for anchor, title in re.findall(r'<a id="([\w-]+)"></a>\n\n## (.*)', text)
    ]
    assert [(page or first, anchor) for _, page, anchor in found] == [one[:2] for one in there]
    assert len(found) > 5 and all("Contents</summary>" not in pages[page] for page in others)
    for (title, _, _), (_, _, heading) in zip(found, there, strict=True):
        assert "$" not in title and "\\" not in title  # GitHub has no formulas in links
        assert title.split()[0] == heading.split()[0]


def test_titles_in_links_have_their_quantities():
    titles = [title for title, _, _ in links(pages_of("linear")["linear.md"])]
    assert "The derivative `dC/do[n,j]`" in titles
    titles = [title for title, _, _ in links(pages_of("2-1")["2-1.md"])]
    assert "Backward through layer (1)" in titles


@pytest.mark.parametrize("dialect", ["github", "plain"])
def test_the_table_of_proofs_is_folded_away(dialect):
    (text,) = pages_of("two-layer-chain", dialect=dialect).values()
    assert text.count("<details>") == text.count("</details>") == 2
    folded = text[text.rindex("<details>") : text.rindex("</details>")]
    assert "<summary>Equation by equation</summary>\n\n| Equations | Proved by | For |" in folded


def test_many_steps_at_once_are_folded_away():
    ((_, text), *_) = report_on(read_network("5-5"), ["plain"], entries=True).files
    assert re.search(r"<summary>\d+ steps</summary>\n\n\$\$\n", text)
    assert text.count("<details>") == text.count("</details>") > 2


def test_rows_have_room_between_them():
    (text,) = pages_of("one-layer-chain").values()
    aligned = [f.source for f in formulas_of_markdown(text) if "aligned" in f.source]
    rows = [line for formula in aligned for line in formula.splitlines()[1:-1]]
    assert len(rows) > 20
    for formula in aligned:
        *before, last = formula.splitlines()[1:-1]
        assert all(line.endswith(r" \\[6pt]") for line in before) and "\\\\" not in last[-6:]


def test_what_a_notebook_shows_has_no_contents_and_no_anchors():
    shown = as_markdown(backpropagate(read_network("two-layer-chain")))
    assert "<a id=" not in shown and "<details>" not in shown
