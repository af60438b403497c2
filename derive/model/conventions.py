"""Equations under every value of Step(0)."""

from __future__ import annotations

from typing import Any, TypeVar

from sympy import Dummy, Expr, Symbol

from derive.algebra.functions import LeakyReLU, ReLU, Step
from derive.model.model import Model

AnyModel = TypeVar("AnyModel", bound=Model)

#: Any value of Step(0).
CONVENTION = Symbol("h_0", real=True)
#: Stands for Step(0) in a text until its value is put in, so that it is known where it was used.
UNSTATED = Dummy("h_0", real=True)


def with_any_convention(model: AnyModel, *parts: Any) -> tuple[AnyModel, list[Any]]:
    """A model and expressions with the symbol h_0 for their value of Step(0)."""
    home = model.with_step_at_zero(CONVENTION)
    return home, [with_step(part, CONVENTION) for part in parts]


def with_step(expression: Any, at_zero: Expr) -> Any:
    """The expression with another value of Step(0), also where a text has Step(0) itself."""
    return expression.xreplace({UNSTATED: at_zero}).replace(
        lambda node: isinstance(node, ReLU | LeakyReLU | Step),
        lambda node: node.func(*node.args[:-1], at_zero),
    )
