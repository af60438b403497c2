"""Values, gradient and Hessian of a network at a point, exact wherever they can be.

Forward, then from the output back, and for the Hessian forward again (`passes`,
`curvature_values`), on numbers (`enclosures`), not on expressions.  The
gradient is dC/dW^(k)_ij = r^(k)_i delta^(k+1)_j, dC/db^(k)_j = delta^(k+1)_j.  Derivatives
of activation and cost are SymPy's, taken once a layer; at a kink they follow the network's
convention for Step(0), and Step'(0) is 0.

Rational numbers stay rational, and symbolic slopes and Step(0) stay symbols.  What exp and
log make is enclosed in intervals, which are narrowed until 30 digits are certain.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import repeat
from operator import add
from typing import Any, overload

from sympy import Expr

from derive.algebra.arguments import quoted
from derive.errors import DeriveError
from derive.evaluating.curvature_values import Curvatures, HalfRow, curvatures, hessian_rows
from derive.evaluating.enclosures import Number, NumberArithmetic, constant, sum_of, to_digits
from derive.evaluating.evaluation import Evaluation, Layers, Square
from derive.evaluating.given import Given, Vector, read_given
from derive.evaluating.model_values import ModelEvaluation, evaluate_model
from derive.evaluating.output_layer import cost_gaps, cost_of
from derive.evaluating.passes import Forward, error_signals, forward
from derive.model.defined_model import DefinedModel
from derive.model.model import Model
from derive.model.network import Network, needed_network

#: Hessians of more entries, one for each sample, are refused: a minute or a few of work.
MOST_ENTRIES = 1_000_000


@overload
def evaluate(
    network: Network, point: Mapping[str, Any] | None = None, order: int = 1
) -> Evaluation: ...


@overload
def evaluate(
    network: DefinedModel, point: Mapping[str, Any] | None = None, order: int = 1
) -> ModelEvaluation: ...


def evaluate(
    network: Model, point: Mapping[str, Any] | None = None, order: int = 1
) -> Evaluation | ModelEvaluation:
    """C, the pre-activations and the outputs at a point; then the gradient, then the Hessian.

    Of a model from definitions: every quantity, then its derivatives (`evaluate_model`).

    `point` is like `Network.point`, and is that of the network when not given: x and y (or
    samples), W0, b0, W1, ..., exact numbers in tuples or lists of the shapes of the
    mathematics (W^(k) is n_k x n_{k+1}).  Costs of several samples are added or averaged.

    Raises:
        DeriveError: when the point or the network lacks a number that this needs, or when
            the Hessians of all samples have more than `MOST_ENTRIES` entries.
    """
    if isinstance(network, DefinedModel):
        return evaluate_model(network, point, order)
    needed_network(network)
    assert isinstance(network, Network)
    if order not in (0, 1, 2):
        raise DeriveError(
            f"evaluate knows order 0 (values), 1 (gradient) and 2 (Hessian), not {quoted(order)}"
        )
    given = read_given(network, network.point if point is None else point)
    if order == 2:
        _check_size(network, given)
    return to_digits(lambda arithmetic: _evaluated(network, given, order, arithmetic))


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


def _check_size(network: Network, given: Given) -> None:
    rows, samples = len(parameter_names(network)), len(given.samples)
    if samples * rows**2 > MOST_ENTRIES:
        batch = f" for each of {samples} samples" if samples > 1 else ""
        raise DeriveError(
            f"{network.name} has {rows} parameters, and a Hessian of {rows} x {rows} entries"
            f"{batch} is too large; at most {MOST_ENTRIES} entries are worked out"
        )


def _evaluated(
    network: Network, given: Given, order: int, arithmetic: NumberArithmetic
) -> Evaluation:
    several = len(given.samples) > 1
    share = constant(Fraction(1, len(given.samples) if network.reduction == "mean" else 1))
    passes = [forward(network, given, x, arithmetic) for x, _ in given.samples]
    targets = [y for _, y in given.samples]
    kinks = [
        kink
        for number, passed in enumerate(passes)
        for kink in _kinks(
            network, passed, targets[number], f"samples[{number}]." if several else "", arithmetic
        )
    ]
    costs = [cost_of(network, p.r[-1], y, arithmetic) for p, y in zip(passes, targets, strict=True)]
    values = Evaluation(
        C=arithmetic.read(share * sum_of(costs)),
        z=tuple(_read(passed.z, arithmetic) for passed in passes),
        r=tuple(_read(passed.r, arithmetic) for passed in passes),
        parameters=parameter_names(network),
        gradient=None,
        kinks=tuple(kinks),
        step_at_zero=network.step_at_zero,
    )
    if order == 0:
        return values
    signals = [
        error_signals(network, given, passed, y, arithmetic)
        for passed, y in zip(passes, targets, strict=True)
    ]
    gradients = zip(*map(_gradient, repeat(network), passes, signals), strict=True)
    values = replace(
        values,
        gradient=tuple(arithmetic.read(share * sum_of(entries)) for entries in gradients),
    )
    if order == 1:
        return values
    samples = [
        curvatures(network, given, passed, delta, y, arithmetic)
        for passed, delta, y in zip(passes, signals, targets, strict=True)
    ]
    rows = zip(*map(hessian_rows, samples), strict=True)
    hessian, gauss_newton, residual = _squares(rows, share, arithmetic)
    return replace(
        values,
        hessian=hessian,
        gauss_newton=gauss_newton,
        residual=residual,
        pre_activation_hessian=tuple(_by_layer(one, share, arithmetic) for one in samples),
        kfac=tuple(_factors(one, share, arithmetic) for one in samples),
    )


def _by_layer(
    sample: Curvatures, share: Number, arithmetic: NumberArithmetic
) -> tuple[Square, ...]:
    """d2C/dz^(k) dz^(k) for each layer, as Gauss-Newton plus residual part."""
    return tuple(
        tuple(
            tuple(arithmetic.read(share * (a + b)) for a, b in zip(*rows, strict=True))
            for rows in zip(kept, rest, strict=True)
        )
        for kept, rest in zip(sample.kept, sample.rest, strict=True)
    )


def _factors(
    sample: Curvatures, share: Number, arithmetic: NumberArithmetic
) -> tuple[tuple[Square, Square], ...]:
    """r r^T and G for each layer of parameters."""

    def read(rows: Iterable[Iterable[Number]]) -> Square:
        return tuple(tuple(map(arithmetic.read, row)) for row in rows)

    return tuple(
        (
            read([one * other for other in inputs] for one in inputs),
            read([share * entry for entry in row] for row in kept),
        )
        for inputs, kept in zip(sample.inputs, sample.kept, strict=True)
    )


def _read(layers: Iterable[Vector], arithmetic: NumberArithmetic) -> Layers:
    return tuple(tuple(map(arithmetic.read, row)) for row in layers)


def _kinks(
    network: Network, passed: Forward, y: Vector, prefix: str, arithmetic: NumberArithmetic
) -> Iterator[str]:
    """The units whose pre-activation, and the outputs whose term of the cost, is at a kink."""
    for number, (layer, row) in enumerate(zip(network.layers, passed.z, strict=True), start=1):
        for unit, entry in enumerate(row):
            gaps = (entry + arithmetic.value(-kink, {}) for kink in layer.activation.kind.kinks)
            if any(arithmetic.sign(gap) == 0 for gap in gaps):
                yield f"{prefix}z{number}[{unit}]"
    for unit, gaps in enumerate(cost_gaps(network, passed.r[-1], y, arithmetic)):
        if any(arithmetic.sign(gap) == 0 for gap in gaps):
            yield f"{prefix}r{network.last}[{unit}]"


def _gradient(network: Network, passed: Forward, delta: Sequence[Vector]) -> list[Number]:
    """The gradient of one sample's cost, in the order of `parameter_names`."""
    found: list[Number] = []
    for layer, sources, targets in zip(network.layers, passed.r, delta, strict=False):
        found += [source * target for source in sources for target in targets]
        found += targets if layer.bias else ()
    return found


def _squares(
    rows: Iterable[tuple[HalfRow, ...]], share: Number, arithmetic: NumberArithmetic
) -> tuple[Square, Square, Square]:
    """Hessian, Gauss-Newton part and residual, from the upper triangles of all samples."""
    triangles: tuple[list[list[Expr]], ...] = ([], [], [])
    for samples in rows:
        kept, rest = (
            [share * sum_of(entries) for entries in zip(*parts, strict=True)]
            for parts in zip(*samples, strict=True)
        )
        for triangle, row in zip(triangles, (map(add, kept, rest), kept, rest), strict=True):
            triangle.append([arithmetic.read(entry) for entry in row])
    hessian, gauss_newton, residual = map(_mirrored, triangles)
    return hessian, gauss_newton, residual


def _mirrored(triangle: Sequence[Sequence[Expr]]) -> Square:
    """The symmetric matrix whose rows, from the diagonal on, these are."""
    size = range(len(triangle))
    return tuple(tuple(triangle[min(p, q)][abs(p - q)] for q in size) for p in size)
