"""The value of an expression at one point of a network, in floating point.

Quantities follow from the definitions of the network; derivatives are taken forward, with
numbers that carry them (`jets`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Set
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import product as cartesian
from random import Random
from typing import Any

from sympy import (
    Abs,
    Add,
    And,
    Basic,
    Derivative,
    Expr,
    Heaviside,
    Integer,
    KroneckerDelta,
    Max,
    Min,
    Mul,
    Or,
    Piecewise,
    Pow,
    S,
    Sum,
    Symbol,
    cos,
    erf,
    exp,
    log,
    sign,
    sin,
    tanh,
)
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanAtom

from derive.algebra.functions import LeakyReLU, ReLU, Step, sigmoid, softplus
from derive.algebra.indices import free_indices
from derive.algebra.quantities import Fixed, Partial, Quantity
from derive.checking.sampling import jets
from derive.checking.sampling.jets import Number, value_of
from derive.model.instances import IllTypedError, axis_of, layers_of
from derive.model.model import Model
from derive.model.network import Network

#: Relative difference of two values that are taken for equal.
_TOLERANCE = 1e-8
#: Larger sums are not worked out.
_MOST_TERMS = 20_000
#: So many sets of values, each with something moving, are kept of a point.
_MOST_KEPT = 300

#: What moves, along e_1, e_2, ... in turn.
Seeds = tuple[Quantity, ...]

Units = Mapping[Symbol, int]


class NoValueError(ValueError):
    """An expression has no value at a point, or none that is quickly found."""


@dataclass
class Point:
    """Values of all that a network is given; everything else is computed when asked for.

    `symbols` are the values of plain symbols: slopes, Step(0), a document's own variables.
    The values that were computed are kept, which is all that ever changes here.
    """

    network: Model
    widths: Mapping[Expr, int]
    given: Mapping[Quantity, float]
    symbols: dict[Symbol, float] = field(default_factory=dict)
    known: dict[Any, Number] = field(default_factory=dict, init=False)
    moving: dict[Seeds, dict[Any, Number]] = field(default_factory=dict, init=False)

    def value(self, expression: Basic, units: Units | None = None) -> float:
        """The value of an expression with its free indices at some units.

        Raises:
            NoValueError: where it has none.
        """
        try:
            return value_of(_At(self, (), self.known).number(expression, units or {}))
        except (IllTypedError, ArithmeticError, ValueError, TypeError, RecursionError) as error:
            raise NoValueError(str(error)) from None

    def holds(self, condition: Basic, units: Units) -> bool:
        """Whether a condition holds here, for every unit that a letter without one may mean.

        A condition that cannot be evaluated does not hold.
        """
        if condition == S.true:
            return True
        loose = free_indices(condition) - set(units)
        if loose:
            return all(
                self.holds(condition, {**units, **more}) for more in self._all(loose, condition)
            )
        match condition:
            case BooleanAtom():
                return bool(condition)
            case And():
                return all(self.holds(part, units) for part in condition.args)
            case Or():
                return any(self.holds(part, units) for part in condition.args)
            case Relational():
                try:
                    left, right = (self.value(side, units) for side in condition.args)
                except NoValueError:
                    return False
                return _COMPARED[condition.rel_op](left, right)
            case _:
                return False

    def _all(self, letters: Set[Symbol], condition: Basic) -> Iterator[Units]:
        """All units that some letters of a condition can mean."""
        ordered = sorted(letters, key=str)
        try:
            layers = [layers_of(self.network, letter, condition)[0] for letter in ordered]
        except IllTypedError:
            layers = []
        for chosen in cartesian(*(range(1, self.widths[layer] + 1) for layer in layers)):
            yield dict(zip(ordered, chosen, strict=False))

    def symbol(self, symbol: Symbol) -> float:
        """A number for a plain symbol, the same whenever it is asked for."""
        if symbol not in self.symbols:
            source = Random(f"{symbol.name} {sorted(self.given.values())[:2]}")
            positive = source.uniform(0.3, 2.0)
            sure = symbol.is_positive or all(value > 0 for value in self.given.values())
            self.symbols[symbol] = positive if sure else positive * source.choice((1, -1))
        return self.symbols[symbol]


_COMPARED: dict[str, Callable[[float, float], bool]] = {
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
    "==": lambda a, b: same(a, b),
    "!=": lambda a, b: not same(a, b),
}


def same(left: float, right: float) -> bool:
    """Whether two values agree up to rounding."""
    return abs(left - right) <= _TOLERANCE * (1.0 + abs(left) + abs(right))


@dataclass(frozen=True)
class _At:
    """Evaluation at a point with some quantities seeded: moving along e_1, e_2, ..."""

    point: Point
    seeds: Seeds
    known: dict[Any, Number]

    def number(self, node: Any, units: Units) -> Number:
        match node:
            case Quantity():
                return self._quantity(_placed(node, units))
            case Add():
                total: Number = 0.0
                for term in node.args:
                    total = jets.plus(total, self.number(term, units))
                return total
            case Mul():
                result: Number = 1.0
                for factor in node.args:
                    result = jets.times(result, self.number(factor, units))
                return result
            case exp():
                return jets.exponential(self.number(node.args[0], units))
            case Pow():
                exponent = value_of(self.number(node.exp, units))
                return jets.power(self.number(node.base, units), exponent)
            case Symbol():
                return float(units[node]) if node in units else self.point.symbol(node)
            case _ if node.is_number:
                return float(node)
            case Partial():
                return self._partial(node, units)
            case Sum():
                return self._sum(node, units)
            case KroneckerDelta():
                first, second = (value_of(self.number(a, units)) for a in node.args)
                return 1.0 if first == second else 0.0
            case Piecewise():
                for value, condition in node.args:  # pyright: ignore[reportGeneralTypeIssues]
                    if self.point.holds(condition, units):
                        return self.number(value, units)
                raise NoValueError("no case applies")
            case Derivative():
                return self.number(node.doit(), units)
            case _:
                return self._function(node, units)

    def _function(self, node: Any, units: Units) -> Number:
        arguments = [self.number(argument, units) for argument in node.args]
        z = arguments[0]
        x = value_of(z)
        match node:
            case ReLU():
                return jets.times(_step(x, value_of(arguments[1])), z)
            case Step():
                return _step(x, value_of(arguments[1]))
            case Heaviside():
                return _step(x, value_of(arguments[1]))
            case LeakyReLU():
                a, s = value_of(arguments[1]), _step(x, value_of(arguments[2]))
                return jets.times(a + (1 - a) * s, z)
            case sigmoid():
                s = 1 / (1 + math.exp(-x))
                return jets.taylor(z, s, s * (1 - s), s * (1 - s) * (1 - 2 * s))
            case softplus():
                s = 1 / (1 + math.exp(-x))
                return jets.taylor(z, math.log1p(math.exp(x)), s, s * (1 - s))
            case tanh():
                return jets.hyperbolic_tangent(z)
            case erf():
                return jets.error_function(z)
            case sin():
                return jets.sine(z)
            case cos():
                return jets.cosine(z)
            case Fixed():
                return x
            case log():
                return jets.logarithm(z)
            case Max():
                return max(arguments, key=value_of)
            case Min():
                return min(arguments, key=value_of)
            case Abs():
                return z if x > 0 else jets.times(-1.0, z)
            case sign():
                return float((x > 0) - (x < 0))
            case _:
                raise NoValueError(f"{node} has no value")

    def _quantity(self, entry: Quantity) -> Number:
        if entry in self.known:
            return self.known[entry]
        if self.seeds and not self._moves(entry):
            return _At(self.point, (), self.point.known)._quantity(entry)
        if entry in self.point.given:
            value: Number = self.point.given[entry]
        elif unspecified := self.point.network.opaque(entry.args[:2]):
            value = self._unspecified(Quantity(*unspecified[0]))
        else:
            value = self.number(_definition(self.point.network, entry), {})
        for seed, moved in enumerate(self.seeds, start=1):
            if moved == entry:
                value = jets.seeded(value, seed)
        self.known[entry] = value
        return value

    def _unspecified(self, output: Quantity) -> Number:
        """An unspecified cost is taken to be linear in the output."""
        network, widths = self.point.network, self.point.widths
        total: Number = 0.0
        axes = network.axes(output)
        for units in cartesian(*(range(1, widths[axis] + 1) for axis in axes)):
            entry = output.at(*map(Integer, units))
            slope = self.point.given[slope_of(network, entry)]
            total = jets.plus(total, jets.times(slope, self._quantity(entry)))
        return total

    def _moves(self, entry: Quantity) -> bool:
        """Whether an entry may be computed from what is seeded."""
        rank = self.point.network.rank
        return entry in self.seeds or rank(entry) > min(map(rank, self.seeds))

    def _partial(self, node: Partial, units: Units) -> Number:
        """The coefficient of a new e_n with `wrt` moving along it."""
        wrt = _placed(node.wrt, units)
        key = None
        if not self.seeds and isinstance(node.of, Quantity):
            key = Partial(_placed(node.of, units), wrt)
            if key in self.known:
                return self.known[key]
        seed = len(self.seeds) + 1
        if seed > 2:
            raise NoValueError("only first and second derivatives are sampled")
        seeds = (*self.seeds, wrt)
        if len(self.point.moving) > _MOST_KEPT:
            self.point.moving.clear()
        known = self.point.moving.setdefault(seeds, {})
        value = jets.without(_At(self.point, seeds, known).number(node.of, units), seed)
        if key is not None:
            self.known[key] = value
        return value

    def _sum(self, node: Sum, units: Units) -> Number:
        bound = [limit[0] for limit in node.limits]
        network, widths = self.point.network, self.point.widths
        ranges = [range(1, widths[axis_of(network, b, node.function)] + 1) for b in bound]
        if math.prod(map(len, ranges)) > _MOST_TERMS:
            raise NoValueError("the sum is too large")
        total: Number = 0.0
        for chosen in cartesian(*ranges):
            inner = {**units, **dict(zip(bound, chosen, strict=True))}
            total = jets.plus(total, self.number(node.function, inner))
        return total


def _step(x: float, at_zero: float) -> float:
    return 1.0 if x > 0 else 0.0 if x < 0 else at_zero


def _placed(entry: Quantity, units: Units) -> Quantity:
    """The entry with numbers for its indices."""
    if not any(isinstance(index, Symbol) for index in entry.indices):
        return entry
    return entry.at(*(Integer(units[i]) if i in units else i for i in entry.indices))


@lru_cache(maxsize=20_000)
def _definition(network: Model, entry: Quantity) -> Expr:
    """What an entry is computed from."""
    definition = network.definition(entry)
    if definition is None:
        raise NoValueError(f"{entry} is not given")
    return definition


def slope_of(network: Model, output: Quantity) -> Quantity:
    """dC/dr of an unspecified cost; a network stores it as the target, which it does not use."""
    return Quantity("y" if isinstance(network, Network) else "slope", *output.args[1:])
