"""Expressions as LaTeX, in the order in which a person writes them."""

from __future__ import annotations

import pytest
from sympy import (
    Add,
    And,
    Expr,
    KroneckerDelta,
    Mul,
    Or,
    Piecewise,
    Rational,
    Sum,
    Symbol,
    exp,
    log,
    symbols,
    tanh,
)

from derive.algebra.functions import LeakyReLU, ReLU, Step, sigmoid
from derive.algebra.indices import index
from derive.algebra.quantities import Partial, Quantity
from derive.notation.breaking import lines
from derive.notation.tex import LatexWriter, tex

i, j, m = index("i"), index("j"), index("m")
k, alpha, n = symbols("k alpha n_1")
C, y = Quantity("C", 2), Quantity("y", 2, j)
W, Wij = Quantity("W", 1), Quantity("W", 0, i, j)
r, z = Quantity("r", 2), Quantity("z", 2)
rj, zj, x = Quantity("r", 2, j), Quantity("z", 2, j), Quantity("r", 0, i)
half = Rational(1, 2)


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        (Wij, "W^{(0)}_{ij}"),
        (Quantity("W", 0, 1, 12), "W^{(0)}_{1,12}"),
        (x, "x_i"),
        (Quantity("z", k + 1, j), "z^{(k+1)}_j"),
        (Quantity("r", k - 1), "r^{(k-1)}"),
        (rj - y, "r^{(2)}_j - y_j"),
        (y - rj, "y_j - r^{(2)}_j"),
        ((y - rj).expand() ** 2, "(y_j - r^{(2)}_j)^2"),
        (((y - rj) ** 2).expand(), "y_j^2 - 2y_j\\,r^{(2)}_j + (r^{(2)}_j)^2"),
        (Mul(half, 2 * rj - 2 * y, evaluate=False), "\\frac{1}{2}\\,(2r^{(2)}_j - 2y_j)"),
        (Rational(2, 3) * rj - Rational(2, 3) * y, "\\frac{2}{3}\\,(r^{(2)}_j - y_j)"),
        (2 * (rj - y) / n, "\\frac{2}{n_1}\\,(r^{(2)}_j - y_j)"),
        (-y / rj, "-\\frac{y_j}{r^{(2)}_j}"),
        (1 - rj, "1 - r^{(2)}_j"),
        (rj * (1 - rj), "r^{(2)}_j\\,(1 - r^{(2)}_j)"),
        (Mul(Quantity("U", 2), -1, evaluate=False), "U \\cdot (-1)"),
        (Partial(C, z), "\\frac{\\partial C}{\\partial z^{(2)}}"),
        (Partial(r, z) * Partial(C, r),
         "\\frac{\\partial C}{\\partial r^{(2)}}\\,\\frac{\\partial r^{(2)}}{\\partial z^{(2)}}"),
        (Partial(W * r, W), "\\frac{\\partial}{\\partial W^{(1)}}\\left[r^{(2)}\\,W^{(1)}\\right]"),
        (Partial(ReLU(z), z), "\\frac{\\partial}{\\partial z^{(2)}}\\,\\mathrm{ReLU}(z^{(2)})"),
        (Step(Quantity("z", 1)) * W * Step(z) * (r - Quantity("y", 2)),
         "(r^{(2)} - y)\\,\\mathrm{Step}(z^{(2)})\\,W^{(1)}\\,\\mathrm{Step}(z^{(1)})"),
        (Sum(Wij * x, (i, 1, n)) + Quantity("b", 0, j),
         "\\sum_{i=1}^{n_1} W^{(0)}_{ij}\\,x_i + b^{(0)}_j"),
        (Sum(-y * log(rj), (j, 1, 3)), "-\\sum_{j=1}^3 y_j\\,\\log(r^{(2)}_j)"),
        (exp(zj) / Sum(exp(Quantity("z", 2, m)), (m, 1, n)),
         "\\frac{e^{z^{(2)}_j}}{\\sum_{m=1}^{n_1} e^{z^{(2)}_m}}"),
        (rj * (KroneckerDelta(j, m) - Quantity("r", 2, m)),
         "r^{(2)}_j\\,(\\delta_{jm} - r^{(2)}_m)"),
        (LeakyReLU(z, alpha), "\\mathrm{LeakyReLU}_{\\alpha}(z^{(2)})"),
        (alpha + (1 - alpha) * Step(z), "\\alpha + (1 - \\alpha)\\,\\mathrm{Step}(z^{(2)})"),
        (1 - tanh(z) ** 2, "1 - \\tanh^2(z^{(2)})"),
        (sigmoid(z), "\\sigma(z^{(2)})"),
        (Piecewise((1, z > 0), (0, z <= 0), evaluate=False),
         "\\begin{cases} 1 & \\text{if } z^{(2)} > 0 \\\\ "
         "0 & \\text{if } z^{(2)} \\le 0 \\end{cases}"),
        (And(Quantity("z", 1) > 0, z > 0), "z^{(1)} > 0 \\text{ and } z^{(2)} > 0"),
        (Or(Quantity("z", 1) < 0, z < 0), "z^{(1)} < 0 \\text{ or } z^{(2)} < 0"),
        (Symbol("h_0"), "h_0"),
    ],
)  # fmt: skip
def test_latex(expression: object, written: str) -> None:
    assert tex(expression) == written  # pyright: ignore[reportArgumentType]


def test_what_github_refuses_is_not_written() -> None:
    assert "operatorname" not in tex(ReLU(z) + Step(z) + sigmoid(z))


def test_long_expressions_are_broken_where_they_may_be() -> None:
    terms = Add(
        *(Quantity("W", 0, a, b) * Quantity("r", 0, a) for a in range(1, 9) for b in (1, 2))
    )
    broken = lines(terms, 20.0, LatexWriter())
    assert len(broken) > 2
    assert all(line.width <= 20.5 for line in broken)
    assert "".join(line.text.replace("{}", "", 1) for line in broken).replace(" ", "") == tex(
        terms
    ).replace(" ", "")


_PARTS = [Quantity("W", 0, a, j) for a in range(1, 15)]


@pytest.mark.parametrize("body", [Mul(*_PARTS), -Mul(*_PARTS), Add(*_PARTS)])
def test_a_long_sum_over_an_index_is_broken_within_what_is_summed(body: Expr) -> None:
    """The sign and the parentheses of what is summed stand once, whatever is broken."""
    written = Sum(body, (j, 1, 3))
    broken = lines(written, 20.0, LatexWriter())
    assert len(broken) > 1
    whole = "".join(line.text.replace("{}", "", 1) for line in broken)
    plain = whole.replace(r"\Bigl", "").replace(r"\Bigr", "").replace(r"\cdot ", r"\,")
    assert plain.replace(" ", "") == tex(written).replace(" ", "")


def test_what_stands_in_rows_is_as_wide_as_the_widest() -> None:
    row = Piecewise((z * x, z > 0), (0, True), evaluate=False)
    both = Piecewise((z * x, z > 0), (z * x, z < 0), evaluate=False)
    write = LatexWriter().box
    assert write(row).width == pytest.approx(write(both).width)
    assert write(1 / z).width == pytest.approx(write(z).width + 0.3)
