"""The activations a layer may have, by the name that a network file uses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sympy import Expr, S, tanh

from derive.algebra.arguments import expression, finite
from derive.algebra.functions import LeakyReLU, ReLU, identity, sigmoid, softplus
from derive.errors import NetworkError
from derive.model import literals


@dataclass(frozen=True)
class ActivationKind:
    """One row of the table: how the activation is applied, and where it has kinks."""

    name: str
    apply: Callable[[Expr, Expr, Expr], Expr] | None
    kinks: tuple[Expr, ...] = ()
    has_slope: bool = False

    @property
    def elementwise(self) -> bool:
        """Whether output j depends on pre-activation j alone (softmax does not)."""
        return self.apply is not None


#: `apply` takes the pre-activation, the slope and the value of Step(0).
ACTIVATIONS: dict[str, ActivationKind] = {
    kind.name: kind
    for kind in (
        ActivationKind("relu", lambda z, _slope, at_zero: ReLU(z, at_zero), ReLU.kinks),
        ActivationKind("leaky_relu", LeakyReLU, LeakyReLU.kinks, has_slope=True),
        ActivationKind("identity", lambda z, _slope, _at_zero: identity(z)),
        ActivationKind("sigmoid", lambda z, _slope, _at_zero: sigmoid(z)),
        ActivationKind("tanh", lambda z, _slope, _at_zero: tanh(z)),
        ActivationKind("softplus", lambda z, _slope, _at_zero: softplus(z)),
        ActivationKind("softmax", None),
    )
}


@dataclass(frozen=True)
class Activation:
    """An activation with its slope, where it has one (leaky ReLU: a number or a symbol)."""

    name: str
    slope: Expr = S.Zero

    def __post_init__(self) -> None:
        object.__setattr__(self, "slope", _slope(self.slope))

    @property
    def kind(self) -> ActivationKind:
        """This activation's row in `ACTIVATIONS`."""
        return ACTIVATIONS[self.name]

    def __call__(self, z: Expr, at_zero: Expr) -> Expr:
        """phi(z), with Step(0) = `at_zero`; only for elementwise activations."""
        apply = self.kind.apply
        if apply is None:
            raise TypeError(f"{self.name} acts on a whole layer, not on one pre-activation")
        return apply(expression(z), self.slope, expression(at_zero))


def _slope(value: object) -> Expr:
    """The slope that somebody wrote: text is read as a network file reads it."""
    try:
        return literals.slope(value) if isinstance(value, str) else finite(value, "slope")
    except NetworkError as problem:
        raise NetworkError(f"slope {problem}") from None
