"""Expected squared gradients of a freshly initialised network, exact at every width.

Hidden layers with phi(z) = z for z > 0 and alpha z for z < 0, linear output, no biases,
independent weights with a law symmetric about 0 and no atom, variance sigma_k^2 for W^(k).
For fixed x != 0 and fixed c = dC/dz^(L),

    E |delta^(1)|^2 = |c|^2 prod_{k=1}^{L-1} rho_k,      rho_k = n_k sigma_k^2 E[phi'^2].

Turning all weights into one unit round, W_{.j} -> -W_{.j}, keeps their law and exchanges the
two slopes; so E[phi'^2] is the mean of both squares, and products of two different weights
into one unit average to 0 (He et al. 2015 argue so for wide layers; it is exact).  For a layer
(k) > 1 this needs r^(k-1) != 0: where every unit of a ReLU layer is off, all later z are exactly
0, turning weights round exchanges nothing, and with Step(0) = 0 nothing flows back.  Units of
one layer are active independently, with probability 1/2 each, so

    E |delta^(k)|^2 = P(layers 1 to k-1 are alive) |c|^2 prod_{j=k}^{L-1} rho_j,    1 <= k < L,

with P = 1 for leaky ReLU and linear layers: there the law holds layer by layer.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sympy import (
    Expr,
    Integer,
    Mul,
    Rational,
    S,
    Symbol,
    exp,
    factor,
    integrate,
    oo,
    pi,
    sqrt,
)

from derive.algebra.quantities import Partial, Quantity
from derive.claims.analysis.blocks import Cell, Table
from derive.claims.analysis.finding import Finding, found
from derive.model.activations import Activation

#: sigma_k^2 by n_k and n_{k+1}.
Variance = Callable[[Expr, Expr], Expr]


@dataclass(frozen=True)
class Initialisation:
    """A rule for the variance of the weights from n_k units to n_{k+1} units."""

    name: str
    variance: Variance


INITIALISATIONS = (
    Initialisation("he_fan_in", lambda n, m: 2 / n),
    Initialisation("he_fan_out", lambda n, m: 2 / m),
    Initialisation("lecun", lambda n, m: 1 / n),
    Initialisation("glorot", lambda n, m: 2 / (n + m)),
)


def mean_square_slope(activation: Activation) -> Expr:
    """E[phi'^2] where z > 0 and z < 0 are equally likely: 1/2, (1 + alpha^2)/2, 1.

    Raises:
        ValueError: for an activation that is not linear on each side of 0.
    """
    z = Symbol("z", positive=True)
    right, left = (activation(side, S.Zero) / side for side in (z, -z))
    if right.has(z) or left.has(z):
        raise ValueError(f"{activation.name} is not linear on each side of 0")
    return (right**2 + left**2) / 2


def backward_factor(rule: Initialisation, activation: Activation, n: Expr, m: Expr) -> Expr:
    """rho_k: what going back through W^(k) and layer k does to E |delta|^2."""
    return factor(n * rule.variance(n, m) * mean_square_slope(activation))


def per_unit() -> Finding:
    """rho_k n_{k+1}/n_k, the factor of the mean of delta_i^2 over units, and He's by fan-out.

    Holds where that is 1, which its variance is chosen for.
    """
    n, m = Symbol("n_k", positive=True), Symbol("n_{k+1}", positive=True)
    he = factor(backward_factor(INITIALISATIONS[1], Activation("relu"), n, m) * m / n)
    return found(he == 1, he_fan_out_per_unit=he)


def alive_before(activation: Activation, widths: Sequence[int], layer: int) -> Expr:
    """That no layer before `layer` is off as a whole, as only a ReLU layer can be."""
    if not activation.kind.is_gate:
        return S.One
    return Mul(*(1 - Rational(1, 2) ** n for n in widths[1:layer]))


def expected_squared_gradient(
    rule: Initialisation, activation: Activation, widths: Sequence[int], layer: int = 1
) -> Expr:
    """E |delta^(k)|^2 / |c|^2 at layer k for the widths n_0, ..., n_L."""
    pairs = list(pairwise(widths[layer:]))
    if not pairs:  # the output, where the error is fixed
        return S.One
    factors = (backward_factor(rule, activation, Integer(n), Integer(m)) for n, m in pairs)
    return Mul(alive_before(activation, widths, layer), *factors)


def moving_error() -> Finding:
    """1-1-1 with y = 0, where the error is the output: E delta_1^2 / E delta_2^2, Gaussian weights.

    There delta_2 = w r and delta_1 = w delta_2 with the same w, so the quotient is
    E w^4 / E w^2.  Holds where it is rho_1 = sigma^2 / 2, as it is for a fixed error.
    """
    w, sigma = Symbol("w", real=True), Symbol("sigma", positive=True)
    density = exp(-(w**2) / (2 * sigma**2)) / (sigma * sqrt(2 * pi))
    fourth, second = (integrate(w**n * density, (w, -oo, oo)) for n in (4, 2))
    quotient = factor(fourth / second)
    he = quotient.subs(sigma, sqrt(INITIALISATIONS[0].variance(S.One, S.One)))
    return found(quotient == sigma**2 / 2, quotient=quotient, fixed=sigma**2 / 2, he_moving=he)


def fluctuation(hidden: Sequence[Expr]) -> Expr:
    """E|s|^4 / (E|s|^2)^2 of the hidden tangent vector, Gaussian weights, ReLU (Hanin 2018).

    Given the layer before, s_j^2 are independent squares of Gaussians times an independent
    gate, so a layer of n units contributes (n E[g] E[w^4] + n (n-1) E[g]^2) / (n E[g])^2.
    """
    gate, fourth = Rational(1, 2), Integer(3)
    return Mul(
        *(((n * gate * fourth + n * (n - 1) * gate**2) / (n * gate) ** 2).expand() for n in hidden)
    )


def alive_probability(depth: int) -> Rational:
    """That all units of a chain of `depth` one-unit ReLU layers are active: a sign each, x != 0."""
    return Rational(1, 2) ** depth


def initialisation_table() -> Table:
    """rho_k of each rule, for ReLU, leaky ReLU and linear layers."""
    n, m = Symbol("n_k", positive=True), Symbol("n_{k+1}", positive=True)
    alpha = Symbol("alpha", positive=True)
    kinds = (Activation("relu"), Activation("leaky_relu", alpha), Activation("identity"))
    rows: tuple[tuple[Cell, ...], ...] = tuple(
        (rule.name, rule.variance(n, m), *(backward_factor(rule, kind, n, m) for kind in kinds))
        for rule in INITIALISATIONS
    )
    columns = ("initialisation", "variance", *(kind.name for kind in kinds))
    return Table("initialisation", columns, rows)


def example_table(
    shapes: Sequence[Sequence[int]] = ((3, 3, 3, 3, 3), (2, 5, 3, 4, 2), (4, 1, 1, 1, 1)),
) -> Table:
    """E |delta^(1)|^2 / |c|^2 of ReLU networks of some shapes, and how far it fluctuates."""
    rows: list[tuple[Cell, ...]] = []
    for widths in shapes:
        means = (
            expected_squared_gradient(rule, Activation("relu"), widths) for rule in INITIALISATIONS
        )
        spread = fluctuation([Integer(n) for n in widths[1:-1]])
        rows.append(("-".join(map(str, widths)), *means, spread))
    columns = ("widths", *(rule.name for rule in INITIALISATIONS), "fluctuation")
    return Table("expected_gradients", columns, tuple(rows))


def layer_table(depth: int = 4, widths: Sequence[int] = (1, 2, 3)) -> Table:
    """E |delta^(k)|^2 / |c|^2 from the output back, ReLU, He by fan-in, layers of one width."""
    layers = range(depth, 0, -1)
    rows: list[tuple[Cell, ...]] = []
    for width in widths:
        shape = [width] * (depth + 1)
        means = (
            expected_squared_gradient(INITIALISATIONS[0], Activation("relu"), shape, layer)
            for layer in layers
        )
        rows.append(("-".join(map(str, shape)), *means))
    signals = (Partial(Quantity("C", Integer(depth)), Quantity("z", Integer(k))) for k in layers)
    return Table("by_layer", ("widths", *signals), tuple(rows))
