"""What names stand for in code that is read: arrays, lists of values, labels, what is unknown."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field

from sympy import Symbol

from derive.reading.code.arrays.array import IndexedArray, Slot


@dataclass(frozen=True)
class Items:
    """A tuple, a list, or a shape."""

    values: tuple[Value, ...]


@dataclass(frozen=True)
class Mapped:
    """A dict, or an object with attributes: values by their keys."""

    values: dict[str, Value]


@dataclass(frozen=True)
class Labels:
    """Whole numbers that name classes, one for each sample."""

    name: str
    slot: Slot


@dataclass(frozen=True)
class Range:
    """0, 1, ... for each unit of an axis."""

    axis: Symbol


@dataclass(frozen=True)
class Uncounted:
    """A string, None, or what a call of no consequence gives."""

    text: str = ""


@dataclass(frozen=True)
class Unknown:
    """What could not be read, and why."""

    why: str


@dataclass(frozen=True)
class Module:
    """A module of PyTorch.

    Attributes:
        made: how it was made, as nn.Linear(3, 4); its parameters have these axes.
        name: with what the names of its parameters begin; none until it is kept under a name.
        slots: the axes of a parameter, or of the weights of a linear layer.
        parts: what it consists of, by name or place.
        forward: what a call of it runs, where the program says so itself.
    """

    made: ast.Call
    name: str = ""
    slots: tuple[Slot, ...] = ()
    parts: Mapping[str, Module] = field(default_factory=dict)
    forward: ast.FunctionDef | None = None


Value = IndexedArray | Items | Mapped | Labels | Range | Uncounted | Unknown | Module
