"""Expressions in one line of Unicode, and names of LaTeX there."""

import pytest
from sympy import S, Symbol

from derive import Partial, Quantity, ReLU, Step, read_network
from derive.notation.ascii.formulas import read_expression
from derive.notation.tex import LatexWriter
from derive.notation.unicode import UnicodeWriter, unicode_name


@pytest.mark.parametrize(
    ("latex", "shown"),
    [
        (r"\hat{y}^{(n)}_j", "ŷ⁽ⁿ⁾ⱼ"),
        (r"W^{(0)}_{ij}", "W⁽⁰⁾ᵢⱼ"),
        (r"W_{1,ij}", "W₁,ᵢⱼ"),
        (r"\delta^{(2)}", "δ⁽²⁾"),
        (r"\mathrm{net}_{h1}", "netₕ₁"),
        (r"n_{k+1}", "nₖ₊₁"),
        (r"\bar{\theta}_b", "θ̄_b"),
        (r"W^Q_{bc}", "W^Q_(bc)"),
        (r"\lambda", "λ"),
        (r"\Lambda", "Λ"),
        (r"y^\hat{a}", "y^â"),
    ],
)
def test_a_name_is_spelled_with_what_unicode_has(latex: str, shown: str):
    assert unicode_name(latex) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("dC/dW0[i,j]", "∂C/∂W⁽⁰⁾ᵢⱼ"),
        ("d2C/dW0[i,j]dW1[l]", "∂²C/∂W⁽⁰⁾ᵢⱼ∂W⁽¹⁾ₗ"),
        ("(r2 - y)*W1[j]*Step(z1[j])*x[i]", "(r⁽²⁾ - y)·W⁽¹⁾ⱼ·Step(z⁽¹⁾ⱼ)·xᵢ"),
        ("sum(i, W0[i,j]*x[i]) + b0[j]", "Σᵢ(W⁽⁰⁾ᵢⱼ·xᵢ) + b⁽⁰⁾ⱼ"),
        ("1/2*(y - r2)^2", "1/2·(y - r⁽²⁾)²"),
        ("sqrt(y^2 + 1)", "√(1 + y²)"),
        ("delta(i,l)*x[i]*x[l]", "δᵢₗ·xᵢ·xₗ"),
        ("cases(y if y >= 1; 0 if y < 1)", "cases(y if y ≥ 1; 0 if y < 1)"),
        ("Step(y, 1/3)", "Step(y, 1/3)"),
    ],
)
def test_a_line_is_written_as_on_a_blackboard(text: str, shown: str):
    network = read_network("2-3-1", bias=True, output_activation="identity")
    expression = read_expression(text, network)
    assert UnicodeWriter(S.Zero, LatexWriter()).text(expression) == shown


def test_a_convention_that_all_know_is_left_out():
    z = Symbol("z", real=True)
    half = UnicodeWriter(S.Half, LatexWriter())
    assert half.text(ReLU(z, S.Half) * Step(z, S.Half)) == "ReLU(z)·Step(z)"


def test_a_derivative_of_a_formula_keeps_it_together():
    z, r = Quantity("z", S.One), Quantity("r", S.One)
    writer = UnicodeWriter(S.Zero, LatexWriter())
    assert writer.text(Partial(r + z, z)) == "∂(r⁽¹⁾ + z⁽¹⁾)/∂z⁽¹⁾"
