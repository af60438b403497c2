"""Derivatives of functions of one variable, worked out from the formulas of the functions."""

from __future__ import annotations

from sympy import (
    And,
    Basic,
    Derivative,
    Expr,
    Piecewise,
    S,
    Symbol,
    exp,
    tanh,
)
from sympy.core.relational import Relational

from derive.functions import sigmoid, softplus
from derive.proving.fractions import NotRationalError


def derivatives_done(side: Expr, where: Basic) -> Expr:
    """Derivatives of functions of one variable, from the functions' own formulas.

    The formula is the Piecewise or exponential form, differentiated by SymPy piece by
    piece, so that the derivative stated in `derive.functions` is not taken on trust.
    """
    mapping: dict[Expr, Expr] = {}
    for node in side.atoms(Derivative):
        if len(node.variables) != 1:
            raise NotRationalError("only first derivatives of functions are worked out")
        (variable,) = node.variables
        body = node.expr.replace(
            lambda f: isinstance(f, sigmoid | softplus | tanh), lambda f: f.rewrite(exp)
        )
        body = body.rewrite(Piecewise)
        pieces = body.atoms(Piecewise)
        if any(inner.has(Piecewise) for piece in pieces for inner in piece.args):
            raise NotRationalError("a piecewise formula inside another is not differentiated")
        body = body.xreplace({piece: _branch(piece, variable, where) for piece in pieces})
        mapping[node] = body.diff(variable)
    return side.xreplace(mapping)


def _branch(body: Piecewise, variable: Symbol, where: Basic) -> Expr:
    """The piece of a formula that a condition on the sign of the variable selects."""
    positive = (variable > 0) in And.make_args(where)
    negative = (variable < 0) in And.make_args(where)
    if not positive and not negative:
        raise NotRationalError("a derivative at a kink does not exist")
    for branch, condition in body.args:  # pyright: ignore[reportGeneralTypeIssues]
        if any(part.args != (variable, S.Zero) for part in condition.atoms(Relational)):
            raise NotRationalError(f"{condition} is not about the sign of {variable}")
        if condition.subs(variable, 1 if positive else -1) == S.true:
            return branch
    raise NotRationalError("no piece of the formula is selected")
