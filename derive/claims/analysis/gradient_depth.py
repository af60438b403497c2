"""Networks drawn at random, and what is left of their gradients layer by layer.

The weights are uniform, so that their law is symmetric without an atom, as the exact means of
`initialisation` ask for; the error at the output is held fixed, and the input is not 0.  Nothing
but sums, products and the exponentials of a sigmoid is taken of them, from a seed, so that a
figure is the same everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from operator import mul
from random import Random
from statistics import fmean, stdev

from sympy import Integer

from derive.claims.analysis.initialisation import (
    INITIALISATIONS,
    Initialisation,
    expected_squared_gradient,
)
from derive.figures.depth_curves import DepthCurve, DepthCurves
from derive.model.activations import Activation

WIDTH, DEPTH, DRAWS, _SEED = 16, 12, 400, 1
#: An activation and its slope, on floats.
Slope = Callable[[float], tuple[float, float]]


def _relu(z: float) -> tuple[float, float]:
    return (z, 1.0) if z > 0 else (0.0, 0.0)


def _identity(z: float) -> tuple[float, float]:
    return z, 1.0


def _sigmoid(z: float) -> tuple[float, float]:
    r = 1 / (1 + math.exp(-z))
    return r, r * (1 - r)


_HE, _, _LECUN, _ = INITIALISATIONS
#: What is drawn: the rule, the activation, and whether its exact means are known.
_KINDS: tuple[tuple[Initialisation, str, Slope, bool], ...] = (
    (_HE, "identity", _identity, True),
    (_HE, "relu", _relu, True),
    (_LECUN, "relu", _relu, True),
    (_LECUN, "sigmoid", _sigmoid, False),
)


def depth_curves(width: int = WIDTH, depth: int = DEPTH, draws: int = DRAWS) -> DepthCurves:
    """|delta^(k)|^2 / |delta^(L)|^2 after L - k layers, k = L, ..., 1: exact, and over draws."""
    curves: list[DepthCurve] = []
    shape = [width] * (depth + 1)
    for rule, name, slope, known in _KINDS:
        exact = (
            expected_squared_gradient(rule, Activation(name), shape, layer)
            for layer in range(depth, 0, -1)
        )
        random = Random(_SEED)
        drawn = [tuple(_squares(rule, slope, width, depth, random)) for _ in range(draws)]
        by_layer = list(zip(*drawn, strict=True))
        curves.append(
            DepthCurve(
                rule.name,
                name,
                tuple(map(float, exact)) if known else (),
                tuple(map(fmean, by_layer)),
                tuple(stdev(layer) / math.sqrt(draws) for layer in by_layer),
            )
        )
    return DepthCurves(width, draws, tuple(curves))


def _squares(
    rule: Initialisation, slope: Slope, width: int, depth: int, random: Random
) -> Iterator[float]:
    """|delta^(L)|^2 = 1, |delta^(L-1)|^2, ..., |delta^(1)|^2 of one network of linear output."""
    variance = float(rule.variance(Integer(width), Integer(width)))
    widest = math.sqrt(3 * variance)  # of a uniform law
    r: Sequence[float] = [1.0] * width
    weights: list[list[list[float]]] = []  # by layer, a row for each unit that they lead to
    slopes: list[list[float]] = []
    for _ in range(depth):
        rows = [[widest * (2 * random.random() - 1) for _ in r] for _ in range(width)]
        z = [math.fsum(map(mul, row, r)) for row in rows]
        values = [slope(entry) for entry in z]
        weights.append(rows)
        slopes.append([of for _, of in values])
        r = [value for value, _ in values]
    delta = [1.0] + [0.0] * (width - 1)
    yield 1.0
    for layer in range(depth - 1, 0, -1):
        columns = zip(*weights[layer], strict=True)
        back = [math.fsum(map(mul, column, delta)) for column in columns]
        delta = [of * arrived for of, arrived in zip(slopes[layer - 1], back, strict=True)]
        yield math.fsum(entry * entry for entry in delta)
