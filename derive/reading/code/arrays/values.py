"""What names stand for in code that is read: arrays, lists of values, labels, what is unknown."""

from __future__ import annotations

from dataclasses import dataclass

from sympy import Symbol

from derive.reading.code.arrays.array import Array, Slot


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
class Word:
    """A string, None, or what a call of no consequence gives."""

    text: str = ""


@dataclass(frozen=True)
class Unknown:
    """What could not be read, and why."""

    why: str


Value = Array | Items | Mapped | Labels | Range | Word | Unknown
