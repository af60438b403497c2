"""Newton's method without damping: how it converges, and where it has no step to take."""

from __future__ import annotations

from sympy import Integer, Matrix, Mul, S, Symbol, cancel, hessian, symbols

from derive.claims.analysis.finding import Finding, found
from derive.claims.analysis.newton import active_chain
from derive.claims.analysis.regions import derivatives_at
from derive.files.network_file import read_network
from derive.notation.decimals import significant


def dead_unit(w: int = -1, x: int = 1, y: int = 1) -> Finding:
    """An inactive unit has C' = C'' = 0, so Newton's step is 0/0, which is not a number.

    Holds where the step is a number.
    """
    at = derivatives_at(read_network("1-1"), {"x": [x], "y": [y], "W0": [[w]]})
    quotient = at.gradient[0] / at.hessian[0]
    return found(
        quotient is not S.NaN,
        dead_w=w,
        dead_gradient=at.gradient[0],
        dead_curvature=at.hessian[0],
    )


def on_the_chain() -> Finding:
    """Newton's own step on the active two-layer chain: what it makes of the error p - y.

    With p = x w_1 w_2 the step multiplies both weights by 2 p / (3 p - y), so the error becomes
    (p - y)^2 (4 p - y) / (3 p - y)^2: undamped, it converges quadratically from every p > y/3 > 0,
    although the Hessian is singular where the error is 0.  Below y/3 the factor is negative
    and the step ends where a unit is inactive.  Holds where the formula is that of the step.
    """
    weights, cost = active_chain()
    x, y = symbols("x y", real=True)
    gradient = Matrix([cost.diff(w) for w in weights])
    step = -hessian(cost, weights).LUsolve(gradient)
    product, p = x * Mul(*weights), Symbol("p", real=True)
    growth = 2 * p / (3 * p - y)
    error = (p - y) ** 2 * (4 * p - y) / (3 * p - y) ** 2
    landed = [w + s for w, s in zip(weights, step, strict=True)]
    stated = [w * growth.subs(p, product) for w in weights]
    differences = [new - old for new, old in zip(landed, stated, strict=True)]
    differences.append(x * Mul(*landed) - y - error.subs(p, product))
    start, target = Integer(2), Integer(3)
    errors = [start - target]
    for _ in range(4):
        errors.append(error.subs({p: errors[-1] + target, y: target}))
    return found(
        all(cancel(difference) == 0 for difference in differences),
        growth=growth,
        next_error=error,
        start=start,
        target=target,
        **{f"error_{n}": significant(v, 2) for n, v in enumerate(errors[1:], start=1)},
    )
