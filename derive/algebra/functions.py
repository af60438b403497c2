"""ReLU, its derivative Step, and the other activations, as SymPy functions.

Each class states its value, its derivative and its kinks, and rewrites itself to
`Piecewise`, `Heaviside` and `Max` (or `exp`) where such a form exists.  The derivative at
a kink is a *convention*: `ReLU` and `LeakyReLU` carry the value of Step(0) as their last
argument, so that `sympy.diff` never has to guess it.

Second derivatives are the formal ones, Step'(z) = 0; the Dirac term at the kink is a
distribution, not a function, and is not produced here.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import mpmath
from sympy import (
    Abs,
    Basic,
    Eq,
    Expr,
    Heaviside,
    Integral,
    Max,
    Mul,
    Piecewise,
    Pow,
    Rational,
    S,
    Symbol,
    exp,
    log,
    nan,
    oo,
    sign,
    tanh,
    zoo,
)

from derive.algebra.arguments import expression
from derive.algebra.kinked import Branches, Kinked, closed_sign_of, sign_of
from derive.algebra.logistic import Logistic
from derive.algebra.sympy_hooks.formal_zero import formal_zero
from derive.algebra.sympy_hooks.function_code import Call
from derive.algebra.sympy_hooks.real_function import taken_as_finite

_Formula = TypeVar("_Formula", bound=Basic)

#: What jax.nn.relu, torch.relu and tf.nn.relu use.
DEFAULT_STEP_AT_ZERO = S.Zero


class Step(Kinked):
    """Step(z) = 1 for z > 0, 0 for z < 0, and `at_zero` for z = 0: the derivative of ReLU.

    `at_zero` is a convention: a number in [0, 1] or a symbol such as h_0.
    """

    nargs = 2
    latex_name = r"\mathrm{Step}"

    def __new__(cls, z: Any, at_zero: Any = DEFAULT_STEP_AT_ZERO, **options: Any) -> Expr:
        return super().__new__(cls, expression(z), expression(at_zero), **options)

    @classmethod
    def eval(cls, z: Expr, at_zero: Expr) -> Expr | None:
        return cls.value(sign_of(z), z, at_zero)

    @classmethod
    def sides(cls, z: Expr, *parameters: Expr) -> Branches:
        """0, Step(0), 1."""
        return Branches(S.Zero, parameters[0], S.One)

    @classmethod
    def cases(cls, z: Expr, *parameters: Expr) -> Expr:
        """1 for z > 0, Step(0) for z = 0, 0 otherwise."""
        return Piecewise((S.One, z > 0), (parameters[0], Eq(z, 0)), (S.Zero, True))

    def fdiff(self, argindex: int = 1) -> Expr:
        """Step'(z) = 0 away from 0 (its Dirac term at 0 is dropped; see the module's head)."""
        return formal_zero()

    def _eval_is_finite(self) -> bool | None:
        return taken_as_finite(self.args[1]) or None

    def _eval_is_extended_nonnegative(self) -> bool | None:
        return bool(self._eval_is_extended_real() and self.args[1].is_extended_nonnegative) or None

    def is_at_most(self, bound: Expr) -> bool | None:
        """Step(z) <= 1, if Step(0) is."""
        return (self._is_at_most_1 and bool((bound - 1).is_extended_nonnegative)) or None

    def is_at_least(self, bound: Expr) -> bool | None:
        """Step(z) is not above 1, if Step(0) is not."""
        above = self._is_at_most_1 and (bound - 1).is_extended_positive
        return False if above else None

    @property
    def _is_at_most_1(self) -> bool:
        return bool(self.is_extended_real and (1 - self.args[1]).is_extended_nonnegative)

    def _eval_rewrite_as_Heaviside(self, z: Expr, at_zero: Expr, **_: Any) -> Expr:
        return Heaviside(z, at_zero)

    def _eval_rewrite_as_sign(self, z: Expr, at_zero: Expr, **_: Any) -> Expr | None:
        return (1 + sign(z)) / 2 if at_zero == S.Half else None

    @property
    def elementary(self) -> Piecewise:
        """By cases; the last one is what is not a number, and stays it."""
        z, at_zero = self.args
        rows = ((S.One, z > 0), (S.Zero, z < 0), (at_zero, Eq(z, 0)), (z, True))
        return Piecewise(*rows, evaluate=False)

    def on_arrays(self, call: Call, write: Callable[[Any], str]) -> str:
        """heaviside(z, Step(0))."""
        return call("heaviside", *map(write, self.args))


class ReLU(Kinked):
    """ReLU(z) = max(0, z), with ReLU'(z) = Step(z) and Step(0) = `at_zero`."""

    nargs = 2
    latex_name = r"\mathrm{ReLU}"

    def __new__(cls, z: Any, at_zero: Any = DEFAULT_STEP_AT_ZERO, **options: Any) -> Expr:
        return super().__new__(cls, expression(z), expression(at_zero), **options)

    @classmethod
    def eval(cls, z: Expr, at_zero: Expr) -> Expr | None:
        # ReLU(ReLU(z)) stays: its derivative at the kink is not that of ReLU(z).
        known = sign_of(z) if isinstance(z, ReLU) else closed_sign_of(z)
        return cls.value(known, z, at_zero)

    @classmethod
    def sides(cls, z: Expr, *parameters: Expr) -> Branches:
        """0, 0, z."""
        return Branches(S.Zero, S.Zero, z)

    @classmethod
    def cases(cls, z: Expr, *parameters: Expr) -> Expr:
        """z for z > 0, 0 otherwise."""
        return Piecewise((z, z > 0), (S.Zero, True))

    def fdiff(self, argindex: int = 1) -> Expr:
        """ReLU'(z) = Step(z)."""
        return Step(*self.args) if argindex == 1 else S.Zero

    def _eval_is_extended_nonnegative(self) -> bool | None:
        return self._eval_is_extended_real()

    def is_at_least(self, bound: Expr) -> bool | None:
        """ReLU(z) >= z."""
        return True if self.is_extended_real and bound == self.args[0] else None

    def _eval_rewrite_as_Heaviside(self, z: Expr, at_zero: Expr, **_: Any) -> Expr:
        return z * Heaviside(z, at_zero)

    def _eval_rewrite_as_Max(self, z: Expr, at_zero: Expr, **_: Any) -> Expr:
        return Max(0, z)

    def _eval_rewrite_as_Abs(self, z: Expr, at_zero: Expr, **_: Any) -> Expr:
        return (z + Abs(z)) / 2

    @property
    def elementary(self) -> Piecewise:
        """0 for z <= 0, z otherwise."""
        z = self.args[0]
        return Piecewise((S.Zero, z <= 0), (z, True), evaluate=False)

    def on_arrays(self, call: Call, write: Callable[[Any], str]) -> str:
        """maximum(z, 0)."""
        return call("maximum", write(self.args[0]), "0")


class LeakyReLU(Kinked):
    """LeakyReLU(z) = z for z > 0 and a z otherwise, with slope a and Step(0) = `at_zero`.

    Its derivative is a + (1 - a) Step(z), so at the kink it is a + (1 - a) Step(0).
    """

    nargs = 3
    latex_name = r"\mathrm{LeakyReLU}"

    def __new__(
        cls, z: Any, slope: Any, at_zero: Any = DEFAULT_STEP_AT_ZERO, **options: Any
    ) -> Expr:
        return super().__new__(
            cls, expression(z), expression(slope), expression(at_zero), **options
        )

    @classmethod
    def eval(cls, z: Expr, slope: Expr, at_zero: Expr) -> Expr | None:
        return cls.value(closed_sign_of(z), z, slope, at_zero)

    @classmethod
    def sides(cls, z: Expr, *parameters: Expr) -> Branches:
        """a z, 0, z."""
        return Branches(parameters[0] * z, S.Zero, z)

    @classmethod
    def cases(cls, z: Expr, *parameters: Expr) -> Expr:
        """z for z > 0, a z otherwise."""
        return Piecewise((z, z > 0), (parameters[0] * z, True))

    def fdiff(self, argindex: int = 1) -> Expr:
        """d/dz: a + (1 - a) Step(z);  d/da: z (1 - Step(z)), which is 0 at the kink."""
        z, slope, at_zero = self.args
        if argindex == 1:
            return slope + (1 - slope) * Step(z, at_zero)
        if argindex == 2:
            return z - ReLU(z, at_zero)
        return S.Zero

    def _eval_is_extended_nonnegative(self) -> bool | None:
        return bool(self._eval_is_extended_real() and self.args[1].is_extended_nonpositive) or None

    def _eval_rewrite_as_Heaviside(self, z: Expr, slope: Expr, at_zero: Expr, **_: Any) -> Expr:
        return slope * z + (1 - slope) * z * Heaviside(z, at_zero)

    def _eval_rewrite_as_Max(self, z: Expr, slope: Expr, at_zero: Expr, **_: Any) -> Expr:
        # Max(z, slope*z) would need slope <= 1; this form holds for every slope.
        return Max(0, z) - slope * Max(0, -z)

    def _eval_rewrite_as_Abs(self, z: Expr, slope: Expr, at_zero: Expr, **_: Any) -> Expr:
        return ((1 + slope) * z + (1 - slope) * Abs(z)) / 2

    @property
    def elementary(self) -> Piecewise:
        """z for z > 0, a z otherwise."""
        z, slope, _ = self.args
        return Piecewise((z, z > 0), (slope * z, True), evaluate=False)

    def on_arrays(self, call: Call, write: Callable[[Any], str]) -> str:
        """maximum(z, 0) + a minimum(z, 0)."""
        z, slope = write(self.args[0]), write(self.args[1])
        return f"({call('maximum', z, '0')} + ({slope})*{call('minimum', z, '0')})"


class sigmoid(Logistic):
    """sigmoid(z) = 1 / (1 + exp(-z)), with sigmoid' = sigmoid (1 - sigmoid)."""

    latex_name = r"\sigma"

    def __new__(cls, z: Any, **options: Any) -> Expr:
        return super().__new__(cls, expression(z), **options)

    @classmethod
    def eval(cls, z: Expr) -> Expr | None:
        if z.is_zero:
            return Rational(1, 2)
        return {oo: S.One, -oo: S.Zero, nan: nan, zoo: nan}.get(z)

    def fdiff(self, argindex: int = 1) -> Expr:
        """sigmoid'(z) = sigmoid(z) (1 - sigmoid(z))."""
        return self * (1 - self)

    def _eval_is_finite(self) -> bool | None:
        return self._eval_is_extended_real()

    def is_at_most(self, bound: Expr) -> bool | None:
        """sigmoid(z) <= 1."""
        return bool(self.is_extended_real and (bound - 1).is_extended_nonnegative) or None

    def is_at_least(self, bound: Expr) -> bool | None:
        """sigmoid(z) < 1 for finite z."""
        below = self.is_extended_positive and (bound - 1).is_extended_nonnegative
        return False if below else None

    @staticmethod
    def at_real(z: Any) -> Any:
        """exp(min(z, 0)) / (1 + exp(-|z|))."""
        return mpmath.exp(min(z, mpmath.mpf(0))) / (1 + mpmath.exp(-abs(z)))

    @classmethod
    def through_exp(cls, z: Expr) -> Expr:
        """1 / (1 + exp(-z))."""
        return 1 / (1 + exp(-z))

    def _eval_Integral(self, *limits: Any, **assumptions: Any) -> Expr:
        """softplus(a x + b) / a, for an indefinite integral by x."""
        z, through_exp = self.args[0], Integral(self.rewrite(exp), *limits, **assumptions)
        if len(limits) != 1 or not isinstance(limits[0], Symbol):
            return through_exp
        slope = z.diff(limits[0])
        return softplus(z) / slope if slope.is_nonzero and slope.is_number else through_exp

    def _eval_rewrite_as_tanh(self, z: Expr, **_: Any) -> Expr:
        return (1 + tanh(z / 2)) / 2

    @property
    def elementary(self) -> Piecewise:
        """1 / (1 + e) for z >= 0, e / (1 + e) otherwise, e = exp(-|z|)."""
        z = self.args[0]
        small = exp(-Abs(z))
        rows = ((1 / (1 + small), z >= 0), (small / (1 + small), True))
        return Piecewise(*rows, evaluate=False)

    def on_arrays(self, call: Call, write: Callable[[Any], str]) -> str:
        """exp(minimum(z, 0)) / (1 + exp(-abs(z)))."""
        z = write(self.args[0])
        above, below = call("exp", call("minimum", z, "0")), call("exp", "-" + call("abs", z))
        return f"({above}/(1 + {below}))"


def with_logistic(formula: _Formula) -> _Formula:
    """An expression with 1/(1 + exp(-z)) and exp(z)/(1 + exp(z)) as sigmoid(z)."""
    found: dict[Basic, Basic] = {}
    for power in formula.atoms(Pow):
        one, growth = power.base.as_coeff_Add()
        if power.exp == -1 and one == 1 and isinstance(growth, exp):
            z = growth.args[0]
            found[power] = sigmoid(-z)
            for product in formula.atoms(Mul):
                if {power, growth} <= {*product.args}:
                    found[product] = product / (power * growth) * sigmoid(z)
    return formula.xreplace(found)  # pyright: ignore[reportArgumentType]


class softplus(Logistic):
    """softplus(z) = log(1 + exp(z)), with softplus' = sigmoid."""

    latex_name = r"\mathrm{softplus}"

    def __new__(cls, z: Any, **options: Any) -> Expr:
        return super().__new__(cls, expression(z), **options)

    @classmethod
    def eval(cls, z: Expr) -> Expr | None:
        if z.is_zero:
            return log(2)
        return {oo: oo, -oo: S.Zero, nan: nan, zoo: nan}.get(z)

    def fdiff(self, argindex: int = 1) -> Expr:
        """softplus'(z) = sigmoid(z)."""
        return sigmoid(self.args[0])

    def _eval_is_finite(self) -> bool | None:
        return self._eval_is_extended_positive()

    def is_at_least(self, bound: Expr) -> bool | None:
        """softplus(z) > z."""
        return True if self.is_extended_real and bound == self.args[0] else None

    def is_at_most(self, bound: Expr) -> bool | None:
        """softplus(z) is not at most z, for finite z."""
        return False if self.is_extended_positive and bound == self.args[0] else None

    @staticmethod
    def at_real(z: Any) -> Any:
        """max(z, 0) + log(1 + exp(-|z|))."""
        return max(z, mpmath.mpf(0)) + mpmath.log1p(mpmath.exp(-abs(z)))

    @classmethod
    def through_exp(cls, z: Expr) -> Expr:
        """log(1 + exp(z))."""
        return log(1 + exp(z))

    @property
    def elementary(self) -> Piecewise:
        """z + log1p(exp(-|z|)) for z > 0, log1p(exp(-|z|)) otherwise."""
        from sympy.codegen.cfunctions import log1p  # loads all that programs are made of

        z = self.args[0]
        rest = log1p(exp(-Abs(z)))
        return Piecewise((z + rest, z > 0), (rest, True), evaluate=False)

    def on_arrays(self, call: Call, write: Callable[[Any], str]) -> str:
        """maximum(z, 0) + log1p(exp(-abs(z))); logaddexp(0, z) warns of what is not a number."""
        z = write(self.args[0])
        rest = call("log1p", call("exp", "-" + call("abs", z)))
        return f"({call('maximum', z, '0')} + {rest})"


def identity(z: Any) -> Expr:
    """identity(z) = z, the activation of a linear layer."""
    return expression(z)


__all__ = [
    "DEFAULT_STEP_AT_ZERO",
    "LeakyReLU",
    "ReLU",
    "Step",
    "identity",
    "sigmoid",
    "softplus",
]
