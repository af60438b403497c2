"""Shifted indices, x[t+s], as sums with a constant that may be any.

    x[t+s] = sum_l shift(l, t, s) x[l]

An equation that holds whatever the numbers shift(l, t, s) are holds of those that say where
l = t + s; so it is proved at every size, with the shift as one more tensor.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache

from sympy import Basic, Expr, Integer, Symbol

from derive.algebra.quantities import NO_SUPERSCRIPT, Quantity
from derive.model.defined_model import DefinedModel, Tensor, TensorDefinition
from derive.model.instances import ShiftAxes, free_axes, shifts_in, shifts_of


def shifts_used(model: DefinedModel, *parts: Basic) -> tuple[ShiftAxes, ...]:
    """The shifts of a model, and those of an equation, which may have other offsets.

    Raises:
        IllTypedError: when nothing says what a letter of a shift counts.
    """
    known = free_axes(model, *parts)
    own = (axes for part in parts for _, _, axes in shifts_in(model, part, known))
    return tuple(dict.fromkeys((*shifts_of(model), *own)))


@lru_cache(maxsize=16)
def with_any_shift(model: DefinedModel, shifts: tuple[ShiftAxes, ...]) -> DefinedModel:
    """The model in which each of these shifts is a constant tensor."""
    tensors = tuple(
        Tensor(_name(axes), (axes[0], *_counted(axes)), "constant")  # pyright: ignore
        for axes in shifts
    )
    definitions: list[TensorDefinition] = []
    for one in model.definitions:
        known = dict(zip(one.left.indices, one.axes, strict=True))
        definitions.append(replace(one, right=_replaced(model, one.right, known)))  # pyright: ignore
    return replace(model, tensors=(*model.tensors, *tensors), definitions=tuple(definitions))


def as_any_shift(model: DefinedModel, *parts: Basic) -> list[Basic]:
    """The parts of an equation in `with_any_shift`, whose free letters are the same.

    Raises:
        IllTypedError: when nothing says what a letter of a shift counts.
    """
    known = free_axes(model, *parts)
    return [_replaced(model, part, known) for part in parts]


def _replaced(model: DefinedModel, expression: Basic, known: Mapping[Symbol, Expr]) -> Basic:
    tensors: dict[Basic, Basic] = {}
    for shift, letters, axes in shifts_in(model, expression, known):
        tensors[shift] = Quantity(_name(axes), NO_SUPERSCRIPT, *letters)
    return expression.xreplace(tensors)


def _name(axes: ShiftAxes) -> str:
    """One for each offset: these are other constants."""
    offset = [f"offset{part}".replace("-", "_") for part in axes[1] if isinstance(part, Integer)]
    return "_".join(("shift", *map(str, (axes[0], *_counted(axes))), *offset))


def _counted(axes: ShiftAxes) -> list[Expr]:
    return [part for part in axes[1] if not isinstance(part, Integer)]
