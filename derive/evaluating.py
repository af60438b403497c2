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

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from itertools import chain
from operator import add, mul
from typing import Any, TypeVar

from sympy import (
    Dummy,
    Expr,
    Integer,
    Piecewise,
    Rational,
    exp,
    factor,
)

from derive.activations import Activation
from derive.enclosures import PRE_ACTIVATION, Arithmetic, Imprecise, Number, constant, dot, sum_of
from derive.errors import DeriveError
from derive.literals import FloatText, exact, shown
from derive.network import Network

#: Digits to compute with, one after the other until `DIGITS` of every result are certain.
_PRECISIONS = (50, 150, 600, 2400)

#: What stands in formulas for the output and for the target.
_r, _y = (Dummy(name, real=True) for name in "ry")

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
        with suppress(Imprecise):
            return _evaluated(network, given, order, Arithmetic(digits))
    return _evaluated(network, given, order, Arithmetic(_PRECISIONS[-1], last=True))


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
    return constant(Fraction(int(number.numerator), int(number.denominator)))


# -- forward and backward ------------------------------------------------------------------


def _evaluated(network: Network, given: _Given, order: int, arithmetic: Arithmetic) -> Evaluation:
    several = len(given.samples) > 1
    scale = constant(Fraction(1, len(given.samples) if network.reduction == "mean" else 1))
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
    total = [scale * sum_of(column) for column in zip(*gradients, strict=True)]

    def read(layers: Layers[Number]) -> Layers[Expr]:
        return tuple(tuple(map(arithmetic.read, row)) for row in layers)

    return Evaluation(
        C=arithmetic.read(scale * sum_of(costs)),
        z=tuple(read(z) for z, _ in passes),
        r=tuple(read(r) for _, r in passes),
        parameters=parameter_names(network),
        gradient=tuple(map(arithmetic.read, total)) if order else None,
        kinks=tuple(kinks),
        step_at_zero=network.step_at_zero,
    )


def _forward(
    network: Network, given: _Given, x: Vector[Number], arithmetic: Arithmetic
) -> tuple[Layers[Number], Layers[Number]]:
    """z^(1), ..., z^(L) and r^(0), ..., r^(L)."""
    z: list[Vector[Number]] = []
    r = [x]
    for layer, weights, biases in zip(network.layers, given.weights, given.biases, strict=True):
        products = (dot(r[-1], column) for column in zip(*weights, strict=True))
        z.append(tuple(map(add, products, biases) if biases else products))
        if layer.activation.kind.elementwise:
            phi, _ = _functions(layer.activation, network.step_at_zero)
            r.append(tuple(arithmetic.value(phi, {PRE_ACTIVATION: entry}) for entry in z[-1]))
        else:
            r.append(_softmax(z[-1], arithmetic))
    return tuple(z), tuple(r)


def _softmax(z: Vector[Number], arithmetic: Arithmetic) -> Vector[Number]:
    """exp(z_j) / sum_m exp(z_m), less z_1 in each exponent: equal pre-activations stay exact."""
    powers = [arithmetic.exp(entry + constant(-1) * z[0]) for entry in z]
    total = arithmetic.power(sum_of(powers), -1)
    return tuple(power * total for power in powers)


def _cost(network: Network, r: Vector[Number], y: Vector[Number], arithmetic: Arithmetic) -> Number:
    """scale(n) sum_j term(r_j, y_j)."""
    assert network.cost is not None
    term, scale = network.cost.term(_r, _y), network.cost.scale(network.width(network.last))
    terms = (arithmetic.value(term, {_r: a, _y: b}) for a, b in zip(r, y, strict=True))
    return arithmetic.value(scale, {}) * sum_of(terms)


def _backward(
    network: Network,
    given: _Given,
    z: Layers[Number],
    r: Layers[Number],
    y: Vector[Number],
    arithmetic: Arithmetic,
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
            slopes = (arithmetic.value(slope, {PRE_ACTIVATION: entry}) for entry in z[k])
            delta = tuple(map(mul, slopes, error))
        else:
            delta = _softmax_error(r[k + 1], error)
        if layer.bias:
            groups.append(list(delta))
        groups.append([source * target for source in r[k] for target in delta])
        error = tuple(dot(row, delta) for row in given.weights[k])
    return list(chain.from_iterable(reversed(groups)))


def _softmax_error(p: Vector[Number], error: Vector[Number]) -> Vector[Number]:
    """sum_i dC/dr_i dp_i/dz_j = p_j (dC/dr_j - sum_i p_i dC/dr_i)."""
    mean = constant(-1) * dot(p, error)
    return tuple(share * (entry + mean) for share, entry in zip(p, error, strict=True))


def _kinks(network: Network, z: Layers[Number], prefix: str, arithmetic: Arithmetic) -> list[str]:
    return [
        f"{prefix}z{number}[{unit}]"
        for number, (layer, row) in enumerate(zip(network.layers, z, strict=True), start=1)
        for unit, entry in enumerate(row)
        if layer.activation.kind.kinks and arithmetic.sign(entry) == 0
    ]


@lru_cache(maxsize=64)
def _functions(activation: Activation, step_at_zero: Expr) -> tuple[Expr, Expr]:
    """phi(z) and phi'(z) in cases, exp and log; as quotients, which cancel no digits."""
    phi = activation(PRE_ACTIVATION, step_at_zero)
    computable = (
        factor(of.rewrite(exp)).rewrite(Piecewise) for of in (phi, phi.diff(PRE_ACTIVATION))
    )
    return next(computable), next(computable)
