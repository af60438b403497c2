"""What `check` gives back: each statement of a document with its verdict, and the summary."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from sympy import Expr

from derive.checking.assessment import Assessment, Verdict
from derive.checking.diagnosing.mistakes import Diagnosis
from derive.lazy import late
from derive.model.model import Model
from derive.model.network import Network
from derive.reading.own_names import OwnNames, together
from derive.reading.statements import (
    Assumption,
    Claim,
    Doubt,
    NotUnderstood,
    Outside,
    Place,
    Statement,
)

if TYPE_CHECKING:
    from derive.reading.inferring.inferred_model import InferredModel

_as_markdown = late("derive.checking.telling.check_report", "as_markdown")


@dataclass(frozen=True)
class Judged:
    """A statement of a document, with what was found about it.

    Attributes:
        assessment: for a claim, what the judge says; None for everything else.
        diagnosis: for a wrong claim, the mistake that explains it, if one was found.
        should_be: for a wrong claim, what its right side should be, if that was found.
        carried_from: the place of the mistake that this claim only repeats.
        rests_on: the place of a wrong step that this right step continues (a = b = c).
        remark: one sentence for what was not understood.
        layers: for an equation about any layer k, the layers ("k = 1") with this verdict,
            if the others have a better one.
    """

    statement: Statement
    assessment: Assessment | None = None
    diagnosis: Diagnosis | None = None
    should_be: Expr | None = None
    carried_from: Place | None = None
    rests_on: Place | None = None
    remark: str = ""
    layers: tuple[str, ...] = ()

    @classmethod
    def not_understood(cls, statement: Statement, remark: str) -> Judged:
        """An equation of which nothing can be said, and why."""
        return cls(statement, Assessment.not_understood(remark), remark=remark)

    def settled(self) -> Judged:
        """The same with nothing left to be found late, so that another process can have it."""
        return replace(self, statement=self.statement.settled())

    @property
    def line(self) -> int:
        """The line of the document on which it stands."""
        return self.statement.place.line

    @property
    def verdict(self) -> Verdict | None:
        """The verdict on an equation; None for assumptions and what lies outside."""
        if self.assessment is not None:
            return self.assessment.verdict
        return Verdict.NOT_UNDERSTOOD if isinstance(self.statement, NotUnderstood) else None

    @property
    def is_asked(self) -> bool:
        """Whether it is an equation that the document asks for and does not claim."""
        return isinstance(self.statement, Claim) and self.statement.asked

    @property
    def is_equation(self) -> bool:
        """Whether it is among what is judged."""
        return isinstance(self.statement, Claim | NotUnderstood)


@dataclass(frozen=True)
class Numbering:
    """How a document numbers its weights, where its own definitions alone say so.

    Attributes:
        names: what each of its names was taken for; if there are none, W^(l) and b^(l) were
            taken for those that lead into layer l.
    """

    names: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Summary:
    """How many of each kind, and where the first mistake is.

    Attributes:
        counts: equations that are claimed, by verdict, every verdict included.
        asked: those that are only asked for, by verdict.
        carried: how many of the wrong ones only repeat an earlier mistake.
        assumptions, outside: statements that are not equations.
        first_wrong: the place of the first equation that is not right as it stands and
            repeats no earlier mistake.
        layout: the layout of weight matrices that was read, in words; None if it is all one.
        numbering: how weights are numbered, where only the document told so.
        inferred: the models that parts of it define themselves, where it names none.
    """

    counts: Mapping[Verdict, int]
    asked: Mapping[Verdict, int]
    carried: int
    assumptions: int
    outside: int
    first_wrong: Place | None
    layout: str | None
    numbering: tuple[Numbering, ...] | None = None
    inferred: tuple[InferredModel, ...] = ()

    @property
    def all_right(self) -> bool:
        """Whether every equation is right as it stands, or defines a name."""
        return not any(n for verdict, n in self.counts.items() if not verdict.is_fine)

    @property
    def equations(self) -> int:
        """How many equations there are."""
        return sum(self.counts.values())


@dataclass(frozen=True)
class Part:
    """What a document says of one network, judged.

    Attributes:
        judged: its statements in order.
        names: the names of its own, each with what it stands for.
        kind: what sort of document it is, which decides how formulas are written back.
        layout, numbering: see `Summary`.
        inferred: the model that the document itself defines, where it names none.
    """

    network: Model
    judged: tuple[Judged, ...]
    names: Mapping[str, str]
    kind: str = "text"
    layout: str | None = None
    numbering: Numbering | None = None
    inferred: InferredModel | None = None

    @property
    def names_given(self) -> frozenset[str]:
        """The names of tensors that are none of ours: those of a model from definitions."""
        return frozenset() if isinstance(self.network, Network) else frozenset(self.network.names)

    @cached_property
    def own_names(self) -> OwnNames:
        """What the document calls the quantities that it speaks of."""
        claims = (one.statement for one in self.judged)
        return together(claim.names for claim in claims if isinstance(claim, Claim))


@dataclass(frozen=True)
class Checked:
    """A document, judged: what `check` gives back.  Jupyter shows it as a list.

    A document about several networks has a part for each, in order.
    """

    parts: tuple[Part, ...]

    @property
    def judged(self) -> tuple[Judged, ...]:
        """All statements in order."""
        return tuple(one for part in self.parts for one in part.judged)

    @property
    def equations(self) -> tuple[Judged, ...]:
        """What was judged, and what could not be read."""
        return tuple(one for one in self.judged if one.is_equation)

    @property
    def kind(self) -> str:
        """What sort of document it is."""
        return self.parts[0].kind if self.parts else "text"

    @property
    def networks(self) -> str:
        """The names of its networks, each once."""
        return ", ".join(dict.fromkeys(part.network.name for part in self.parts))

    @cached_property
    def summary(self) -> Summary:
        """Counts, and the first mistake."""
        claimed = [one for one in self.equations if not one.is_asked]
        counted = Counter(one.verdict for one in claimed)
        asked = Counter(one.verdict for one in self.equations if one.is_asked)
        mistaken = (
            one.statement.place
            for one in claimed
            if one.verdict in (Verdict.WRONG, Verdict.RIGHT_IF) and one.carried_from is None
        )
        kinds = Counter(type(one.statement) for one in self.judged)
        return Summary(
            {verdict: counted[verdict] for verdict in Verdict},
            {verdict: asked[verdict] for verdict in Verdict},
            sum(1 for one in claimed if one.carried_from is not None),
            kinds[Assumption],
            kinds[Outside] + kinds[Doubt],
            next(mistaken, None),
            _said_of(part.layout for part in self.parts),
            tuple(dict.fromkeys(p.numbering for p in self.parts if p.numbering)) or None,
            tuple(part.inferred for part in self.parts if part.inferred),
        )

    def _repr_markdown_(self) -> str:
        return _as_markdown(self)


def _said_of(parts: Iterable[str | None]) -> str | None:
    """What was found of parts of a document, each once."""
    return ", ".join(dict.fromkeys(said for said in parts if said)) or None
