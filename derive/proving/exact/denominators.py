"""What must not be 0 for an expression to have a value: the factors of its denominators."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from sympy import Abs, Add, Expr, Mul, Pow, Sum, exp, fraction, together

from derive.algebra.functions import sigmoid
from derive.algebra.nodes import nodes_of
from derive.algebra.primitives import primitive_of


def denominators(*expressions: Expr) -> tuple[Expr, ...]:
    """The denominators that stand in expressions, as far as they can be 0."""
    powers = (
        power
        for expression in expressions
        for power in sorted(nodes_of(expression, Pow), key=str)
        if power.exp.could_extract_minus_sign()
    )
    return that_vanish(power.base for power in powers)


def that_vanish(expressions: Iterable[Expr]) -> tuple[Expr, ...]:
    """The factors of expressions that are not surely different from 0, each once."""
    return tuple(dict.fromkeys(factor for one in expressions for factor in _factors(one)))


def _factors(expression: Expr) -> Iterator[Expr]:
    for factor in Mul.make_args(expression):
        base = factor.base if isinstance(factor, Pow) else factor
        if isinstance(base, Abs):  # 0 where its argument is
            yield from _factors(base.args[0])
        elif not (base.is_nonzero or is_positive(base)):
            yield base


def is_positive(expression: Expr) -> bool:
    """Whether an expression is positive at all real values, as sums of exponentials are."""
    match expression:
        case _ if (row := primitive_of(expression)) is not None and row.positive:
            return True
        case Sum():
            return is_positive(expression.function)
        case Pow():
            return is_positive(expression.base)
        case Add() | Mul() if all(map(is_positive, expression.args)):
            return True
        case Add() if expression.has(sigmoid):
            above, below = fraction(together(expression.rewrite(exp)))
            return is_positive(above) and is_positive(below)
        case _:
            return bool(expression.is_positive)
