"""A formula of the user's own, as an activation or a cost: what it may be, and its gates."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from sympy import (
    Add,
    Basic,
    Expr,
    Integer,
    Mul,
    Pow,
    Rational,
    S,
    Symbol,
    preorder_traversal,
    simplify,
)

from derive.algebra.functions import ReLU
from derive.algebra.output_range import RANGES, REALS, OutputRange
from derive.algebra.pieces import KINKED, pieces_of, written
from derive.algebra.primitives import PRIMITIVES, primitive_of
from derive.errors import NetworkError

#: What an activation or cost is called that is a formula of the user's own.
OWN = "formula"
#: What formulas are written in: the pre-activation; an output and its target.
PRE_ACTIVATION = (Symbol("z", real=True),)
OUTPUT_AND_TARGET = (Symbol("r", real=True), Symbol("y", real=True))

#: The smooth functions that a formula may have, in words.
SUPPORTED = ", ".join(row.name for row in PRIMITIVES)
_MOST_PARTS = 200
_MOST_POWER = 20
#: Two sides of a kink that are so near to one another may be the same.
_NEAR = Rational(1, 10**25)
#: A target at which it is looked whether a cost jumps.
_SAMPLE = Rational(3, 7)


def checked(formula: Any, letters: tuple[Symbol, ...], first_in: OutputRange = REALS) -> Expr:
    """The formula in these letters, if an activation or a cost may have it.

    It has values wherever its first letter is in the range `first_in`.

    Raises:
        NetworkError: a text that continues a sentence about the activation or cost, as in
            `derive.model.literals`.
    """
    names = " and ".join(letter.name for letter in letters)
    if not isinstance(formula, Expr):
        raise NetworkError(f"needs an expression in {names} as its formula")
    symbols: Any = formula.free_symbols
    for count, _ in enumerate(preorder_traversal(formula)):
        if count > _MOST_PARTS:
            raise NetworkError(f"has a formula of more than {_MOST_PARTS} parts")
    if others := sorted(str(s) for s in symbols - {*letters}):
        raise NetworkError(f"has a formula in {names} alone, and {others[0]} stands in it")
    if letters[0] not in symbols:
        raise NetworkError(f"has a formula that does not depend on {letters[0]}")
    pieces = pieces_of(formula, letters)
    for part in pieces.parts:
        _check(part, letters, first_in)
    for kink, below, above in zip(pieces.kinks, pieces.parts, pieces.parts[1:], strict=False):
        _check_continuous(pieces.along, above - below, kink, letters)
    return formula


def in_gates(formula: Expr, letters: tuple[Symbol, ...], at_zero: Expr) -> Expr:
    """A formula with the convention: its pieces as gates, but ReLU where it has no other kink."""
    kinked = formula.atoms(*KINKED)
    if all(isinstance(node, ReLU) and not node.args[0].has(*KINKED) for node in kinked):
        return formula.xreplace({node: ReLU(node.args[0], at_zero) for node in kinked})
    return pieces_of(formula, letters).gated(at_zero)


def _check_continuous(
    along: Expr | None, difference: Expr, kink: Expr, letters: Sequence[Symbol]
) -> None:
    """Refuse a formula that jumps."""
    assert along is not None
    first, *others = letters
    place = f"{written(along)} = {kink}"
    there = (kink - along.xreplace({first: S.Zero})) / along.diff(first)
    values = dict.fromkeys(others, _SAMPLE)
    try:
        _float(difference, {**values, first: there.xreplace(values)})
    except (OverflowError, ZeroDivisionError):
        raise NetworkError(f"is too large at {place}") from None
    leap = difference.xreplace({first: there})
    value = leap.xreplace(values).evalf(30)
    if not value.is_number or abs(value) > _NEAR:
        raise NetworkError(
            f"jumps at {place}, by {value.evalf(6)}: it has no derivative there "
            "that a convention could give"
        )
    if simplify(leap) != 0:
        raise NetworkError(f"may jump at {place}; whether it does is not known")


def _float(node: Any, at: Mapping[Symbol, Expr]) -> float:
    """A rough value, to know that an exact one can be worked out.

    Raises:
        OverflowError, ZeroDivisionError: where it cannot.
    """
    if node in at:
        return float(at[node])
    parts = [_float(argument, at) for argument in node.args]
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


def range_needed(formula: Expr) -> OutputRange:
    """The widest range of outputs r in which a cost has values for every target y.

    The narrowest known where none will do.
    """
    for one in RANGES:
        try:
            checked(formula, OUTPUT_AND_TARGET, one)
        except NetworkError:
            continue
        return one
    return RANGES[-1]


def _check(part: Expr, letters: Sequence[Symbol], first_in: OutputRange) -> None:
    """Refuse what the laws and the judge do not know, by its name."""
    names = " and ".join(letter.name for letter in letters)
    for node in preorder_traversal(part):
        match node:
            case S.NaN:
                raise NetworkError(f"has cases that leave some {names} out")
            case Symbol() | Rational() | Add() | Mul() | S.Pi:
                continue
            case _ if (row := primitive_of(node)) is not None:
                # A logarithm or a root has no value, or no slope, everywhere.
                argument = node.args[0]
                if row.domain is not None and not first_in.holds_positive(argument, letters[0]):
                    raise NetworkError(
                        f"may have {row.name} of what is positive for every {names}, and "
                        f"{argument} is not known to be"
                    )
            case Pow() if isinstance(node.exp, Integer) and abs(node.exp) <= _MOST_POWER:
                if node.exp < 0 and not first_in.holds_nonzero(node.base, letters[0]):
                    raise NetworkError(divides(node.base, letters))
            case _:
                raise NetworkError(
                    f"has {_named(node)}, which is not supported there; supported are whole "
                    f"powers, {SUPPORTED}, ReLU, abs, max, min and cases"
                )


def divides(by: Expr, letters: Sequence[Symbol]) -> str:
    """What is wrong with a divisor that may be 0."""
    names = " and ".join(letter.name for letter in letters)
    return f"divides by {by}, and that is not known to be different from 0 for every {names}"


def _named(node: Basic) -> str:
    return f"the power {node.exp}" if isinstance(node, Pow) else node.func.__name__
