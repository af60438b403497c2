"""What is left of the Hessian where ReLU units are active or not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sympy import Basic, Expr, S

from derive.algebra.quantities import Partial
from derive.deriving import laws
from derive.deriving.first_order import EXPLICIT_DEPTH
from derive.deriving.hessian_entries import (
    SOURCE,
    TARGET,
    first_entry,
    pairs,
    second_derivative,
    second_entry,
)
from derive.deriving.laws import Rule, cases, chain
from derive.deriving.laws.algebra import match
from derive.meaning.derivation import Group, Line
from derive.model.network import Network


def zero_rows(network: Network) -> Group:
    """Derivatives by the parameters into and out of a ReLU unit that is not active, which are 0.

    The gradients are 0 in a neighbourhood, and so are all second derivatives by these
    parameters: a row and a column of the Hessian each.
    """
    steps: list[Line] = []
    for number, layer in zip(network.layer_numbers[1:], network.layers, strict=True):
        if layer.activation.kind.is_gate:
            gradients = list(_zero_gradients(network, number))
            steps += gradients
            steps += _zero_blocks(network, gradients)
    return Group("zero_rows", network, tuple(steps))


def _zero_gradients(network: Network, number: Expr) -> Iterator[Line]:
    """dC/dp = 0 where a unit of a layer is off, for what leads into it, out of it or through."""
    z, r, out = (network.quantity(kind, number, unit) for kind, unit in
                 (("z", TARGET), ("r", SOURCE), ("z", SOURCE)))  # fmt: skip
    slope = laws.apply(network, "first order", Partial(network.C, z))
    output = laws.apply(network, "definition", r)
    for kind, source in network.parameter_groups:
        gradient = Partial(network.C, first_entry(network, kind, source))
        before = network.position(source) < network.position(number)
        if source + 1 == number or (before and not network.has_index(number)):
            yield from _where(z < 0, chain(network, gradient, _inactive(slope)))
        elif source == number and kind == "W":
            yield from _where(out < 0, chain(network, gradient, _inactive(output)))


def _inactive(given: Line) -> Rule:
    return "inactive unit", (given.equation,)


def _zero_blocks(network: Network, gradients: Sequence[Line]) -> Iterator[Line]:
    """d2C/dp dq = 0 for each such p and every q, once for each condition."""
    said: set[tuple[Expr, Basic]] = set()
    for gradient in gradients:
        for later, earlier in pairs(network):
            entries = first_entry(network, *later), second_entry(network, *earlier)
            for parameter in entries:
                units = match(gradient.lhs, Partial(network.C, parameter))
                if units is None:
                    continue
                start = second_derivative(network, *entries)
                where = gradient.where.subs(units, simultaneous=True)
                if (start, where) not in said:
                    said.add((start, where))
                    law: Rule = ("zero nearby", (gradient.equation,))
                    yield from _where(where, chain(network, start, law))
                break


def has_closed_forms(network: Network) -> bool:
    """Whether it is a short chain without biases that is one product where all units are active."""
    kinds = [layer.activation.kind for layer in network.layers]
    one_product = all(kind.passes_positive for kind in kinds) and any(kind.kinks for kind in kinds)
    plain = not any(layer.bias for layer in network.layers)
    return network.is_chain and one_product and plain and network.depth <= EXPLICIT_DEPTH


def is_polynomial(network: Network) -> bool:
    """Whether the cost of such a chain is a polynomial there: a positive multiple of a square."""
    cost = network.cost
    if not has_closed_forms(network) or cost is None or not cost.kind.is_square:
        return False
    return bool(cost.scale(S.One) * cost.of_difference(S.One, S.Zero) > 0)


def all_active(network: Network) -> Group:
    """The closed forms of such a chain's second derivatives where every unit is active."""
    steps: list[Line] = []
    if has_closed_forms(network):
        for later, earlier in pairs(network):
            first, second = first_entry(network, *later), second_entry(network, *earlier)
            start = second_derivative(network, first, second)
            laws = ("all units active, Hessian", *(["factorize"] if is_polynomial(network) else []))
            steps += where_active(network, chain(network, start, *laws))
    return Group("all_active", network, tuple(steps))


def where_active(network: Network, steps: tuple[Line, ...]) -> tuple[Line, ...]:
    """The steps, said of where every unit of a chain is active."""
    return _where(cases.all_active(network), steps)


def _where(condition: Basic, steps: tuple[Line, ...]) -> tuple[Line, ...]:
    return tuple(replace(step, where=condition) for step in steps)
