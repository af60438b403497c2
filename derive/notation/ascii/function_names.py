"""The functions of the ASCII notation: their names, and how they are built from arguments."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sympy import (
    Abs,
    Add,
    Basic,
    DiracDelta,
    Expr,
    Heaviside,
    Max,
    Min,
    NumberSymbol,
    Pow,
    Rational,
    S,
    Symbol,
    log,
    sign,
)
from sympy.core.function import Application

from derive.algebra.functions import LeakyReLU, ReLU, Step
from derive.algebra.limits import LeftLimit, RightLimit
from derive.algebra.primitives import PRIMITIVES, Primitive
from derive.algebra.quantities import Fixed
from derive.errors import ReadingError
from derive.notation.ascii.arithmetic import check_root, compared, has_widths

#: SymPy compares the arguments of Max and Min with one another, which is slow for many.
MAXIMAL_ARGUMENTS = 20
#: exp of a greater constant is not written by anybody, and slow to compare with another.
MAXIMAL_CONSTANT = 1_000


@dataclass(frozen=True)
class FunctionName:
    """One function: its name, its SymPy class and the arguments that must be written.

    Where `convention` is set the value of Step(0) may follow, the last argument of the class.
    Where `slow` is set SymPy takes long to simplify, and so only numbers are worked out.
    """

    name: str
    function: Any
    arguments: int = 1
    convention: bool = False
    slow: bool = False

    @property
    def any_number(self) -> bool:
        """Whether further arguments may follow."""
        return self.function in (Max, Min)


FUNCTIONS: dict[str, FunctionName] = {
    row.name: row
    for row in (
        FunctionName("ReLU", ReLU, convention=True),
        FunctionName("Step", Step, convention=True),
        FunctionName("LeakyReLU", LeakyReLU, 2, convention=True),
        FunctionName(
            "Heaviside", Heaviside, 2, slow=True
        ),  # whose second argument has no agreed default
        FunctionName("dirac", DiracDelta),
        FunctionName("right", RightLimit, 2),  # limits of the first where the second passes 0
        FunctionName("left", LeftLimit, 2),
        *(FunctionName(row.name, row.build) for row in PRIMITIVES),
        FunctionName("fixed", Fixed),  # the value, all of whose derivatives are 0
        FunctionName("abs", Abs, slow=True),
        FunctionName("sign", sign),
        FunctionName("max", Max, slow=True),
        FunctionName("min", Min, slow=True),
    )
}

_PRIMITIVES = {row.name: row for row in PRIMITIVES}

BY_CLASS: dict[Any, FunctionName] = {row.function: row for row in FUNCTIONS.values()}
assert len(BY_CLASS) == len(FUNCTIONS)


def applied(name: str, arguments: list[Expr], at_zero: Expr, column: int) -> Expr:
    """The function of this name at these arguments; `at_zero` where the convention is not written.

    Raises:
        ReadingError: for a wrong number of arguments, and where the value would not be real.
    """
    row = FUNCTIONS[name]
    _check_count(row, len(arguments), column)
    if row.convention:
        if len(arguments) == row.arguments:
            arguments = [*arguments, at_zero]
        _check_convention(arguments[-1], column)
    if arguments[0].is_number and name in _PRIMITIVES:
        _check_constant(_PRIMITIVES[name], arguments[0], column)
    if name == "exp":
        _check_logarithms(arguments[0], column)
    if name in ("max", "min"):
        _check_members(row, arguments, column)
    standing = row.slow and not all(argument.is_number for argument in arguments)
    return row.function(*arguments, evaluate=not standing and not has_widths(*arguments))


def _check_count(row: FunctionName, written: int, column: int) -> None:
    if row.any_number:
        if written > MAXIMAL_ARGUMENTS:
            raise ReadingError(
                column, f"{row.name} takes up to {MAXIMAL_ARGUMENTS} arguments, not {written}"
            )
        return
    if written == row.arguments or (row.convention and written == row.arguments + 1):
        return
    plural = "argument" if row.arguments == 1 else "arguments"
    more = ", or one more for the value of Step(0)" if row.convention else ""
    raise ReadingError(column, f"{row.name} takes {row.arguments} {plural}{more}, not {written}")


def _check_convention(value: Expr, column: int) -> None:
    if isinstance(value, Symbol) or (isinstance(value, Rational) and 0 <= value <= 1):
        return
    raise ReadingError(column, "the value of Step(0) is a number from 0 to 1 or a symbol")


def domain_of(name: str, argument: Expr) -> tuple[Basic, ...]:
    """What has to hold for a function to have a value: nothing, a > 0 or a >= 0."""
    row = _PRIMITIVES.get(name)
    return () if row is None or row.domain is None else (compared(row.domain, argument, S.Zero),)


def _check_constant(row: Primitive, value: Expr, column: int) -> None:
    if row.name == "sqrt":
        check_root(value, column)
    elif row.domain is not None:
        if not value.is_positive:
            raise ReadingError(
                column, f"{row.name} of a number that is not positive has no real value"
            )
    elif not _is_small(value):
        raise ReadingError(
            column, f"{row.name} of a constant is read for fractions up to {MAXIMAL_CONSTANT} only"
        )


def _is_small(value: Expr) -> bool:
    """Whether a constant is a fraction that is not too large, or made of such, pi and roots."""
    if isinstance(value, Rational):
        return abs(value) <= MAXIMAL_CONSTANT
    plain = not value.has(Application) and len(value.args) <= MAXIMAL_ARGUMENTS
    for power in value.atoms(Pow):
        plain = plain and isinstance(power.args[0], Rational | NumberSymbol)
    return plain and bool(abs(value.evalf(15)) <= MAXIMAL_CONSTANT)


def _check_logarithms(argument: Expr, column: int) -> None:
    """exp(c log a) becomes a^c at once, so c is limited as exponents are."""
    for term in Add.make_args(argument):
        if term.has(log) and abs(term.as_coeff_Mul()[0]) > MAXIMAL_CONSTANT:
            raise ReadingError(
                column, f"exp of a logarithm is read up to the {MAXIMAL_CONSTANT}-fold only"
            )


def _check_members(row: FunctionName, arguments: list[Expr], column: int) -> None:
    """max(max(a, b), c) becomes max(a, b, c), so that the arguments inside count as well."""
    members = sum(len(a.args) if isinstance(a, row.function) else 1 for a in arguments)
    if members > MAXIMAL_ARGUMENTS:
        raise ReadingError(
            column, f"{row.name} takes up to {MAXIMAL_ARGUMENTS} arguments, not {members}"
        )
