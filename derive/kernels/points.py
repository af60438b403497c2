"""Points for test vectors: numbers that binary fractions hold, drawn from a seed.

Inputs and parameters are multiples of 1/4 or 1/8, so that they are the same numbers in float32.
A point is drawn plainly, or moved: so that a unit stands on its kink or beside it, so that all
units are off, so that numbers are huge or tiny.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import count
from random import Random
from typing import Any

from sympy import Expr, Integer, Rational, Symbol

from derive.model.assumptions import rows_of_sum_one
from derive.model.defined_model import DefinedModel
from derive.model.instances import fitting_shifts
from derive.model.network import Network

Point = dict[str, Any]
Row = tuple[Rational, ...]

#: How far beside a kink a point is, and by what numbers are huge or tiny.
BESIDE = Rational(1, 1024)
HUGE, TINY = Integer(2) ** 12, Rational(1, 2**12)
#: Rows of inputs and targets in a point of a network.
SAMPLES = 2
_SIZES = (3, 4, 2, 5, 3, 2)


def with_sizes(network: Network) -> Network:
    """The network with small numbers for the widths that are symbols."""
    sizes: dict[Expr, Integer] = {}
    for number in network.layer_numbers:
        width = network.width(number)
        if isinstance(width, Symbol):
            sizes.setdefault(width, Integer(_SIZES[len(sizes) % len(_SIZES)]))
    layers = (replace(one, units=one.units.xreplace(sizes)) for one in network.layers)
    return replace(network, inputs=network.inputs.xreplace(sizes), layers=tuple(layers))


def narrowed(network: Network) -> Network:
    """A network of at most so many units a layer that a test vector of it is short."""
    layers = (
        replace(one, units=min(one.units, Integer(_SIZES[place % len(_SIZES)])))
        for place, one in enumerate(with_sizes(network).layers)
    )
    inputs = min(with_sizes(network).inputs, Integer(_SIZES[1]))
    return replace(network, inputs=inputs, layers=tuple(layers))


# -- networks -----------------------------------------------------------------------------------


def network_point(network: Network, draw: Random) -> Point:
    """Inputs, targets and parameters."""
    widths = [int(network.width(number)) for number in network.layer_numbers]
    samples = [
        {"x": _row(draw, widths[0]), "y": _target(network, draw, widths[-1])}
        for _ in range(SAMPLES)
    ]
    return {"samples": tuple(samples), **parameters(network, lambda: _number(draw))}


def parameters(network: Network, entry: Callable[[], Expr]) -> Point:
    """W0, b0, ... of these entries, in the shapes of the mathematics."""
    found: Point = {}
    for kind, source in network.parameter_groups:
        rows, columns = int(network.width(source)), int(network.width(source + 1))
        if kind == "W":
            found[f"W{source}"] = tuple(tuple(entry() for _ in range(columns)) for _ in range(rows))
        else:
            found[f"b{source}"] = tuple(entry() for _ in range(columns))
    return found


def scaled(point: Mapping[str, Any], factor: Expr) -> Point:
    """Inputs times a number."""
    samples = tuple(
        {**one, "x": tuple(factor * entry for entry in one["x"])} for one in point["samples"]
    )
    return {**point, "samples": samples}


def dead(point: Mapping[str, Any]) -> Point:
    """Every pre-activation negative: inputs positive, weights and biases negative."""
    samples = tuple(
        {**one, "x": tuple(abs(entry) for entry in one["x"])} for one in point["samples"]
    )
    return {**point, "samples": samples} | {
        name: _each(value, lambda entry: -abs(entry))
        for name, value in point.items()
        if name != "samples"
    }


def at_a_kink(network: Network, point: Mapping[str, Any], draw: Random) -> tuple[Point, int, int]:
    """A unit of a layer with a kink at 0 stands on it in every sample: its weights are 0."""
    layers = [
        number
        for number, layer in enumerate(network.layers)
        if any(kink == 0 for kink in layer.activation.kind.kinks)
    ]
    layer = draw.choice(layers)
    unit = draw.randrange(int(network.layers[layer].units))
    return with_unit(point, layer, unit, Integer(0)), layer, unit


def with_unit(point: Mapping[str, Any], layer: int, unit: int, value: Expr) -> Point:
    """A bias of a unit set to a value, or where there is none all its weights, the others 0."""
    bias = f"b{layer}"
    weight = Integer(0) if bias in point else value
    found = {
        **point,
        f"W{layer}": tuple(
            tuple(weight if place == unit else entry for place, entry in enumerate(row))
            for row in point[f"W{layer}"]
        ),
    }
    if bias in point:
        found[bias] = tuple(
            value if place == unit else entry for place, entry in enumerate(point[bias])
        )
    return found


def has_kinks(network: Network) -> bool:
    """Whether an activation has a kink at 0."""
    return any(kink == 0 for one in network.layers for kink in one.activation.kind.kinks)


def has_gates(network: Network) -> bool:
    """Whether a layer has units that can be off."""
    return any(layer.activation.kind.is_gate for layer in network.layers)


def _target(network: Network, draw: Random, count: int) -> Row:
    output = None if network.cost is None else network.cost.output
    if output == "softmax":
        chosen = draw.randrange(count)
        return tuple(Integer(unit == chosen) for unit in range(count))
    if output is not None:
        return tuple(Integer(draw.randint(0, 1)) for _ in range(count))
    return _row(draw, count)


# -- models from definitions ----------------------------------------------------------------------


def model_points(model: DefinedModel, draw: Random) -> Iterator[Point]:
    """Points one after another: with both signs, then positive, where logarithms have values."""
    for signs in ((-1, 1), (1,)):
        for _ in range(10):
            yield model_point(model, draw, signs)


def model_point(model: DefinedModel, draw: Random, signs: tuple[int, ...]) -> Point:
    """Entries for all given tensors; sizes that are symbols are small, and all different."""
    sizes = _sizes(model)
    sums = {str(head[0]): place for head, place in rows_of_sum_one(model).items()}
    found: Point = {}
    for tensor in model.tensors:
        shape = tuple(sizes[axis] for axis in tensor.axes)
        usual = (1,) if tensor.role == "target" or not shape else signs
        if tensor.name in sums:
            found[tensor.name] = _shares(draw, shape, sums[tensor.name])
        else:
            found[tensor.name] = _tensor(shape, lambda usual=usual: _number(draw, usual))
    if model.objective is None:
        output = next(one for one in model.definitions if one.left.kind == model.output)
        shape = tuple(sizes[axis] for axis in output.axes)
        found[f"d{model.C.kind}/d{model.output}"] = _tensor(shape, lambda: _number(draw))
    return found


def model_direction(model: DefinedModel, point: Mapping[str, Any], draw: Random) -> Point:
    """A whole number for each entry of what moves."""
    moved = {str(head[0]) for head in model.moved} | {key for key in point if "/" in key}
    return {
        f"R({name})": _each(value, lambda _: Integer(draw.randint(-2, 2)))
        for name, value in point.items()
        if name in moved
    }


def unit_directions(names: Sequence[str], point: Mapping[str, Any]) -> Iterator[Point]:
    """For each entry of some tensors in order the direction in which it alone moves."""
    counts = [len([*entries(point[name])]) for name in names]
    for number in range(sum(counts)):
        places = count()

        def entry(_: Any, places: Iterator[int] = places, number: int = number) -> Expr:
            return Integer(next(places) == number)

        yield {f"R({name})": _each(point[name], entry) for name in names}


def times(scale: Expr, value: Any) -> Any:
    """A tensor times a number."""
    return _each(value, lambda entry: scale * entry)


def entries(value: Any) -> Iterator[Expr]:
    """The numbers of a tensor, row by row."""
    if isinstance(value, tuple):
        for part in value:
            yield from entries(part)
    else:
        yield value


def _sizes(model: DefinedModel) -> dict[Expr, int]:
    sizes: dict[Expr, int] = {}
    for place, axis in enumerate(model.all_axes, start=2):
        width = model.width(axis)
        sizes[axis] = int(width) if isinstance(width, Integer) else place
    for axis, parts in fitting_shifts(model):
        sizes[axis] = sum(sizes[part] for part in parts) - len(parts) + 1
    return sizes


def _shares(draw: Random, shape: tuple[int, ...], along: int) -> Any:
    """Positive numbers whose sums along an axis are 1: 1/2, 1/4, ... in some order."""
    count = shape[along]
    shares = [Rational(1, 2**place) for place in range(1, count)]
    shares.append(shares[-1] if shares else Rational(1))
    rows: dict[tuple[int, ...], list[Rational]] = {}

    def entry(place: tuple[int, ...]) -> Rational:
        row = (*place[:along], *place[along + 1 :])
        if row not in rows:
            rows[row] = draw.sample(shares, count)
        return rows[row][place[along]]

    def nested(place: tuple[int, ...]) -> Any:
        if len(place) == len(shape):
            return entry(place)
        return tuple(nested((*place, unit)) for unit in range(shape[len(place)]))

    return nested(())


def _tensor(shape: tuple[int, ...], entry: Callable[[], Expr]) -> Any:
    if not shape:
        return entry()
    return tuple(_tensor(shape[1:], entry) for _ in range(shape[0]))


def _each(value: Any, change: Callable[[Any], Any]) -> Any:
    if isinstance(value, tuple):
        return tuple(_each(part, change) for part in value)
    return change(value)


def _number(draw: Random, signs: tuple[int, ...] = (-1, 1)) -> Rational:
    return Rational(draw.choice(signs) * draw.randint(1, 12), draw.choice((4, 8)))


def _row(draw: Random, count: int) -> Row:
    return tuple(_number(draw) for _ in range(count))
