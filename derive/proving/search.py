"""The search for counterexamples: exact small points, in a fixed order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from sympy import Basic, Expr, Heaviside, Integer, Pow, Rational, S, Symbol, log

from derive.derivation import Equation
from derive.functions import LeakyReLU, ReLU, Step
from derive.indices import index_symbols
from derive.instances import free_axes
from derive.network import Network
from derive.proving.closed_values import enclosure
from derive.proving.proof import Counterexample
from derive.quantities import DIRECTIONS, Partial, Quantity, ascii_name, quantities_in
from derive.valuation import Valuation

#: Small values first, so that the counterexample printed is small; 0 visits the kinks.
_PALETTE = tuple(map(Rational, ("1", "-1", "2", "0", "-2", "1/2", "3", "-1/2", "-3", "3/2")))
_POINTS = 72
_MOST_ENTRIES = 60


@dataclass(frozen=True)
class Difference:
    """A point where both sides differ; `generic` if they still do when it is moved a little."""

    point: Counterexample
    generic: bool


def difference(
    network: Network,
    left: Expr,
    right: Expr,
    where: Basic = S.true,
    assuming: tuple[Equation, ...] = (),
    widths: Mapping[Expr, int] | None = None,
) -> Difference | None:
    """The first point of a fixed list at which both sides differ for certain, or None.

    A point that is not just a kink is preferred.
    """
    first: Difference | None = None
    for found in differences(network, left, right, where, assuming, widths):
        if found.generic:
            return found
        first = first or found
    return first


def differences(
    network: Network,
    left: Expr,
    right: Expr,
    where: Basic = S.true,
    assuming: tuple[Equation, ...] = (),
    widths: Mapping[Expr, int] | None = None,
) -> Iterator[Difference]:
    """The points of a fixed list at which both sides differ for certain, each when asked for."""
    sizes = dict(widths or instance_widths(network))
    shape = Valuation(network, sizes, {})
    for values, at in points(network, sizes, (left, right, where), assuming):
        valuation = shape.at(values)
        for free in _units(network, sizes, left, right):
            if not _assumptions_hold(valuation, assuming, at):
                continue
            found = _compared(valuation, (left, right), where, free, at)
            if found is not None:
                generic = _is_generic(valuation, at, free, (left, right), where)
                yield Difference(found, generic)


def confirmed(
    network: Network,
    left: Expr,
    right: Expr,
    widths: Mapping[Expr, int],
    point: Mapping[Expr, Expr],
    free: Mapping[Symbol, Integer],
) -> Counterexample | None:
    """A suggested point, if both sides really differ there; what it leaves out is 1."""
    inputs = _inputs(network, Valuation(network, widths, {}))
    values = {entry: point.get(entry, S.One) for entry in inputs}
    at = {s: v for s, v in point.items() if isinstance(s, Symbol)}
    at |= {s: S.One for s in _plain_symbols(left, right) if s not in at}
    valuation = Valuation(network, widths, values)
    return _compared(valuation, (left, right), S.true, free, at)


def _units(
    network: Network, sizes: Mapping[Expr, int], *sides: Expr
) -> list[dict[Symbol, Integer]]:
    """A few choices of units for the free indices."""
    axes = free_axes(network, *sides)
    ranges = [range(1, sizes[layer] + 1) for layer in axes.values()]
    return [dict(zip(axes, map(Integer, units), strict=True)) for units in product(*ranges)][:4]


def _assumptions_hold(
    valuation: Valuation, assuming: tuple[Equation, ...], at: Mapping[Expr, Expr]
) -> bool:
    for equation in assuming:
        sides = side_values(valuation, (equation.lhs, equation.rhs), at)
        if sides is None or differ(*sides):
            return False
    return True


def _compared(
    valuation: Valuation,
    sides: tuple[Expr, Expr],
    where: Basic,
    free: Mapping[Symbol, Integer],
    at: Mapping[Expr, Expr],
) -> Counterexample | None:
    """The counterexample that a point is, if its condition holds and both sides differ."""
    if not holds(valuation, where, at, free):
        return None
    pair = side_values(valuation, sides, at, free)
    if pair is None or not differ(*pair):
        return None
    left, right = pair
    named = {symbol.name: value for symbol, value in free.items()}
    if any(side.has(Quantity, Partial) for side in sides):
        named |= {ascii_name(entry): value for entry, value in valuation.given.items()}
    mentioned = sides[0].free_symbols | sides[1].free_symbols | where.free_symbols
    if any(side.has(Quantity, Partial) for side in sides):
        mentioned |= {layer.activation.slope for layer in valuation.network.layers}
        mentioned.add(valuation.network.step_at_zero)
    named |= {str(s): v for s, v in at.items() if s in mentioned}
    return Counterexample(named, _exact(left), _exact(right))


def _is_generic(
    valuation: Valuation,
    at: Mapping[Expr, Expr],
    free: Mapping[Symbol, Integer],
    sides: tuple[Expr, Expr],
    where: Basic,
) -> bool:
    """Whether the sides differ too when every value is moved a little, in two directions."""
    for scale in (1, -1):
        moved = {
            key: value + Rational(scale * (7 + 3 * n), 10_007)
            for n, (key, value) in enumerate(valuation.given.items())
            if not (isinstance(key, Quantity) and key.kind == "y")
        }
        nearby = {
            key: value + Rational(scale * (5 + 2 * n), 10_009) for n, (key, value) in
            enumerate(at.items())
        }  # fmt: skip
        there = valuation.at({**valuation.given, **moved})
        if _compared(there, sides, where, free, nearby) is not None:
            return True
    return False


def instance_widths(network: Network) -> dict[Expr, int]:
    """The network's own widths where they are small numbers; else 3 outputs and 2 units.

    Not 2 outputs, for which 2/n is 1 and a forgotten factor of a mean goes unseen.  Layers
    whose widths are one symbol get one size.
    """
    widths: dict[Expr, int] = {}
    outputs = network.width(network.last)
    for layer in network.layer_numbers:
        if network.has_index(layer):
            width = network.width(layer)
            small = isinstance(width, Integer) and width * width <= _MOST_ENTRIES
            size = int(width) if small else (3 if width == outputs else 2)
            widths[layer] = size
    return widths


def _plain_symbols(*parts: Basic) -> list[Symbol]:
    """Symbols that are neither indices nor heads of quantities: slopes, h_0, a user's x."""
    found: set[Symbol] = set()
    for part in parts:
        found |= part.atoms(Symbol) - index_symbols(part)
    return sorted(found, key=str)


def _inputs(network: Network, shape: Valuation) -> list[Expr]:
    """All that is given: inputs, parameters, targets, and dC/dr where C is unspecified."""
    inputs: list[Expr] = [*shape.entries("r", network.first)]
    for kind, layer in network.parameter_groups:
        inputs += shape.entries(kind, layer)
    inputs += shape.entries("y", network.last)
    if network.cost is None:
        inputs += [Partial(network.C, r) for r in shape.entries("r", network.last)]
    return inputs


def _directions(network: Network, shape: Valuation, parts: tuple[Basic, ...]) -> list[Expr]:
    """The direction in which the parameters move, where a derivative along it occurs."""
    kinds = {quantity.kind for part in parts for quantity in quantities_in(part)}  # pyright: ignore[reportArgumentType]
    if not kinds & {"t", "Gv", *DIRECTIONS.values()}:
        return []
    groups = network.parameter_groups
    return [entry for kind, layer in groups for entry in shape.entries(DIRECTIONS[kind], layer)]


def points(
    network: Network,
    sizes: Mapping[Expr, int],
    parts: tuple[Basic, ...],
    assuming: tuple[Equation, ...] = (),
) -> Iterator[tuple[dict[Expr, Expr], dict[Expr, Expr]]]:
    """Points in a fixed order: a linear congruence walks through growing palettes.

    Each is the values of what the network is given, and of the plain symbols.  Conventions
    for Step(0) stay in [0, 1], and widths keep their numbers.
    """
    shape = Valuation(network, sizes, {})
    quantities = any(part.has(Quantity, Partial) for part in parts)
    inputs = _inputs(network, shape) + _directions(network, shape, parts) if quantities else []
    slopes = {layer.activation.slope for layer in network.layers}
    conventions = {network.step_at_zero} | {
        node.args[-1] for part in parts for node in part.atoms(ReLU, LeakyReLU, Step, Heaviside)
    }
    sized = {network.width(layer) for layer in network.layer_numbers}
    names = set(_plain_symbols(*parts)) | {s for s in slopes | conventions if s.is_Symbol}
    symbols = sorted((s for s in names if s not in sized), key=str)
    state = 1
    for attempt in range(_POINTS):
        palette = _PALETTE[: 3 + attempt // 8]
        drawn: dict[Expr, Expr] = {}
        for position, entry in enumerate((*inputs, *symbols)):
            state = (1103515245 * state + 12345 + position) % 2**31
            drawn[entry] = palette[(state >> 16) % len(palette)] if attempt else S.One
        at = {s: drawn[s] for s in symbols}
        at |= {s: Rational(attempt % 5, 4) for s in symbols if s in conventions}
        at |= {s: Rational(1, 2 + attempt % 3) for s in symbols if s in slopes}
        values = {entry: drawn[entry] for entry in inputs}
        entropy = network.cost is not None and network.cost.output is not None
        if quantities and (assuming or (entropy and attempt % 2 == 0)):
            _make_targets(network, shape, values, state)
        yield values, at


def _make_targets(network: Network, shape: Valuation, values: dict[Expr, Expr], state: int) -> None:
    """Targets of a cross-entropy: numbers from 0 to 1, with sum 1 on a softmax layer."""
    targets = shape.entries("y", network.last)
    parts = [Rational(1 + (state >> (4 + n)) % 3) for n in range(len(targets))]
    total = Rational(sum(parts)) if len(parts) > 1 else Rational(4)
    for target, part in zip(targets, parts, strict=True):
        values[target] = part / total


def differ(left: Expr, right: Expr) -> bool:
    """Whether two closed expressions differ for certain."""
    if isinstance(left, Rational) and isinstance(right, Rational):
        return left != right
    difference = enclosure(left - right)
    return difference is not None and 0 not in difference


def holds(
    valuation: Valuation,
    condition: Basic,
    at: Mapping[Expr, Expr],
    free: Mapping[Symbol, Integer] | None = None,
) -> bool:
    """Whether a condition is true at a point: not where a side of it has no value, 1/x > 0 at 0."""
    if condition == S.true:
        return True
    try:
        return valuation(condition, free).xreplace(at) == S.true
    except TypeError:
        return False


def side_values(
    valuation: Valuation,
    sides: tuple[Expr, Expr],
    at: Mapping[Expr, Expr],
    free: Mapping[Symbol, Integer] | None = None,
) -> tuple[Expr, Expr] | None:
    """Both sides at a point; None where one has no finite real value there."""
    try:
        if not all(_is_defined(valuation, side, at, free) for side in sides):
            return None
        left, right = (valuation(side, free).xreplace(at) for side in sides)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return None if enclosure(left) is None or enclosure(right) is None else (left, right)


def _is_defined(
    valuation: Valuation,
    side: Expr,
    at: Mapping[Expr, Expr],
    free: Mapping[Symbol, Integer] | None,
) -> bool:
    """Whether every part of a side has a real value at a point.

    The value of the whole does not tell: SymPy takes 0 f(1/0) for 0 and exp(log(-1)) for -1.
    """
    if not any(map(_is_partial, side.atoms(log, Pow))):
        return True
    for node in filter(_is_partial, valuation.written_out(side, free).atoms(log, Pow)):
        base = enclosure(valuation(node.args[0]).xreplace(at))
        if base is None:
            return False
        whole = isinstance(node, Pow) and node.exp.is_Integer
        root = isinstance(node, Pow) and node.exp.is_positive
        if not (0 not in base if whole else base.a >= 0 if root else base.a > 0):
            return False
    return True


def _is_partial(node: Basic) -> bool:
    """Whether a node is a logarithm, a quotient or a root, which are not defined everywhere."""
    return isinstance(node, log) or not (node.args[1].is_Integer and node.args[1].is_positive)


def _exact(value: Expr) -> Expr:
    return value if value.is_Rational else value.evalf(12)
