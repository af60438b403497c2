"""The numbers of a worked example: `[point]` of a network file, or a file of its own.

A point maps x, y (or samples, a tuple of {"x": ..., "y": ...}) and W0, b0, W1, ... to
exact numbers: x, y and b^(k) as tuples, W^(k) as a tuple of n_k rows with n_{k+1} entries.
One-unit layers keep their place in these shapes, however the user wrote them.  For a model
from definitions a point maps the name of each given tensor to nested lists.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Integer, Rational

from derive.algebra.numerals import exact
from derive.errors import NetworkError
from derive.files.toml_tables import TomlTable
from derive.model.defined_model import DefinedModel
from derive.model.literals import shown
from derive.model.nested_numbers import in_rows
from derive.model.network import Network
from derive.model.tensor_values import PointError, tensor_values

Vector = tuple[Rational, ...]
Matrix = tuple[Vector, ...]


def read_point(table: TomlTable, network: Network) -> Mapping[str, Any]:
    """The point of a network that a table describes, with every number it needs.

    Raises:
        NetworkError: when a number is missing, superfluous or of the wrong shape, or when
            the network's widths are not numbers.
    """
    shapes = _shapes(table, network)
    _check_keys(table, network, shapes)
    outer = {"x": shapes["x"], "y": shapes["y"]}
    parameters = {name: shape for name, shape in shapes.items() if name not in outer}
    if "samples" in table.values:
        if extra := next((name for name in outer if name in table.values), None):
            raise table.error(f"{extra} belongs inside samples, or samples is left out", extra)
        given: dict[str, Any] = {"samples": _samples(table, outer)}
    else:
        given = _arrays(table, outer)
    return given | _arrays(table, parameters)


def read_model_point(table: TomlTable, model: DefinedModel) -> Mapping[str, Any]:
    """The point of a model from definitions that a table describes, as it was written.

    Raises:
        NetworkError: when it does not fit the model.
    """
    try:
        tensor_values(model, table.values)
    except PointError as problem:
        keys = () if problem.key is None else (problem.key,)
        raise table.error(str(problem), *keys) from None
    return table.values


def _shapes(table: TomlTable, network: Network) -> dict[str, tuple[int, ...]]:
    """The shape of everything that a point of this network gives."""
    widths: list[int] = []
    for number in network.layer_numbers:
        width = network.width(number)
        if not isinstance(width, Integer):
            raise table.error(
                f"numbers need layers of known size, and layer {number} has {width} units"
            )
        widths.append(int(width))
    shapes: dict[str, tuple[int, ...]] = {"x": (widths[0],), "y": (widths[-1],)}
    for (kind, source), shape in network.parameter_shapes.items():
        shapes[f"{kind}{source}"] = tuple(map(int, shape))
    return shapes


def _check_keys(table: TomlTable, network: Network, shapes: Mapping[str, tuple[int, ...]]) -> None:
    for position, layer in enumerate(network.layers):
        if not layer.bias and f"b{position}" in table.values:
            raise table.error(f"layer {position + 1} has no biases b{position}", f"b{position}")
    table.check_keys([*shapes, "samples"])


def _samples(table: TomlTable, shapes: Mapping[str, tuple[int, ...]]) -> tuple[dict[str, Any], ...]:
    rows: Any = table.values["samples"]
    if not isinstance(rows, list) or not rows or not all(isinstance(row, dict) for row in rows):
        raise table.error(
            "samples is a list of one or more tables such as {x = [1, 2], y = [1]}", "samples"
        )
    found: list[dict[str, Any]] = []
    for number, row in enumerate(rows, start=1):
        place = (*table.place, "samples")
        sample = TomlTable(table.name, table.text, row, place, f"{table.label}sample {number}: ")
        sample.check_keys(shapes)
        found.append(_arrays(sample, shapes))
    return tuple(found)


def _arrays(table: TomlTable, shapes: Mapping[str, tuple[int, ...]]) -> dict[str, Any]:
    return {
        name: table.require(
            name,
            lambda value, shape=shape: _array(value, shape),
            f"it is {_described(shape)}",
        )
        for name, shape in shapes.items()
    }


def _array(value: object, shape: tuple[int, ...]) -> Vector | Matrix:
    """Numbers of a shape; where it has one row or column, also flat; for one number, bare."""
    height, breadth = shape if len(shape) == 2 else (1, shape[0])
    rows = in_rows(value, height, breadth)
    if rows is None:
        raise NetworkError(f"is {_described(shape)}, not {_found(value)}")
    numbers = tuple(tuple(_number(entry) for entry in row) for row in rows)
    return numbers if len(shape) == 2 else numbers[0]


def _number(value: object) -> Rational:
    number = exact(value)
    if number is None:
        raise NetworkError(f'holds exact numbers such as "3/2" or "0.15", not {shown(value)}')
    return number


def _described(shape: tuple[int, ...]) -> str:
    """'2 rows of 3 numbers', for messages."""
    *rows, numbers = shape
    line = f"{numbers} number{'s' if numbers > 1 else ''}"
    if not rows:
        return f"a list of {line}"
    return f"{rows[0]} row{'s' if rows[0] > 1 else ''} of {line}"


def _found(value: Any) -> str:
    """The shape that the user gave, for messages."""
    if not isinstance(value, list):
        return shown(value)
    lengths = {len(row) for row in value if isinstance(row, list)}
    if not lengths:
        return f"a list of {len(value)}"
    if len(lengths) > 1 or not all(isinstance(row, list) for row in value):
        return "rows of unequal length"
    return f"{len(value)} row{'s' if len(value) > 1 else ''} of {lengths.pop()}"
