"""Points to evaluate equations at: exact and small, in a fixed order, made for a condition.

A variable that an assumption bounds by numbers is also drawn between and beside these; one that
an assumption gives, as in y = exp(x) or x^2 = 2, has the value that it gives.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import pairwise, zip_longest

from sympy import (
    QQ,
    ZZ,
    And,
    Basic,
    Dummy,
    Eq,
    Expr,
    Heaviside,
    Integer,
    Or,
    Poly,
    Rational,
    S,
    Symbol,
    roots,
)
from sympy.core.relational import Relational
from sympy.polys.polyerrors import PolynomialError

from derive.algebra.functions import LeakyReLU, ReLU, Step
from derive.algebra.indices import index_symbols
from derive.algebra.nodes import nodes_of
from derive.algebra.quantities import (
    Partial,
    Quantity,
    is_step,
    outermost,
    quantities_in,
)
from derive.meaning.derivation import Equation
from derive.meaning.valuation import Valuation
from derive.model.assumptions import rows_of_sum_one, with_rows_of_sum_one
from derive.model.model import Model
from derive.proving.points.closed_values import EnclosedValuation

#: Small values first, so that the counterexample printed is small; 0 visits the kinks.
_PALETTE = tuple(map(Rational, ("1", "-1", "2", "0", "-2", "1/2", "3", "-1/2", "-3", "3/2")))
POINTS = 72
_FEW = 6
#: Equations x^n = ... of a higher degree are not solved.
_HIGHEST_DEGREE = 4

#: The values of what the network is given, and of the plain symbols.
Point = tuple[dict[Expr, Expr], dict[Expr, Expr]]


def points(
    model: Model,
    sizes: Mapping[Expr, int],
    parts: tuple[Basic, ...],
    where: Basic = S.true,
    assuming: tuple[Equation, ...] = (),
    most: int = POINTS,
) -> Iterator[Point]:
    """Points in a fixed order, `most` at most: a linear congruence walks through growing palettes.

    Conventions for Step(0) stay in [0, 1], and widths keep their numbers.
    """
    parts = (*parts, where)
    shape = Valuation(model, sizes, {})
    quantities = any(part.has(Quantity, Partial) for part in parts)
    inputs = [*shape.given_entries, *_directions(shape, parts)] if quantities else []
    slopes = model.slopes
    conventions = {model.step_at_zero} | {
        node.args[-1] for part in parts for node in nodes_of(part, ReLU, LeakyReLU, Step, Heaviside)
    }
    plain = set(plain_symbols(*parts)) | {s for s in slopes | conventions if s.is_Symbol}
    symbols = sorted((s for s in plain if s not in model.sizes), key=str)
    names = (*inputs, *symbols)
    palettes = tuple(_bounded_by(where, name) for name in names) if where != S.true else ()
    rows = rows_of_sum_one(model)
    fixed = _numbers_given(where, inputs)
    for attempt in range(most):
        drawn, state = _drawn(names, palettes, attempt)
        at = {s: drawn[s] for s in symbols}
        at |= {s: Rational(attempt % 5, 4) for s in symbols if s in conventions}
        at |= {s: Rational(1, 2 + attempt % 3) for s in symbols if s in slopes}
        values = {entry: drawn[entry] for entry in inputs} | fixed
        if quantities and (assuming or (model.has_distributions and attempt % 2 == 0)):
            _make_targets(model, shape, values, state)
        if rows:
            values = with_rows_of_sum_one(values, rows)
        yield values, with_given(where, at)


@lru_cache(maxsize=256)
def _drawn(
    names: tuple[Expr, ...], palettes: tuple[tuple[Expr, ...], ...], attempt: int
) -> tuple[Mapping[Expr, Expr], int]:
    """A value for each name, and where the congruence is then; kept, as lines ask for the same."""
    state = _drawn(names, palettes, attempt - 1)[1] if attempt else 1
    found: dict[Expr, Expr] = {}
    for position, (name, own) in enumerate(zip_longest(names, palettes, fillvalue=())):
        state = (1103515245 * state + 12345 + position) % 2**31
        palette = (*own, *_PALETTE[: 3 + attempt // 8 - min(len(own), 2)])
        first = own[0] if own else S.One
        found[name] = palette[(state >> 16) % len(palette)] if attempt else first  # pyright: ignore
    return found, state


def points_on_kinks(
    model: Model,
    sizes: Mapping[Expr, int],
    parts: tuple[Basic, ...],
    where: Basic = S.true,
    assuming: tuple[Equation, ...] = (),
) -> Iterator[Point]:
    """A few of the points, each as it is, and with one tensor or symbol of all that is given at 0.

    There what it is multiplied by goes into kinks, while all else stays away from 0.  Before these
    comes one on the kinks that cases and conditions name, where nothing else is dead or cancels.
    """
    owners: list[tuple[Basic, ...]] = []
    found = list(points(model, sizes, parts, where, assuming, _FEW))
    if edge := _parameters_of_edges(model, (*parts, where)):
        (ones, _), (_, at) = found[:2]
        yield _alive(model, ones) | {key: S.Zero for key in ones if key.args[:2] in edge}, at
    for number, (values, at) in enumerate(found):
        yield values, at
        if not number:
            tensors = dict.fromkeys(key.args[:2] for key in values if isinstance(key, Quantity))
            owners = [*tensors, *((symbol,) for symbol in at)]
        if owners:
            owner = owners[number % len(owners)]
            yield _with_zeros(values, owner), with_given(where, _with_zeros(at, owner))


def _parameters_of_edges(model: Model, parts: Iterable[Basic]) -> set[tuple[Basic, ...]]:
    """What z is made of and 0 with, for each z that cases or conditions compare."""
    compared = {node for part in parts for node in nodes_of(part, Relational)}
    named = {one for node in compared for one in outermost(node) if isinstance(one, Quantity)}
    formulas = (model.definition(one, frozenset()) for one in named if model.defines(one))
    used = {one.args[:2] for formula in formulas if formula for one in quantities_in(formula)}
    return used & {*model.parameters}


def _alive(model: Model, ones: Mapping[Expr, Expr]) -> dict[Expr, Expr]:
    """The first point, where all is 1, with data 2, 3, ...: what is computed may be a target 1."""
    if model.has_distributions or rows_of_sum_one(model):
        return dict(ones)
    data = (key for key in ones if key.args[:2] not in model.parameters)
    return {**ones, **{key: Integer(number) for number, key in enumerate(data, start=2)}}


def _with_zeros(values: Mapping[Expr, Expr], owner: tuple[Basic, ...]) -> dict[Expr, Expr]:
    zero = {key: S.Zero for key in values if key == owner[0] or key.args[:2] == owner}
    return {**values, **zero}


def plain_symbols(*parts: Basic) -> list[Symbol]:
    """Symbols that are neither indices nor heads of quantities: slopes, h_0, a user's x."""
    found: set[Symbol] = set()
    for part in parts:
        found |= nodes_of(part, Symbol) - index_symbols(part)
    return sorted(found, key=str)


def with_given(where: Basic, at: Mapping[Expr, Expr]) -> dict[Expr, Expr]:
    """Values of symbols, where equations of a condition give some of them the values they give."""
    found = dict(at)
    if where == S.true:
        return found
    for symbol, value in (*definitions(where), *_roots(where)):
        found[symbol] = value.xreplace(found)
    return found


def given_by(where: Basic) -> set[Symbol]:
    """The symbols whose values the equations of a condition give."""
    return {symbol for symbol, _ in (*definitions(where), *_roots(where))}


def definitions(where: Basic) -> list[tuple[Symbol, Expr]]:
    """The equations y = f(x) of a condition, in an order to put them in: f(x) may stand for y."""
    found: list[tuple[Symbol, Expr]] = []
    taken: set[Basic] = set()
    for part in And.make_args(where):
        if not isinstance(part, Eq):
            continue
        left, right = part.args
        for symbol, value in ((left, right), (right, left)):
            if _can_give(symbol, value, taken):
                found.append((symbol, value))  # pyright: ignore[reportArgumentType]
                taken |= {symbol}
                break
    return found


def _can_give(symbol: Basic, value: Basic, taken: set[Basic]) -> bool:
    free = value.free_symbols
    return (
        isinstance(symbol, Symbol)
        and not index_symbols(symbol)
        and symbol not in taken
        and symbol not in free
        and not taken & free
        and not any(isinstance(one, Quantity | Partial) for one in free)
    )


def _roots(where: Basic) -> list[tuple[Symbol, Expr]]:
    """One real root for each equation in one symbol alone, a polynomial of a low degree."""
    found: dict[Symbol, Expr] = {}
    for part in And.make_args(where):
        if not isinstance(part, Eq) or len(part.free_symbols) != 1:
            continue
        (symbol,) = part.free_symbols
        try:
            polynomial = Poly(part.args[0] - part.args[1], symbol)  # pyright: ignore
        except PolynomialError:
            continue
        if polynomial.degree() > _HIGHEST_DEGREE or polynomial.domain not in (ZZ, QQ):
            continue
        real = [root for root in roots(polynomial) if root.is_real]
        if real and symbol not in found:
            found[symbol] = min(real, key=lambda root: (root.is_negative, str(root)))
    return list(found.items())


def _bounded_by(where: Basic, variable: Expr) -> tuple[Expr, ...]:
    """Values between and beside the numbers that a condition compares a variable with."""
    ends: set[Expr] = set()
    symbol = Dummy()
    for part in _comparisons(where):
        if {*outermost(part), *plain_symbols(part)} != {variable}:
            continue
        left, right = (side.xreplace({variable: symbol}) for side in part.args)
        difference = (left - right).expand()
        slope = difference.coeff(symbol)
        rest = difference - slope * symbol
        if isinstance(slope, Rational) and slope != 0 and isinstance(rest, Rational):
            ends.add(-rest / slope)
    ordered = sorted(end for end in ends if end != 0)
    if not ordered:
        return ()
    everything = sorted(ends)
    between = [(a + b) / 2 for a, b in pairwise(everything)]
    beside = [everything[-1] + 1, everything[0] - 1]
    return tuple(dict.fromkeys((*between, *beside, *everything)))


def _numbers_given(where: Basic, inputs: Sequence[Expr]) -> dict[Expr, Expr]:
    """The numbers that equations of a condition say inputs and parameters to be, as x = 2."""
    equations = (part for part in And.make_args(where) if isinstance(part, Eq))
    pairs = (pair for one in equations for pair in (one.args, one.args[::-1]))
    return {a: b for a, b in pairs if a in inputs and isinstance(b, Rational)}  # pyright: ignore


def _comparisons(where: Basic) -> Iterator[Relational]:
    if isinstance(where, Relational):
        yield where
    elif isinstance(where, And | Or):
        for part in where.args:
            yield from _comparisons(part)


def _directions(shape: Valuation, parts: Iterable[Basic]) -> tuple[Expr, ...]:
    """The direction in which parameters and inputs move, where a derivative along it occurs."""
    tensors = {way.args[:2] for way in shape.directions}
    mentioned = [quantity for part in parts for quantity in quantities_in(part)]  # pyright: ignore[reportArgumentType]
    along = any(is_step(q) or q.kind == "Gv" or q.args[:2] in tensors for q in mentioned)
    return shape.directions if along else ()


def _make_targets(model: Model, shape: Valuation, values: dict[Expr, Expr], state: int) -> None:
    """Targets of a cross-entropy: numbers from 0 to 1, with sum 1 on a softmax layer."""
    targets = shape.entries("y", model.C.layer)
    parts = [Rational(1 + (state >> (4 + n)) % 3) for n in range(len(targets))]
    total = Rational(sum(parts)) if len(parts) > 1 else Rational(4)
    for target, part in zip(targets, parts, strict=True):
        values[target] = part / total


def valuation_at(model: Model, sizes: Mapping[Expr, int], values: Mapping[Expr, Expr]) -> Valuation:
    """One valuation for all equations that are looked at there: what it finds is kept."""
    return _valuation(model, tuple(sizes.items()), tuple(values.items()))


@lru_cache(maxsize=256)
def _valuation(
    model: Model,
    sizes: tuple[tuple[Expr, int], ...],
    values: tuple[tuple[Expr, Expr], ...],
) -> EnclosedValuation:
    return EnclosedValuation(model, dict(sizes), dict(values))
