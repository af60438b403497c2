"""Whether a derivative in an equation is taken through a kink.

Where a pre-activation is 0, such a derivative does not exist, and the equation says what the
convention for Step(0) makes of it.  So its scope is "wherever C is differentiable, and at kinks
by the convention", however it was proved.
"""

from __future__ import annotations

from sympy import Basic, Derivative, Expr

from derive.algebra.nodes import nodes_of
from derive.algebra.quantities import (
    Partial,
    Quantity,
    is_step,
    names_curvature,
    quantities_in,
)
from derive.model.model import GATES, Model


def through_a_kink(model: Model, *sides: Basic) -> bool:
    """Whether some derivative in the sides leads through an activation or a cost with a kink."""
    for side in sides:
        if any(node.expr.has(*GATES) for node in nodes_of(side, Derivative)):
            return True
        for node in nodes_of(side, Partial):
            if node.of.has(*GATES) or _leads_through(model, node.of, node.wrt):
                return True
        for name in filter(names_curvature, nodes_of(side, Quantity)):
            if _leads_through(model, model.C, Quantity("z", name.layer)):
                return True
    return False


def _leads_through(model: Model, of: Expr, variable: Quantity) -> bool:
    """Whether a tensor with a kink is computed from the variable, and `of` from it."""
    ends = {q.args[:2] for q in quantities_in(of)}
    return any(
        (is_step(variable) or model.depends(kinked, variable.args[:2]))
        and any(end == kinked or model.depends(end, kinked) for end in ends)
        for kinked in model.kinked
    )
