"""What ReLU, Step, LeakyReLU, sigmoid and softplus have in common as SymPy functions."""

from __future__ import annotations

from typing import Any, ClassVar

from sympy import AccumBounds, Expr, Function
from sympy.multipledispatch import dispatch

from derive.algebra.sympy_hooks.function_code import InCode


def taken_as_real(z: Expr) -> bool:
    """Whether f(z) has the properties that f has on the real line.

    These are functions of a real number, so an argument of which nothing is known is taken
    for one, as the names in a text are; one that may be complex by what is known is not.
    """
    return bool(z.is_extended_real) or _unknown(z)


def taken_as_finite(z: Expr) -> bool:
    """Likewise, whether z is no infinity."""
    return bool(z.is_finite) or (_unknown(z) and z.is_finite is None)


def _unknown(z: Expr) -> bool:
    return z.is_extended_real is None and z.is_complex is None


class RealFunction(Function, InCode):
    """f(z), the first argument being z: kinks, bounds and the name in formulas.

    The last argument of a function with kinks is the value of Step(0), by default 0.
    """

    kinks: ClassVar[tuple[Expr, ...]] = ()
    #: How its name is written; \mathrm and not \operatorname, which GitHub refuses.
    latex_name: ClassVar[str]

    def is_at_least(self, bound: Expr) -> bool | None:
        """Whether f(z) >= bound, beyond what the signs of both tell."""
        return None

    def is_at_most(self, bound: Expr) -> bool | None:
        """Whether f(z) <= bound, likewise."""
        return None

    def _latex(self, printer: Any, exp: str | None = None) -> str:
        z, *parameters = self.args
        below: list[str] = []
        if self.kinks:
            *parameters, at_zero = parameters
            below = [printer._print(parameter) for parameter in parameters]
            if at_zero != 0:
                below.append(rf"\mathrm{{Step}}(0)={printer._print(at_zero)}")
        subscript = r",\,".join(below)
        sub = f"_{{{subscript}}}" if below else ""
        power = f"^{{{exp}}}" if exp else ""
        return rf"{self.latex_name}{sub}{power}\left({printer._print(z)}\right)"


def _eval_is_ge(left: Expr, right: Expr) -> bool | None:
    """Whether left >= right, where one of them is a function that knows."""
    known = left.is_at_least(right) if isinstance(left, RealFunction) else None
    if known is None and isinstance(right, RealFunction):
        return right.is_at_most(left)
    return known


# SymPy looks comparisons up by the types of the sides; what two rules would fit comes first.
for _types in (
    (RealFunction, RealFunction),
    (RealFunction, AccumBounds),
    (AccumBounds, RealFunction),
    (RealFunction, Expr),
    (Expr, RealFunction),
):
    dispatch(*_types)(_eval_is_ge)
