"""What can be wrong with an equation: the kinds of mistakes, a guess, and a confirmed one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from sympy import Basic, Expr, S

from derive.checking.diagnosing.scopes import Neighbourhood
from derive.model.model import Model
from derive.model.network import Network


class Mistake(StrEnum):
    """The mistakes that are recognised, by the names that --json uses."""

    SIGN = "sign"
    SIGN_OF_TERM = "sign_of_term"
    SWAPPED_DIFFERENCE = "swapped_difference"
    MISSING_FACTOR = "missing_factor"
    SURPLUS_FACTOR = "surplus_factor"
    WRONG_FACTOR = "wrong_factor"
    MISSING_TERM = "missing_term"
    SURPLUS_TERM = "surplus_term"
    TRANSPOSED = "transposed"
    WRONG_INDEX = "wrong_index"
    MISSING_SUM = "missing_sum"
    SURPLUS_SUM = "surplus_sum"
    WRONG_SUM = "wrong_sum"
    WRONG_LAYER = "wrong_layer"
    WRONG_QUANTITY = "wrong_quantity"
    NOT_DIFFERENTIATED = "not_differentiated"
    DIFFERENTIATED = "differentiated"
    WRONG_DERIVATIVE = "wrong_derivative"
    OTHER_LAYOUT = "other_layout"
    SHAPES = "shapes"
    ACTIVE_ONLY = "active_only"
    OTHER_COST = "other_cost"
    OTHER_ACTIVATION = "other_activation"
    GAUSS_NEWTON_ONLY = "gauss_newton_only"
    RESIDUAL_ONLY = "residual_only"
    SAME_LAYER_ZERO = "same_layer_zero"
    TAKEN_FOR_ZERO = "taken_for_zero"
    WRONG_AXIS = "wrong_axis"
    EXCHANGED_FACTORS = "exchanged_factors"
    UPSIDE_DOWN = "upside_down"


@dataclass(frozen=True)
class Suspect:
    """An equation under suspicion: left = right, under a condition, about a network."""

    network: Model
    left: Expr
    right: Expr
    where: Basic = S.true

    @property
    def stack(self) -> Network:
        """The network, for what only a stack of layers has."""
        assert isinstance(self.network, Network)
        return self.network

    @cached_property
    def around(self) -> Neighbourhood:
        """What else might stand in the equation."""
        return Neighbourhood(self.network, self.left, self.right)

    def guess(self, mistake: Mistake, right: Expr, **details: Any) -> Guess:
        """A mistake in the right side, which should have been this one."""
        return Guess(mistake, self.left, right, details=details)


@dataclass(frozen=True)
class Guess:
    """A mistake that may have been made, and the equation that is right if it was.

    Attributes:
        left, right: the equation to prove; `network` is where, if not in the suspect's own.
        repairs: whether `right` is what the right-hand side should have been.
        details: what the sentence about this mistake speaks of.
    """

    mistake: Mistake
    left: Expr
    right: Expr
    network: Model | None = None
    repairs: bool = True
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Diagnosis:
    """A mistake that was made: the equation of the guess is proved.

    Attributes:
        right: what the right-hand side should be; None where this does not follow.
        before: a mistake that was made as well, and named first; this one is what is wrong
            after it was mended.
    """

    mistake: Mistake
    details: Mapping[str, Any]
    right: Expr | None
    before: Guess | None = None

    @property
    def mistakes(self) -> tuple[tuple[Mistake, Mapping[str, Any]], ...]:
        """All that is wrong, each with what the sentence about it speaks of."""
        named = [self.before] if self.before is not None else []
        return tuple((one.mistake, one.details) for one in (*named, self))
