"""The entries of a chain's Hessian: each resolved, and all of them as rows."""

from __future__ import annotations

from sympy import Expr

from derive.algebra.quantities import Partial, Quantity, outermost
from derive.deriving.first_order import EXPLICIT_DEPTH
from derive.deriving.hessian_entries import (
    Known,
    first_entry,
    pairs,
    second_derivative,
    second_entry,
)
from derive.deriving.hessian_regions import all_active
from derive.deriving.laws import Rule, chain
from derive.meaning.derivation import Equation, Group, Line
from derive.model.network import Network


def resolved_blocks(network: Network, known: Known) -> Group:
    """Each entry of a chain's Hessian, with all earlier results put in."""
    steps: list[Line] = []
    if network.is_chain and network.depth <= EXPLICIT_DEPTH:
        for later, earlier in pairs(network):
            entries = first_entry(network, *later), second_entry(network, *earlier)
            steps += resolved(network, second_derivative(network, *entries), known)
    return Group("resolved_blocks", network, tuple(steps))


def resolved(network: Network, start: Expr, known: Known) -> tuple[Line, ...]:
    """start = ... = an expression in which no derivative is left that has been derived."""
    laws: list[Rule] = [("insert", (known[start].equation,))]
    while True:
        steps = chain(network, start, *laws)
        left = set(outermost(steps[-1].rhs))
        found = [line.equation for whole, line in known.items() if whole in left]
        if not found:
            return chain(network, start, *laws, "collect")
        laws.append(("insert", tuple(reversed(found))))  # what was derived last goes in first


def resolved_forms(blocks: Group) -> dict[Expr, Equation]:
    """What each second derivative comes to, with all earlier results put in."""
    return {one[0].lhs: Equation(one[0].lhs, one[-1].rhs) for one in blocks.chains}


def parameters_of(network: Network) -> list[Quantity]:
    """The parameters of a chain in the order of the rows of its Hessian."""
    return [first_entry(network, *group) for group in network.parameter_groups]


def weights_of(network: Network) -> list[Quantity]:
    """The weights of a chain, the first layer's first."""
    return [network.quantity("W", source) for source in network.layer_numbers[:-1]]


def entries_of_hessian(network: Network) -> list[list[Partial]]:
    """The second derivatives by each two weights, the later one first, as they are derived."""
    weights = weights_of(network)
    return [
        [
            second_derivative(network, *sorted((a, b), key=weights.index, reverse=True))
            for b in weights
        ]
        for a in weights
    ]


def closed_forms(network: Network) -> dict[Expr, Equation]:
    """What `all_active` comes to for each second derivative."""
    return {one[0].lhs: Equation(one[0].lhs, one[-1].rhs) for one in all_active(network).chains}
