"""Cases as sums of gates: 1[z > 0] is Step(z) with Step(0) = 0, exactly.

The judge splits an equation where a case ends, which it can do for cases that are a whole
side; factors such as 1[z > 0] inside of products are first written with Step.
"""

from __future__ import annotations

from typing import Any

from sympy import And, Basic, Eq, Expr, Ge, Gt, Le, Lt, Ne, Or, Piecewise, S
from sympy.logic.boolalg import BooleanAtom

from derive.algebra.functions import Step
from derive.meaning.cases import MOST_BRANCHES


class NoGateError(ValueError):
    """A condition that is not made of comparisons, or too many of them."""


def as_gates(expression: Expr) -> Expr:
    """The expression with every case a if c, b otherwise written b + (a - b) 1[c].

    Raises:
        NoGateError: where a condition is not made of comparisons, and where there are more
            cases than are looked at: each is inside of the one before it.
    """
    if any(len(node.args) > MOST_BRANCHES for node in expression.atoms(Piecewise)):
        raise NoGateError("there are too many cases to write them with gates")

    def is_cases(node: Any) -> bool:
        return isinstance(node, Piecewise)

    return expression.replace(is_cases, lambda node: _folded(node.args))


def _folded(branches: Any) -> Expr:
    total: Expr = S.Zero
    for value, condition in reversed(branches):
        inside = _indicator(condition)
        total = value if inside == 1 else total + (value - total) * inside
    return total


def _indicator(condition: Basic) -> Expr:
    """1 where a condition holds, and 0 elsewhere."""
    match condition:
        case BooleanAtom():
            return S.One if condition == S.true else S.Zero
        case Gt():
            return Step(condition.lhs - condition.rhs, S.Zero)
        case Ge():
            return Step(condition.lhs - condition.rhs, S.One)
        case Lt():
            return Step(condition.rhs - condition.lhs, S.Zero)
        case Le():
            return Step(condition.rhs - condition.lhs, S.One)
        case Eq():
            difference = condition.lhs - condition.rhs
            return Step(difference, S.One) - Step(difference, S.Zero)
        case Ne():
            difference = condition.lhs - condition.rhs
            return 1 - Step(difference, S.One) + Step(difference, S.Zero)
        case And():
            product: Expr = S.One
            for part in condition.args:
                product *= _indicator(part)
            return product
        case Or():
            product = S.One
            for part in condition.args:
                product *= 1 - _indicator(part)
            return 1 - product
        case _:
            raise NoGateError(f"{condition} is no comparison")
