"""The passes of a network on exact or enclosed numbers: `NetworkNumbers`, an `Arithmetic`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

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
from derive.model.costs import Cost
from derive.model.network import Network

Numbers = Sequence[Number]


@dataclass(frozen=True)
class NetworkNumbers:
    """Numbers as the passes of a network ask for them; what they write is what they found."""

    network: Network
    functions: NumberArithmetic

    def constant(self, value: int) -> Number:
        """An integer."""
        return constant(value)

    def sum(self, numbers: Iterable[Number]) -> Number:
        """The sum."""
        return sum_of(numbers)

    def vector(self, of: str, layer: int, entries: Numbers) -> Numbers:
        """The entries: a number needs no name."""
        return entries

    def matrix(self, of: str, layer: int, by: int, rows: Sequence[Numbers]) -> Sequence[Numbers]:
        """The rows."""
        return rows

    def outputs(self, layer: int, z: Numbers) -> Numbers:
        """phi(z_j); for softmax exp(z_j) / sum_m exp(z_m).

        That with z_1 less in each exponent: equal pre-activations stay exact.
        """
        if self.network.layers[layer - 1].activation.kind.elementwise:
            return self.slopes(layer, 0, z)
        powers = [self.functions.exp(entry + constant(-1) * z[0]) for entry in z]
        total = self.functions.power(sum_of(powers), -1)
        return [power * total for power in powers]

    def slopes(self, layer: int, derivative: int, z: Numbers) -> Numbers:
        """The derivative of phi, or phi itself for 0, at each z."""
        activation = self.network.layers[layer - 1].activation
        formula = activation_formulas(activation, self.network.step_at_zero)[derivative]
        return [self.functions.value(formula, {PRE_ACTIVATION: entry}) for entry in z]

    def cost(self, r: Numbers, y: Numbers) -> Number:
        """C = scale(n) sum_j term(r_j, y_j)."""
        return sum_of(self.cost_slopes(0, r, y))

    def cost_slopes(self, derivative: int, r: Numbers, y: Numbers) -> Numbers:
        """The derivative of the term of C of each output by it, or that term for 0."""
        formula = cost_formulas(self._cost, self.network.step_at_zero)[derivative]
        return self._scaled(formula, OUTPUT, r, y)

    def logit_slopes(self, derivative: int, z: Numbers, y: Numbers) -> Numbers:
        """The derivative of the term of C of each output by its pre-activation."""
        activation = self.network.layers[-1].activation
        formulas = logit_slopes(self._cost, activation, self.network.step_at_zero)
        return self._scaled(formulas[derivative - 1], PRE_ACTIVATION, z, y)

    def log_slopes(self, derivative: int, r: Numbers, y: Numbers) -> Numbers:
        """The derivative of the term of C of each output by the logarithm of the output."""
        formula = log_slopes(self._cost, self.network.step_at_zero)[derivative - 1]
        return self._scaled(formula, OUTPUT, r, y)

    def cost_gaps(self, r: Numbers, y: Numbers) -> Iterator[list[Number]]:
        """For each output, what is 0 where its term of the cost has a kink."""
        kinks = self._cost.kinks(OUTPUT, TARGET)
        for pair in zip(r, y, strict=True):
            at = dict(zip((OUTPUT, TARGET), pair, strict=True))
            yield [self.functions.value(gap, at) for gap in kinks]

    @property
    def _cost(self) -> Cost:
        assert self.network.cost is not None
        return self.network.cost

    def _scaled(self, formula: Expr, of: Expr, values: Numbers, y: Numbers) -> list[Number]:
        """scale(n) times a formula in one number and the target of its unit, at each of them."""
        scale = self.functions.value(self._cost.scale(self.network.width(self.network.last)), {})
        pairs = zip(values, y, strict=True)
        return [scale * self.functions.value(formula, {of: a, TARGET: b}) for a, b in pairs]
