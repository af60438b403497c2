"""`Draft`: the entries of a network of known widths, and the definitions made so far."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from sympy import Expr, Number, Symbol

from derive.algebra.quantities import Partial, Quantity
from derive.meaning.derivation import Equation
from derive.meaning.instance_derivatives import SizedModel
from derive.model.network import Network
from derive.programs.matrices import Rows


class Draft:
    """Entries as lists by layer (`r[k]`, `z[k]`, `weights[k]`), and definitions in order."""

    def __init__(self, network: Network) -> None:
        self.network = network
        self.C = network.C
        self._names: dict[Expr, Expr] = {}
        self._definitions: list[Equation] = []
        numbers = network.layer_numbers
        self._instance = SizedModel(network, {n: int(network.width(n)) for n in numbers})
        self.r = [self._instance.entries("r", number) for number in numbers]
        self.z = [[], *(self._instance.entries("z", number) for number in numbers[1:])]
        self.differences = self._instance.entries("U", network.last)
        self.weights = [self._weights(position) for position in range(network.depth)]

    def _weights(self, position: int) -> list[list[Quantity]]:
        entries = self._instance.entries("W", self.network.layer_numbers[position])
        columns = len(self.z[position + 1])
        return [entries[start : start + columns] for start in range(0, len(entries), columns)]

    @cached_property
    def parameters(self) -> list[list[list[Quantity]]]:
        """By layer, source and target: the rows of W^(b), then b^(b) if there is one."""
        found = [list(rows) for rows in self.weights]
        for kind, number in self.network.parameter_groups:
            if kind == "b":
                biases = self._instance.entries(kind, number)
                found[self.network.position(number)].append(biases)
        return found

    def definition(self, entry: Quantity) -> Expr:
        """The right side of a definition of the network."""
        formula = self._instance.definition(entry)
        assert formula is not None
        return formula

    def define(self, name: Quantity | Partial, formula: Expr) -> Expr:
        """What to write for `name` from now on.

        That is the name; or the formula, if it is a number or a name itself; or the name
        that the same formula already has.
        """
        if isinstance(formula, Number | Quantity | Partial | Symbol):
            return formula
        if formula not in self._names:
            self._names[formula] = name
            self._definitions.append(Equation(name, formula))
        return self._names[formula]

    def second(self, first: Quantity, other: Quantity, formula: Expr) -> Expr:
        """d2C/d(first)d(other) := formula."""
        return self.define(Partial(Partial(self.C, first), other), formula)

    def matrix(self, moving: Sequence[Expr], start: Sequence[Quantity], formulas: Rows) -> Rows:
        """d(moving)/d(start) := formulas, entry by entry."""
        return [
            [self.define(Partial(of, by), formula) for by, formula in zip(start, row, strict=True)]
            for of, row in zip(moving, formulas, strict=True)
        ]

    @property
    def definitions(self) -> tuple[Equation, ...]:
        """All definitions in order."""
        return tuple(self._definitions)
