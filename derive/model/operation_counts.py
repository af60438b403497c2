"""How many parameters and Hessian entries a network has, and what its passes cost.

Costs are multiplications: the product of an n x m matrix and a vector takes n m of them, and
so does an outer product.  Elementwise products, a few for each unit, are left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from sympy import Expr, Integer, S

from derive.model.network import Network


def parameter_count(network: Network) -> Expr:
    """N = sum_k n_k n_{k+1}, and n_{k+1} more for each layer with biases."""
    return sum(
        (
            (network.width(source) + int(layer.bias)) * layer.units
            for source, layer in zip(network.layer_numbers, network.layers, strict=False)
        ),
        S.Zero,
    )


def zero_entries(network: Network) -> Expr:
    """How many of the N^2 entries of the Hessian are 0 at every point.

    With a cost that is a sum over outputs, and outputs that depend on their own
    pre-activation alone, d2C/dz^(L)_j dz^(L)_l = 0 for j != l; so parameters into different
    output units have no common second derivative.  Softmax ties all outputs together, and
    every other pair of parameters of a fully connected network shares a path to an output.
    """
    last = network.layers[-1]
    if not last.activation.kind.elementwise:
        return S.Zero
    outputs = network.width(network.last)
    into_one = network.width(network.layer_numbers[-2]) + int(last.bias)
    return outputs * (outputs - 1) * into_one**2


@dataclass(frozen=True)
class PassCosts:
    """Multiplications of one gradient, and what each product with a vector takes besides.

    Attributes:
        gradient: forward and backward pass.
        hessian_vector: the R-operator applied to both.
        gauss_newton_vector: R{z} forward, then pulled back like a gradient.
    """

    gradient: Expr
    hessian_vector: Expr
    gauss_newton_vector: Expr


def pass_costs(widths: Sequence[Expr | int]) -> PassCosts:
    """The costs for widths n_0, ..., n_L; biases multiply nothing.

    The first layer has no layer before it to send anything back to, and R{x} = 0.
    """
    gradient = hessian_vector = gauss_newton_vector = S.Zero
    for position, (n, m) in enumerate(pairwise(widths)):
        inner = Integer(position > 0)
        one = Integer(1) * n * m
        gradient += one * (2 + inner)  # W^T r, r delta^T; W delta
        hessian_vector += one * (2 + 4 * inner)
        # V^T r, r R{delta}^T; W^T R{r}, R{r} delta^T, W R{delta}, V delta
        gauss_newton_vector += one * (2 + 2 * inner)  # V^T r, r gamma^T; W^T R{r}, W gamma
    return PassCosts(gradient, hessian_vector, gauss_newton_vector)
