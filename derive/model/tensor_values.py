"""The numbers that a model from definitions is evaluated at, and the sizes that follow from them.

A point maps the name of each given tensor to its entries: a number for axes = [], a list for
one axis, a list of lists for two.  How many there are is the size of the axis.  The size of an
axis that no given tensor has is given by its own name.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from sympy import Expr, Rational

from derive.algebra.numerals import as_printed
from derive.algebra.quantities import NO_SUPERSCRIPT, Partial, Quantity
from derive.errors import NetworkError
from derive.model.defined_model import DefinedModel, axis_named
from derive.model.instances import fitting_shifts
from derive.model.literals import did_you_mean, shown
from derive.model.nested_numbers import DepthError, with_units


class PointError(NetworkError):
    """A point that does not fit its model; `key` is what in it is at fault, where one thing is."""

    def __init__(self, sentence: str, key: str | None = None) -> None:
        super().__init__(sentence)
        self.key = key


@dataclass(frozen=True)
class TensorValues:
    """The size of each axis, and the value of each given entry, dC/dO among them.

    `moves` says whether a direction is among them.
    """

    sizes: Mapping[Expr, int]
    entries: Mapping[Expr, Rational]
    moves: bool = False


def tensor_values(model: DefinedModel, point: Mapping[str, Any]) -> TensorValues:
    """The sizes and entries that a point gives; floating-point numbers are read as they print.

    Where C is not specified, the point may give its derivatives by the output, as "dC/dO".  It
    may also give a direction, as "R(W)" for a parameter or an input W and as "R(dC/dO)"; what it
    does not name stays.

    Raises:
        PointError: when a tensor is missing or unknown, holds what is no exact number, or has
            another size along an axis than the model or another tensor.
    """
    sizes: dict[Expr, int] = {}
    said: dict[Expr, str] = {}
    for axis, size in model.numbers:
        sizes[axis], said[axis] = int(size), f"[axes] says {size}"
    needed = {one.name: (Quantity(one.name, NO_SUPERSCRIPT), one.axes) for one in model.tensors}
    unspecified = [Quantity(*head) for head in model.opaque(model.C.args[:2])]
    seeds = {f"d{model.C.kind}/d{output.kind}": output for output in unspecified}
    optional = {key: (output, model.axes(output)) for key, output in seeds.items()}
    entry_of = {key: partial(Partial, model.C) for key in seeds}
    for key, (tensor, axes) in (*needed.items(), *optional.items()):
        if key in seeds or tensor.args[:2] in model.moved:
            optional[f"R({key})"] = (tensor, axes)
            entry_of[f"R({key})"] = partial(_moving, model, entry_of.get(key))
    tensors = needed | {key: value for key, value in optional.items() if key in point}
    untold = _untold(model)
    _check_names(point, (*needed, *optional, *untold))
    shifts = [*fitting_shifts(model)]
    counted = {str(part) for _, parts in shifts for part in parts}
    for name in untold:
        if name in point or name not in counted:
            axis = axis_named(name)
            sizes[axis], said[axis] = _size(point, name), f"{name} says {point.get(name)}"
    entries: dict[Expr, Rational] = {}
    for name, (bare, axes) in tensors.items():
        if name not in point:
            raise PointError(f"{name} is missing; the point needs {', '.join(needed)}")
        shape: list[int] = []
        values = list(_entries(name, point[name], len(axes), shape))
        for axis, size in zip(axes, shape, strict=True):
            if sizes.setdefault(axis, size) != size:
                raise PointError(f"{name} has {size} along the axis {axis}, but {said[axis]}", name)
            said.setdefault(axis, f"{name} has {size}")
        for units, value in values:
            entry = bare.at(*(unit + 1 for unit in units))
            entries[entry_of[name](entry) if name in entry_of else entry] = value
    for axis, parts in shifts:
        _fit_shift(sizes, axis, parts)
    moves = any(key.startswith("R(") for key in tensors)
    return TensorValues(sizes, entries, moves)


def _fit_shift(sizes: dict[Expr, int], axis: Expr, parts: tuple[Expr, ...]) -> None:
    """L = T + S - 1 for x[t+s], which says how large T is where nothing else does.

    For x[2*t+s] it is 2 T + S - 2, and one more where the last entry is stepped over.
    """
    stride = {part: parts.count(part) for part in parts}
    names = (f"{times} {part}" if times > 1 else str(part) for part, times in stride.items())
    said = " + ".join(names) + f" - {len(parts) - 1}"
    unknown = [part for part in stride if part not in sizes]
    whole = sizes[axis] + len(parts) - 1 - sum(sizes.get(part, 0) for part in parts)
    if len(unknown) == 1 and whole >= stride[unknown[0]]:
        sizes[unknown[0]] = whole // stride[unknown[0]]
    elif unknown or not 0 <= whole < max(stride.values()):
        raise PointError(f"{axis} is {sizes[axis]}, which is not {said} here")


def _moving(model: DefinedModel, derivative: Callable[[Quantity], Expr] | None, entry: Any) -> Expr:
    """R{W_ij}, or R{dC/dO_ij}."""
    if derivative is None:
        return model.moving(entry)
    return Partial(derivative(entry), model.direction)


def _untold(model: DefinedModel) -> list[str]:
    """The axes without a number that no given tensor has."""
    told = {axis for one in model.tensors for axis in one.axes} | dict(model.numbers).keys()
    return [str(axis) for axis in model.all_axes if axis not in told]


def _check_names(point: Mapping[str, Any], known: tuple[str, ...]) -> None:
    for name in point:
        if name not in known:
            hint = did_you_mean(str(name), known) or f"; the point gives {', '.join(known)}"
            raise PointError(f"{shown(name)} is no given tensor of this model{hint}", str(name))


def _size(point: Mapping[str, Any], name: str) -> int:
    value = point.get(name)
    if not isinstance(value, int) or value < 1:
        raise PointError(f"{name} is the size of an axis that no tensor tells; give {name} = 2")
    return value


def _entries(
    name: str, value: Any, depth: int, shape: list[int]
) -> Iterator[tuple[tuple[int, ...], Rational]]:
    """The entries under a name with their units, from 0; `shape` grows with the first of each.

    Raises:
        PointError: when the lists are not `depth` deep, of unequal lengths, or hold no numbers.
    """
    try:
        for units, entry in with_units(value, depth, shape):
            number = as_printed(entry)
            if number is None:
                raise PointError(
                    f'{name} holds exact numbers such as "3/2" or "0.15", not {shown(entry)}', name
                )
            yield units, number
    except DepthError as problem:
        raise PointError(f"{name} {problem}", name) from None
