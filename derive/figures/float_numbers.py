"""The passes of a network on floats, for the many points of a figure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sympy import Expr, S

from derive.evaluating.enclosures import Number
from derive.evaluating.given import Given
from derive.evaluating.network_numbers import FormulaNumbers
from derive.evaluating.passes import Passes
from derive.figures.floats import on_floats
from derive.model.network import Network

Floats = Sequence[float]


@dataclass(frozen=True)
class FloatNumbers(FormulaNumbers[float]):
    """Floats as the passes of a network ask for them."""

    network: Network

    def constant(self, value: int) -> float:
        """An integer."""
        return float(value)

    def sum(self, numbers: Iterable[float]) -> float:
        """The sum, rounded once."""
        return _sum(numbers)

    def value(self, formula: Expr, at: Mapping[Expr, float]) -> float:
        """The value of a formula, which is compiled once."""
        return on_floats(formula, tuple(at))(*at.values())

    def softmax(self, z: Floats) -> Floats:
        """exp(z_j) / sum_m exp(z_m), with the largest z less in each."""
        powers = [math.exp(entry - max(z)) for entry in z]
        return [power / math.fsum(powers) for power in powers]


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
