"""`Outcome`: what checking one statement found, with the evidence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from sympy import Basic, Expr, S, Tuple

from derive.files.document_setting import model_setting
from derive.meaning.derivation import Equation
from derive.model.network import Network
from derive.proving import Proof, Scope


class Word(StrEnum):
    """The verdicts, worst first: of several statements the worst is the verdict on all."""

    UNDECIDED = "undecided"
    REFUTED = "refuted"
    TRUE_IF = "true if"
    HEURISTIC = "heuristic"  # experience: no theorem says so, and none can refute it
    DOCUMENTED = "documented"  # a fact about a text or a program; the reference has it
    PROVED = "proved"
    ARITHMETIC = "arithmetic"
    DEFINITION = "definition"
    ANSWERED = "answered"  # a question, every part of whose answer came out true
    SHOWN_FALSE = "shown false"  # a statement that was made in order to be refuted
    NOT_JUDGED = "not judged"  # the text has nothing that could be true or false


WORST_FIRST = tuple(Word)

#: What a statement that the document itself makes must come out as.
SOUND = frozenset(WORST_FIRST) - {Word.UNDECIDED, Word.REFUTED, Word.TRUE_IF, Word.NOT_JUDGED}


@dataclass(frozen=True)
class Setting:
    """A quantity and its value at a point; `whole` for a tensor, all of whose entries have it."""

    name: Expr
    value: Expr
    whole: bool = False


@dataclass(frozen=True)
class DifferenceShown:
    """A point at which two sides differ, and both sides there."""

    point: tuple[Setting, ...]
    left: Expr
    right: Expr

    @property
    def units(self) -> tuple[Setting, ...]:
        """The units that free indices stand for."""
        return tuple(s for s in self.point if s.name.is_integer)

    @property
    def uniform(self) -> Expr | None:
        """The value of all other quantities, if there are tensors and they all have the same."""
        others = [s for s in self.point if not s.name.is_integer]
        first = others[0].value if any(s.whole for s in others) else None
        return first if all(s.value == first for s in others) else None


@dataclass(frozen=True)
class Outcome:
    """What checking one statement found.

    Attributes:
        equation: what was judged, if it was an equation (or a bound, left <= right).
        network, names: whose quantities are in the equation, and plain variables beside them.
        where: what was assumed of them.
        proof: the judge's answer, if the equation was proved.
        difference: of a refuted equation, where it fails.
        condition: under which the statement holds, found and proved sufficient.
        cases: keys of the cases in which it holds, of those in `others` in which it does not.
        facts: computed values by name.
        references: keys of the literature.
        remark: what was tried, or what a reader objected to.
    """

    word: Word
    equation: Equation | None = None
    is_bound: bool = False
    network: Network | None = None
    names: tuple[str, ...] = ()
    where: Basic = S.true
    proof: Proof | None = None
    difference: DifferenceShown | None = None
    condition: Basic | None = None
    cases: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    facts: Mapping[str, Basic] = field(default_factory=dict)
    references: tuple[str, ...] = ()
    remark: str = ""

    @property
    def is_claimed(self) -> bool:
        """Whether the document may write the equation as one that holds."""
        return self.word not in (Word.REFUTED, Word.SHOWN_FALSE, Word.TRUE_IF, Word.UNDECIDED)

    @property
    def about(self) -> str:
        """What `derive check` has to know to read the equation: its network, and its variables."""
        assert self.equation is not None
        setting = (model_setting(self.network) or self.network.name) if self.network else "1-1"
        sides = Tuple(self.equation.lhs, self.equation.rhs)
        numbers = self.names if self.network else sorted(s.name for s in sides.free_symbols)
        return ", ".join([f"network = {setting}", *(f"{name} = number" for name in numbers)])

    @property
    def scope(self) -> Scope | None:
        """What the proof covers."""
        return None if self.proof is None else self.proof.scope

    @property
    def widths(self) -> str:
        """What a proof at some widths settles: "every" width or the ones "tried"; else ""."""
        if self.scope is None or not self.scope.widths.tried:
            return ""
        return "every" if self.scope.widths.every else "tried"
