"""Formulas that a page has as trees of MathML are read as LaTeX, at their places."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from derive.checking.check import check
from derive.checking.verdicts import Checked
from derive.cli import main
from derive.documents.targets.mathml import displayed_mathml, mathml
from derive.files.built_in import builtin_network
from derive.reading.delimiters import with_delimiters, without_tags
from derive.reading.mathml.written_in_tex import written_in_tex
from tests.read_again import FINE
from tests.sweeps import sweep

PAGES = sorted((Path(__file__).parents[2] / "output" / "pages").glob("*.html"))


def checked(text: str, network: str = "one-layer-chain") -> Checked:
    return check(text, builtin_network(network), kind="markdown")


@pytest.mark.parametrize(
    ("tree", "tex"),
    [
        ("<mi>C</mi><mo>=</mo><mn>2</mn><mo>&InvisibleTimes;</mo><mi>x</mi>", "C=2 x"),
        ("<mfrac><mrow><mo>∂</mo><mi>C</mi></mrow><mrow><mi>∂</mi><mi>w</mi></mrow></mfrac>",
         r"\frac{\partial C}{\partial w}"),
        ("<msubsup><mi>z</mi><mi>i</mi><mrow><mo>(</mo><mn>1</mn><mo>)</mo></mrow></msubsup>",
         "z_{i}^{(1)}"),
        ("<msup><mrow><mi>A</mi><mi>x</mi></mrow><mo>⊤</mo></msup>", r"{Ax}^{\top}"),
        ("<munderover><mo>∑</mo><mrow><mi>i</mi><mo>=</mo><mn>1</mn></mrow><mi>n</mi></munderover>"
         "<mi>x</mi>", r"\sum_{i=1}^{n}x"),
        ("<mover><mi>y</mi><mo>^</mo></mover><mo>−</mo><mi>y</mi>", r"\hat{y}-y"),
        ("<mi>ReLU</mi><mo>&#x2061;</mo><mo>(</mo><mi>𝐳</mi><mo>)</mo>", r"\mathrm{ReLU}(z)"),
        ("<msqrt><mi>v</mi><mo>+</mo><mi>ε</mi></msqrt>", r"\sqrt{v+ε}"),
        ("<mo>{</mo><mtable><mtr><mtd><mn>1</mn></mtd><mtd><mtext>if </mtext><mi>z</mi>"
         "<mo>&gt;</mo><mn>0</mn></mtd></mtr><mtr><mtd><mn>0</mn></mtd><mtd><mtext>otherwise</mtext></mtd></mtr>"
         "</mtable>",
         r"\begin{cases}1 & \text{if }z>0 \\ 0 & \text{otherwise}\end{cases}"),
    ],
)  # fmt: skip
def test_a_tree_is_written_in_tex(tree: str, tex: str) -> None:
    assert written_in_tex(f"<math>{tree}</math>") == f"\\({tex}\\)"
    assert written_in_tex(f'<math display="block">{tree}</math>') == f"\\[{tex}\\]"


@pytest.mark.parametrize(
    "tree",
    [
        "<mi>C</mi><mo>=</mo><mmultiscripts><mi>x</mi></mmultiscripts>",
        "<mfrac><mi>a</mi></mfrac>",
        "<mi>C</mi><mtext>\\write18{x}</mtext>",
        "<mi>C",
        '<!DOCTYPE math [<!ENTITY a "b">]><mi>&a;</mi>',
    ],
)
def test_of_what_is_not_known_nothing_is_read(tree: str) -> None:
    assert written_in_tex(f"<math>{tree}</math>") is None


@pytest.mark.parametrize(
    ("formula", "verdict"),
    [
        (r"\frac{\partial C}{\partial w} = (\hat y - y)\,\mathrm{Step}(z)\,x", "right"),
        (r"\frac{\partial C}{\partial w} = (\hat y - y)\,x", "wrong"),
        (r"\frac{\partial C}{\partial w} = \begin{cases} (\hat y - y)\,x & \text{if } z > 0 \\"
         r" 0 & \text{otherwise} \end{cases}", "right"),
    ],
)  # fmt: skip
def test_formulas_of_a_browser_are_judged_as_in_latex(formula: str, verdict: str) -> None:
    for page in (f"<p>So {mathml(formula)}.</p>", f"<p>So</p>\n{displayed_mathml(formula)}\n"):
        (only,) = checked(page).equations
        assert str(only.verdict) == verdict
        assert only.line == 1 + page[: page.index("<math")].count("\n")


def test_an_equation_in_cells_of_a_table_is_one() -> None:
    rows = [
        (r"\frac{\partial C}{\partial w}", r"= \frac{\partial C}{\partial z}\,x", "by z = w x"),
        ("", r"= (\hat y - y)", mathml(r"\frac{\partial z}{\partial w} = x")),
        ("", r"\cdot \mathrm{Step}(z)\,x", ""),
        ("", r"= (\hat y - y)\,x", "put in"),
        ("", r"= (\hat y - y)\,x", "all units active"),
    ]
    cells = (
        f"<tr><td>{mathml(left) if left else ''}</td><td>{mathml(right)}</td><td>{why}</td></tr>"
        for left, right, why in rows
    )
    found = checked("<table>" + "\n".join(cells) + "</table>").equations
    assert [str(one.verdict) for one in found] == ["right", "right", "wrong", "right"]


@pytest.mark.parametrize("path", sweep(PAGES, PAGES[:1]), ids=lambda path: path.stem)
def test_every_equation_of_our_pages_is_judged_right(path: Path) -> None:
    found = json.loads(CliRunner().invoke(main, ["check", "--json", str(path)]).output)
    verdicts = Counter(one["verdict"] for one in found["equations"])
    assert verdicts["right"] > 50 and {*verdicts} <= {one.value for one in FINE}


_LEAVES = st.sampled_from(["<mi>x</mi>", "<mo>∑</mo>", "<mn>2</mn>", "<mo>&lt;</mo>", "<mspace/>"])
_NODES = st.recursive(
    _LEAVES,
    lambda inside: st.builds(
        lambda name, parts: f"<{name}>{''.join(parts)}</{name}>",
        st.sampled_from(
            ["mrow", "mfrac", "msub", "msup", "msqrt", "mover", "mtable", "mtr", "mfoo"]
        ),
        st.lists(inside, max_size=3),
    ),
    max_leaves=12,
)


@given(st.lists(st.one_of(_NODES, st.just("</td><td>"), st.just("$ \n")), max_size=5))
def test_no_character_moves(parts: list[str]) -> None:
    text = "a < b <p>" + "".join(f"<math>{part}</math>" for part in parts) + "</p> $c>d$"
    assert len(with_delimiters(text)) == len(text)
    assert len(without_tags(text)) == len(text)


def test_comparisons_are_no_tags() -> None:
    text = "Where $a<b$ and $c>d$, or a <b and c> d, <b>so</b>."
    assert without_tags(text) == text
