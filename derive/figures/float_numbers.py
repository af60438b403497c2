"""The passes of a network on floats, for the many points of a figure."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from sympy import Expr, S

from derive.evaluating.enclosures import PRE_ACTIVATION, Number
from derive.evaluating.given import Given
from derive.evaluating.local_derivatives import (
    OUTPUT,
    TARGET,
    activation_formulas,
    cost_formulas,
    log_slopes,
    logit_slopes,
)
from derive.evaluating.passes import Passes
from derive.figures.floats import on_floats
from derive.model.network import Network

Floats = Sequence[float]


@dataclass(frozen=True)
class FloatNumbers:
    """Floats as the passes of a network ask for them."""

    network: Network

    def constant(self, value: int) -> float:
        """An integer."""
        return float(value)

    def sum(self, numbers: Iterable[float]) -> float:
        """The sum, rounded once."""
        return _sum(numbers)

    def vector(self, of: str, layer: int, entries: Floats) -> Floats:
        """The entries: a number needs no name."""
        return entries

    def matrix(self, of: str, layer: int, by: int, rows: Sequence[Floats]) -> Sequence[Floats]:
        """The rows."""
        return rows

    def outputs(self, layer: int, z: Floats) -> Floats:
        """phi(z_j); for softmax exp(z_j) / sum_m exp(z_m), with the largest z less in each."""
        if self.network.layers[layer - 1].activation.kind.elementwise:
            return self.slopes(layer, 0, z)
        powers = [math.exp(entry - max(z)) for entry in z]
        return [power / math.fsum(powers) for power in powers]

    def slopes(self, layer: int, derivative: int, z: Floats) -> Floats:
        """The derivative of phi, or phi itself for 0, at each z."""
        activation = self.network.layers[layer - 1].activation
        formula = activation_formulas(activation, self.network.step_at_zero)[derivative]
        return list(map(on_floats(formula, (PRE_ACTIVATION,)), z))

    def cost(self, r: Floats, y: Floats) -> float:
        """C = scale(n) sum_j term(r_j, y_j)."""
        return _sum(self.cost_slopes(0, r, y))

    def cost_slopes(self, derivative: int, r: Floats, y: Floats) -> Floats:
        """The derivative of the term of C of each output by it, or that term for 0."""
        assert self.network.cost is not None
        formulas = cost_formulas(self.network.cost, self.network.step_at_zero)
        return self._scaled(formulas[derivative], OUTPUT, r, y)

    def logit_slopes(self, derivative: int, z: Floats, y: Floats) -> Floats:
        """The derivative of the term of C of each output by its pre-activation."""
        assert self.network.cost is not None
        activation = self.network.layers[-1].activation
        formulas = logit_slopes(self.network.cost, activation, self.network.step_at_zero)
        return self._scaled(formulas[derivative - 1], PRE_ACTIVATION, z, y)

    def log_slopes(self, derivative: int, r: Floats, y: Floats) -> Floats:
        """The derivative of the term of C of each output by the logarithm of the output."""
        assert self.network.cost is not None
        formulas = log_slopes(self.network.cost, self.network.step_at_zero)
        return self._scaled(formulas[derivative - 1], OUTPUT, r, y)

    def _scaled(self, formula: Expr, of: Expr, values: Floats, y: Floats) -> Floats:
        assert self.network.cost is not None
        scale = float(self.network.cost.scale(self.network.width(self.network.last)))
        term: Callable[..., float] = on_floats(formula, (of, TARGET))
        return [scale * term(*pair) for pair in zip(values, y, strict=True)]


@dataclass(frozen=True)
class FloatPoint:
    """A network at a point in floats, at which single parameters can be given other values."""

    network: Network
    samples: Sequence[tuple[Floats, Floats]]
    weights: Sequence[Sequence[Floats]]
    biases: Sequence[Floats | None]

    @classmethod
    def of(cls, network: Network, given: Given) -> FloatPoint:
        """The point of exact numbers; the cost being continuous, Step(0) may be any number."""
        at_zero = network.step_at_zero
        return cls(
            network if at_zero.is_number else network.with_step_at_zero(S.Zero),
            [(_floats(x), _floats(y)) for x, y in given.samples],
            [list(map(_floats, rows)) for rows in given.weights],
            [None if row is None else _floats(row) for row in given.biases],
        )

    def with_weight(self, layer: int, i: int, j: int, value: float) -> FloatPoint:
        """The point with another W^(layer)_ij, counted from 0."""
        weights = [[list(row) for row in rows] for rows in self.weights]
        weights[layer][i][j] = value
        return FloatPoint(self.network, self.samples, weights, self.biases)

    @property
    def passes(self) -> Sequence[Passes[float]]:
        """The passes of each sample."""
        numbers = FloatNumbers(self.network)
        return [Passes(self.network, self.weights, self.biases, *of, numbers)
                for of in self.samples]  # fmt: skip


def cost_of(network: Network, passes: Sequence[Passes[float]]) -> float:
    """The cost of all samples: the sum or the mean of theirs."""
    total = _sum(one.cost for one in passes)
    return total / len(passes) if network.reduction == "mean" else total


def _sum(numbers: Iterable[float]) -> float:
    """The sum; not a number where a term is none, or where they exceed what a float holds."""
    try:
        return math.fsum(numbers)
    except (OverflowError, ValueError):
        return math.nan


def _floats(numbers: Iterable[Number]) -> list[float]:
    return [float(number.terms.get(S.One, 0)) for number in numbers]
