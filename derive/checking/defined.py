"""A document that names no network: its own definitions are the model that it is judged by.

Where names without indices may be numbers or vectors, both are tried.  The reading is chosen
under which more holds; wrong is only what is wrong in every reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sympy import Basic

from derive.algebra.quantities import Partial, Quantity, quantities_in
from derive.checking.assessment import Assessment, Verdict
from derive.checking.check import check_parts
from derive.checking.verdicts import Checked, Judged, Part
from derive.model.defined_model import DefinedModel
from derive.reading.inferring.inferred_model import InferredModel, inferred_models
from derive.reading.statements import Claim, Place

_NO_PATH = "nothing in the text says how {} depends on {}"
_UNEXPLAINED = "nothing in the text says what {} is"
_OTHER_READING = "whether it holds depends on which names are numbers and which are vectors"
_READ_OTHERWISE = "this was taken for a definition, and cannot be one as it is read"


def check_defined(
    text: str, *, kind: str, layout: object = None, assume: Sequence[Basic | str] = ()
) -> Checked | None:
    """A document judged by the model that it defines; None where it defines none."""
    found = [_judged(one, text, kind, layout, assume) for one in inferred_models(text, kind)]
    if not found:
        return None
    best = max(found, key=_score)  # of equals the first, which reads numbers
    others = [one for one in found if one is not best]
    return Checked(
        (replace(best, judged=tuple(_unless_other(one, others) for one in best.judged)),)
    )


def _judged(
    inferred: InferredModel, text: str, kind: str, layout: object, assume: Sequence[Basic | str]
) -> Part:
    checked = check_parts([(inferred.model, text)], kind=kind, layout=layout, assume=assume)
    (part,) = checked.parts
    judged = tuple(_within(inferred, one) for one in part.judged)
    return replace(part, judged=judged, inferred=inferred)


def _score(part: Part) -> tuple[int, int]:
    """How much of a document holds in a reading: what is right, less what is wrong."""
    verdicts = [one.verdict for one in part.judged]
    fine = sum(verdict is not None and verdict.is_fine for verdict in verdicts)
    wrong = sum(verdict is Verdict.WRONG for verdict in verdicts)
    inferred = part.inferred
    shown = inferred is not None and inferred.matrices and not inferred.doubtful
    return fine - wrong, int(shown)


def _within(inferred: InferredModel, judged: Judged) -> Judged:
    """What a model from the text's own definitions can say of an equation."""
    claim = judged.statement
    if not isinstance(claim, Claim) or judged.assessment is None:
        return judged
    if claim.place.start in inferred.places and not claim.continues:
        if judged.verdict is Verdict.RIGHT:
            return Judged(claim, Assessment(Verdict.DEFINED, None))
        return _not_understood(judged, _READ_OTHERWISE)
    if (open_path := _without_path(inferred.model, claim)) is not None:
        return _not_understood(judged, _NO_PATH.format(*open_path))
    if judged.verdict in (Verdict.WRONG, Verdict.RIGHT_IF):
        unexplained = _unexplained(inferred, claim)
        if unexplained:
            return _not_understood(judged, _UNEXPLAINED.format(unexplained))
    return judged


def _not_understood(judged: Judged, remark: str) -> Judged:
    assessment = Assessment(Verdict.NOT_UNDERSTOOD, None, remark=remark)
    return Judged(judged.statement, assessment, remark=remark)


def _without_path(model: DefinedModel, claim: Claim) -> tuple[str, str] | None:
    """A derivative of what does not depend on its variable, as far as the text tells.

    It would be 0, and a document hardly speaks of derivatives that are 0 for everybody.
    """
    for side in (claim.left, claim.right):
        for node in side.atoms(Partial):
            of, by = node.args[0], node.args[1]
            if not (isinstance(of, Quantity) and isinstance(by, Quantity)):
                continue
            first, second = of.args[:2], by.args[:2]
            if first != second and not model.depends(first, second):
                return str(first[0]), str(second[0])
    return None


def _unexplained(inferred: InferredModel, claim: Claim) -> str:
    """A name in an equality of values that the text should have defined."""
    if claim.left.has(Partial) or claim.right.has(Partial):
        return ""
    named = {str(q.kind) for side in (claim.left, claim.right) for q in quantities_in(side)}
    if len(named) == 1:  # sigma(z) = …, which is said of every number z
        return ""
    open_names = (name for name, role in inferred.given.items() if role == "unexplained")
    return next((name for name in open_names if name in named), "")


def _unless_other(judged: Judged, others: Iterable[Part]) -> Judged:
    """What is wrong in one reading, and not in another, is not understood."""
    if judged.verdict is not Verdict.WRONG:
        return judged
    for other in others:
        for one in other.judged:
            if _same(one.statement.place, judged.statement.place) and one.verdict is Verdict.RIGHT:
                return _not_understood(judged, _OTHER_READING)
    return judged


def _same(first: Place, second: Place) -> bool:
    return (first.start, first.end) == (second.start, second.end)
