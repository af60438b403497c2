"""Index expressions at given widths: which layer an index counts, and sums written out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Add, Basic, Expr, Integer, KroneckerDelta, Mul, S, Sum, Symbol

from derive.indices import free_indices
from derive.network import Network
from derive.quantities import Quantity, rebuilt


class IllTypedError(ValueError):
    """An index counts the units of no layer, or of two."""


def free_axes(network: Network, *sides: Basic) -> dict[Symbol, Expr]:
    """For each free index, the layer whose units it counts."""
    axes: dict[Symbol, Expr] = {}
    for side in sides:
        for symbol in sorted(free_indices(side), key=str):
            axes[symbol] = axis_of(network, symbol, side)
    return axes


def axis_of(network: Network, symbol: Symbol, expression: Basic) -> Expr:
    """The layer whose units an index counts, read off the quantities that carry it."""
    found: set[Expr] = set()
    linked: set[Symbol] = set()

    def visit(node: Basic) -> None:
        if isinstance(node, Sum) and symbol in node.bound_symbols:
            return
        if isinstance(node, Quantity):
            axes = network.axes(node)
            if len(axes) != len(node.indices):
                raise IllTypedError(f"{node} has the wrong number of indices")
            found.update(a for i, a in zip(node.indices, axes, strict=True) if i == symbol)
        elif isinstance(node, KroneckerDelta) and symbol in node.args:
            linked.update(a for a in node.args if isinstance(a, Symbol) and a != symbol)
        for argument in node.args:
            if argument.args:
                visit(argument)  # pyright: ignore[reportArgumentType]

    visit(expression)
    if not found and linked:
        return axis_of(network, min(linked, key=str), expression.replace(KroneckerDelta, Mul))
    if len(found) > 1:
        raise IllTypedError(f"the index {symbol} counts the units of two layers")
    if not found:
        raise IllTypedError(f"the index {symbol} occurs in no factor")
    return found.pop()


def instantiate(
    network: Network, expression: Basic, widths: Mapping[Expr, int], free: Mapping[Symbol, Integer]
) -> Any:
    """The expression at given widths, sums written out and free indices put in."""
    if isinstance(expression, Sum):
        *outer, last = reversed(expression.limits)
        inner = expression.function if not outer else Sum(expression.function, *reversed(outer))
        bound = last[0]
        layer = axis_of(network, bound, inner)
        return Add(
            *(
                instantiate(network, inner, widths, {**free, bound: Integer(unit)})
                for unit in range(1, widths[layer] + 1)
            )
        )
    if isinstance(expression, Symbol):
        return free.get(expression, expression)
    if not expression.args:
        return expression
    if isinstance(expression, Mul) and S.Zero in expression.args:
        return S.Zero
    arguments = [
        instantiate(network, a, widths, free) if a.args or isinstance(a, Symbol) else a
        for a in expression.args
    ]
    return rebuilt(expression, arguments)
