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
from derive.model.model import Head, Model
from derive.notation.notations import Layout
from derive.reading.inferring.inferred_model import InferredModel
from derive.reading.inferring.layered_network import LayeredNetwork, layered_network
from derive.reading.inferring.model_of_text import inferred_models
from derive.reading.inferring.sections import TextSection, sections
from derive.reading.statements import Claim, Place

_NO_PATH = "nothing in the text says how {} depends on {}"
_UNEXPLAINED = "nothing in the text says what {} is"
_ANOTHER = "{} was defined by another formula before; this is wrong, or begins another model"
_PERHAPS_ANOTHER = "this may be about another model, which begins in {}"
_OTHER_READING = "whether it holds depends on which names are numbers and which are vectors"
_READ_OTHERWISE = "this was taken for a definition, and cannot be one as it is read"


def check_defined(
    text: str, *, kind: str, layout: Layout | None = None, assume: Sequence[Basic | str] = ()
) -> Checked | None:
    """A document judged by the models that it defines; None where it defines none.

    Sections that define a name anew have a model each.

    Raises:
        DeriveError: as `check` does.
    """
    if kind not in ("markdown", "latex"):
        return None
    parts = [
        part
        for section in sections(text, kind)
        if (part := _of_section(section, kind, layout, assume)) is not None
    ]
    return Checked(tuple(parts)) if parts else None


def _of_section(
    section: TextSection, kind: str, layout: Layout | None, assume: Sequence[Basic | str]
) -> Part | None:
    """What a part of a document says, in the reading under which most of it holds."""
    models = inferred_models(section.text, kind)
    found = [_judged(one, section.text, kind, layout, assume) for one in models]
    layered = _layered(section.text, kind, layout, assume)
    found = [layered, *found] if layered is not None else found
    if not found:
        return None
    best = max(found, key=_score)  # of equals the first: any layer, then numbers
    others = [one for one in found if one is not best]
    judged = (_unless_other(one, others) for one in best.judged)
    here = (one for one in judged if section.start <= one.statement.place.start < section.end)
    return replace(best, judged=tuple(here))


def _layered(
    text: str, kind: str, layout: Layout | None, assume: Sequence[Basic | str]
) -> Part | None:
    """A text about any layer of a stack, with the cost by which its own equation for it holds."""
    found = layered_network(text, kind)
    if found is None:
        return None
    network = next((one for one in found.networks if _has_cost(one, found)), None)
    if network is None:
        return None
    inferred = InferredModel(network, found.definitions, found.places, {})
    return _judged(inferred, text, kind, layout, assume)


def _has_cost(network: Model, found: LayeredNetwork) -> bool:
    """Whether what a text says its cost is holds for a stack of layers."""
    if found.cost is None:
        return True
    (part,) = check_parts([(network, f"$${found.cost}$$")], kind="markdown").parts
    verdicts = [one.verdict for one in part.judged]
    return bool(verdicts) and all(verdict is Verdict.RIGHT for verdict in verdicts)


def _judged(
    inferred: InferredModel,
    text: str,
    kind: str,
    layout: Layout | None,
    assume: Sequence[Basic | str],
) -> Part:
    checked = check_parts([(inferred.model, text)], kind=kind, layout=layout, assume=assume)
    (part,) = checked.parts
    judged = [_within(inferred, one) for one in part.judged]
    if isinstance(inferred.model, DefinedModel):
        judged = _apart(inferred, inferred.model, judged)
    return replace(part, judged=tuple(judged), inferred=inferred)


def _apart(inferred: InferredModel, model: DefinedModel, judged: Iterable[Judged]) -> list[Judged]:
    """Without verdicts "wrong" on what may be about another model than the first of a text.

    Where a name that was defined is set to another formula, that is a mistake or the beginning
    of another model: which one, the text does not say.
    """
    found: list[Judged] = []
    again: dict[Head, Place] = {}
    for one in judged:
        claim = one.statement
        if not isinstance(claim, Claim) or one.verdict is not Verdict.WRONG:
            found.append(one)
            continue
        named = {q.args[:2] for side in (claim.left, claim.right) for q in side.atoms(Quantity)}
        places = (
            place
            for head, place in again.items()
            if head in named or any(model.depends(other, head) for other in named)
        )
        place = next(places, None)
        if not claim.continues and _sets_again(inferred, model, claim):
            again.setdefault(claim.left.args[:2], claim.place)  # pyright: ignore
            found.append(Judged.not_understood(one.statement, _ANOTHER.format(claim.left.args[0])))
        else:
            remark = _PERHAPS_ANOTHER.format(place)
            found.append(one if place is None else Judged.not_understood(one.statement, remark))
    return found


def _sets_again(inferred: InferredModel, model: DefinedModel, claim: Claim) -> bool:
    """Whether an equation gives a defined name another value, but for a cost with its sign lost."""
    if not isinstance(claim.left, Quantity) or not model.defines(claim.left):
        return False
    return not (inferred.negated and claim.left == model.C)


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
        if judged.verdict in (Verdict.RIGHT, Verdict.DEFINED):
            return Judged(claim, Assessment(Verdict.DEFINED, None))
        return Judged.not_understood(judged.statement, _READ_OTHERWISE)
    model = inferred.model
    open_path = _without_path(model, claim) if isinstance(model, DefinedModel) else None
    if open_path is not None:
        return Judged.not_understood(judged.statement, _NO_PATH.format(*open_path))
    if judged.verdict in (Verdict.WRONG, Verdict.RIGHT_IF):
        unexplained = _unexplained(inferred, claim)
        if unexplained:
            return Judged.not_understood(judged.statement, _UNEXPLAINED.format(unexplained))
    return judged


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
                return Judged.not_understood(judged.statement, _OTHER_READING)
    return judged


def _same(first: Place, second: Place) -> bool:
    return (first.start, first.end) == (second.start, second.end)
