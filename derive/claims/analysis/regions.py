"""Exact gradient and Hessian at a point, by the polynomial that a network is around it.

The forward pass runs on symbols for the parameters; a gate is fixed by the sign of its
pre-activation at the point, so that around it the cost is a plain expression, which SymPy
differentiates twice.  No rule of backpropagation is used.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Add, Expr, Integer, Matrix, S, Symbol, hessian

from derive.algebra.arguments import expression
from derive.errors import DeriveError
from derive.model.activations import Activation
from derive.model.costs import Cost
from derive.model.network import Network


@dataclass(frozen=True)
class Derivatives:
    """C, its gradient (a column) and its Hessian at a point; rows as in `parameters`."""

    parameters: tuple[str, ...]
    cost: Expr
    gradient: Matrix
    hessian: Matrix


def derivatives_at(network: Network, point: Mapping[str, Any]) -> Derivatives:
    """First and second derivatives of the cost by all parameters: W0 row by row, b0, W1, ...

    `point` is like `Network.point`: x, y, W0, b0, ... as nested lists of numbers.

    Raises:
        DeriveError: at a kink, and for a softmax output or no cost.
    """
    cost = network.cost
    if cost is None or not network.layers[-1].activation.kind.elementwise:
        raise DeriveError("derivatives at a point need a cost that is separable over the outputs")
    symbols: dict[Symbol, Expr] = {}
    outputs: list[Expr] = [expression(value, "x") for value in point["x"]]
    for source, layer in zip(network.layer_numbers, network.layers, strict=False):
        columns = int(layer.units)
        weights = [
            _named(f"W{source}[{i},", row, symbols) for i, row in enumerate(point[f"W{source}"])
        ]
        totals = [
            Add(*(row[j] * r for row, r in zip(weights, outputs, strict=True)))
            for j in range(columns)
        ]
        if layer.bias:
            biases = _named(f"b{source}[", point[f"b{source}"], symbols)
            totals = [z + b for z, b in zip(totals, biases, strict=True)]
        outputs = [_on_its_side(layer.activation, z, symbols) for z in totals]
    total = _cost(cost, outputs, [expression(value, "y") for value in point["y"]])
    parameters = list(symbols)
    return Derivatives(
        tuple(map(str, parameters)),
        total.subs(symbols),
        Matrix([total.diff(p) for p in parameters]).subs(symbols),
        hessian(total, parameters).subs(symbols),
    )


def _named(start: str, row: Sequence[Any], symbols: dict[Symbol, Expr]) -> list[Symbol]:
    """Symbols for the entries of a row, such as W0[1,j], their values kept in `symbols`."""
    names = [Symbol(f"{start}{j}]", real=True) for j in range(len(row))]
    symbols |= dict(zip(names, map(expression, row), strict=True))
    return names


def _on_its_side(activation: Activation, z: Expr, at: Mapping[Symbol, Expr]) -> Expr:
    """phi(z), for an activation with a kink the piece that the point is on."""
    if not activation.kind.kinks:
        return activation(z, S.Zero)
    value = z.subs(at)
    if value == 0:
        raise DeriveError("a pre-activation is 0 at this point, where there is no derivative")
    return z if value > 0 else activation.slope * z


def _cost(cost: Cost, outputs: Sequence[Expr], targets: Sequence[Expr]) -> Expr:
    terms = (cost.term(r, y, S.Zero) for r, y in zip(outputs, targets, strict=True))
    return cost.scale(Integer(len(outputs))) * Add(*terms)
