"""The passes of a network on numbers: what its formulas ask of any, and `NetworkNumbers`."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic

from sympy import Expr

from derive.evaluating.enclosures import (
    PRE_ACTIVATION,
    Number,
    NumberArithmetic,
    constant,
    sum_of,
)
from derive.evaluating.local_derivatives import (
    OUTPUT,
    TARGET,
    activation_formulas,
    cost_formulas,
    log_slopes,
    logit_slopes,
)
from derive.evaluating.passes import N
from derive.model.costs import Cost
from derive.model.network import Network

Numbers = Sequence[Number]


class FormulaNumbers(ABC, Generic[N]):
    """An `Arithmetic` of numbers at which the formulas of a network's activations have values.

    What the passes write is what they found: a number needs no name.
    """

    network: Network

    @abstractmethod
    def constant(self, value: int) -> N:
        """An integer."""

    @abstractmethod
    def sum(self, numbers: Iterable[N]) -> N:
        """The sum."""

    @abstractmethod
    def value(self, formula: Expr, at: Mapping[Expr, N]) -> N:
        """The value of a formula where its letters have these values."""

    @abstractmethod
    def softmax(self, z: Sequence[N]) -> Sequence[N]:
        """exp(z_j) / sum_m exp(z_m)."""

    def vector(self, of: str, layer: int, entries: Sequence[N]) -> Sequence[N]:
        """The entries."""
        return entries

    def matrix(
        self, of: str, layer: int, by: int, rows: Sequence[Sequence[N]]
    ) -> Sequence[Sequence[N]]:
        """The rows."""
        return rows

    def outputs(self, layer: int, z: Sequence[N]) -> Sequence[N]:
        """phi(z_j), or the softmax of all."""
        if self.network.activation_at(layer).kind.elementwise:
            return self.slopes(layer, 0, z)
        return self.softmax(z)

    def slopes(self, layer: int, derivative: int, z: Sequence[N]) -> Sequence[N]:
        """The derivative of phi, or phi itself for 0, at each z."""
        activation = self.network.activation_at(layer)
        formula = activation_formulas(activation, self.network.step_at_zero)[derivative]
        return [self.value(formula, {PRE_ACTIVATION: entry}) for entry in z]

    def cost(self, r: Sequence[N], y: Sequence[N]) -> N:
        """C = scale(n) sum_j term(r_j, y_j)."""
        return self.sum(self.cost_slopes(0, r, y))

    def cost_slopes(self, derivative: int, r: Sequence[N], y: Sequence[N]) -> Sequence[N]:
        """The derivative of the term of C of each output by it, or that term for 0."""
        formula = cost_formulas(self._cost, self.network.step_at_zero)[derivative]
        return self._scaled(formula, OUTPUT, r, y)

    def logit_slopes(self, derivative: int, z: Sequence[N], y: Sequence[N]) -> Sequence[N]:
        """The derivative of the term of C of each output by its pre-activation."""
        activation = self.network.layers[-1].activation
        formulas = logit_slopes(self._cost, activation, self.network.step_at_zero)
        return self._scaled(formulas[derivative - 1], PRE_ACTIVATION, z, y)

    def log_slopes(self, derivative: int, r: Sequence[N], y: Sequence[N]) -> Sequence[N]:
        """The derivative of the term of C of each output by the logarithm of the output."""
        formula = log_slopes(self._cost, self.network.step_at_zero)[derivative - 1]
        return self._scaled(formula, OUTPUT, r, y)

    @property
    def _cost(self) -> Cost:
        assert self.network.cost is not None
        return self.network.cost

    def _scaled(self, formula: Expr, of: Expr, values: Sequence[N], y: Sequence[N]) -> Sequence[N]:
        """scale(n) times a formula in one number and the target of its unit, at each of them."""
        scale = self.value(self._cost.scale(self.network.width(self.network.last)), {})
        pairs = zip(values, y, strict=True)
        return [scale * self.value(formula, {of: a, TARGET: b}) for a, b in pairs]


@dataclass(frozen=True)
class NetworkNumbers(FormulaNumbers[Number]):
    """Exact or enclosed numbers."""

    network: Network
    functions: NumberArithmetic

    def constant(self, value: int) -> Number:
        """An integer."""
        return constant(value)

    def sum(self, numbers: Iterable[Number]) -> Number:
        """The sum."""
        return sum_of(numbers)

    def value(self, formula: Expr, at: Mapping[Expr, Number]) -> Number:
        """The value of a formula where its letters have these values."""
        return self.functions.value(formula, at)

    def softmax(self, z: Numbers) -> Numbers:
        """exp(z_j) / sum_m exp(z_m), with z_1 less in each: equal pre-activations stay exact."""
        powers = [self.functions.exp(entry + constant(-1) * z[0]) for entry in z]
        total = self.functions.power(sum_of(powers), -1)
        return [power * total for power in powers]

    def cost_gaps(self, r: Numbers, y: Numbers) -> Iterator[list[Number]]:
        """For each output, what is 0 where its term of the cost has a kink."""
        kinks = self._cost.kinks(OUTPUT, TARGET)
        for pair in zip(r, y, strict=True):
            at = dict(zip((OUTPUT, TARGET), pair, strict=True))
            yield [self.value(gap, at) for gap in kinks]
