"""The names of the laws in `derive.deriving.laws`, for who reads a certificate without the laws.

Proving a certificate again must not need the rules that wrote it; a name that none of them
has is refused all the same.
"""

from __future__ import annotations

#: The rule of equations that somebody else wrote, as those of the claims.
CLAIMED = "claimed"
RULE_NAMES = frozenset(
    {
        "definition",
        "name the difference",
        "insert the definition",
        "insert the cost",
        "chain rule",
        "differentiate",
        "differentiate term by term",
        "single term",
        "expand the square",
        "simplify",
        "insert",
        "insert as it stands",
        "output form",
        "assumption",
        "first order",
        "insert within",
        "multiply out",
        "collect",
        "name the function",
        "sum rule",
        "product rule",
        "inside a slope",
        "constant slope",
        "sum out",
        "through the pre-activation",
        "through the layer",
        "forward",
        "layer Jacobian",
        "local derivative",
        "Gauss-Newton and residual",
        "Gauss-Newton at the output",
        "Gauss-Newton step",
        "Hessian is Gauss-Newton",
        "through the later layer",
        "no curvature",
        "Gauss-Newton part",
        "residual part",
        "Gauss-Newton product",
        "slope by cases",
        "Heaviside form",
        "derivative of a step",
        "one-sided limit",
        "limit in a chain",
        "jump",
        "across the kink",
        "in the parameter",
        "value at the kink",
        "equal indices",
        "matrix form",
        "matrix form of a layer",
        "Kronecker factors",
        "formula",
        "derivative of the function",
        "unit active or not",
        "all later units active or not",
        "all units active",
        "all units active, gradient",
        "all units active, Hessian",
        "inactive unit",
        "zero nearby",
    }
)
