"""Two marks for every step: the equation is proved, and the named rule yields it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from derive.algebra.arguments import instance_of
from derive.deriving import laws
from derive.meaning.derivation import Derivation, Line
from derive.model.model import Model
from derive.proving import Proof
from derive.proving.chained import Said


@dataclass(frozen=True)
class Marks:
    """What is known of one step."""

    proof: Proof
    rule_confirmed: bool

    @property
    def proved(self) -> bool:
        """Both marks: the equation was proved, and the rule gives its right side."""
        return self.proof.proved and self.rule_confirmed


def verify(
    derivation: Derivation, progress: Callable[[int], None] = lambda done: None
) -> tuple[Marks, ...]:
    """The verdicts on all steps of a derivation, in order.

    `progress` is called with the number of steps done.  An equation that occurs more than
    once is proved once.
    """
    known: dict[tuple[Model, Line], Marks] = {}
    verdicts: list[Marks] = []
    said = Said()
    for group in instance_of(Derivation, derivation, "derivation").groups:
        for step in group.steps:
            key = (group.network, step)
            if key not in known:
                proof = said.judge(group.network, step.lhs, step.rhs, step.where, step.assuming)
                known[key] = Marks(proof, laws.confirm(group.network, step))
            verdicts.append(known[key])
            progress(len(verdicts))
    return tuple(verdicts)
