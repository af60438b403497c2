"""What an equation says where gates and cases end: at 0, where Step has a value by convention.

At which other values of Step(0) does it hold, and do the cases that were written agree with
Step but at their ends?
"""

from __future__ import annotations

from dataclasses import replace

from sympy import (
    And,
    Basic,
    Eq,
    Expr,
    Heaviside,
    Ne,
    Piecewise,
    S,
    Symbol,
)
from sympy.core.relational import Relational

from derive.algebra.functions import ReLU, Step
from derive.algebra.quantities import Quantity
from derive.checking.assessment import Assessment, Verdict
from derive.checking.sampling.samples import holds_at_samples, is_wide
from derive.meaning.indicators import NoGateError, as_gates
from derive.model.conventions import with_any_convention
from derive.model.model import Model
from derive.proving import Counterexample, Kinks, Proof, Status, judge
from derive.proving.at_kinks import with_best_kinks
from derive.proving.points.search import differences_as_written


def with_conventions(
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
    if in_cases and proof.scope.kinks is not Kinks.EXCLUDED and not is_wide(home):
        # Mostly another Step(0) tells it from the cases, and a point is found sooner than a proof.
        points = differences_as_written(home, free_left, free_right, where, proof.scope.assuming)
        if (found := next(points, None)) is not None:
            return _as_stated(proof, found.point)
    free = judge(home, free_left, free_right, where, proof.scope.assuming)
    if free.status is Status.UNDECIDED and in_cases:
        # What is 1 only for z > 0 stays 0 at 0 whatever Step(0) is.
        free = with_gates(home, free_left, free_right, where, free)
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


def off_boundaries(network: Model, left: Expr, right: Expr, where: Basic) -> Proof | None:
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
        proof = with_gates(network, left, right, apart, proof)
    return proof if proof.proved else None


def with_gates(network: Model, left: Expr, right: Expr, where: Basic, proof: Proof) -> Proof:
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
