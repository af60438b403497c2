r"""Where formulas stand: MyST, reStructuredText, HTML, fences, lines of their own, phones."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from derive.checking.check import check
from derive.files.built_in import builtin_network
from derive.reading.delimiters import with_delimiters, with_fences
from derive.reading.documents import kind_of
from derive.reading.latex.lexical.choices import CHOOSING, as_typed, with_numbers
from derive.reading.latex.lexical.tokens import tokenize

RIGHT = r"\frac{\partial C}{\partial w} = (\hat y - y)\, Step(z)\, x"
WRONG = r"\frac{\partial C}{\partial w} = (\hat y - y)\, x"


def verdicts(text: str, name: str = "notes.md", network: str = "one-layer-chain") -> list[str]:
    """The lines of the equations with their verdicts."""
    found = check(text, builtin_network(network), kind=kind_of(name, text))
    return [f"{one.line}: {one.verdict}" for one in found.equations]


@pytest.mark.parametrize(
    "text",
    [
        "```{math}\n%s\n```\n",
        "```{math}\n:label: gradient\n%s\n```\n",
        ":::{math}\n%s\n:::\n",
        "```latex\n%s\n```\n",
        "```tex\n\\begin{align}\n%s\n\\end{align}\n```\n",
        ".. math::\n\n   %s\n\nand so on\n",
        ".. math:: %s\n\nand so on\n",
        ".. math::\n   :label: gradient\n\n   %s\n",
        "so {math}`%s` holds",
        "so :math:`%s` holds",
        '<p>so</p><script type="math/tex">%s</script>',
        "<script type='math/tex; mode=display'>% <![CDATA[\n%s %]]></script>",
        '<math><semantics><mi>x</mi><annotation encoding="application/x-tex">%s</annotation>'
        "</semantics></math>",
        "so \\\\(%s\\\\) holds",
        "\\\\[%s\\\\]",
        "$$\n%s\n$$ {#eq-gradient}\n\nby @eq-gradient",
    ],
)
def test_formulas_between_other_delimiters_are_read(text: str) -> None:
    for formula, verdict in ((RIGHT, "right"), (WRONG, "wrong")):
        whole = text.replace("%s", formula)
        line = whole[: whole.index("\\frac")].count("\n") + 1
        assert verdicts(whole) == [f"{line}: {verdict}"], whole


def test_a_code_block_that_shows_a_directive_is_none() -> None:
    assert verdicts(f"```rst\n.. math::\n\n   {WRONG}\n```\n") == []
    assert verdicts(f"```latex\n\\documentclass{{article}}\n${WRONG}$\n```\n") == []


@given(st.text('`$:{}\\()[]<>/ \n\tmath.=x;"script', max_size=120))
def test_no_character_moves(text: str) -> None:
    for change in (with_fences, with_delimiters):
        changed = change(text)
        assert len(changed) == len(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("```\ndC/dw = (yhat - y)*Step(z)*x\n```\n", ["2: right"]),
        ("```text\n∂C/∂w = (ŷ − y)·x\n```\n", ["2: wrong"]),
        ("So\n\n    ∂C/∂w = (ŷ − y)·Step(z)·x\n", ["3: right"]),
        ("- dC/dw = (yhat - y) Step(z) x\n- done\n", ["1: right"]),
        ("∂C/∂w = (ŷ − y)·x\n", ["1: wrong"]),
        # Nobody can tell where it ends, and so it is only reported.
        ("Then ∂C/∂w = (ŷ − y)·x follows from that.\n", ["1: not_understood"]),
        ("By `dC/dw = (yhat - y) x` it is clear.\n", ["1: not_understood"]),
        ("<math><mi>C</mi><mo>=</mo><mfoo>y</mfoo></math>\n", ["1: not_understood"]),
        # No mathematics.
        ("```sh\nexport x=dC/dw\n```\n\nLet n = 3 be given, a = b.\n", []),
    ],
)
def test_no_line_that_looks_like_mathematics_is_passed_over(text: str, expected: list[str]) -> None:
    assert verdicts(text) == expected


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("dC/dw = (yhat-y)*(1 if z>0 else 0)*x", "right"),
        ("dC/dW0 = (yhat-y)(1 if z1>0 else 0) x", "right"),
        ("relu'(z) = 1 if z>0 else 0", "right"),
        ("∂C/∂W₀ = (ŷ−y)·Step(z₁)·x", "right"),
        ("∂C/∂W0 = (ŷ−y)·1[z1>0]·x", "right"),
        ("∂C/∂w = (ŷ−y)·𝟙[z>0]·x", "right"),
        ("C = ½(ŷ−y)²", "right"),
        ("dC/dW0 = (yhat-y) x", "wrong"),
        ("dC/dw = (yhat-y)*(0 if z>0 else 1)*x", "wrong"),
        ("∂C/∂w = (y−ŷ)·𝟙[z>0]·x", "wrong"),
        ("∂C/∂w = (ŷ−y)·1{z>0}·x", "right"),
        ("∂C/∂w = (ŷ−y)·x·(1 if (z>0) else 0)", "right"),
        ("∂C/∂w = (ŷ−y)·x·(1 if (z<0) else 0)", "wrong"),
        ("∂C/∂w = (ŷ−y)·Foo(z)·x", "not_understood"),
    ],
)
def test_what_is_typed_on_a_phone_is_read(line: str, verdict: str) -> None:
    assert verdicts(f"{line}\n", "notes.txt") == [f"1: {verdict}"]


def test_names_with_numbers_are_read_as_they_are_declared() -> None:
    head = "# derive: w_1 = W0, w_2 = W1\n"
    lines = (
        "dC/dw2 = (yhat-y)*Step(z2)*r1",
        "∂C/∂w₁ = (ŷ−y)·Step(z₂)·w₂·Step(z₁)·x",
        "dC/dw1 = (yhat-y)*w2*x",
    )
    found = verdicts(head + "\n".join(lines), "notes.txt", "two-layer-chain")
    assert found == ["2: right", "3: right", "4: wrong"]


@pytest.mark.parametrize(
    ("line", "verdict"),
    [
        ("∂C/∂W₀ = (ŷ−y)·Step(z₁)x", "right"),
        ("∂C/∂W₀ = (ŷ−y) W₀ x", "wrong"),
        ("dC/dW0 = (yhat-y)(1 if z1>0 else 0) x[0]", "not_understood"),  # which entry, who knows
        ("dC/dW0 = 2 (yhat-y) z1[0]", "not_understood"),
    ],
)
def test_numbers_stuck_to_names_are_part_of_them(line: str, verdict: str) -> None:
    assert verdicts(f"{line}\n", "notes.txt") == [f"1: {verdict}"]


def test_names_of_what_was_typed_keep_their_places() -> None:
    line = "dC/dW₀ = (yhat-y)(1 if z₁>0 else 0) w2"
    tokens = as_typed(with_numbers(tokenize(line, 0, len(line), {}, CHOOSING | {"yhat"}), {"W0"}))
    for sign in ("yhat", "=", "z"):
        assert [t.start for t in tokens if t.text == sign] == [line.index(sign)]
    found = "".join(t.text for t in tokens[-3:])
    assert [(t.start, t.end) for t in tokens if t.text == "W0"] == [(4, 6)]
    assert found == "w_2"


@pytest.mark.parametrize(
    "formula",
    [
        r"\text{if } z > 0: \frac{\partial C}{\partial w} = (\hat y - y) x",
        r"\text{if } z > 0, \quad \frac{\partial C}{\partial w} = (\hat y - y) x",
        r"\text{If $z > 0$ then } \frac{\partial C}{\partial w} = (\hat y - y) x",
    ],
)
def test_a_condition_at_the_head_of_a_display_holds_for_it(formula: str) -> None:
    """It was lost, and a right line called wrong."""
    assert verdicts(f"$${formula}$$") == ["1: right"]
    other = formula.replace("> 0", "< 0")
    assert verdicts(f"$${other}$$") == ["1: wrong"]
