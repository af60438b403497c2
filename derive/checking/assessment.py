"""The verdict on one equation: right, right under a condition, wrong, or undecided."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from sympy import And, Basic, Derivative, Eq, Expr, Heaviside, Lt, Piecewise, Sum

from derive.algebra.functions import Step
from derive.algebra.quantities import Partial, Quantity
from derive.checking.conditions.symmetric_matrices import is_symmetry
from derive.proving import Counterexample, Proof


class Verdict(StrEnum):
    """What is said of an equation, by the names that --json uses.

    `DEFINED` where it gives a name its meaning, and so can be neither right nor wrong.
    """

    RIGHT = "right"
    DEFINED = "defined"
    RIGHT_IF = "right_if"
    WRONG = "wrong"
    UNDECIDED = "undecided"
    NOT_UNDERSTOOD = "not_understood"

    @property
    def is_fine(self) -> bool:
        """Whether nothing needs to be looked at."""
        return self in (Verdict.RIGHT, Verdict.DEFINED)


@dataclass(frozen=True)
class Assessment:
    """The verdict on one equation, and what it rests on.

    Attributes:
        proof: the judge's answer; None for an equation that has no meaning here.
        condition: where an equation that is false in general does hold (proved).
        elsewhere: for one that is right only with the Step(0) of the network, a point with
            another Step(0) at which it fails, if one was found.
        remark: one sentence for an equation without meaning.

    An equation that says nothing of Step(0) and yet needs the network's own value of it is
    right only if Step(0) has that value.
    """

    verdict: Verdict
    proof: Proof | None
    condition: Basic | None = None
    elsewhere: Counterexample | None = None
    remark: str = ""

    @classmethod
    def not_understood(cls, remark: str) -> Assessment:
        """That an equation has no meaning here, and why."""
        return cls(Verdict.NOT_UNDERSTOOD, None, remark=remark)

    @property
    def counterexample(self) -> Counterexample | None:
        """A point at which a wrong equation fails."""
        if self.by_convention:
            return self.elsewhere
        wrong = self.verdict in (Verdict.WRONG, Verdict.RIGHT_IF)
        return self.proof.counterexample if wrong and self.proof is not None else None

    @property
    def by_given(self) -> bool:
        """Whether it is right for some slopes, or symmetric matrices, which is nobody's mistake."""
        if self.verdict is not Verdict.RIGHT_IF or self.by_convention or self.condition is None:
            return False
        parts = And.make_args(self.condition)
        bounded = all(isinstance(one, Lt) and one.args[1] == 1 for one in parts)
        symmetric = all(map(is_symmetry, parts))
        return bounded or symmetric or not self.condition.atoms(Quantity)

    @property
    def by_targets(self) -> bool:
        """Whether it is right if targets sum to 1, which nobody says and all take for granted."""
        condition = self.condition
        stated = condition.args if condition is not None and condition.func is Eq else ()
        return self.verdict is Verdict.RIGHT_IF and any(isinstance(side, Sum) for side in stated)

    @property
    def by_convention(self) -> bool:
        """Whether it is right only if Step(0) is what the network says."""
        return self.verdict is Verdict.RIGHT_IF and self.elsewhere is not None


def is_about_values(left: Expr, right: Expr) -> bool:
    """Whether an equation speaks of values only, and of no derivative in any form.

    ReLU(z) = z is such an equation; that it holds for z > 0 is what there is to say of it.
    Step is a derivative, and so (r - y) Step(z) = r - y has lost a factor.
    """
    return not any(
        side.has(Partial, Derivative, Step, Heaviside, Piecewise) for side in (left, right)
    )
