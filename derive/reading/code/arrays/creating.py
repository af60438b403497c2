"""Arrays that are made: filled, drawn, written out, and counted."""

from __future__ import annotations

import ast

from sympy import Integer, S, Symbol

from derive.algebra.quantities import NO_SUPERSCRIPT, Quantity
from derive.reading.code.arrays.array import IndexedArray, number
from derive.reading.code.arrays.axes import UnreadableError
from derive.reading.code.arrays.reshaping import shape
from derive.reading.code.arrays.scope import DRAWN, CodeScope
from derive.reading.code.arrays.values import Items, Mapped, Range, Value

FILLED = {"zeros": S.Zero, "ones": S.One, "empty": S.Zero}
LIKE = {f"{name}_like": value for name, value in FILLED.items()}
_DRAWING = {
    *("randn", "rand", "random", "normal", "uniform", "standard_normal", "binomial"),
    *("randn_like", "rand_like"),
}
DATA = ("array", "tensor", "asarray", "FloatTensor")


def draws(function: ast.expr) -> bool:
    """Whether a function draws numbers."""
    text = ast.unparse(function)
    last = text.rpartition(".")[2]
    return ("random" in text or text.startswith("torch.")) and last in _DRAWING


def drawn(node: ast.Call, name: str, scope: CodeScope) -> IndexedArray:
    """Numbers that are drawn: they get the name of what they are assigned to."""
    if name.endswith("_like"):
        slots = scope.array(node.args[0]).slots
    elif name in ("normal", "uniform", "binomial"):
        size = next((k.value for k in node.keywords if k.arg == "size"), None)
        size = node.args[2] if size is None and len(node.args) == 3 else size
        slots = () if size is None else shape([size], scope)
    else:
        slots = shape(node.args, scope)
    letters = tuple(None if slot is None else scope.axes.letter() for slot in slots)
    indices = [letter for letter in letters if letter is not None]
    return IndexedArray(slots, letters, Quantity(DRAWN, NO_SUPERSCRIPT, *indices))


def filled(node: ast.Call, name: str, scope: CodeScope) -> IndexedArray:
    """zeros, ones and the like."""
    if name in LIKE:
        like = scope.array(node.args[0]).fresh(scope.axes)
        return IndexedArray(like.slots, like.letters, LIKE[name])
    sizes = [one for one in node.args if not isinstance(one, ast.Attribute) or one.attr == "shape"]
    slots = shape(sizes, scope)
    letters = tuple(None if slot is None else scope.axes.letter() for slot in slots)
    return IndexedArray(slots, letters, FILLED[name])


def counted(node: ast.Call, name: str, scope: CodeScope) -> Value:
    """range(N), np.arange(N), len(x) and dict(a=a)."""
    if name == "dict":
        return Mapped({k.arg: scope.value(k.value) for k in node.keywords if k.arg is not None})
    if len(node.args) != 1:
        raise UnreadableError(f"{name} is read with one value")
    if name == "len" and isinstance(items := scope.value(node.args[0]), Items):
        return number(Integer(len(items.values)))
    if name == "len":
        slot = scope.array(node.args[0]).slots[:1]
        if not slot:
            raise UnreadableError("a number has no length")
        return number(S.One if slot[0] is None else scope.axes.of(slot[0]))
    size = scope.array(node.args[0]).value
    if not isinstance(size, Symbol):
        raise UnreadableError(f"{name} is read over an axis")
    return Range(size)


def written_out(data: ast.List, scope: CodeScope) -> IndexedArray:
    """Numbers that are written out: their sizes count, and not their values."""
    slots: list[Symbol | None] = []
    level: ast.expr = data
    while isinstance(level, ast.List) and level.elts:
        slots.append(scope.axes.sized(len(level.elts), f"n_{len(slots)}"))
        level = level.elts[0]
    letters = tuple(None if slot is None else scope.axes.letter() for slot in slots)
    indices = [letter for letter in letters if letter is not None]
    return IndexedArray(tuple(slots), letters, Quantity(DRAWN, NO_SUPERSCRIPT, *indices))
