"""The costs of one sample: C = scale(n) * sum_j term(r_j, y_j) over the n outputs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sympy import Expr, Rational, S, log

from derive.algebra.arguments import expression, quoted
from derive.errors import DeriveError


@dataclass(frozen=True)
class Cost:
    """A cost that is separable over the outputs.

    `term(r, y)` is what one output r with target y contributes, `scale(n)` the common
    factor for n outputs.  A squared error is a function of the difference U = y - r alone,
    and `term` takes it as `of_difference(U)`.  `output` is the activation that the last
    layer must have, where the cost asks for one.
    """

    name: str
    term: Callable[[Expr, Expr], Expr]
    scale: Callable[[Expr], Expr]
    of_difference: Callable[[Expr], Expr] | None = None
    output: str | None = None

    def __post_init__(self) -> None:
        formulas = {"term": self.term, "scale": self.scale}
        if self.of_difference is not None:
            formulas["of_difference"] = self.of_difference
        for field, formula in formulas.items():
            if not callable(formula):
                raise DeriveError(f"{field} of a cost is a function, not {quoted(formula)}")


def _square(difference: Expr) -> Expr:
    return difference**2


def _log(value: Expr) -> Expr:
    return log(expression(value))


COSTS: dict[str, Cost] = {
    cost.name: cost
    for cost in (
        Cost(
            "half_squared_error",
            term=lambda r, y: _square(y - r),
            scale=lambda n: Rational(1, 2),
            of_difference=_square,
        ),
        Cost(
            "mean_squared_error",
            term=lambda r, y: _square(y - r),
            scale=lambda n: 1 / n,
            of_difference=_square,
        ),
        Cost(
            "cross_entropy",
            term=lambda r, y: -y * _log(r),
            scale=lambda n: S.One,
            output="softmax",
        ),
        Cost(
            "binary_cross_entropy",
            term=lambda r, y: -(y * _log(r) + (1 - y) * _log(1 - r)),
            scale=lambda n: S.One,
            output="sigmoid",
        ),
    )
}
