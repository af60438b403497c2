"""The forward and the backward pass of one sample, written once for numbers of any kind.

z^(k+1)_j = sum_i W^(k)_ij r^(k)_i + b^(k)_j,    r^(k)_j = phi(z^(k)_j),
delta^(k)_i = dC/dz^(k)_i = phi'(z^(k)_i) dC/dr^(k)_i,
dC/dr^(k)_i = sum_j W^(k)_ij delta^(k+1)_j.

What the numbers are is up to an `Arithmetic`: exact or enclosed ones give values
(`derive.evaluating.network_numbers`), expressions that get names give a program
(`derive.programs.draft`).  Second derivatives are in `derive.evaluating.curvature`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from operator import mul
from typing import Any, Generic, Protocol, Self, TypeVar

from derive.model.network import Network


class Ring(Protocol):
    """What has sums and products."""

    def __add__(self, other: Any, /) -> Self: ...

    def __mul__(self, other: Any, /) -> Self: ...


N = TypeVar("N", bound=Ring)

Vector = Sequence[N]
Matrix = Sequence[Sequence[N]]


class Arithmetic(Protocol[N]):
    """What the passes of one network ask of numbers.

    A `derivative` is 1 or 2, the first or the second; layers are numbered from 1 to L.
    """

    def constant(self, value: int) -> N:
        """An integer."""
        ...

    def sum(self, numbers: Iterable[N]) -> N:
        """The sum."""
        ...

    def vector(self, of: str, layer: int, entries: Vector[N]) -> Vector[N]:
        """What to write from now on for z, r, dC/dz or dC/dr (as `of` says) of a layer."""
        ...

    def matrix(self, of: str, layer: int, by: int, rows: Matrix[N]) -> Matrix[N]:
        """The same for its derivatives by z^(by); `of` may be dC/dp, p all parameters."""
        ...

    def outputs(self, layer: int, z: Vector[N]) -> Vector[N]:
        """r = phi(z) of a layer."""
        ...

    def slopes(self, layer: int, derivative: int, z: Vector[N]) -> Vector[N]:
        """phi'(z) or phi''(z) of each unit, for an activation that is elementwise."""
        ...

    def cost(self, r: Vector[N], y: Vector[N]) -> N:
        """C of the outputs and targets."""
        ...

    def cost_slopes(self, derivative: int, r: Vector[N], y: Vector[N]) -> Vector[N]:
        """Derivatives of C by each output, for a cost of differences."""
        ...

    def logit_slopes(self, derivative: int, z: Vector[N], y: Vector[N]) -> Vector[N]:
        """Derivatives of C by each pre-activation of the output, for a cost of no differences."""
        ...

    def log_slopes(self, derivative: int, r: Vector[N], y: Vector[N]) -> Vector[N]:
        """Derivatives of C by the logarithm of each output, for one on a softmax."""
        ...


@dataclass(frozen=True)
class Forward(Generic[N]):
    """z^(1), ..., z^(L), so z[k - 1] is z^(k); r^(0), ..., r^(L), so r[k] is r^(k)."""

    z: Matrix[N]
    r: Matrix[N]


@dataclass(frozen=True)
class Backward(Generic[N]):
    """phi' and dC/dr of the layers 1, ..., L - 1; delta = dC/dz of the layers 1, ..., L."""

    slopes: Matrix[N]
    by_r: Matrix[N]
    delta: Matrix[N]


@dataclass(frozen=True)
class Passes(Generic[N]):
    """The passes of one sample; each is done when it is asked for.

    Attributes:
        network: what they are passes of.
        weights: W^(0), ..., W^(L-1), by rows.
        biases: b^(0), ..., b^(L-1), None where there are none.
        x: the inputs.
        y: the targets.
        arithmetic: what the numbers are.
    """

    network: Network
    weights: Sequence[Matrix[N]]
    biases: Sequence[Vector[N] | None]
    x: Vector[N]
    y: Vector[N]
    arithmetic: Arithmetic[N]

    @cached_property
    def forward(self) -> Forward[N]:
        """All pre-activations and outputs."""
        z: list[Vector[N]] = []
        r: list[Vector[N]] = [self.x]
        for k, (weights, biases) in enumerate(zip(self.weights, self.biases, strict=True), start=1):
            sums = [self.dot(r[-1], column) for column in transposed(weights)]
            sums = sums if biases is None else summed(sums, biases)
            z.append(self.arithmetic.vector("z", k, sums))
            r.append(self.arithmetic.vector("r", k, self.arithmetic.outputs(k, z[-1])))
        return Forward(z, r)

    @cached_property
    def cost(self) -> N:
        """C."""
        return self.arithmetic.cost(self.forward.r[-1], self.y)

    @cached_property
    def backward(self) -> Backward[N]:
        """The error signals, from the output back."""
        arithmetic, depth = self.arithmetic, self.network.depth
        slopes: list[Vector[N]] = []
        by_r: list[Vector[N]] = []
        delta = [arithmetic.vector("dC/dz", depth, self._output_error())]
        for k in reversed(range(1, depth)):
            sent = [self.dot(row, delta[0]) for row in self.weights[k]]
            by_r.insert(0, arithmetic.vector("dC/dr", k, sent))
            slopes.insert(0, arithmetic.slopes(k, 1, self.forward.z[k - 1]))
            delta.insert(0, arithmetic.vector("dC/dz", k, multiplied(slopes[0], by_r[0])))
        return Backward(slopes, by_r, delta)

    def _output_error(self) -> Vector[N]:
        """delta^(L)_j = dC/dz^(L)_j.

        With u_m = log p_m the softmax has du_m/dz_j = [m = j] - p_j, so for a cost that is a
        sum over m of functions of u_m with slopes t_m, delta_j = t_j - p_j sum_m t_m.
        """
        arithmetic, z, r = self.arithmetic, self.forward.z[-1], self.forward.r[-1]
        if not self.network.layers[-1].activation.kind.elementwise:
            slopes = arithmetic.log_slopes(1, r, self.y)
            total = arithmetic.constant(-1) * arithmetic.sum(slopes)
            return [t + p * total for t, p in zip(slopes, r, strict=True)]
        if not self.network.has_difference:
            return arithmetic.logit_slopes(1, z, self.y)
        depth = self.network.depth
        by_r = arithmetic.vector("dC/dr", depth, arithmetic.cost_slopes(1, r, self.y))
        return multiplied(arithmetic.slopes(depth, 1, z), by_r)

    @cached_property
    def inputs(self) -> Matrix[N]:
        """r^(0), ..., r^(L-1), each with a 1 at its end where the layer has a bias."""
        one = self.arithmetic.constant(1)
        rows = zip(self.forward.r[:-1], self.biases, strict=True)
        return [r if biases is None else [*r, one] for r, biases in rows]

    @property
    def gradient(self) -> Vector[N]:
        """The derivatives of C: dC/dW^(k)_ij = r^(k)_i delta^(k+1)_j row by row, dC/db^(k), ..."""
        layers = zip(self.inputs, self.backward.delta, strict=True)
        return [source * target for r, delta in layers for source in r for target in delta]

    def dot(self, left: Vector[N], right: Vector[N]) -> N:
        """sum_i a_i b_i."""
        return self.arithmetic.sum(map(mul, left, right))

    def product(self, left: Matrix[N], right: Matrix[N]) -> list[list[N]]:
        """A B."""
        columns = transposed(right)
        return [[self.dot(row, column) for column in columns] for row in left]


def multiplied(left: Vector[N], right: Vector[N]) -> list[N]:
    """a_i b_i for each i."""
    return [a * b for a, b in zip(left, right, strict=True)]


def summed(left: Vector[N], right: Vector[N]) -> list[N]:
    """a_i + b_i for each i."""
    return [a + b for a, b in zip(left, right, strict=True)]


def transposed(rows: Matrix[N]) -> list[tuple[N, ...]]:
    """A'."""
    return list(zip(*rows, strict=True))
