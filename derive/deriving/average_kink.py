"""What a second derivative that misses the kink misses on average: the jump times the density.

For F(b) = E (ReLU(x + b) - y)^2 / 2 with x ~ N(0, 1), integrating F'(b) over the active x > -b
and differentiating gives F''(b) = Phi(b) - y phi(b).  The mean of the second derivatives of
single samples, Step(x + b) each, is Phi(b).
"""

from __future__ import annotations

from dataclasses import dataclass

from sympy import (
    Expr,
    Integer,
    S,
    Symbol,
    diff,
    erf,
    exp,
    integrate,
    oo,
    pi,
    simplify,
    sqrt,
    symbols,
)


@dataclass(frozen=True)
class MeanCurvatures:
    """F''(0) and the mean of the second derivatives of single samples, for one target.

    Attributes:
        unexplained: what is left of their difference beside -y phi(b); 0 if it is that.
    """

    y: Integer
    true: Expr
    naive: Expr
    unexplained: Expr


def curvatures_of_the_mean(y: Integer) -> MeanCurvatures:
    """Both at b = 0."""
    x = Symbol("x", real=True)
    b, target = symbols("b y", real=True)
    density = exp(-(x**2) / 2) / sqrt(2 * pi)
    slope = integrate((x + b - target) * density, (x, -b, oo))
    curvature = simplify(diff(slope, b).rewrite(erf))
    missed = integrate(density, (x, -b, oo))
    dropped = curvature - (missed - target * density.subs(x, -b))
    here = {b: S.Zero, target: y}
    return MeanCurvatures(
        y,
        true=curvature.subs(here),
        naive=simplify(missed.subs(here)),
        unexplained=simplify(dropped.rewrite(erf)),
    )
