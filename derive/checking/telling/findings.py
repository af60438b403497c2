"""What there is to say of a judged statement: keys of `answers.jinja`, and expressions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sympy import S

from derive.algebra.quantities import Partial, Quantity
from derive.checking.assessment import Verdict
from derive.checking.verdicts import Judged
from derive.proving import Method, Proof
from derive.proving.kinks.distributions import concerns
from derive.reading.code_claims import CodeClaim, CodeShapes
from derive.reading.statements import Assumption, Claim, Outside, Statement


@dataclass(frozen=True)
class Remark:
    """One thing to say: a key of the templates, and what it speaks of."""

    key: str
    about: Mapping[str, Any] = field(default_factory=dict)


def findings(judged: Judged, at_zero: str) -> Iterator[Remark]:
    """All that is said of a statement after its verdict, in order; Step(0) is `at_zero`."""
    match judged.statement:
        case Assumption():
            yield Remark("assumed", {"condition": judged.statement.condition})
            return
        case Outside():
            yield from _reason(judged.statement.reason)
            return
        case CodeClaim() | CodeShapes() if judged.verdict not in (Verdict.RIGHT, Verdict.RIGHT_IF):
            yield Remark("named", {"name": judged.statement.name})
        case _:
            pass
    if judged.layers:
        yield Remark("layers", {"layers": judged.layers})
    match judged.verdict:
        case Verdict.RIGHT:
            yield from proved_for(judged, at_zero)
            if judged.rests_on is not None:
                yield Remark("rests on", {"place": judged.rests_on})
        case Verdict.RIGHT_IF:
            yield from _condition("condition", judged)
            yield from _why_not(judged)
        case Verdict.WRONG:
            yield from _why_not(judged)
        case _:
            yield from _reason(judged.remark)


def mistake(judged: Judged) -> Iterator[Remark]:
    """The mistake, and what the right side should be."""
    yield from _mistake("mistake", judged)
    yield from _should_be(judged)


def proved_for(judged: Judged, at_zero: str) -> Iterator[Remark]:
    """For what an equation was proved; nothing of what is not right."""
    assessment = judged.assessment
    if assessment and assessment.verdict is Verdict.RIGHT and assessment.proof is not None:
        if assessment.proof.method is Method.NONE:  # nothing was proved: it was calculated
            yield Remark("calculated")
            return
        widths = _widths(judged.statement, every=assessment.proof.scope.widths.every)
        about = {"at_zero": at_zero, "elsewhere": assessment.elsewhere}
        yield Remark("scope", scope_of(assessment.proof, widths) | about)


def scope_of(proof: Proof, widths: str) -> dict[str, Any]:
    """For what an equation was proved; of a Step(0) that was chosen the value is not known here.

    `widths` is "every", "own", or "" where nothing depends on them.
    """
    scope = proof.scope
    return {
        "kinks": scope.kinks.value,
        "derivative": scope.derivative,
        "at_zero": None,
        "elsewhere": None,
        "exception": proof.counterexample,
        "where": None if scope.where == S.true else scope.where,
        "assuming": bool(scope.assuming),
        "nonzero": scope.nonzero,
        "apart": scope.apart,
        "domain": scope.domain,
        "widths": widths,
    }


def kind_of_note(judged: Judged) -> str:
    """What a statement is that is no equation: an assumption, or outside of what is judged."""
    return "assumption" if isinstance(judged.statement, Assumption) else "outside"


def _why_not(judged: Judged) -> Iterator[Remark]:
    assessment = judged.assessment
    wrong = judged.verdict is Verdict.WRONG
    if judged.carried_from is not None:
        yield Remark("carried", {"place": judged.carried_from})
    if wrong:
        yield from _mistake("mistake", judged)
    elif judged.diagnosis is not None and judged.diagnosis.right is not None:
        yield from _mistake("mistake in general", judged)
    yield from _should_be(judged)
    if assessment is None:
        return
    if wrong and assessment.condition is not None:
        yield from _condition("holds where", judged)
    if assessment.remark and assessment.proof is not None:
        yield Remark("no meaning", {"reason": assessment.remark})
    else:
        yield from _reason(assessment.remark)
    if assessment.counterexample is not None:
        yield Remark("example", {"point": assessment.counterexample})
        if _is_about_a_kink(judged.statement):
            yield Remark("off the kink")


def _reason(reason: str) -> Iterator[Remark]:
    if reason:
        yield Remark("reason", {"reason": reason})


def _condition(key: str, judged: Judged) -> Iterator[Remark]:
    assert judged.assessment is not None
    yield Remark(key, {"condition": judged.assessment.condition})


def _mistake(key: str, judged: Judged) -> Iterator[Remark]:
    if judged.diagnosis is not None:
        for named, details in judged.diagnosis.mistakes:
            yield Remark(key, {**details, "mistake": named.value})


def _should_be(judged: Judged) -> Iterator[Remark]:
    if judged.diagnosis is not None and "code" in judged.diagnosis.details:
        yield Remark("write", {"code": judged.diagnosis.details["code"]})
        return
    if judged.should_be is not None:
        yield Remark("should be", {"right": judged.should_be})


def _is_about_a_kink(statement: Statement) -> bool:
    return isinstance(statement, Claim) and concerns(statement.left, statement.right)


def _widths(statement: Statement, *, every: bool) -> str:
    """What a proof says of widths, where the equation depends on them."""
    if not every:
        return "own"
    sides = (statement.left, statement.right) if isinstance(statement, Claim) else ()
    atoms = (q for side in sides for q in side.atoms(Quantity, Partial))
    return "every" if any(isinstance(q, Quantity) and q.indices for q in atoms) else ""
