"""Stationary points: of transfer functions, of a stuck neuron, and descent across a kink."""

from __future__ import annotations

from collections.abc import Callable

from sympy import Expr, Float, Rational, S, Symbol, erf, exp, nsolve, sqrt

from derive.activations import Activation
from derive.analysis.decimals import significant
from derive.analysis.finding import Finding, found
from derive.analysis.gradient_flow import slope_range
from derive.analysis.kinks import one_sided_slopes
from derive.analysis.regions import derivatives_at
from derive.functions import ReLU
from derive.network_file import read_network

_x = Symbol("x", real=True)

#: Smooth activations that are not monotone, and where to look for their minimum.
_WITH_MINIMUM: dict[str, tuple[Expr, Float]] = {
    "silu": (_x / (1 + exp(-_x)), Float("-1.3")),
    "gelu": (_x * (1 + erf(_x / sqrt(2))) / 2, Float("-0.75")),
}


def relu_is_flat_below_zero() -> Finding:
    """ReLU' = 0 at z = -1, a stationary point and a minimum; holds where there is none."""
    slope = ReLU(_x).diff(_x).subs(_x, -1)
    left, right = one_sided_slopes(ReLU(_x))
    return found(slope != 0, at=-1, slope=slope, left=left, right=right)


def nowhere_stationary(name: str) -> Callable[[], Finding]:
    """Whether phi' is never 0: from the range of phi' for the monotone activations."""

    def compute() -> Finding:
        if name == "identity":
            return found(Activation(name)(_x, S.Zero).diff(_x) == 1)
        activation = Activation(name, Symbol("alpha", positive=True))
        return found(S.Zero not in slope_range(activation).values)

    return compute


def has_minimum(name: str) -> Callable[[], Finding]:
    """SiLU and GELU: phi' changes its sign, so it is 0 in between; holds where it is not."""
    function, near = _WITH_MINIMUM[name]

    def compute() -> Finding:
        slope = function.diff(_x)
        turns = slope.subs(_x, -3).evalf() < 0 < slope.subs(_x, S.Zero).evalf()
        at = nsolve(slope, near, prec=20)
        return found(
            not turns, at=significant(at, 7), minimum=significant(function.subs(_x, at), 6)
        )

    return compute


def stuck_neuron() -> Finding:
    """w = -1, x = 1, y = 1: the gradient is 0 and the cost is not least.

    Holds where descent from there ends in the least cost.
    """
    neuron = read_network("1-1")
    here, there = (derivatives_at(neuron, {"x": [1], "y": [1], "W0": [[w]]}) for w in (-1, 1))
    return found(
        here.gradient[0] != 0 or here.cost <= there.cost,
        cost=here.cost,
        gradient=here.gradient[0],
        least=there.cost,
    )


def descent_with_a_kink(steps: int = 40) -> Finding:
    """C(w) = (ReLU(w) - 1)^2 / 2 has a kink at 0, and descent with rate 1/2 from 3 converges.

    Exact: the distance to the minimum halves at every step.  Holds where smoothness was needed.
    """
    cost = (ReLU(_x) - 1) ** 2 / 2
    slope = cost.diff(_x)
    w = Rational(3)
    for _ in range(steps):
        w -= slope.subs(_x, w) / 2
    left, right = one_sided_slopes(cost)
    distance = abs(w - 1)
    return found(
        left == right or distance > Rational(10) ** -10,
        left=left,
        right=right,
        steps=steps,
        distance=significant(distance, 2),
    )
