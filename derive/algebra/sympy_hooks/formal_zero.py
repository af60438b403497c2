"""The derivative of Step, which is 0 away from the kink, and who may not have it.

SymPy tells by derivatives what is constant: `solve` finds no solution where the derivative
of an equation is 0, and `integrate` takes Step for a constant factor, whose jump is then
missing in the integral.  Neither asks for anything else before, so they are refused here.
"""

from __future__ import annotations

from collections.abc import Mapping
from inspect import currentframe

from sympy import Expr, S
from sympy.polys.polyerrors import PolynomialError

#: The functions of SymPy that conclude "constant" from "derivative 0", by module (all of a
#: module if none is named).
_INTEGRATING = {"sympy.integrals.heurisch": (), "sympy.integrals.manualintegrate": ()}
_SOLVING = {"sympy.solvers.solvers": ("solve_linear",)}
_EXPANDING = {"sympy.core.function": ("_eval_nseries",)}


def formal_zero() -> Expr:
    """0, the derivative of a function that is constant on each side of its kink.

    Raises:
        PolynomialError: where SymPy asks in order to integrate; `integrate` then passes over
            this method, and leaves the integral as it is if no other succeeds.
        NotImplementedError: where SymPy asks in order to solve, or to expand f(Step(x)).
    """
    if called_from(_INTEGRATING):
        raise PolynomialError(
            "Step is not constant, though its derivative is 0 away from the kink: integrate "
            "piecewise_fold(expression.rewrite(Piecewise)) instead"
        )
    if called_from(_SOLVING):
        raise NotImplementedError(
            "Step is not constant, though its derivative is 0 away from the kink: ask "
            "solveset(equation, symbol, S.Reals) instead of solve"
        )
    if called_from(_EXPANDING):
        raise NotImplementedError(
            "a function of Step has no power series at the kink; expand one branch of its "
            "Piecewise form instead"
        )
    return S.Zero


def called_from(functions: Mapping[str, tuple[str, ...]]) -> bool:
    """Whether one of these functions, by the name of its module, is at work."""
    frame = currentframe()
    while frame is not None:
        names = functions.get(frame.f_globals.get("__name__", ""))
        if names is not None and (not names or frame.f_code.co_name in names):
            return True
        frame = frame.f_back
    return False
