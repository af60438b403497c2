"""Which reading of a section is kept, and what of the others counts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from derive.checking.assessment import Verdict
from derive.checking.own_definitions import remarks
from derive.checking.verdicts import Judged, Part
from derive.reading.statements import Place

#: What transposes, behind a name or a bracket.
TURNED = r"(?:\^\s*\{?\s*(?:T\b|\\top\b|\\intercal\b|\\math\w+\s*\{?\s*T\b)|ᵀ)"


def score(part: Part) -> tuple[int, int]:
    """How much of a document holds in a reading: what is right, less what is wrong."""
    verdicts = [one.verdict for one in part.judged]
    fine = sum(verdict is not None and verdict.is_fine for verdict in verdicts)
    wrong = sum(verdict is Verdict.WRONG for verdict in verdicts)
    inferred = part.inferred
    shown = inferred is not None and inferred.matrices and not inferred.doubtful
    return fine - wrong, int(shown)


def with_right_of(part: Part, other: Part) -> Part:
    """A section in one reading, and what another that the text allows says of the rest of it.

    Where a formula was not understood, its place begins at the first problem.
    """
    right = {
        one.statement.place.end: one
        for one in other.judged
        if one.verdict in (Verdict.RIGHT, Verdict.DEFINED)
    }
    judged = (
        right.get(one.statement.place.end, one) if one.verdict is Verdict.NOT_UNDERSTOOD else one
        for one in part.judged
    )
    return replace(part, judged=tuple(judged))


def in_their_order(part: Part, as_matrices: Part) -> Part:
    """A section read as of numbers, in a text that transposes: what that leaves of it.

    Products of numbers are right in any order.  So what transposes is right only where it is so
    read as of matrices too, and what is wrong there is not right.
    """
    there = {one.statement.place.end: one.verdict for one in as_matrices.judged}

    def is_in_order(one: Judged) -> bool:
        verdict = there.get(one.statement.place.end)
        if verdict is Verdict.WRONG:
            return False
        return verdict is Verdict.RIGHT or not re.search(TURNED, one.statement.source)

    judged = (
        Judged.not_understood(one.statement, remarks.ORDER)
        if one.verdict is Verdict.RIGHT and not is_in_order(one)
        else one
        for one in part.judged
    )
    return replace(part, judged=tuple(judged))


def keeps_shapes(part: Part, other: Part) -> bool:
    """Whether another reading takes none of the vectors and matrices of one for numbers.

    Products of numbers are right in any order, and those of matrices in one.
    """
    own, theirs = part.inferred, other.inferred
    if own is None or theirs is None:
        return False
    return theirs.matrices or theirs.any_layer or not (own.matrices or own.any_layer)


def but_for_wrong(part: Part, alone: Sequence[Part]) -> Part:
    """A section read with what others define: wrong is only what is wrong without, too.

    What was defined there may be of another model, although it has the same name.
    """
    wrong = {
        (one.statement.place.start, one.statement.place.end)
        for other in alone
        for one in other.judged
        if one.verdict is Verdict.WRONG
    }
    judged = (
        Judged.not_understood(one.statement, remarks.ELSEWHERE)
        if one.verdict in (Verdict.WRONG, Verdict.RIGHT_IF)
        and (one.statement.place.start, one.statement.place.end) not in wrong
        else one
        for one in part.judged
    )
    return replace(part, judged=tuple(judged))


def unless_other(judged: Judged, others: Iterable[Part]) -> Judged:
    """What is wrong in one reading, and not in another, is not understood."""
    if judged.verdict is not Verdict.WRONG:
        return judged
    for other in others:
        for one in other.judged:
            if _same(one.statement.place, judged.statement.place) and one.verdict is Verdict.RIGHT:
                return Judged.not_understood(judged.statement, remarks.OTHER_READING)
    return judged


def _same(first: Place, second: Place) -> bool:
    return (first.start, first.end) == (second.start, second.end)
