"""The definitions at the output: C and its derivatives by the last pre-activations."""

from __future__ import annotations

from sympy import Add, Expr, KroneckerDelta, cancel, expand

from derive.algebra.quantities import Partial
from derive.programs.draft import Draft
from derive.programs.matrices import Rows, diagonal, product
from derive.programs.passes import Backward, ForwardDefinitions, slope_formula


def output(draft: Draft, layer: ForwardDefinitions) -> Backward:
    """C, delta^(L) and H^(L)."""
    network = draft.network
    if network.has_difference:
        written = dict(zip(draft.r[-1], layer.r, strict=True))
        for difference in draft.differences:
            draft.define(difference, draft.definition(difference).xreplace(written))
    cost = draft.definition(draft.C)
    draft.define(draft.C, cost)
    return (_squared if network.has_difference else _entropy)(draft, layer, cost)


def _squared(draft: Draft, layer: ForwardDefinitions, cost: Expr) -> Backward:
    """With U = y - r: dC/dr = -dC/dU, delta = phi' dC/dr, H = phi'^2 d2C/dU2 + phi'' dC/dr."""
    C = draft.C
    delta: list[Expr] = []
    curvature: list[Expr] = []
    units = zip(draft.r[-1], draft.z[-1], draft.differences, strict=True)
    for (r, z, difference), slope, bend in zip(units, layer.slopes, layer.bends, strict=True):
        by_r = draft.define(Partial(C, r), -cost.diff(difference))
        delta.append(draft.define(Partial(C, z), slope * by_r))
        formula = slope**2 * cost.diff(difference, 2) + bend * by_r
        curvature.append(draft.second(z, z, formula))
    return Backward(delta, diagonal(curvature))


def _entropy(draft: Draft, layer: ForwardDefinitions, cost: Expr) -> Backward:
    """delta_j = sum_m dC/dr_m dr_m/dz_j, with no r below; H_jm = sum_i ddelta_j/dr_i dr_i/dz_m."""
    r, z = draft.r[-1], draft.z[-1]
    if layer.slopes:
        jacobian: Rows = diagonal(layer.slopes)
        units = zip(r, z, strict=True)
        formulas = [
            cancel(cost.diff(a) * slope_formula(draft, draft.network.depth, a, b)) for a, b in units
        ]
    else:
        jacobian = _softmax(draft)
        by_log = [expand(a * cost.diff(a)) for a in r]
        formulas = [t - a * Add(*by_log) for t, a in zip(by_log, r, strict=True)]
    gradient = [Partial(draft.C, entry) for entry in z]
    names = zip(gradient, formulas, strict=True)
    delta = [draft.define(name, formula) for name, formula in names]
    by_r = [[formula.diff(entry) for entry in r] for formula in formulas]
    return Backward(delta, draft.matrix(gradient, z, product(by_r, jacobian)))


def _softmax(draft: Draft) -> Rows:
    """dr_j/dz_m = r_j ([j = m] - r_m)."""
    units = list(enumerate(draft.r[-1]))
    formulas = [[a * (KroneckerDelta(j, m) - b) for m, b in units] for j, a in units]
    return draft.matrix(draft.r[-1], draft.z[-1], formulas)
