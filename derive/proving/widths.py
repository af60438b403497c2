"""The small-width argument: from one small instance to every width.

An index equation is a sum of terms; in each, bound indices run over all units of a layer
and every bound index occurs in some factor.  The coefficient of a monomial in it depends
only on which units the monomial names, and permuting the units of a layer (those named by
free indices fixed) permutes both sides.  A monomial names at most m + f units of a layer,
m being the largest number of bound indices of that layer in a term and f the number of
free ones.  So if both sides agree at width m + f, for every pattern of equalities among
the free indices, they agree at every width.  `docs/proving.md` has the proof.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import product

from sympy import (
    Add,
    Basic,
    Expr,
    Integer,
    KroneckerDelta,
    Mul,
    Piecewise,
    Pow,
    S,
    Sum,
    Symbol,
    exp,
    log,
    tanh,
)

from derive.functions import LeakyReLU, ReLU, Step, sigmoid, softplus
from derive.indices import bound_indices, free_indices
from derive.instances import IllTypedError, axis_of, free_axes, linked_layers
from derive.network import Network
from derive.quantities import Partial, Quantity


class OutsideClassError(Exception):
    """The equation is not of the class for which a small instance settles every width."""


_OPAQUE = (exp, sigmoid, softplus, tanh, log)
_GATED = (ReLU, LeakyReLU, Step)


def sufficient_widths(network: Network, *sides: Expr, where: Basic = S.true) -> dict[Expr, int]:
    """For each layer with indices, a width at which a proof settles all widths.

    The free indices of a condition count like those of the equation.

    Raises:
        OutsideClassError: when the equation is outside the class; the message says why.
    """
    bound: Counter[Expr] = Counter()
    denominators: Counter[Expr] = Counter()
    try:
        for side in sides:
            most, below = _demand(network, side)
            bound |= most
            denominators += below
        classes = linked_layers(network, *sides, where)
        axes = free_axes(network, *sides, where)
        apart = _room_to_tell_gates_apart(network, *sides)
    except IllTypedError as error:
        raise OutsideClassError(str(error)) from error
    needed: Counter[Expr] = Counter()
    for layer, count in (bound + denominators).items():
        needed[classes.get(layer, layer)] += count
    needed += Counter(axes.values())
    for layer, count in apart.items():
        needed[classes.get(layer, layer)] = max(needed[classes.get(layer, layer)], count)
    layers = {*bound, *denominators, *classes, *apart, *needed}
    return {layer: needed[classes.get(layer, layer)] for layer in layers}


def _room_to_tell_gates_apart(network: Network, *sides: Expr) -> Counter[Expr]:
    """Widths at which gates with sums inside are the same only if they always are.

    Two arguments are proportional at every width if they are at one with room for the
    bound indices of a term and for the indices from outside of both.
    """
    inside: Counter[Expr] = Counter()
    outside: Counter[Expr] = Counter()

    def visit(node: Basic) -> None:
        if isinstance(node, _GATED):
            argument = node.args[0]
            most, below = _demand(network, argument)
            inner = most + below
            for layer, count in inner.items():
                inside[layer] = max(inside[layer], count)
            own = Counter(axis_of(network, s, argument) for s in free_indices(argument))
            for layer, count in own.items():
                outside[layer] = max(outside[layer], count)
        if not isinstance(node, Quantity | Partial):
            for argument in node.args:
                visit(argument)

    for side in sides:
        visit(side)
    return inside + outside + outside if inside else Counter()


def _demand(network: Network, node: Expr) -> tuple[Counter[Expr], Counter[Expr]]:
    """Most bound indices of each layer in a term, and those of all denominators together."""
    nothing: Counter[Expr] = Counter()
    if isinstance(node, Quantity | Partial) or not node.args:
        return nothing, nothing
    if isinstance(node, Sum):
        most, below = _demand(network, node.function)
        own: Counter[Expr] = Counter()
        for bound, low, high in node.limits:
            layer = axis_of(network, bound, node.function)
            if not _in_every_term(bound, node.function):
                raise OutsideClassError(f"a term of the sum over {bound} does not depend on it")
            if _in_compound_denominator(node.bound_symbols, node.function):
                raise OutsideClassError(f"a denominator depends on the bound index {bound}")
            if low != 1 or high != network.width(layer):
                raise OutsideClassError(f"a sum over {bound} does not run over a whole layer")
            own[layer] += 1
        return most + own, below
    if isinstance(node, Add):
        parts = [_demand(network, argument) for argument in node.args]
        most, below = Counter[Expr](), Counter[Expr]()
        for part, under in parts:
            most |= part
            below += under
        return most, below
    if isinstance(node, Pow):
        base, exponent = node.args
        if not isinstance(exponent, Integer):
            raise OutsideClassError(f"a power with exponent {exponent}")
        most, below = _demand(network, base)
        times = abs(int(exponent))
        scaled = Counter({layer: times * count for layer, count in most.items()})
        under = Counter({layer: times * count for layer, count in below.items()})
        return (scaled, under) if exponent > 0 else (under, scaled + under)
    if isinstance(node, Piecewise):
        most, below = Counter[Expr](), Counter[Expr]()
        for branch, _condition in node.args:
            part, under = _demand(network, branch)
            most |= part
            below += under
        return most, below
    if isinstance(node, _OPAQUE) and node.has(Sum):
        raise OutsideClassError(f"a sum inside {node.func.__name__}")
    if isinstance(node, (Mul, KroneckerDelta, *_GATED, *_OPAQUE)):
        most, below = Counter[Expr](), Counter[Expr]()
        for argument in node.args:
            part, under = _demand(network, argument)
            most += part
            below += under
        return most, below
    raise OutsideClassError(f"{node.func.__name__} is not in the class")


def _in_every_term(symbol: Symbol, node: Basic) -> bool:
    """Whether each monomial of the expression names the unit that the index stands for."""
    if isinstance(node, Add | Piecewise):
        return all(_in_every_term(symbol, argument) for argument in node.args)
    if isinstance(node, Mul):
        return any(_in_every_term(symbol, argument) for argument in node.args)
    if isinstance(node, Sum):
        return _in_every_term(symbol, node.function)
    if isinstance(node, Pow):
        return _in_every_term(symbol, node.base)
    return symbol in node.atoms(Symbol)


def _in_compound_denominator(bound: list[Symbol], node: Basic) -> bool:
    """Whether a bound index is in a denominator that is not a product of atoms."""
    if isinstance(node, Pow) and not node.exp.is_nonnegative and isinstance(node.base, Add | Sum):
        return not node.base.atoms(Symbol).isdisjoint(set(bound) - bound_indices(node.base))
    return any(_in_compound_denominator(bound, argument) for argument in node.args)


def patterns(axes: dict[Symbol, Expr]) -> Iterator[dict[Symbol, Integer]]:
    """Every pattern of equalities among the free indices: one assignment of units for each."""
    by_layer: dict[Expr, list[Symbol]] = {}
    for symbol, layer in axes.items():
        by_layer.setdefault(layer, []).append(symbol)
    for choice in product(*(list(_partitions(len(s))) for s in by_layer.values())):
        yield {
            symbol: Integer(block + 1)
            for group, blocks in zip(by_layer.values(), choice, strict=True)
            for symbol, block in zip(group, blocks, strict=True)
        }


def assignments(
    axes: dict[Symbol, Expr], sizes: Mapping[Expr, int]
) -> Iterator[dict[Symbol, Integer]]:
    """Every choice of units for the free indices."""
    ranges = (range(1, sizes[layer] + 1) for layer in axes.values())
    for units in product(*ranges):
        yield dict(zip(axes, map(Integer, units), strict=True))


def _partitions(count: int) -> Iterator[tuple[int, ...]]:
    """Restricted growth strings: each set partition of `count` things once."""

    def extend(prefix: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        if len(prefix) == count:
            yield prefix
            return
        for block in range(max(prefix, default=-1) + 2):
            yield from extend((*prefix, block))

    yield from extend(())
