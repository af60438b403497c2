"""Two marks for every step: the equation is proved, and the named rule yields it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Self

from derive.algebra.arguments import instance_of
from derive.deriving import laws
from derive.meaning.derivation import Derivation, Line
from derive.model.model import Model
from derive.model.network import Network
from derive.processes import Shared
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
    once is proved once.
    """
    with Verifying(derivation, processes) as begun:
        return begun.marks(progress)


class Verifying:
    """The proofs of a derivation, which others begin to look for; ended by `with`.

    Steps of stacks of layers are shared by so many processes, where the system can fork; in models
    from definitions an earlier proof may serve a later one.
    """

    def __init__(self, derivation: Derivation, processes: int = 1) -> None:
        groups = instance_of(Derivation, derivation, "derivation").groups
        self._lines = [(group.network, step) for group in groups for step in group.steps]
        self._once = list(dict.fromkeys(self._lines))
        said = Said()
        apart = all(isinstance(network, Network) for network, _ in self._once)
        self._shared = Shared(
            lambda line: _marks(said, *line), self._once, processes if apart else 1
        )

    def __enter__(self) -> Self:
        self._shared.__enter__()
        return self

    def __exit__(self, *problem: object) -> None:
        self._shared.__exit__(*problem)

    def marks(self, progress: Callable[[int], None] = lambda done: None) -> tuple[Marks, ...]:
        """The verdicts on all steps, in order; `progress` is called with how many are done."""
        marks = self._shared.results(progress)
        known = dict(zip(self._once, marks, strict=True))
        progress(len(self._lines))
        return tuple(known[line] for line in self._lines)


def _marks(said: Said, network: Model, step: Line) -> Marks:
    proof = said.judge(network, step.lhs, step.rhs, step.where, step.assuming)
    return Marks(proof, laws.confirm(network, step))
