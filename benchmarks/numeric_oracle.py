"""Whether an equation holds in numbers: forward passes with mpmath, derivatives as differences.

Of `derive` only the definitions of the model are used: no prover, no rule, no derivative.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import product
from random import Random
from typing import Any

import mpmath
from sympy import Add, Basic, Expr, KroneckerDelta, Mul, Number, Piecewise, Pow, S, Sum, Symbol
from sympy.core.relational import Relational
from sympy.logic.boolalg import And, BooleanFalse, BooleanTrue, Not, Or

from derive.algebra.indices import free_indices
from derive.algebra.quantities import Partial, Quantity, is_step
from derive.model.assumptions import rows_of_sum_one
from derive.model.model import Head, Model, head_named
from derive.model.network import Network
from derive.reading.statements import Claim

_DIGITS = 60
#: The points that are tried, and those that are enough where nothing has a kink.
_POINTS = 16
_SMOOTH_POINTS = 4
_TRIES = 300
_MOST_UNITS = 12
_FUNCTIONS = {
    "exp": mpmath.exp,
    "log": mpmath.log,
    "tanh": mpmath.tanh,
    "erf": mpmath.erf,
    "sign": mpmath.sign,
    "Abs": abs,
    "sigmoid": lambda u: 1 / (1 + mpmath.exp(-u)),
    "softplus": lambda u: mpmath.log(1 + mpmath.exp(u)),
    "ReLU": lambda u, *_: max(u, mpmath.mpf(0)),
    "LeakyReLU": lambda u, slope, *_: u if u > 0 else slope * u,
    "Step": lambda u, *_: mpmath.mpf(u > 0),
}


_KINKED = frozenset({"ReLU", "LeakyReLU", "Step", "sign", "Abs"})


class SilentError(Exception):
    """Nothing can be said in numbers."""


class KinkError(Exception):
    """The point is at a kink, where conventions decide."""


@dataclass
class Place:
    """A point: sizes, values of what is given and of free symbols, and moves of single entries."""

    model: Model
    sizes: Mapping[Expr, int]
    given: dict[Quantity, Any]
    symbols: dict[Symbol, Any]
    source: Random
    moved: tuple[tuple[Quantity, Any], ...] = ()
    seen: dict[Quantity, Any] = field(default_factory=dict)
    slopes: dict[tuple[Basic, ...], Any] = field(default_factory=dict)
    beside: dict[tuple[Quantity, Any], Place] = field(default_factory=dict)

    def number(self, part: Basic, letters: Mapping[Basic, Basic]) -> Any:
        """The value of an expression whose index letters are bound.

        Raises:
            SilentError: for what this oracle does not know.
        """
        match part:
            case Number():
                return mpmath.mpf(part.p) / part.q if part.is_Rational else mpmath.mpf(str(part))
            case Quantity():
                return self.entry(part.xreplace(dict(letters)))
            case Partial():
                return self.slope(part, letters)
            case Sum():
                return self.total(part, letters)
            case KroneckerDelta():
                left, right = (one.xreplace(dict(letters)) for one in part.args)
                return mpmath.mpf(left == right)
            case Add():
                return mpmath.fsum(self.number(one, letters) for one in part.args)
            case Mul():
                return mpmath.fprod(self.number(one, letters) for one in part.args)
            case Pow():
                base = self.number(part.base, letters)
                return mpmath.power(base, self.number(part.exp, letters))
            case Piecewise():
                for value, where in part.args:
                    if self.holds(where, letters):
                        return self.number(value, letters)
                raise SilentError
            case Symbol():
                return self.symbol(part, letters)
            case _:
                return self.function(part, letters)

    def symbol(self, part: Symbol, letters: Mapping[Basic, Basic]) -> Any:
        """A size, a unit, or a number that is free."""
        if part in letters:
            return mpmath.mpf(int(letters[part]))
        if part in self.sizes:
            return mpmath.mpf(self.sizes[part])
        if part not in self.symbols:
            self.symbols[part] = mpmath.mpf(self.source.randint(11, 97)) / 53
        return self.symbols[part]

    def function(self, part: Basic, letters: Mapping[Basic, Basic]) -> Any:
        """A known function of its arguments."""
        if type(part).__name__ not in _FUNCTIONS:
            raise SilentError(type(part).__name__)
        arguments = [self.number(one, letters) for one in part.args]
        if any(isinstance(one, mpmath.mpc) for one in arguments):
            raise SilentError
        if type(part).__name__ in _KINKED and abs(arguments[0]) < mpmath.mpf(10) ** -8:
            raise KinkError
        return _FUNCTIONS[type(part).__name__](*arguments)

    def total(self, part: Sum, letters: Mapping[Basic, Basic]) -> Any:
        """A sum, written out."""
        (bound, low, top), *outer = part.limits
        body = Sum(part.function, *outer) if outer else part.function
        units = range(int(self.number(low, letters)), int(self.number(top, letters)) + 1)
        return mpmath.fsum(self.number(body, {**letters, bound: S(u)}) for u in units)

    def entry(self, entry: Basic) -> Any:
        """The value of an entry: given, or computed from its definition."""
        if entry not in self.seen:
            assert isinstance(entry, Quantity)
            value = self.model.definition(entry) if self.model.defines(entry) else None
            found = self.given_value(entry) if value is None else self.number(value, {})
            for moved, step in self.moved:
                found += step if moved == entry else 0
            self.seen[entry] = found
        return self.seen[entry]

    def given_value(self, entry: Quantity) -> Any:
        """The value of an entry that has no definition, where it has moved to along t."""
        if entry not in self.given:
            if entry == self.model.C or not self.model.has(entry):
                raise SilentError("a cost that is not known")
            self.draw(entry)
        along = self.model.moving(entry)
        steps = sum(step for moved, step in self.moved if is_step(moved))
        away = steps * self.number(along, {}) if steps and along != 0 else 0
        return self.given[entry] + away

    def draw(self, entry: Quantity) -> None:
        """Draw what is given: t is 0, constants are positive, and shares sum to 1."""
        model, head = self.model, entry.args[:2]
        if (place := _shares(model).get(head)) is not None:
            size = model.width(model.axes(entry)[place])
            others = [
                entry.at(*(S(unit) if n == place else i for n, i in enumerate(entry.indices)))
                for unit in range(1, int(self.sizes.get(size, size)) + 1)
            ]
            parts = [self.source.randint(1, 97) for _ in others]
            self.given |= {
                o: mpmath.mpf(p) / sum(parts) for o, p in zip(others, parts, strict=True)
            }
            return
        drawn = 0 if is_step(entry) else self.source.randint(-97, 97) or 1
        self.given[entry] = mpmath.mpf(abs(drawn) if model.role(head) == "constant" else drawn) / 61

    def slope(self, part: Partial, letters: Mapping[Basic, Basic]) -> Any:
        """A derivative, as a central difference when one entry is moved with all behind it."""
        free = sorted((one for one in free_indices(part) if one in letters), key=str)
        known = (part, *(letters[one] for one in free))
        if known not in self.slopes:
            by = part.wrt.xreplace(dict(letters))
            if not isinstance(by, Quantity) or any(isinstance(i, Symbol) for i in by.indices):
                raise SilentError
            step = mpmath.mpf(10) ** (-10 if self.moved else -16)
            ends = [self.moved_by(by, sign * step).number(part.of, letters) for sign in (1, -1)]
            self.slopes[known] = (ends[0] - ends[1]) / (2 * step)
        return self.slopes[known]

    def moved_by(self, entry: Quantity, step: Any) -> Place:
        """The same point with one entry more that has moved."""
        if (entry, step) not in self.beside:
            moved = (*self.moved, (entry, step))
            known = (self.model, self.sizes, self.given, self.symbols, self.source)
            self.beside[entry, step] = Place(*known, moved)
        return self.beside[entry, step]

    def holds(self, where: Basic, letters: Mapping[Basic, Basic]) -> bool:
        """Whether a condition is true at the point."""
        match where:
            case BooleanTrue() | BooleanFalse():
                return where == S.true
            case And():
                return all(self.holds(one, letters) for one in where.args)
            case Or():
                return any(self.holds(one, letters) for one in where.args)
            case Not():
                return not self.holds(where.args[0], letters)
            case Relational():
                sides = [one.xreplace(dict(letters)) for one in where.args]
                if all(one.is_Integer for one in sides):
                    return bool(where.func(*sides))
                left, right = (self.number(one, letters) for one in where.args)
                order = {">": left > right, "<": left < right, ">=": left >= right}
                order |= {"<=": left <= right, "==": left == right, "!=": left != right}
                return order[where.rel_op]
            case _:
                raise SilentError


def _shares(model: Model) -> Mapping[Head, int]:
    """What sums to 1, and over which of its indices."""
    if isinstance(model, Network):
        softmax = not model.layers[-1].activation.kind.elementwise
        return {head_named("y", model.last): 0} if model.has_distributions and softmax else {}
    return rows_of_sum_one(model)


def is_true(model: Model, claim: Claim) -> bool | None:
    """Whether an equation holds at the points that are tried; None where nothing can be said."""
    with mpmath.workdps(_DIGITS):
        try:
            return _tried(model, claim)
        except (SilentError, ZeroDivisionError, ValueError, TypeError, KeyError, AttributeError):
            return None


def _tried(model: Model, claim: Claim) -> bool | None:
    sizes = _sizes(model)
    letters = sorted(free_indices(claim.left) | free_indices(claim.right), key=str)
    ranges = [range(1, _range_of(model, claim, letter, sizes) + 1) for letter in letters]
    most = _POINTS if model.kinked else _SMOOTH_POINTS
    met: set[int] = set()
    for seed in range(_TRIES):
        place = Place(model, sizes, {}, {}, Random(seed))
        for units in product(*ranges):
            bound = dict(zip(letters, map(S, units), strict=True))
            try:
                if not place.holds(claim.where, bound):
                    continue
                left, right = (place.number(side, bound) for side in (claim.left, claim.right))
            except KinkError:
                continue
            met.add(seed)
            scale = 1 + abs(left) + abs(right)
            if abs(left - right) > scale * mpmath.mpf(10) ** -9:
                return False
        if len(met) >= most:
            break
    return True if met else None


def _sizes(model: Model) -> dict[Expr, int]:
    """2 or 3 for each size that is a symbol."""
    return {size: 2 + n % 2 for n, size in enumerate(sorted(model.sizes, key=str))}


def _range_of(model: Model, claim: Claim, letter: Basic, sizes: Mapping[Expr, int]) -> int:
    """How many units a free letter counts, by what it, or what equals it in a delta, stands at."""
    sides = (claim.left, claim.right)
    deltas = [delta.args for side in sides for delta in side.atoms(KroneckerDelta)]
    same = {letter, *(one for pair in deltas if letter in pair for one in pair)}
    counts: set[int] = set()
    for one in (q for side in sides for q in side.atoms(Quantity)):
        for unit, size in zip(one.indices, model.axes(one), strict=True):
            if unit in same:
                width = model.width(size)
                counts.add(int(sizes.get(width, 0) or width))
    if len(counts) != 1 or max(counts) > _MOST_UNITS:
        raise SilentError
    return counts.pop()
