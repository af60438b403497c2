"""One equation judged for people: right, right under a condition, wrong, or undecided.

The judge answers for the network's own value of Step(0).  Here that answer is refined: at
which other values does the equation hold, does it need targets that sum to 1, and, where it
is wrong, is it right while units are active?
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache

from sympy import (
    And,
    Basic,
    Derivative,
    Eq,
    Expr,
    Heaviside,
    Integer,
    KroneckerDelta,
    Ne,
    Piecewise,
    S,
    Sum,
    Symbol,
    Tuple,
)
from sympy.core.relational import Relational

from derive.algebra.functions import ReLU, Step
from derive.algebra.indices import free_indices
from derive.algebra.quantities import Local, Partial, Quantity, is_step
from derive.checking.active_regions import condition_for
from derive.checking.leaky_maxima import is_stated, with_leaky_units
from derive.checking.premises import needs_targets, targets_that_sum_to_one
from derive.checking.sampling.samples import fails_at_a_sample, holds_at_samples
from derive.checking.sampling.small_points import smaller
from derive.deriving.first_order import targets_assumed
from derive.meaning.derivation import Equation
from derive.meaning.indicators import NoGateError, as_gates
from derive.meaning.sides import Sides
from derive.model.assumptions import signs_assumed
from derive.model.conventions import UNSTATED, with_any_convention
from derive.model.defined_model import DefinedModel
from derive.model.instances import IllTypedError, free_axes
from derive.model.model import Model
from derive.model.network import Network
from derive.proving import Counterexample, Kinks, Method, Proof, Scope, Status, judge
from derive.proving.at_kinks import with_best_kinks
from derive.proving.domains import domain_of, restricted, where_defined, without_values
from derive.proving.points.search import best_of, differences_as_written, instance_widths


class Verdict(StrEnum):
    """What is said of an equation, by the names that --json uses.

    `DEFINED` where it gives a name its meaning, and so can be neither right nor wrong.
    """

    RIGHT = "right"
    DEFINED = "defined"
    RIGHT_IF = "right_if"
    WRONG = "wrong"
    UNDECIDED = "undecided"
    NOT_UNDERSTOOD = "not_understood"

    @property
    def is_fine(self) -> bool:
        """Whether nothing needs to be looked at."""
        return self in (Verdict.RIGHT, Verdict.DEFINED)


@dataclass(frozen=True)
class Assessment:
    """The verdict on one equation, and what it rests on.

    Attributes:
        proof: the judge's answer; None for an equation that has no meaning here.
        condition: where an equation that is false in general does hold (proved).
        elsewhere: for one that is right only with the Step(0) of the network, a point with
            another Step(0) at which it fails, if one was found.
        remark: one sentence for an equation without meaning.

    An equation that says nothing of Step(0) and yet needs the network's own value of it is
    right only if Step(0) has that value.
    """

    verdict: Verdict
    proof: Proof | None
    condition: Basic | None = None
    elsewhere: Counterexample | None = None
    remark: str = ""

    @classmethod
    def not_understood(cls, remark: str) -> Assessment:
        """That an equation has no meaning here, and why."""
        return cls(Verdict.NOT_UNDERSTOOD, None, remark=remark)

    @property
    def counterexample(self) -> Counterexample | None:
        """A point at which a wrong equation fails."""
        if self.by_convention:
            return self.elsewhere
        wrong = self.verdict in (Verdict.WRONG, Verdict.RIGHT_IF)
        return self.proof.counterexample if wrong and self.proof is not None else None

    @property
    def by_slope(self) -> bool:
        """Whether it is right if slopes are, which are nobody's mistake."""
        if self.verdict is not Verdict.RIGHT_IF or self.by_convention or self.condition is None:
            return False
        return not self.condition.atoms(Quantity)

    @property
    def by_targets(self) -> bool:
        """Whether it is right if targets sum to 1, which nobody says and all take for granted."""
        condition = self.condition
        stated = condition.args if condition is not None and condition.func is Eq else ()
        return self.verdict is Verdict.RIGHT_IF and any(isinstance(side, Sum) for side in stated)

    @property
    def by_convention(self) -> bool:
        """Whether it is right only if Step(0) is what the network says."""
        return self.verdict is Verdict.RIGHT_IF and self.elsewhere is not None


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
    assumed = targets_assumed(network) if needs_targets(network, left, right, where) else ()
    signs = And(where, signs_assumed(network, left, right))
    proof = _refuted_at_once(network, left, right, signs, assumed)
    if proof is None:
        proof = judge(network, left, right, where, assumed, defined=defined)
    if proof.status is Status.UNDECIDED and (left.has(Piecewise) or right.has(Piecewise)):
        proof = _with_gates(network, left, right, where, proof)
    match proof.status:
        case Status.PROVED:
            return _with_conventions(network, left, right, where, proof)
        case Status.REFUTED if free_indices(where) - free_indices(Tuple(left, right)):
            # Said of one unit where it is assumed of all: that refutes nothing.
            remark = "what is assumed of all units could not be used"
            return Assessment(Verdict.UNDECIDED, proof, remark=remark)
        case Status.REFUTED if (off := _off_boundaries(network, left, right, where)) is not None:
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
    if left.has(Derivative) or right.has(Derivative) or _is_wide(network):
        return None
    if not fails_at_a_sample(network, left, right, where):
        return None
    found = best_of(differences_as_written(network, left, right, where, assumed))
    if found is None or not found.generic:
        return None
    return Proof(Status.REFUTED, Method.SEARCH, Scope(where=where), found.point)


def _is_wide(network: Model) -> bool:
    """Whether some layer has more units than the points of a search give values to."""
    return any(
        isinstance(network.width(layer), Integer) and network.width(layer) != size
        for layer, size in instance_widths(network).items()
    )


def _with_leaky_units(
    network: Model, left: Expr, right: Expr, where: Basic, refuted: Proof
) -> Assessment | None:
    """The verdict on what is right if the slopes of leaky units, given as maxima, are at most 1."""
    found = with_leaky_units(network, left, right) if isinstance(network, Network) else None
    if found is None:
        return None
    proof = judge(network, found[0], found[1], where)
    if not proof.proved:
        return None
    if is_stated(found[2], where):
        return Assessment(Verdict.RIGHT, proof)
    return Assessment(Verdict.RIGHT_IF, refuted, found[2])


def _with_gates(network: Model, left: Expr, right: Expr, where: Basic, proof: Proof) -> Proof:
    """The judge's answer once cases are written with Step; the first answer if it has none."""
    try:
        gates = [_of_inputs(network, as_gates(side)) for side in (left, right)]
        again = judge(network, gates[0], gates[1], where)
    except NoGateError:
        return proof
    return proof if again.status is Status.UNDECIDED else again


def _of_inputs(network: Model, expression: Expr) -> Expr:
    """Step(r) with Step(0) = 0 as Step(z) where r = ReLU(z): r > 0 is z > 0."""

    def rectified(node: Basic) -> Basic | None:
        if (
            not isinstance(node, Step)
            or node.args[1] != 0
            or not isinstance(node.args[0], Quantity)
        ):
            return None
        definition = network.definition(node.args[0])
        return definition.args[0] if isinstance(definition, ReLU) else None

    return expression.replace(
        lambda node: rectified(node) is not None, lambda node: Step(rectified(node), S.Zero)
    )


def _off_boundaries(network: Model, left: Expr, right: Expr, where: Basic) -> Proof | None:
    """The proof of an equation in cases where none of them ends, if it fails only there."""
    pieces = {piece for side in (left, right) for piece in side.atoms(Piecewise)}
    ends = {
        condition.lhs - condition.rhs for piece in pieces for condition in piece.atoms(Relational)
    }
    apart = And(where, *(Ne(end, 0) for end in ends))
    if not ends or not holds_at_samples(network, left, right, apart):
        return None
    proof = judge(network, left, right, apart)
    if proof.status is Status.UNDECIDED:
        proof = _with_gates(network, left, right, apart, proof)
    return proof if proof.proved else None


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


def _with_conventions(
    network: Model, left: Expr, right: Expr, where: Basic, proof: Proof
) -> Assessment:
    """What a proof says of kinks: for every Step(0), for 0 and 1, or for the network's own."""
    right_as_it_is = Assessment(Verdict.RIGHT, proof)
    in_cases = left.has(Piecewise) or right.has(Piecewise)
    if proof.scope.kinks in (Kinks.NONE, Kinks.EVERY_CONVENTION) and not in_cases:
        return right_as_it_is
    if proof.scope.kinks is Kinks.EXCLUDED and proof.counterexample is not None:
        return right_as_it_is
    home, (free_left, free_right) = with_any_convention(network, left, right)
    if in_cases and proof.scope.kinks is not Kinks.EXCLUDED and not _is_wide(home):
        # Mostly another Step(0) tells it from the cases, and a point is found sooner than a proof.
        points = differences_as_written(home, free_left, free_right, where, proof.scope.assuming)
        if (found := next(points, None)) is not None:
            return _as_stated(proof, found.point)
    free = judge(home, free_left, free_right, where, proof.scope.assuming)
    if free.status is Status.UNDECIDED and in_cases:
        # What is 1 only for z > 0 stays 0 at 0 whatever Step(0) is.
        free = _with_gates(home, free_left, free_right, where, free)
    if free.proved:
        best = with_best_kinks(home, (free_left, free_right), where, free)
        return replace(right_as_it_is, proof=best)
    if free.status is Status.REFUTED:
        if where.has(Eq) or any(side.has(Piecewise, Heaviside) for side in (left, right)):
            return _as_stated(proof, free.counterexample)
        only = replace(right_as_it_is, elsewhere=free.counterexample)
        condition = Eq(Symbol("Step(0)", real=True), network.step_at_zero)
        return replace(only, verdict=Verdict.RIGHT_IF, condition=condition)
    return right_as_it_is


def _as_stated(proof: Proof, elsewhere: Counterexample | None) -> Assessment:
    """Right by the network's own Step(0), which the equation states: it says what happens at 0."""
    scope = replace(proof.scope, kinks=Kinks.AS_STATED)
    return Assessment(Verdict.RIGHT, replace(proof, scope=scope), elsewhere=elsewhere)


def is_about_values(left: Expr, right: Expr) -> bool:
    """Whether an equation speaks of values only, and of no derivative in any form.

    ReLU(z) = z is such an equation; that it holds for z > 0 is what there is to say of it.
    Step is a derivative, and so (r - y) Step(z) = r - y has lost a factor.
    """
    return not any(
        side.has(Partial, Derivative, Step, Heaviside, Piecewise) for side in (left, right)
    )
