"""Checks that a computation settles: functions that return a `Finding`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sympy import S

from derive.claims.analysis.finding import Finding
from derive.claims.outcome import Outcome, Word


@dataclass(frozen=True)
class Exact:
    """A statement that an exact computation settles."""

    compute: Callable[[], Finding]

    def outcome(self) -> Outcome:
        """Proved, refuted, or true under the condition that was found."""
        return _of_finding(self.compute(), Word.PROVED)


@dataclass(frozen=True)
class ArithmeticCheck:
    """A statement about numbers, worked out when the document is made."""

    compute: Callable[[], Finding]

    def outcome(self) -> Outcome:
        """Arithmetic where it holds, refuted where not."""
        return _of_finding(self.compute(), Word.ARITHMETIC)


@dataclass(frozen=True)
class InstanceCheck:
    """A universal statement tried at one instance: that can refute it, and never prove it."""

    compute: Callable[[], Finding]

    def outcome(self) -> Outcome:
        """Refuted by the instance, or undecided."""
        return _of_finding(self.compute(), Word.UNDECIDED)


def _of_finding(finding: Finding, if_true: Word) -> Outcome:
    if finding.holds == S.true:
        return Outcome(if_true, facts=finding.values)
    if finding.holds == S.false:
        return Outcome(Word.REFUTED, facts=finding.values)
    return Outcome(Word.TRUE_IF, condition=finding.holds, facts=finding.values)


@dataclass(frozen=True)
class Cases:
    """A statement that may hold in some cases (keys of the templates) and not in others."""

    cases: tuple[tuple[str, Callable[[], Finding]], ...]

    def outcome(self) -> Outcome:
        """Proved in all cases, refuted in all, or true in those that are named."""
        found = {key: compute() for key, compute in self.cases}
        yes = tuple(key for key, finding in found.items() if finding.holds == S.true)
        no = tuple(key for key in found if key not in yes)
        facts = {
            f"{key}_{name}": value
            for key, finding in found.items()
            for name, value in finding.values.items()
        }
        word = Word.TRUE_IF if yes and no else Word.PROVED if yes else Word.REFUTED
        return Outcome(word, cases=yes, others=no, facts=facts)
