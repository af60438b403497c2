"""The derivative of Step, which is 0 away from the kink, and who may not have it.

SymPy tells by derivatives what is constant: `solve` finds no solution where the derivative
of an equation is 0, and `integrate` takes Step for a constant factor, whose jump is then
missing in the integral.  Neither asks for anything else before, so they are refused here.
"""

from __future__ import annotations

from inspect import currentframe

from sympy import Expr, S
from sympy.polys.polyerrors import PolynomialError

_INTEGRATING = (
    PolynomialError,
    (
        "Step is not constant, though its derivative is 0 away from the kink: integrate "
        "piecewise_fold(expression.rewrite(Piecewise)) instead"
    ),
)
_SOLVING = (
    NotImplementedError,
    (
        "Step is not constant, though its derivative is 0 away from the kink: ask "
        "solveset(equation, symbol, S.Reals) instead of solve"
    ),
)
#: The functions of SymPy that conclude "constant" from "derivative 0", by module (all of a
#: module if none is named), and how each is refused.  `integrate` calls several methods,
#: passes over one that ends with this error, and leaves the integral as it is.
_REFUSED = {
    "sympy.integrals.heurisch": ((), _INTEGRATING),
    "sympy.integrals.manualintegrate": ((), _INTEGRATING),
    "sympy.solvers.solvers": (("solve_linear",), _SOLVING),
}


def formal_zero() -> Expr:
    """0, the derivative of a function that is constant on each side of its kink.

    Raises:
        PolynomialError, NotImplementedError: where SymPy asks in order to integrate or solve.
    """
    frame = currentframe()
    while frame is not None:
        functions, (error, sentence) = _REFUSED.get(
            frame.f_globals.get("__name__", ""), (("none",), _SOLVING)
        )
        if not functions or frame.f_code.co_name in functions:
            raise error(sentence)
        frame = frame.f_back
    return S.Zero
