"""Exact test vectors: what a program that computes a model must give, to the last digit.

Values are rational numbers, or decimals of 30 digits where a transcendental function makes them so
(`derive.evaluating`).  Beside them stand the nearest numbers of float64 and of float32, with the
largest relative error that this rounding made.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from random import Random
from typing import Any

from sympy import Expr, Integer, Rational

from derive.errors import DeriveError
from derive.evaluating.evaluate import evaluate, parameter_names
from derive.evaluating.evaluation import Evaluation, in_ascii
from derive.evaluating.model_values import ModelEvaluation
from derive.kernels import gates, points
from derive.model.defined_model import DefinedModel
from derive.model.model import Model, Source, needed_model
from derive.model.network import Network, needed_network

#: Hessians of more rows are left out.
LARGEST_HESSIAN = 40
MOST_VECTORS = 10_000
SCHEMA = "derive-vectors/1"

#: A nested list of numbers.
Tensor = Any


@dataclass(frozen=True)
class ExactVector:
    """One point, and what is to be found there.

    Attributes:
        kind: "plain", "kink", "above the kink", "below the kink", "dead", "huge" or "tiny".
        given: inputs, targets and parameters by name.
        values: C, every quantity, and every derivative as dC/dq, by name.
        direction: how parameters move, by name.
        products: the Hessian times the direction, R(dC/dW0), ..., by name.
        hessian: the second derivatives, where they are few; the parameters in order.
        kinks: what is exactly at a kink.
    """

    kind: str
    given: Mapping[str, Tensor]
    values: Mapping[str, Tensor]
    direction: Mapping[str, Tensor]
    products: Mapping[str, Tensor]
    hessian: Tensor | None
    kinks: tuple[str, ...]

    @property
    def numbers(self) -> dict[str, Tensor]:
        """Everything by name, the Hessian as H."""
        found = {**self.given, **self.values, **self.direction, **self.products}
        if self.hessian is None or "H" in found:  # a tensor may have the name
            return found
        return {**found, "H": self.hessian}

    def arrays(self, dtype: str = "float64") -> dict[str, Any]:
        """All numbers as arrays of NumPy, rounded to a type such as "float32", by name.

        Raises:
            DeriveError: when NumPy is not installed.
        """
        numpy = _numpy()
        return {name: numpy.array(of, dtype=dtype) for name, of in rounded(self).items()}

    def to_json(self) -> dict[str, Any]:
        """All of it: exact numbers as text, and rounded ones."""
        parts = ("given", "values", "direction", "products")
        found: dict[str, Any] = {"kind": self.kind}
        for part in parts:
            found[part] = {name: _texts(of) for name, of in getattr(self, part).items()}
        if self.hessian is not None:
            found["hessian"] = _texts(self.hessian)
        found["kinks"] = list(self.kinks)
        for name, nearest in ROUNDED.items():
            numbers = {key: _mapped(of, nearest) for key, of in self.numbers.items()}
            errors = (_error(of, numbers[key]) for key, of in self.numbers.items())
            found[name] = {"numbers": numbers, "error": max(errors, default=0.0)}
        return found


def vectors(
    model: Model | Source,
    count: int = 1,
    seed: int = 0,
    kinks: bool = False,
    dead: bool = False,
    huge: bool = False,
    tiny: bool = False,
) -> tuple[ExactVector, ...]:
    """Test vectors of a model, the same for the same seed.

    Args:
        model: a network or a model from definitions, or its name.
        count: how many of each kind.
        seed: another seed has other numbers.
        kinks: also points with a unit on its kink, and a little above and below it.
        dead: also points at which every unit of a ReLU network is off, or every gate of a model
            from definitions is below 0.
        huge: also inputs that are 4096 times as large.
        tiny: also inputs that are a 4096th.

    Raises:
        DeriveError: when the model has no cost or no kinks, or no point that was drawn has values.
    """
    if not 1 <= count <= MOST_VECTORS:
        raise DeriveError(f"count is from 1 to {MOST_VECTORS}, not {count}")
    given = needed_model(model)
    if isinstance(given, DefinedModel):
        scales = {"huge": points.HUGE} if huge else {}
        scales |= {"tiny": points.TINY} if tiny else {}
        draws = (Random(f"{seed} {number}") for number in range(count))
        return tuple(
            one for draw in draws for one in _model_vectors(given, draw, kinks, dead, scales)
        )
    network = points.with_sizes(needed_network(given))
    if kinks and not points.has_kinks(network):
        raise DeriveError(f"{network.name} has no activation with a kink at 0")
    if dead and not points.has_gates(network):
        raise DeriveError(f"{network.name} has no ReLU, whose units could all be off")
    found: list[ExactVector] = []
    for number in range(count):
        draw = Random(f"{seed} {number}")
        plain = points.network_point(network, draw)
        drawn = [("plain", plain)]
        drawn += _beside_kinks(network, plain, draw) if kinks else []
        drawn += [("dead", points.dead(plain))] if dead else []
        drawn += [("huge", points.scaled(plain, points.HUGE))] if huge else []
        drawn += [("tiny", points.scaled(plain, points.TINY))] if tiny else []
        found += [_network_vector(network, kind, point, draw) for kind, point in drawn]
    return tuple(found)


def _beside_kinks(
    network: Network, plain: Mapping[str, Any], draw: Random
) -> Iterator[tuple[str, points.Point]]:
    at, layer, unit = points.at_a_kink(network, plain, draw)
    yield "kink", at
    for kind, value in (("above the kink", points.BESIDE), ("below the kink", -points.BESIDE)):
        yield kind, points.with_unit(at, layer, unit, value)


def _network_vector(
    network: Network, kind: str, point: Mapping[str, Any], draw: Random
) -> ExactVector:
    direction = points.parameters(network, lambda: Integer(draw.randint(-2, 2)))
    small = len(parameter_names(network)) <= LARGEST_HESSIAN
    found = evaluate(network, point, 2 if small else 1, direction)
    samples = point["samples"]
    given = {name: tuple(one[name] for one in samples) for name in "xy"}
    given |= {name: value for name, value in point.items() if name != "samples"}
    return ExactVector(
        kind,
        given,
        _values("C", found),
        {{"W": "V", "b": "v"}[name[0]] + name[1:]: value for name, value in direction.items()},
        found.motions,
        found.hessian,
        found.kinks,
    )


def _model_vectors(
    model: DefinedModel, draw: Random, kinks: bool, dead: bool, scales: Mapping[str, Expr]
) -> Iterator[ExactVector]:
    inputs = {one.name for one in model.tensors if one.role == "input"}
    state = draw.getstate()
    for kind, scale in ({"plain": Integer(1)} | dict(scales)).items():
        draw.setstate(state)  # the same numbers, larger or smaller
        drawn = (
            one | {name: points.times(scale, one[name]) for name in inputs}
            for one in points.model_points(model, draw)
        )
        yield _model_vector(model, kind, drawn, draw)
    for kind, point in gates.beside_a_kink(model, draw) if kinks else ():
        yield _model_vector(model, kind, (point,), draw)
    if dead:
        yield _model_vector(model, "dead", (gates.closed(model, draw),), draw)


def _model_vector(
    model: DefinedModel, kind: str, drawn: Iterable[Mapping[str, Any]], draw: Random
) -> ExactVector:
    """The vector at the first of some points that has values."""
    for point in drawn:
        direction = points.model_direction(model, point, draw)
        try:
            found = evaluate(model, {**point, **direction})
        except DeriveError as problem:
            failed = problem
            continue
        ends = tuple(f"R(d{found.objective}/d{head[0]})" for head in model.moved)
        products = {name: value for name, value in found.motions.items() if name in ends}
        values = _values(found.objective, found)
        hessian = _model_hessian(model, point)
        return ExactVector(kind, point, values, direction, products, hessian, found.kinks)
    raise DeriveError(f"no point that was drawn has values: {failed}")  # pyright: ignore


def moved_names(model: DefinedModel) -> list[str]:
    """Inputs and parameters, by which the rows of the Hessian go."""
    return [str(head[0]) for head in model.given if head in model.moved]


def _model_hessian(model: DefinedModel, point: Mapping[str, Any]) -> Tensor | None:
    """The products with all unit directions, where they are few and C is specified."""
    names = moved_names(model)
    count = sum(len([*points.entries(point[name])]) for name in names)
    if model.objective is None or count > LARGEST_HESSIAN:
        return None
    rows: list[tuple[Expr, ...]] = []
    for along in points.unit_directions(names, point):
        motions = evaluate(model, {**point, **along}).motions
        parts = (motions.get(f"R(d{model.objective}/d{name})") for name in names)
        zeros = (points.times(Integer(0), point[name]) for name in names)
        filled = (zero if part is None else part for part, zero in zip(parts, zeros, strict=True))
        rows.append(tuple(number for part in filled for number in points.entries(part)))
    return tuple(rows)


def _values(objective: str, found: Evaluation | ModelEvaluation) -> dict[str, Tensor]:
    values: dict[str, Tensor] = {} if found.C is None else {objective: found.C}
    values |= {name: of for name, of in found.quantities.items() if name != "r0"}
    return values | {f"d{objective}/d{name}": of for name, of in (found.gradients or {}).items()}


# -- numbers ------------------------------------------------------------------------------------


def _nearest(value: Expr) -> float:
    """The nearest number of float64."""
    return value.p / value.q if isinstance(value, Rational) else float(value)


def _nearest_single(value: Expr) -> float:
    """A number of float32 next to the value; infinite where it is too large for one."""
    try:
        (single,) = struct.unpack("f", struct.pack("f", _nearest(value)))
    except OverflowError:
        return float("inf") if value > 0 else float("-inf")
    return single


ROUNDED: dict[str, Callable[[Expr], float]] = {"float64": _nearest, "float32": _nearest_single}


def _mapped(value: Tensor, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, tuple | list):
        return [_mapped(part, change) for part in value]
    return change(value)


def _texts(value: Tensor) -> Any:
    return _mapped(value, in_ascii)


def rounded(vector: ExactVector) -> dict[str, Any]:
    """All numbers of a vector, rounded to float64."""
    return {name: _mapped(of, _nearest) for name, of in vector.numbers.items()}


def _error(exact: Tensor, numbers: Any) -> float:
    """The largest relative error of rounded numbers."""
    if isinstance(exact, tuple | list):
        return max((_error(*pair) for pair in zip(exact, numbers, strict=True)), default=0.0)
    if exact == 0 or numbers in (float("inf"), float("-inf")):
        return 0.0 if numbers == 0 else float("inf")
    return float(abs(Rational(numbers) / Rational(exact) - 1))


# -- files --------------------------------------------------------------------------------------


def as_json(model: Model, found: tuple[ExactVector, ...], seed: int) -> dict[str, Any]:
    """Test vectors as one JSON object."""
    if isinstance(model, Network):
        names = list(parameter_names(points.with_sizes(model)))
    else:
        moved = moved_names(model) if isinstance(model, DefinedModel) else []
        names = [text for one in found[:1] for name in moved for text in _named(name, one)]
    return {
        "schema": SCHEMA,
        "model": model.name,
        "seed": seed,
        "parameters": names,
        "vectors": [one.to_json() for one in found],
    }


def _named(name: str, vector: ExactVector) -> Iterator[str]:
    """x[0,1], ... for each entry of a tensor, row by row."""

    def places(value: Tensor) -> Iterator[str]:
        for number, part in enumerate(value):
            if isinstance(part, tuple):
                yield from (f"{number},{rest}" for rest in places(part))
            else:
                yield str(number)

    value = vector.given[name]
    yield from (f"{name}[{one}]" for one in places(value)) if isinstance(value, tuple) else (name,)


def as_npz(found: tuple[ExactVector, ...]) -> bytes:
    """Test vectors as arrays of float64: "0/W0" is W0 of the first.

    Raises:
        DeriveError: when NumPy is not installed.
    """
    numpy = _numpy()
    arrays = {
        f"{place}/{name.replace('/', '_')}": array
        for place, one in enumerate(found)
        for name, array in one.arrays().items()
    }
    stream = BytesIO()
    numpy.savez(stream, **arrays)
    return stream.getvalue()


def _numpy() -> Any:
    try:
        import numpy
    except ImportError:
        raise DeriveError("arrays need NumPy; install it with pip install numpy") from None
    return numpy
