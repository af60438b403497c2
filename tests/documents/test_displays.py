"""What notebooks show: formulas that can be typeset, and no markup of a user's."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from sympy import Symbol

import derive
from derive import Equation, Layer, Line, Network, backpropagate, evaluate, prove
from derive.deriving.model_gradient import model_gradient
from derive.documents.targets.mathml import displayed_mathml
from derive.files.network_file import read_model
from derive.meaning.derivation import Derivation, Group

CHAIN = backpropagate("two-layer-chain")
DEFINITIONS = r"""**two-layer-chain**

$$
\begin{aligned}
z^{(1)} &= W^{(0)}\,x \\
r^{(1)} &= \mathrm{ReLU}(z^{(1)}) \\
z^{(2)} &= W^{(1)}\,r^{(1)} \\
r^{(2)} &= \mathrm{ReLU}(z^{(2)}) \\
U &= y - r^{(2)} \\
C &= \frac{1}{2}\,U^2
\end{aligned}
$$"""
VALUES = r"""$$
\begin{aligned}
C &= 2 \\
x &= \begin{pmatrix} 1 \\ 2 \end{pmatrix} \\
z^{(1)} &= 0 \\
r^{(1)} &= 0 \\
\frac{\partial C}{\partial W^{(0)}} &= \begin{pmatrix} -2 \\ -4 \end{pmatrix} \\
\nabla^2 C &= \begin{pmatrix} 1 & 2 \\ 2 & 4 \end{pmatrix} \\
G &= \begin{pmatrix} 1 & 2 \\ 2 & 4 \end{pmatrix}
\end{aligned}
$$

At a kink, where the pre-activation is exactly 0: z1\[0\]; """
BY_CONVENTION = "derivatives there are by the convention Step(0) = 1 and Step'(0) = 0."


def markdown(value: Any) -> str:
    return value._repr_markdown_()


def latex(value: Any) -> str:
    return value._repr_latex_()


def test_a_network_shows_its_definitions() -> None:
    assert markdown(read_model("two-layer-chain")) == DEFINITIONS


def test_an_evaluation_shows_vectors_and_matrices() -> None:
    point = {"x": [1, 2], "y": [2], "W0": [[2], [-1]]}
    network = derive.read_network("2-1", at_zero="1")
    assert markdown(evaluate(network, point, order=2)) == VALUES + BY_CONVENTION


def test_only_the_shape_of_a_large_matrix_is_shown() -> None:
    assert r"\nabla^2 C &= [13 \times 13]" in markdown(evaluate("regression-2-3-1", order=2))


def test_a_line_a_chain_and_an_equation_are_one_formula() -> None:
    chain = CHAIN["dC/dW0"]
    start, end = r"\frac{\partial C}{\partial W^{(0)}}", r"\frac{\partial C}{\partial z^{(1)}}\,x"
    assert latex(chain).startswith(rf"$\displaystyle \begin{{aligned}}{chr(10)}{start} &= ")
    assert latex(chain).endswith(f"&= {end}\n\\end{{aligned}}$")
    assert latex(chain[-1]).endswith(rf"= {end} \qquad \text{{differentiate}}$")
    last = Equation(chain[0].lhs, chain[-1].rhs)
    assert latex(last) == rf"$\displaystyle {start} = {end}$"
    where = next(line for line in CHAIN.steps if line.where.free_symbols)
    assert r"\quad \text{if }" in latex(where)


def test_lines_of_a_model_are_in_its_names() -> None:
    chain = model_gradient(read_model("linear"))["dC/dW"]
    assert r"\frac{\partial C}{\partial o_{nj}}" in latex(chain) and latex(chain[-1])
    matrices = next(g for g in model_gradient(read_model("linear")).groups if g.steps[0].matrices)
    assert latex(matrices.steps[0])


def test_a_derivation_has_headings_rules_and_numbers() -> None:
    shown = markdown(CHAIN)
    assert re.findall(r"^## (.*)$", shown, re.M)[:2] == [
        "Forward pass", "Derivative of the cost, by expanding the square",
    ]  # fmt: skip
    numbers = [int(number) for number in re.findall(r"&&\\quad \((\d+)\)", shown)]
    assert numbers == [*range(1, len(list(CHAIN.steps)) + 1)]
    assert r"\text{insert (8)} &&\quad (9)" in shown
    assert markdown(CHAIN.groups[1]) in shown.replace("(4)", "(1)").replace("(5)", "(2)").replace(
        "(6)", "(3)"
    ).replace("(7)", "(4)").replace("(8)", "(5)")


def test_a_proof_is_a_sentence_with_formulas() -> None:
    assert markdown(prove("ReLU(x_1)", "x_1")) == (
        r"refuted at x\_1 = -1: left 0, right -1; it holds where $x_1 > 0$"
    )


@pytest.mark.parametrize(
    "value",
    [
        *(read_model(name) for name in ("softmax-classifier", "general-layer", "attention-head")),
        derive.read_network("1-" * 80 + "1"),
        derive.second_order("leaky-chain"),
        model_gradient(read_model("layer-norm")),
        derive.hessian_program("2-2-2-1"),
        evaluate("regression-2-3-1"),
        evaluate("linear", {"x": [[1, 2]], "W": [[1], [2]], "b": [0], "y": [[3]]}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_formulas_can_be_typeset(value: Any) -> None:
    formulas = re.findall(r"\$\$\n(.*?)\n\$\$", markdown(value), re.S)
    assert formulas
    for formula in formulas:
        assert "<math" in displayed_mathml(formula)


BAD = Symbol("<b>$x$</b>")
HREF = Symbol(r"\href{javascript:alert(1)}{x}")


@pytest.mark.parametrize("bad", [BAD, HREF, Symbol("`x`"), Symbol("x\n\ny")])
def test_a_name_that_is_no_word_is_left_to_the_text(bad: Symbol) -> None:
    line = Line(bad, bad, "claimed")
    assert latex(Equation(bad, Symbol("x"))) is latex(line) is None
    group = Group("forward", read_model("1-1"), (line,))
    assert markdown(group) is markdown(Derivation((group,))) is None


def test_a_notation_is_kept_but_where_matrices_would_have_to_be_turned() -> None:
    network = replace(derive.read_network("2-3-1"), notation="nielsen")
    assert r"z^2_i &= \sum_{j=1}^2 w^2_{ij}\,x_j" in markdown(network)
    derivation = backpropagate(network)
    assert markdown(derivation) == markdown(backpropagate("2-3-1"))
    assert markdown(derivation.groups[1]) != markdown(backpropagate("2-3-1").groups[1])


def test_names_that_leave_a_quantity_without_one_are_not_used() -> None:
    plain = derive.read_network("1-1")
    for own in (replace(plain, symbols={"z": "r"}), replace(plain, notation="none")):
        assert markdown(own) == markdown(plain)


def test_words_of_users_are_escaped() -> None:
    network = Network(1, (Layer(1),), name="a*b<i>$x$", symbols={r"\href{x}{y}$": "W0"})
    assert markdown(network).startswith(r"**a\*b\<i\>\$x\$**") and "href" not in markdown(network)
    line = Line(Symbol("x"), Symbol("x"), "so} $ <b>")
    assert latex(line) == r"$\displaystyle x = x$"
    checked = derive.check("So $z = \\foo$", "1-1")
    assert r"\\foo is not read here" in markdown(checked)
    assert markdown(Derivation(())) is None
