"""A formula of the user's own as an activation: what it may be, and its form with gates."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from sympy import (
    Add,
    Basic,
    Expr,
    GreaterThan,
    Integer,
    LessThan,
    Mul,
    Piecewise,
    Pow,
    Rational,
    S,
    StrictGreaterThan,
    StrictLessThan,
    Symbol,
    preorder_traversal,
    simplify,
)

from derive.algebra.functions import ReLU, Step
from derive.algebra.primitives import PRIMITIVES, Primitive, primitive_of
from derive.errors import NetworkError

#: The pre-activation in a formula.
VARIABLE = Symbol("z", real=True)

#: The smooth functions that a formula may have, in words.
SUPPORTED = ", ".join(row.name for row in PRIMITIVES)
_MOST_PARTS = 200
_MOST_POWER = 20
#: Two sides of a kink that are so near to one another may be the same.
_NEAR = Rational(1, 10**25)


def gated(argument: Expr, above: Expr, below: Expr, at_zero: Expr) -> Expr:
    """`above` where the argument is positive and `below` where it is negative.

    Step' being 0, its derivatives of every order are the convention's mean of the slopes on
    both sides at a kink: Step(0) times the right one and 1 - Step(0) times the left one.
    """
    gate = Step(argument, at_zero)
    return gate * above + (1 - gate) * below


def checked(formula: Any) -> Expr:
    """The formula, if an activation may have it.

    Raises:
        NetworkError: a text that continues a sentence about the activation, as in
            `derive.model.literals`.
    """
    if not isinstance(formula, Expr):
        raise NetworkError("needs an expression in z as its formula")
    symbols: Any = formula.free_symbols
    for count, _ in enumerate(preorder_traversal(formula)):
        if count > _MOST_PARTS:
            raise NetworkError(f"has a formula of more than {_MOST_PARTS} parts")
    if others := sorted(str(s) for s in symbols - {VARIABLE}):
        raise NetworkError(f"has a formula in z alone, and {others[0]} stands in it")
    if not symbols:
        raise NetworkError("has a formula that does not depend on z")
    if isinstance(formula, Piecewise):
        above, below, kink = sides(formula)
        for side in (above, below):
            _check(side, kinks=False)
        _check_continuous(above - below, kink)
    else:
        _check(formula, kinks=True)
    return formula


def applied(formula: Expr, z: Expr, at_zero: Expr) -> Expr:
    """phi(z), where Step(0) = `at_zero`: cases become gates, and ReLU has the convention."""
    if isinstance(formula, Piecewise):
        above, below, kink = sides(formula)
        whole = gated(VARIABLE - kink, above, below, at_zero)
    else:
        gates = {node: ReLU(node.args[0], at_zero) for node in formula.atoms(ReLU)}
        whole = formula.xreplace(gates)
    return whole.xreplace({VARIABLE: z})


def sides(cases: Piecewise) -> tuple[Expr, Expr, Rational]:
    """What two cases are right and left of their kink, and where that is.

    Raises:
        NetworkError: where they are not two cases by the side of one number.
    """
    problem = NetworkError("has two cases, on the sides of one number, such as z > 0")
    if len(cases.args) != 2:
        raise problem
    (first, condition), (second, rest) = cases.args  # pyright: ignore[reportGeneralTypeIssues]
    if rest != S.true or not isinstance(
        condition, StrictGreaterThan | GreaterThan | StrictLessThan | LessThan
    ):
        raise problem
    left, right = condition.args
    rising = isinstance(condition, StrictGreaterThan | GreaterThan)
    if right == VARIABLE:
        left, right, rising = right, left, not rising
    if left != VARIABLE or not isinstance(right, Rational):
        raise problem
    return (first, second, right) if rising else (second, first, right)


def _check_continuous(difference: Expr, kink: Rational) -> None:
    """Refuse a formula that jumps."""
    try:
        _float(difference, float(kink))
    except (OverflowError, ZeroDivisionError):
        raise NetworkError(f"is too large at z = {kink}") from None
    leap = difference.xreplace({VARIABLE: kink})
    value = leap.evalf(30)
    if not value.is_number or abs(value) > _NEAR:
        raise NetworkError(
            f"jumps at z = {kink}, by {value.evalf(6)}: it has no derivative there "
            "that a convention could give"
        )
    if simplify(leap) != 0:
        raise NetworkError(f"may jump at z = {kink}; whether it does is not known")


def _float(node: Any, z: float) -> float:
    """A rough value, to know that an exact one can be worked out.

    Raises:
        OverflowError, ZeroDivisionError: where it cannot.
    """
    if node == VARIABLE:
        return z
    parts = [_float(argument, z) for argument in node.args]
    match node:
        case Add():
            return math.fsum(parts)
        case Mul():
            return math.prod(parts)
        case Pow() if isinstance(node.exp, Integer):
            return parts[0] ** parts[1]
        case _ if (row := primitive_of(node)) is not None:
            return 1.0 if row.domain is not None else math.exp(abs(parts[0]))
        case _:
            return float(node)


def _check(part: Expr, *, kinks: bool) -> None:
    """Refuse what the laws and the judge do not know, by its name."""
    for node in _inside(part):
        match node:
            case Symbol() | Rational() | Add() | Mul() | S.Pi:
                continue
            case _ if (row := primitive_of(node)) is not None:
                _check_domain(node, row)
            case Pow() if isinstance(node.exp, Integer) and abs(node.exp) <= _MOST_POWER:
                if node.exp < 0 and not node.base.is_nonzero:
                    raise NetworkError(
                        f"divides by {node.base}, and that is not known to be "
                        "different from 0 for every z"
                    )
            case ReLU() if kinks:
                rate = node.args[0].diff(VARIABLE)
                if not isinstance(rate, Rational) or rate == 0:
                    raise NetworkError(
                        f"may have ReLU of a multiple of z and a number, not of {node.args[0]}"
                    )
            case ReLU():
                raise NetworkError("has ReLU within its cases, which is not supported")
            case _:
                raise NetworkError(
                    f"has {_named(node)}, which is not supported there; supported are whole "
                    f"powers, {SUPPORTED}, ReLU and two cases"
                )


def _check_domain(node: Basic, row: Primitive) -> None:
    """Refuse a logarithm or a root that is not known to have a value, and slopes, for every z."""
    if row.domain is not None and not node.args[0].is_positive:
        raise NetworkError(
            f"may have {row.name} of what is positive for every z, and "
            f"{node.args[0]} is not known to be"
        )


def _inside(part: Expr) -> Iterator[Basic]:
    """The nodes of a formula, without the convention that a ReLU carries."""
    yield part
    for argument in part.args[:1] if isinstance(part, ReLU) else part.args:
        yield from _inside(argument)  # pyright: ignore[reportArgumentType]


def _named(node: Basic) -> str:
    if isinstance(node, Pow):
        return f"the power {node.exp}"
    return "a case within a formula" if isinstance(node, Piecewise) else node.func.__name__
