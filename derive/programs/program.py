"""`Program`: a flat list of definitions, each in terms of earlier ones, that gives numbers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sympy import Expr

from derive.algebra.arguments import expression
from derive.algebra.quantities import Quantity
from derive.lazy import late
from derive.meaning.derivation import Equation
from derive.model.network import Network

_as_markdown = late("derive.documents.displays", "as_markdown")


@dataclass(frozen=True)
class Program:
    """C, its gradient and its Hessian as definitions of single entries, for one sample.

    Attributes:
        network: what the names mean; inputs are r^(0), targets y.
        definitions: name := formula, in an order in which they can be run.  A formula uses
            what is given and names before it; no two formulas are the same.
        parameters: W^(0) row by row, b^(0), W^(1), ...
        gradient: for each parameter the name of that derivative, or its value if it is a number.
        hessian: the same for each two parameters; a symmetric pair has one name.
    """

    network: Network
    definitions: tuple[Equation, ...]
    parameters: tuple[Quantity, ...]
    gradient: tuple[Expr, ...]
    hessian: tuple[tuple[Expr, ...], ...]

    @property
    def operations(self) -> int:
        """SymPy's count of operations in all formulas together."""
        return sum(int(definition.rhs.count_ops()) for definition in self.definitions)

    def values(self, given: Mapping[Expr, Expr]) -> dict[Expr, Expr]:
        """The value of every name, from values of inputs, targets, weights and biases."""
        found = {of: expression(value, f"the value of {of}") for of, value in given.items()}
        for definition in self.definitions:
            found[definition.lhs] = definition.rhs.xreplace(found)
        return found

    def _repr_markdown_(self) -> str | None:
        return _as_markdown(self)
