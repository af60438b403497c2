"""Derivatives of functions of plain variables, worked out from the formulas of the functions.

Where no argument of a gate is 0, the gates are constant: ReLU(a) = a s, |a| = a (2s - 1),
max(a, b) = b + (a - b) s with s constant.  So there the derivative is that of the formula with
its gates held fixed, to every order, and the derivative that a function states is not taken on
trust.  Where an argument is 0 on a whole region, a s is 0 there with s = Step(0) as well.  At
a kink the formal derivative is what the same formula gives with the convention for Step(0); only
ReLU, LeakyReLU and Step have one.
"""

from __future__ import annotations

from typing import Any

from sympy import (
    Abs,
    And,
    Basic,
    Derivative,
    Dummy,
    Expr,
    Heaviside,
    Max,
    Min,
    Piecewise,
    Rational,
    S,
    Symbol,
    exp,
    sign,
)
from sympy.core.relational import Relational

from derive.algebra.functions import LeakyReLU, ReLU, Step, softplus
from derive.algebra.nodes import nodes_of
from derive.algebra.primitives import BY_EXP
from derive.errors import NotRationalError

#: Derivatives of a higher order, and of larger formulas, are not worked out.
_HIGHEST_ORDER = 8
_MOST_NODES = 2_000


def derivatives_done(side: Expr, where: Basic) -> Expr:
    """The side with derivatives of formulas worked out, innermost first.

    A condition on the sign of the variable selects a piece of a piecewise formula.

    Raises:
        NotRationalError: where that cannot be done; the sentence says why.
    """
    while nodes := [d for d in nodes_of(side, Derivative) if not d.expr.has(Derivative)]:
        side = side.xreplace({node: _worked_out(node, where) for node in nodes})
    return side


def has_no_convention(*sides: Expr) -> bool:
    """Whether something is differentiated whose value at a kink no convention gives."""
    jumps = (Abs, Heaviside, Max, Min, sign)
    return any(node.expr.has(*jumps) for side in sides for node in nodes_of(side, Derivative))


def _worked_out(node: Derivative, where: Basic) -> Expr:
    if not all(isinstance(variable, Symbol) for variable in node.variables):
        raise NotRationalError("only derivatives by plain variables are worked out")
    if len(node.variables) > _HIGHEST_ORDER:
        raise NotRationalError(f"derivatives beyond order {_HIGHEST_ORDER} are not worked out")
    body: Any = node.expr.replace(
        lambda f: isinstance(f, (*BY_EXP, softplus)), lambda f: f.rewrite(exp)
    )
    pieces = nodes_of(body, Piecewise)
    if any(inner.has(Piecewise) for piece in pieces for inner in piece.args):
        raise NotRationalError("a piecewise formula inside another is not differentiated")
    body = body.xreplace({piece: _branch(piece, node.variables[0], where) for piece in pieces})
    gates: dict[Dummy, Expr] = {}
    body = _with_gates(body, gates)
    for variable in node.variables:
        body = body.diff(variable)
        if body.count_ops() > _MOST_NODES:
            raise NotRationalError("a derivative is too large to be worked out")
    while used := nodes_of(body, Dummy) & gates.keys():
        body = body.xreplace({gate: gates[gate] for gate in used})
    return body


def _with_gates(node: Any, gates: dict[Dummy, Expr]) -> Any:
    """The formula with a constant for each gate; what the constants stand for in `gates`."""
    if not node.args:
        return node
    arguments = [_with_gates(argument, gates) for argument in node.args]

    def gate(value: Expr) -> Dummy:
        known = next((d for d, meant in gates.items() if meant == value), None)
        if known is None:
            known = Dummy("s", real=True)
            gates[known] = value
        return known

    def by_sign(argument: Expr) -> Expr:
        return gate((1 + sign(argument)) / 2)

    match node:
        case ReLU():
            return arguments[0] * gate(Step(*arguments))
        case LeakyReLU():
            a, slope, at_zero = arguments
            return a * (slope + (1 - slope) * gate(Step(a, at_zero)))
        case Step():
            return gate(Step(*arguments))
        case Heaviside():
            return gate(Heaviside(*arguments))
        case Abs():
            return arguments[0] * (2 * by_sign(arguments[0]) - 1)
        case sign():
            return 2 * by_sign(arguments[0]) - 1
        case Max() | Min():
            turned = 1 if isinstance(node, Max) else -1
            result = arguments[0]
            for other in arguments[1:]:
                result = other + (result - other) * by_sign(turned * (result - other))
            return result
        case _:
            return node.func(*arguments)


def _branch(body: Piecewise, variable: Symbol, where: Basic) -> Expr:
    """The piece of a formula that a condition on the sign of the variable selects."""
    positive = (variable > 0) in And.make_args(where)
    negative = (variable < 0) in And.make_args(where)
    if not positive and not negative:
        raise NotRationalError("a derivative at a kink does not exist")
    for branch, condition in body.args:  # pyright: ignore[reportGeneralTypeIssues]
        if any(part.args != (variable, S.Zero) for part in nodes_of(condition, Relational)):
            raise NotRationalError(f"{condition} is not about the sign of {variable}")
        if condition.subs(variable, Rational(1 if positive else -1)) == S.true:
            return branch
    raise NotRationalError("no piece of the formula is selected")
