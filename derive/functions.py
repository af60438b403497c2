"""ReLU, its derivative Step, and the other activations, as SymPy functions.

Each class states its value, its derivative and its kinks, and rewrites itself to
`Piecewise`, `Heaviside` and `Max` (or `exp`) where such a form exists.  The derivative at
a kink is a *convention*: `ReLU` and `LeakyReLU` carry the value of Step(0) as their last
argument, so that `sympy.diff` never has to guess it.

Second derivatives are the formal ones, Step'(z) = 0; the Dirac term at the kink is a
distribution, not a function, and is not produced here.
"""

from __future__ import annotations

from typing import Any, ClassVar

from sympy import (
    Eq,
    Expr,
    Function,
    Heaviside,
    Max,
    Piecewise,
    Rational,
    S,
    exp,
    log,
)

from derive.arguments import expression

#: What jax.nn.relu, torch.relu and tf.nn.relu use.
DEFAULT_STEP_AT_ZERO = S.Zero


class Step(Function):
    """Step(z) = 1 for z > 0, 0 for z < 0, and `at_zero` for z = 0: the derivative of ReLU.

    `at_zero` is a convention: a number in [0, 1] or a symbol such as h_0.
    """

    nargs = 2
    is_real = True
    kinks: ClassVar[tuple[Expr, ...]] = (S.Zero,)

    def __new__(cls, z: Any, at_zero: Any = DEFAULT_STEP_AT_ZERO, **options: Any) -> Expr:
        return super().__new__(cls, expression(z), expression(at_zero), **options)

    @classmethod
    def eval(cls, z: Expr, at_zero: Expr) -> Expr | None:
        if z.is_zero:
            return at_zero
        if z.is_extended_positive:
            return S.One
        if z.is_extended_negative:
            return S.Zero
        return None

    def fdiff(self, argindex: int = 1) -> Expr:
        """Step'(z) = 0 away from 0 (its Dirac term at 0 is dropped; see the module's head)."""
        return S.Zero

    def _eval_rewrite_as_Piecewise(self, z: Expr, at_zero: Expr, **_: Any) -> Expr:
        return Piecewise((S.One, z > 0), (at_zero, Eq(z, 0)), (S.Zero, True))

    def _eval_rewrite_as_Heaviside(self, z: Expr, at_zero: Expr, **_: Any) -> Expr:
        return Heaviside(z, at_zero)


class ReLU(Function):
    """ReLU(z) = max(0, z), with ReLU'(z) = Step(z) and Step(0) = `at_zero`."""

    nargs = 2
    is_real = True
    is_extended_nonnegative = True
    kinks: ClassVar[tuple[Expr, ...]] = (S.Zero,)

    def __new__(cls, z: Any, at_zero: Any = DEFAULT_STEP_AT_ZERO, **options: Any) -> Expr:
        return super().__new__(cls, expression(z), expression(at_zero), **options)

    @classmethod
    def eval(cls, z: Expr, at_zero: Expr) -> Expr | None:
        if z.is_extended_nonnegative and not isinstance(z, ReLU):
            return z
        if z.is_extended_nonpositive:
            return S.Zero
        return None

    def fdiff(self, argindex: int = 1) -> Expr:
        """ReLU'(z) = Step(z)."""
        return Step(*self.args) if argindex == 1 else S.Zero

    def _eval_rewrite_as_Piecewise(self, z: Expr, at_zero: Expr, **_: Any) -> Expr:
        return Piecewise((z, z > 0), (S.Zero, True))

    def _eval_rewrite_as_Heaviside(self, z: Expr, at_zero: Expr, **_: Any) -> Expr:
        return z * Heaviside(z, at_zero)

    def _eval_rewrite_as_Max(self, z: Expr, at_zero: Expr, **_: Any) -> Expr:
        return Max(0, z)


class LeakyReLU(Function):
    """LeakyReLU(z) = z for z > 0 and a z otherwise, with slope a and Step(0) = `at_zero`.

    Its derivative is a + (1 - a) Step(z), so at the kink it is a + (1 - a) Step(0).
    """

    nargs = 3
    is_real = True
    kinks: ClassVar[tuple[Expr, ...]] = (S.Zero,)

    def __new__(
        cls, z: Any, slope: Any, at_zero: Any = DEFAULT_STEP_AT_ZERO, **options: Any
    ) -> Expr:
        return super().__new__(
            cls, expression(z), expression(slope), expression(at_zero), **options
        )

    @classmethod
    def eval(cls, z: Expr, slope: Expr, at_zero: Expr) -> Expr | None:
        if z.is_extended_nonnegative:
            return z
        if z.is_extended_nonpositive:
            return slope * z
        return None

    def fdiff(self, argindex: int = 1) -> Expr:
        """d/dz: a + (1 - a) Step(z);  d/da: z (1 - Step(z)), which is 0 at the kink."""
        z, slope, at_zero = self.args
        if argindex == 1:
            return slope + (1 - slope) * Step(z, at_zero)
        if argindex == 2:
            return z - ReLU(z, at_zero)
        return S.Zero

    def _eval_rewrite_as_Piecewise(self, z: Expr, slope: Expr, at_zero: Expr, **_: Any) -> Expr:
        return Piecewise((z, z > 0), (slope * z, True))

    def _eval_rewrite_as_Heaviside(self, z: Expr, slope: Expr, at_zero: Expr, **_: Any) -> Expr:
        return slope * z + (1 - slope) * z * Heaviside(z, at_zero)

    def _eval_rewrite_as_Max(self, z: Expr, slope: Expr, at_zero: Expr, **_: Any) -> Expr:
        # Max(z, slope*z) would need slope <= 1; this form holds for every slope.
        return Max(0, z) - slope * Max(0, -z)


class sigmoid(Function):
    """sigmoid(z) = 1 / (1 + exp(-z)), with sigmoid' = sigmoid (1 - sigmoid)."""

    nargs = 1
    is_real = True
    is_extended_positive = True
    kinks: ClassVar[tuple[Expr, ...]] = ()

    def __new__(cls, z: Any, **options: Any) -> Expr:
        return super().__new__(cls, expression(z), **options)

    @classmethod
    def eval(cls, z: Expr) -> Expr | None:
        if z.is_zero:
            return Rational(1, 2)
        return None

    def fdiff(self, argindex: int = 1) -> Expr:
        """sigmoid'(z) = sigmoid(z) (1 - sigmoid(z))."""
        return self * (1 - self)

    def _eval_rewrite_as_exp(self, z: Expr, **_: Any) -> Expr:
        return 1 / (1 + exp(-z))

    def _eval_evalf(self, prec: int) -> Expr:
        # The argument first: rewritten whole, nested functions take time that doubles each time.
        return (1 / (1 + exp(-self.args[0]._evalf(prec))))._evalf(prec)


class softplus(Function):
    """softplus(z) = log(1 + exp(z)), with softplus' = sigmoid."""

    nargs = 1
    is_real = True
    is_extended_positive = True
    kinks: ClassVar[tuple[Expr, ...]] = ()

    def __new__(cls, z: Any, **options: Any) -> Expr:
        return super().__new__(cls, expression(z), **options)

    @classmethod
    def eval(cls, z: Expr) -> Expr | None:
        if z.is_zero:
            return log(2)
        return None

    def fdiff(self, argindex: int = 1) -> Expr:
        """softplus'(z) = sigmoid(z)."""
        return sigmoid(self.args[0])

    def _eval_rewrite_as_exp(self, z: Expr, **_: Any) -> Expr:
        return log(1 + exp(z))

    def _eval_evalf(self, prec: int) -> Expr:
        # The argument first: rewritten whole, nested functions take time that doubles each time.
        return log(1 + exp(self.args[0]._evalf(prec)))._evalf(prec)


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
