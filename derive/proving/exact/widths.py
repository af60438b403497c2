"""The small-width argument: from a few small instances to every width.

In an index equation, bound indices run over all units of a layer.  Let m be the largest
number of bound indices of a layer in a term, and f the number of free ones.

1. If every term names the units of its bound indices by tensor entries, the coefficient of
   a monomial depends only on the units that it names, at most m + f of a layer, and
   permuting units permutes both sides.  So agreement at width m + f, for every pattern of
   equalities among the free indices, is agreement at every width.
2. Otherwise, both sides are sums of functions of at most m units, and the part that depends
   on given units has a coefficient that is a polynomial of degree at most m in the width.
   So agreement at m + 1 widths from m + f on is agreement at every width.

`docs/proving.md` has the proofs.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import reduce
from itertools import product

from sympy import (
    Abs,
    Add,
    Basic,
    Expr,
    Integer,
    KroneckerDelta,
    Max,
    Min,
    Mul,
    Piecewise,
    Pow,
    Rational,
    S,
    Sum,
    Symbol,
    exp,
    log,
    sign,
)

from derive.algebra.functions import LeakyReLU, ReLU, Step
from derive.algebra.indices import free_indices, with_canonical_bounds
from derive.algebra.nodes import nodes_of
from derive.algebra.primitives import CLASSES, EXP, primitive_of
from derive.algebra.quantities import Partial, Quantity, rebuilt
from derive.model.instances import IllTypedError, axis_of, free_axes, linked_layers
from derive.model.model import Model


class OutsideClassError(Exception):
    """The equation is not of the class for which a small instance settles every width."""


_GATED = (ReLU, LeakyReLU, Step)
#: So many instances are compared to settle every width.
_MOST_SIZES = 12


def sufficient_widths(
    model: Model, *sides: Expr, where: Basic = S.true, spans: Mapping[Expr, int] | None = None
) -> list[dict[Expr, int]]:
    """Sizes (layer -> units) such that a proof at each of them settles all widths.

    The free indices of a condition count like those of the equation.  `spans` has the layers
    whose width is put in for its symbol, and how far the powers of that symbol reach.

    Raises:
        OutsideClassError: when the equation is outside the class; the message says why.
    """
    demand = _Demand(Counter())
    sides = tuple(map(_with_gates, sides))
    try:
        for side in sides:
            demand = demand.beside(_demand(model, side))
        classes = linked_layers(model, *sides, where)
        axes = free_axes(model, *sides, where)
        apart = _room_to_tell_gates_apart(model, *sides)
    except IllTypedError as error:
        raise OutsideClassError(str(error)) from error
    bound, denominators = demand.most, demand.under
    terms: Counter[Expr] = Counter()
    for layer, count in (bound + denominators).items():
        terms[classes.get(layer, layer)] += count
    needed = terms + Counter(axes.values())
    for layer, count in apart.items():
        needed[classes.get(layer, layer)] = max(needed[classes.get(layer, layer)], count)
    layers = {*bound, *denominators, *classes, *apart, *needed}
    first = {layer: needed[classes.get(layer, layer)] for layer in layers}
    degrees = Counter({classes.get(layer, layer): span for layer, span in (spans or {}).items()})
    if not _units_are_named(*sides):
        if apart:
            raise OutsideClassError("a sum inside a function, and a term that names no unit")
        degrees += terms
    names = sorted({*degrees, *(() if spans is None else spans)} & {*first}, key=model.position)
    if spans is not None and {*spans} - {*first}:
        raise OutsideClassError("a size of an axis that no index counts")
    steps = list(product(*(range(degrees[name] + 1) for name in names)))
    if len(steps) > _MOST_SIZES:
        raise OutsideClassError(f"{len(steps)} sizes would have to be compared")
    more = (dict(zip(names, step, strict=True)) for step in steps)
    return [{layer: n + extra.get(classes.get(layer, layer), 0) for layer, n in first.items()}
            for extra in more]  # fmt: skip


def spans_of_sizes(model: Model, *sides: Expr) -> dict[Expr, int]:
    """For each layer whose width is a symbol in the sides, the span of its powers there.

    The sides, multiplied by the highest power of 1/n that occurs, are polynomials in n whose
    coefficients are those of point 1 or 2.

    Raises:
        OutsideClassError: where a width stands in a function, in a root, in a denominator that
            is not a power of it, or is that of two layers.
    """
    spans: dict[Expr, int] = {}
    for layer in model.all_axes:
        width = model.width(layer)
        if not isinstance(width, Symbol) or not any(_mentions(side, width) for side in sides):
            continue
        if sum(model.width(other) == width for other in model.all_axes) > 1:
            raise OutsideClassError(f"{width} is the width of two layers")
        ranges = [_powers_of(side, width) for side in sides]
        spans[layer] = max(high for _, high in ranges) - min(low for low, _ in ranges)
    return spans


def _mentions(node: Basic, size: Symbol) -> bool:
    """Whether a size stands in an expression, and not only as the end of a sum."""
    if isinstance(node, Sum):
        return _mentions(node.function, size)
    return node == size or any(_mentions(argument, size) for argument in node.args)


def _powers_of(node: Basic, size: Symbol) -> tuple[int, int]:
    """The lowest and the highest power of a size in the terms of an expression."""
    if node == size:
        return 1, 1
    if not _mentions(node, size):
        return 0, 0
    match node:
        case Sum():
            return _powers_of(node.function, size)
        case Add():
            parts = [_powers_of(argument, size) for argument in node.args]
            return min(low for low, _ in parts), max(high for _, high in parts)
        case Mul():
            parts = [_powers_of(argument, size) for argument in node.args]
            return sum(low for low, _ in parts), sum(high for _, high in parts)
        case Pow() if isinstance(node.exp, Integer) and (node.exp > 0 or node.base == size):
            low, high = _powers_of(node.base, size)
            ends = int(node.exp) * low, int(node.exp) * high
            return min(ends), max(ends)
        case _:
            raise OutsideClassError(f"{size} in {type(node).__name__}")


def _units_are_named(*sides: Expr) -> bool:
    """Whether each monomial under a sum has a tensor entry with the bound index.

    Entries that also occur in a denominator or in a logarithm do not count, since they may
    cancel, as in z exp(-log(z)); nor do functions, which may hide a term without the index:
    Step(-z) = 1 - Step(z).  The exponential of an entry counts where all exponents are
    entries, unless that entry is in another function, as in exp(z) sigmoid(-z) = sigmoid(z),
    or in a denominator that names the unit too: sum_m exp(z_m) divides all terms alike.
    """
    powers = [p for side in sides for p in nodes_of(side, Pow) if not p.exp.is_positive]
    divisors = _heads(*powers, *(node for side in sides for node in nodes_of(side, log)))
    inside = _heads(*(n for side in sides for n in nodes_of(side, *CLASSES, Pow) if _hides(n)))
    exponents = {node.args[0] for side in sides for node in nodes_of(side, exp)}
    plain = all(isinstance(argument, Quantity) for argument in exponents)

    def named_by_exponent(symbol: Symbol, exponent: Basic) -> bool:
        if not (plain and isinstance(exponent, Quantity) and symbol in exponent.indices):
            return False
        own = _heads(*(power for power in powers if symbol in power.free_symbols))
        return exponent.args[:2] not in inside | own

    def names(symbol: Symbol, node: Basic) -> bool:
        match node:
            case Quantity():
                return symbol in node.indices and node.args[:2] not in divisors
            case Partial():
                return symbol in node.wrt.indices and node.wrt.args[:2] not in divisors
            case Add():
                return all(names(symbol, argument) for argument in node.args)
            case Mul():
                return any(names(symbol, argument) for argument in node.args)
            case Pow() if type(node) is Pow:
                whole = node.exp.is_Integer and node.exp.is_positive
                return bool(whole) and names(symbol, node.base)
            case Sum():
                return names(symbol, node.function)
            case ReLU() | LeakyReLU():
                return names(symbol, node.args[0])
            case exp():
                return named_by_exponent(symbol, node.args[0])
            case _:
                return False

    return all(
        names(symbol, node.function)
        for side in sides
        for node in nodes_of(side, Sum)
        for symbol in node.bound_symbols
    )


def _hides(node: Basic) -> bool:
    """Whether a function other than exp may hide exponentials or entries, as sigmoid does."""
    return primitive_of(node) not in (None, EXP)


def _heads(*expressions: Basic) -> set[tuple[Basic, ...]]:
    """The tensors of which entries, or derivatives by them, occur."""
    return {
        q.args[:2] if isinstance(q, Quantity) else q.wrt.args[:2]
        for expression in expressions
        for q in nodes_of(expression, Quantity) | nodes_of(expression, Partial)
    }


def _room_to_tell_gates_apart(model: Model, *sides: Expr) -> Counter[Expr]:
    """Widths at which gates with sums inside are the same only if they always are.

    Two arguments are proportional at every width if they are at one with room for the
    bound indices of a term and for the indices from outside of both.
    """
    inside: Counter[Expr] = Counter()
    outside: Counter[Expr] = Counter()

    def visit(node: Basic) -> None:
        if isinstance(node, _GATED):
            argument = node.args[0]
            demand = _demand(model, argument)
            inner = demand.most + demand.under
            for layer, count in inner.items():
                inside[layer] = max(inside[layer], count)
            own = Counter(axis_of(model, s, argument) for s in free_indices(argument))
            for layer, count in own.items():
                outside[layer] = max(outside[layer], count)
        if not isinstance(node, Quantity | Partial):
            for argument in node.args:
                visit(argument)

    for side in sides:
        visit(side)
    return inside + outside + outside if inside else Counter()


@dataclass(frozen=True)
class _Demand:
    """What a term needs room for.

    Attributes:
        most: the most bound indices of each layer in a term.
        below: each denominator with a sum, its bound letters named alike: the highest power in
            which a term has it, and the bound indices of each layer in it.
    """

    most: Counter[Expr]
    below: Mapping[Basic, tuple[int, Counter[Expr]]] = field(default_factory=dict)

    @property
    def under(self) -> Counter[Expr]:
        """The bound indices of all denominators, each as often as it is multiplied out."""
        total: Counter[Expr] = Counter()
        for times, inside in self.below.values():
            total += _times(times, inside)
        return total

    def beside(self, other: _Demand) -> _Demand:
        """Of a sum: a term has the one or the other."""
        below = dict(self.below)
        for base, (times, inside) in other.below.items():
            below[base] = max(times, below.get(base, (0, inside))[0]), inside
        return _Demand(self.most | other.most, below)

    def multiplied(self, other: _Demand) -> _Demand:
        """Of a product: a term has both."""
        below = dict(self.below)
        for base, (times, inside) in other.below.items():
            below[base] = times + below.get(base, (0, inside))[0], inside
        return _Demand(self.most + other.most, below)


def _times(count: int, demand: Counter[Expr]) -> Counter[Expr]:
    return Counter({layer: count * number for layer, number in demand.items()})


def _demand(model: Model, node: Expr) -> _Demand:
    """Most bound indices of each layer in a term, and the denominators with sums."""
    nothing = _Demand(Counter())
    if isinstance(node, Quantity | Partial) or not node.args:
        return nothing
    opaque = primitive_of(node) is not None
    match node:
        case Sum():
            inner = _demand(model, node.function)
            own: Counter[Expr] = Counter()
            for bound, low, high in node.limits:
                layer = axis_of(model, bound, node.function)
                if low != 1 or high != model.width(layer):
                    raise OutsideClassError(f"a sum over {bound} does not run over a whole layer")
                own[layer] += 1
                _check_denominators(bound, node.function)
            return _Demand(inner.most + own, inner.below)
        case Add():
            return reduce(_Demand.beside, (_demand(model, a) for a in node.args), nothing)
        case Piecewise():
            branches = (_demand(model, branch) for branch, _condition in node.args)
            return reduce(_Demand.beside, branches, nothing)
        case Pow() if not opaque:
            return _of_power(model, node)
        case _ if opaque and node.has(Sum):
            raise OutsideClassError(f"a sum inside {node.func.__name__}")
        case _ if opaque or isinstance(node, (Mul, KroneckerDelta, *_GATED)):
            return reduce(_Demand.multiplied, (_demand(model, a) for a in node.args), nothing)
        case _ if node.has(Sum):
            raise OutsideClassError(f"a sum inside {node.func.__name__}")
        case _:
            return nothing


def _with_gates(node: Expr) -> Expr:
    """The same with gates for maxima, moduli and signs of sums: |a| = ReLU(a) + ReLU(-a)."""
    if not nodes_of(node, Max, Min, Abs, sign) or not node.has(Sum):
        return node
    if isinstance(node, Quantity | Partial):
        return node
    first, *others = arguments = [_with_gates(one) for one in node.args]  # pyright: ignore
    match node:
        case Abs():
            return ReLU(first, 0) + ReLU(-first, 0)
        case sign():
            return 2 * Step(first, Rational(1, 2)) - 1
        case Max() | Min():
            turned = 1 if isinstance(node, Max) else -1
            for other in others:
                first = other + turned * ReLU(turned * (first - other), 0)
            return first
        case _:
            return rebuilt(node, arguments)


def _of_power(model: Model, node: Pow) -> _Demand:
    base, exponent = node.args
    if not isinstance(exponent, Integer):
        raise OutsideClassError(f"a power with exponent {exponent}")
    inner, times = _demand(model, base), abs(int(exponent))  # pyright: ignore
    if exponent > 0:
        below = {b: (times * power, inside) for b, (power, inside) in inner.below.items()}
        return _Demand(_times(times, inner.most), below)
    whole = inner.most + inner.under
    if not whole:
        return _Demand(Counter())
    return _Demand(_times(times, inner.under), {with_canonical_bounds(base): (times, whole)})


def _check_denominators(bound: Symbol, body: Expr) -> None:
    """Denominators with a sum may not change with the index of an outer sum.

    There would be one for each unit, and no fixed number of them could be multiplied out.
    """
    for power in nodes_of(body, Pow):
        if not power.exp.is_positive and power.base.has(Sum) and bound in power.free_symbols:
            raise OutsideClassError(f"a sum in a denominator that changes with {bound}")


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
