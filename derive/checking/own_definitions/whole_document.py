"""What the other equations of a document say against a verdict on one of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from sympy import And, Eq, Ne

from derive.algebra.indices import free_indices
from derive.algebra.quantities import Partial, Quantity
from derive.checking.assessment import Assessment, Verdict
from derive.checking.conditions.symmetric_matrices import is_turned, where_symmetric
from derive.checking.own_definitions import remarks
from derive.checking.own_definitions.choosing import TURNED
from derive.checking.own_definitions.one_equation import rests_on
from derive.checking.verdicts import Judged
from derive.model.defined_model import DefinedModel
from derive.model.model import Head, Model
from derive.proving.judge import judge
from derive.reading.inferring.inferred_model import InferredModel
from derive.reading.latex.meaning.unit_conditions import at_units
from derive.reading.prose.passage import SPOKEN_OF
from derive.reading.prose.words import ends_with_if
from derive.reading.statements import Claim, Outside, Place

_VALUE = re.compile(r"[^=]+=\s*-?\s*\d[\d.]*\s*")
#: j \\neq i and i = j, of two letters that count.
_COMPARED = re.compile(r"(?<![\w\\}])([a-z])\s*(\\neq?\b|≠|!=|=)\s*([a-z])\b(?![_^(])")
_SYMMETRIC = re.compile(r"(?<!a)(?<!non-)(?<!not )(?<!un)symm[eé]tri|symetrycz", re.IGNORECASE)
_SIGNAL = re.compile(rf"\\delta\s*(?:(?!{TURNED})\^|_\s*\{{?\s*(?:\w|[A-Za-z]\d+)\s*\}}?(?![\w,]))")


def on_safe_ground(model: Model, judged: list[Judged]) -> list[Judged]:
    """Without verdicts on what is computed from a name whose definition was read otherwise.

    A model that takes a formula for another than what stands in the text judges nothing by it.
    """
    misread = [
        one.statement.left.args[:2]
        for one in judged
        if one.remark == remarks.READ_OTHERWISE
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
        Judged.not_understood(one.statement, remarks.ON_MISREAD.format(head[0]))
        if isinstance(one.statement, Claim)
        and one.assessment is not None
        and one.remark != remarks.READ_OTHERWISE
        and (head := rests_on(one.statement)) is not None
        else one
        for one in judged
    ]


def but_for_words(
    inferred: InferredModel, model: DefinedModel, judged: list[Judged]
) -> list[Judged]:
    """Without verdicts but "right" on what rests on words alone, as "p is the softmax".

    A derivative that the text itself states by such a name, rightly, shows that they were
    understood.
    """
    if any(_shows(inferred.said_in_words, one) for one in judged):
        return judged
    return [
        Judged.not_understood(one.statement, remarks.UNEXPLAINED.format(name))
        if isinstance(one.statement, Claim)
        and one.assessment is not None
        and not one.assessment.verdict.is_fine
        and (name := rests_on(inferred.said_in_words, model, one.statement)) is not None
        else one
        for one in judged
    ]


def _shows(names: frozenset[str], judged: Judged) -> bool:
    """Whether an equation is that of a derivative of one of these names, and right."""
    claim = judged.statement
    if not isinstance(claim, Claim) or judged.verdict is not Verdict.RIGHT:
        return False
    left = claim.left
    is_slope = isinstance(left, Partial) and isinstance(left.args[0], Quantity)
    return is_slope and str(left.args[0].kind) in names and not claim.right.has(Partial)


def without_values(judged: list[Judged]) -> list[Judged]:
    """Without verdicts "wrong" on what a formula is at the numbers of an example: with x = 3."""
    spoken = (one.statement for one in judged if isinstance(one.statement, Outside))
    if not any(one.reason == SPOKEN_OF and _VALUE.fullmatch(one.source) for one in spoken):
        return judged
    return [
        Judged.not_understood(one.statement, remarks.AT_VALUES)
        if one.verdict is Verdict.WRONG
        and isinstance(one.statement, Claim)
        and one.statement.right.is_number
        and not one.statement.left.is_number
        else one
        for one in judged
    ]


def without_units_unsaid(model: Model, text: str, judged: list[Judged]) -> list[Judged]:
    r"""Without verdicts "wrong" on what holds of unlike units, or of like ones, as words may say.

    How far a j \neq i of the text holds is not certain.
    """
    return [
        Judged.not_understood(one.statement, remarks.UNITS)
        if isinstance(one.statement, Claim)
        and one.verdict in (Verdict.WRONG, Verdict.RIGHT_IF)
        and _holds_of_units(model, text[: one.statement.place.start], one.statement)
        else one
        for one in judged
    ]


def _holds_of_units(model: Model, before: str, claim: Claim) -> bool:
    """Whether an equation holds for two letters that are like or unlike, as the text says."""
    letters = {str(free): free for side in (claim.left, claim.right) for free in free_indices(side)}
    for first, sign, second in {*_compared(before)}:
        if first != second and first in letters and second in letters:
            compared = Eq if sign == "=" else Ne
            units = And(claim.where, compared(letters[first], letters[second]))
            where, left, right = at_units(units, claim.left, claim.right)
            if judge(model, left, right, where).proved:
                return True
    return False


def _compared(text: str) -> Iterator[tuple[str, str, str]]:
    """The letters that words compare, but for those behind "if" and "for"."""
    for found in _COMPARED.finditer(text):
        words = text[: found.start()].rstrip("$\\( ")
        if not (ends_with_if(words) or words.lower().endswith("for")):
            yield found[1], found[2], found[3]


def without_signals_unsaid(judged: list[Judged]) -> list[Judged]:
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
        Judged.not_understood(one.statement, remarks.UNEXPLAINED.format("delta"))
        if one in wrong and one.verdict is Verdict.WRONG
        else one
        for one in judged
    ]


def _names_a_signal(judged: Judged, of: tuple[str, ...]) -> bool:
    r"""Whether \delta with a layer or a name stands in a side, and not Kronecker's with two."""
    claim = judged.statement
    return isinstance(claim, Claim) and any(_SIGNAL.search(getattr(claim, side)) for side in of)


def with_symmetry_said(model: DefinedModel, text: str, judged: list[Judged]) -> list[Judged]:
    """What is right of symmetric matrices is right in a text that says that they are."""
    said = _SYMMETRIC.search(text) or any(
        isinstance(one.statement, Claim) and is_turned(one.statement.left, one.statement.right)
        for one in judged
    )
    return [_of_symmetric(model, one) for one in judged] if said else judged


def _of_symmetric(model: DefinedModel, judged: Judged) -> Judged:
    claim = judged.statement
    if not isinstance(claim, Claim) or judged.verdict is not Verdict.WRONG:
        return judged
    known = where_symmetric(model, claim.left, claim.right, claim.where)
    if known is None:
        return judged
    condition, proof = known
    scope = replace(proof.scope, where=And(claim.where, condition))
    return Judged(claim, Assessment(Verdict.RIGHT, replace(proof, scope=scope)))


def apart(inferred: InferredModel, model: DefinedModel, judged: Iterable[Judged]) -> list[Judged]:
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
            found.append(
                Judged.not_understood(one.statement, remarks.ANOTHER.format(claim.left.args[0]))
            )
        else:
            remark = remarks.PERHAPS_ANOTHER.format(place)
            found.append(one if place is None else Judged.not_understood(one.statement, remark))
    return found


def _sets_again(inferred: InferredModel, model: DefinedModel, claim: Claim) -> bool:
    """Whether an equation gives a defined name another value, but for a cost with its sign lost."""
    if not isinstance(claim.left, Quantity) or not model.defines(claim.left):
        return False
    return not (inferred.negated and claim.left == model.C)
