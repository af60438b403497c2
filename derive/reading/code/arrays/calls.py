"""Calls: functions of NumPy and PyTorch by their names, methods, and functions of the program."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace

from sympy import Mul, S, log

from derive.reading.code.arrays.array import IndexedArray, combined, number, product, summed
from derive.reading.code.arrays.axes import UnreadableError
from derive.reading.code.arrays.clipping import clipped
from derive.reading.code.arrays.costs import COSTS, cost
from derive.reading.code.arrays.creating import (
    DATA,
    FILLED,
    LIKE,
    counted,
    drawn,
    draws,
    filled,
    written_out,
)
from derive.reading.code.arrays.einsum import einsum
from derive.reading.code.arrays.modules import applied, module_made, module_of
from derive.reading.code.arrays.operations import (
    ENTRYWISE,
    LARGEST,
    PAIRWISE,
    PRODUCTS,
    SUMS,
    outer,
    softmax,
)
from derive.reading.code.arrays.places import hot, whole
from derive.reading.code.arrays.reshaping import reshaped, transposed
from derive.reading.code.arrays.scope import CodeScope, GivenArray, as_array
from derive.reading.code.arrays.values import Items, Uncounted, Value

_LIBRARIES = (
    "np",
    "numpy",
    "jnp",
    "torch",
    "F",
    "nn",
    "math",
    "special",
    "scipy",
    "functional",
    "linalg",
)
#: Arguments with names: what else is named may change what is computed.
_ARGUMENTS = {
    *("axis", "dim", "keepdims", "keepdim", "dtype", "device", "requires_grad", "unbiased"),
    *("min", "max", "a_min", "a_max", "shape", "size", "copy", "nan", "reduction"),
    *("num_classes", "optimize"),
}
#: What computes no array: text, sizes, and what trains.
_ASIDE = {"str", "print", "format", "item", "size", "numel", "dim", "backward", "zero_grad", "int"}
#: What may give the array itself, seen in another way.
_VIEWS = {
    *("reshape", "view", "transpose", "t", "swapaxes", "squeeze", "unsqueeze", "expand_dims"),
    *("ravel", "flatten", "asarray", "contiguous", "astype", "float", "double", "to", "detach"),
    *("ascontiguousarray", "numpy", "from_numpy", "as_tensor", "cpu", "atleast_2d"),
}


def call(node: ast.Call, scope: CodeScope) -> Value:
    """What a call gives.

    Raises:
        UnreadableError: for functions that are not read, and arguments that they do not take.
    """
    if (held := module_of(node.func, scope)) is not None:
        return applied(held, node.args, scope)
    if (made := module_made(node, scope)) is not None:
        return made
    name, owner = _called(node.func)
    if owner is None and name in scope.functions:
        return _own(node, name, scope)
    if draws(node.func):
        return drawn(node, name, scope)
    if name in FILLED or name in LIKE:
        return filled(node, name, scope)
    if (owner is None and name in ("range", "len", "dict", "arange")) or name == "arange":
        return counted(node, name, scope)
    if name in DATA and node.args and isinstance(node.args[0], ast.List):
        return written_out(node.args[0], scope)
    if unread := {str(key.arg) for key in node.keywords} - _ARGUMENTS:
        raise UnreadableError(f"the argument {min(unread)} of {name} is not read")
    if isinstance(node.func, ast.Name) and name in ("sum", "max", "min"):
        raise UnreadableError(f"{name} of Python is not read; write np.{name}")
    arguments = [*([owner] if owner is not None else []), *node.args]
    if not arguments or any(isinstance(one, ast.Starred) for one in arguments):
        raise UnreadableError(f"the call {ast.unparse(node)[:60]!r} is not read")
    if name in ("einsum", "one_hot"):
        return _named_first(name, arguments, scope)
    return _known(node, name, arguments, scope)


def _named_first(name: str, arguments: Sequence[ast.expr], scope: CodeScope) -> IndexedArray:
    """einsum, which has letters first, and one_hot, which has labels."""
    first, *others = arguments
    if name == "einsum" and isinstance(first, ast.Constant) and isinstance(first.value, str):
        return einsum(scope.axes, first.value, [scope.array(one) for one in others])
    if name == "one_hot" and isinstance(first, ast.Name):
        return hot(first.id, others[0] if others else None, scope)
    raise UnreadableError(f"{name} is read with {'letters' if name == 'einsum' else 'labels'}")


def computes(node: ast.Call) -> bool:
    """Whether a function of the libraries is called, or a method of an array."""
    base = node.func
    while isinstance(base, ast.Attribute):
        base = base.value
    return isinstance(node.func, ast.Attribute) and isinstance(base, ast.Name | ast.Call)


def viewed(node: ast.expr) -> ast.expr | None:
    """The array of which an expression may be a view; None where it is a new array."""
    match node:
        case ast.Attribute(attr="T" | "mT" | "data"):
            return node.value
        case ast.Subscript():
            return node.value
        case ast.Call(func=ast.Attribute(attr=name, value=owner)) if name in _VIEWS:
            return node.args[0] if _called(node.func)[1] is None and node.args else owner
        case _:
            return None


def _called(function: ast.expr) -> tuple[str, ast.expr | None]:
    """The name of a function, and what it is a method of."""
    if isinstance(function, ast.Name):
        return function.id, None
    if not isinstance(function, ast.Attribute):
        raise UnreadableError("a call of what has no name is not read")
    base = function.value
    while isinstance(base, ast.Attribute):
        base = base.value
    library = isinstance(base, ast.Name) and base.id in (*_LIBRARIES, "self", "cls")
    return function.attr, None if library and not _is_value(function.value) else function.value


def _is_value(base: ast.expr) -> bool:
    """Whether it is self.x of self.x.sum(), and no library or object."""
    if not isinstance(base, ast.Attribute):
        return False
    return isinstance(base.value, ast.Name) and base.value.id == "self"


def _own(node: ast.Call, name: str, scope: CodeScope) -> Value:
    """A call of a function of the program, with its values put in."""
    function = scope.functions[name]
    named = [*function.args.posonlyargs, *function.args.args]
    named = [one.arg for one in named if one.arg not in ("self", "cls")]
    if len(node.args) > len(named) or any(key.arg is None for key in node.keywords):
        raise UnreadableError(f"{name} takes {len(named)} values")
    values = {own: scope.value(given) for own, given in zip(named, node.args, strict=False)}
    values |= {key.arg: scope.value(key.value) for key in node.keywords if key.arg is not None}
    defaults = zip(reversed(named), reversed(function.args.defaults), strict=False)
    for own, default in defaults:
        if own not in values:
            values[own] = scope.value(default)
    return scope.call(function, values)


def _known(node: ast.Call, name: str, arguments: Sequence[ast.expr], scope: CodeScope) -> Value:
    """A function of the libraries."""
    axes = scope.axes
    first = scope.value(arguments[0])
    if name in _ASIDE:
        return _aside(name, first, arguments, scope)
    if isinstance(first, Uncounted):
        raise UnreadableError(f"the function {name} is not read")
    array = as_array(first, ast.unparse(arguments[0])[:60])
    if name in ENTRYWISE:
        return array.entrywise(ENTRYWISE[name])
    if name in PAIRWISE:
        return combined(axes, PAIRWISE[name], array, scope.array(arguments[1]))
    if name in PRODUCTS:
        other = scope.array(arguments[1])
        if name == "dot" and not (array.rank and other.rank):
            return combined(axes, lambda a, b: a * b, array, other)
        return product(axes, array, other)
    if name in SUMS:
        over, keep = _over(node, arguments, scope)
        return summed(axes, array, over, keep, SUMS[name])
    return _shaped(node, name, array, arguments, scope)


def _aside(name: str, first: Value, arguments: Sequence[ast.expr], scope: CodeScope) -> Value:
    """What does not compute: text, and sizes as methods."""
    if name == "size" and isinstance(first, IndexedArray):
        sizes = tuple(number(S.One if s is None else scope.axes.of(s)) for s in first.slots)
        place = whole(arguments[1]) if len(arguments) > 1 else None
        return Items(sizes) if place is None else sizes[place]
    if name == "numel" and isinstance(first, IndexedArray):
        return number(Mul(*(scope.axes.of(slot) for slot in first.slots if slot is not None)))
    if name in ("item", "int") and isinstance(first, IndexedArray):
        return first
    return Uncounted()


def _shaped(
    node: ast.Call, name: str, array: IndexedArray, arguments: Sequence[ast.expr], scope: CodeScope
) -> Value:
    """Functions that look at axes."""
    axes = scope.axes
    match name:
        case "where":
            if len(arguments) != 3:
                raise UnreadableError("where is read with a condition and two values")
            yes, no = (scope.array(one) for one in arguments[1:])
            return combined(axes, lambda c, a, b: c * a + (1 - c) * b, array, yes, no)
        case "outer":
            return outer(axes, array, scope.array(arguments[1]))
        case "softmax" | "log_softmax":
            over, _ = _over(node, arguments, scope)
            if over is None and array.rank != 1:
                raise UnreadableError(f"{name} is read with its axis, as axis=1")
            found = softmax(axes, array, 0 if over is None else over[0])
            return found if name == "softmax" else found.entrywise(log)
        case "transpose" | "t" | "swapaxes":
            swaps = name == "swapaxes" or scope.uses_torch
            return transposed(array, arguments[1:], swaps)
        case "reshape" | "view" | "squeeze" | "unsqueeze" | "expand_dims" | "flatten" | "ravel":
            return reshaped(name, array, arguments[1:], node, scope)
        case "atleast_2d":
            missing = (None,) * (2 - array.rank)
            return replace(
                array, slots=(*missing, *array.slots), letters=(*missing, *array.letters)
            )
        case "var" if scope.uses_torch == ("unbiased=False" in ast.unparse(node)):
            over, keep = _over(node, arguments, scope)
            mean = summed(axes, array, over, True, True)
            square = combined(axes, lambda a, b: (a - b) ** 2, array, mean)
            return summed(axes, square, over, keep, True)
        case "clip" | "clamp":
            return clipped(node, array, arguments[1:], scope)
        case _ if name in COSTS:
            return cost(name, array, arguments, node, scope)
        case _ if name in LARGEST:
            over, keep = _over(node, arguments, scope)
            return _largest(array, over, keep, scope)
        case _:
            raise UnreadableError(f"the function {name} is not read")


def _over(
    node: ast.Call, arguments: Sequence[ast.expr], scope: CodeScope
) -> tuple[tuple[int, ...] | None, bool]:
    """The axes that are named, and whether they are kept."""
    named = {key.arg: key.value for key in node.keywords}
    over = named.get("axis", named.get("dim"))
    over = arguments[1] if over is None and len(arguments) > 1 else over
    kept = named.get("keepdims", named.get("keepdim"))
    kept = arguments[2] if kept is None and len(arguments) > 2 else kept
    keep = isinstance(kept, ast.Constant) and kept.value is True
    if over is None or (isinstance(over, ast.Constant) and over.value is None):
        return None, keep
    parts = over.elts if isinstance(over, ast.Tuple | ast.List) else [over]
    places = [whole(one) for one in parts]
    if any(one is None for one in places):
        raise UnreadableError("the axis of a sum is read as a number")
    return tuple(one for one in places if one is not None), keep


def _largest(
    array: IndexedArray, over: tuple[int, ...] | None, keep: bool, scope: CodeScope
) -> IndexedArray:
    """max over an axis: some number for each row, of which nothing else may depend."""
    if scope.draft.given and not array.rank:
        raise UnreadableError("the largest of one number is itself")
    shape = summed(scope.axes, array, over, keep, False)
    return scope.draft.give("shift", GivenArray(shape.slots, is_shift=True))
