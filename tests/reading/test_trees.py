"""Formulas as trees: what is written, wherever it stands, whatever its names mean."""

from __future__ import annotations

import pytest

from derive import check
from derive.files.network_file import read_network
from derive.reading.latex.lexical.breaches import breach
from derive.reading.latex.lexical.tokens import Token, tokenize
from derive.reading.latex.syntax.parsing import parsed
from derive.reading.latex.syntax.tree import (
    BigSum,
    Broken,
    Enclosed,
    Exponential,
    FractionBar,
    Named,
    Operator,
    Scripted,
    Terms,
)

ONE = read_network("one-layer-chain")


def tokens(text: str) -> tuple[Token, ...]:
    return tuple(tokenize(text, 0, len(text), {}))


def tree(text: str) -> Terms:
    return parsed(tokens(text), len(text))


def kinds(text: str) -> list[type]:
    """What stands in the one term of a formula."""
    (run,) = tree(text).runs
    return [type(item) for item in run.items]


def test_a_formula_is_parsed_once() -> None:
    assert tree("a + b") is tree("a + b")


@pytest.mark.parametrize(
    ("text", "items"),
    [
        ("f (x)", [Named, Enclosed]),  # a product, or f at x: that is for those who know f
        ("f (x)^2", [Named, Scripted]),
        (r"a \cdot b / c", [Named, Operator, Named, Operator, Named]),
        (r"\frac{\partial C}{\partial w} x", [FractionBar, Named]),
        (r"e^{-z} z", [Exponential, Named]),
        (r"2 \sum_i a_i b_i", [type(tree("2").lone), BigSum]),
    ],
)
def test_items_stand_side_by_side(text: str, items: list[type]) -> None:
    assert kinds(text) == items


def test_each_part_knows_its_place() -> None:
    text = r"\frac{a}{b} + (c - d)"
    places = {node.token.text: node.start for node in tree(text).walk() if isinstance(node, Named)}
    assert places == {letter: text.rindex(letter) for letter in "bcd"} | {"a": 6}


def test_what_cannot_be_parsed_ends_its_part_only() -> None:
    found = tree(r"(a + \foo) b")
    assert [type(item) for item in found.runs[0].items] == [Enclosed, Named]
    assert any(isinstance(node, Broken) and node.start == 5 for node in found.walk())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[0, 1)", None),
        ("p(y|x)", None),
        (r"\left\{ \begin{cases} a \end{cases} \right.", None),
        (r"q \left( \frac{a}{b} \right)", None),
        ("z^{(1}", "this ( is never closed"),
        ("a)", "found ) that closes nothing"),
        (r"\begin{cases} a", r"this \begin{cases} is never closed"),
    ],
)
def test_brackets_that_do_not_go_together(text: str, said: str | None) -> None:
    found = breach(tokens(text))
    assert (None if found is None else str(found)) == said


@pytest.mark.parametrize(
    ("formula", "verdict"),
    [
        (r"\lvert x \rvert = x", "right_if"),
        (r"\tanh\left|x\right| = \tanh x", "right_if"),
        (r"C\left(w\right) = \frac12 (\hat y - y)^2", "right"),
    ],
)
def test_brackets_mean_what_they_show(formula: str, verdict: str) -> None:
    (one,) = check(f"${formula}$", ONE, kind="markdown").equations
    assert one.verdict is not None and one.verdict.value == verdict
