"""Points at which a pair is looked at: small numbers, kinks, and what assumptions ask for."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import pairwise
from random import Random

from tests.oracle import reals
from tests.oracle.reals import NoValueError, Number, TooCloseError
from tests.oracle.terms import RELATIONS, Term, names_in, walk
from tests.oracle.values import SMOOTH, Place

_SMALL = tuple(map(Fraction, ("0", "1", "-1", "2", "-2", "1/2", "-1/2", "3", "-3", "1/3", "-3/2")))
_FAR = tuple(map(Fraction, ("5", "-7", "20", "-1/10", "1/7", "9/10", "-20")))
_GATES = ("ReLU", "Step", "LeakyReLU", "abs", "sign", "Heaviside", "max", "min")

Point = dict[str, Number]


def points(
    source: Random,
    names: tuple[str, ...],
    terms: tuple[Term, ...],
    assumed: tuple[Term, ...],
    fixed: Point,
) -> Iterator[Point]:
    """Points without end; those that solve an assumption or meet a kink are among them.

    Names that are fixed keep their values.  Whether all assumptions hold is for the caller to see.
    """
    zeros = [zero for term in terms for zero in _gate_zeros(term)]
    equalities = [c for a in assumed for c in walk(a) if c.head in ("=", "<=", ">=")]
    bounds = _numbers_between(assumed)
    while True:
        point = _drawn(source, names, bounds) | fixed
        if len(names) > 1 and source.random() < 0.15:  # on the diagonal
            one, other = source.sample(names, 2)
            point[one] = point[other]
        if zeros and source.random() < 0.5:
            point = _solved(source, point, source.choice(zeros), names) or point
        for equality in equalities:
            if equality.head == "=" or source.random() < 0.2:
                point = _solved(source, point, equality, names) or point
        yield point


def _drawn(source: Random, names: tuple[str, ...], bounds: list[Fraction]) -> Point:
    kind = source.choice(("small", "small", "far", "random", "bounded"))
    if kind == "bounded" and bounds:
        return {n: source.choice(bounds) for n in names}
    if kind == "random":
        return {n: Fraction(source.randint(-2000, 2000), 997) for n in names}
    palette = _SMALL + _FAR if kind == "far" else _SMALL
    return {n: source.choice(palette) for n in names}


def _numbers_between(assumed: tuple[Term, ...]) -> list[Fraction]:
    """Numbers in assumptions, what lies between two of them, and what is close to one."""
    found = {Fraction(0)}
    for condition in assumed:
        for term in walk(condition):
            value = _constant(term)
            if value is not None:
                found.add(value)
    ordered = sorted(found)
    between = [(a * k + b * (4 - k)) / 4 for a, b in pairwise(ordered) for k in (1, 2, 3)]
    near = [a + d for a in ordered for d in map(Fraction, ("1/100", "-1/100", "3", "-3"))]
    return [*ordered, *between, *between, *near]


def _constant(term: Term) -> Fraction | None:
    if names_in(term) or term.head in RELATIONS or term.head in ("and", "or", "true"):
        return None
    try:
        value = Place({}, Fraction(0)).value(term)
    except (NoValueError, TooCloseError, KeyError):
        return None
    if isinstance(value, Fraction):
        return value
    return Fraction(round(float(value.interval.mid.a) * 100), 100)


def _gate_zeros(term: Term) -> Iterator[Term]:
    """Equations argument = 0 of the gates in a term, and of the bounds of its cases."""
    for inner in walk(term):
        if inner.head in ("max", "min"):
            yield Term("=", inner.args[:2])
        elif inner.head in _GATES:
            yield Term("=", (inner.args[0], Term("number", leaf=Fraction(0))))
        elif inner.head in RELATIONS:
            yield Term("=", inner.args)


def _solved(source: Random, point: Point, equality: Term, movable: tuple[str, ...]) -> Point | None:
    """The point with one variable moved so that the equality holds, if that is easy."""
    left, right = equality.args
    for alone, other in ((left, right), (right, left)):
        if alone.head == "name" and alone.leaf in movable and alone.leaf not in names_in(other):
            value = _value(point, other)
            return None if value is None else {**point, alone.leaf: value}
    names = sorted(names_in(left, right) & set(movable))
    if not names:
        return None
    variable = source.choice(names)
    difference = Term("-", (left, right))
    solution = None
    if _may_be_polynomial(difference, variable):
        solution = _zero_of(source, point, variable, difference)
    if solution is not None:
        return {**point, variable: solution}
    return _same_inside(point, left, right, movable)


def _may_be_polynomial(term: Term, variable: str) -> bool:
    """Whether a variable stands in no function that is curved everywhere."""
    return all(variable not in names_in(one) for one in walk(term) if one.head in SMOOTH)


def _zero_of(source: Random, point: Point, variable: str, difference: Term) -> Number | None:
    """Where a term is 0, from its values at four points, if it is of degree 2 or less."""
    here = (_value({**point, variable: Fraction(v)}, difference) for v in (0, 1, -1, 2))
    values = list(here)
    if any(v is None for v in values):
        return None
    at_0, at_1, before, at_2 = values
    minus = reals.negative
    half = Fraction(1, 2)
    second = reals.multiply(half, reals.add(reals.add(at_1, before), minus(reals.add(at_0, at_0))))
    first = reals.multiply(half, reals.add(at_1, minus(before)))
    try:
        expected = reals.add(
            at_0, reals.add(reals.multiply(Fraction(2), first), reals.multiply(Fraction(4), second))
        )
        if reals.sign(reals.add(at_2, minus(expected))) != 0:
            return None
        if reals.sign(second) == 0:
            return reals.multiply(minus(at_0), reals.inverse(first))
        return _root(source, second, first, at_0)
    except (NoValueError, TooCloseError):
        return None


def _root(source: Random, a: Number, b: Number, c: Number) -> Number:
    """A solution of a v^2 + b v + c = 0."""
    minus, times = reals.negative, reals.multiply
    inside = reals.add(times(b, b), minus(times(Fraction(4), times(a, c))))
    root = reals.power(inside, Fraction(1, 2))
    root = root if source.random() < 0.5 else minus(root)
    return times(reals.add(minus(b), root), reals.inverse(times(Fraction(2), a)))


def _same_inside(point: Point, left: Term, right: Term, movable: tuple[str, ...]) -> Point | None:
    """f(a) = f(b) wherever a = b; f(v) = number for one v among a few."""
    if left.head == right.head and len(left.args) == len(right.args) == 1:
        inner, other = left.args[0], right.args[0]
        if inner.head == "name" and inner.leaf in movable:
            value = _value(point, other)
            return None if value is None else {**point, inner.leaf: value}
    return None


def _value(point: Point, term: Term) -> Number | None:
    try:
        return Place(point, Fraction(0)).value(term)
    except (NoValueError, TooCloseError):
        return None
