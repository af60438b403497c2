"""The search for counterexamples: exact small points, in a fixed order."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

from sympy import Basic, Expr, Integer, Number, Rational, S, Symbol

from derive.derivation import Equation
from derive.indices import index_symbols
from derive.instances import free_axes
from derive.network import Network
from derive.proving.proof import Counterexample
from derive.quantities import Partial, ascii_name
from derive.valuation import Valuation

#: Small values first, so that the counterexample printed is small; 0 visits the kinks.
_PALETTE = tuple(map(Rational, ("1", "-1", "2", "0", "-2", "1/2", "3", "-1/2", "-3", "3/2")))
_POINTS = 60
_MOST_ENTRIES = 60


def counterexample(
    network: Network,
    left: Expr,
    right: Expr,
    where: Basic = S.true,
    assuming: tuple[Equation, ...] = (),
    widths: dict[Expr, int] | None = None,
) -> Counterexample | None:
    """The first point of a fixed list at which both sides differ for certain, or None."""
    sizes = widths or instance_widths(network)
    axes = free_axes(network, left, right)
    choices = [range(1, sizes[layer] + 1) for layer in axes.values()]
    free_units = [dict(zip(axes, map(Integer, units), strict=True)) for units in product(*choices)][
        :4
    ]
    symbols = _plain_symbols(left, right, where)
    for values, at in _points(network, sizes, symbols, assuming):
        valuation = Valuation(network, sizes, values)
        for free in free_units:
            if not _holds(valuation, where, free, at):
                continue
            sides = [valuation(side, free).xreplace(at) for side in (left, right)]
            if _differ(*sides):
                shown = _shown(network, left, right, valuation, values, at, free)
                return Counterexample(shown, *map(_exact, sides))
    return None


def instance_widths(network: Network) -> dict[Expr, int]:
    """The network's own widths where they are small numbers, else 2 units a layer."""
    widths: dict[Expr, int] = {}
    for layer in network.layer_numbers:
        if network.has_index(layer):
            width = network.width(layer)
            small = isinstance(width, Integer) and width * width <= _MOST_ENTRIES
            widths[layer] = int(width) if small else 2
    return widths


def _plain_symbols(*parts: Basic) -> list[Symbol]:
    """Symbols that are neither indices nor heads of quantities: slopes, h_0, widths."""
    found: set[Symbol] = set()
    for part in parts:
        found |= set(part.atoms(Symbol)) - index_symbols(part)
    return sorted(found, key=str)


def _points(
    network: Network,
    sizes: dict[Expr, int],
    symbols: list[Symbol],
    assuming: tuple[Equation, ...],
) -> Iterator[tuple[dict[Expr, Expr], dict[Expr, Expr]]]:
    """Points in a fixed order: a linear congruence walks through growing palettes."""
    shape = Valuation(network, sizes, {})
    inputs: list[Expr] = []
    inputs += shape.entries("r", network.first)
    for kind, layer in network.parameter_groups:
        inputs += shape.entries(kind, layer)
    inputs += shape.entries("y", network.last)
    if network.cost is None:
        inputs += [Partial(network.C, r) for r in shape.entries("r", network.last)]
    parameters = {layer.activation.slope for layer in network.layers} | {network.step_at_zero}
    names = sorted({*symbols, *(p for p in parameters if isinstance(p, Symbol))}, key=str)
    sized = {network.width(layer) for layer in network.layer_numbers}
    state = 1
    for attempt in range(_POINTS):
        palette = _PALETTE[: 3 + attempt // 8]
        values: dict[Expr, Expr] = {}
        for position, entry in enumerate(inputs):
            state = (1103515245 * state + 12345 + position) % 2**31
            values[entry] = palette[(state >> 16) % len(palette)] if attempt else S.One
        at: dict[Expr, Expr] = {s: Rational(1, 2 + attempt % 3) for s in names if s not in sized}
        if network.cost is not None and network.cost.output is not None:
            _make_targets(network, shape, values, state)
        yield {k: v.xreplace(at) for k, v in values.items()}, at


def _make_targets(network: Network, shape: Valuation, values: dict[Expr, Expr], state: int) -> None:
    """Targets of a cross-entropy: numbers from 0 to 1, with sum 1 on a softmax layer."""
    targets = shape.entries("y", network.last)
    parts = [Rational(1 + (state >> (4 + n)) % 3) for n in range(len(targets))]
    total = sum(parts) if len(parts) > 1 else Rational(4)
    for target, part in zip(targets, parts, strict=True):
        values[target] = part / total


def _holds(
    valuation: Valuation, where: Basic, free: dict[Symbol, Integer], at: dict[Expr, Expr]
) -> bool:
    if where == S.true:
        return True
    return valuation(where, free).xreplace(at) == S.true  # pyright: ignore[reportArgumentType]


def _differ(left: Expr, right: Expr) -> bool:
    """Whether two closed expressions differ for certain."""
    difference = left - right
    if isinstance(difference, Rational):
        return difference != 0
    value = difference.evalf(30)
    return isinstance(value, Number) and bool(value.is_finite) and abs(value) > Rational(1, 10**15)


def _exact(value: Expr) -> Expr:
    return value if value.is_Rational else value.evalf(12)


def _shown(
    network: Network,
    left: Expr,
    right: Expr,
    valuation: Valuation,
    values: dict[Expr, Expr],
    at: dict[Expr, Expr],
    free: dict[Symbol, Integer],
) -> dict[str, Expr]:
    """The point by name: all inputs, and the free indices as numbers from 1."""
    named = {symbol.name: value for symbol, value in free.items()}
    named |= {ascii_name(entry): value for entry, value in values.items()}
    mentioned = left.free_symbols | right.free_symbols
    named |= {str(s): v for s, v in at.items() if s in mentioned}
    return named
