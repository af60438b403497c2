"""The functions of definitions: activations, kinks whose slopes Step(0) says, and one's own.

At a kink a slope is Step(0) times the one to the right and 1 - Step(0) times that to the left;
so max(z, 0) is ReLU(z), and |z| is 2 ReLU(z) - z.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from sympy import Expr, Function, Piecewise, Symbol, sign

from derive.algebra.functions import ReLU, Step
from derive.algebra.quantities import Fixed, Quantity
from derive.errors import NetworkError
from derive.model.activations import ACTIVATIONS, ActivationKind
from derive.model.own_formula import checked, in_gates
from derive.notation.ascii.function_names import FUNCTIONS
from derive.notation.ascii.names import FunctionInFormulas

_NAME = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*")
_JUMPS = (
    "a definition that jumps has no derivative there that a convention could give; write the "
    "whole with ReLU, max, min or abs, or as a function of one's own by cases"
)
#: What is written twice where it stands in one of these grows with their arguments.
_MOST_ARGUMENTS = 6


def _greater(values: Sequence[Expr], at_zero: Expr) -> Expr:
    """max(a, b) = b + ReLU(a - b), the constant for b where one of them is one."""
    whole, *rest = values
    for value in rest:
        moving, base = (value, whole) if _is_constant(whole) else (whole, value)
        whole = base + ReLU(moving - base, at_zero)
    return whole


def _smaller(values: Sequence[Expr], at_zero: Expr) -> Expr:
    """min(a, b) = a - ReLU(a - b), the constant for b where one of them is one."""
    whole, *rest = values
    for value in rest:
        moving, base = (value, whole) if _is_constant(whole) else (whole, value)
        whole = moving - ReLU(moving - base, at_zero)
    return whole


def _absolute(values: Sequence[Expr], at_zero: Expr) -> Expr:
    """|a| = 2 ReLU(a) - a."""
    return 2 * ReLU(values[0], at_zero) - values[0]


class Jump(Function):
    """What jumps, while it is not known whether it stands within fixed(f)."""

    nargs = 1


def _step(values: Sequence[Expr], at_zero: Expr) -> Expr:
    return Jump(Step(values[0], at_zero))


def _sign(values: Sequence[Expr], _at_zero: Expr) -> Expr:
    return Jump(sign(values[0]))


def _fixed(values: Sequence[Expr], _at_zero: Expr) -> Expr:
    """fixed(f), in which f may jump, since it is not differentiated."""
    return Fixed(values[0].replace(Jump, lambda inner: inner))


def _no_function(_values: Sequence[Expr], _at_zero: Expr) -> Expr:
    raise NetworkError(_JUMPS)


def _is_constant(value: Expr) -> bool:
    return not value.has(Quantity) and not any(s.is_positive is None for s in _symbols(value))


def _symbols(value: Expr) -> list[Symbol]:
    return [symbol for symbol in value.free_symbols if isinstance(symbol, Symbol)]


def _of_row(row: ActivationKind) -> FunctionInFormulas:
    apply, count = row.apply, 2 if row.has_slope else 1
    assert apply is not None

    def build(values: Sequence[Expr], at_zero: Expr) -> Expr:
        return apply(values[0], values[-1], at_zero)

    return FunctionInFormulas(build, count, count)


#: By name: those of the table of activations, those with kinks, and those that are refused.
KNOWN: Mapping[str, FunctionInFormulas] = {
    **{
        name: _of_row(row)
        for name, row in ACTIVATIONS.items()
        if row.apply is not None and name not in FUNCTIONS
    },
    "max": FunctionInFormulas(_greater, 2, _MOST_ARGUMENTS),
    "min": FunctionInFormulas(_smaller, 2, _MOST_ARGUMENTS),
    "abs": FunctionInFormulas(_absolute),
    "Step": FunctionInFormulas(_step),
    "sign": FunctionInFormulas(_sign),
    "fixed": FunctionInFormulas(_fixed),
    **{
        name: FunctionInFormulas(_no_function, 1, 2)
        for name in ("Heaviside", "dirac", "left", "right")
    },
}


def parameters_of(name: str, text: str) -> tuple[str, ...]:
    """The names in the brackets of `f(u, v) := ...`.

    Raises:
        NetworkError: for what is no list of different names.
    """
    found = [_NAME.fullmatch(part) for part in text.split(",")]
    names = tuple(match[1] for match in found if match is not None)
    if len(names) < len(found) or len({*names}) < len(names) or name in names:
        raise NetworkError(f"the values of {name} need names, as in {name}(u) := u^2")
    return names


def own_function(parameters: Sequence[str], body: Expr) -> FunctionInFormulas:
    """The function that a formula in its parameters defines.

    Raises:
        NetworkError: for a formula that jumps, or has cases in several parameters.
    """
    symbols = [Symbol(name, real=True) for name in parameters]
    count = len(symbols)
    if isinstance(body, Piecewise) and count == 1:
        letter = symbols[0]
        try:
            cases = checked(body, (letter,))
        except NetworkError as problem:
            raise NetworkError(f"the function {problem}") from None
        return FunctionInFormulas(
            lambda values, zero: in_gates(cases, (letter,), zero).xreplace({letter: values[0]})
        )
    check_formula(body)
    return FunctionInFormulas(
        lambda values, _zero: body.xreplace(dict(zip(symbols, values, strict=True))), count, count
    )


def check_formula(value: Expr) -> None:
    """Refuse cases that are not a whole function of one value, and what jumps but in fixed(f).

    Raises:
        NetworkError: how they can be written.
    """
    if value.has(Jump):
        raise NetworkError(_JUMPS)
    if value.has(Piecewise):
        raise NetworkError(
            "cases are read as a function of one value, f(u) := cases(u if u > 0; exp(u) - 1 "
            "otherwise), which formulas then use"
        )
