"""Smooth functions written with exp, for real and complex arguments: sigmoid and softplus."""

from __future__ import annotations

from abc import abstractmethod
from typing import Any

import mpmath
from sympy import Expr, exp
from sympy.core.evalf import prec_to_dps

from derive.algebra.sympy_hooks.real_function import RealFunction, taken_as_finite, taken_as_real

#: Bits for the whole part of an argument; one that has more is worked out again.
_SPARE = 64


class Logistic(RealFunction):
    """A positive, increasing function of a real z."""

    nargs = 1

    @staticmethod
    @abstractmethod
    def at_real(z: Any) -> Any:
        """The value at a number of mpmath to its working precision, however large z is."""

    # -- what is known of a value ----------------------------------------------------------

    def _eval_is_extended_real(self) -> bool | None:
        return taken_as_real(self.args[0]) or None

    def _eval_is_extended_nonnegative(self) -> bool | None:
        return taken_as_real(self.args[0]) or None

    def _eval_is_extended_positive(self) -> bool | None:
        z = self.args[0]
        return (taken_as_real(z) and taken_as_finite(z)) or None

    def _eval_conjugate(self) -> Expr:
        return self if self.is_extended_real else self.func(self.args[0].conjugate())

    # -- numbers ---------------------------------------------------------------------------

    def _eval_evalf(self, prec: int) -> Expr:
        z = self.args[0]
        if not z.is_number:
            return self.func(z.n(prec_to_dps(prec)))
        if not z.is_extended_real:
            return self.rewrite(exp)._eval_evalf(prec)
        # The relative error of the value is at most the absolute error of z.  A z inside z is
        # worked out twice for a large one only: twice each time is beyond reckoning in a nest.
        working = prec + _SPARE + 10
        number = z.n(prec_to_dps(working) + 1)._to_mpmath(working)
        if (size := mpmath.mag(number)) > _SPARE:
            working = prec + size + 10
            number = z.n(prec_to_dps(working) + 1)._to_mpmath(working)
        with mpmath.workprec(working):
            return Expr._from_mpmath(self.at_real(number), prec)

    # -- through exp -----------------------------------------------------------------------

    @classmethod
    @abstractmethod
    def through_exp(cls, z: Expr) -> Expr:
        """The function written with exp and log."""

    def _eval_rewrite_as_exp(self, z: Expr, **_: Any) -> Expr:
        return self.through_exp(z)

    def _eval_rewrite_as_tractable(self, z: Expr, **_: Any) -> Expr:
        return self.through_exp(z)

    def _eval_rewrite_as_Piecewise(self, z: Expr, **_: Any) -> Expr:
        # One formula for all z.  `solveset` asks for this form, and can go on from exp.
        return self.through_exp(z)

    def _eval_as_leading_term(self, x: Expr, logx: Any = None, cdir: Any = 0) -> Expr:
        return self.through_exp(self.args[0]).as_leading_term(x, logx=logx, cdir=cdir)
