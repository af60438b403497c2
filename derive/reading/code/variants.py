"""Expressions with one likely mistake taken back: a transpose, or the axis of a sum."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from derive.reading.statements import Turn

_MOST = 24


@dataclass(frozen=True)
class Variant:
    """An expression, and the mistake that was made if it is right."""

    node: ast.expr
    mistake: str
    details: Mapping[str, Any] = field(default_factory=dict)


def variants(node: ast.expr) -> Iterator[Variant]:
    """What may have been meant by an expression, the likeliest first."""
    places = [*ast.walk(node)]
    found = [*_turned(node, places), *_other_axes(node, places), *_exchanged(node, places)]
    yield from found[:_MOST]


def _turned(node: ast.expr, places: list[ast.AST]) -> Iterator[Variant]:
    """With one factor of a product transposed."""
    for number, place in enumerate(places):
        for field_name in _operands(place):
            whole, copied = _copied(node, number)
            operand: ast.expr = _child(copied, field_name)
            change, new = _transposed(operand)
            _set_child(copied, field_name, new)
            details = {
                "part": ast.unparse(operand if change is Turn.TRANSPOSED else new),
                "change": change,
            }
            yield Variant(whole, "transposed", details)
    change, new = _transposed(copy.deepcopy(node))
    part = "" if change is Turn.TRANSPOSED else ast.unparse(new)
    yield Variant(new, "transposed", {"part": part, "change": change})


def _operands(place: ast.AST) -> list[tuple[str, int | None]]:
    """Where the factors of a matrix product stand."""
    match place:
        case ast.BinOp(op=ast.MatMult()):
            return [("left", None), ("right", None)]
        case ast.Call(func=ast.Attribute(attr="dot" | "matmul" | "mm"), args=[_]):
            return [("func", None), ("args", 0)]
        case ast.Call(func=ast.Attribute(attr="dot" | "matmul" | "mm"), args=[_, _]):
            return [("args", 0), ("args", 1)]
        case _:
            return []


def _child(place: Any, at: tuple[str, int | None]) -> Any:
    held = getattr(place, at[0])
    if at[0] == "func":  # of the method dot
        return held.value
    return held if at[1] is None else held[at[1]]


def _set_child(place: Any, at: tuple[str, int | None], new: ast.expr) -> None:
    if at[0] == "func":
        place.func.value = new
    elif at[1] is None:
        setattr(place, at[0], new)
    else:
        getattr(place, at[0])[at[1]] = new


def _transposed(operand: ast.expr) -> tuple[Turn, ast.expr]:
    if isinstance(operand, ast.Attribute) and operand.attr == "T":
        return Turn.NOT_TRANSPOSED, operand.value
    return Turn.TRANSPOSED, ast.Attribute(operand, "T", ast.Load())


def _copied(node: ast.expr, number: int) -> tuple[ast.expr, Any]:
    """A copy, and what stands there at a place of the original."""
    whole = copy.deepcopy(node)
    return whole, [*ast.walk(whole)][number]


def _other_axes(node: ast.expr, places: list[ast.AST]) -> Iterator[Variant]:
    """With a sum over another axis, over one axis instead of all, or none at all."""
    for number, place in enumerate(places):
        if not isinstance(place, ast.Call) or not ast.unparse(place.func).endswith(("sum", "mean")):
            continue
        axes = [key for key in place.keywords if key.arg in ("axis", "dim")]
        own = ast.unparse(axes[0].value) if axes else None
        for other in ("0", "1", "-1"):
            if other == own:
                continue
            whole, call = _copied(node, number)
            call.keywords = [key for key in call.keywords if key.arg not in ("axis", "dim")]
            call.keywords.insert(0, ast.keyword("axis", ast.Constant(int(other))))
            yield Variant(whole, "wrong_axis", {"found": own or "all axes", "expected": other})


def _exchanged(node: ast.expr, places: list[ast.AST]) -> Iterator[Variant]:
    """With the factors of a product in the other order."""
    for number, place in enumerate(places):
        if isinstance(place, ast.BinOp) and isinstance(place.op, ast.MatMult):
            whole, product = _copied(node, number)
            product.left, product.right = product.right, product.left
            yield Variant(whole, "exchanged_factors", {})
