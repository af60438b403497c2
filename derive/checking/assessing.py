"""One equation judged for people, who write less than the judge asks for.

The judge answers for the network's own value of Step(0), for equations whose indices fit, and for
what is written and no more.  Here that answer is refined: does the equation need targets that sum
to 1, or slopes of at most 1, and, where it is wrong, is it right while units are active?
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from sympy import (
    And,
    Basic,
    Derivative,
    Expr,
    KroneckerDelta,
    Piecewise,
    S,
    Tuple,
)

from derive.algebra.indices import free_indices
from derive.algebra.quantities import Local, Partial, Quantity, is_step, outermost
from derive.checking.assessment import Assessment, Verdict
from derive.checking.conditions.active_regions import condition_for
from derive.checking.conditions.boundaries import off_boundaries, with_conventions, with_gates
from derive.checking.conditions.leaky_maxima import (
    is_stated,
    with_leaky_definitions,
    with_leaky_units,
)
from derive.checking.conditions.premises import needs_targets, targets_that_sum_to_one
from derive.checking.conditions.symmetric_matrices import where_symmetric
from derive.checking.sampling.samples import fails_at_a_sample, holds_at_samples, is_wide
from derive.checking.sampling.small_points import smaller
from derive.deriving.first_order import targets_assumed
from derive.meaning.derivation import Equation
from derive.meaning.sides import Sides
from derive.model.assumptions import signs_assumed
from derive.model.conventions import UNSTATED, with_any_convention
from derive.model.defined_model import DefinedModel
from derive.model.instances import IllTypedError, free_axes
from derive.model.model import Model
from derive.model.network import Network
from derive.proving import Kinks, Method, Proof, Scope, Status, judge
from derive.proving.domains import domain_of, restricted, where_defined, without_values
from derive.proving.points.search import best_of, differences_as_written
from derive.proving.proof import undecided


@lru_cache(maxsize=4096)
def assess(
    network: Model,
    sides: Sides,
    where: Basic = S.true,
) -> Assessment:
    """The verdict on an equation, under a condition: where it has no value it says nothing."""
    left, right = sides.left, sides.right
    if Tuple(left, right, where).has(UNSTATED):  # what is said of any Step(0) is judged for each
        network, (left, right, where) = with_any_convention(network, left, right, where)
    written = replace(sides, domain=(*domain_of(left, right), *sides.domain))
    domain = where_defined(network, written, where)
    if (nowhere := without_values(network, domain, where)) is not None:
        return Assessment(Verdict.UNDECIDED, nowhere, remark=nowhere.remark)
    found = _assess(network, left, right, where, domain.condition)
    if found.verdict is not Verdict.RIGHT and domain.condition != S.true:
        again = _assess(network, left, right, And(where, domain.condition), S.true)
        if again.verdict is not Verdict.UNDECIDED and again.proof is not None:
            scope = replace(again.proof.scope, where=where)
            found = replace(again, proof=replace(again.proof, scope=scope))
    if found.verdict is not Verdict.RIGHT or found.proof is None:
        return found
    return replace(found, proof=restricted(network, found.proof, domain))


def _assess(network: Model, left: Expr, right: Expr, where: Basic, defined: Basic) -> Assessment:
    """The verdict wherever the simplified sides have values.

    An equation whose indices fit no layer ("W_ji" for W_ij where the widths differ) is
    judged in the network with all layers of one size, where it has a meaning: what is wrong
    there cannot be right here.
    """
    try:
        free_axes(network, left, right, where)
    except IllTypedError as error:
        # Letters that deltas alone have may count anything.
        proof = judge(network, left, right, where, defined=defined)
        if proof.proved:
            return Assessment(Verdict.RIGHT, proof)
        return _without_meaning(network, left, right, where, str(error))
    if _is_of_an_unsaid_cost(network, left, right):
        proof = undecided("nothing says what the cost is", where)
        return Assessment(Verdict.UNDECIDED, proof, remark=proof.remark)
    assumed = targets_assumed(network) if needs_targets(network, left, right, where) else ()
    signs = And(where, signs_assumed(network, left, right))
    proof = _refuted_at_once(network, left, right, signs, assumed)
    if proof is None:
        proof = judge(network, left, right, where, assumed, defined=defined)
    if proof.status is Status.UNDECIDED and (left.has(Piecewise) or right.has(Piecewise)):
        proof = with_gates(network, left, right, where, proof)
    match proof.status:
        case Status.PROVED:
            return with_conventions(network, left, right, where, proof)
        case Status.REFUTED if free_indices(where) - free_indices(Tuple(left, right)):
            # Said of one unit where it is assumed of all: that refutes nothing.
            remark = "what is assumed of all units could not be used"
            return Assessment(Verdict.UNDECIDED, proof, remark=remark)
        case Status.REFUTED if (off := off_boundaries(network, left, right, where)) is not None:
            # The pieces that were written disagree with Step(0), and nowhere else.
            scope = replace(off.scope, kinks=Kinks.EXCLUDED, where=where)
            return Assessment(
                Verdict.RIGHT, replace(off, scope=scope, counterexample=proof.counterexample)
            )
        case Status.REFUTED if maxima := _with_leaky_units(network, left, right, where, proof):
            return maxima
        case Status.REFUTED if not isinstance(network, Network):
            return _of_definitions(network, left, right, where, proof)
        case Status.REFUTED:
            condition = condition_for(network, left, right, where)
            verdict = Verdict.WRONG if condition is None else Verdict.RIGHT_IF
            return Assessment(verdict, proof, condition)
        case _:
            return Assessment(Verdict.UNDECIDED, proof, remark=proof.remark)


def _is_of_an_unsaid_cost(network: Model, left: Expr, right: Expr) -> bool:
    """Whether the cost itself stands on one side alone, in a stack of layers that says none."""
    if not isinstance(network, Network) or network.cost is not None:
        return False
    return (network.C in outermost(left)) != (network.C in outermost(right))


def _of_definitions(
    network: Model, left: Expr, right: Expr, where: Basic, proof: Proof
) -> Assessment:
    """The verdict on a refuted equation about a model from definitions.

    Some write d for the derivative of a formula with all else in it fixed: what is right in
    that sense is right.  The point is at sizes as small as can be.
    """
    if isinstance(left, KroneckerDelta) or isinstance(right, KroneckerDelta):
        remark = "a delta alone may be the name of a derivative; say which in a derive: line"
        return Assessment.not_understood(remark)
    local = [_as_local(network, side) for side in (left, right)]
    if local != [left, right]:
        other = judge(network, local[0], local[1], where)
        if other.status is not Status.REFUTED:
            verdict = Verdict.RIGHT if other.proved else Verdict.UNDECIDED
            return Assessment(verdict, other, remark=other.remark)
    condition = _with_targets(network, left, right, where)
    if condition is None and isinstance(network, DefinedModel):
        symmetric = where_symmetric(network, left, right, where)
        condition = None if symmetric is None else symmetric[0]
    if condition is None:
        condition = condition_for(network, left, right, where)
    if proof.counterexample is not None:
        signs = And(where, signs_assumed(network, left, right))
        point = smaller(network, left, right, signs, proof.counterexample)
        proof = replace(proof, counterexample=point)
    return Assessment(Verdict.WRONG if condition is None else Verdict.RIGHT_IF, proof, condition)


def _with_targets(network: Model, left: Expr, right: Expr, where: Basic) -> Basic | None:
    """That the rows of a target sum to 1, where a refuted equation is right then."""
    if not isinstance(network, DefinedModel):
        return None
    for stricter in targets_that_sum_to_one(network):
        held = holds_at_samples(stricter, left, right, where)
        if held and judge(stricter, left, right, where).proved:
            return stricter.assumptions[-1]
    return None


def _as_local(network: Model, side: Expr) -> Expr:
    """The side with each derivative of a quantity, but for the objective, that of its formula."""

    def is_inner(node: Basic) -> bool:
        if not isinstance(node, Partial) or is_step(node.wrt):
            return False
        return isinstance(node.of, Quantity) and network.defines(node.of) and node.of != network.C

    return side.replace(is_inner, lambda node: Local(node.of, node.wrt))


def _refuted_at_once(
    network: Model, left: Expr, right: Expr, where: Basic, assumed: tuple[Equation, ...]
) -> Proof | None:
    """A counterexample found before anything is multiplied out, where floats promise one.

    The point is exact, and the equation fails around it too: this is how the judge refutes.
    """
    if left.has(Derivative) or right.has(Derivative) or is_wide(network):
        return None
    if not fails_at_a_sample(network, left, right, where):
        return None
    found = best_of(differences_as_written(network, left, right, where, assumed))
    if found is None or not found.generic:
        return None
    return Proof(Status.REFUTED, Method.SEARCH, Scope(where=where), found.point)


def _with_leaky_units(
    network: Model, left: Expr, right: Expr, where: Basic, refuted: Proof
) -> Assessment | None:
    """The verdict on what is right if the slopes of leaky units, given as maxima, are at most 1."""
    if isinstance(network, Network):
        units = with_leaky_units(network, left, right)
        if units is None:
            return None
        condition, proof = units[2], judge(network, units[0], units[1], where)
    elif isinstance(network, DefinedModel):
        found = with_leaky_definitions(network, left, right, where)
        if found is None:
            return None
        condition, proof = found[2], judge(found[0], *found[1])
    else:
        return None
    if not proof.proved:
        return None
    if is_stated(condition, where):
        return Assessment(Verdict.RIGHT, proof)
    return Assessment(Verdict.RIGHT_IF, refuted, condition)


def _without_meaning(
    network: Model, left: Expr, right: Expr, where: Basic, problem: str
) -> Assessment:
    if not isinstance(network, Network):
        return Assessment.not_understood(problem)
    square = replace(
        network,
        inputs=_equal(network.inputs),
        layers=tuple(replace(layer, units=_equal(layer.units)) for layer in network.layers),
    )
    try:
        free_axes(square, left, right, where)
        proof = _refuted_at_once(square, left, right, where, ())
        if proof is None:
            proof = judge(square, left, right, where)
    except IllTypedError:
        return Assessment.not_understood(problem)
    if proof.status is Status.REFUTED:
        return Assessment(Verdict.WRONG, proof, remark=problem)
    return Assessment.not_understood(problem)


def _equal(width: Expr) -> Expr:
    return width if width == 1 else S(2)
