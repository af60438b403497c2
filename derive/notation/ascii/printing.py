"""Expressions in the ASCII notation, as `derive.reading` reads them.

`read_expression(ascii_text(e))` is e, with products that were left standing worked out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sympy import (
    Basic,
    Expr,
    S,
    Symbol,
)

from derive.algebra.quantities import (
    Quantity,
    ascii_derivative,
    ascii_entry,
    ascii_index,
    ascii_tensor,
)
from derive.notation.one_line import LineWriter

_RELATIONS = {
    "StrictGreaterThan": ">",
    "StrictLessThan": "<",
    "GreaterThan": ">=",
    "LessThan": "<=",
    "Equality": "=",
    "Unequality": "!=",
}


def ascii_text(
    expression: Basic, at_zero: Expr = S.Zero, names: Mapping[str, str] | None = None
) -> str:
    """The expression in ASCII; Step(0) is written where it is not `at_zero`.

    `names` are those of tensors that are not called as derive calls them: {"W0": "w_1"}.

    Raises:
        TypeError: for a kind of expression that derive does not make.
    """
    return AsciiWriter(at_zero, names or {}).text(expression)


@dataclass(frozen=True)
class AsciiWriter(LineWriter):
    """The ASCII notation, with `names` for tensors that are called otherwise; read back by us."""

    names: Mapping[str, str]

    times = "*"
    relations = _RELATIONS

    def quantity(self, node: Quantity) -> str:
        """W0[i,j], z{k+1}[j], y[j]; numbers count from 0."""
        head = ascii_head(node.kind, node.layer)
        return ascii_entry(self.names.get(head, head), node.indices)

    def symbol(self, node: Symbol) -> str:
        """n_0."""
        return node.name

    def derivative(self, of: str, variables: Sequence[str]) -> str:
        """dC/dW0[i,j], d2C/dW0[i,j]dW1[l,m], d(formula)/dz1[j]."""
        return ascii_derivative(of, variables)

    def power(self, base: str, exponent: Expr) -> str:
        """x^2."""
        return f"{base}^{exponent}"

    def delta(self, places: Sequence[str]) -> str:
        """delta(i,j)."""
        return f"delta({','.join(places)})"

    def index(self, node: Basic) -> str:
        """i, or a number from 0."""
        return ascii_index(node)

    def big_sum(self, bound: Symbol, body: str) -> str:
        """sum(i, body)."""
        return f"sum({bound.name}, {body})"

    def function(self, name: str) -> str:
        """As it is."""
        return name


def ascii_head(kind: str, layer: Expr) -> str:
    """A tensor: W0, z{k+1}, x for the output of layer 0, y, C."""
    return "x" if kind == "r" and layer == 0 else ascii_tensor(kind, layer)
