"""What second derivatives have at kinks: steps, their jumps, and the Dirac terms these leave.

The derivatives of the groups made here are those of distributions where a delta stands
beside them, and formal ones everywhere else.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sympy import Derivative, Eq, Expr, Integer, Ne, Rational, S

from derive.algebra.indices import index
from derive.algebra.limits import LeftLimit, RightLimit
from derive.algebra.quantities import Partial
from derive.deriving.average_kink import curvatures_of_the_mean
from derive.deriving.first_order import result
from derive.deriving.hessian_entries import pairs
from derive.deriving.laws import cases, chain
from derive.deriving.laws.kinks import relu_chain_after
from derive.deriving.second_order import second_order
from derive.errors import DeriveError
from derive.meaning.derivation import Derivation, Equation, Group, Line
from derive.model.conventions import CONVENTION
from derive.model.network import Network
from derive.notation.decimals import significant

UNIT, OTHER = index("i"), index("j")

#: The target of the one expectation that a document works out.
_TARGET = Integer(2)


def with_dirac_terms(network: Network, derivation: Derivation) -> Derivation:
    """The second-order derivation of a network and, after it, the terms at its kinks.

    Raises:
        DeriveError: when no activation has a kink, or the cost has one.
    """
    if not network.uses_step:
        raise DeriveError(
            f"{network.name}: no activation has a kink, so there are no Dirac terms to derive"
        )
    if network.cost_has_kinks:
        raise DeriveError(
            f"{network.name}: Dirac terms are derived for the kinks of activations, and the cost "
            "has kinks of its own"
        )
    if any(map(cases.is_formula, cases.activations_of(network))):
        raise DeriveError(
            f"{network.name}: Dirac terms are derived for ReLU and leaky ReLU, and not for an "
            "activation that is a formula in others"
        )
    kinked = [n for n in network.layer_numbers[1:] if network.layer(n).activation.kind.kinks]
    layers = [layer_group(network, number, derivation, kinked[-1]) for number in kinked[::-1]]
    groups: list[Group] = [steps_group(network), *layers]
    if is_one_neuron(network):
        groups += [neuron_group(network, derivation, layers[0]), value_group(network)]
    return Derivation((*derivation.groups, *groups, dropped_group(network)))


def steps_group(network: Network) -> Group:
    """phi' of each activation with a kink: by cases, by Heaviside's function; its derivative."""
    steps: list[Line] = []
    for function in cases.activations_of(network):
        if not getattr(function, "kinks", ()):
            continue
        (z,) = (s for s in function.args[0].free_symbols if s.name == "z")
        slope = function.diff(z)
        for law in ("slope by cases", "Heaviside form"):
            steps += chain(network, slope, law)
        steps += chain(network, Derivative(slope, z), "derivative of a step")
    return Group("kink", network, tuple(steps))


def layer_group(network: Network, number: Expr, derivation: Derivation, first: Expr) -> Group:
    """The jump of dC/dz^(k)_i where z^(k)_i passes 0, and d2C/dz^(k)_i^2 with its Dirac term."""
    z, r = (network.quantity(kind, number, UNIT) for kind in "zr")
    gradient, active = Partial(network.C, z), Partial(network.C, r)
    meet = False
    steps: list[Line] = []
    for side in (RightLimit, LeftLimit):
        steps += chain(network, side(gradient, z), "one-sided limit")
        meet |= steps[-1].rhs.has(side)
    if not meet:
        steps = [replace(step, where=Eq(z, 0)) for step in steps]
    both = tuple(step.equation for step in steps)
    difference = RightLimit(gradient, z) - LeftLimit(gradient, z)
    (leap,) = chain(network, difference, ("jump", both))
    steps.append(leap if meet else replace(leap, where=Eq(z, 0)))
    if meet and relu_chain_after(network, number):
        steps += chain(network, RightLimit(active, z), "limit in a chain")
    other = network.quantity("z", number, OTHER)
    curvature = result(derivation[Partial(Partial(network.C, z), other)])
    given = (curvature.equation, leap.equation)
    start = Partial(gradient, z)
    crossed = chain(network, start, ("across the kink", given))
    steps += [replace(step, assuming=curvature.assuming) for step in crossed]
    about: dict[str, Any] = {"layer": number, "first": number == first, "meet": meet}
    return Group("kink_layer", network, tuple(steps), about)


# -- one neuron ----------------------------------------------------------------------------


def is_one_neuron(network: Network) -> bool:
    """Whether there is one unit with one input, and a squared error."""
    return network.is_chain and network.depth == 1 and network.has_difference


def neuron_group(network: Network, derivation: Derivation, layer: Group) -> Group:
    """The second derivatives of one neuron by its parameters, in closed form."""
    z = network.quantity("z", network.last)
    x = network.quantity("r", network.first)
    curvature = result(derivation[Partial(Partial(network.C, z), z)]).equation
    leap = next(step.equation for step in layer.steps if step.rule == "jump")
    steps: list[Line] = []
    for later, earlier in pairs(network):
        first, second = (network.quantity(*group) for group in (later, earlier))
        start = Partial(Partial(network.C, first), second)
        about = Equation(start, start)
        found = chain(
            network,
            start,
            ("across the kink", (curvature, leap)),
            ("in the parameter", (about, leap)),
        )
        where = Ne(x, 0) if second.kind == "W" else S.true
        steps += [replace(step, where=where) for step in found]
    return Group("kink_neuron", network, tuple(steps))


def value_group(network: Network) -> Group:
    """The formal d2C/dW^2 at the kink for any value of Step(0), and for some."""
    free = network.with_step_at_zero(CONVENTION)
    z, W = free.quantity("z", free.last), free.quantity("W", free.first)
    derivation = second_order(free)
    block = Partial(Partial(free.C, W), W)
    given = tuple(
        result(derivation[start]).equation for start in (block, Partial(Partial(free.C, z), z))
    )
    (step,) = chain(free, block, ("value at the kink", given))
    about = {
        name: step.rhs.subs(CONVENTION, value)
        for name, value in (("none", S.Zero), ("half", Rational(1, 2)), ("one", S.One))
    }
    return Group("kink_value", free, (replace(step, where=Eq(z, 0)),), about)


# -- what it means -------------------------------------------------------------------------


def dropped_group(network: Network) -> Group:
    """What leaving the Dirac term out does, with the numbers of one expectation."""
    means = curvatures_of_the_mean(_TARGET)
    if means.unexplained != 0:
        raise DeriveError("the expectation of the document was not confirmed")
    true = significant(means.true, 4)
    facts: dict[str, Any] = {"y": means.y, "true": true, "naive": means.naive}
    return Group("kink_dropped", network, (), facts)
