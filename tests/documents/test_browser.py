"""Pages in Chromium: nothing is fetched or complained of, keys do it all, formulas are said."""

import json

import pytest

from derive import Network, check, read_model, read_network, report_on
from derive.checking.telling.annotating import annotated
from tests.documents.browser import browsing
from tests.documents.formulas import page_faults
from tests.sweeps import sweep

CASES = [
    ("one-layer-chain", 1, 380, True),
    ("three-layer-chain", 1, 1000, False),
    ("regression-2-3-1", 1, 380, False),
    ("two-layer-chain", 2, 380, True),
    ("attention-head", 1, 1000, True),
]
NOTEBOOK = {
    "cells": [
        {"cell_type": "markdown", "metadata": {}, "source": r"Here $z^{(1)} = W^{(0)} x$."},
        {"cell_type": "code", "metadata": {}, "source": "1 + 1", "outputs": []},
        {
            "cell_type": "markdown",
            "metadata": {},
            "source": "So\n\\begin{align}\n\\frac{\\partial C}{\\partial W^{(0)}} &= "
            "\\frac{\\partial C}{\\partial z^{(1)}} x \\\\\n"
            "&= (y - r^{(1)}) \\mathrm{Step}(z^{(1)}) x\n\\end{align}\n",
        },
    ],
    "metadata": {},
    "nbformat": 4,
    "nbformat_minor": 5,
}


def page_of(name, order=1, figures=True):
    model = read_model(name)
    drawn = figures and isinstance(model, Network)
    ((_, text),) = report_on(model, ["html"], order=order, figures=drawn).files
    return text


def notebook_page():
    network = read_network("one-layer-chain")
    text = json.dumps(NOTEBOOK)
    return annotated(text, check(text, network, kind="notebook"), "html", title="my.ipynb")


def visited(text, folder, **window):
    path = folder / "page.html"
    path.write_text(text, encoding="utf-8")
    return browsing(path, folder, **window)


@pytest.mark.parametrize(("name", "order", "width", "dark"), sweep(CASES, CASES[:1]))
def test_a_page_shows_itself_without_complaint_or_request(name, order, width, dark, tmp_path):
    text = page_of(name, order, figures=False)
    with visited(text, tmp_path, width=width, dark=dark) as page:
        assert page.complaints == [] and len(page.requests) == 1
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.value(wide) == 0
        ink = page.value("getComputedStyle(document.body).color")
        assert ink == ("rgb(230, 237, 243)" if dark else "rgb(27, 31, 36)")
        spoken = [name for role, name in page.accessible() if role == "MathMLMath" and name]
        assert len(spoken) > text.count('class="left"') / 2


@pytest.mark.thorough
def test_formulas_are_said_and_headings_links_and_proofs_are_there(tmp_path):
    with visited(page_of("three-layer-chain"), tmp_path) as page:
        tree = page.accessible()
    said = [name for role, name in tree if role == "MathMLMath"]
    assert "the derivative of C with respect to W of layer 1" in said
    assert (
        "equals open parenthesis, r of layer 3 minus y, close parenthesis, times Step of z of "
        "layer 3, times r of layer 2"
    ) in said
    headings = [name for role, name in tree if role == "heading"]
    assert headings[:3] == ["Backpropagation, step by step", "The result", "Conventions"]
    assert ("link", "(57)") in tree
    assert ("DisclosureTriangleGrouped", "How equation (57) was proved") in tree
    assert [name for role, name in tree if role == "SvgRoot" and not name] == []


@pytest.mark.thorough
def test_a_keyboard_guesses_opens_proofs_and_follows_numbers(tmp_path):
    with visited(page_of("one-layer-chain"), tmp_path) as page:
        page.press("Tab")
        assert page.value("document.activeElement.id") == "guess"
        hidden = "getComputedStyle(document.querySelector('tbody.step .right math')).visibility"
        assert page.value(hidden) == "visible"
        page.press(" ")
        assert page.value(hidden) == "hidden"
        page.value("document.querySelector('tbody.step .reveal').focus()")
        page.press(" ")
        assert page.value(hidden) == "visible"
        page.value("document.querySelector('#eq-4 summary').focus()")
        page.press("Enter")
        assert page.value("document.querySelector('#eq-4 details').open")
        link = page.value("document.querySelector('#eq-4 details a').getAttribute('href')")
        page.value("document.querySelector('#eq-4 details a').focus()")
        page.press("Enter")
        assert page.value("location.hash") == link
        # ... and that equation says that it put this one in.
        back = f"!!document.querySelector('tbody{link} .why a[href=\"#eq-4\"]')"
        assert page.value(back)


#: How many marks of punctuation behind a formula begin a line, and how many there are.
BEGINNING = """(() => {
  let begin = 0, all = 0;
  for (const formula of document.querySelectorAll('.bound')) {
    const text = formula.nextSibling;
    if (!text || text.nodeType !== 3 || !/^[,.;:)]/.test(text.data)) continue;
    const mark = document.createRange();
    mark.setStart(text, 0);
    mark.setEnd(text, 1);
    all += 1;
    begin += mark.getBoundingClientRect().top > formula.getBoundingClientRect().bottom - 2;
  }
  return [begin, all];
})()"""


@pytest.mark.thorough
def test_no_line_begins_with_the_mark_behind_a_formula(tmp_path):
    with visited(page_of("rms-norm"), tmp_path) as page:
        for width in range(320, 620, 3):
            page.value(f"document.body.style.width = '{width}px'")
            begin, marks = page.value(BEGINNING)
            assert begin == 0 and marks > 10


#: Whether a point of the proof that stands open is what one sees there, and not cut off.
SEEN = """(() => {
  const proof = document.querySelector('details.proof[open] div');
  proof.scrollIntoView({block: 'center'});
  const box = proof.getBoundingClientRect();
  const at = [[box.left + 9, box.top + 9], [box.right - 9, box.bottom - 9]];
  return at.every(([x, y]) => proof.contains(document.elementFromPoint(x, y)));
})()"""


@pytest.mark.thorough
@pytest.mark.parametrize("width", [390, 1000])
def test_the_proof_of_the_last_line_of_a_formula_is_not_cut_off(tmp_path, width):
    with visited(page_of("one-layer-chain"), tmp_path, width=width) as page:
        last = "table.equations tbody:last-child details.proof"
        for place in (0, 1):
            page.value(f"document.querySelectorAll('{last} summary')[{place}].click()")
            assert page.value("document.querySelectorAll('details.proof[open]').length") == 1
            assert page.value(SEEN)
            rule = page.value(
                "getComputedStyle(document.querySelector('details[open] .rule')).display"
            )
            assert rule == ("block" if width == 390 else "none")  # beside the formula it stands


@pytest.mark.thorough
def test_a_notebook_is_shown_in_its_cells_with_formulas(tmp_path):
    with visited(notebook_page(), tmp_path, width=380) as page:
        assert page.complaints == [] and len(page.requests) == 1
        tree = page.accessible()
        assert page.value("document.querySelectorAll('.source math').length") == 2
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.value(wide) == 0
    headings = [name for role, name in tree if role == "heading"]
    assert headings == ["my.ipynb", "Cell 1", "Cell 3"]


@pytest.mark.thorough
def test_pages_are_sound_html():
    pages = {f"{name}-{order}": page_of(name, order) for name, order, *_ in CASES[1:]}
    assert page_faults({**pages, "notebook": notebook_page()}) == []
