"""Whole documents: places, definitions, assumptions, layers, what is outside, bounded time."""
# ruff: noqa: E501 - a formula stands in one line

import json
from time import process_time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import And, S, Symbol

from derive.algebra.quantities import Quantity
from derive.files.built_in import builtin_network
from derive.files.network_file import read_network
from derive.notation.notations import Layout
from derive.reading import (
    Assumption,
    Claim,
    NotUnderstood,
    Outside,
    ShapesDisagree,
    Statement,
    kind_of,
    read_document,
)
from tests.sweeps import thorough

CHAIN = builtin_network("two-layer-chain")
ONE = builtin_network("one-layer-chain")
WIDE = builtin_network("two-layer-general")
BIASED = read_network("2-3-2", bias=True)
SMOOTH = read_network("2-3-2", activation="sigmoid", bias=True)
SEED_NAMES = {"w_1": "W1", "w_2": "W0"}

x, W0, W1 = Quantity("r", 0), Quantity("W", 0), Quantity("W", 1)
z1, z2, r1 = Quantity("z", 1), Quantity("z", 2), Quantity("r", 1)


def claims(statements: tuple[Statement, ...]) -> list[Claim]:
    return [s for s in statements if isinstance(s, Claim)]


def problems(statements: tuple[Statement, ...]) -> list[str]:
    return [s.message for s in statements if isinstance(s, NotUnderstood)]


def markdown(text: str, network=CHAIN, **options: object) -> tuple[Statement, ...]:
    return read_document(text, network, kind="markdown", **options)


# -- places ------------------------------------------------------------------------------


def test_every_statement_knows_its_line_and_column() -> None:
    text = "Some words.\nThen $z^{(1)} = W^{(0)}x$ holds.\n"
    (claim,) = claims(markdown(text))
    assert (claim.place.line, claim.place.column) == (2, 7)
    assert text[claim.place.start : claim.place.end] == "z^{(1)} = W^{(0)}x"
    assert (claim.left_source, claim.right_source) == ("z^{(1)}", "W^{(0)}x")


def test_each_sign_of_a_chain_is_a_claim_with_its_own_place() -> None:
    text = "$$\\begin{aligned}\nr^{(2)} &= ReLU(z^{(2)}) \\\\\n &= ReLU(W^{(1)} r^{(1)})\n\\end{aligned}$$"
    first, second = claims(markdown(text))
    assert (first.place.line, second.place.line) == (2, 3)
    assert not first.continues and second.continues
    assert second.left == first.right


def test_an_undeclared_name_is_rejected_where_it_stands() -> None:
    (found,) = markdown(r"$\frac{\partial C}{\partial w_1} = 0$")
    assert isinstance(found, NotUnderstood)
    assert found.place.column == 29
    assert '"w_1" = "W0"' in found.message


def test_a_chain_goes_on_in_the_next_display() -> None:
    first, second = claims(markdown("$$r^{(1)} = ReLU(z^{(1)})$$\n$$= ReLU(W^{(0)} x)$$"))
    assert second.continues and second.left == first.right


# -- names -------------------------------------------------------------------------------


def test_definitions_bind_from_there_on() -> None:
    statements = markdown(
        "Let $z_1 = w_2 x$, $a_1 = ReLU(z_1)$. Then $\\frac{\\partial C}{\\partial a_1} = 0$.",
        names=SEED_NAMES,
    )
    first, second, third = claims(statements)
    assert (first.defines, first.left) == ("z_1", z1)
    assert (second.defines, second.left) == ("a_1", r1)
    assert third.read_as == "dC/dr1 = 0"


def test_a_definition_may_come_behind_the_first_use() -> None:
    statements = markdown(r"$\frac{\partial C}{\partial V} = V$ where $V = y - \hat y$.")
    first, second = claims(statements)
    assert first.read_as == "dC/dU = U"
    assert second.defines == "V"


def test_a_name_of_its_own_stands_for_its_formula() -> None:
    first, second = claims(markdown(r"$e = \hat y - y$, and $C = \frac12 e^2$"))
    assert (first.defines, second.read_as) == ("e", "C = 1/2*(r2 - y)^2")


def test_a_family_of_quantities_is_recognised() -> None:
    statements = markdown(
        r"$z^{(l+1)}_j = \sum_i W^{(l)}_{ij} a^{(l)}_i$ where $a^{(l)}_j = ReLU(z^{(l)}_j)$", WIDE
    )
    assert not problems(statements)
    assert [c.layer for c in claims(statements)] == ["l = 0", "l = 1", "l = 1", "l = 2"]


def test_a_function_may_be_defined() -> None:
    first, second = claims(markdown(r"$f(t) = \max(0, t)$, so $f'(z^{(1)}) = Step(z^{(1)})$"))
    assert first.read_as == "ReLU(t) = max(0, t)"
    assert second.read_as == "Step(z1) = Step(z1)"
    sigmoid, _ = claims(markdown(r"$g(t) = \frac{1}{1+e^{-t}}$ and $g(z^{(1)}) = 1$"))
    assert sigmoid.read_as == "sigmoid(t) = 1/(1 + exp(-t))"


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("<!-- derive: w_1 = W1, w_2 = W0 -->\n$z^{(2)} = w_1 r^{(1)}$", "markdown"),
        ("% derive: w_1 = W1\n$z^{(2)} = w_1 r^{(1)}$", "latex"),
        ("# derive: w_1 = W1\nz2 = w_1*r1", "text"),
    ],
)
def test_a_header_declares_names(text: str, kind: str) -> None:
    statements = read_document(text, CHAIN, kind=kind)
    assert [c.read_as for c in claims(statements)] == ["z2 = W1*r1"]


def test_a_header_with_a_setting_that_is_none_is_told() -> None:
    (message,) = problems(markdown("<!-- derive: layout = sideways -->"))
    assert "layout is one of" in message


def test_symbols_of_the_network_file_are_used_and_may_be_functions() -> None:
    from dataclasses import replace

    network = replace(CHAIN, symbols={"v": "W1", "H": "Step", r"\rho": "phi"})
    statements = markdown(r"$H(z^{(2)}) v = \rho'(z^{(2)}) W^{(1)}$", network)
    assert [c.read_as for c in claims(statements)] == ["Step(z2)*W1 = Step(z2)*W1"]


# -- layouts and notations -----------------------------------------------------------------


def test_both_layouts_are_read() -> None:
    ours = markdown("$z^{(1)} = W^{(0)T} x + b^{(0)}$", BIASED)
    theirs = markdown("$z^{(1)} = W^{(0)} x + b^{(0)}$", BIASED, layout=Layout.TARGET_SOURCE)
    assert [c.read_as for c in claims(ours)] == [c.read_as for c in claims(theirs)]
    entry = markdown(
        r"$\frac{\partial C}{\partial W^{(0)}_{ji}} = \delta^{(1)}_j x_i$",
        BIASED,
        layout=Layout.TARGET_SOURCE,
    )
    assert claims(entry)[0].read_as == "dC/dW0[i,j] = dC/dz1[j]*x[i]"


def test_shapes_that_disagree_are_told_with_their_sizes() -> None:
    (wrong,) = markdown(r"$\nabla_{W^{(0)}} C = \delta^{(1)} x^T$", BIASED)
    assert isinstance(wrong, ShapesDisagree)
    assert wrong.message == "the left side is 2×3 and the right side is 3×2"
    (wrong,) = markdown(r"$z^{(1)} = W^{(0)} x$", BIASED)
    assert isinstance(wrong, ShapesDisagree)
    assert "2×3 matrix cannot be multiplied by a 2×1" in wrong.message


NIELSEN = r"""<!-- derive: notation = nielsen -->
$$\delta^L = \nabla_a C \odot \sigma'(z^L)$$
$$\delta^l = ((w^{l+1})^T \delta^{l+1}) \odot \sigma'(z^l)$$
$$\frac{\partial C}{\partial b^l_j} = \delta^l_j, \quad
  \frac{\partial C}{\partial w^l_{jk}} = a^{l-1}_k \delta^l_j$$
"""
BISHOP = r"""<!-- derive: notation = bishop -->
$$a_j = \sum_i w_{ji}^{(1)} x_i, \quad z_j = h(a_j)$$
$$\delta_j = h'(a_j) \sum_k w_{kj} \delta_k$$
$$\frac{\partial E}{\partial w_{kj}} = (y_k - t_k) h'(a_k) z_j$$
"""
NG = r"""<!-- derive: notation = ng -->
$$Z^{[1]} = W^{[1]} A^{[0]} + b^{[1]}, \quad A^{[1]} = g(Z^{[1]})$$
$$dW^{[2]} = dZ^{[2]} A^{[1]T}$$
$$dZ^{[1]} = W^{[2]T} dZ^{[2]} * g'(Z^{[1]})$$
"""
GOODFELLOW = r"""<!-- derive: notation = goodfellow -->
$$a^{(k)} = b^{(k)} + W^{(k)} h^{(k-1)}, \quad h^{(k)} = f(a^{(k)})$$
$$\nabla_{a^{(k)}} J = \nabla_{h^{(k)}} J \odot f'(a^{(k)})$$
$$\nabla_{W^{(k)}} J = (\nabla_{a^{(k)}} J) h^{(k-1)\top}$$
"""


@pytest.mark.parametrize(
    ("text", "network", "expected"),
    [
        (
            NIELSEN,
            SMOOTH,
            [
                "dC/dz2[i] = dC/dr2[i]*sigmoid(z2[i])*(1 - sigmoid(z2[i]))",
                "dC/dz1[i] = sigmoid(z1[i])*(1 - sigmoid(z1[i]))*sum(j, dC/dz2[j]*W1[i,j])  (l = 2)",
                "dC/db0[j] = dC/dz1[j]  (l = 2)",
                "dC/db1[j] = dC/dz2[j]  (l = 3)",
                "dC/dW0[i,j] = dC/dz1[j]*x[i]  (l = 2)",
                "dC/dW1[i,j] = dC/dz2[j]*r1[i]  (l = 3)",
            ],
        ),
        (
            BISHOP,
            WIDE,
            [
                "z1[j] = sum(i, W0[i,j]*x[i])",
                "r1[j] = ReLU(z1[j])",
                "dC/dz1[j] = Step(z1[j])*sum(i, dC/dz2[i]*W1[j,i])",
                "dC/dW1[j,i] = (r2[i] - y[i])*Step(z2[i])*r1[j]",
            ],
        ),
        (
            NG,
            BIASED,
            [
                "z1[i] = sum(j, W0[j,i]*x[j]) + b0[i]",
                "r1[i] = ReLU(z1[i])",
                "dC/dW1[j,i] = dC/dz2[i]*r1[j]",
                "dC/dz1[i] = Step(z1[i])*sum(j, dC/dz2[j]*W1[i,j])",
            ],
        ),
        (
            GOODFELLOW,
            BIASED,
            [
                "z1[i] = sum(j, W0[j,i]*x[j]) + b0[i]  (k = 1)",
                "z2[i] = sum(j, W1[j,i]*r1[j]) + b1[i]  (k = 2)",
                "r1[i] = ReLU(z1[i])  (k = 1)",
                "r2[i] = ReLU(z2[i])  (k = 2)",
                "dC/dz1[i] = dC/dr1[i]*Step(z1[i])  (k = 1)",
                "dC/dz2[i] = dC/dr2[i]*Step(z2[i])  (k = 2)",
                "dC/dW0[j,i] = dC/dz1[i]*x[j]  (k = 1)",
                "dC/dW1[j,i] = dC/dz2[i]*r1[j]  (k = 2)",
            ],
        ),
    ],
)
def test_the_notations_of_well_known_texts(text: str, network, expected: list[str]) -> None:
    statements = markdown(text, network)
    assert not problems(statements)
    assert [c.read_as for c in claims(statements)] == expected


def test_a_general_layer_is_every_layer_that_it_can_mean() -> None:
    statements = markdown(r"$\frac{\partial C}{\partial W^{(k)}} = \delta^{(k+1)} r^{(k)}$")
    assert [(c.layer, c.read_as) for c in claims(statements)] == [
        ("k = 0", "dC/dW0 = dC/dz1*x  (k = 0)"),
        ("k = 1", "dC/dW1 = dC/dz2*r1  (k = 1)"),
    ]


def test_a_general_statement_about_an_activation_is_about_the_layers_that_have_it() -> None:
    mixed = read_network("2-3-2", output_activation="identity")
    statements = markdown(r"$r^{(k)}_j = ReLU(z^{(k)}_j)$", mixed)
    assert [c.layer for c in claims(statements)] == ["k = 1"]


# -- assumptions and conditions ------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Assume that $x > 0$.",
        "assume $x > 0$",
        "Also assume that $x$ > 0 always.",
        "Suppose $x>0$.",
        "Let $x > 0$.",
        "assuming $x \\gt 0$",
    ],
)
def test_assumptions_in_words(text: str) -> None:
    (found,) = markdown(text)
    assert isinstance(found, Assumption)
    assert found.condition == (x > 0)


@pytest.mark.parametrize(
    "text",
    [
        r"$r^{(1)} = z^{(1)} \quad \text{if } z^{(1)} > 0$",
        r"$r^{(1)} = z^{(1)}$ if $z^{(1)} > 0$.",
        r"If $z^{(1)} > 0$, then $r^{(1)} = z^{(1)}$.",
        r"$r^{(1)} = z^{(1)}, \; z^{(1)} > 0$",
    ],
)
def test_conditions_of_one_line(text: str) -> None:
    (found,) = claims(markdown(text))
    assert found.where == (z1 > 0)


def test_a_condition_holds_for_the_lines_that_go_on_from_it() -> None:
    text = "$$\\begin{aligned} r^{(2)} &= z^{(2)} && \\text{if } z^{(2)} > 0 \\\\ &= W^{(1)} r^{(1)} \\end{aligned}$$"
    first, second = claims(markdown(text))
    assert first.where == second.where == (z2 > 0)


def test_a_left_side_on_lines_of_its_own_is_equated_below() -> None:
    text = r"$$\begin{aligned} r^{(1)} &= ReLU(z^{(1)}) \\ & W^{(1)} \\ &\quad {}\cdot r^{(1)} \\ &= z^{(2)} \end{aligned}$$"
    first, second = claims(markdown(text))
    assert (first.left, second.left) == (r1, W1 * r1)
    assert second.right == z2


def test_several_conditions_hold_together() -> None:
    (found,) = claims(
        markdown(
            r"$ReLU(w_1 ReLU(w_2 x)) = w_1 w_2 x \text{ if } w_1 > 0, w_2 > 0$", names=SEED_NAMES
        )
    )
    assert found.where == And(W0 > 0, W1 > 0)


# -- what is not judged --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        (r"C \approx 0", "an approximation"),
        (r"x > 0", "a comparison"),
        (r"\frac{\partial C}{\partial W^{(0)}}", "states no equality"),
        (r"w \leftarrow w - \eta \, dC/dw", "assignment"),
        (r"w := w - \eta \, dC/dw", "assignment"),
        (r"C \propto x", "proportionality"),
        (r"x \in \mathbb{R}", "set"),
        (r"Step(0) = 1", "convention"),
        (r"x = 0", "a value"),
    ],
)
def test_what_is_no_equality_to_judge(formula: str, words: str) -> None:
    found = markdown(f"Here is ${formula}$.")
    assert found and all(isinstance(s, Outside) for s in found)
    assert words in str(found[0])


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        (r"z^{(3)} = 1", "no z of layer 3"),
        (r"\frac{\partial C}{\partial} = 1", "where a variable is expected"),
        (r"x = ", "nothing stands"),
        (r"x = (y", "never closed"),
        (r"x = y)", "closes nothing"),
        (r"x = \foo y", r"\foo is not read"),
        (r"x = \left( y", "no \\right"),
        (r"x = \begin{cases} y", "no \\end"),
        (r"x = y^{1/3}", "an exponent is a whole number"),
        (r"x = f", "not declared"),
        (r"\tanh = 1", "argument is missing"),
        (r"\frac{\partial^2 C}{\partial W^{(0)}} = 1", "of order 2 above and of order 1 below"),
        (r"C = 1/0", "divides by zero"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_sentence(formula: str, words: str) -> None:
    found = problems(markdown(f"${formula}$"))
    assert found and words in found[0]
    assert "\n" not in found[0]


# -- kinds of documents --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "kind"),
    [
        ("a.md", "", "markdown"),
        ("a.tex", "", "latex"),
        ("a.ipynb", "", "notebook"),
        ("-", '{"cells": []}', "notebook"),
        ("-", r"\documentclass{article}", "latex"),
        ("a.txt", "so $x = 1$", "markdown"),
        ("a.txt", "x = 1", "text"),
    ],
)
def test_kinds_of_documents(name: str, text: str, kind: str) -> None:
    assert kind_of(name, text) == kind


def test_macros_without_arguments_and_with_them() -> None:
    text = (
        r"\newcommand{\pd}[2]{\frac{\partial #1}{\partial #2}} \def\w{W^{(0)}}"
        "\n"
        r"\DeclareMathOperator{\relu}{ReLU} \begin{document} $\pd{C}{\w} = \relu(x)$ \end{document}"
    )
    statements = read_document(text, CHAIN, kind="latex")
    assert [c.read_as for c in claims(statements)] == ["dC/dW0 = ReLU(x)"]


def test_plain_text_is_read_line_by_line() -> None:
    text = "# notes\ndC/dW1 = dC/dz2*r1 = (r2 - y)*Step(z2)*r1\nassume x > 0\nr1 = z1, if z1 > 0\nJust words here, left alone\n"
    statements = read_document(text, CHAIN, kind="text")
    assert [type(s).__name__ for s in statements] == ["Claim", "Claim", "Assumption", "Claim"]
    assert [s.place.line for s in statements] == [2, 2, 3, 4]
    assert claims(statements)[1].continues
    assert claims(statements)[2].where == (z1 > 0)


def test_a_wrong_line_of_plain_text_is_told_with_its_column() -> None:
    (found,) = read_document("x = 1 +* 2", CHAIN, kind="text")
    assert isinstance(found, NotUnderstood)
    assert found.place.column == 8


def test_places_in_a_notebook_are_those_of_the_file() -> None:
    cells = [
        {"cell_type": "code", "source": ["y = '$a = b$'"]},
        {"cell_type": "markdown", "source": ["# Title\n", "So $z^{(1)} = W^{(0)} x$\n"]},
        {"cell_type": "markdown", "source": "and $\\hat y = r^{(2)}$"},
    ]
    text = json.dumps({"cells": cells, "nbformat": 4}, indent=1)
    first, second = claims(read_document(text, CHAIN, kind="notebook"))
    assert first.read_as == "z1 = W0*x"
    lines = text.split("\n")
    assert lines[first.place.line - 1][first.place.column - 1 :].startswith("z^{(1)}")
    assert lines[second.place.line - 1][second.place.column - 1 :].startswith("\\\\hat y")


def test_a_broken_notebook_is_told() -> None:
    (message,) = problems(read_document('{"cells": [', CHAIN, kind="notebook"))
    assert "no notebook" in message


def test_functions_of_a_plain_variable_do_not_mix_with_quantities() -> None:
    (message,) = problems(markdown(r"$z = W^{(0)} x$"))
    assert "z has no layer here" in message
    (claim,) = claims(markdown(r"$\frac{d}{dz} ReLU(z) = Step(z)$"))
    assert claim.left.free_symbols & {Symbol("z", real=True)}
    assert claim.where == S.true


# -- any text at all -----------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        r"$",
        r"$$",
        r"\frac",
        r"\partial",
        r"{",
        r"}",
        r"(",
        r")",
        r"[",
        r"]",
        r"^",
        r"_",
        r"=",
        r"+",
        r"-",
        r"*",
        r"/",
        r"\\",
        r"&",
        r"C",
        r"W",
        r"z",
        r"x",
        r"y",
        r"r",
        r"1",
        r"2",
        r"(0)",
        r"(1)",
        r"{ij}",
        r"\sum",
        r"\begin{cases}",
        r"\end{cases}",
        r"\begin{align}",
        r"\end{align}",
        r"\left(",
        r"\right)",
        r"\text{if}",
        r"\delta",
        r"'",
        r",",
        r"\odot",
        r"^T",
        r"\nabla_W",
        r"\hat",
        r"\mathbf",
        r"0",
        r"\quad",
        r"ReLU",
        r"\max",
        r"\{",
        r"\}",
        r"|",
        r"\|",
        r"<",
        r">",
        r"\le",
        r":",
        r":=",
        r"`",
        r"```",
        r"%",
        r"\(",
        r"\)",
        r"\[",
        r"\]",
        r"\mathbb{1}",
        r"\sigma",
        r"\cdot",
        r".",
        r"e^",
        r"\newcommand{\a}{\a}",
        r"\a",
        r"d",
        r"dW",
        r"\int",
    ]
)


@pytest.mark.parametrize("kind", ["markdown", "latex", "text"])
def test_a_name_with_a_broken_exponent_is_no_definition(kind: str) -> None:
    statements = read_document("$e^ :=$\ne^ :=", CHAIN, kind=kind)
    assert any(isinstance(s, NotUnderstood) for s in statements)


@settings(max_examples=300, deadline=None)
@given(st.lists(PIECES, max_size=25).map(" ".join), st.sampled_from(["markdown", "latex", "text"]))
def test_nothing_that_is_written_raises(text: str, kind: str) -> None:
    for network in (CHAIN, WIDE):
        statements = read_document(f"${text}$\n{text}", network, kind=kind)
        assert all(isinstance(s, Statement) for s in statements)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=200), st.sampled_from(["markdown", "latex", "text", "notebook"]))
def test_no_text_raises(text: str, kind: str) -> None:
    assert isinstance(read_document(text, CHAIN, kind=kind), tuple)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("$" + "{" * 1000 + "x" + "}" * 1000 + " = 1$", "markdown"),
        ("$" + "(" * 1000 + "x" + ")" * 1000 + " = 1$", "markdown"),
        ("$$" + r"\left(" * 500 + "x" + r"\right)" * 500 + " = 1$$", "markdown"),
        ("$$" + r"\frac{" * 500 + "x" + "}{2}" * 500 + " = 1$$", "markdown"),
        ("$" + "x+" * 1_000_000 + "1 = 0$", "markdown"),
        (r"\newcommand{\a}{\b\b}\newcommand{\b}{\a\a} $x = \a$", "markdown"),
        ("$$x = 9^{9^{9^{9}}}$$", "markdown"),
        ("$$x = " + r"x \odot " * 3000 + " x$$", "markdown"),
        ("x + " * 1_000_000, "text"),
        ('{"cells":[' * 10_000, "notebook"),
    ],
)
def test_absurd_documents_are_refused_quickly(text: str, kind: str) -> None:
    start = process_time()
    found = read_document(text, WIDE, kind=kind)
    assert process_time() - start < 10
    assert found and all(isinstance(s, NotUnderstood) for s in found)


@pytest.mark.parametrize(
    "piece",
    ["lorem ipsum ", "$$", "` ", r"\[ ", r"\begin{align} ", "<!-- ", thorough("$x$ ")],
)
def test_a_large_document_takes_seconds(piece: str) -> None:
    text = piece * (1_000_000 // len(piece))
    start = process_time()
    read_document(text, CHAIN, kind="markdown")
    assert process_time() - start < 20
