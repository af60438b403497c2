"""The Hessian and the Gauss-Newton matrix times a vector, derived without either matrix.

Source of the mathematics: Pearlmutter 1994 (the R-operator), Schraudolph 2002
(Gauss-Newton products).
"""

from __future__ import annotations

from derive.algebra.quantities import Partial
from derive.deriving import laws
from derive.deriving.hessian_entries import (
    SOURCE,
    TARGET,
    Known,
    first_entry,
)
from derive.deriving.laws import chain
from derive.meaning.derivation import Equation, Group, Line
from derive.model.network import Network
from derive.model.operation_counts import PassCosts, parameter_count, pass_costs, zero_entries


def hessian_vector(network: Network, known: Known) -> Group:
    """R{.} of every line of the forward and the backward pass: Hv without H."""
    t = network.direction
    steps: list[Line] = []
    for number in network.layer_numbers[1:]:
        kinds = "z" if (number, network.split) == (network.last, "z") else "zr"
        for kind in kinds:
            steps += chain(
                network,
                Partial(network.quantity(kind, number, TARGET), t),
                "forward",
                "output form",
            )
    for number in reversed(network.layer_numbers[1:]):
        z = Partial(network.C, network.quantity("z", number, SOURCE))
        if number == network.last:
            steps += chain(network, Partial(z, t), "through the layer")
            continue
        r = Partial(network.C, network.quantity("r", number, SOURCE))
        slope = laws.apply(network, "first order", z)
        steps += _along(network, r, known[r].equation)
        steps += (slope, *_along(network, z, slope.equation))
    for kind, source in network.parameter_groups:
        gradient = Partial(network.C, first_entry(network, kind, source))
        steps += _along(network, gradient, known[gradient].equation)
    costs = _costs(network)
    about = {
        "parameters": parameter_count(network),
        "zeros": zero_entries(network),
        "gradient": costs.gradient,
        "product": costs.hessian_vector,
    }
    return Group("hessian_vector", network, tuple(steps), about)


def _along(network: Network, gradient: Partial, found: Equation) -> tuple[Line, ...]:
    """R{dC/dq} from what dC/dq was found to be; the slope of a kinked activation stays put."""
    return chain(
        network,
        Partial(gradient, network.direction),
        ("insert within", (found,)),
        "product rule",
        "inside a slope",
        "constant slope",
        "local derivative",
    )


def gauss_newton_vector(network: Network, known: Known) -> Group:
    """gamma^(k) = the Gauss-Newton product with respect to z^(k), and to the parameters."""
    steps: list[Line] = []
    for number in reversed(network.layer_numbers[1:]):
        start = network.quantity("Gv", number, SOURCE)
        if number == network.last:
            steps += chain(
                network, start, "definition", "Gauss-Newton at the output", "output form"
            )
        else:
            steps += chain(network, start, "Gauss-Newton step", "output form")
    for kind, source in network.parameter_groups:
        start = network.gauss_newton_sum(first_entry(network, kind, source), network.direction)
        steps += chain(network, start, "Gauss-Newton product")
    about = {"product": _costs(network).gauss_newton_vector}
    return Group("gauss_newton_vector", network, tuple(steps), about)


def _costs(network: Network) -> PassCosts:
    return pass_costs([network.width(number) for number in network.layer_numbers])
