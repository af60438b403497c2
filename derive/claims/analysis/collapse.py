"""When a chain of ReLU units is the product of its weights and its input, and when not.

ReLU(w_1 ReLU(w_2 ... ReLU(w_L x))) = w_1 w_2 ... w_L x exactly where w_L x > 0 and all of
w_1, ..., w_{L-1} > 0, or where the product is 0.  A ReLU network is positively homogeneous in
each weight, so on which side it is depends on signs alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from math import prod

from sympy import Integer, Rational

from derive.claims.analysis.finding import Finding, found
from derive.model.network import Network


def chain_output(weights: Sequence[Fraction], x: Fraction) -> Fraction:
    """ReLU(w_1 ReLU(w_2 ... ReLU(w_L x))), the first of `weights` being the outermost."""
    value = x
    for weight in reversed(weights):
        value = max(Fraction(0), weight * value)
    return value


def share(depth: int, values: Sequence[int]) -> Rational:
    """For x = 1: how often independent weights, uniform on `values`, keep the product."""
    patterns = list(product(map(Fraction, values), repeat=depth))
    kept = sum(chain_output(weights, Fraction(1)) == prod(weights) for weights in patterns)
    return Rational(kept, len(patterns))


def sign_share(depth: int) -> Finding:
    """For x > 0: the share of the 2^L sign patterns of the weights that keep the product.

    Independent weights that are symmetric about 0 have each pattern with the same probability
    if none of them is ever 0; a product that is 0 is kept, so weights -1, 0, 1 keep more.
    """
    signs, zeros = share(depth, (1, -1)), share(depth, (-1, 0, 1))
    values = {f"share_{depth}": signs, f"share_{depth}_with_zero": zeros}
    return found(signs == Rational(1, 2) ** depth and zeros > signs, **values)


def condition_is_exact(depth: int, values: int) -> Finding:
    """The condition at the head of this module, tried on all points of a grid around 0.

    `values` numbers from -2 to 2, equally spaced, for each weight and for x.
    """
    palette = [Fraction(4 * n, values - 1) - 2 for n in range(values)]
    mismatches = 0
    for *weights, x in product(palette, repeat=depth + 1):
        total = prod(weights) * x
        stated = total == 0 or (weights[-1] * x > 0 and all(w > 0 for w in weights[:-1]))
        mismatches += stated != (chain_output(weights, x) == total)
    points = Integer(values) ** (depth + 1)
    return found(mismatches == 0, points=points, mismatches=mismatches)


def links(network: Network) -> Finding:
    """The local derivatives on the way from the first weight of a chain to the cost, by kind.

    Each quantity is followed to what is computed from it.  Holds where there are only two:
    the cost's and one more.
    """
    at = ("W", network.first)
    counts = {"activation": 0, "weight": 0}
    while (following := network.user(network.quantity(*at))) is not None:
        if at[0] == "z":
            counts["activation"] += 1
        elif at[0] == "r" and following[0] == "z":
            counts["weight"] += 1
        at = following
    total = counts["activation"] + 1
    return found(total == 2, depth=network.depth, derivatives=total, **counts)
