"""Formulas of somebody else's: converted as far as that goes, and nothing else gets in."""

import sys
from xml.etree import ElementTree

import pytest

from derive.documents.targets import mathml as module
from derive.documents.targets.foreign_mathml import ForeignMathml


def written(latex, display=False):
    return ForeignMathml().written(latex, display=display)


def test_formulas_are_converted():
    assert written("a^2") == "<math><msup><mi>a</mi><mn>2</mn></msup></math>"
    aligned = written(r"\begin{align} a &= b \\ c &= d \end{align}", display=True)
    assert aligned.count("<mtr>") == 2 and 'display="block"' in aligned
    assert written(r"\begin{align} a &= b \\[6pt] c &= d \end{align}", display=True) == aligned
    assert "[" in written(r"\begin{align} a &= b \\ [x] &= d \end{align}", display=True)


def test_equations_are_counted_through_a_document():
    formulas = ForeignMathml()
    numbers = [
        formulas.written(r"\begin{equation} a = b \end{equation}", display=True) for _ in range(2)
    ]
    assert "(1)" in numbers[0] and "(2)" in numbers[1]


@pytest.mark.parametrize(
    "latex",
    [
        r"\unheardof{x}", "a & b", r"\frac{", "x" * 2001, r"\sqrt{" * 20_000, "{" * 100_000,
        r"\begin{tikzpicture}\end{tikzpicture}", r"\href{javascript:alert(1)}{x}",
    ],
)  # fmt: skip
def test_what_cannot_be_converted_is_left(latex):
    assert written(latex) == ""


@pytest.mark.parametrize(
    "latex",
    [
        r"\text{<script>alert(1)</script>}", r"\text{\" onload=\"x}", r"\mathrm{<img>}",
        r"\label{\" onclick=\"x}", r"\textcolor{red}{x}", r"\def\a{\text{</math><script>}}\a",
        r"\eqref{x}",
    ],
)  # fmt: skip
def test_only_mathematics_gets_into_a_page(latex):
    made = written(latex)
    if made:
        for part in ElementTree.fromstring(made).iter():
            assert part.tag.startswith("m")
            assert not [name for name in part.attrib if name.startswith("on") or name == "href"]


def test_a_definition_that_grows_without_end_ends():
    assert written(r"\def\a{\a\a}\a") == ""


def test_without_the_package_formulas_are_left(monkeypatch):
    module._converter.cache_clear()  # pyright: ignore
    monkeypatch.setitem(sys.modules, "math_core", None)
    assert written("a") == ""
