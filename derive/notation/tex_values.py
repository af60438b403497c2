r"""Computed values as LaTeX: rounded decimals, sets of values, small matrices."""

from __future__ import annotations

from collections.abc import Callable

from sympy import Basic, FiniteSet, Float, ImmutableDenseMatrix, Interval

from derive.algebra.boxes import Box, environment, listed, row


def decimal(number: Float) -> str:
    r"""All digits that a rounded number has: 0.105, 1.75 \cdot 10^{-46}."""
    digits, _, exponent = str(number).partition("e")
    digits = digits.rstrip(".")
    return digits if not exponent else rf"{digits} \cdot 10^{{{int(exponent)}}}"


def values(node: FiniteSet | Interval, write: Callable[[Basic], Box]) -> Box:
    r"""\{0, 1\} or (0, \frac{1}{4}]; an interval is open where its end is not attained."""
    if isinstance(node, FiniteSet):
        inside = sorted(map(write, node.args), key=lambda box: box.text)
        return row(r"\{", listed(", ", inside), r"\}")
    opening, closing = "(" if node.left_open else "[", ")" if node.right_open else "]"
    ends = listed(", ", [write(node.start), write(node.end)])
    return row(rf"\left{opening}", ends, rf"\right{closing}", tall=True)


def matrix(node: ImmutableDenseMatrix, write: Callable[[Basic], Box]) -> Box:
    """A matrix in parentheses."""
    rows = [[write(entry) for entry in node.row(i)] for i in range(node.rows)]
    return environment("pmatrix", rows)
