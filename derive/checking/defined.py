"""A document that names no network: its own definitions are the model that it is judged by.

Where names without indices may be numbers or vectors, both are tried.  The reading is chosen
under which more holds; wrong is only what is wrong in every reading.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from sympy import Basic

from derive.algebra.indices import free_indices
from derive.algebra.quantities import Partial, Quantity, quantities_in
from derive.checking.assessment import Assessment, Verdict
from derive.checking.check import check_parts, unasked
from derive.checking.verdicts import Checked, Judged, Part
from derive.model.defined_model import DefinedModel
from derive.model.model import Head, Model
from derive.model.network import Network
from derive.notation.notations import Layout
from derive.reading.inferring.inferred_model import InferredModel
from derive.reading.inferring.layered_network import LayeredNetwork, layered_networks
from derive.reading.inferring.model_of_text import inferred_models
from derive.reading.inferring.sections import TextSection, sections
from derive.reading.prose.running_text import SPOKEN_OF
from derive.reading.statements import Claim, NotUnderstood, Outside, Place, ShapesDisagree

_NO_PATH = "nothing in the text says how {} depends on {}"
_UNEXPLAINED = "nothing in the text says what {} is"
_ANOTHER = "{} was defined by another formula before; this is wrong, or begins another model"
_PERHAPS_ANOTHER = "this may be about another model, which begins in {}"
_OTHER_READING = "whether it holds depends on which names are numbers and which are vectors"
_UNIT_OR_NAME = "a number behind a name may count a unit, or be a part of the name"
_ON_MISREAD = "this rests on {}, whose definition was not understood"
_VALUE = re.compile(r"[^=]+=\s*-?\s*\d[\d.]*\s*")
_SIGNAL = re.compile(r"\\delta\s*(?:\^|_\s*\{?\s*\w\s*\}?(?![\w,]))")
_ELSEWHERE = "it does not hold with what another section says of its names, which may be others"
_AT_VALUES = "a value at numbers that the text speaks of, which are not put in"
_READ_OTHERWISE = "this was taken for a definition, and cannot be one as it is read"


def check_defined(
    text: str, *, kind: str, layout: Layout | None = None, assume: Sequence[Basic | str] = ()
) -> Checked | None:
    """A document judged by the models that it defines; None where it defines none.

    Sections that define a name anew have a model each.

    Raises:
        DeriveError: as `check` does.
    """
    if kind not in ("markdown", "latex", "text"):
        return None
    whole = layered_networks(text, kind)
    parted = sections(text, kind)
    parts = [_of_section(section, whole, kind, layout, assume) for section in parted]
    models = [part.network for part in parts if part is not None]
    if not models:
        return None
    found: list[Part] = []
    for section, part in zip(parted, parts, strict=True):
        found += [part] if part is not None else _unread(section, kind, models[0])
    return Checked(tuple(found))


def _unread(section: TextSection, kind: str, model: Model) -> list[Part]:
    """The formulas of a section about which nothing is defined, so that none is passed over."""
    parts = unasked(section.text, kind, model, NotUnderstood)
    return [_here(part, section, part.judged) for part in parts]


def _here(part: Part, section: TextSection, judged: Iterable[Judged]) -> Part:
    """What of a part is said in the section itself."""
    inside = (one for one in judged if section.start <= one.statement.place.start < section.end)
    return replace(part, judged=tuple(inside))


def _of_section(
    section: TextSection,
    whole: tuple[LayeredNetwork, ...],
    kind: str,
    layout: Layout | None,
    assume: Sequence[Basic | str],
) -> Part | None:
    """What a part of a document says, in the reading under which most of it holds.

    `whole` is the stack of layers that the document states somewhere, which holds in all of it.
    """
    models = inferred_models(section.text, kind)
    found = [_judged(one, section.text, kind, layout, assume) for one in models]
    stacks = layered_networks(section.text, kind) or whole
    layered = [[*_layered(one, section.text, kind, layout, assume)] for one in stacks]
    alone = [*(parts[0] for parts in layered), *found]
    further = [
        _but_for_wrong(one, alone)
        for one in _with_elsewhere(section, models, stacks, kind, layout, assume)
    ]
    if not alone and not further:
        return None
    best = max([*alone, *further], key=_score)  # of equals the first: any layer, then numbers
    others = [one for one in (*alone, *further) if one is not best]
    others += [one for parts in layered if parts[0] is best for one in parts[1:]]
    for one in sorted(others, key=_score, reverse=True):
        best = _with_right_of(best, one)
    return _here(best, section, (_unless_other(one, others) for one in best.judged))


def _with_elsewhere(
    section: TextSection,
    models: Sequence[InferredModel],
    stacks: Sequence[LayeredNetwork],
    kind: str,
    layout: Layout | None,
    assume: Sequence[Basic | str],
) -> Iterator[Part]:
    """A section read with what others define of its names, or of its cost."""
    if not section.elsewhere:
        return
    known = [{*one.definitions} for one in models]
    for one in inferred_models(section.text, kind, section.elsewhere):
        if {*one.definitions} not in known:
            yield _judged(one, section.text, kind, layout, assume)
    for stack in layered_networks(section.text, kind, section.elsewhere):
        if stack.cost is not None and all(stack.cost != other.cost for other in stacks):
            yield next(_layered(stack, section.text, kind, layout, assume))


def _with_right_of(part: Part, alone: Part) -> Part:
    """A section read with what others define, and what is right of it by itself all the same.

    Where a formula was not understood, its place begins at the first problem.
    """
    right = {
        one.statement.place.end: one
        for one in alone.judged
        if one.verdict in (Verdict.RIGHT, Verdict.DEFINED)
    }
    judged = (
        right.get(one.statement.place.end, one) if one.verdict is Verdict.NOT_UNDERSTOOD else one
        for one in part.judged
    )
    return replace(part, judged=tuple(judged))


def _but_for_wrong(part: Part, alone: Sequence[Part]) -> Part:
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
        Judged.not_understood(one.statement, _ELSEWHERE)
        if one.verdict in (Verdict.WRONG, Verdict.RIGHT_IF)
        and (one.statement.place.start, one.statement.place.end) not in wrong
        else one
        for one in part.judged
    )
    return replace(part, judged=tuple(judged))


def _layered(
    found: LayeredNetwork,
    text: str,
    kind: str,
    layout: Layout | None,
    assume: Sequence[Basic | str],
) -> Iterator[Part]:
    """A text about any layer of a stack, with the cost by which its own equation for it holds.

    Where it leaves the activation open, the same with others follows.
    """
    network = next(one for one in found.networks if _has_cost(one, found))
    own = {found.cost_place} if found.cost_place is not None and network.cost else set[int]()
    inferred = InferredModel(network, found.definitions, found.places | own, {})
    part = _judged(inferred, text, kind, layout, assume)
    yield part
    if any(one.verdict is Verdict.WRONG for one in part.judged):
        for other in found.others:
            with_cost = replace(inferred, model=replace(other, cost=network.cost))
            yield _judged(with_cost, text, kind, layout, assume)


def _has_cost(network: Network, found: LayeredNetwork) -> bool:
    """Whether what a text says its cost is holds for a stack of layers; without a cost it may."""
    if found.cost is None or network.cost is None:
        return True
    (part,) = check_parts([(network, found.cost)], kind="markdown").parts
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
    judged = _on_safe_ground(inferred.model, [_within(inferred, one) for one in part.judged])
    if isinstance(inferred.model, DefinedModel):
        judged = _without_signals_unsaid(_without_values(judged))
        judged = _apart(inferred, inferred.model, judged)
    return replace(part, judged=tuple(judged), inferred=inferred)


def _on_safe_ground(model: Model, judged: list[Judged]) -> list[Judged]:
    """Without verdicts on what is computed from a name whose definition was read otherwise.

    A model that takes a formula for another than what stands in the text judges nothing by it.
    """
    misread = [
        one.statement.left.args[:2]
        for one in judged
        if one.remark == _READ_OTHERWISE
        and isinstance(one.statement, Claim)
        and isinstance(one.statement.left, Quantity)
    ]

    def rests_on(claim: Claim) -> Head | None:
        named = {q.args[:2] for side in (claim.left, claim.right) for q in side.atoms(Quantity)}
        for head in misread:
            if head in named or any(model.depends(one, head) for one in named):
                return head
        return None

    return [
        Judged.not_understood(one.statement, _ON_MISREAD.format(head[0]))
        if isinstance(one.statement, Claim)
        and one.assessment is not None
        and one.remark != _READ_OTHERWISE
        and (head := rests_on(one.statement)) is not None
        else one
        for one in judged
    ]


def _without_values(judged: list[Judged]) -> list[Judged]:
    """Without verdicts "wrong" on what a formula is at the numbers of an example: with x = 3."""
    spoken = (one.statement for one in judged if isinstance(one.statement, Outside))
    if not any(one.reason == SPOKEN_OF and _VALUE.fullmatch(one.source) for one in spoken):
        return judged
    return [
        Judged.not_understood(one.statement, _AT_VALUES)
        if one.verdict is Verdict.WRONG
        and isinstance(one.statement, Claim)
        and one.statement.right.is_number
        and not one.statement.left.is_number
        else one
        for one in judged
    ]


def _without_signals_unsaid(judged: list[Judged]) -> list[Judged]:
    r"""Without verdicts "wrong" on a delta^(k) of which the text never says that it is dC/dz^(k).

    Some call its negative so, or the derivative by the output.
    """
    wrong = [one for one in judged if _names_a_signal(one, of=("left_source", "right_source"))]
    said = any(
        isinstance(one.statement, Claim)
        and (one.statement.right.has(Partial) or one.statement.defines is not None)
        and _names_a_signal(one, of=("left_source",))
        and not _names_a_signal(one, of=("right_source",))
        for one in judged
    )
    if said or all(one.verdict is not Verdict.WRONG for one in wrong):
        return judged
    return [
        Judged.not_understood(one.statement, _UNEXPLAINED.format("delta"))
        if one in wrong and one.verdict is Verdict.WRONG
        else one
        for one in judged
    ]


def _names_a_signal(judged: Judged, of: tuple[str, ...]) -> bool:
    r"""Whether \delta with a layer or a name stands in a side, and not Kronecker's with two."""
    claim = judged.statement
    return isinstance(claim, Claim) and any(_SIGNAL.search(getattr(claim, side)) for side in of)


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
    if isinstance(claim, ShapesDisagree) and judged.verdict is Verdict.WRONG:
        return Judged.not_understood(
            judged.statement, claim.message
        )  # whether it is meant entry by entry is open
    if not isinstance(claim, Claim) or judged.assessment is None:
        return judged
    if claim.place.start in inferred.places and not claim.continues:
        if judged.verdict in (Verdict.RIGHT, Verdict.DEFINED):
            return Judged(claim, Assessment(Verdict.DEFINED, None))
        return Judged.not_understood(judged.statement, _READ_OTHERWISE)
    model = inferred.model
    if isinstance(model, Network):
        return _within_stack(model, judged, claim)
    if (
        inferred.open_cost is not None
        and not judged.assessment.verdict.is_fine
        and _of_a_cost(model, claim)
    ):
        return Judged.not_understood(judged.statement, _UNEXPLAINED.format(inferred.open_cost))
    open_path = _without_path(model, claim) if isinstance(model, DefinedModel) else None
    if open_path is not None:
        return Judged.not_understood(judged.statement, _NO_PATH.format(*open_path))
    spoken = _rests_on_spoken(inferred, judged, claim)
    if spoken:
        return Judged.not_understood(judged.statement, _UNEXPLAINED.format(spoken))
    if judged.verdict in (Verdict.WRONG, Verdict.RIGHT_IF):
        if _compares_a_unit(claim):
            return Judged.not_understood(judged.statement, _UNIT_OR_NAME)
        unexplained = _unexplained(inferred, claim)
        if unexplained:
            return Judged.not_understood(judged.statement, _UNEXPLAINED.format(unexplained))
    return judged


def _of_a_cost(model: Model, claim: Claim) -> bool:
    """Whether one side alone speaks of the objective: what holds for any has it on both."""
    about = [side.has(model.C) for side in (claim.left, claim.right)]
    return about[0] != about[1]


def _within_stack(model: Network, judged: Judged, claim: Claim) -> Judged:
    """Nothing is wrong of derivatives of a cost that is not known, unless they are on both sides.

    Nor is another formula for what a layer computes: it may be about another layer.
    """
    wrong = judged.verdict in (Verdict.WRONG, Verdict.RIGHT_IF)
    if wrong and isinstance(claim.left, Quantity) and model.defines(claim.left):
        return Judged.not_understood(judged.statement, _ANOTHER.format(claim.left_source))
    if model.cost is None and wrong and _of_a_cost(model, claim):
        return Judged.not_understood(judged.statement, _UNEXPLAINED.format(model.C))
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


def _compares_a_unit(claim: Claim) -> bool:
    r"""Whether unit 2 stands on one side and a whole vector on the other, as dC/db_2 = dC/dz.

    Then b_2 is rather the name of a vector.
    """
    sides = (claim.left, claim.right)
    used = (quantity for side in sides for quantity in quantities_in(side))
    numbered = any(index.is_Integer for quantity in used for index in quantity.indices)
    return numbered and free_indices(claim.left) != free_indices(claim.right)


def _rests_on_spoken(inferred: InferredModel, judged: Judged, claim: Claim) -> str:
    """A name that the text nowhere defines, if the verdict depends on what that is.

    What holds for all its values holds for any; but not its derivative by something else.
    """
    sides = (claim.left, claim.right)
    named = {str(q.kind) for side in sides for q in quantities_in(side)} & inferred.spoken
    if named and judged.verdict is not Verdict.RIGHT:
        return min(named)
    for side in sides:
        for node in side.atoms(Partial):
            of, by = node.args[0], node.args[1]
            inside = {str(q.kind) for q in quantities_in(of)} & inferred.spoken  # pyright: ignore
            inside -= {str(q.kind) for q in quantities_in(by)}  # pyright: ignore
            if inside:
                return min(inside)
    return ""


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
