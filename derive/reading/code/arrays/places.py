"""Subscripts: new axes, whole axes, and the class of each sample."""

from __future__ import annotations

import ast
from dataclasses import replace
from typing import Any

from sympy import Symbol

from derive.algebra.indices import substitute
from derive.reading.code.arrays.array import IndexedArray, Pick, Slot
from derive.reading.code.arrays.axes import UnreadableError
from derive.reading.code.arrays.scope import CodeScope
from derive.reading.code.arrays.values import Labels, Range


def whole(node: ast.expr | None) -> int | None:
    """The whole number that stands there, if it is one."""
    match node:
        case ast.Constant(value=int() as value) if not isinstance(value, bool):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as value)):
            return -value
        case _:
            return None


def pick_of(array: IndexedArray, key: ast.expr, scope: CodeScope) -> Pick | None:
    """For p[range(N), y] the classes y of the samples, with the letters of p; else None."""
    if not isinstance(key, ast.Tuple) or len(key.elts) != 2:
        return None
    try:
        rows = scope.value(key.elts[0]) if isinstance(key.elts[0], ast.Call | ast.Name) else None
    except UnreadableError:
        return None
    if not isinstance(rows, Range):
        return None
    classes = key.elts[1]
    if not isinstance(classes, ast.Name) or array.rank != 2 or array.pick is not None:
        raise UnreadableError("labels are read as p[range(N), y], with a name for y")
    if array.slots[0] is not None:
        scope.axes.join(array.slots[0], rows.axis)
    return label_of(classes.id, array, scope)


def label_of(name: str, array: IndexedArray, scope: CodeScope) -> Pick:
    """The classes of the samples of a matrix, with its letters."""
    found = scope.labels(name, array.slots[0], array.slots[1])
    return replace(found, letter=_letter(array, 1), label=_at(found, array))


def _letter(array: IndexedArray, place: int) -> Symbol:
    found = array.letters[place]
    assert found is not None
    return found


def _at(found: Pick, array: IndexedArray) -> Any:
    """The entry of the labels with the letters of an array."""
    sample, letter = found.label.indices  # pyright: ignore
    return substitute(found.label, {sample: _letter(array, 0), letter: _letter(array, 1)})


def picked(array: IndexedArray, key: ast.expr, scope: CodeScope) -> IndexedArray | None:
    """p[range(N), y], the value for the class of each sample; None for other subscripts."""
    whole_array = array.fresh(scope.axes)
    pick = pick_of(whole_array, key, scope)
    if pick is None:
        return None
    return IndexedArray(whole_array.slots[:1], whole_array.letters[:1], whole_array.value, pick)


def one_hot(node: ast.Subscript, scope: CodeScope) -> IndexedArray | None:
    """np.eye(K)[y], the matrix with 1 for the class of each sample; None for other subscripts."""
    matrix, key = node.value, node.slice
    if not (isinstance(matrix, ast.Call) and isinstance(key, ast.Name) and len(matrix.args) == 1):
        return None
    called = matrix.func
    if not (isinstance(called, ast.Attribute) and called.attr in ("eye", "identity")):
        return None
    return hot(key.id, matrix.args[0], scope)


def hot(name: str, classes: ast.expr | None, scope: CodeScope) -> IndexedArray:
    """The matrix with 1 for the class of each sample.

    Args:
        name: that of the labels.
        classes: how many classes there are; that of labels that are known is known.

    Raises:
        UnreadableError: when nothing says how many classes there are.
    """
    held = scope.names.get(name)
    if not isinstance(held, Labels):
        size = None if classes is None else scope.array(classes).value
        if not isinstance(size, Symbol):
            raise UnreadableError("rows of labels are read where the name of a size is given")
        scope.labels(name, scope.axes.new(f"rows_{name}"), size)
        held = scope.names[name]
    elif classes is not None and whole(classes) is None:
        size, own = scope.array(classes).value, scope.draft.given[held.name].slots[1]
        if isinstance(size, Symbol) and own is not None:
            scope.axes.join(own, size)
    assert isinstance(held, Labels)
    return scope.draft.entry(held.name, scope.draft.given[held.name].slots)


def entries(array: IndexedArray, key: ast.expr, scope: CodeScope) -> IndexedArray:
    """x[:, None] and the like.

    Raises:
        UnreadableError: for parts of an axis, and for what counts or chooses entries.
    """
    parts = key.elts if isinstance(key, ast.Tuple) else [key]
    left = sum(1 for one in parts if _is_whole(one))
    if any(not (_is_whole(one) or _is_new(one) or _is_rest(one)) for one in parts):
        raise UnreadableError(f"the subscript [{ast.unparse(key)[:40]}] is not read")
    slots: list[Slot] = []
    letters: list[Symbol | None] = []
    place = 0
    if not any(map(_is_rest, parts)):
        parts = [*parts, ast.Constant(...)]
    for one in parts:
        if _is_new(one):
            slots.append(None)
            letters.append(None)
            continue
        step = 1 if _is_whole(one) else array.rank - left
        if place + step > array.rank:
            raise UnreadableError(f"the subscript [{ast.unparse(key)[:40]}] has too many places")
        slots += array.slots[place : place + step]
        letters += array.letters[place : place + step]
        place += step
    return replace(array, slots=tuple(slots), letters=tuple(letters))


def _is_whole(node: ast.expr) -> bool:
    return isinstance(node, ast.Slice) and not (node.lower or node.upper or node.step)


def _is_rest(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...


def _is_new(node: ast.expr) -> bool:
    named = isinstance(node, ast.Attribute) and node.attr == "newaxis"
    return named or (isinstance(node, ast.Constant) and node.value is None)
