"""Newton's step of a chain in which nothing has a kink, as a formula that is solved for.

H s = -g has the solution s = -adj(H) g / det H.  What all entries of it share goes in front:
s = -(e/d) n with a vector n, so H n is (d/e) g, and each row of that is proved like any line.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from sympy import (
    Add,
    Expr,
    ImmutableMatrix,
    Integer,
    Matrix,
    count_ops,
    fraction,
    gcd,
    lcm,
    together,
)

from derive.deriving.chains.chain_entries import (
    entries_of_hessian,
    resolved_forms,
    weights_of,
)
from derive.deriving.chains.smooth_chain import is_short, is_smooth
from derive.deriving.laws import algebra, chain
from derive.meaning.derivation import Group, Line
from derive.model.network import Network

#: A step with more operations in an entry is none that a person reads.
_MOST_IN_AN_ENTRY = 80
#: A determinant with more operations, before it is factored, comes to no such step.
_MOST_BEFORE = 6000


def smooth_newton(network: Network, stationary: Group, blocks: Group) -> Group:
    """H n, row by row, for a vector n along which Newton's step goes.

    `scale` times `step` is Newton's step, wherever its denominator is not 0.  A formula that is
    too long to be read is left out.
    """
    empty = Group("smooth_newton", network, ())
    if not is_smooth(network) or not is_short(network, blocks):
        return empty
    forms = resolved_forms(blocks)
    rows = entries_of_hessian(network)
    curvature = Matrix([[forms[entry].rhs for entry in row] for row in rows])
    gradient = Matrix([steps[-1].rhs for steps in stationary.chains])
    unfactored = curvature.det()
    if count_ops(unfactored) > _MOST_BEFORE:
        return empty
    determinant = algebra.factorize(network, unfactored)
    if determinant == 0 or len(gradient) != len(weights_of(network)):
        return empty
    solved = [
        algebra.factorize(network, one / determinant) for one in curvature.adjugate() * gradient
    ]
    if max(count_ops(one) for one in solved) > _MOST_IN_AN_ENTRY:
        return empty
    scale, direction = _in_front(network, solved)
    steps: list[Line] = []
    for row in rows:
        scaled = (entry * part for entry, part in zip(row, direction, strict=True))
        given = tuple(forms[entry] for entry in row)
        steps += chain(network, Add(*scaled), ("insert", given), "factorize")
    about = {"scale": -scale, "step": ImmutableMatrix(direction)}
    return Group("smooth_newton", network, tuple(steps), about)


def _in_front(network: Network, entries: Sequence[Expr]) -> tuple[Expr, list[Expr]]:
    """e/d and n, so that the entries are e n/d, with no factor that all of n have."""
    parts = [fraction(together(one)) for one in entries]
    below = reduce(lcm, (bottom for _, bottom in parts), Integer(1))
    above = [algebra.factorize(network, top * below / bottom) for top, bottom in parts]
    shared = reduce(gcd, above)
    if (above[0] / shared).as_coeff_Mul()[0] < 0:
        shared = -shared
    direction = [algebra.factorize(network, one / shared) for one in above]
    return algebra.factorize(network, shared / below), direction
