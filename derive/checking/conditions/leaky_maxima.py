r"""\max(\alpha z, z) as a leaky ReLU, which it is exactly where its slope is at most 1."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sympy import And, Basic, Expr, Le, Lt, Max, Symbol, Tuple

from derive.algebra.functions import LeakyReLU, ReLU, Step
from derive.algebra.quantities import Quantity
from derive.model.defined_model import DefinedModel
from derive.model.network import Network


def with_leaky_units(network: Network, left: Expr, right: Expr) -> tuple[Expr, Expr, Basic] | None:
    """Both sides with such maxima as leaky ReLUs, and the condition that makes them so.

    None where there is no maximum with a slope that is a symbol of the network.
    """
    slopes = {
        slope for layer in network.layers if isinstance(slope := layer.activation.slope, Symbol)
    }
    met: set[Symbol] = set()

    def is_leaky(node: Any) -> bool:
        return isinstance(node, Max) and _parts(node, slopes) is not None

    def leaky(node: Any) -> Any:
        found = _parts(node, slopes)
        if found is None:
            return node
        met.add(found[1])
        return LeakyReLU(*found, network.step_at_zero)

    sides = [side.replace(is_leaky, leaky) for side in (left, right)]
    if not met:
        return None
    return sides[0], sides[1], And(*(Le(slope, 1) for slope in met))


def with_leaky_definitions(
    model: DefinedModel, *parts: Basic
) -> tuple[DefinedModel, list[Any], Basic] | None:
    r"""A model and expressions over it with (1 - \alpha) ReLU(z) for ReLU(z - \alpha z).

    So the maximum of z and \alpha z is written in definitions.  With them the condition that
    makes them so; None where there is no such gate, with a slope \alpha that is a given number.
    """
    slopes = {Quantity(*head) for head in model.given if model.role(head) != "input"}
    met: set[Quantity] = set()

    def turned(gate: Any) -> Any:
        found = _slope_and_rest(gate.args[0], slopes)
        if found is None:
            return gate
        slope, z = found
        met.add(slope)
        return gate.func(z, *gate.args[1:]) * (1 if isinstance(gate, Step) else 1 - slope)

    def is_gate(node: Any) -> bool:
        return isinstance(node, ReLU | Step)

    definitions = [replace(d, right=d.right.replace(is_gate, turned)) for d in model.definitions]
    changed: Any = Tuple(*parts).replace(is_gate, turned)
    if not met:
        return None
    condition = And(*(Lt(slope, 1) for slope in sorted(met, key=str)))
    return replace(model, definitions=tuple(definitions)), [*changed], condition


def _slope_and_rest(argument: Expr, slopes: set[Quantity]) -> tuple[Quantity, Expr] | None:
    """The slope s and the z of (1 - s) z, which has the sign of z where s < 1."""
    for slope in sorted(argument.atoms(Quantity) & slopes, key=str):
        rest = argument.xreplace({slope: 0 * slope})
        if rest != 0 and not rest.has(slope) and (argument - (1 - slope) * rest).expand() == 0:
            return slope, rest
    return None


def is_stated(condition: Basic, where: Basic) -> bool:
    """Whether what is assumed says that each slope is at most 1, or less."""
    known = {*And.make_args(where)}
    return all({part, Lt(*part.args)} & known for part in And.make_args(condition))


def _parts(node: Max, slopes: set[Symbol]) -> tuple[Expr, Symbol] | None:
    """The z and the slope of max(z, slope z)."""
    if len(node.args) != 2:
        return None
    for z, other in (node.args, node.args[::-1]):
        for slope in slopes:
            if other == slope * z:
                return z, slope
    return None
