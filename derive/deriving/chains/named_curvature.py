"""Determinant and Newton's step of a smooth chain in second derivatives, not put in.

For chains where the formula in weights and outputs has too many terms to be read.  The rows are
proved for any symmetric matrix and any gradient.
"""

from __future__ import annotations

from sympy import Add, Expr, ImmutableMatrix, Matrix, S

from derive.algebra.quantities import Partial
from derive.deriving.chains.chain_entries import entries_of_hessian, weights_of
from derive.deriving.chains.smooth_chain import is_smooth
from derive.deriving.laws import chain
from derive.meaning.derivation import Group, Line
from derive.model.network import Network


def named_curvature(network: Network, in_factors: Group, step: Group) -> Group:
    """H n = (det H) g for n = adj(H) g with two weights; with three, the determinant alone.

    Only what does not stand before, the determinant `in_factors` and Newton's `step`.
    """
    empty = Group("named_curvature", network, ())
    if not is_smooth(network) or network.depth == 1 or step.steps:
        return empty
    hessian = Matrix(entries_of_hessian(network))
    determinant = hessian.det()
    about = {"determinant": determinant, "in_factors": S.true if in_factors.steps else S.false}
    if network.depth > 2:
        if in_factors.steps:
            return empty
        # The minor that definiteness asks for, too, in front of the entry that it leaves.
        minor = hessian[:2, :2].det()
        start = minor * hessian[2, 2] + (determinant - minor * hessian[2, 2]).expand()
        steps = chain(network, start, "simplify")
        return Group("named_curvature", network, steps, about)
    gradient = Matrix([Partial(network.C, weight) for weight in weights_of(network)])
    direction = hessian.adjugate() * gradient
    rows: list[Line] = []
    for n in range(hessian.rows):
        rows += chain(network, _product(hessian[n, :], direction), "factorize")
    about |= {"scale": -1 / determinant, "step": ImmutableMatrix(direction)}
    return Group("named_curvature", network, tuple(rows), about)


def _product(row: Matrix, column: Matrix) -> Expr:
    """The row times the column, each factor of which is left as it stands."""
    return Add(*(a * b for a, b in zip(row, column, strict=True)))
