"""HTML pages: one file that needs nothing else, with sound markup, links and formulas."""

import re
import sys
from dataclasses import replace
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner

from derive import read_model, read_network, report_on
from derive.cli import main
from derive.documents.targets.mathml import mathml
from derive.errors import DeriveError
from tests.sweeps import sweep

EMPTY = {"meta", "input"}
CASES = [
    ("regression-2-3-1", 1),
    ("rms-norm", 1),
    ("three-layer-chain", 1),
    ("two-layer-chain", 2),
    ("softmax-classifier", 1),
    ("attention-head", 2),
]


class Page(HTMLParser):
    """A page whose tags are closed in the order in which they were opened."""

    def __init__(self, text):
        super().__init__()
        self.open, self.ids, self.links, self.text, self.tags = [], [], [], [], set()
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        assert len(given) == len(attributes), f"an attribute is given twice in <{tag}>"
        self.tags.add(tag)
        self.ids += [given["id"]] if "id" in given else []
        self.links += [given["href"]] if "href" in given else []
        assert "src" not in given and not any(name.startswith("on") for name in given)
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.text.append(data)


def page_of(name, order=1):
    given = read_model(name)
    result = report_on(given, ["html"], order=order)
    ((file, text),) = result.files
    assert file.endswith(".html")
    return text, result.equations


@pytest.mark.parametrize(("name", "order"), sweep(CASES, CASES[:2]))
def test_a_page_is_sound_and_needs_nothing_else(name, order):
    text, equations = page_of(name, order)
    page = Page(text)
    assert len(page.ids) == len(set(page.ids))
    assert all(link.startswith("#") for link in page.links)
    assert {link[1:] for link in page.links} <= set(page.ids)
    assert not page.tags & {"script", "link", "img", "iframe"}
    assert {f"eq-{n}" for n in range(1, equations + 1)} <= set(page.ids)
    assert text.count('class="proof"') == equations
    assert not re.search(r"[\\$]", "".join(page.text))
    formulas = re.findall(r"<math.*?</math>", text, re.DOTALL)
    assert len(formulas) > equations
    for formula in formulas:
        ElementTree.fromstring(formula)


def test_what_a_user_wrote_is_text():
    network = replace(read_network("one-layer-chain"), name="<b>R&D</b>")
    ((_, text),) = report_on(network, ["html"]).files
    assert "<b>R" not in text and "&lt;b&gt;R&amp;D&lt;/b&gt;" in text
    Page(text)


def test_steps_to_guess_are_those_that_are_derived():
    text, equations = page_of("one-layer-chain")
    given = len(re.findall(r'class="why">(?:definition|formula)<', text))
    assert text.count('class="reveal"') == equations - given > 0


def test_without_the_package_one_sentence_says_what_to_install(monkeypatch):
    from derive.documents.targets import mathml as module

    module._converter.cache_clear()  # pyright: ignore
    monkeypatch.setitem(sys.modules, "math_core", None)
    with pytest.raises(DeriveError, match=r"pip install 'derive-backprop\[html\]'"):
        mathml("x")
    monkeypatch.undo()
    assert mathml("x") == "<math><mi>x</mi></math>"


def test_the_command_writes_it(tmp_path):
    options = ["report", "one-layer-chain", "--format", "html", "-o", str(tmp_path)]
    assert CliRunner().invoke(main, options).exit_code == 0
    assert [path.name for path in tmp_path.iterdir()] == ["one-layer-chain.html"]


@pytest.mark.parametrize("latex", [r"\log x", r"\min(a, b)", "a < b", r"\text{a \& b}"])
def test_formulas_name_no_character_that_xml_does_not_know(latex):
    ElementTree.fromstring(mathml(latex))


def test_no_line_begins_with_the_comma_behind_a_formula():
    ((_, text),) = report_on(read_model("rms-norm"), ["html"]).files
    assert text.count('<span class="bound"><math') == text.count('class="bound"') > 5
    assert ".bound { white-space: nowrap; }" in text
    assert not re.search(r"</math>[,.;:)]", text)
