"""Two marks for every step: the equation is proved, and the named rule yields it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from derive.algebra.arguments import instance_of
from derive.deriving import laws
from derive.meaning.derivation import Derivation, Line
from derive.model.model import Model
from derive.model.network import Network
from derive.processes import shared
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
    derivation: Derivation,
    progress: Callable[[int], None] = lambda done: None,
    processes: int = 1,
) -> tuple[Marks, ...]:
    """The verdicts on all steps of a derivation, in order.

    `progress` is called with the number of steps done.  An equation that occurs more than
    once is proved once.  Steps of stacks of layers are shared by so many processes, where the
    system can fork; in models from definitions an earlier proof may serve a later one.
    """
    groups = instance_of(Derivation, derivation, "derivation").groups
    lines = [(group.network, step) for group in groups for step in group.steps]
    once = list(dict.fromkeys(lines))
    said = Said()
    apart = all(isinstance(network, Network) for network, _ in once)
    marks = shared(lambda line: _marks(said, *line), once, processes if apart else 1, progress)
    known = dict(zip(once, marks, strict=True))
    progress(len(lines))
    return tuple(known[line] for line in lines)


def _marks(said: Said, network: Model, step: Line) -> Marks:
    proof = said.judge(network, step.lhs, step.rhs, step.where, step.assuming)
    return Marks(proof, laws.confirm(network, step))
