r"""Computed values as LaTeX: rounded decimals, sets of values, small matrices."""

from __future__ import annotations

from collections.abc import Callable

from sympy import Basic, FiniteSet, Float, ImmutableDenseMatrix, Interval


def decimal(number: Float) -> str:
    r"""All digits that a rounded number has: 0.105, 1.75 \cdot 10^{-46}."""
    digits, _, exponent = str(number).partition("e")
    digits = digits.rstrip(".")
    return digits if not exponent else rf"{digits} \cdot 10^{{{int(exponent)}}}"


def values(node: FiniteSet | Interval, tex: Callable[[Basic], str]) -> str:
    r"""\{0, 1\} or (0, \frac{1}{4}]; an interval is open where its end is not attained."""
    if isinstance(node, FiniteSet):
        return r"\{" + ", ".join(sorted(map(tex, node.args))) + r"\}"
    opening, closing = "(" if node.left_open else "[", ")" if node.right_open else "]"
    return rf"\left{opening}{tex(node.start)}, {tex(node.end)}\right{closing}"


def matrix(node: ImmutableDenseMatrix, tex: Callable[[Basic], str]) -> str:
    """A matrix in parentheses."""
    rows = (" & ".join(tex(entry) for entry in node.row(i)) for i in range(node.rows))
    return r"\begin{pmatrix} " + r" \\ ".join(rows) + r" \end{pmatrix}"
