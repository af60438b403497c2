"""Stationary points: of transfer functions and of a stuck neuron; and steps of descent."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from sympy import (
    Expr,
    Float,
    Integer,
    Interval,
    Rational,
    S,
    Symbol,
    erf,
    exp,
    log,
    nsolve,
    sqrt,
    tanh,
)

from derive.algebra.functions import ReLU
from derive.claims.analysis.finding import Finding, found
from derive.claims.analysis.gradient_flow import slope_range
from derive.claims.analysis.kinks import one_sided_slopes
from derive.claims.analysis.regions import Derivatives, derivatives_at
from derive.files.network_file import read_network
from derive.model.activations import Activation
from derive.notation.decimals import significant

_x = Symbol("x", real=True)

#: Smooth activations that are not monotone, and where to look for their minimum.
_WITH_MINIMUM: dict[str, tuple[Expr, Float]] = {
    "silu": (_x / (1 + exp(-_x)), Float("-1.3")),
    "gelu": (_x * (1 + erf(_x / sqrt(2))) / 2, Float("-0.75")),
    "mish": (_x * tanh(log(1 + exp(_x))), Float("-1.2")),
}

#: Activations that are constant on a half-line, and a point of it.
_WITH_PLATEAU: dict[str, tuple[Expr, int]] = {
    "relu": (ReLU(_x), -1),
    "relu6": (ReLU(_x) - ReLU(_x - 6), 7),
    "hard_tanh": (ReLU(_x + 1) - ReLU(_x - 1) - 1, 2),
}


def relu_is_flat_below_zero() -> Finding:
    """ReLU' = 0 at z = -1, a stationary point and a minimum; holds where there is none.

    At 0 Clarke's generalised derivative is the interval between both slopes, and contains 0.
    """
    slope = ReLU(_x).diff(_x).subs(_x, -1)
    left, right = one_sided_slopes(ReLU(_x))
    clarke = Interval(left, right)
    return found(
        slope != 0 and S.Zero not in clarke,
        at=-1,
        slope=slope,
        left=left,
        right=right,
        clarke=clarke,
    )


def nowhere_stationary(name: str) -> Callable[[], Finding]:
    """Whether phi' is never 0: from the range of phi' for the monotone activations."""

    def compute() -> Finding:
        if name == "identity":
            return found(Activation(name)(_x, S.Zero).diff(_x) == 1)
        activation = Activation(name, Symbol("alpha", positive=True))
        return found(S.Zero not in slope_range(activation).values)

    return compute


def has_minimum(name: str) -> Callable[[], Finding]:
    """SiLU, GELU, Mish: phi' changes its sign, so it is 0 in between; holds where it is not."""
    function, near = _WITH_MINIMUM[name]

    def compute() -> Finding:
        slope = function.diff(_x)
        turns = slope.subs(_x, -3).evalf() < 0 < slope.subs(_x, S.Zero).evalf()
        at = nsolve(slope, near, prec=20)
        return found(
            not turns, at=significant(at, 7), minimum=significant(function.subs(_x, at), 6)
        )

    return compute


def has_plateau(name: str) -> Callable[[], Finding]:
    """ReLU and what is made of it is constant on a half-line; holds where its slope is not 0."""
    function, inside = _WITH_PLATEAU[name]

    def compute() -> Finding:
        return found(function.diff(_x).subs(_x, inside) != 0)

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


def _descended(slope: Expr, start: Expr, rates: Iterable[Expr]) -> list[Expr]:
    """start, and where each step w - rate C'(w) of gradient descent leads, exactly."""
    visited = [start]
    for rate in rates:
        visited.append(visited[-1] - rate * slope.subs(_x, visited[-1]))
    return visited


def descent_with_a_kink(steps: int = 40) -> Finding:
    """One ReLU neuron, samples (1, 1) and (-1, 0): descent crosses the kink and converges.

    C(w) = (ReLU(w) - 1)^2 / 2 + ReLU(-w)^2 / 2 has slopes 0 and -1 at 0.  With rate 3/2 descent
    leads from -1 across it, and there the distance to the minimum 1 halves at every step.
    Holds where smoothness was needed.
    """
    cost = (ReLU(_x) - 1) ** 2 / 2 + ReLU(-_x) ** 2 / 2
    visited = _descended(cost.diff(_x), -S.One, [Rational(3, 2)] * steps)
    left, right = one_sided_slopes(cost)
    distance = abs(visited[-1] - 1)
    crossed = visited[0] < 0 < visited[1]
    return found(
        not crossed or left == right or distance > Rational(10) ** -10,
        left=left,
        right=right,
        steps=steps,
        crossed_to=visited[1],
        distance=significant(distance, 2),
    )


def descent_into_inactivity() -> Finding:
    """C(w) = (ReLU(w) - 1)^2 / 2 from 3 with rate 5/2: one step leads where the gradient is 0.

    Holds where descent goes on.
    """
    slope = ((ReLU(_x) - 1) ** 2 / 2).diff(_x)
    visited = _descended(slope, Integer(3), [Rational(5, 2)] * 3)
    return found(visited[2] != visited[1], fell_to=visited[1], stayed_at=visited[3])


def descent_to_a_kink(steps: int = 40) -> Finding:
    """|w|, with its minimum on the kink, from 1/4: a constant rate 1/2 never arrives.

    It jumps between two points; with rates 1/n the n-th point is at most 1/n from the minimum.
    Holds where the constant rate arrives.
    """
    slope, start = (ReLU(_x) + ReLU(-_x)).diff(_x), Rational(1, 4)
    constant = _descended(slope, start, [Rational(1, 2)] * steps)
    falling = _descended(slope, start, [Rational(1, n) for n in range(1, steps + 1)])
    return found(
        len(set(constant)) > 2 or abs(falling[-1]) > Rational(1, steps),
        there=constant[0],
        and_back=constant[1],
        falling_distance=significant(abs(falling[-1]), 2),
        falling_bound=Rational(1, steps),
    )


def update_of_three() -> Finding:
    """One step of gradient descent on all weights of 1-1-1-1: every one by its own derivative.

    x = 1, y = 2, all weights 1, rate 1/10.  Holds where the cost falls.
    """
    network, rate, target = read_network("1-1-1-1"), Rational(1, 10), 2

    def at(weights: Iterable[Expr]) -> Derivatives:
        values = {f"W{k}": [[w]] for k, w in enumerate(weights)}
        return derivatives_at(network, {"x": [1], "y": [target], **values})

    before = at([S.One] * 3)
    updated = [1 - rate * slope for slope in before.gradient]
    after = at(updated)
    return found(
        after.cost < before.cost,
        rate=rate,
        target=target,
        slope=before.gradient[0],
        updated=updated[0],
        before=before.cost,
        after=significant(after.cost, 3),
    )
