"""One-sided limits of functions of one plain variable, where their gates are linear in it."""

from __future__ import annotations

from typing import Any

from sympy import (
    Abs,
    Add,
    Expr,
    Heaviside,
    Max,
    Min,
    Mul,
    Number,
    Piecewise,
    Pow,
    S,
    Symbol,
    preorder_traversal,
    sign,
)

from derive.algebra.functions import LeakyReLU, ReLU, Step
from derive.algebra.primitives import ENTIRE
from derive.proving.kinks.one_sided import NoLimitError

#: What may have a kink or a jump where its argument is 0.
JUMPING = (Abs, Heaviside, LeakyReLU, ReLU, Step, sign)
_CONTINUOUS = (Add, Mul, Number, Symbol, *ENTIRE)


def is_linear(argument: Expr, v: Symbol) -> bool:
    """Whether an argument is m v + b with a number m that is not 0."""
    slope = argument.coeff(v)
    return bool(slope.is_Rational and slope != 0 and not (argument - slope * v).expand().has(v))


def zero_of(argument: Expr, v: Symbol) -> Expr:
    """The place -b/m at which m v + b is 0.

    Raises:
        NoLimitError: where the argument is not of this form.
    """
    if not is_linear(argument, v):
        raise NoLimitError(f"{argument} is not seen to be 0 at one place")
    slope = argument.coeff(v)
    return -(argument - slope * v).expand() / slope


def side_limit(function: Expr, v: Symbol, place: Expr, side: int) -> Expr:
    """The limit of a function for v -> place from above (side 1) or from below (-1).

    Raises:
        NoLimitError: where it is not seen to have one.
    """
    if function.has(Max, Min, Piecewise):
        raise NoLimitError(f"{function} is not seen to be continuous")
    gates = [node for node in function.atoms(*JUMPING) if node.has(v)]
    decided = {gate: _on_side(gate, v, place, side) for gate in gates}
    here: Any = function.xreplace(decided)
    for node in preorder_traversal(here):
        whole = isinstance(node, Pow) and node.exp.is_Integer and node.exp > 0
        if node.has(v) and not (whole or isinstance(node, _CONTINUOUS)):
            raise NoLimitError(f"{function} is not seen to be continuous")
    return here.xreplace({v: place})


def _on_side(gate: Any, v: Symbol, place: Expr, side: int) -> Expr:
    """What a gate is beside a place: its argument is positive there, or negative."""
    argument = gate.args[0]
    value = argument.xreplace({v: place}).expand()
    positive = side * argument.coeff(v) > 0 if value == 0 else value.is_positive
    if not is_linear(argument, v) or (value != 0 and not value.is_Rational):
        raise NoLimitError(f"the sign of {argument} is not known at {place}")
    match gate:
        case ReLU():
            return argument if positive else S.Zero
        case LeakyReLU():
            return argument if positive else gate.args[1] * argument
        case Abs():
            return argument if positive else -argument
        case sign():
            return S.One if positive else S.NegativeOne
        case _:
            return S.One if positive else S.Zero
