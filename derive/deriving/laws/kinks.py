"""Laws at a kink: steps as cases, one-sided limits, jumps, and the delta that a jump leaves."""

from __future__ import annotations

from sympy import (
    Abs,
    Derivative,
    DiracDelta,
    Eq,
    Expr,
    Heaviside,
    Mul,
    Piecewise,
    S,
)

from derive.algebra.functions import Step
from derive.algebra.indices import substitute
from derive.algebra.limits import SIDES, RightLimit
from derive.algebra.quantities import Partial, Quantity
from derive.deriving.laws.algebra import insert
from derive.deriving.laws.calculus import definition
from derive.deriving.laws.curvature import local_gradient
from derive.meaning.derivation import Equation
from derive.model.network import Network

# -- the slope of an activation, as a function of z ----------------------------------------


def slope_cases(network: Network, slope: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """A slope with Step(z) in it, by the sign of z."""
    (step,) = slope.atoms(Step)
    z, at_zero = step.args
    on, off, there = (slope.xreplace({step: value}) for value in (S.One, S.Zero, at_zero))
    if there == off:
        branches = ((on, z > 0), (off, z <= 0))  # pyright: ignore[reportOperatorIssue]
    elif there == on:
        branches = ((on, z >= 0), (off, z < 0))  # pyright: ignore[reportOperatorIssue]
    else:
        branches = ((on, z > 0), (there, Eq(z, 0)), (off, z < 0))  # pyright: ignore[reportOperatorIssue]
    return Piecewise(*branches, evaluate=False)


def heaviside_form(network: Network, slope: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """Step(z) is Heaviside(z, Step(0))."""
    return slope.xreplace({step: Heaviside(*step.args) for step in slope.atoms(Step)})


def derivative_of_a_step(
    network: Network, derivative: Expr, given: tuple[Equation, ...] = ()
) -> Expr:
    """d/dz F(Step(z)) = (F(1) - F(0)) delta(z), F having no other z."""
    if not isinstance(derivative, Derivative):
        raise ValueError(f"{derivative} is not a derivative")
    slope, z = derivative.expr, derivative.variables[0]
    (step,) = slope.atoms(Step)
    if slope.xreplace({step: S.One}).has(z):
        raise ValueError(f"{slope} is no function of a step alone")
    return (slope.xreplace({step: S.One}) - slope.xreplace({step: S.Zero})) * DiracDelta(z)


# -- limits and jumps ----------------------------------------------------------------------


def one_sided_limit(network: Network, limit: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """lim dC/dz = phi'(0+) dC/dr or phi'(0-) dC/dr; lim dC/dr where later gates jump too."""
    if not isinstance(limit, tuple(SIDES)):
        raise ValueError(f"{limit} is not a limit")
    partial, z = limit.args
    side = SIDES[type(limit)]
    found = local_gradient(network, partial)  # pyright: ignore[reportArgumentType]
    (step,) = (node for node in found.atoms(Step) if node.args[0] == z)
    found = found.xreplace({step: S.One if side > 0 else S.Zero})
    r = Partial(network.C, Quantity("r", *z.args[1:]))
    return found.xreplace({r: limit.func(r, z)}) if later_gates_jump(network, z) else found


def later_gates_jump(network: Network, z: Expr) -> bool:
    """Whether z = 0 makes all pre-activations of the next layer 0, and kinks may follow."""
    if not isinstance(z, Quantity) or z.layer == network.last or network.has_index(z.layer):
        return False
    later = network.layers[network.position(z.layer) :]
    return not later[0].bias and any(layer.activation.kind.kinks for layer in later)


def jump(network: Network, difference: Expr, given: tuple[Equation, ...]) -> Expr:
    """The limit from the right minus the limit from the left, both put in."""
    found = difference.xreplace({equation.lhs: equation.rhs for equation in given})
    slopes = found.atoms(Partial)
    if found.has(*SIDES) or len(slopes) != 1:
        return found
    (slope,) = slopes
    return found.expand().coeff(slope) * slope


def limit_in_a_chain(network: Network, limit: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """lim dC/dr^(k) for z^(k) -> 0, z^(k) > 0, in a chain of ReLU units without biases.

    z^(k+1) has the sign of W^(k) there and z^(l+1) that of W^(l), until one unit is off; the
    output tends to 0.
    """
    if not isinstance(limit, RightLimit):
        raise ValueError(f"{limit} is not a limit from the right")
    z = limit.args[1]
    if not isinstance(z, Quantity) or not relu_chain_after(network, z.layer):
        raise ValueError(f"what follows {z} is no chain of ReLU units without biases")
    later = network.layer_numbers[network.position(z.layer) : -1]
    weights = [network.quantity("W", number) for number in later]
    gates = (w * Step(w, network.step_at_zero) for w in weights)
    return output_slope_at_zero(network) * Mul(*gates)


def relu_chain_after(network: Network, layer: Expr) -> bool:
    """Whether layer k and all later ones are single ReLU units, the later without biases."""
    position = network.position(layer)
    return (
        network.has_difference
        and not any(map(network.has_index, network.layer_numbers[position:]))
        and all(one.activation.kind.is_gate for one in network.layers[position - 1 :])
        and not any(one.bias for one in network.layers[position:])
    )


def output_slope_at_zero(network: Network) -> Expr:
    """dC/dr of a single output r where r = 0."""
    cost, last = network.cost, network.last
    r, y = network.quantity("r", last), network.quantity("y", last)
    assert cost is not None
    return (cost.scale(S.One) * cost.term(r, y, network.step_at_zero)).diff(r).xreplace({r: S.Zero})


# -- second derivatives --------------------------------------------------------------------


def across_the_kink(network: Network, partial: Expr, given: tuple[Equation, ...]) -> Expr:
    """d2C/dz^2 = what it is off the kink + the jump of dC/dz times delta(z).

    For parameters, with z = W x + b: the same times dz/dv dz/dw.
    """
    curvature, leap = given
    if not isinstance(partial, Partial):
        raise ValueError(f"{partial} is not a derivative")
    first, second = partial.unnested[1]
    z = leap.lhs.atoms(*SIDES).pop().args[1]
    assert isinstance(z, Quantity)
    if first == second == z:
        off, slopes = _at_one_unit(curvature, z), S.One
    else:
        off, slopes = curvature.rhs, _speed(network, first) * _speed(network, second)
    return slopes * off + slopes * leap.rhs * DiracDelta(z)


def _at_one_unit(curvature: Equation, z: Quantity) -> Expr:
    """d2C/dz_i dz_j for j = i."""
    assert isinstance(curvature.lhs, Partial)
    _, second = curvature.lhs.unnested[1]
    return substitute(curvature.rhs, dict(zip(second.indices, z.indices, strict=True)))


def _speed(network: Network, parameter: Quantity) -> Expr:
    """dz/dW = x and dz/db = 1, for a single neuron."""
    return network.quantity("r", network.first) if parameter.kind == "W" else S.One


def in_the_parameter(network: Network, expression: Expr, given: tuple[Equation, ...]) -> Expr:
    """c delta(W x + b) = c/|x| delta(W + b/x), c at the kink, where r = 0; and Step^2 = Step.

    `given` is the derivative that this is about, and the jump of dC/dz.
    """
    about, leap = given
    assert isinstance(about.lhs, Partial)
    first, second = about.lhs.unnested[1]
    z, r = (network.quantity(kind, network.last) for kind in "zr")
    formula = definition(network, z)
    step = Step(z, network.step_at_zero)
    off = expression.subs(DiracDelta(z), 0).xreplace({step**2: step}).xreplace({z: formula})
    x = network.quantity("r", network.first)
    there = leap.rhs.xreplace({Partial(network.C, r): output_slope_at_zero(network)})
    weight = there * _speed(network, first) * _speed(network, second)
    if not first.kind == second.kind == "W":
        return off + weight * DiracDelta(formula)
    return off + weight / x**2 * Abs(x) * DiracDelta((formula / x).expand())


def value_at_the_kink(network: Network, partial: Expr, given: tuple[Equation, ...]) -> Expr:
    """The formal second derivative with Step(0) put in for Step(z)."""
    found = insert(network, partial, given)
    steps = {step: step.args[1] for step in found.atoms(Step)}
    return found.xreplace(steps)
