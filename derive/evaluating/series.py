"""The cost along a direction as a power series: slope and curvature by another route.

Along p + t v, for parameters p and a direction v, the cost is c0 + c1 t + c2 t^2 + ... .
Here that series is computed by running the network itself on truncated power series:
sums, products, quotients, exp and log of series, and no rule of differentiation.  Where
the cost is smooth, c1 = <gradient, v> and 2 c2 = v' H v with H the Hessian.  Away from kinks
a ReLU network is such a polynomial in t on each region.

Numbers stay exact rationals until an exp or log makes them decimals of `DIGITS` digits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache, reduce
from math import isqrt
from operator import add, mul
from typing import Any

from mpmath.ctx_mp import MPContext
from mpmath.libmp import to_str
from sympy import (
    Abs,
    Add,
    Dummy,
    Expr,
    Float,
    Integer,
    Mul,
    Pow,
    Rational,
    S,
    cos,
    erf,
    exp,
    log,
    sin,
    tanh,
)

from derive.algebra.arguments import exactly
from derive.algebra.functions import LeakyReLU, ReLU, Step, sigmoid, softplus
from derive.errors import DeriveError
from derive.model.activations import Activation
from derive.model.costs import Cost
from derive.model.network import Network

DIGITS = 60
#: Digits that decimals must share; a decimal with so many zeros is taken for a kink.
AGREEING = 25

#: A Fraction or a decimal of mpmath.
Coefficient = Any
Point = Mapping[str, Any]


class KinkError(DeriveError):
    """The point is at a kink of an activation or of the cost: there is no power series."""


@dataclass(frozen=True)
class Series:
    """c0 + c1 t + c2 t^2, without what follows.

    Only sums and products of coefficients are taken, for mpmath subtracts no Fraction.
    """

    c0: Coefficient
    c1: Coefficient = Fraction(0)
    c2: Coefficient = Fraction(0)

    def __add__(self, other: Series) -> Series:
        return Series(self.c0 + other.c0, self.c1 + other.c1, self.c2 + other.c2)

    def __sub__(self, other: Series) -> Series:
        return self + Series(Fraction(-1)) * other

    def __mul__(self, other: Series) -> Series:
        return Series(
            self.c0 * other.c0,
            self.c0 * other.c1 + self.c1 * other.c0,
            self.c0 * other.c2 + self.c1 * other.c1 + self.c2 * other.c0,
        )

    def __truediv__(self, other: Series) -> Series:
        """The q with q * other = self, coefficient by coefficient."""
        share = 1 / other.c0
        q0 = self.c0 * share
        q1 = (self.c1 + -q0 * other.c1) * share
        return Series(q0, q1, (self.c2 + -q0 * other.c2 + -q1 * other.c1) * share)


_r, _y, _z = (Dummy(name, real=True) for name in "ryz")
_ZERO, _ONE, _TWO = (Series(Fraction(number)) for number in range(3))


def _exp(a: Series) -> Series:
    """exp(a0 + u) = exp(a0) (1 + u + u^2 / 2), exact for a0 = 0."""
    u = Series(Fraction(0), a.c1, a.c2)
    power = _decimals().exp(a.c0) if a.c0 else Fraction(1)
    return Series(power) * (_ONE + u + u * u / Series(Fraction(2)))


def _log(a: Series) -> Series:
    """log(a0 + u) = log(a0) + u / a0 - u^2 / (2 a0^2), exact for a0 = 1."""
    u = Series(Fraction(0), a.c1, a.c2) / Series(a.c0)
    logarithm = _decimals().log(a.c0) if a.c0 != 1 else Fraction(0)
    return Series(logarithm) + u - u * u / Series(Fraction(2))


def _sqrt(a: Series) -> Series:
    """sqrt(a0 + u) = sqrt(a0) (1 + u / (2 a0) - u^2 / (8 a0^2)), exact where a0 is a square."""
    u = Series(Fraction(0), a.c1, a.c2) / Series(a.c0)
    root = _decimals().sqrt(a.c0)
    if isinstance(a.c0, Fraction):
        whole = Fraction(isqrt(a.c0.numerator), isqrt(a.c0.denominator))
        root = whole if whole**2 == a.c0 else root
    return Series(root) * (_ONE + u / Series(Fraction(2)) - u * u / Series(Fraction(8)))


def _erf(a: Series) -> Series:
    """erf(a0 + u) = erf(a0) + 2/sqrt(pi) exp(-a0^2) (u - a0 u^2)."""
    u = Series(Fraction(0), a.c1, a.c2)
    context = _decimals()
    slope = 2 / context.sqrt(context.pi) * context.exp(-(a.c0**2))
    return Series(context.erf(a.c0)) + Series(slope) * (u - Series(a.c0) * u * u)


def _sin(a: Series) -> Series:
    """sin(a0 + u) = sin(a0) (1 - u^2/2) + cos(a0) u."""
    return _turned(a, _decimals().sin(a.c0), _decimals().cos(a.c0))


def _cos(a: Series) -> Series:
    """cos(a0 + u) = cos(a0) (1 - u^2/2) - sin(a0) u."""
    return _turned(a, _decimals().cos(a.c0), -_decimals().sin(a.c0))


def _turned(a: Series, value: Any, slope: Any) -> Series:
    u = Series(Fraction(0), a.c1, a.c2)
    return Series(value) * (_ONE - u * u / Series(Fraction(2))) + Series(slope) * u


@cache
def _decimals() -> Any:
    """mpmath at `DIGITS` digits, apart from the one that everybody may set."""
    context: Any = MPContext()
    context.dps = DIGITS
    return context


# -- the network on series -----------------------------------------------------------------


def _pieces(z: Series, slope: Fraction) -> Series:
    """t for t > 0 and slope t for t < 0, at z0 != 0 where it is one of both near t = 0."""
    if abs(z.c0) * 10**AGREEING <= 1:
        raise KinkError(
            "a pre-activation is 0, or what the cost has a kink in: there is no power series here"
        )
    return z if z.c0 > 0 else Series(slope) * z


def _tanh(z: Series) -> Series:
    power = _exp(z + z)
    return (power - _ONE) / (power + _ONE)


def _elu(z: Series, alpha: Fraction) -> Series:
    above = _pieces(z, Fraction(0))
    return above if z.c0 > 0 else Series(alpha) * (_exp(z) - _ONE)


#: One pre-activation to one output, with the slope of leaky ReLU or ELU.
_ACTIVATIONS: dict[str, Callable[[Series, Fraction], Series]] = {
    "relu": lambda z, _: _pieces(z, Fraction(0)),
    "leaky_relu": _pieces,
    "identity": lambda z, _: z,
    "sigmoid": lambda z, _: _ONE / (_ONE + _exp(_ZERO - z)),
    "tanh": lambda z, _: _tanh(z),
    "softplus": lambda z, _: _log(_ONE + _exp(z)),
    "silu": lambda z, _: z / (_ONE + _exp(_ZERO - z)),
    "gelu": lambda z, _: z * (_ONE + _erf(z / _sqrt(Series(Fraction(2))))) / Series(Fraction(2)),
    "elu": _elu,
}


def _value(formula: Expr, at: Mapping[Expr, Series]) -> Series:
    """A formula on series, by its parts; for activations and costs that are not above."""
    if formula in at:
        return at[formula]
    if isinstance(formula, Rational):
        return Series(Fraction(int(formula.p), int(formula.q)))
    parts = [_value(argument, at) for argument in formula.args]
    match formula:
        case Add():
            return reduce(add, parts)
        case Mul():
            return reduce(mul, parts)
        case Pow() if isinstance(formula.exp, Integer):
            power = reduce(mul, [parts[0]] * abs(int(formula.exp)))
            return power if formula.exp > 0 else _ONE / power
        case Pow() if formula.exp == S.Half:
            return _sqrt(parts[0])
        case Pow() if formula.exp.q == 2:
            return _value(Pow(formula.base, 2 * formula.exp), {formula.base: _sqrt(parts[0])})
        case S.Pi:
            return Series(+_decimals().pi)
        case Step() | ReLU() | LeakyReLU() | Abs():
            return _by_sign(formula, parts)
        case _ if type(formula) in _FUNCTIONS:
            return _FUNCTIONS[type(formula)](parts[0])
        case _:
            raise DeriveError(f"a power series of {formula} is not known")


def _by_sign(formula: Expr, parts: list[Series]) -> Series:
    """A function of two pieces, at an argument that is not 0."""
    z = parts[0]
    above = _pieces(z, Fraction(0)) is z
    match formula:
        case Step():
            return _ONE if above else _ZERO
        case ReLU():
            return z if above else _ZERO
        case LeakyReLU():
            return z if above else parts[1] * z
        case _:
            return z if above else _ZERO - z


_FUNCTIONS: dict[type, Callable[[Series], Series]] = {
    exp: _exp,
    log: _log,
    tanh: _tanh,
    erf: _erf,
    sin: _sin,
    cos: _cos,
    sigmoid: lambda z: _ONE / (_ONE + _exp(_ZERO - z)),
    softplus: lambda z: _log(_ONE + _exp(z)),
}


#: What one output contributes to the cost, given the threshold.
_Term = Callable[[Series, Series, Fraction], Series]


def _square(r: Series, y: Series, _threshold: Fraction) -> Series:
    return (r - y) * (r - y)


def _cross(r: Series, y: Series, _threshold: Fraction) -> Series:
    return _ZERO - y * _log(r)


def _binary(r: Series, y: Series, _threshold: Fraction) -> Series:
    return _ZERO - y * _log(r) - (_ONE - y) * _log(_ONE - r)


def _absolute(r: Series, y: Series, _threshold: Fraction) -> Series:
    return _pieces(y - r, Fraction(-1))


def _huber(r: Series, y: Series, threshold: Fraction) -> Series:
    """u^2 / 2 for |u| < d, and d (|u| - d / 2) beyond."""
    u, d = y - r, Series(threshold)
    for beyond in (u - d, _ZERO - u - d):
        if _pieces(beyond, Fraction(0)).c0 > 0:
            return d * (beyond + d / _TWO)
    return u * u / _TWO


#: What one output contributes to the cost, and the factor of all n together.
_COSTS: dict[str, tuple[_Term, Callable[[int], Fraction]]] = {
    "half_squared_error": (_square, lambda n: Fraction(1, 2)),
    "mean_squared_error": (_square, lambda n: Fraction(1, n)),
    "squared_error": (_square, lambda n: Fraction(1)),
    "half_mean_squared_error": (_square, lambda n: Fraction(1, 2 * n)),
    "absolute_error": (_absolute, lambda n: Fraction(1)),
    "huber": (_huber, lambda n: Fraction(1)),
    "cross_entropy": (_cross, lambda n: Fraction(1)),
    "binary_cross_entropy": (_binary, lambda n: Fraction(1)),
}


def _from_formulas(cost: Cost) -> tuple[_Term, Callable[[int], Fraction]]:
    """The same from the formulas of a cost."""
    formula = cost.term(_r, _y, S.Zero)

    def scale(n: int) -> Fraction:
        (factor,) = _numbers(cost.scale(Integer(n)))
        return factor

    return lambda r, y, _threshold: _value(formula, {_r: r, _y: y}), scale


def directional_series(
    network: Network, point: Point, direction: Mapping[str, Any]
) -> tuple[Expr, Expr, Expr]:
    """(c0, c1, c2) of the cost at the parameters of `point` plus t times `direction`.

    `point` is like `Network.point`.  `direction` has parameter groups (W0, b0, ...) of the
    same shapes; groups that it leaves out stay fixed.  Rational, or decimals of `DIGITS`
    digits (not all certain, where much cancels) where exp or log comes in.

    Raises:
        KinkError: when a pre-activation is 0 where its activation has a kink.
    """
    assert network.cost is not None
    term, scale = _COSTS.get(network.cost.name) or _from_formulas(network.cost)
    (threshold,) = _numbers(network.cost.threshold)
    samples = _samples(point)
    factor = scale(int(network.width(network.last)))
    if network.reduction == "mean":
        factor /= len(samples)
    total = _ZERO
    for sample in samples:
        *_, (_, r) = _forward(network, point, sample, direction)
        targets = map(Series, _numbers(sample["y"]))
        total = sum((term(a, y, threshold) for a, y in zip(r, targets, strict=True)), total)
    cost = Series(factor) * total
    return _written(cost.c0), _written(cost.c1), _written(cost.c2)


def sides_of_kinks(network: Network, point: Point) -> tuple[bool, ...]:
    """Which units have a positive pre-activation, and on which side of its kinks the cost is.

    Raises:
        KinkError: when the point is at a kink of an activation or of the cost.
    """
    layers = list(_forward(network, point, point, {}))
    units = [entry for z, _ in layers for entry in z]
    if network.cost is not None:
        for r, y in zip(layers[-1][1], map(Series, _numbers(point["y"])), strict=True):
            gaps = (_value(gap, {_r: r, _y: y}) for gap in network.cost.kinks(_r, _y))
            units += [_pieces(gap, Fraction(1)) for gap in gaps]
    return tuple(entry.c0 > 0 for entry in units)


def _samples(point: Point) -> Sequence[Point]:
    return point.get("samples", (point,))


def _forward(
    network: Network, point: Point, sample: Point, direction: Mapping[str, Any]
) -> Iterator[tuple[list[Series], list[Series]]]:
    """z and r of each layer in turn."""
    r = [Series(x) for x in _numbers(sample["x"])]
    for k, layer in enumerate(network.layers):
        weights = _moved(point, direction, f"W{k}")
        units = len(weights) // len(r)
        columns = (weights[j::units] for j in range(units))
        z = [sum(map(mul, column, r), _ZERO) for column in columns]
        if layer.bias:
            z = list(map(add, z, _moved(point, direction, f"b{k}")))
        r = _outputs(layer.activation, z)
        yield z, r


def _outputs(activation: Activation, z: list[Series]) -> list[Series]:
    if activation.name == "softmax":
        powers = [_exp(entry) for entry in z]
        total = sum(powers, _ZERO)
        return [power / total for power in powers]
    known = _ACTIVATIONS.get(activation.name)
    if activation.formula is not None or known is None:
        formula = activation(_z, S.Zero)
        return [_value(formula, {_z: entry}) for entry in z]
    (slope,) = _numbers(activation.slope)
    return [known(entry, slope) for entry in z]


def _moved(point: Point, direction: Mapping[str, Any], name: str) -> list[Series]:
    """p + t v for the entries of a parameter group, row by row."""
    start = _numbers(point[name])
    by = _numbers(direction[name]) if name in direction else [Fraction(0)] * len(start)
    return [Series(p, v) for p, v in zip(start, by, strict=True)]


def _numbers(value: Any) -> list[Fraction]:
    """The numbers of a vector or matrix, row by row."""
    if isinstance(value, tuple | list):
        return [number for entry in value for number in _numbers(entry)]
    number = exactly(value, "a number of the point")
    if not isinstance(number, Rational):
        raise DeriveError(f"a power series needs exact numbers, not {value}")
    return [Fraction(int(number.p), int(number.q))]


def _written(value: Coefficient) -> Expr:
    if isinstance(value, Fraction):
        return Rational(value.numerator, value.denominator)
    return Float(to_str(value._mpf_, DIGITS), DIGITS)
