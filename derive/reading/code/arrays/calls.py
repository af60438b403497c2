"""Calls: functions of NumPy and PyTorch by their names, methods, and functions of the program."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from sympy import S, log

from derive.algebra.quantities import Quantity
from derive.reading.code.arrays.array import Array, Pick, combined, number, product, summed
from derive.reading.code.arrays.axes import UnreadableError
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
from derive.reading.code.arrays.operations import (
    ENTRYWISE,
    LARGEST,
    PAIRWISE,
    PRODUCTS,
    SUMS,
    exact,
    outer,
    relu,
    softmax,
)
from derive.reading.code.arrays.places import label_of, whole
from derive.reading.code.arrays.reshaping import reshaped, transposed
from derive.reading.code.arrays.scope import Given, Scope, as_array
from derive.reading.code.arrays.values import Items, Value, Word

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
#: A clip within these bounds of what lies between 0 and 1 only guards a logarithm.
_CLIP = exact(0.001)


def call(node: ast.Call, scope: Scope) -> Value:
    """What a call gives.

    Raises:
        UnreadableError: for functions that are not read, and arguments that they do not take.
    """
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
    arguments = [*([owner] if owner is not None else []), *node.args]
    if not arguments or any(isinstance(one, ast.Starred) for one in arguments):
        raise UnreadableError(f"the call {ast.unparse(node)[:60]!r} is not read")
    return _known(node, name, arguments, scope)


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


def _own(node: ast.Call, name: str, scope: Scope) -> Value:
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


def _known(node: ast.Call, name: str, arguments: Sequence[ast.expr], scope: Scope) -> Value:
    """A function of the libraries."""
    axes = scope.axes
    first = scope.value(arguments[0])
    if name in ("str", "print", "format", "item", "size", "dim", "backward", "zero_grad", "int"):
        return _aside(name, first, arguments, scope)
    if isinstance(first, Word):
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


def _aside(name: str, first: Value, arguments: Sequence[ast.expr], scope: Scope) -> Value:
    """What does not compute: text, and sizes as methods."""
    if name == "size" and isinstance(first, Array):
        sizes = tuple(number(S.One if s is None else scope.axes.of(s)) for s in first.slots)
        place = whole(arguments[1]) if len(arguments) > 1 else None
        return Items(sizes) if place is None else sizes[place]
    if name in ("item", "int") and isinstance(first, Array):
        return first
    return Word()


def _shaped(
    node: ast.Call, name: str, array: Array, arguments: Sequence[ast.expr], scope: Scope
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
        case "var" if not scope.uses_torch or "unbiased=False" in ast.unparse(node):
            over, keep = _over(node, arguments, scope)
            mean = summed(axes, array, over, True, True)
            square = combined(axes, lambda a, b: (a - b) ** 2, array, mean)
            return summed(axes, square, over, keep, True)
        case "clip" | "clamp":
            return _clipped(node, array, arguments[1:], scope)
        case "cross_entropy" | "mse_loss":
            return _of_targets(name, array, arguments, node, scope)
        case _ if name in LARGEST:
            over, keep = _over(node, arguments, scope)
            return _largest(array, over, keep, scope)
        case _:
            raise UnreadableError(f"the function {name} is not read")


def _over(
    node: ast.Call, arguments: Sequence[ast.expr], scope: Scope
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


def _clipped(node: ast.Call, array: Array, bounds: Sequence[ast.expr], scope: Scope) -> Array:
    """What is clipped to keep a logarithm finite, where it is not clipped.

    Raises:
        UnreadableError: where bounds are not close to 0 and 1.
    """
    if _bounded_below(node, bounds):
        return array.entrywise(relu)
    given = [*bounds, *(key.value for key in node.keywords)]
    guards = {*scope.draft.guards.values()}
    for one in given:
        value = scope.array(one).value
        value = value.xreplace({q: S.Zero for q in value.atoms(Quantity) if q.kind in guards})
        if not (value.is_Rational and min(abs(value), abs(1 - value)) < _CLIP):
            raise UnreadableError("a clip is read where it only guards a logarithm")
    return array


def _bounded_below(node: ast.Call, bounds: Sequence[ast.expr]) -> bool:
    """Whether this is x.clamp(min=0) or np.clip(x, 0, None), which is ReLU."""
    named = {key.arg: key.value for key in node.keywords}
    low = named.get("min", named.get("a_min", bounds[0] if bounds else None))
    high = named.get("max", named.get("a_max", bounds[1] if len(bounds) > 1 else None))
    nothing = high is None or (isinstance(high, ast.Constant) and high.value is None)
    return nothing and isinstance(low, ast.Constant) and low.value == 0


def _largest(array: Array, over: tuple[int, ...] | None, keep: bool, scope: Scope) -> Array:
    """max over an axis: some number for each row, of which nothing else may depend."""
    if scope.draft.given and not array.rank:
        raise UnreadableError("the largest of one number is itself")
    shape = summed(scope.axes, array, over, keep, False)
    return scope.draft.give("shift", Given(shape.slots, is_shift=True))


def _of_targets(
    name: str, array: Array, arguments: Sequence[ast.expr], node: ast.Call, scope: Scope
) -> Array:
    """Costs of PyTorch, with the mean over samples."""
    if name == "mse_loss" and not node.keywords:
        square = combined(scope.axes, lambda a, b: (a - b) ** 2, array, scope.array(arguments[1]))
        return summed(scope.axes, square, None, False, True)
    labels = arguments[1] if len(arguments) > 1 else None
    if name == "cross_entropy" and not node.keywords and isinstance(labels, ast.Name):
        logs = softmax(scope.axes, array, 1).entrywise(lambda p: -log(p))
        pick: Pick = label_of(labels.id, logs, scope)
        rows = Array(logs.slots[:1], logs.letters[:1], logs.value, pick)
        return summed(scope.axes, rows, None, False, True)
    raise UnreadableError(f"{name} is not read with these arguments")
