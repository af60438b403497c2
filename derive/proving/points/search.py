"""The search for counterexamples, and the one place through which every refutation goes.

A point refutes an equation if every assumption holds there, for certain, both sides have
values, and the values differ for certain: exactly, or because the intervals that enclose them
are apart.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import product

from sympy import (
    And,
    Basic,
    Derivative,
    Eq,
    Expr,
    Ge,
    Gt,
    Integer,
    Le,
    Lt,
    Ne,
    Not,
    Or,
    Pow,
    Rational,
    S,
    Sum,
    Symbol,
    Tuple,
    log,
)
from sympy.core.relational import Relational

from derive.algebra.functions import LeakyReLU, ReLU, Step
from derive.algebra.indices import contract
from derive.algebra.nodes import nodes_of
from derive.algebra.quantities import Partial, Quantity, ascii_name
from derive.errors import NotRationalError
from derive.meaning.composites import work_out
from derive.meaning.derivation import Equation
from derive.meaning.valuation import Valuation
from derive.model.assumptions import rows_of_sum_one, with_rows_of_sum_one
from derive.model.defined_model import DefinedModel
from derive.model.instances import IllTypedError, fitting_shifts, free_axes
from derive.model.model import Model
from derive.proving.exact.function_derivatives import derivatives_done
from derive.proving.points.closed_values import EnclosedValuation, enclosure
from derive.proving.points.sample_points import (
    POINTS,
    Point,
    given_by,
    plain_symbols,
    points,
    points_on_kinks,
    valuation_at,
    with_given,
)
from derive.proving.proof import Counterexample

_MOST_ENTRIES = 60
#: After a first generic point so many more are looked at for one away from all kinks.
_LOOKS_FURTHER = 12
#: Digits of a value that is not rational; more where the sides agree to fewer.
_DIGITS = (12, 24, 48, 96, 192)


@dataclass(frozen=True)
class _Question:
    """Two sides, what is assumed, and what the sides were made of, which must have values too."""

    sides: tuple[Expr, Expr]
    where: Basic
    assuming: tuple[Equation, ...] = ()
    stated: tuple[Expr, ...] = ()


@dataclass(frozen=True)
class Difference:
    """A point where both sides differ.

    Attributes:
        generic: whether they still do when it is moved a little.
        smooth: whether it is away from all kinks besides.
        number: its place in the list of points.
    """

    point: Counterexample
    generic: bool
    smooth: bool
    number: int


def difference(
    model: Model,
    left: Expr,
    right: Expr,
    where: Basic = S.true,
    assuming: tuple[Equation, ...] = (),
    widths: Mapping[Expr, int] | None = None,
    stated: tuple[Expr, ...] = (),
    most: int = POINTS,
) -> Difference | None:
    """The best of a fixed list's first points at which both sides differ for certain, or None."""
    return best_of(differences(model, left, right, where, assuming, widths, stated, most))


def best_of(found_in_turn: Iterable[Difference]) -> Difference | None:
    """The point to print: away from all kinks if there is one, or at least not just a kink."""
    best: Difference | None = None
    for found in found_in_turn:
        if best is None or (found.generic, found.smooth) > (best.generic, best.smooth):
            best = found
        if best.generic and (best.smooth or found.number > best.number + _LOOKS_FURTHER):
            break
    return best


def differences(
    model: Model,
    left: Expr,
    right: Expr,
    where: Basic = S.true,
    assuming: tuple[Equation, ...] = (),
    widths: Mapping[Expr, int] | None = None,
    stated: tuple[Expr, ...] = (),
    most: int = POINTS,
) -> Iterator[Difference]:
    """The points of a fixed list, of its first `most`, at which both sides differ for certain.

    `stated` is what the sides were made of: it has a value there too, and names the variables.
    """
    sizes = dict(widths or instance_widths(model))
    sides = (left, right)
    question = _Question(sides, where, assuming, tuple(s for s in stated if not s.has(Derivative)))
    listed = points(model, sizes, (*sides, *stated), where, assuming, most)
    yield from _differences_at(listed, model, sizes, question)


def _differences_at(
    listed: Iterable[Point], model: Model, sizes: Mapping[Expr, int], question: _Question
) -> Iterator[Difference]:
    sides = question.sides
    for number, (values, at) in enumerate(listed):
        valuation = valuation_at(model, sizes, values)
        for free in _units(model, sizes, *sides):
            point = _refutation(valuation, question, free, at)
            if point is not None:
                generic = _is_generic(valuation, question, free, at)
                smooth = generic and _off_kinks(valuation, sides, free, at)
                yield Difference(point, generic, smooth, number)


def differences_as_written(
    model: Model,
    left: Expr,
    right: Expr,
    where: Basic = S.true,
    assuming: tuple[Equation, ...] = (),
    most: int = POINTS,
    widths: Mapping[Expr, int] | None = None,
) -> Iterator[Difference]:
    """As `differences`, of sides as they are written: derivatives of formulas are worked out.

    Nothing where that cannot be done.
    """
    try:
        left, right = _worked_out(model, left, right, where)
        yield from differences(model, left, right, where, assuming, widths, most=most)
    except (IllTypedError, NotRationalError, ValueError):
        return


def differs_soon(
    model: Model, left: Expr, right: Expr, where: Basic, assuming: tuple[Equation, ...]
) -> bool:
    """Whether the sides, as they are written, differ at one of a few points, kinks among them."""
    sizes = instance_widths(model)
    try:
        sides = _worked_out(model, left, right, where)
        listed = points_on_kinks(model, sizes, sides, where, assuming)
        found = _differences_at(listed, model, sizes, _Question(sides, where, assuming))
        return next(found, None) is not None
    except (IllTypedError, NotRationalError, ValueError):
        return False


def _worked_out(model: Model, left: Expr, right: Expr, where: Basic) -> tuple[Expr, Expr]:
    done = Tuple(*(derivatives_done(side, where) for side in (left, right)))
    left, right = contract(work_out(model, done)).args
    return left, right


def confirmed(
    model: Model,
    left: Expr,
    right: Expr,
    where: Basic,
    widths: Mapping[Expr, int],
    point: Mapping[Expr, Expr],
    free: Mapping[Symbol, Integer],
    stated: tuple[Expr, ...] = (),
) -> Counterexample | None:
    """A suggested point, if it refutes; what it leaves out is 1."""
    inputs = Valuation(model, widths, {}).given_entries
    values = {entry: point.get(entry, S.One) for entry in inputs}
    at: dict[Expr, Expr] = {s: v for s, v in point.items() if isinstance(s, Symbol)}
    at |= {s: S.One for s in plain_symbols(left, right, where, *stated) if s not in at}
    valuation = EnclosedValuation(model, widths, values)
    question = _Question(
        (left, right), where, (), tuple(s for s in stated if not s.has(Derivative))
    )
    return _refutation(valuation, question, free, with_given(where, at))


def _refutation(
    valuation: Valuation,
    question: _Question,
    free: Mapping[Symbol, Integer],
    at: Mapping[Expr, Expr],
) -> Counterexample | None:
    """The counterexample that a point is: all assumptions hold there, and both sides differ."""
    if not assumptions_hold(valuation, question.assuming, at):
        return None
    if not holds(valuation, question.where, at, free):
        return None
    pair = side_values(valuation, question.sides, at, free)
    if pair is None or not differ(*pair):
        return None
    if not all(_is_defined(valuation, side, at, free) for side in question.stated):
        return None
    return Counterexample(_named(valuation, question, free, at), *_shown(*pair))


def _named(
    valuation: Valuation,
    question: _Question,
    free: Mapping[Symbol, Integer],
    at: Mapping[Expr, Expr],
) -> dict[str, Expr]:
    """The values of all that the sides and the condition depend on, sizes in formulas included."""
    parts = (*question.sides, *question.stated, question.where)
    named = _sizes_named(valuation, parts)
    named |= {symbol.name: value for symbol, value in free.items()}
    mentioned: set[Basic] = {symbol for part in parts for symbol in part.free_symbols}
    if any(part.has(Quantity, Partial) for part in parts):
        rows = rows_of_sum_one(valuation.model)
        used = {entry for part in parts for entry in valuation.depends_on(part, free)}
        named |= {
            ascii_name(entry): value
            for entry, value in with_rows_of_sum_one(valuation.given, rows).items()
            if entry in used
        }
        mentioned |= {*valuation.model.slopes, valuation.model.step_at_zero}
    return named | {str(s): v for s, v in at.items() if s in mentioned}


def _sizes_named(valuation: Valuation, parts: Iterable[Basic]) -> dict[str, Expr]:
    """The sizes that formulas name as numbers, as N in N w_i, and not only as ends of sums."""
    widths = {valuation.model.width(axis): Integer(n) for axis, n in valuation.widths.items()}
    named = set[Basic]().union(*map(_outside_limits, parts))
    return {str(size): n for size, n in widths.items() if size in named}


def _outside_limits(node: Basic) -> set[Basic]:
    """The symbols of an expression that do not only end its sums."""
    if isinstance(node, Symbol):
        return {node}
    inner = (node.function,) if isinstance(node, Sum) else node.args
    return set[Basic]().union(*map(_outside_limits, inner))


def _units(model: Model, sizes: Mapping[Expr, int], *sides: Expr) -> list[dict[Symbol, Integer]]:
    """A few choices of units for the free indices."""
    axes = free_axes(model, *sides)
    ranges = [range(1, sizes[layer] + 1) for layer in axes.values()]
    return [dict(zip(axes, map(Integer, units), strict=True)) for units in product(*ranges)][:4]


def assumptions_hold(
    valuation: Valuation, assuming: tuple[Equation, ...], at: Mapping[Expr, Expr]
) -> bool:
    """Whether equations that are assumed of the targets hold at a point for certain."""
    return all(holds(valuation, Eq(e.lhs, e.rhs), at) for e in assuming)


def _is_generic(
    valuation: Valuation,
    question: _Question,
    free: Mapping[Symbol, Integer],
    at: Mapping[Expr, Expr],
) -> bool:
    """Whether the sides differ too when every value is moved a little, in two directions."""
    given = given_by(question.where)
    for scale in (1, -1):
        moved = {
            key: value + Rational(scale * (7 + 3 * n), 10_007)
            for n, (key, value) in enumerate(valuation.given.items())
            if not (isinstance(key, Quantity) and key.kind == "y")
        }
        nearby = {
            key: value if key in given else value + Rational(scale * (5 + 2 * n), 10_009)
            for n, (key, value) in enumerate(at.items())
        }
        there = valuation.at({**valuation.given, **moved})
        near = with_given(question.where, nearby)
        if _refutation(there, question, free, near) is not None:
            return True
    return False


def _off_kinks(
    valuation: Valuation,
    sides: tuple[Expr, Expr],
    free: Mapping[Symbol, Integer],
    at: Mapping[Expr, Expr],
) -> bool:
    """Whether no pre-activation of a unit with a kink, and no argument of a gate, is 0."""
    arguments: list[Expr] = []
    if any(side.has(Quantity, Partial) for side in sides):
        arguments += valuation.gate_arguments
    arguments += [
        gate.args[0]
        for side in sides
        for gate in nodes_of(valuation.written_out(side, free), ReLU, LeakyReLU, Step)
    ]
    return not any(valuation(argument).xreplace(at) == 0 for argument in arguments)


def instance_widths(model: Model) -> dict[Expr, int]:
    """The model's own widths where they are small numbers; else 3 outputs and 2 of all else.

    Not 2 outputs, for which 2/n is 1 and a forgotten factor of a mean goes unseen.  Axes
    whose widths are one symbol get one size.
    """
    widths: dict[Expr, int] = {}
    outputs = model.width(model.all_axes[-1]) if model.all_axes else None
    for axis in model.all_axes:
        if model.has_index(axis):
            width = model.width(axis)
            small = isinstance(width, Integer) and width * width <= _MOST_ENTRIES
            widths[axis] = int(width) if small else (3 if width == outputs else 2)
    for axis, parts in fitting_shifts(model):
        widths[axis] = sum(widths[part] for part in parts) - len(parts) + 1
    return widths


def with_larger_means(model: Model, widths: Mapping[Expr, int]) -> dict[Expr, int]:
    """The same widths, but one more where the definitions name a size as a number, as in a mean.

    Of two samples 1/m is 1/2, and one that stands for the other goes unseen.
    """
    numbers = set[Basic]()
    if isinstance(model, DefinedModel):
        numbers = set[Basic]().union(*(_outside_limits(one.right) for one in model.definitions))
    return {
        axis: width + 1 if model.width(axis) in numbers else width for axis, width in widths.items()
    }


def differ(left: Expr, right: Expr) -> bool:
    """Whether two closed expressions differ for certain."""
    difference = left - right
    if isinstance(difference, Rational):
        return difference != 0
    interval = enclosure(difference)
    return interval is not None and 0 not in interval


def sign_of(value: Expr) -> int | None:
    """The sign of a closed expression: 1, -1 or 0, or None where it is not certain."""
    if isinstance(value, Rational):
        return int(value.p > 0) - int(value.p < 0)
    interval = enclosure(value)
    if interval is None:
        return None
    if interval.a > 0 or interval.b < 0:
        return 1 if interval.a > 0 else -1
    return 0 if value.expand() == 0 else None


def holds(
    valuation: Valuation,
    condition: Basic,
    at: Mapping[Expr, Expr],
    free: Mapping[Symbol, Integer] | None = None,
) -> bool:
    """Whether a condition is true at a point for certain: not where a side has no value there."""
    return _truth(valuation, condition, at, free) is True


def _truth(
    valuation: Valuation,
    condition: Basic,
    at: Mapping[Expr, Expr],
    free: Mapping[Symbol, Integer] | None,
) -> bool | None:
    """Whether a condition is true or false at a point; None where neither is certain."""
    match condition:
        case And() | Or():
            settled = isinstance(condition, Or)  # one true part settles Or, one false part And
            open_ones = False
            for part in condition.args:
                truth = _truth(valuation, part, at, free)
                if truth is settled:
                    return settled
                open_ones = open_ones or truth is None
            return None if open_ones else not settled
        case Not():
            inner = _truth(valuation, condition.args[0], at, free)
            return None if inner is None else not inner
        case Relational():
            pair = side_values(valuation, condition.args, at, free)  # pyright: ignore[reportArgumentType]
            sign = None if pair is None else sign_of(pair[0] - pair[1])
            return None if sign is None else sign in _SIGNS[type(condition)]
        case _:
            return {S.true: True, S.false: False}.get(condition)


#: The signs of left - right for which a comparison holds.
_SIGNS: dict[type, tuple[int, ...]] = {
    Gt: (1,), Lt: (-1,), Ge: (0, 1), Le: (-1, 0), Eq: (0,), Ne: (-1, 1),
}  # fmt: skip


def side_values(
    valuation: Valuation,
    sides: Iterable[Expr],
    at: Mapping[Expr, Expr],
    free: Mapping[Symbol, Integer] | None = None,
) -> tuple[Expr, Expr] | None:
    """Both sides at a point; None where one has no finite real value there."""
    try:
        left, right = (_value(valuation, side, at, free) for side in sides)
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return None if left is None or right is None else (left, right)


def _value(
    valuation: Valuation, side: Expr, at: Mapping[Expr, Expr], free: Mapping[Symbol, Integer] | None
) -> Expr | None:
    if not _is_defined(valuation, side, at, free):
        return None
    value = valuation(side, free).xreplace(at)
    return None if enclosure(value) is None else value


def _is_defined(
    valuation: Valuation,
    side: Expr,
    at: Mapping[Expr, Expr],
    free: Mapping[Symbol, Integer] | None,
) -> bool:
    """Whether every part of a side has a real value at a point.

    The value of the whole does not tell: SymPy takes 0 f(1/0) for 0 and exp(log(-1)) for -1.
    """
    if not any(map(_is_partial, nodes_of(side, log, Pow))):
        return True
    for node in filter(_is_partial, nodes_of(valuation.written_out(side, free), log, Pow)):
        sign = sign_of(valuation(node.args[0]).xreplace(at))
        whole = isinstance(node, Pow) and node.exp.is_Integer
        root = isinstance(node, Pow) and node.exp.is_positive
        allowed = (1, -1) if whole else (0, 1) if root else (1,)
        if sign not in allowed:
            return False
    return True


def _is_partial(node: Basic) -> bool:
    """Whether a node is a logarithm, a quotient or a root, which are not defined everywhere."""
    return isinstance(node, log) or not (node.args[1].is_Integer and node.args[1].is_positive)


def _shown(left: Expr, right: Expr) -> tuple[Expr, Expr]:
    """Both sides, exact or in decimals with as many digits as it takes to see that they differ."""
    digits = next((n for n in _DIGITS if left.evalf(n) != right.evalf(n)), _DIGITS[-1])
    first, second = (_decimal(side, digits) for side in (left, right))
    return first, second


def _decimal(value: Expr, digits: int) -> Expr:
    """A value in decimals; 0 where it cannot be told from 0, of which rounding leaves 1e-63."""
    if value.is_Rational:
        return value
    interval = enclosure(value)
    return S.Zero if interval is not None and 0 in interval else value.evalf(digits)
