"""The activations a layer may have: one row of data each, which owns every fact about it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

from sympy import Dummy, Expr, Rational, S, cancel, erf, exp, sqrt, tanh
from sympy.core.function import Application

from derive.algebra.arguments import expression, finite
from derive.algebra.functions import LeakyReLU, ReLU, identity, sigmoid, softplus
from derive.algebra.kinked import Kinked
from derive.algebra.output_range import POSITIVE, OutputRange, range_of
from derive.algebra.pieces import Pieces
from derive.errors import NetworkError
from derive.model import literals
from derive.model.own_formula import OWN, PRE_ACTIVATION, checked, in_gates

_z, _slope_symbol = Dummy("z", real=True), Dummy("a", real=True)


def kinks_of(phi: Expr, z: Expr) -> tuple[Expr, ...]:
    """Where a gate in phi(z) turns: the zeros of the arguments, which are linear in z."""
    found: dict[Expr, None] = {}
    for gate in sorted(phi.atoms(Kinked), key=str):
        rate = gate.args[0].diff(z)
        found[cancel(z - gate.args[0] / rate)] = None
    return tuple(found)


def function_names(*formulas: Expr) -> frozenset[str]:
    """The functions that formulas are written with, by name."""
    return frozenset(f.func.__name__ for one in formulas for f in one.atoms(Application))


@dataclass(frozen=True)
class ActivationKind:
    """One row of the table; what is not stated is worked out from the formula.

    Attributes:
        name: what a network file calls it.
        apply: phi(z), from the pre-activation, the slope and the value of Step(0); None for
            softmax, which acts on a whole layer.
        kinks: where phi, or its slope, has kinks.
        has_slope: whether it has a slope, a number or a symbol.
        title: what documents call it, where that is not its name.
        slope_by_output: phi'(z) in r = phi(z), where people write it so.
        slope_bound: sup phi' and a formula for sup - phi'(z) that is never negative, for the
            analysis of gradients; None where neither is known.
        likely_mistake: its place among those that an author may have had in mind; 0 for none.
    """

    name: str
    apply: Callable[[Expr, Expr, Expr], Expr] | None
    kinks: tuple[Expr, ...] = ()
    has_slope: bool = False
    title: str = ""
    slope_by_output: Callable[[Expr], Expr] | None = None
    slope_bound: Callable[[Expr], tuple[Expr, Expr]] | None = None
    likely_mistake: int = 0

    @property
    def elementwise(self) -> bool:
        """Whether output j depends on pre-activation j alone (softmax does not)."""
        return self.apply is not None

    @cached_property
    def functions(self) -> frozenset[str]:
        """The functions that phi and its derivatives are written with, by name."""
        if self.apply is None:
            return frozenset()
        phi = self.apply(_z, _slope_symbol, S.Zero)
        return function_names(phi, phi.diff(_z), phi.diff(_slope_symbol))

    @cached_property
    def is_polynomial_on_each_side(self) -> bool:
        """Whether phi has nothing but gates, and so no exponential or the like."""
        if self.apply is None:
            return False
        phi = self.apply(_z, _slope_symbol, S.Zero)
        return all(isinstance(f, Kinked) for f in phi.atoms(Application))

    @property
    def is_leaky(self) -> bool:
        """Whether it is leaky ReLU."""
        return "LeakyReLU" in self.functions

    @property
    def is_kinked_formula(self) -> bool:
        """Whether it has a kink, and is neither ReLU nor leaky ReLU."""
        return bool(self.kinks) and not self.is_gate and not self.is_leaky

    @cached_property
    def outputs(self) -> OutputRange:
        """Where phi has its values, as far as that is known; those of softmax are positive."""
        if self.apply is None:
            return POSITIVE
        return range_of(self.apply(_z, _slope_symbol, S.Zero))

    @cached_property
    def is_gate(self) -> bool:
        """Whether phi(z) is z where z > 0 and 0 elsewhere: a unit is active or off."""
        return self.apply is not None and isinstance(self.apply(_z, _slope_symbol, S.Zero), ReLU)

    @cached_property
    def passes_positive(self) -> bool:
        """Whether phi(z) is z where z > 0, and so a chain of such layers is a product there."""
        if self.is_gate or self.is_leaky:
            return True
        return self.apply is not None and self.apply(_z, _slope_symbol, S.Zero) == _z


#: In the order in which messages list them.
ACTIVATIONS: dict[str, ActivationKind] = {
    kind.name: kind
    for kind in (
        ActivationKind(
            "relu",
            lambda z, _slope, at_zero: ReLU(z, at_zero),
            ReLU.kinks,
            title="ReLU",
            likely_mistake=1,
        ),
        ActivationKind(
            "leaky_relu", LeakyReLU, LeakyReLU.kinks, has_slope=True, title="leaky ReLU"
        ),
        ActivationKind("identity", lambda z, _slope, _at_zero: identity(z), likely_mistake=4),
        ActivationKind(
            "sigmoid",
            lambda z, _slope, _at_zero: sigmoid(z),
            slope_by_output=lambda r: r * (1 - r),
            slope_bound=lambda z: (Rational(1, 4), (Rational(1, 2) - sigmoid(z)) ** 2),
            likely_mistake=2,
        ),
        ActivationKind(
            "tanh",
            lambda z, _slope, _at_zero: tanh(z),
            slope_by_output=lambda r: 1 - r**2,
            slope_bound=lambda z: (S.One, tanh(z) ** 2),
            likely_mistake=3,
        ),
        ActivationKind(
            "softplus",
            lambda z, _slope, _at_zero: softplus(z),
            slope_bound=lambda z: (S.One, sigmoid(-z)),
            likely_mistake=5,
        ),
        ActivationKind("silu", lambda z, _slope, _at_zero: z * sigmoid(z), title="SiLU"),
        ActivationKind(
            "gelu", lambda z, _slope, _at_zero: z * (1 + erf(z / sqrt(2))) / 2, title="GELU"
        ),
        ActivationKind(
            "elu",
            lambda z, slope, at_zero: Pieces(z, (S.Zero,), (slope * (exp(z) - 1), z)).gated(
                at_zero
            ),
            (S.Zero,),
            has_slope=True,
            title="ELU",
        ),
        ActivationKind("softmax", None),
    )
}


@dataclass(frozen=True)
class Activation:
    """An activation: a row of the table by its name, or a formula of one's own.

    Args:
        name: that of a row; "formula" for a formula of one's own.
        slope: a number or a symbol, for a row that has one.
        formula: an expression in a real symbol z, such as z*sigmoid(z) or cases of such.

    Raises:
        NetworkError: for a formula that is not supported; the message says why.
    """

    name: str = OWN
    slope: Expr = S.Zero
    formula: Expr | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "slope", _slope(self.slope))
        if (self.formula is None) == (self.name == OWN):
            raise NetworkError("an activation has the name of a known one, or a formula")
        if self.formula is not None:
            try:
                object.__setattr__(self, "formula", checked(self.formula, PRE_ACTIVATION))
            except NetworkError as problem:
                raise NetworkError(f"the activation {problem}") from None

    @property
    def kind(self) -> ActivationKind:
        """This activation's row: in `ACTIVATIONS`, or made from its formula."""
        return ACTIVATIONS[self.name] if self.formula is None else _row(self.formula)

    def __call__(self, z: Expr, at_zero: Expr) -> Expr:
        """phi(z), with Step(0) = `at_zero`; only for elementwise activations."""
        apply = self.kind.apply
        if apply is None:
            raise TypeError(f"{self.name} acts on a whole layer, not on one pre-activation")
        return apply(expression(z), self.slope, expression(at_zero))


@lru_cache(maxsize=256)
def _row(formula: Expr) -> ActivationKind:
    """The row of a formula: its kinks are where its gates turn."""
    (letter,) = PRE_ACTIVATION

    def apply(z: Expr, _slope: Expr, at_zero: Expr) -> Expr:
        return in_gates(formula, PRE_ACTIVATION, at_zero).xreplace({letter: z})

    return ActivationKind(OWN, apply, kinks_of(apply(_z, S.Zero, S.Zero), _z), title="the formula")


def _slope(value: object) -> Expr:
    """The slope that somebody wrote: text is read as a network file reads it."""
    try:
        return literals.slope(value) if isinstance(value, str) else finite(value, "slope")
    except NetworkError as problem:
        raise NetworkError(f"slope {problem}") from None
