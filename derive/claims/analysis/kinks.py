"""Kinks: what a convention for Step(0) can and cannot do, and what second derivatives miss.

Formal derivatives are those of the chain and product rules with Step(0) = s; true ones are
one-sided limits of difference quotients, or come from the pieces of a function.
"""

from __future__ import annotations

from sympy import (
    Abs,
    Expr,
    Integer,
    Piecewise,
    Rational,
    S,
    Symbol,
    exp,
    limit,
    simplify,
    solve,
)

from derive.algebra.functions import ReLU, Step
from derive.claims.analysis.finding import Finding, found
from derive.deriving.average_kink import curvatures_of_the_mean
from derive.model.activations import Activation
from derive.notation.decimals import significant

_x = Symbol("x", real=True)
_s = Symbol("h_0", real=True)


def one_sided_slopes(function: Expr, at: Expr = S.Zero) -> tuple[Expr, Expr]:
    """Limits of (f(at + h) - f(at)) / h for h -> 0 from the left and from the right; f of `x`."""
    down, up = Symbol("h", negative=True), Symbol("h", positive=True)
    slopes: list[Expr] = []
    for h, side in ((down, "-"), (up, "+")):
        quotient = (function.subs(_x, at + h) - function.subs(_x, at)) / h
        slopes.append(limit(quotient.rewrite(exp).simplify(), h, 0, side))
    return slopes[0], slopes[1]


def relu_slopes() -> Finding:
    """ReLU at 0 from the left and the right; holds if the slopes differ."""
    left, right = one_sided_slopes(ReLU(_x))
    return found(left != right, left=left, right=right)


def kinked_activations() -> Finding:
    """Which activations have different slopes at 0 on both sides; holds if ReLU's do."""
    alpha = Symbol("alpha", positive=True)
    kinks = {
        name: one_sided_slopes(Activation(name, alpha)(_x, S.Zero))
        for name in ("relu", "leaky_relu", "softplus", "sigmoid", "tanh")
    }
    elu = one_sided_slopes(Piecewise((exp(_x) - 1, _x < 0), (_x, True)))
    differ = {name: simplify(a - b) != 0 for name, (a, b) in kinks.items()}
    return found(
        differ["relu"] and differ["leaky_relu"],
        relu_left=kinks["relu"][0],
        relu_right=kinks["relu"][1],
        leaky_left=kinks["leaky_relu"][0],
        leaky_right=kinks["leaky_relu"][1],
        softplus=kinks["softplus"][0],
        elu_left=elu[0],
        elu_right=elu[1],
    )


# -- conventions that cannot all be right --------------------------------------------------


def no_convention_fits() -> Finding:
    """ReLU(x) - ReLU(-x) = x asks for 2s = 1, ReLU(ReLU(x)) = ReLU(x) for s^2 = s.

    Holds where some s satisfies both.
    """
    odd = (ReLU(_x, _s) - ReLU(-_x, _s)).diff(_x).subs(_x, 0)
    nested = ReLU(ReLU(_x, _s), _s).diff(_x).subs(_x, 0)
    plain = ReLU(_x, _s).diff(_x).subs(_x, 0)
    common = solve([odd - 1, nested - plain], _s)
    return found(bool(common), odd=odd, nested=nested, plain=plain)


def smooth_second_derivative() -> Finding:
    """max(x^2, 0) = x^2 has second derivative 2; formally it is 2 s at 0.

    Holds where all of s = 0, 1/2, 1 give 2.
    """
    x = Symbol("x")  # not known to be real, or SymPy would see that x^2 >= 0
    formal = ReLU(x**2, _s).diff(x, 2).subs(x, 0)
    true = (_x**2).diff(_x, 2)
    chosen = [formal.subs(_s, s) for s in (0, Rational(1, 2), 1)]
    return found(all(value == true for value in chosen), formal_second=formal, true_second=true)


def three_gradients() -> Finding:
    """y = ReLU(r - 1) - ReLU(1 - r), r = ReLU(w): at w = 1 the slope exists, and backprop gives 2s.

    Holds where Step(0) = 0, 1/2 and 1 give the same.
    """
    r = ReLU(_x, _s)
    output = ReLU(r - 1, _s) - ReLU(1 - r, _s)
    formal = output.diff(_x).subs(_x, 1)
    left, right = one_sided_slopes(output, S.One)
    values = [formal.subs(_s, s) for s in (0, Rational(1, 2), 1)]
    return found(
        len(set(values)) == 1,
        formal=formal,
        at_0=values[0],
        at_half=values[1],
        at_1=values[2],
        true_left=left,
        true_right=right,
    )


def squared_step() -> Finding:
    """Step(0)^2 = Step(0) for s = 0 and s = 1 only; holds where s = 1/2 does it too."""
    half = Rational(1, 2)
    return found(half**2 == half, square=half**2, step=half)


# -- what second derivatives miss ----------------------------------------------------------


def slope_jump() -> Finding:
    """The jump of C'(w) at w = 0 for one neuron: -y |x| for x > 0 and for x < 0.

    So C'' = x^2 Step(w x) - y |x| delta(w) as a distribution.
    """
    y, t = Symbol("y", real=True), Symbol("t", positive=True)

    def slope(w: Expr, x: Expr) -> Expr:
        """C'(w), by the chain rule away from w = 0."""
        return (ReLU(w * x) - y) * Step(w * x) * x

    jumps = {
        x: limit(slope(t, x), t, 0) - limit(slope(-t, x), t, 0)
        for x in (Symbol("x", positive=True), Symbol("x", negative=True))
    }
    agree = all(simplify(jump + y * Abs(x)) == 0 for x, jump in jumps.items())
    right, left = jumps.values()
    return found(agree, positive=right, negative=left)


def population_risk(y: int = 2) -> Finding:
    """Whether the mean of second derivatives that miss the kink is that of the mean cost, at b = 0.

    F(b) = E (ReLU(x + b) - y)^2 / 2 for x ~ N(0, 1), as in `average_kink`.
    """
    means = curvatures_of_the_mean(Integer(y))
    return found(
        means.unexplained == 0 and simplify(means.true - means.naive) == 0,
        y=means.y,
        b=S.Zero,
        dropped=means.unexplained,
        true=significant(means.true, 4),
        naive=means.naive,
    )
