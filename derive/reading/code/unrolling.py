"""Loops over a few layers as their rounds, one after the other."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Any

from sympy import Integer

from derive.reading.code.arrays.array import IndexedArray
from derive.reading.code.arrays.axes import UnreadableError
from derive.reading.code.arrays.scope import CodeScope, NeedsShapeError
from derive.reading.code.arrays.values import Items, Module, Value
from derive.reading.code.branches import assigned
from derive.reading.code.gradients import all_bases

_MOST_ROUNDS = 12
#: What one round gives the names of the loop: a number, or a value that is kept in a list.
Round = Mapping[str, int | Value]


def rounds(loop: ast.For, scope: CodeScope) -> list[Round] | None:
    """What each round gives the names of a loop; None where that is not known, or not a few.

    Loops that train, which compute gradients and then change what these are by, are none of a few.
    """
    if not _counts(loop):
        return None
    try:
        each = _each(loop.iter, scope)
        found = None if each is None else [_given(loop.target, one) for one in each]
    except (UnreadableError, NeedsShapeError):
        return None
    if not found or len(found) > _MOST_ROUNDS:
        return None
    first = [*unrolled(loop.body, found[0])]
    by = frozenset[str]().union(*map(all_bases, first))
    return None if by & {name for one in first for name in assigned(one)} else found


@lru_cache(maxsize=4096)
def _counts(loop: ast.For) -> bool:
    """Whether a loop uses what it counts, and goes through all of it."""
    names = {n.id for n in ast.walk(loop.target) if isinstance(n, ast.Name)}
    used = {n.id for one in loop.body for n in ast.walk(one) if isinstance(n, ast.Name)}
    return not loop.orelse and bool(names & used) and not any(map(_leaves, loop.body))


def _leaves(one: ast.stmt) -> bool:
    return any(isinstance(n, ast.Break | ast.Continue | ast.Return) for n in ast.walk(one))


def _each(node: ast.expr, scope: CodeScope) -> Sequence[Any] | None:
    """The elements of what a loop runs over: numbers, values, and tuples of them."""
    match node:
        case ast.Call(func=ast.Name(id="range"), args=bounds):
            numbers = [_number(one, scope) for one in bounds]
            whole = [one for one in numbers if one is not None]
            ok = len(whole) == len(numbers) and 1 <= len(whole) <= 3 and whole[2:] != [0]
            return range(*whole) if ok else None
        case ast.Call(func=ast.Name(id="reversed" | "list" | "tuple" as name), args=[inner]):
            found = _each(inner, scope)
            return found if found is None or name != "reversed" else [*reversed(found)]
        case ast.Call(func=ast.Name(id="enumerate"), args=[inner]):
            found = _each(inner, scope)
            return None if found is None else [*enumerate(found)]
        case ast.Call(func=ast.Name(id="zip"), args=given):
            each = [_each(one, scope) for one in given]
            known = [one for one in each if one is not None]
            return [*zip(*known, strict=False)] if len(known) == len(each) else None
        case ast.Subscript(slice=ast.Slice(lower=None, upper=None, step=ast.UnaryOp() as step)):
            found = _each(node.value, scope)
            return None if found is None or _number(step, scope) != -1 else [*reversed(found)]
        case _:
            return _kept(scope.value(node))


def _kept(value: Value) -> Sequence[Any] | None:
    """The elements of a list; a number that is written stays one."""
    if isinstance(value, Module):
        return [*value.parts.values()] or None
    if not isinstance(value, Items):
        return None
    numbers = [
        int(one.value) if isinstance(one, IndexedArray) and isinstance(one.value, Integer) else one
        for one in value.values
    ]
    return numbers


def _number(node: ast.expr, scope: CodeScope) -> int | None:
    value = scope.array(node).value
    return int(value) if isinstance(value, Integer) else None


def _given(target: ast.expr, one: Any) -> Round:
    """What the names of a loop stand for in a round.

    Raises:
        UnreadableError: when there are not as many values as names.
    """
    if isinstance(target, ast.Name):
        return {target.id: one}
    parts = target.elts if isinstance(target, ast.Tuple) else []
    values = one.values if isinstance(one, Items) else one
    if not parts or not isinstance(values, tuple) or len(values) != len(parts):  # pyright: ignore
        raise UnreadableError("a loop is read whose names fit what it runs over")
    found: dict[str, Any] = {}
    for part, value in zip(parts, values, strict=True):  # pyright: ignore
        found |= _given(part, value)
    return found


def unrolled(body: Sequence[ast.stmt], given: Round) -> Iterator[ast.stmt]:
    """The statements of a round, with the numbers that it counts put in."""
    numbers = frozenset((name, value) for name, value in given.items() if isinstance(value, int))
    for one in body:
        yield from _with_numbers(one, numbers)


@lru_cache(maxsize=4096)
def _with_numbers(one: ast.stmt, given: frozenset[tuple[str, int]]) -> tuple[ast.stmt, ...]:
    """A statement with numbers put in for names.

    Kept, as each way to read a program asks for the same, and then for the same of what is here.
    """
    numbers = dict(given)
    if not any(isinstance(node, ast.Name) and node.id in numbers for node in ast.walk(one)):
        return (one,)
    changed = _PutIn(numbers).visit(copy.deepcopy(one))
    return (*changed,) if isinstance(changed, list) else (changed,)


def with_numbers_known(one: ast.stmt, scope: CodeScope) -> Sequence[ast.stmt]:
    """A statement with the numbers that are known put into its subscripts: A["W" + str(L)]."""
    if isinstance(one, ast.For | ast.While | ast.If | ast.With | ast.Try | ast.FunctionDef):
        return [one]
    held = {name: scope.names.get(name) for name in _in_computed_keys(one)}
    numbers = {name: int(value.value) for name, value in held.items()
               if isinstance(value, IndexedArray) and isinstance(value.value, Integer)}  # fmt: skip
    return [*unrolled([one], numbers)] if numbers else [one]


@lru_cache(maxsize=4096)
def _in_computed_keys(one: ast.stmt) -> frozenset[str]:
    """The names in subscripts that are computed."""
    keys = [n.slice for n in ast.walk(one) if isinstance(n, ast.Subscript)]
    computed = (key for key in keys if isinstance(key, ast.BinOp | ast.JoinedStr))
    return frozenset(n.id for key in computed for n in ast.walk(key) if isinstance(n, ast.Name))


class _PutIn(ast.NodeTransformer):
    """Puts numbers in for names, and works out what is then known."""

    def __init__(self, numbers: Mapping[str, int]) -> None:
        self._numbers = numbers

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if node.id in self._numbers and isinstance(node.ctx, ast.Load):
            return ast.copy_location(ast.Constant(self._numbers[node.id]), node)
        return node

    def visit_BinOp(self, node: ast.BinOp) -> ast.expr:
        self.generic_visit(node)
        if not (isinstance(node.left, ast.Constant) and isinstance(node.right, ast.Constant)):
            return node
        one, other = node.left.value, node.right.value
        match node.op:
            case ast.Add() if type(one) is type(other) and isinstance(one, int | str):
                found = one + other  # pyright: ignore
            case ast.Sub() if isinstance(one, int) and isinstance(other, int):
                found = one - other
            case ast.Mod() if isinstance(one, str) and isinstance(other, int):
                found = one.replace("%d", str(other), 1).replace("%i", str(other), 1)
            case _:
                return node
        return ast.copy_location(ast.Constant(found), node)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        match node:
            case ast.Call(func=ast.Name(id="str"), args=[ast.Constant(value=int() as number)]):
                return ast.copy_location(ast.Constant(str(number)), node)
            case ast.Call(
                func=ast.Attribute(value=ast.Constant(value=str() as text), attr="format"),
                args=[ast.Constant(value=int() as number)],
            ):
                return ast.copy_location(ast.Constant(text.replace("{}", str(number), 1)), node)
            case _:
                return node

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.expr:
        self.generic_visit(node)
        parts: list[str] = []
        for one in node.values:
            inner = one.value if isinstance(one, ast.FormattedValue) else one
            if not isinstance(inner, ast.Constant) or getattr(one, "format_spec", None):
                return node
            parts.append(str(inner.value))
        return ast.copy_location(ast.Constant("".join(parts)), node)

    def visit_If(self, node: ast.If) -> Any:
        self.generic_visit(node)
        known = _holds(node.test)
        return node if known is None else node.body if known else node.orelse

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        self.generic_visit(node)
        known = _holds(node.test)
        return node if known is None else node.body if known else node.orelse


def _holds(test: ast.expr) -> bool | None:
    """Whether a comparison of two numbers holds; None for all others."""
    match test:
        case ast.Compare(
            left=ast.Constant(value=int() as one),
            ops=[sign],
            comparators=[ast.Constant(value=int() as other)],
        ):
            signs = {
                ast.Lt: one < other,
                ast.LtE: one <= other,
                ast.Gt: one > other,
                ast.GtE: one >= other,
                ast.Eq: one == other,
                ast.NotEq: one != other,
            }
            return signs.get(type(sign))  # pyright: ignore
        case _:
            return None
