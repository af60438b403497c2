"""First and second derivatives of one sample's cost by the last pre-activations z^(L).

Gauss-Newton cuts the cost at a split s of the output and keeps (ds/dz)' d2C/ds ds (ds/dz):
at s = r^(L) for squared errors, at the logits s = z^(L) for cross-entropies, where that is
all of d2C/dz dz.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from operator import mul

from sympy import Expr

from derive.evaluating.enclosures import PRE_ACTIVATION, Number, NumberArithmetic, constant, sum_of
from derive.evaluating.given import Matrix, Vector
from derive.evaluating.local_derivatives import (
    OUTPUT,
    TARGET,
    activation_formulas,
    cost_formulas,
    log_slopes,
    logit_slopes,
)
from derive.model.network import Network


def cost_of(network: Network, r: Vector, y: Vector, arithmetic: NumberArithmetic) -> Number:
    """C = scale(n) sum_j term(r_j, y_j) of one sample."""
    assert network.cost is not None
    term, _, _ = cost_formulas(network.cost, network.step_at_zero)
    return _scale(network, arithmetic) * sum_of(_of_outputs(term, r, y, arithmetic))


def cost_gaps(
    network: Network, r: Vector, y: Vector, arithmetic: NumberArithmetic
) -> Iterator[list[Number]]:
    """For each output, what is 0 where its term of the cost has a kink."""
    assert network.cost is not None
    kinks = network.cost.kinks(OUTPUT, TARGET)
    for pair in zip(r, y, strict=True):
        at = dict(zip((OUTPUT, TARGET), pair, strict=True))
        yield [arithmetic.value(gap, at) for gap in kinks]


def output_error(
    network: Network, z: Vector, r: Vector, y: Vector, arithmetic: NumberArithmetic
) -> Vector:
    """delta^(L)_j = dC/dz^(L)_j.

    With u_m = log p_m the softmax has du_m/dz_j = [m = j] - p_j, so for a cost that is a sum
    over m of functions of u_m with slopes t_m, delta_j = t_j - p_j sum_m t_m.
    """
    cost, activation = network.cost, network.layers[-1].activation
    assert cost is not None
    if not activation.kind.elementwise:
        slopes = _of_outputs(log_slopes(cost, network.step_at_zero)[0], r, y, arithmetic)
        mean = constant(-1) * sum_of(slopes)
        delta = [t + p * mean for t, p in zip(slopes, r, strict=True)]
    elif not cost.has_difference:
        slope, _ = logit_slopes(cost, activation, network.step_at_zero)
        delta = _of_logits(slope, z, y, arithmetic)
    else:
        inner = activation_formulas(activation, network.step_at_zero)[1]
        outer = _of_outputs(cost_formulas(cost, network.step_at_zero)[1], r, y, arithmetic)
        delta = list(map(mul, _of_logits(inner, z, y, arithmetic), outer))
    scale = _scale(network, arithmetic)
    return tuple(scale * entry for entry in delta)


def output_curvature(
    network: Network, z: Vector, r: Vector, y: Vector, arithmetic: NumberArithmetic
) -> tuple[Matrix, Matrix]:
    """d2C/dz^(L) dz^(L) in two parts, the Gauss-Newton one and the rest.

    Squared errors: diag(phi'^2 d2C/dr2) and phi'' dC/dr.  Cross-entropies: all and nothing.
    """
    cost, activation = network.cost, network.layers[-1].activation
    assert cost is not None
    scale = _scale(network, arithmetic)
    nothing = _diagonal([constant(0)] * len(z))
    if not activation.kind.elementwise:
        return _scaled(scale, _softmax_curvature(network, r, y, arithmetic)), nothing
    if not cost.has_difference:
        _, second = logit_slopes(cost, activation, network.step_at_zero)
        return _diagonal([scale * h for h in _of_logits(second, z, y, arithmetic)]), nothing
    _, slope, bend = activation_formulas(activation, network.step_at_zero)
    slopes = _of_logits(slope, z, y, arithmetic)
    _, by_r, by_rr = (
        _of_outputs(formula, r, y, arithmetic)
        for formula in cost_formulas(cost, network.step_at_zero)
    )
    kept = [scale * h * s * s for h, s in zip(by_rr, slopes, strict=True)]
    bends = _of_logits(bend, z, y, arithmetic)
    rest = [scale * bend * by for bend, by in zip(bends, by_r, strict=True)]
    return _diagonal(kept), _diagonal(rest)


def _softmax_curvature(
    network: Network, p: Vector, y: Vector, arithmetic: NumberArithmetic
) -> list[list[Number]]:
    """sum_m t'_m ([m = j] - p_j) ([m = l] - p_l) - (sum_m t_m) p_j ([j = l] - p_l).

    t_m and t'_m are the first and second slopes of the cost by log p_m; for the cross-entropy
    -y_m and 0, which leaves (sum y) (diag p - p p').
    """
    assert network.cost is not None
    first, second = (
        _of_outputs(formula, p, y, arithmetic)
        for formula in log_slopes(network.cost, network.step_at_zero)
    )
    total = sum_of(first)
    both = total + sum_of(second)
    minus = constant(-1)
    rows: list[list[Number]] = []
    for j, (share, bend) in enumerate(zip(p, second, strict=True)):
        row = [
            share * other * both + minus * (share * other_bend + other * bend)
            for other, other_bend in zip(p, second, strict=True)
        ]
        row[j] = row[j] + bend + minus * share * total
        rows.append(row)
    return rows


def _of_outputs(formula: Expr, r: Vector, y: Vector, arithmetic: NumberArithmetic) -> list[Number]:
    """A formula in one output and its target, at each of them."""
    pairs = zip(r, y, strict=True)
    return [arithmetic.value(formula, {OUTPUT: a, TARGET: b}) for a, b in pairs]


def _of_logits(formula: Expr, z: Vector, y: Vector, arithmetic: NumberArithmetic) -> list[Number]:
    """A formula in one pre-activation and the target of its unit, at each of them."""
    pairs = zip(z, y, strict=True)
    return [arithmetic.value(formula, {PRE_ACTIVATION: a, TARGET: b}) for a, b in pairs]


def _scale(network: Network, arithmetic: NumberArithmetic) -> Number:
    assert network.cost is not None
    return arithmetic.value(network.cost.scale(network.width(network.last)), {})


def _diagonal(entries: Sequence[Number]) -> Matrix:
    zero = constant(0)
    return tuple(
        tuple(entry if i == j else zero for j in range(len(entries)))
        for i, entry in enumerate(entries)
    )


def _scaled(scale: Number, rows: Sequence[Sequence[Number]]) -> Matrix:
    return tuple(tuple(scale * entry for entry in row) for row in rows)
