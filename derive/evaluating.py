"""Values and gradient of a network at a point, exact wherever they can be.

The forward pass z^(k+1)_j = sum_i W^(k)_ij r^(k)_i + b^(k)_j, r^(k)_j = phi(z^(k)_j), then
the recursion from the output back,

    delta^(L)_j = phi'(z^(L)_j) dC/dr^(L)_j,    dC/dW^(k)_ij = r^(k)_i delta^(k+1)_j,
    delta^(k)_i = phi'(z^(k)_i) sum_j W^(k)_ij delta^(k+1)_j,    dC/db^(k)_j = delta^(k+1)_j,

on numbers (`Number`), not on expressions.  phi' and the derivative of the cost are SymPy's,
taken once a layer; at a kink they follow the network's convention for Step(0).

Rational numbers stay rational, and symbolic slopes and Step(0) stay symbols.  What exp and
log make is enclosed in intervals, which are narrowed until 30 digits are certain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, reduce
from itertools import chain
from operator import add, mul
from typing import Any, TypeVar

from mpmath.ctx_iv import MPIntervalContext
from mpmath.libmp import to_str
from sympy import (
    Add,
    Dummy,
    Expr,
    Float,
    Integer,
    Mul,
    Piecewise,
    Pow,
    Rational,
    S,
    Symbol,
    exp,
    factor,
    log,
)

from derive.activations import Activation
from derive.errors import DeriveError
from derive.literals import FloatText, exact, shown
from derive.network import Network

DIGITS = 30
#: Digits to compute with, one after the other until `DIGITS` of every result are certain.
_PRECISIONS = (50, 150, 600, 2400)
#: A result within 10^-_NOTHING of 0 whose sign is still open is taken for 0.
_NOTHING = 2000
#: Python writes no integer of more than 4300 digits.
_MOST_BITS = 14_000

#: What stands in formulas for the pre-activation, for the output and for the target.
_z, _r, _y = (Dummy(name, real=True) for name in "zry")

T = TypeVar("T")
Vector = tuple[T, ...]
Layers = tuple[Vector[T], ...]


@dataclass(frozen=True)
class Evaluation:
    """What `evaluate` found, as SymPy numbers (and polynomials in symbolic slopes and Step(0)).

    Attributes:
        C: the cost, of all samples together.
        z: for each sample, z^(1), ..., z^(L); so z[s][k - 1] is z^(k).
        r: for each sample, r^(0), ..., r^(L); so r[s][k] is r^(k), and r[s][0] is x.
        parameters: the names of all parameters: the entries of W0 row by row, then b0, ...
        gradient: the derivative of C by each of `parameters`; None at order 0.
        kinks: the units whose pre-activation is exactly 0 where the activation has a kink,
            as "z1[0]"; as "samples[0].z1[0]" where there are several samples.
        step_at_zero: the value of Step(0) that the gradient uses at kinks.
    """

    C: Expr
    z: Vector[Layers[Expr]]
    r: Vector[Layers[Expr]]
    parameters: tuple[str, ...]
    gradient: Vector[Expr] | None
    kinks: tuple[str, ...]
    step_at_zero: Expr

    def to_json(self) -> dict[str, Any]:
        """All of it as strings and lists; z and r without the list of samples if there is one.

        `z` has a list for each of the layers 1 to L, `r` for each of the layers 0 to L.
        """
        z, r = (
            [[[in_ascii(entry) for entry in row] for row in layers] for layers in of]
            for of in (self.z, self.r)
        )
        found: dict[str, Any] = {"C": in_ascii(self.C)}
        found |= {"z": z, "r": r} if len(z) > 1 else {"z": z[0], "r": r[0]}
        if self.gradient is not None:
            found["parameters"] = list(self.parameters)
            found["gradient"] = list(map(in_ascii, self.gradient))
        return found | {"kinks": list(self.kinks), "step_at_zero": in_ascii(self.step_at_zero)}


def in_ascii(value: Expr) -> str:
    """A value as text, with Step(0) by the name that a network file gives it."""
    return str(value).replace("h_0", "h0")


def evaluate(
    network: Network, point: Mapping[str, Any] | None = None, order: int = 1
) -> Evaluation:
    """C, the pre-activations and the outputs at a point; at order 1 the gradient of C too.

    `point` is like `Network.point`, and is that of the network when not given: x and y (or
    samples), W0, b0, W1, ..., exact numbers in tuples or lists of the shapes of the
    mathematics (W^(k) is n_k x n_{k+1}).  Costs of several samples are added or averaged.

    Raises:
        DeriveError: when the point or the network lacks a number that this needs.
    """
    if order not in (0, 1):
        raise DeriveError(f"evaluate knows order 0 (values) and order 1 (gradient), not {order}")
    given = _given(network, network.point if point is None else point)
    for digits in _PRECISIONS[:-1]:
        with suppress(_Imprecise):
            return _evaluated(network, given, order, _Arithmetic(digits))
    return _evaluated(network, given, order, _Arithmetic(_PRECISIONS[-1], last=True))


def parameter_names(network: Network) -> tuple[str, ...]:
    """All parameters in order: W0[0,0], W0[0,1], ..., b0[0], ..., W1[0,0], ..."""
    names: list[str] = []
    for kind, source in network.parameter_groups:
        rows, columns = int(network.width(source)), int(network.width(source + 1))
        if kind == "W":
            names += [f"W{source}[{i},{j}]" for i in range(rows) for j in range(columns)]
        else:
            names += [f"b{source}[{j}]" for j in range(columns)]
    return tuple(names)


# -- the point -----------------------------------------------------------------------------


@dataclass(frozen=True)
class _Given:
    """The numbers of a point: (x, y) of each sample, W^(k) by rows, b^(k) or None."""

    samples: Vector[tuple[Vector[Number], Vector[Number]]]
    weights: Vector[Layers[Number]]
    biases: Vector[Vector[Number] | None]


def _given(network: Network, point: Mapping[str, Any] | None) -> _Given:
    if network.cost is None:
        raise DeriveError(f"{network.name} has no cost, so there is nothing to evaluate")
    widths: list[int] = []
    for number in network.layer_numbers:
        if not isinstance(network.width(number), Integer):
            raise DeriveError(
                f"layer {number} has {network.width(number)} units; "
                "only layers of known size can be evaluated"
            )
        widths.append(int(network.width(number)))
    if point is None:
        raise DeriveError(f"{network.name} has no [point]; give one with numbers for x, y, W0, …")
    known = {f"{kind}{source}" for kind, source in network.parameter_groups}
    known |= {"samples"} if "samples" in point else {"x", "y"}
    if extra := sorted(set(point) - known):
        raise DeriveError(f"the point has {shown(extra[0])}, for which this network has no place")
    samples: Sequence[Mapping[str, Any]] = point.get("samples", (point,))
    if not samples:
        raise DeriveError("the point has no samples")
    return _Given(
        tuple((_rows(s, "x", 1, widths[0])[0], _rows(s, "y", 1, widths[-1])[0]) for s in samples),
        tuple(_rows(point, f"W{k}", *widths[k : k + 2]) for k in range(network.depth)),
        tuple(
            _rows(point, f"b{k}", 1, widths[k + 1])[0] if layer.bias else None
            for k, layer in enumerate(network.layers)
        ),
    )


def _rows(point: Mapping[str, Any], name: str, rows: int, columns: int) -> Layers[Number]:
    """The numbers under a name; a single row or column may be flat, one number bare."""
    if name not in point:
        raise DeriveError(f"the point has no {name}")
    lists = (list, tuple)
    value: Any = point[name] if isinstance(point[name], lists) else (point[name],)
    if not any(isinstance(entry, lists) for entry in value):
        value = (value,) if rows == 1 else [(entry,) for entry in value]
    if len(value) != rows or any(
        not isinstance(row, lists) or len(row) != columns for row in value
    ):
        numbers = f"{columns} number{'s' if columns > 1 else ''}"
        shape = numbers if name[0] in "xyb" else f"{rows} row{'s' if rows > 1 else ''} of {numbers}"
        raise DeriveError(f"{name} must be {shape}, which is not what the point gives")
    return tuple(tuple(_number(name, entry) for entry in row) for row in value)


def _number(name: str, value: Any) -> Number:
    """An exact number; a float is read as it prints, so 0.15 is 3/20."""
    if isinstance(value, float):
        value = FloatText(repr(value))
    number = value if isinstance(value, Rational | Fraction) else exact(value)
    if number is None:
        raise DeriveError(f'{name} holds exact numbers such as "3/2" or "0.15", not {shown(value)}')
    return _constant(Fraction(int(number.numerator), int(number.denominator)))


# -- forward and backward ------------------------------------------------------------------


def _evaluated(network: Network, given: _Given, order: int, arithmetic: _Arithmetic) -> Evaluation:
    several = len(given.samples) > 1
    scale = _constant(Fraction(1, len(given.samples) if network.reduction == "mean" else 1))
    costs: list[Number] = []
    gradients: list[list[Number]] = []
    passes: list[tuple[Layers[Number], Layers[Number]]] = []
    kinks: list[str] = []
    for number, (x, y) in enumerate(given.samples):
        z, r = _forward(network, given, x, arithmetic)
        passes.append((z, r))
        kinks += _kinks(network, z, f"samples[{number}]." if several else "", arithmetic)
        costs.append(_cost(network, r[-1], y, arithmetic))
        if order:
            gradients.append(_backward(network, given, z, r, y, arithmetic))
    total = [scale * _sum(column) for column in zip(*gradients, strict=True)]

    def read(layers: Layers[Number]) -> Layers[Expr]:
        return tuple(tuple(map(arithmetic.read, row)) for row in layers)

    return Evaluation(
        C=arithmetic.read(scale * _sum(costs)),
        z=tuple(read(z) for z, _ in passes),
        r=tuple(read(r) for _, r in passes),
        parameters=parameter_names(network),
        gradient=tuple(map(arithmetic.read, total)) if order else None,
        kinks=tuple(kinks),
        step_at_zero=network.step_at_zero,
    )


def _forward(
    network: Network, given: _Given, x: Vector[Number], arithmetic: _Arithmetic
) -> tuple[Layers[Number], Layers[Number]]:
    """z^(1), ..., z^(L) and r^(0), ..., r^(L)."""
    z: list[Vector[Number]] = []
    r = [x]
    for layer, weights, biases in zip(network.layers, given.weights, given.biases, strict=True):
        products = (_dot(r[-1], column) for column in zip(*weights, strict=True))
        z.append(tuple(map(add, products, biases) if biases else products))
        if layer.activation.kind.elementwise:
            phi, _ = _functions(layer.activation, network.step_at_zero)
            r.append(tuple(arithmetic.value(phi, {_z: entry}) for entry in z[-1]))
        else:
            r.append(_softmax(z[-1], arithmetic))
    return tuple(z), tuple(r)


def _softmax(z: Vector[Number], arithmetic: _Arithmetic) -> Vector[Number]:
    """exp(z_j) / sum_m exp(z_m), less z_1 in each exponent: equal pre-activations stay exact."""
    powers = [arithmetic.exp(entry + _constant(-1) * z[0]) for entry in z]
    total = arithmetic.power(_sum(powers), -1)
    return tuple(power * total for power in powers)


def _cost(
    network: Network, r: Vector[Number], y: Vector[Number], arithmetic: _Arithmetic
) -> Number:
    """scale(n) sum_j term(r_j, y_j)."""
    assert network.cost is not None
    term, scale = network.cost.term(_r, _y), network.cost.scale(network.width(network.last))
    terms = (arithmetic.value(term, {_r: a, _y: b}) for a, b in zip(r, y, strict=True))
    return arithmetic.value(scale, {}) * _sum(terms)


def _backward(
    network: Network,
    given: _Given,
    z: Layers[Number],
    r: Layers[Number],
    y: Vector[Number],
    arithmetic: _Arithmetic,
) -> list[Number]:
    """The gradient of one sample's cost, in the order of `parameter_names`."""
    assert network.cost is not None
    scale = network.cost.scale(network.width(network.last))
    slope = scale * network.cost.term(_r, _y).diff(_r)
    error = tuple(arithmetic.value(slope, {_r: a, _y: b}) for a, b in zip(r[-1], y, strict=True))
    groups: list[list[Number]] = []
    for k in reversed(range(network.depth)):
        layer = network.layers[k]
        if layer.activation.kind.elementwise:
            _, slope = _functions(layer.activation, network.step_at_zero)
            slopes = (arithmetic.value(slope, {_z: entry}) for entry in z[k])
            delta = tuple(map(mul, slopes, error))
        else:
            delta = _softmax_error(r[k + 1], error)
        if layer.bias:
            groups.append(list(delta))
        groups.append([source * target for source in r[k] for target in delta])
        error = tuple(_dot(row, delta) for row in given.weights[k])
    return list(chain.from_iterable(reversed(groups)))


def _softmax_error(p: Vector[Number], error: Vector[Number]) -> Vector[Number]:
    """sum_i dC/dr_i dp_i/dz_j = p_j (dC/dr_j - sum_i p_i dC/dr_i)."""
    mean = _constant(-1) * _dot(p, error)
    return tuple(share * (entry + mean) for share, entry in zip(p, error, strict=True))


def _kinks(network: Network, z: Layers[Number], prefix: str, arithmetic: _Arithmetic) -> list[str]:
    return [
        f"{prefix}z{number}[{unit}]"
        for number, (layer, row) in enumerate(zip(network.layers, z, strict=True), start=1)
        for unit, entry in enumerate(row)
        if layer.activation.kind.kinks and arithmetic.sign(entry) == 0
    ]


@lru_cache(maxsize=64)
def _functions(activation: Activation, step_at_zero: Expr) -> tuple[Expr, Expr]:
    """phi(z) and phi'(z) in cases, exp and log; as quotients, which cancel no digits."""
    phi = activation(_z, step_at_zero)
    computable = (factor(of.rewrite(exp)).rewrite(Piecewise) for of in (phi, phi.diff(_z)))
    return next(computable), next(computable)


# -- numbers -------------------------------------------------------------------------------

#: A Fraction, or an interval of mpmath that encloses a number.
Coefficient = Any


@dataclass(frozen=True, slots=True)
class Number:
    """A polynomial in slopes and Step(0): coefficients by product of symbols; no terms is 0."""

    terms: Mapping[Expr, Coefficient]

    def __add__(self, other: Number) -> Number:
        return _sum((self, other))

    def __mul__(self, other: Number) -> Number:
        products = [
            Number({left * right: _combined(mul, a, b)})
            for left, a in self.terms.items()
            for right, b in other.terms.items()
        ]
        return products[0] if len(products) == 1 else _sum(products)


def _combined(operation: Callable[[Any, Any], Any], a: Coefficient, b: Coefficient) -> Coefficient:
    if isinstance(a, Fraction):
        return operation(a if isinstance(b, Fraction) else _enclosed(a, b.ctx), b)
    return operation(a, _enclosed(b, a.ctx))


def _enclosed(number: Coefficient, context: Any) -> Any:
    """The number as an interval."""
    if isinstance(number, Fraction):
        return context.mpf(number.numerator) / context.mpf(number.denominator)
    return number


def _constant(value: Fraction | int) -> Number:
    return Number({S.One: Fraction(value)} if value else {})


def _sum(numbers: Iterable[Number]) -> Number:
    total: dict[Expr, Coefficient] = {}
    for number in numbers:
        for symbols, value in number.terms.items():
            before = total.get(symbols)
            total[symbols] = value if before is None else _combined(add, before, value)
    exact_zeros = [s for s, value in total.items() if isinstance(value, Fraction) and not value]
    for symbols in exact_zeros:
        del total[symbols]
    return Number(total)


def _dot(left: Sequence[Number], right: Sequence[Number]) -> Number:
    return _sum(map(mul, left, right))


class _Imprecise(ArithmeticError):
    """More digits are needed."""


class _Arithmetic:
    """Functions of numbers, to so many digits; `last` when there will be no more."""

    def __init__(self, digits: int, last: bool = False) -> None:
        self._context: Any = MPIntervalContext()
        self._context.dps = digits
        self._last = last

    def value(self, expression: Expr, at: Mapping[Expr, Number]) -> Number:
        """The value of an expression in exp, log, cases and symbols."""
        if expression in at:
            return at[expression]
        if isinstance(expression, Rational):
            return _constant(Fraction(int(expression.p), int(expression.q)))
        if isinstance(expression, Symbol):
            return Number({expression: Fraction(1)})
        if isinstance(expression, Piecewise):  # of an activation, whose kinks are all at z = 0
            sign = {_z: Integer(self.sign(at[_z]))}
            cases = (of for of, where in expression.args if where.xreplace(sign) == S.true)
            return self.value(next(cases), at)
        if isinstance(expression, Mul):
            return self._product(expression, at)
        values = (self.value(argument, at) for argument in expression.args)
        if isinstance(expression, Add):
            return _sum(values)
        if isinstance(expression, Pow):
            return self.power(next(values), int(expression.exp))
        functions = {exp: self.exp, log: self.log}
        return functions[expression.func](next(values))

    def _product(self, product: Mul, at: Mapping[Expr, Number]) -> Number:
        """0 as soon as a factor is, so that 0 log(r) asks for no logarithm."""
        total = _constant(1)
        for part in sorted(product.args, key=lambda factor: factor.has(log) + factor.has(Pow)):
            total = total * self.value(part, at)
            if not total.terms:
                break
        return total

    def sign(self, number: Number) -> int:
        """1, 0 or -1."""
        value = self._alone(number, "the sign of {} depends on {}")
        if isinstance(value, Fraction):
            return (value > 0) - (value < 0)
        if not (value.a > 0 or value.b < 0):
            self._more_digits()
        return int(value.a > 0) - int(value.b < 0)

    def power(self, number: Number, exponent: int) -> Number:
        """An integer power."""
        if exponent >= 0:
            return reduce(mul, [number] * exponent, _constant(1))
        value = self._alone(number, "1 divided by {} is no polynomial in {}")
        if not isinstance(value, Fraction) and 0 in value:
            self._more_digits()
        return self.power(Number({S.One: 1 / value}), -exponent)

    def exp(self, number: Number) -> Number:
        """exp, exact at 0."""
        value = self._alone(number, "the exponential of {} is no polynomial in {}")
        if value == 0:
            return _constant(1)
        return Number({S.One: self._context.exp(_enclosed(value, self._context))})

    def log(self, number: Number) -> Number:
        """log of a positive number, exact at 1."""
        value = self._alone(number, "the logarithm of {} is no polynomial in {}")
        if value == 1:
            return _constant(0)
        interval = _enclosed(value, self._context)
        if not interval.a > 0:
            self._more_digits()
            raise DeriveError("the cost has the logarithm of a number that is 0 or too close to it")
        return Number({S.One: self._context.log(interval)})

    def _alone(self, number: Number, problem: str) -> Coefficient:
        """The value of a number without symbols."""
        symbols = sorted({s.name for product in number.terms for s in product.free_symbols})
        if symbols:
            sentence = problem.format(self.read(number), symbols[0])
            raise DeriveError(f"{sentence}; give a number for {symbols[0]}")
        return number.terms.get(S.One, Fraction(0))

    def read(self, number: Number) -> Expr:
        """The number as SymPy writes it, with `DIGITS` digits where it is not rational."""
        return Add(*(self._read(value) * symbols for symbols, value in number.terms.items()))

    def _read(self, value: Coefficient) -> Expr:
        if isinstance(value, Fraction):
            if max(abs(value.numerator), value.denominator).bit_length() > _MOST_BITS:
                raise DeriveError("a value has more than 4000 digits; give simpler numbers")
            return Rational(value.numerator, value.denominator)
        width = value.delta.b
        if 0 in value or not width < abs(value.mid).a / 10 ** (DIGITS + 1):
            self._more_digits()
            if abs(value).b < self._context.mpf(10) ** -_NOTHING:
                return S.Zero
            raise DeriveError(f"a value cannot be told from 0 or infinity to {DIGITS} digits")
        return Float(to_str(value.mid._mpi_[0], DIGITS + 5), DIGITS)

    def _more_digits(self) -> None:
        """Give up this attempt, unless it is the last."""
        if not self._last:
            raise _Imprecise
