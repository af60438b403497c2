"""Expressions of Python as arrays in index form."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from dataclasses import replace

from sympy import Expr, Integer, Mul, Rational, S

from derive.algebra.quantities import Partial, Quantity
from derive.reading.code.arrays.array import IndexedArray, combined, number, product
from derive.reading.code.arrays.axes import UnreadableError
from derive.reading.code.arrays.calls import call
from derive.reading.code.arrays.modules import member, module_of
from derive.reading.code.arrays.operations import both, either, exact, gate
from derive.reading.code.arrays.places import entries, one_hot, picked, whole
from derive.reading.code.arrays.scope import OBJECTIVE, CodeScope, as_array
from derive.reading.code.arrays.values import Items, Mapped, Module, Uncounted, Value

_BINARY: dict[type[ast.operator], Callable[[Expr, Expr], Expr]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.Pow: lambda a, b: a**b,
}
#: What a table of gradients is called.
GRADIENTS = re.compile(r"d|grads?|gradients?", re.IGNORECASE)
_SELF = ("self", "ctx", "cls")
#: Attributes that give the array itself.
_SAME = ("data", "value", "values")
#: An additive constant so small stands for a symbol that guards a root or a logarithm.
_GUARD = Rational(1, 10_000)


def evaluated(node: ast.expr, scope: CodeScope) -> Value:
    """What an expression stands for.

    Raises:
        UnreadableError: what is not read, and where shapes do not go together.
    """
    match node:
        case ast.Constant():
            return _constant(node, scope)
        case ast.Name():
            return scope.named(node.id)
        case ast.Attribute():
            return _attribute(node, scope)
        case ast.BinOp():
            return operated(node.op, scope.value(node.left), scope.value(node.right), scope)
        case ast.UnaryOp():
            return _signed(node, scope)
        case ast.Compare():
            return _compared(node, scope)
        case ast.Call():
            return call(node, scope)
        case ast.Subscript():
            return _subscript(node, scope)
        case ast.Tuple() | ast.List():
            return _listed(node.elts, scope)
        case ast.Dict():
            keys = [key.value if isinstance(key, ast.Constant) else "" for key in node.keys]
            values = [scope.value(one) for one in node.values]
            return Mapped({str(k): v for k, v in zip(keys, values, strict=True)})
        case _:
            raise UnreadableError(f"{ast.unparse(node)[:60]!r} is not read; write it with arrays")


def _listed(parts: Sequence[ast.expr], scope: CodeScope) -> Items:
    """The values of a list; whole numbers in it count once they are taken out."""
    before = {*scope.draft.literals}
    found = Items(tuple(map(scope.value, parts)))
    if all(isinstance(one, ast.Constant) for one in parts):
        scope.draft.literals.intersection_update(before)
    return found


def operated(sign: ast.operator, left: Value, right: Value, scope: CodeScope) -> IndexedArray:
    """a + b, a * b, a @ b and so on.

    Raises:
        UnreadableError: for other signs.
    """
    one, other = as_array(left, "the left side"), as_array(right, "the right side")
    if isinstance(sign, ast.MatMult):
        return product(scope.axes, one, other)
    if isinstance(sign, ast.BitAnd | ast.BitOr) and one.truth and other.truth:
        build = both if isinstance(sign, ast.BitAnd) else either
        return replace(combined(scope.axes, build, one, other), truth=True)
    build = _BINARY.get(type(sign))
    if build is None:
        raise UnreadableError("of signs + - * / ** and @ are read, & and | between comparisons")
    return combined(scope.axes, build, one, other)


def _constant(node: ast.Constant, scope: CodeScope) -> Value:
    value = node.value
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Uncounted(str(value))
    found = exact(value)
    if isinstance(value, int):
        scope.draft.literals.add(Integer(value))
    if 0 < found < _GUARD and isinstance(value, float):
        return scope.draft.guard(found)
    return number(found)


def _attribute(node: ast.Attribute, scope: CodeScope) -> Value:
    if isinstance(node.value, ast.Name) and node.value.id in _SELF:
        return scope.named(node.attr)
    if node.attr in ("pi", "newaxis"):
        return number(S.Pi) if node.attr == "pi" else Uncounted("None")
    if node.attr == "grad":
        return gradient_of(scope.array(node.value))
    value = scope.value(node.value)
    if isinstance(value, Mapped) and node.attr in value.values:
        return value.values[node.attr]
    if isinstance(value, Module):
        return member(value, node.attr, scope)
    array = as_array(value, ast.unparse(node)[:60])
    if node.attr in ("T", "mT"):
        order = range(array.rank)
        turned = [*order[:-2], *order[:-3:-1]] if node.attr == "mT" else [*reversed(order)]
        return array.moved(turned)
    if node.attr == "shape":
        sizes = (S.One if slot is None else scope.axes.of(slot) for slot in array.slots)
        return Items(tuple(map(number, sizes)))
    if node.attr == "size":
        return number(Mul(*(scope.axes.of(slot) for slot in array.slots if slot is not None)))
    if node.attr in _SAME:
        return array
    raise UnreadableError(f"the attribute {node.attr} is not read")


def gradient_of(array: IndexedArray) -> IndexedArray:
    """The derivative of the objective by an array that has a name.

    Raises:
        UnreadableError: for what is no quantity.
    """
    if not isinstance(array.value, Quantity):
        raise UnreadableError("of this expression no gradient is kept")
    return IndexedArray(array.slots, array.letters, Partial(OBJECTIVE, array.value))


def _signed(node: ast.UnaryOp, scope: CodeScope) -> IndexedArray:
    array = scope.array(node.operand)
    match node.op:
        case ast.USub():
            return array.entrywise(lambda v: -v)
        case ast.UAdd():
            return array
        case ast.Invert() if array.truth:
            return IndexedArray(array.slots, array.letters, 1 - array.value, array.pick, truth=True)
        case _:
            raise UnreadableError(f"{ast.unparse(node)[:60]!r} is not read")


def _compared(node: ast.Compare, scope: CodeScope) -> IndexedArray:
    """1[a > b] as Step(a - b): which of both holds where a = b is a convention.

    ReLU(z) > 0 is z > 0, and ReLU(z) >= 0 holds always.
    """
    if len(node.ops) != 1:
        raise UnreadableError("a comparison of more than two values is not read")
    sign, a, b = node.ops[0], scope.array(node.left), scope.array(node.comparators[0])
    if not isinstance(sign, ast.Lt | ast.LtE | ast.Gt | ast.GtE | ast.Eq | ast.NotEq):
        raise UnreadableError(f"{ast.unparse(node)[:60]!r} is not read")
    if not a.value.has(Quantity):
        a, b, sign = b, a, _mirrored(sign)

    def build(x: Expr, y: Expr) -> Expr:
        z = scope.draft.argument_of_relu(x) if y == 0 else None
        match sign:
            case ast.Gt() | ast.NotEq() if z is not None:
                return gate(z)
            case ast.LtE() | ast.Eq() if z is not None:
                return 1 - gate(z)
            case ast.GtE() if z is not None:
                return S.One
            case ast.Lt() if z is not None:
                return S.Zero
            case ast.Gt() | ast.GtE():
                return gate(x - y)
            case ast.Lt() | ast.LtE():
                return 1 - gate(x - y)
            case _:
                raise UnreadableError("an equality between numbers is not read as an array")

    found = combined(scope.axes, build, a, b)
    return IndexedArray(found.slots, found.letters, found.value, found.pick, truth=True)


def _mirrored(sign: ast.cmpop) -> ast.cmpop:
    """a < b is b > a."""
    match sign:
        case ast.Lt():
            return ast.Gt()
        case ast.LtE():
            return ast.GtE()
        case ast.Gt():
            return ast.Lt()
        case ast.GtE():
            return ast.LtE()
        case _:
            return sign


def _subscript(node: ast.Subscript, scope: CodeScope) -> Value:
    key = node.slice
    if isinstance(key, ast.Constant) and isinstance(key.value, str):
        held = scope.names.get(name_of(node.value) or "")
        if isinstance(held, Mapped) and key.value in held.values:
            return held.values[key.value]
        return scope.named(name_of(node) or key.value)
    if (found := one_hot(node, scope)) is not None:
        return found
    if (module := module_of(node, scope)) is not None:
        return module
    value = scope.value(node.value)
    if isinstance(value, Items):
        found = _item(value, key)
        if isinstance(found, IndexedArray) and isinstance(found.value, Integer):
            scope.draft.literals.add(found.value)
        return found
    array = as_array(value, ast.unparse(node)[:60])
    return picked(array, key, scope) or entries(array, key, scope)


def name_of(node: ast.expr) -> str | None:
    """The name under which a value is kept: that of w, of self.w, and of params["w"]."""
    match node:
        case ast.Name():
            return node.id
        case ast.Attribute(value=ast.Name(id=owner)) if owner in _SELF:
            return node.attr
        case ast.Attribute(attr="data"):
            return name_of(node.value)
        case ast.Subscript(value=table, slice=ast.Constant(value=str() as key)):
            owner = ast.unparse(table).rpartition(".")[2]
            return f"{owner}[{key!r}]" if GRADIENTS.fullmatch(owner) else key
        case _:
            return None


def _item(items: Items, key: ast.expr) -> Value:
    place = whole(key)
    if place is None or not -len(items.values) <= place < len(items.values):
        raise UnreadableError("there is no such place in a shape, a tuple or a list")
    return items.values[place]
