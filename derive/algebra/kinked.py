"""Functions that are one formula left of 0 and another right of it: ReLU, Step, LeakyReLU.

What is asked of one side only (a limit, a leading term) is answered by the formula of that
side.  What would take the two formulas for one (a power series at the kink, an inverse) is
refused, since SymPy would go on with one of them and be wrong on the other side.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar, NamedTuple

from sympy import Expr, Integral, Piecewise, Q, S, Symbol, ask, limit, nan, zoo
from sympy.core.evalf import PrecisionExhausted, prec_to_dps
from sympy.series.gruntz import sign as eventual_sign

from derive.algebra.sympy_hooks.folding import folded
from derive.algebra.sympy_hooks.formal_zero import called_from
from derive.algebra.sympy_hooks.real_function import RealFunction, taken_as_finite, taken_as_real


class Branches(NamedTuple):
    """The value for a negative argument, at 0, and for a positive one."""

    left: Expr
    kink: Expr
    right: Expr

    def at(self, sign: int) -> Expr:
        """The value where the argument has this sign."""
        return self[sign + 1]


def sign_of(z: Expr) -> int | None:
    """The sign of z, if the assumptions on it tell one."""
    if z.is_extended_positive:
        return 1
    if z.is_extended_negative:
        return -1
    return 0 if z.is_zero else None


def closed_sign_of(z: Expr) -> int | None:
    """The side on which z lies, 0 counting as either: enough where both formulas meet."""
    if z.is_extended_nonnegative:
        return 1
    return -1 if z.is_extended_nonpositive else None


class Kinked(RealFunction):
    """phi(z): a formula on each side of z = 0, and a value there."""

    kinks: ClassVar[tuple[Expr, ...]] = (S.Zero,)

    @classmethod
    @abstractmethod
    def sides(cls, z: Expr, *parameters: Expr) -> Branches:
        """The values of phi(z) by the sign of z."""

    @classmethod
    @abstractmethod
    def cases(cls, z: Expr, *parameters: Expr) -> Expr:
        """phi(z) as a `Piecewise`."""

    @classmethod
    def value(cls, sign: int | None, z: Expr, *parameters: Expr) -> Expr | None:
        """phi(z) where the sign of z is known; there is none at what is no number."""
        if z in (nan, zoo):
            return nan
        return None if sign is None else cls.sides(z, *parameters).at(sign)

    # -- what is known of a value ----------------------------------------------------------

    def _eval_is_extended_real(self) -> bool | None:
        return all(map(taken_as_real, self.args)) or None

    def _eval_is_finite(self) -> bool | None:
        return all(map(taken_as_finite, self.args)) or None

    def _eval_refine(self, assumptions: Any) -> Expr | None:
        for predicate, sign in ((Q.positive, 1), (Q.negative, -1), (Q.zero, 0)):
            if ask(predicate(self.args[0]), assumptions):
                return self.sides(*self.args).at(sign)
        return None

    def _eval_evalf(self, prec: int) -> Expr | None:
        z, *parameters = self.args
        try:
            return self.func(z.n(prec_to_dps(prec), strict=z.is_number), *parameters)
        except PrecisionExhausted:  # so near to 0 that its sign is not known
            return None

    # -- by cases --------------------------------------------------------------------------

    def _eval_rewrite_as_Piecewise(self, z: Expr, *parameters: Expr, **_: Any) -> Expr:
        # An argument by cases goes into its cases, so that no condition has cases itself.
        z = folded(z)
        if not taken_as_real(z):
            raise TypeError(
                f"{self.func.__name__} takes a real number, and {z} may be complex; ask within "
                "S.Reals"
            )
        if not isinstance(z, Piecewise):
            return self.cases(z, *parameters)
        inside = (
            (self.func(value, *parameters).rewrite(Piecewise), condition)
            for value, condition in z.args
        )
        return folded(Piecewise(*inside))

    # -- near a point, from one side ---------------------------------------------------------

    def _side(self, x: Expr, cdir: Any) -> tuple[int, bool]:
        """The sign of z as x tends to 0 from the side `cdir`, and whether z tends to 0."""
        lead = self.args[0].as_leading_term(x, cdir=cdir)
        coefficient, exponent = lead.as_coeff_exponent(x)
        if coefficient.has(x):
            coefficient, exponent = limit(lead, x, 0, "-" if cdir == -1 else "+"), S.Zero
        at_kink = bool(exponent.is_extended_positive)
        if not (exponent.is_zero or exponent.is_even):
            if cdir == 0 and at_kink:
                raise self._no_series()
            coefficient = coefficient * S(cdir) ** exponent
        sign = sign_of(coefficient)
        if not sign:
            raise NotImplementedError(f"the sign of {self.args[0]} near this place is not known")
        return sign, at_kink

    def _no_series(self) -> NotImplementedError:
        return NotImplementedError(
            f"{self.func.__name__} has no power series where its argument is 0; expand one "
            "branch of its Piecewise form instead"
        )

    def _eval_as_leading_term(self, x: Expr, logx: Any = None, cdir: Any = 0) -> Expr:
        side, _ = self._side(x, cdir)
        return self.sides(*self.args).at(side).as_leading_term(x, logx=logx, cdir=cdir)

    def _eval_nseries(self, x: Expr, n: int, logx: Any, cdir: Any = 0) -> Expr:
        side, at_kink = self._side(x, cdir)
        if at_kink:
            raise self._no_series()
        return self.sides(*self.args).at(side).nseries(x, n=n, logx=logx, cdir=cdir)

    def _eval_subs(self, old: Any, new: Any) -> Expr | None:
        # Meijer's method shifts a positive variable, which is then no longer positive.
        if called_from({"sympy.integrals.meijerint": ()}):
            raise NotImplementedError(f"{self.func.__name__} is no Meijer function")
        # `series` and `posify` put a positive Dummy of the same name for a symbol.  The
        # formula for positive arguments would be taken for the whole function, so it stays.
        stands_in = new.is_Dummy and new.is_positive and not old.is_positive
        if stands_in and old.is_Symbol and old.name == new.name and self.has(old):
            arguments = (argument._subs(old, new) for argument in self.args)
            return self.func(*arguments, evaluate=False)
        return None

    def _eval_rewrite_as_tractable(self, *args: Expr, limitvar: Any = None, **_: Any) -> Any:
        """For limits at infinity: the formula that holds in the end."""
        if limitvar is None:
            return None
        sign = eventual_sign(args[0], limitvar)
        return self.sides(*args).at(int(sign)) if sign in (-1, 0, 1) else None

    # -- refused, or by cases --------------------------------------------------------------

    def inverse(self, argindex: int = 1) -> Any:
        """There is none, and `solve` must not use one.

        Raises:
            NotImplementedError: always; the message says what to ask instead.
        """
        raise NotImplementedError(
            f"{self.func.__name__} has no inverse; ask for solveset(equation, symbol, S.Reals), "
            "which goes by cases"
        )

    def _eval_Integral(self, *limits: Any, **assumptions: Any) -> Expr:
        # The value at the kink, the last argument, is none of an integral's business.
        form = self.func(*self.args[:-1], S.Zero).rewrite(Piecewise)
        by_cases = Integral(form, *limits, **assumptions)
        # `integrate` has a sum done term by term, and would leave an integral for undone.
        indefinite = len(limits) == 1 and isinstance(limits[0], Symbol)
        return by_cases.doit() if indefinite else by_cases
