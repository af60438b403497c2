"""Values, gradient and Hessian of a network at a point, exact wherever they can be.

Forward, then from the output back, and for the Hessian forward again (`passes`, `curvature`),
on numbers (`network_numbers`), not on expressions.  Derivatives of activation and cost are
SymPy's, taken once a layer; at a kink they follow the network's convention for Step(0), and
Step'(0) is 0.

Rational numbers stay rational, and symbolic slopes and Step(0) stay symbols.  What exp and
log make is enclosed in intervals, which are narrowed until 30 digits are certain.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from operator import add
from typing import TYPE_CHECKING, Any, overload

from sympy import Expr

from derive.algebra.arguments import quoted
from derive.errors import DeriveError
from derive.evaluating.curvature import (
    Parts,
    curvatures,
    hessian_rows,
    mirrored,
    output_curvature,
)
from derive.evaluating.enclosures import Number, NumberArithmetic, constant, sum_of, to_digits
from derive.evaluating.evaluation import Evaluation, Layers, Square, entry_names, parameter_shapes
from derive.evaluating.given import Given, read_direction, read_given
from derive.evaluating.network_numbers import NetworkNumbers, moving_passes
from derive.evaluating.passes import Matrix, Passes, summed
from derive.lazy import late
from derive.model.defined_model import DefinedModel
from derive.model.model import Model, Source, needed_model
from derive.model.network import Network, needed_network
from derive.model.operation_counts import parameter_count

if TYPE_CHECKING:
    from derive.evaluating.model_values import ModelEvaluation

#: Loaded for the first model from definitions.
_evaluate_model = late("derive.evaluating.model_values", "evaluate_model")

#: Hessians of more entries, one for each sample, are refused: a minute or a few of work.
MOST_ENTRIES = 1_000_000


@overload
def evaluate(
    network: Network,
    point: Mapping[str, Any] | None = None,
    order: int = 1,
    vector: Mapping[str, Any] | None = None,
) -> Evaluation: ...


@overload
def evaluate(
    network: DefinedModel,
    point: Mapping[str, Any] | None = None,
    order: int = 1,
    vector: Mapping[str, Any] | None = None,
) -> ModelEvaluation: ...


@overload
def evaluate(
    network: Source,
    point: Mapping[str, Any] | None = None,
    order: int = 1,
    vector: Mapping[str, Any] | None = None,
) -> Evaluation | ModelEvaluation: ...


def evaluate(
    network: Model | Source,
    point: Mapping[str, Any] | None = None,
    order: int = 1,
    vector: Mapping[str, Any] | None = None,
) -> Evaluation | ModelEvaluation:
    """C, the pre-activations and the outputs at a point; then the gradient, then the Hessian.

    Of a model from definitions: every quantity, then its derivatives (`evaluate_model`).

    `point` is like `Network.point`, and is that of the network when not given: x and y (or
    samples), W0, b0, W1, ..., exact numbers in tuples or lists of the shapes of the
    mathematics (W^(k) is n_k x n_{k+1}).  Costs of several samples are added or averaged.

    `vector` is a direction: W0, b0, ... in the same shapes, what it lacks being 0.  The Hessian
    times it is worked out too, without the Hessian; order 1 is enough for it.

    Raises:
        DeriveError: when the point or the network lacks a number that this needs, or when
            the Hessians of all samples have more than `MOST_ENTRIES` entries.
    """
    model = needed_model(network)
    if isinstance(model, DefinedModel):
        along = {f"R({name})": value for name, value in (vector or {}).items()}
        numbers = model.point if point is None else point
        return _evaluate_model(model, {**numbers, **along} if numbers and along else point, order)
    network = needed_network(model)
    if order not in (0, 1, 2):
        raise DeriveError(
            f"evaluate knows order 0 (values), 1 (gradient) and 2 (Hessian), not {quoted(order)}"
        )
    given = read_given(network, network.point if point is None else point)
    if order == 2:
        _check_size(network, given)
    along = None if vector is None else read_direction(network, given, vector)
    return to_digits(lambda arithmetic: _evaluated(network, given, along, order, arithmetic))


def parameter_names(network: Network) -> tuple[str, ...]:
    """All parameters in order: W0[0,0], W0[0,1], ..., b0[0], ..., W1[0,0], ..."""
    return entry_names(parameter_shapes(network))


def _check_size(network: Network, given: Given) -> None:
    rows, samples = int(parameter_count(network)), len(given.samples)
    if samples * rows**2 > MOST_ENTRIES:
        batch = f" for each of {samples} samples" if samples > 1 else ""
        raise DeriveError(
            f"{network.name} has {rows} parameters, and a Hessian of {rows} x {rows} entries"
            f"{batch} is too large; at most {MOST_ENTRIES} entries are worked out"
        )


@dataclass(frozen=True)
class _Shares:
    """Reads numbers, of each sample as a share of what holds of all."""

    arithmetic: NumberArithmetic
    share: Number

    def one(self, number: Number) -> Expr:
        """A share of a number."""
        return self.arithmetic.read(self.share * number)

    def total(self, numbers: Iterable[Number]) -> Expr:
        """The number that those of the samples make together."""
        return self.one(sum_of(numbers))

    def rows(self, rows: Matrix[Number]) -> Layers:
        """A share of numbers by layer, or by row."""
        return tuple(tuple(map(self.one, row)) for row in rows)

    def whole(self, rows: Matrix[Number]) -> Layers:
        """The numbers themselves, which are no part of a sum over samples."""
        return tuple(tuple(map(self.arithmetic.read, row)) for row in rows)


def _evaluated(
    network: Network, given: Given, along: Given | None, order: int, arithmetic: NumberArithmetic
) -> Evaluation:
    share = constant(Fraction(1, len(given.samples) if network.reduction == "mean" else 1))
    read = _Shares(arithmetic, share)
    numbers = NetworkNumbers(network, arithmetic)
    samples = [Passes(network, given.weights, given.biases, *of, numbers) for of in given.samples]
    values = Evaluation(
        kinks=tuple(_kinks(samples, numbers)),
        C=read.total(sample.cost for sample in samples),
        z=tuple(read.whole(sample.forward.z) for sample in samples),
        r=tuple(read.whole(sample.forward.r) for sample in samples),
        shapes=parameter_shapes(network),
        gradient=None,
        step_at_zero=network.step_at_zero,
    )
    if order == 0:
        return values
    gradients = zip(*(sample.gradient for sample in samples), strict=True)
    values = replace(
        values,
        gradient=tuple(map(read.total, gradients)),
        by_z=tuple(read.rows(sample.backward.delta) for sample in samples),
        by_r=tuple(read.rows(_by_outputs(sample)) for sample in samples),
        product=None if along is None else _product(numbers, given, along, read),
    )
    if order == 1:
        return values
    curved = [curvatures(sample, output_curvature(sample)) for sample in samples]
    rows = zip(*map(hessian_rows, samples, curved), strict=True)
    hessian, gauss_newton, residual = _squares(rows, read)
    return replace(
        values,
        hessian=hessian,
        gauss_newton=gauss_newton,
        residual=residual,
        pre_activation_hessian=tuple(_by_layer(one, read) for one in curved),
        kfac=tuple(
            _factors(sample.inputs, one, read) for sample, one in zip(samples, curved, strict=True)
        ),
    )


def _by_outputs(sample: Passes[Number]) -> Matrix[Number]:
    """dC/dr of the layers 1, ..., L."""
    last = sample.arithmetic.cost_slopes(1, sample.forward.r[-1], sample.y)
    return [*sample.backward.by_r, last]


def _product(
    numbers: NetworkNumbers, given: Given, along: Given, read: _Shares
) -> tuple[Expr, ...]:
    """The Hessian times a direction, which is how the gradient moves along it."""
    gradients = (sample.gradient for sample in moving_passes(numbers, given, along))
    motions = zip(*([one.motion for one in row] for row in gradients), strict=True)
    return tuple(map(read.total, motions))


def _by_layer(curved: Sequence[Parts[Number]], read: _Shares) -> tuple[Square, ...]:
    """d2C/dz^(k) dz^(k) for each layer, as Gauss-Newton plus residual part."""
    return tuple(
        read.rows([summed(*rows) for rows in zip(*parts, strict=True)]) for parts in curved
    )


def _factors(
    inputs: Matrix[Number], curved: Sequence[Parts[Number]], read: _Shares
) -> tuple[tuple[Square, Square], ...]:
    """r r^T and G for each layer of parameters."""
    return tuple(
        (read.whole([[one * other for other in row] for one in row]), read.rows(kept))
        for row, (kept, _) in zip(inputs, curved, strict=True)
    )


def _kinks(samples: Sequence[Passes[Number]], numbers: NetworkNumbers) -> Iterator[str]:
    """The units whose pre-activation, and the outputs whose term of the cost, is at a kink."""
    network, functions = numbers.network, numbers.functions
    for place, sample in enumerate(samples):
        prefix = f"samples[{place}]." if len(samples) > 1 else ""
        for number, row in enumerate(sample.forward.z, start=1):
            kinks = network.activation_at(number).kind.kinks
            for unit, entry in enumerate(row):
                gaps = (entry + functions.value(-kink, {}) for kink in kinks)
                if any(functions.sign(gap) == 0 for gap in gaps):
                    yield f"{prefix}z{number}[{unit}]"
        for unit, gaps in enumerate(numbers.cost_gaps(sample.forward.r[-1], sample.y)):
            if any(functions.sign(gap) == 0 for gap in gaps):
                yield f"{prefix}r{network.last}[{unit}]"


def _squares(
    rows: Iterable[tuple[Parts[Number], ...]], read: _Shares
) -> tuple[Square, Square, Square]:
    """Hessian, Gauss-Newton part and residual, from the upper triangles of all samples."""
    triangles: tuple[list[list[Expr]], ...] = ([], [], [])
    for samples in rows:
        kept, rest = (
            [sum_of(entries) for entries in zip(*parts, strict=True)]
            for parts in zip(*samples, strict=True)
        )
        for triangle, row in zip(triangles, (map(add, kept, rest), kept, rest), strict=True):
            triangle.append([read.one(entry) for entry in row])
    hessian, gauss_newton, residual = map(mirrored, triangles)
    return hessian, gauss_newton, residual
