"""The definitions of the forward and the backward pass, one layer at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from sympy import Dummy, Expr

from derive.algebra.quantities import Partial, Quantity
from derive.model.activations import Activation
from derive.programs.draft import Draft
from derive.programs.matrices import Row, Rows, diagonal, dot, product, transposed

#: What stands for z, r = phi(z) and phi'(z) in formulas of one unit.
_z, _r, _slope = (Dummy(name, real=True) for name in ("z", "r", "s"))


@dataclass(frozen=True)
class ForwardDefinitions:
    """What to write for r^(k), phi'(z^(k)) and phi''(z^(k)); of softmax only r."""

    r: Row
    slopes: Row
    bends: Row


@dataclass(frozen=True)
class Backward:
    """delta^(k) = dC/dz^(k), and H^(k) = d2C/dz^(k) dz^(k) with later parameters fixed."""

    delta: Row
    curvature: Rows


def forward(draft: Draft) -> Iterator[ForwardDefinitions]:
    """z^(k), r^(k) by their definitions, and the local derivatives, for k = 0, 1, ..., L."""
    layer = ForwardDefinitions(draft.r[0], (), ())
    yield layer
    for k in range(1, draft.network.depth + 1):
        written = dict(zip(draft.r[k - 1], layer.r, strict=True))
        for z in draft.z[k]:
            draft.define(z, draft.definition(z).xreplace(written))
        r = [draft.define(entry, draft.definition(entry)) for entry in draft.r[k]]
        layer = ForwardDefinitions(r, (), ())
        if draft.network.layers[k - 1].activation.kind.elementwise:
            units = zip(draft.r[k], draft.z[k], strict=True)
            slopes, bends = zip(*(_local(draft, k, *unit) for unit in units), strict=True)
            layer = ForwardDefinitions(r, slopes, bends)
        yield layer


@lru_cache(maxsize=64)
def _local_formulas(activation: Activation, step_at_zero: Expr) -> tuple[Expr, Expr]:
    """dr/dz by SymPy, written in r where it can be; and d2r/dzdz in z, r and dr/dz."""
    phi = activation(_z, step_at_zero)
    slope = phi.diff(_z).xreplace({phi: _r})
    bend = slope.diff(_z) + slope.diff(_r) * _slope
    return slope, bend.xreplace({slope: _slope})


def slope_formula(draft: Draft, k: int, r: Quantity, z: Quantity) -> Expr:
    """dr/dz of one unit of layer k, such as r (1 - r) for sigmoid."""
    slope, _ = _local_formulas(draft.network.layers[k - 1].activation, draft.network.step_at_zero)
    return slope.xreplace({_z: z, _r: r})


def _local(draft: Draft, k: int, r: Quantity, z: Quantity) -> tuple[Expr, Expr]:
    """What to write for dr/dz; and d2r/dzdz as a formula."""
    _, bend = _local_formulas(draft.network.layers[k - 1].activation, draft.network.step_at_zero)
    slope = draft.define(Partial(r, z), slope_formula(draft, k, r, z))
    return slope, bend.xreplace({_z: z, _r: r, _slope: slope})


def backward(draft: Draft, k: int, layer: ForwardDefinitions, after: Backward) -> Backward:
    """dC/dr = W delta, delta = phi' dC/dr, H = J' H J + diag(phi'' dC/dr), J = dz^(k+1)/dz^(k)."""
    C, z = draft.C, draft.z[k]
    by_r = [
        draft.define(Partial(C, r), dot(row, after.delta))
        for r, row in zip(draft.r[k], draft.weights[k], strict=True)
    ]
    delta = [
        draft.define(Partial(C, entry), slope * outer)
        for entry, slope, outer in zip(z, layer.slopes, by_r, strict=True)
    ]
    jacobian = moved_on(draft, k + 1, k, diagonal(layer.slopes))
    mixed = mixed_curvature(draft, k + 1, k, after.curvature, jacobian)
    formulas = product(transposed(jacobian), mixed)
    for i, (bend, outer) in enumerate(zip(layer.bends, by_r, strict=True)):
        formulas[i][i] += bend * outer
    size = range(len(z))
    lower = [[draft.second(z[i], z[j], formulas[i][j]) for j in range(i + 1)] for i in size]
    return Backward(delta, [[lower[max(i, j)][min(i, j)] for j in size] for i in size])


def moved_on(draft: Draft, b: int, a: int, moved: Rows) -> Rows:
    """dz^(b)/dz^(a) = W^(b-1)' dr^(b-1)/dz^(a), where `moved` is the last factor."""
    return draft.matrix(draft.z[b], draft.z[a], product(transposed(draft.weights[b - 1]), moved))


def mixed_curvature(draft: Draft, b: int, a: int, curvature: Rows, jacobian: Rows) -> Rows:
    """d2C/dz^(b) dz^(a) = H^(b) dz^(b)/dz^(a)."""
    gradient = [Partial(draft.C, z) for z in draft.z[b]]
    return draft.matrix(gradient, draft.z[a], product(curvature, jacobian))
