"""The passes of a network on numbers: what its formulas ask of any, and two kinds of numbers.

`NetworkNumbers` are values; `MovingNumbers` are a + b e with e^2 = 0, values that move along a
direction of the parameters, so that the gradient moves by the Hessian times that direction.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic

from sympy import Expr

from derive.evaluating.enclosures import Number, NumberArithmetic, constant, sum_of
from derive.evaluating.given import Given
from derive.evaluating.local_derivatives import (
    OUTPUT,
    PRE_ACTIVATION,
    TARGET,
    activation_formulas,
    cost_formulas,
    log_slopes,
    logit_slopes,
)
from derive.evaluating.passes import N, Passes
from derive.model.costs import Cost
from derive.model.network import Network

Numbers = Sequence[Number]


class UnnamedNumbers(ABC, Generic[N]):
    """What an `Arithmetic` has in common whose numbers need no name.

    A derivative may be 0 here, the function itself.
    """

    network: Network

    @abstractmethod
    def sum(self, numbers: Iterable[N]) -> N:
        """The sum."""

    @abstractmethod
    def slopes(self, layer: int, derivative: int, z: Sequence[N]) -> Sequence[N]:
        """The derivative of phi, or phi itself for 0, at each z."""

    @abstractmethod
    def cost_slopes(self, derivative: int, r: Sequence[N], y: Sequence[N]) -> Sequence[N]:
        """The derivative of the term of C of each output by it, or that term for 0."""

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

    def cost(self, r: Sequence[N], y: Sequence[N]) -> N:
        """C = scale(n) sum_j term(r_j, y_j)."""
        return self.sum(self.cost_slopes(0, r, y))


class FormulaNumbers(UnnamedNumbers[N]):
    """Numbers at which the formulas of a network's activations and cost have values."""

    @abstractmethod
    def value(self, formula: Expr, at: Mapping[Expr, N]) -> N:
        """The value of a formula where its letters have these values."""

    def slopes(self, layer: int, derivative: int, z: Sequence[N]) -> Sequence[N]:
        """The derivative of phi, or phi itself for 0, at each z."""
        activation = self.network.activation_at(layer)
        formula = activation_formulas(activation, self.network.step_at_zero)[derivative]
        return [self.value(formula, {PRE_ACTIVATION: entry}) for entry in z]

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


@dataclass(frozen=True)
class Moving:
    """a + b e with e^2 = 0: a value, and how it moves along a direction."""

    value: Number
    motion: Number

    def __add__(self, other: Moving) -> Moving:
        return Moving(self.value + other.value, self.motion + other.motion)

    def __mul__(self, other: Moving) -> Moving:
        motion = self.value * other.motion + self.motion * other.value
        return Moving(self.value * other.value, motion)


@dataclass(frozen=True)
class MovingNumbers(UnnamedNumbers[Moving]):
    """Numbers that move, by the derivatives that numbers of another arithmetic have.

    f(z) moves by f'(z) times the motion of z.  The second derivative of an activation at its
    kink is 0, as everywhere here.
    """

    network: Network
    numbers: NetworkNumbers

    def still(self, value: Number) -> Moving:
        """A number that does not move."""
        return Moving(value, constant(0))

    def constant(self, value: int) -> Moving:
        """An integer."""
        return self.still(constant(value))

    def sum(self, numbers: Iterable[Moving]) -> Moving:
        """The sum."""
        numbers = tuple(numbers)
        return Moving(sum_of(n.value for n in numbers), sum_of(n.motion for n in numbers))

    def softmax(self, z: Sequence[Moving]) -> Sequence[Moving]:
        """exp(z_j) / sum_m exp(z_m), which moves by p_j (dz_j - sum_m p_m dz_m)."""
        shares = self.numbers.softmax(_values(z))
        mean = sum_of(p * one.motion for p, one in zip(shares, z, strict=True))
        away = [one.motion + constant(-1) * mean for one in z]
        return [Moving(p, p * moved) for p, moved in zip(shares, away, strict=True)]

    def slopes(self, layer: int, derivative: int, z: Sequence[Moving]) -> Sequence[Moving]:
        """The derivative of phi, or phi itself for 0, at each z."""
        numbers, at = self.numbers, _values(z)
        further = numbers.slopes(layer, derivative + 1, at)
        return _moved(numbers.slopes(layer, derivative, at), further, z)

    def cost_slopes(
        self, derivative: int, r: Sequence[Moving], y: Sequence[Moving]
    ) -> Sequence[Moving]:
        """The derivative of C by each output, or its term of C for 0; targets do not move."""
        numbers, at = self.numbers, (_values(r), _values(y))
        further = numbers.cost_slopes(derivative + 1, *at)
        return _moved(numbers.cost_slopes(derivative, *at), further, r)

    def logit_slopes(
        self, derivative: int, z: Sequence[Moving], y: Sequence[Moving]
    ) -> Sequence[Moving]:
        """The derivative of C by each pre-activation of the output."""
        numbers, at = self.numbers, (_values(z), _values(y))
        further = numbers.logit_slopes(derivative + 1, *at)
        return _moved(numbers.logit_slopes(derivative, *at), further, z)

    def log_slopes(
        self, derivative: int, r: Sequence[Moving], y: Sequence[Moving]
    ) -> Sequence[Moving]:
        """The derivative of C by u = log r, which moves by dr / r."""
        numbers, at = self.numbers, (_values(r), _values(y))
        further = numbers.log_slopes(derivative + 1, *at)
        by_r = [
            rate * numbers.functions.power(one.value, -1) if rate.terms else rate
            for rate, one in zip(further, r, strict=True)
        ]
        return _moved(numbers.log_slopes(derivative, *at), by_r, r)


def _values(row: Iterable[Moving]) -> list[Number]:
    return [one.value for one in row]


def _moved(values: Numbers, slopes: Numbers, by: Sequence[Moving]) -> list[Moving]:
    """f(z) for each z, with the motion f'(z) dz."""
    rows = zip(values, slopes, by, strict=True)
    return [Moving(value, slope * one.motion) for value, slope, one in rows]


def moving_passes(numbers: NetworkNumbers, given: Given, along: Given) -> list[Passes[Moving]]:
    """The passes of each sample as the parameters of one point move by those of another."""
    moving = MovingNumbers(numbers.network, numbers)
    weights = [
        [list(map(Moving, *rows)) for rows in zip(*pair, strict=True)]
        for pair in zip(given.weights, along.weights, strict=True)
    ]
    biases = [
        None if b is None or v is None else list(map(Moving, b, v))
        for b, v in zip(given.biases, along.biases, strict=True)
    ]
    samples = ([list(map(moving.still, row)) for row in of] for of in given.samples)
    return [Passes(numbers.network, weights, biases, x, y, moving) for x, y in samples]
