"""What a model from a text's own definitions can say of one equation."""

from __future__ import annotations

from derive.algebra.indices import free_indices
from derive.algebra.quantities import Partial, Quantity, quantities_in
from derive.checking.assessment import Assessment, Verdict
from derive.checking.conditions.symmetric_matrices import is_turned
from derive.checking.own_definitions import remarks
from derive.checking.verdicts import Judged
from derive.model.defined_model import DefinedModel
from derive.model.model import Model
from derive.model.network import Network
from derive.reading.inferring.inferred_model import InferredModel
from derive.reading.statements import Claim, ShapesDisagree


def within(inferred: InferredModel, judged: Judged) -> Judged:
    """What a model from the text's own definitions can say of an equation."""
    claim = judged.statement
    if judged.is_equation and claim.place.start in inferred.open_places:
        return Judged(claim, Assessment(Verdict.DEFINED, None))
    if isinstance(claim, ShapesDisagree) and judged.verdict is Verdict.WRONG:
        return Judged.not_understood(
            judged.statement, claim.message
        )  # whether it is meant entry by entry is open
    if not isinstance(claim, Claim) or judged.assessment is None:
        return judged
    if claim.place.start in inferred.places and not claim.continues:
        summed = inferred.sums_costs and claim.left == inferred.model.C
        if summed or judged.verdict in (Verdict.RIGHT, Verdict.DEFINED):
            return Judged(claim, Assessment(Verdict.DEFINED, None))
        return Judged.not_understood(judged.statement, remarks.READ_OTHERWISE)
    model = inferred.model
    if isinstance(model, Network):
        return _within_stack(model, judged, claim)
    if is_turned(claim.left, claim.right) and not model.defines(claim.left):
        return Judged.not_understood(claim, remarks.SYMMETRIC.format(claim.left.args[0]))
    if _solves_for_a_given(model, claim) and judged.verdict is Verdict.WRONG:
        return Judged.not_understood(claim, remarks.SOLVED.format(claim.left.args[0]))
    why = _open(inferred, model, judged, claim) if isinstance(model, DefinedModel) else ""
    return Judged.not_understood(claim, why) if why else judged


def _solves_for_a_given(model: Model, claim: Claim) -> bool:
    """Whether an equality says what a parameter is, as where a gradient vanishes."""
    left = claim.left
    given = isinstance(left, Quantity) and not model.defines(left)
    return given and not claim.continues and model.role(left.args[:2]) == "parameter"


def _open(inferred: InferredModel, model: DefinedModel, judged: Judged, claim: Claim) -> str:
    """Why what a text defines does not tell whether an equation holds; "" where it does."""
    is_fine = judged.verdict is not None and judged.verdict.is_fine
    if inferred.open_cost is not None and not is_fine and _of_a_cost(model, claim):
        return remarks.UNEXPLAINED.format(inferred.open_cost)
    if not _holds_for_any(inferred, model, judged, claim):
        return remarks.OPEN_FUNCTION.format(rests_on(inferred.open_functions, model, claim))
    if not is_fine and _perhaps_of_class(inferred, claim):
        return remarks.CLASS
    missing = _without_path(model, claim, judged.verdict is Verdict.RIGHT)
    if missing is not None:
        return remarks.NO_PATH.format(*missing)
    spoken = _rests_on_spoken(inferred, judged, claim)
    if spoken:
        return remarks.UNEXPLAINED.format(spoken)
    if judged.verdict not in (Verdict.WRONG, Verdict.RIGHT_IF):
        return ""
    if _compares_a_unit(claim):
        return remarks.UNIT_OR_NAME
    unexplained = _unexplained(inferred, claim)
    return remarks.UNEXPLAINED.format(unexplained) if unexplained else ""


def _holds_for_any(
    inferred: InferredModel, model: DefinedModel, judged: Judged, claim: Claim
) -> bool:
    """Whether an equation is right whatever the open functions in it are, or has none.

    They are replaced by their tangents, so that second derivatives say nothing of them.
    """
    told = inferred.siblings - _differentiated(inferred.siblings, model, claim)
    if rests_on(inferred.open_functions - told, model, claim) is None:
        return True
    slopes = (node for side in (claim.left, claim.right) for node in side.atoms(Partial))
    first = not any(node.args[0].has(Partial) for node in slopes)
    return first and judged.verdict is not None and judged.verdict.is_fine


def _perhaps_of_class(inferred: InferredModel, claim: Claim) -> bool:
    """Whether an equation is about the cost of one class, and the targets may be that class.

    Where no words say so, the letter may as well count samples over which a sum is left out.
    """
    named = {str(q.kind) for side in (claim.left, claim.right) for q in side.atoms(Quantity)}
    if named.isdisjoint(inferred.costs_of_class):
        return False
    targets = {name for name, role in inferred.given.items() if role == "target"}
    return not (inferred.says_one_class and named.isdisjoint(targets))


def _differentiated(names: frozenset[str], model: DefinedModel, claim: Claim) -> set[str]:
    """The names of these by way of which a derivative in an equation may go."""
    heads = [head for head in model.defined if str(head[0]) in names]
    found: set[str] = set()
    for side in (claim.left, claim.right):
        for node in side.atoms(Partial):
            by = node.wrt.args[:2]
            for of in {one.args[:2] for one in quantities_in(node.of)}:
                ways = (one for one in heads if one == of or model.depends(of, one))
                found |= {str(one[0]) for one in ways if one == by or model.depends(one, by)}
    return found


def rests_on(names: frozenset[str], model: DefinedModel, claim: Claim) -> str | None:
    """A name of these that is in an equation, or what something in it is computed from."""
    heads = [head for head in model.defined if str(head[0]) in names]
    sides = (claim.left, claim.right)
    named = {q.args[:2] for side in sides for q in side.atoms(Quantity)}
    rests = (head for head in heads for one in named if one == head or model.depends(one, head))
    return next((str(head[0]) for head in rests), None)


def _of_a_cost(model: Model, claim: Claim) -> bool:
    """Whether one side alone speaks of the objective: what holds for any has it on both."""
    about = [side.has(model.C) for side in (claim.left, claim.right)]
    return about[0] != about[1]


def but_for_cost(model: Model, judged: Judged) -> Judged:
    """An equation where words alone name the cost: nothing is wrong of it."""
    claim = judged.statement
    wrong = judged.verdict in (Verdict.WRONG, Verdict.RIGHT_IF)
    if wrong and isinstance(claim, Claim) and _of_a_cost(model, claim):
        return Judged.not_understood(claim, remarks.UNEXPLAINED.format(model.C))
    return judged


def _within_stack(model: Network, judged: Judged, claim: Claim) -> Judged:
    """Nothing is wrong of derivatives of a cost that is not known, unless they are on both sides.

    Nor is another formula for what a layer computes: it may be about another layer.
    """
    wrong = judged.verdict in (Verdict.WRONG, Verdict.RIGHT_IF)
    if wrong and isinstance(claim.left, Quantity) and model.defines(claim.left):
        return Judged.not_understood(judged.statement, remarks.ANOTHER.format(claim.left_source))
    if model.cost is None and wrong and _of_a_cost(model, claim):
        return Judged.not_understood(judged.statement, remarks.UNEXPLAINED.format(model.C))
    return judged


def _without_path(model: DefinedModel, claim: Claim, is_right: bool) -> tuple[str, str] | None:
    """A derivative of what does not depend on its variable, as far as the text tells.

    It would be 0, and a document hardly speaks of derivatives that are 0 for everybody.  A line
    that is right of the derivative of a formula is so whatever its names depend on.
    """
    for side in (claim.left, claim.right):
        for node in side.atoms(Partial):
            if is_right and not isinstance(node.of, Quantity):
                continue
            second = node.wrt.args[:2]
            heads = [one.args[:2] for one in quantities_in(node.of)]
            if not heads or any(one == second or model.depends(one, second) for one in heads):
                continue
            return str(heads[0][0]), str(second[0])
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
    """A name in an equality of values that the text should have defined.

    One behind a definition counts where one side alone rests on it: s^2 = m, of s = sqrt(q).
    """
    if claim.left.has(Partial) or claim.right.has(Partial):
        return ""
    named = [{q.args[:2] for q in quantities_in(side)} for side in (claim.left, claim.right)]
    both = named[0] | named[1]
    if len({str(kind) for kind, _ in both}) == 1:  # sigma(z) = …, which is said of every number z
        return ""
    model = inferred.model
    for head in model.given:
        name = str(head[0])
        rests = [any(model.depends(one, head) for one in side) for side in named]
        is_open = inferred.given.get(name) == "unexplained"
        if is_open and (head in both or rests[0] != rests[1]):
            return name
    return ""
