r"""\max(\alpha z, z) as a leaky ReLU, which it is exactly where its slope is at most 1."""

from __future__ import annotations

from typing import Any

from sympy import And, Basic, Expr, Le, Lt, Max, Symbol

from derive.algebra.functions import LeakyReLU
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
