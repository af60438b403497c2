"""Newton's method, p -> p - H^{-1} g, on a transfer function, a neuron and a two-layer chain.

What is general is stated as equations for the judge (`scale_symmetry`, `conserved`); what
is special is worked out exactly at a point.
"""

from __future__ import annotations

from itertools import pairwise

from sympy import Expr, Integer, Matrix, Mul, Rational, S, Symbol, factor, hessian, symbols

from derive.algebra.functions import ReLU
from derive.algebra.quantities import Partial, Quantity
from derive.claims.analysis.finding import Finding, found
from derive.claims.analysis.regions import Derivatives, derivatives_at
from derive.evaluating.newton_step import Steps, newton_step
from derive.files.network_file import read_network
from derive.meaning.derivation import Equation
from derive.model.network import Network
from derive.notation.ascii.formulas import read_expression

# -- a transfer function alone -------------------------------------------------------------


def relu_alone() -> Finding:
    """Newton's method on ReLU itself: -phi'/phi'' has a zero below on both sides of 0.

    Holds where some step exists.
    """
    on, off = Symbol("z", positive=True), Symbol("z", negative=True)
    z = Symbol("z", real=True)
    first, second = ReLU(z).diff(z), ReLU(z).diff(z, 2)
    slopes = {"on": first.subs(z, on), "off": first.subs(z, off)}
    curvatures = {"on": second.subs(z, on), "off": second.subs(z, off)}
    return found(
        any(value != 0 for value in curvatures.values()),
        slope_on=slopes["on"],
        slope_off=slopes["off"],
        curvature_on=curvatures["on"],
        curvature_off=curvatures["off"],
    )


# -- one neuron ----------------------------------------------------------------------------


def one_neuron(w: int = 1, x: int = 2, y: int = 3) -> Finding:
    """One step from an active weight lands on y/x; holds where it does."""
    at = derivatives_at(read_network("1-1"), {"x": [x], "y": [y], "W0": [[w]]})
    taken = newton_step(at.hessian, at.gradient)
    landed = None if taken.step is None else w + taken.step[0]
    return found(
        landed == Rational(y, x), w=w, x=x, y=y, landed=S.NaN if landed is None else landed
    )


# -- the two-layer chain -------------------------------------------------------------------


def active_chain(depth: int = 2) -> tuple[tuple[Symbol, ...], Expr]:
    """The weights w_1, ... and the cost (x prod w - y)^2 / 2, where every unit is active."""
    weights = symbols(f"w_1:{depth + 1}", real=True)
    x, y = symbols("x y", real=True)
    return weights, (x * Mul(*weights) - y) ** 2 / 2


def chain_determinant() -> Expr:
    """det H of the fully active two-layer chain, factorised."""
    weights, cost = active_chain()
    return factor(hessian(cost, weights).det())


def stuck_chain() -> Derivatives:
    """The two-layer chain at w_1 = w_2 = x = 1, y = 3, where H is singular and no step exists."""
    return derivatives_at(read_network("1-1-1"), {"x": [1], "y": [3], "W0": [[1]], "W1": [[1]]})


def no_step() -> Finding:
    """Holds where Newton's equation has a solution at the point of `stuck_chain`."""
    at = stuck_chain()
    taken = newton_step(at.hessian, at.gradient)
    return found(
        taken.steps is not Steps.NONE,
        H=at.hessian.as_immutable(),
        g=at.gradient.as_immutable(),
        rank=taken.rank,
        augmented=taken.augmented_rank,
        determinant=at.hessian.det(),
    )


def gauss_newton_differs() -> Finding:
    """J J^T, with J the slopes of the output, is not the Hessian at the point of `stuck_chain`."""
    weights, _ = active_chain()
    output = Mul(*weights)  # at x = 1
    slopes = Matrix([output.diff(w).subs(dict.fromkeys(weights, 1)) for w in weights])
    gauss_newton = slopes * slopes.T
    return found(gauss_newton != stuck_chain().hessian, gauss_newton=gauss_newton.as_immutable())


# -- any chain -----------------------------------------------------------------------------


def conserved(network: Network) -> tuple[Equation, ...]:
    """w_a dC/dw_a = w_{a+1} dC/dw_{a+1} for a chain: one quantity for all layers.

    True of bias-free chains of ReLU, leaky ReLU and linear layers; the judge decides.
    """
    weights = [Quantity("W", source) for source in network.layer_numbers[:-1]]
    products = [w * Partial(network.C, w) for w in weights]
    return tuple(Equation(a, b) for a, b in pairwise(products))


def scale_symmetry(network: Network, a: int, b: int) -> tuple[Equation, ...]:
    """H v = (-dC/dw_a, +dC/dw_b, 0, ...) for v = (w_a, -w_b, 0, ...), row by row, for a chain.

    W^(a) -> c W^(a), W^(b) -> W^(b) / c with c > 0 leaves a bias-free ReLU network what it is.
    At a stationary point off the kinks the right sides are 0, so H is singular there unless
    w_a = w_b = 0 (Dinh et al. 2017).
    """
    first, second = Quantity("W", Integer(a)), Quantity("W", Integer(b))
    found_: list[Equation] = []
    for source in network.layer_numbers[:-1]:
        w = Quantity("W", source)
        gradient = Partial(network.C, w)
        left = first * Partial(gradient, first) - second * Partial(gradient, second)
        sign = {first: S.NegativeOne, second: S.One}.get(w, S.Zero)
        found_.append(Equation(left, sign * gradient))
    return tuple(found_)


def layer_block(network: Network) -> Equation:
    """d2C/dW^(0)_ij dW^(0)_lm = x_i x_l d2C/dz^(1)_j dz^(1)_m: a Kronecker product."""
    block = read_expression("d2C/dW0[i,j]dW0[l,m]", network)
    return Equation(block, read_expression("x[i]*x[l]*d2C/dz1[j]dz1[m]", network))


# -- small Hessians ------------------------------------------------------------------------


def same_layer_hessians() -> Finding:
    """Hessians of two weights of one layer: 2 inputs to one unit, and 1-2-1.

    Holds where both are diagonal.
    """
    inputs = derivatives_at(read_network("2-1"), {"x": [1, 2], "y": [1], "W0": [[1], [1]]})
    hidden = derivatives_at(
        read_network("1-2-1"), {"x": [1], "y": [1], "W0": [[1, 1]], "W1": [[2], [3]]}
    )
    blocks = inputs.hessian, hidden.hessian[:2, :2]
    return found(
        all(block.is_diagonal() for block in blocks),
        inputs=blocks[0].as_immutable(),
        hidden=blocks[1].as_immutable(),
    )


def two_curvatures() -> Finding:
    """C'' of one neuron and several samples is one number for w > 0 and another for w < 0.

    Holds where they differ.
    """
    samples = (1, -2, 3)
    one = read_network("1-1")

    def total(w: int) -> Expr:
        return sum(
            (derivatives_at(one, {"x": [x], "y": [1], "W0": [[w]]}).hessian[0] for x in samples),
            S.Zero,
        )

    return found(total(1) != total(-1), right=total(1), left=total(-1))


def linear_saddle() -> Finding:
    """(w_1 w_2 x - y)^2 / 2 at w = 0: depth alone makes the Hessian indefinite."""
    weights, cost = active_chain()
    x, y = symbols("x y", real=True)
    at = hessian(cost, weights).subs(dict.fromkeys(weights, 0)).subs({x: 1, y: 1})
    one = hessian(*reversed(((weights[0],), (x * weights[0] - y) ** 2 / 2)))[0]
    return found(bool(at.is_indefinite), H=at.as_immutable(), one_layer=one)


def rmsprop() -> Finding:
    """At zero residual, w = 2, x = 1, y = 2, the squared gradient is 0 and C'' is not.

    Holds where g^2 and C'' agree.
    """
    at = derivatives_at(read_network("1-1"), {"x": [1], "y": [2], "W0": [[2]]})
    squared, curvature = at.gradient[0] ** 2, at.hessian[0]
    return found(squared == curvature, squared=squared, curvature_at_fit=curvature)


def rescaled_input() -> Finding:
    """x -> c x: C'' grows as c^2, the root of the mean squared gradient for fixed error as c."""
    w, x, y, c, e = symbols("w x y c e", positive=True)
    cost = (w * x - y) ** 2 / 2
    curvature = cost.diff(w, 2)
    gradient = cost.diff(w).subs(w, (y + e) / x)  # at a given error e = w x - y
    ratio_curvature = (curvature.subs(x, c * x) / curvature).simplify()
    ratio_gradient = (gradient.subs(x, c * x) / gradient).simplify()
    return found(
        ratio_curvature == ratio_gradient, curvature=ratio_curvature, gradient=ratio_gradient
    )
