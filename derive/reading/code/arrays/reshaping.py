"""ArrayAxes that are exchanged, added and taken away; sizes as axes."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from sympy import Integer, Symbol

from derive.algebra.quantities import Quantity
from derive.reading.code.arrays.array import IndexedArray, number
from derive.reading.code.arrays.axes import UnreadableError
from derive.reading.code.arrays.places import whole
from derive.reading.code.arrays.scope import CodeScope, as_array
from derive.reading.code.arrays.values import Items, Value


def shape(nodes: Sequence[ast.expr], scope: CodeScope) -> tuple[Symbol | None, ...]:
    """The axes of a shape: (N, D), N, D or *x.shape."""
    values: list[Value] = []
    parts = [one for n in nodes for one in (n.elts if isinstance(n, ast.Tuple | ast.List) else [n])]
    for node in parts:
        if (size := whole(node)) is not None:
            values.append(number(Integer(size)))  # a size, and no number that is computed with
            continue
        literals = {*scope.draft.literals}
        found = scope.value(node.value if isinstance(node, ast.Starred) else node)
        scope.draft.literals.intersection_update(literals)
        values += found.values if isinstance(found, Items) else (found,)
    slots: list[Symbol | None] = []
    for place, value in enumerate(values):
        size = as_array(value, "a size").value
        if isinstance(size, Symbol):
            slots.append(size)
        elif isinstance(size, Integer) and size > 0:
            slots.append(scope.axes.sized(int(size), f"n_{place}"))
        elif size.has(Symbol) and not size.has(Quantity):
            slots.append(scope.axes.new(f"n_{place}"))
        else:
            raise UnreadableError("a shape is read of names of sizes, and of numbers")
    return tuple(slots)


def transposed(array: IndexedArray, places: Sequence[ast.expr], swaps: bool) -> IndexedArray:
    """x.transpose(), and with the axes named: all in NumPy, in PyTorch the two that are swapped."""
    parts = places[0].elts if places and isinstance(places[0], ast.Tuple) else list(places)
    order = [whole(one) for one in parts]
    if not order:
        return array.moved([*reversed(range(array.rank))])
    chosen = [one % array.rank for one in order if one is not None and array.rank]
    if len(chosen) < len(order) or len({*chosen}) < len(chosen):
        raise UnreadableError("axes to exchange are read as numbers, each once")
    if swaps and len(chosen) == 2:
        first, second = chosen
        full = [*range(array.rank)]
        full[first], full[second] = full[second], full[first]
        return array.moved(full)
    if len(chosen) != array.rank:
        raise UnreadableError("a transpose names each axis once")
    return array.moved(chosen)


def reshaped(
    name: str, array: IndexedArray, sizes: Sequence[ast.expr], node: ast.Call, scope: CodeScope
) -> IndexedArray:
    """Shapes that only add axes of one entry, or take them away.

    Raises:
        UnreadableError: for all others.
    """
    real = [n for n, slot in enumerate(array.slots) if slot is not None]
    bare = array.moved(real)
    if name == "squeeze":
        return bare
    if name in ("unsqueeze", "expand_dims"):
        keyed = [k.value for k in node.keywords if k.arg in ("axis", "dim")]
        place = whole((*sizes, *keyed)[0]) if (*sizes, *keyed) else None
        if place is None:
            raise UnreadableError(f"{name} is read with the place of the new axis")
        place += (array.rank + 1) if place < 0 else 0
        return IndexedArray((*array.slots[:place], None, *array.slots[place:]),
                     (*array.letters[:place], None, *array.letters[place:]),
                     array.value, array.pick)  # fmt: skip
    parts = sizes[0].elts if len(sizes) == 1 and isinstance(sizes[0], ast.Tuple) else sizes
    places = [whole(one) for one in parts]
    if len(real) <= 1 and (name in ("flatten", "ravel") or places == [-1]):
        return bare
    if len(real) == 1 and sorted(one or 0 for one in places) == [-1, 1]:
        slots = tuple(bare.slots[0] if one == -1 else None for one in places)
        return IndexedArray(slots, tuple(bare.letters[0] if one == -1 else None for one in places),
                     array.value, array.pick)  # fmt: skip
    return _with_shape(array, parts, scope)


def _with_shape(array: IndexedArray, parts: Sequence[ast.expr], scope: CodeScope) -> IndexedArray:
    """A reshape to the shape that it has."""
    if any(whole(one) == -1 for one in parts):
        raise UnreadableError("a reshape that changes axes is not read")
    slots = shape(parts, scope)
    same = [scope.axes.of(one) if one else None for one in array.slots]
    if same != [scope.axes.of(one) if one else None for one in slots]:
        raise UnreadableError("a reshape that changes axes is not read")
    return array
