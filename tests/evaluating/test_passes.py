"""The passes on a third kind of numbers: floats that carry a derivative along a direction.

The gradient that the backward pass makes of W + t V has H V as its derivative by t, so the
passes of first order say what the rows of the Hessian must be.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from random import Random

import pytest

from derive import read_network
from derive.evaluating.curvature import curvatures, hessian_rows, mirrored, output_curvature
from derive.evaluating.passes import Passes, summed


@dataclass(frozen=True)
class Dual:
    """a + b e with e^2 = 0."""

    a: float
    b: float = 0.0

    def __add__(self, other: Dual) -> Dual:
        return Dual(self.a + other.a, self.b + other.b)

    def __mul__(self, other: Dual) -> Dual:
        return Dual(self.a * other.a, self.a * other.b + self.b * other.a)

    def by(self, value: float, slope: float) -> Dual:
        """A function of this number with such a value and slope at a."""
        return Dual(value, slope * self.b)


Row = Sequence[Dual]


def tanh_derivatives(z: Dual) -> list[Dual]:
    """tanh, tanh' = 1 - t^2, tanh'' = -2 t (1 - t^2), each carrying its own derivative."""
    t = math.tanh(z.a)
    s = 1 - t * t
    return [z.by(t, s), z.by(s, -2 * t * s), z.by(-2 * t * s, s * (6 * t * t - 2))]


class Floats:
    """An `Arithmetic` for tanh in every layer and half the squared error, written by hand."""

    def constant(self, value: int) -> Dual:
        return Dual(value)

    def sum(self, numbers: Iterable[Dual]) -> Dual:
        return sum(numbers, Dual(0.0))

    def vector(self, of: str, layer: int, entries: Row) -> Row:
        return entries

    def matrix(self, of: str, layer: int, by: int, rows: Sequence[Row]) -> Sequence[Row]:
        return rows

    def outputs(self, layer: int, z: Row) -> Row:
        return self.slopes(layer, 0, z)

    def slopes(self, layer: int, derivative: int, z: Row) -> Row:
        return [tanh_derivatives(one)[derivative] for one in z]

    def cost(self, r: Row, y: Row) -> Dual:
        return self.sum(Dual(0.5) * u * u for u in self.cost_slopes(1, r, y))

    def cost_slopes(self, derivative: int, r: Row, y: Row) -> Row:
        first = [a + Dual(-1.0) * b for a, b in zip(r, y, strict=True)]
        return first if derivative == 1 else [Dual(1.0) for _ in r]

    def logit_slopes(self, derivative: int, z: Row, y: Row) -> Row:
        raise AssertionError("no cross-entropy")

    def log_slopes(self, derivative: int, r: Row, y: Row) -> Row:
        raise AssertionError("no softmax")


def passes(shape: str, seed: int) -> tuple[Passes[Dual], list[float]]:
    """The passes at a random point that moves along a random direction, and that direction."""
    source = Random(seed)
    widths = [int(n) for n in shape.split("-")]
    direction: list[float] = []

    def moving(count: int) -> list[Dual]:
        row = [Dual(source.uniform(-1, 1), source.uniform(-1, 1)) for _ in range(count)]
        direction.extend(one.b for one in row)
        return row

    def still(count: int) -> list[Dual]:
        return [Dual(source.uniform(-1, 1)) for _ in range(count)]

    weights: list[list[list[Dual]]] = []
    biases: list[list[Dual]] = []
    for n, m in pairwise(widths):
        weights.append([moving(m) for _ in range(n)])
        biases.append(moving(m))
    network = read_network(shape, activation="tanh", output_activation="tanh", bias=True)
    x, y = still(widths[0]), still(widths[-1])
    return Passes(network, weights, biases, x, y, Floats()), direction


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("shape", ["1-1", "2-3", "2-3-2", "1-2-2-1"])
def test_rows_of_the_hessian_are_the_derivative_of_the_gradient(shape: str, seed: int) -> None:
    found, direction = passes(shape, seed)
    slope = sum(one.a * v for one, v in zip(found.gradient, direction, strict=True))
    assert found.cost.b == pytest.approx(slope)
    whole = [summed(*rows) for rows in zip(*output_curvature(found), strict=True)]
    for last in ([whole], output_curvature(found)):
        rows = hessian_rows(found, curvatures(found, last))
        square = mirrored([[sum(e.a for e in parts) for parts in zip(*row, strict=True)]
                           for row in rows])  # fmt: skip
        for row, expected in zip(square, found.gradient, strict=True):
            moved = sum(entry * v for entry, v in zip(row, direction, strict=True))
            assert moved == pytest.approx(expected.b)
