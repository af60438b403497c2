"""The forward and the backward pass of one sample, on exact or enclosed numbers.

z^(k+1)_j = sum_i W^(k)_ij r^(k)_i + b^(k)_j,    r^(k)_j = phi(z^(k)_j),
delta^(k)_i = dC/dz^(k)_i = phi'(z^(k)_i) sum_j W^(k)_ij delta^(k+1)_j.
"""

from __future__ import annotations

from dataclasses import dataclass
from operator import add, mul

from derive.evaluating.enclosures import PRE_ACTIVATION, NumberArithmetic, constant, dot, sum_of
from derive.evaluating.given import Given, Matrix, Vector
from derive.evaluating.local_derivatives import activation_formulas
from derive.evaluating.output_layer import output_error
from derive.model.network import Network


@dataclass(frozen=True)
class Forward:
    """z^(1), ..., z^(L), so z[k - 1] is z^(k); r^(0), ..., r^(L), so r[k] is r^(k)."""

    z: Matrix
    r: Matrix


def forward(network: Network, given: Given, x: Vector, arithmetic: NumberArithmetic) -> Forward:
    """All pre-activations and outputs for the input x."""
    z: list[Vector] = []
    r = [x]
    for layer, weights, biases in zip(network.layers, given.weights, given.biases, strict=True):
        products = (dot(r[-1], column) for column in zip(*weights, strict=True))
        z.append(tuple(map(add, products, biases) if biases else products))
        if layer.activation.kind.elementwise:
            r.append(activated(network, len(z), z[-1], 0, arithmetic))
        else:
            r.append(_softmax(z[-1], arithmetic))
    return Forward(tuple(z), tuple(r))


def activated(
    network: Network, layer: int, z: Vector, derivative: int, arithmetic: NumberArithmetic
) -> Vector:
    """phi (or its first or second `derivative`) of each unit of a layer, at z^(layer)."""
    activation = network.layers[layer - 1].activation
    formula = activation_formulas(activation, network.step_at_zero)[derivative]
    return tuple(arithmetic.value(formula, {PRE_ACTIVATION: entry}) for entry in z)


def _softmax(z: Vector, arithmetic: NumberArithmetic) -> Vector:
    """exp(z_j) / sum_m exp(z_m), less z_1 in each exponent: equal pre-activations stay exact."""
    powers = [arithmetic.exp(entry + constant(-1) * z[0]) for entry in z]
    total = arithmetic.power(sum_of(powers), -1)
    return tuple(power * total for power in powers)


def error_signals(
    network: Network, given: Given, passed: Forward, y: Vector, arithmetic: NumberArithmetic
) -> Matrix:
    """delta^(1), ..., delta^(L) of one sample."""
    signals = [output_error(network, passed.z[-1], passed.r[-1], y, arithmetic)]
    for k in reversed(range(1, network.depth)):
        slopes = activated(network, k, passed.z[k - 1], 1, arithmetic)
        signals.append(tuple(map(mul, slopes, back(given.weights[k], signals[-1]))))
    return tuple(reversed(signals))


def back(weights: Matrix, delta: Vector) -> Vector:
    """dC/dr^(k)_i = sum_j W^(k)_ij delta^(k+1)_j."""
    return tuple(dot(row, delta) for row in weights)
