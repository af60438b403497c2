"""What a worksheet asks, from local derivatives to the gradient and a block of the Hessian."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sympy import Expr

from derive.algebra.quantities import Partial
from derive.deriving import laws, second_order
from derive.deriving.chains.chain_entries import resolved
from derive.deriving.first_order import SOURCE, TARGET, backpropagate, targets_assumed
from derive.deriving.hessian_entries import (
    SECOND_TARGET,
    Known,
    first_entry,
    second_derivative,
    second_entry,
)
from derive.errors import DeriveError
from derive.meaning.derivation import Derivation, Equation
from derive.model.network import Network
from derive.proving.judge import judge


@dataclass(frozen=True)
class Solved:
    """The left side of an exercise and what it comes to; `part` is where it stands."""

    part: str
    left: Expr
    right: Expr


def solved(network: Network) -> tuple[Solved, ...]:
    """All exercises on a network, each with its solution, the easier ones first.

    Raises:
        DeriveError: for a network without a cost, or a solution that is not proved.
    """
    if network.cost is None:
        raise DeriveError(f"{network.name} has no cost, so there is no gradient to ask for")
    found = (*_of_first_order(network), *_of_second_order(network))
    for one in found:
        if not judge(network, one.left, one.right, assuming=_assumed(network, one)).proved:
            raise DeriveError(f"{network.name}: the solution for {one.left} was not proved")
    return found


def _of_first_order(network: Network) -> Iterator[Solved]:
    derivation = backpropagate(network)
    yield from _local(network, derivation)
    last = derivation[Partial(network.C, network.quantity("z", network.last, TARGET))]
    yield Solved("errors", last[0].lhs, last[-1].rhs)
    for title, part in (("resolved_errors", "errors"), ("resolved_gradients", "gradients")):
        for group in derivation.groups:
            for chain in group.chains if group.title == title else ():
                ends = (line.rhs for line in chain if not line.rhs.has(Partial))
                yield Solved(part, chain[0].lhs, next(ends, chain[-1].rhs))


def _local(network: Network, derivation: Derivation) -> Iterator[Solved]:
    """What one formula gives: dr/dz, dz/dr and dz/dW of each layer, and dC/dr of the output."""
    for layer in network.layer_numbers[1:]:
        z = network.quantity("z", layer, TARGET)
        r = network.quantity("r", layer, TARGET)
        before = network.quantity("r", layer - 1, SOURCE)
        weight = network.quantity("W", layer - 1, SOURCE, TARGET)
        pairs = [(z, weight)]
        if layer != network.layer_numbers[1]:
            pairs.append((z, before))
        if network.layer(layer).activation.kind.elementwise:
            pairs.append((r, z))
        for of, by in pairs:
            chain = laws.chain(network, Partial(of, by), "insert the definition", "differentiate")
            yield Solved("local", chain[0].lhs, chain[-1].rhs)
    output = Partial(network.C, network.quantity("r", network.last, TARGET))
    chain = derivation[output]
    yield Solved("local", chain[0].lhs, chain[-1].rhs)


def _of_second_order(network: Network) -> Iterator[Solved]:
    """d2C/dr dr and d2C/dz dz at the output, dz^(L)/dz^(L-1), then two blocks of the last weights.

    The blocks are d2C/dW^(L-1)_ij dW^(L-1)_lm and d2C/dW^(L-1)_ij dW^(L-2)_lm, with what was asked
    before put in.
    """
    known: Known = {}
    second_order.recalled(network, known)
    second_order.cost_curvature(network, known)
    second_order.jacobians(network, known)
    for layer in reversed(network.layer_numbers[1:]):
        second_order.layer_curvature(network, layer, known)
    second_order.mixed_curvature(network, known)
    for _ in second_order.blocks(network, known):
        pass  # each block that is derived is known from then on
    last = network.last
    starts: list[Expr] = []
    for kind in ("r", "z"):
        pair = (network.quantity(kind, last, unit) for unit in (SOURCE, TARGET))
        if (start := second_derivative(network, *pair)) in known:
            starts.append(start)
    earlier = [last - 1]
    if network.depth > 1:
        z = network.quantity("z", last - 1, SECOND_TARGET)
        starts.append(Partial(network.quantity("z", last, SOURCE), z))
        earlier.append(last - 2)
    for start in starts:
        yield Solved("curvature", start, resolved(network, start, known)[-1].rhs)
    first = first_entry(network, "W", last - 1)
    for source in earlier:
        start = second_derivative(network, first, second_entry(network, "W", source))
        yield Solved("hessian", start, resolved(network, start, known)[-1].rhs)


def _assumed(network: Network, one: Solved) -> tuple[Equation, ...]:
    """What cross-entropy assumes of its targets."""
    return targets_assumed(network) if one.part != "local" else ()
