"""A claim, and the verdict that its outcomes give."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sympy import Basic

from derive.claims.checks import Check
from derive.claims.outcome import SOUND, WORST_FIRST, Outcome, Word
from derive.errors import DeriveError


class Speaker(StrEnum):
    """Who says it."""

    QUESTION = "question"
    ANSWER = "answer"
    COMMENT = "comment"


@dataclass(frozen=True)
class SeedClaim:
    """Something that a text says, or asks.

    Attributes:
        id: its number, such as "S1.5"; its words are `says_S1_5` and `why_S1_5` in the templates.
        checks: what it states; their outcomes alone make the verdict.
        remarks: what the document adds to it; each must come out true.
        asks: whether it is a question: `checks` are then the parts of its answer.
    """

    id: str
    speaker: Speaker
    checks: tuple[Check, ...]
    remarks: tuple[Check, ...] = ()
    asks: bool = False


@dataclass(frozen=True)
class Section:
    """Claims under one heading, a key of the templates."""

    key: str
    claims: tuple[SeedClaim, ...]


@dataclass(frozen=True)
class Entry:
    """A claim with its verdict and evidence: a block of the document.

    `partly` are the verdicts, other than `verdict`, on parts of it that a reader should see.
    """

    id: str
    speaker: Speaker
    verdict: Word
    partly: tuple[Word, ...]
    outcomes: tuple[Outcome, ...]
    remarks: tuple[Outcome, ...]

    @property
    def number(self) -> str:
        """How readers find it: 1.5 is the fifth claim of the first question."""
        return self.id.removeprefix("S")

    @property
    def key(self) -> str:
        """The number as part of a name: S1_5."""
        return self.id.replace(".", "_")

    @property
    def facts(self) -> Mapping[str, Basic]:
        """All computed values, by name."""
        every = (*self.outcomes, *self.remarks)
        return {name: value for outcome in every for name, value in outcome.facts.items()}

    @property
    def references(self) -> tuple[str, ...]:
        """The literature, each once."""
        every = (r for outcome in (*self.outcomes, *self.remarks) for r in outcome.references)
        return tuple(dict.fromkeys(every))


#: Verdicts on parts that the verdict on the whole does not imply.
_SHOWN_IN_PART = (Word.TRUE_IF, Word.HEURISTIC, Word.DOCUMENTED, Word.PROVED)


def judged(claim: SeedClaim) -> Entry:
    """Work out every check of a claim.

    Raises:
        DeriveError: when something that the document itself states does not come out true.
    """
    outcomes = tuple(check.outcome() for check in claim.checks)
    remarks = tuple(check.outcome() for check in claim.remarks)
    for stated in (*remarks, *(outcomes if claim.asks else ())):
        if stated.word not in SOUND:
            raise DeriveError(
                f"{claim.id}: what the document adds is {stated.word.value}: {stated}"
            )
    words = sorted({outcome.word for outcome in outcomes}, key=WORST_FIRST.index)
    verdict = Word.ANSWERED if claim.asks else words[0]
    partly = () if claim.asks else tuple(w for w in words[1:] if w in _SHOWN_IN_PART)
    return Entry(claim.id, claim.speaker, verdict, partly, outcomes, remarks)


def judge_all(
    sections: Sequence[Section], progress: Callable[[int, int], None] = lambda done, total: None
) -> Iterator[tuple[Section, tuple[Entry, ...]]]:
    """Every section with its entries, in order."""
    total = sum(len(section.claims) for section in sections)
    done = 0
    for section in sections:
        entries: list[Entry] = []
        for claim in section.claims:
            entries.append(judged(claim))
            done += 1
            progress(done, total)
        yield section, tuple(entries)
