"""The Hessian of one sample's cost, row by row, in as many parts as its start is given in.

H^(k) = d2C/dz^(k) dz^(k), later parameters fixed, goes back from the output layer (Bishop
1992, Neural Computation 4(4)): with J = dz^(k+1)/dz^(k) = W' D and D = diag phi'(z^(k)),

    H^(k) = J' H^(k+1) J + diag(phi''(z^(k)) * dC/dr^(k)).

Then z^(a+1) moves, and with the derivatives of z^(b+1) and r^(b) by it, for a <= b,

    d2C/dz^(b+1) dz^(a+1) = H^(b+1) dz^(b+1)/dz^(a+1),
    d2C/dW^(b)_km dz^(a+1)_j
        = r^(b)_k d2C/dz^(b+1)_m dz^(a+1)_j + dr^(b)_k/dz^(a+1)_j dC/dz^(b+1)_m,
    d2C/dW^(b)_km dW^(a)_ij = r^(a)_i d2C/dW^(b)_km dz^(a+1)_j.

A bias is the weight of an input that is always 1.  All of it is linear in H^(L) but for the
terms with first derivatives of C.  So H^(L) may be given as a sum of parts, Gauss-Newton and
what remains: each goes its way alone, and the last part takes those terms.  At a kink phi' is
the network's convention and phi'' is 0.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeAlias

from sympy import Expr

from derive.evaluating.passes import (
    Matrix,
    N,
    Passes,
    Vector,
    multiplied,
    summed,
    transposed,
)

#: The parts of a matrix.
Parts: TypeAlias = Sequence[Matrix[N]]


def output_curvature(passes: Passes[N]) -> tuple[Matrix[N], Matrix[N]]:
    """d2C/dz^(L) dz^(L) in two parts, the Gauss-Newton one and the rest.

    Gauss-Newton cuts the cost at a split s of the output and keeps (ds/dz)' d2C/ds ds (ds/dz).
    Costs of differences, with s = r^(L): diag(phi'^2 d2C/dr2), and phi'' dC/dr remains.
    Cross-entropies, with s = z^(L): all, and nothing.
    """
    network, arithmetic, y = passes.network, passes.arithmetic, passes.y
    z, r, depth = passes.forward.z[-1], passes.forward.r[-1], network.depth
    nothing = _diagonal(passes, [arithmetic.constant(0)] * len(z))
    if not network.layers[-1].activation.kind.elementwise:
        return _softmax_curvature(passes), nothing
    if not network.has_difference:
        return _diagonal(passes, arithmetic.logit_slopes(2, z, y)), nothing
    slopes, bends = (arithmetic.slopes(depth, n, z) for n in (1, 2))
    by_r = arithmetic.vector("dC/dr", depth, arithmetic.cost_slopes(1, r, y))
    kept = multiplied(arithmetic.cost_slopes(2, r, y), multiplied(slopes, slopes))
    return _diagonal(passes, kept), _diagonal(passes, multiplied(bends, by_r))


def _softmax_curvature(passes: Passes[N]) -> Matrix[N]:
    """sum_m t'_m ([m = j] - p_j) ([m = l] - p_l) - (sum_m t_m) dp_j/dz_l.

    t_m and t'_m are the first and second slopes of the cost by log p_m; for the cross-entropy
    -y_m and 0, which leaves (sum y) (diag p - p p').
    """
    arithmetic, p, depth = passes.arithmetic, passes.forward.r[-1], passes.network.depth
    minus = arithmetic.constant(-1)
    first, second = (arithmetic.log_slopes(n, p, passes.y) for n in (1, 2))
    total, bent = minus * arithmetic.sum(first), arithmetic.sum(second)
    unit = _diagonal(passes, [arithmetic.constant(1)] * len(p))
    jacobian = [
        [share * (one + minus * other) for one, other in zip(row, p, strict=True)]
        for share, row in zip(p, unit, strict=True)
    ]
    jacobian = arithmetic.matrix("r", depth, depth, jacobian)
    curved = _diagonal(passes, second)
    return [
        [
            curved[j][m]
            + p[j] * p[m] * bent
            + minus * (p[j] * second[m] + p[m] * second[j])
            + total * jacobian[j][m]
            for m in range(len(p))
        ]
        for j in range(len(p))
    ]


def curvatures(passes: Passes[N], last: Parts[N]) -> Sequence[Parts[N]]:
    """H^(1), ..., H^(L), each in as many parts as `last`, which is H^(L)."""
    arithmetic, back = passes.arithmetic, passes.backward
    found = [[_symmetric(passes, passes.network.depth, part) for part in last]]
    for k in reversed(range(1, passes.network.depth)):
        scaled = [multiplied(row, back.slopes[k - 1]) for row in transposed(passes.weights[k])]
        jacobian = arithmetic.matrix("z", k + 1, k, scaled)
        bends = multiplied(arithmetic.slopes(k, 2, passes.forward.z[k - 1]), back.by_r[k - 1])
        parts = [
            passes.product(transposed(jacobian), _moved(passes, k + 1, k, part, jacobian))
            for part in found[0]
        ]
        for unit, bend in enumerate(bends):
            parts[-1][unit][unit] += bend
        found.insert(0, [_symmetric(passes, k, part) for part in parts])
    return found


def hessian_rows(passes: Passes[N], curved: Sequence[Parts[N]]) -> Iterator[Sequence[Vector[N]]]:
    """The rows of the Hessian from the diagonal on, each in parts, in the order of parameters."""
    for a, inputs in enumerate(passes.inputs):
        parts = _columns(passes, curved, a)
        units = range(len(passes.backward.delta[a]))
        for i, source in enumerate(inputs):
            for j in units:
                start = i * len(units) + j
                yield [[source * row[j] for row in part[start:]] for part in parts]


def mirrored(triangle: Sequence[Sequence[Expr]]) -> tuple[tuple[Expr, ...], ...]:
    """The symmetric matrix whose rows, from the diagonal on, these are."""
    size = range(len(triangle))
    return tuple(tuple(triangle[min(p, q)][abs(p - q)] for q in size) for p in size)


def _columns(passes: Passes[N], curved: Sequence[Parts[N]], a: int) -> Sequence[Matrix[N]]:
    """In parts, d2C/dp dz^(a+1) for every parameter p from layer a on, r^(a) fixed."""
    arithmetic, start = passes.arithmetic, a + 1
    units = len(passes.backward.delta[a])
    still = [arithmetic.constant(0)] * units
    moved: Matrix[N] = [still] * len(passes.forward.r[a])
    jacobian: Matrix[N] = _diagonal(passes, [arithmetic.constant(1)] * units)
    mixed: Parts[N] = curved[a]
    found: list[list[Vector[N]]] = [[] for _ in mixed]
    for b in range(a, passes.network.depth):
        if b > a:
            scaled = zip(passes.backward.slopes[b - 1], jacobian, strict=True)
            moved = [[slope * entry for entry in row] for slope, row in scaled]
            moved = arithmetic.matrix("r", b, start, moved)
            jacobian = passes.product(transposed(passes.weights[b]), moved)
            jacobian = arithmetic.matrix("z", b + 1, start, jacobian)
            mixed = [_moved(passes, b + 1, start, part, jacobian) for part in curved[b]]
        inputs, delta = passes.inputs[b], passes.backward.delta[b]
        rows = [
            [[source * entry for entry in row] for source in inputs for row in part]
            for part in mixed
        ]
        steps = zip(inputs, [*moved, still], strict=False)
        direct = ([entry * signal for entry in step] for _, step in steps for signal in delta)
        rows[-1] = [summed(*pair) for pair in zip(rows[-1], direct, strict=True)]
        for entries, part in zip(found, rows, strict=True):
            entries += arithmetic.matrix("dC/dp", b, start, part)
    return found


def _moved(passes: Passes[N], b: int, a: int, part: Matrix[N], jacobian: Matrix[N]) -> Matrix[N]:
    """A part of d2C/dz^(b) dz^(a) = H^(b) dz^(b)/dz^(a)."""
    return passes.arithmetic.matrix("dC/dz", b, a, passes.product(part, jacobian))


def _symmetric(passes: Passes[N], k: int, part: Matrix[N]) -> Matrix[N]:
    """A part of H^(k), of which both entries of a pair are one."""
    size = range(len(part))
    lower = passes.arithmetic.matrix("dC/dz", k, k, [part[i][: i + 1] for i in size])
    return [[lower[max(i, j)][min(i, j)] for j in size] for i in size]


def _diagonal(passes: Passes[N], entries: Vector[N]) -> list[list[N]]:
    """The matrix with these entries on its diagonal."""
    zero, size = passes.arithmetic.constant(0), range(len(entries))
    return [[entries[i] if i == j else zero for j in size] for i in size]
