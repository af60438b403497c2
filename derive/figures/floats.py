"""Formulas as functions on floats, made once for the many points of a figure."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import Any

from sympy import (
    Add,
    And,
    Basic,
    Eq,
    Expr,
    Mul,
    Ne,
    Or,
    Piecewise,
    Pow,
    Symbol,
    cos,
    erf,
    exp,
    log,
    sin,
)
from sympy.core.relational import Relational
from sympy.logic.boolalg import BooleanAtom

from derive.algebra.primitives import is_root

#: A function of the values of the letters of a formula.
Compiled = Callable[[Sequence[float]], Any]

_FUNCTIONS: dict[Any, Callable[[float], float]] = {
    exp: math.exp,
    log: math.log,
    erf: math.erf,
    sin: math.sin,
    cos: math.cos,
}
_RELATIONS: dict[str, Callable[[float, float], bool]] = {
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


@lru_cache(maxsize=256)
def on_floats(formula: Expr, letters: tuple[Expr, ...]) -> Callable[..., float]:
    """A formula in exp, log, erf, sin, cos, roots and cases as a function of its letters.

    It is not a number (nan) where the formula has no value, or none that a float can hold.
    """
    whole = _compiled(formula, letters)

    def value(*at: float) -> float:
        try:
            return whole(at)
        except (ArithmeticError, ValueError):
            return math.nan

    return value


def _compiled(node: Basic, letters: Sequence[Expr]) -> Compiled:
    if node in letters:
        return operator.itemgetter(letters.index(node))  # pyright: ignore[reportArgumentType]
    if isinstance(node, Symbol):
        raise TypeError(f"{node} has no value")
    if isinstance(node, BooleanAtom):
        truth = bool(node)
        return lambda _: truth
    if not node.args or (isinstance(node, Expr) and node.is_number):
        number = float(node)  # pyright: ignore[reportArgumentType]
        return lambda _: number
    if isinstance(node, Piecewise):
        return _cases([(_compiled(c, letters), _compiled(v, letters)) for v, c in node.args])
    if isinstance(node, Mul):
        return _product([_compiled(part, letters) for part in _logarithms_last(node)])
    if is_root(node):
        half = int(2 * node.exp)  # pyright: ignore[reportAttributeAccessIssue]
        (base,) = (_compiled(part, letters) for part in node.args[:1])
        return lambda at: math.sqrt(base(at)) ** half
    parts = [_compiled(part, letters) for part in node.args]
    if isinstance(node, Pow) and not isinstance(node, exp):
        first, second = parts
        return lambda at: first(at) ** second(at)
    if isinstance(node, Relational):
        return _relation(node, parts)
    joined = {Add: math.fsum, And: all, Or: any}.get(node.func)  # pyright: ignore
    if joined is not None:
        return lambda at: joined([part(at) for part in parts])
    function = _FUNCTIONS[node.func]
    return lambda at: function(parts[0](at))


def _logarithms_last(product: Mul) -> list[Basic]:
    """The factors in such an order that 0 log(r) asks for no logarithm."""
    return sorted(product.args, key=lambda factor: factor.has(log) + factor.has(Pow))


def _product(factors: Sequence[Compiled]) -> Compiled:
    def value(at: Sequence[float]) -> float:
        total = 1.0
        for factor in factors:
            total *= factor(at)
            if total == 0:
                break
        return total

    return value


def _cases(rows: Sequence[tuple[Compiled, Compiled]]) -> Compiled:
    def value(at: Sequence[float]) -> float:
        return next((found(at) for holds, found in rows if holds(at)), math.nan)

    return value


def _relation(node: Relational, parts: Sequence[Compiled]) -> Compiled:
    left, right = parts
    if isinstance(node, Eq | Ne):
        equal = isinstance(node, Eq)
        return lambda at: (left(at) == right(at)) is equal
    compare = _RELATIONS[node.rel_op]
    return lambda at: compare(left(at), right(at))
