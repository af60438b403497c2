"""The judge: is an equation between quantities and derivatives of a network true?

It takes the definitions of the network one layer at a time (`unfolding`), asks for the
sizes that settle every width (`widths`), and compares normal forms there
(`normal_form`); what is not equal it tries to refute by an exact point (`search`).  It
never imports the rules that the derivation was made with.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sympy import (
    Abs,
    Add,
    And,
    Basic,
    Derivative,
    Eq,
    Expr,
    Ge,
    Heaviside,
    Le,
    Piecewise,
    S,
    Tuple,
    sign,
)

from derive.algebra.functions import LeakyReLU, ReLU, Step
from derive.algebra.indices import contract
from derive.algebra.nodes import nodes_of
from derive.algebra.quantities import Local, Partial, Quantity, released
from derive.errors import NotRationalError
from derive.meaning.cases import cases, stated
from derive.meaning.composites import without_locals
from derive.meaning.derivation import Equation
from derive.model.assumptions import (
    as_quotients,
    is_row_sum,
    row_sums,
    rows_of_sum_one,
    signs_assumed,
    with_quotients,
)
from derive.model.conventions import UNSTATED, with_any_convention
from derive.model.defined_model import DefinedModel
from derive.model.instances import IllTypedError, check_indices, shifts_of
from derive.model.model import Head, Model, Source, needed_model
from derive.model.network import Network
from derive.notation.ascii.given import condition, formula
from derive.proving.combining import combined, in_letters
from derive.proving.domains import is_impossible
from derive.proving.exact.bare_deltas import without_bare_deltas
from derive.proving.exact.function_derivatives import derivatives_done, has_no_convention
from derive.proving.exact.shifted import as_any_shift, shifts_used, with_any_shift
from derive.proving.forms.at_sizes import gate_arguments
from derive.proving.forms.by_depth import vanishes
from derive.proving.kept_proofs import KEPT
from derive.proving.kinks.distributions import concerns, judge_distributions, support_left_out
from derive.proving.kinks.kinked_derivatives import through_a_kink
from derive.proving.numbered_units import with_letters
from derive.proving.one_case import judge_one
from derive.proving.points.sample_points import POINTS
from derive.proving.points.search import differs_soon
from derive.proving.points.witness import has_witness
from derive.proving.proof import Kinks, Method, Proof, Scope, Status, undecided

#: A proof for every Step(0) is given up after so many points; all are tried with its number.
_FEW_POINTS = 12


@dataclass(frozen=True)
class _Asked:
    """Whether left = right, as `judge` is asked."""

    left: Expr
    right: Expr
    where: Basic
    assuming: tuple[Equation, ...]
    mentioned: tuple[Expr, ...]
    defined: Basic
    free: tuple[Expr, Expr] | None

    @property
    def sides(self) -> tuple[Expr, Expr]:
        return self.left, self.right


def judge(
    model: Model | Source,
    left: Expr,
    right: Expr,
    where: Basic = S.true,
    assuming: tuple[Equation, ...] = (),
    mentioned: tuple[Expr, ...] = (),
    defined: Basic = S.true,
    free: tuple[Expr, Expr] | None = None,
) -> Proof:
    """Prove or refute left = right, under a condition and assumptions if there are any.

    `mentioned` is what the equation was written with, and `defined` where it has values: names
    and divisors may have cancelled in the sides.  `free` are the sides before a number was put
    in for Step(0), where that is known.  A proof has a point of its scope where both sides have
    values; it says "every Step(0)" only if the equation is proved with a symbol for Step(0).
    """
    model = needed_model(model)
    left, right = (formula(s, "a side of an equation", model) for s in (left, right))
    try:
        left, right = (released(without_locals(model, side)) for side in (left, right))
    except NotRationalError as problem:
        return undecided(str(problem))
    where, defined = condition(where, "where", model), condition(defined, "defined", model)
    bare = without_bare_deltas(left, right)
    if bare != (left, right) and where == S.true and not assuming:
        proof = judge(model, *bare, defined=defined)
        if proof.proved:
            return proof
    where = And(where, signs_assumed(model, left, right))
    asked = _Asked(left, right, where, assuming, mentioned, defined, free)
    if isinstance(model, DefinedModel) and shifts_of(model):
        return _judge_shifted(model, asked)
    if isinstance(model, DefinedModel) and (rows := rows_of_sum_one(model)):
        return _judge_quotients(model, rows, asked)
    return _judge_stated(model, asked)


def _judge_shifted(model: DefinedModel, asked: _Asked) -> Proof:
    """Proved for any shifts there may be, or refuted with those that are meant."""
    asked = replace(asked, free=None)
    try:
        written = (*asked.sides, asked.where, asked.defined, *asked.mentioned)
        parts = as_any_shift(model, *written)
        home = with_any_shift(model, shifts_used(model, *written))
    except IllTypedError as problem:
        return undecided(str(problem), asked.where)
    left, right, where, defined, *mentioned = parts
    proof = judge(home, left, right, where, asked.assuming, tuple(mentioned), defined)  # pyright: ignore
    if proof.proved:
        return replace(proof, scope=replace(proof.scope, where=asked.where))
    found = _judge_stated(model, asked)
    if found.status is Status.REFUTED:
        return found
    return undecided("it was not proved for any shift of the indices", asked.where)


def _judge_quotients(model: DefinedModel, rows: Mapping[Head, int], asked: _Asked) -> Proof:
    """Rows that sum to 1 are quotients, as `derive.model.assumptions` says."""
    by = (node.wrt for side in asked.sides for node in nodes_of(side, Partial, Local))
    if any(quantity.args[:2] in rows for quantity in by):
        remark = "a derivative by what sums to 1 leaves the points at which it does"
        return undecided(remark, asked.where)
    written = (asked.left, asked.right, asked.where, asked.defined)
    left, right, where, defined = (as_quotients(model, part, rows) for part in written)
    home = with_quotients(model)
    proof = _judge_stated(
        home, replace(asked, left=left, right=right, where=where, defined=defined, free=None)
    )
    scope = proof.scope
    nonzero = tuple(factor for factor in scope.nonzero if not is_row_sum(factor, rows))
    assuming = (*asked.assuming, *(Equation(one.lhs, one.rhs) for one in row_sums(model)))
    return replace(proof, scope=replace(scope, nonzero=nonzero, assuming=assuming))


def _judge_stated(model: Model, asked: _Asked) -> Proof:
    """`judge`, of what has been read and put in order; kept, since texts say things twice."""
    return KEPT.found((model, asked), lambda: _judge_anew(model, asked))


def _judge_anew(model: Model, asked: _Asked) -> Proof:
    left, right, where, defined = asked.left, asked.right, asked.where, asked.defined
    if (proof := _for_every_unit(model, asked)) is not None:
        return proof
    by_convention = _depends_on_a_convention(asked)
    proof = _for_every_convention(model, asked) if by_convention else None
    if proof is None:
        proof = _judge(model, left, right, where, asked.assuming, asked.mentioned)
        if by_convention and _holds_at_kinks(proof):
            proof = replace(proof, scope=replace(proof.scope, kinks=Kinks.AS_STATED))
    if not proof.proved:
        return proof
    if defined != S.true:
        proof = replace(proof, counterexample=None)  # it may be where nothing is said
    if concerns(left, right):
        if support_left_out(defined, left, right):
            remark = "what it divides by is 0 where the delta is, so nothing is said there"
            return undecided(remark, where)
        return proof
    scope = _scope_at_kinks(model, asked, proof.scope)
    done = tuple(derivatives_done(side, where) for side in asked.sides)
    if scope.kinks is Kinks.EXCLUDED and _is_always_at_a_kink(asked.sides, where):
        remark = "the argument of a gate is always 0, so nothing is said away from kinks"
        return undecided(remark, where)
    if not has_witness(model, done, And(where, defined), asked.assuming, scope, asked.sides):
        remark = "no point was found at which both sides have values and the assumptions hold"
        return undecided(remark, where)
    return replace(proof, scope=scope)


def _scope_at_kinks(model: Model, asked: _Asked, scope: Scope) -> Scope:
    """The scope, with what derivatives through kinks and Step(0) itself make of it."""
    if has_no_convention(asked.left, asked.right):
        # The derivative of |a| at a = 0 is what no convention says.
        scope = replace(scope, kinks=Kinks.EXCLUDED)
    if through_a_kink(model, asked.left, asked.right):
        every = scope.kinks is Kinks.NONE
        kinks = Kinks.EVERY_CONVENTION if every else scope.kinks
        scope = replace(scope, derivative=True, kinks=kinks)
    if scope.kinks is Kinks.EXCLUDED:
        literal = asked.free is not None and any(map(_names_a_convention, asked.free))
        scope = _beside_a_convention(model, scope, asked.sides, literal)
    return scope


def _names_a_convention(side: Expr) -> bool:
    """Whether Step(0) itself stands in a side, and not only the Step of something."""
    gates = (ReLU, LeakyReLU, Step)
    closed = side.replace(
        lambda node: isinstance(node, gates), lambda node: node.func(*node.args[:-1], S.Zero)
    )
    return closed.has(UNSTATED)


def _beside_a_convention(
    model: Model, scope: Scope, sides: tuple[Expr, Expr], literal: bool
) -> Scope:
    """The scope of an equation with Step(0) itself, or Step(a) of an a that is always 0, in it.

    No point is away from that kink; so the arguments that must not be 0 are named instead.
    """
    if any(side.has(Quantity, Partial) for side in sides):
        return scope
    arguments = dict.fromkeys(sorted(gate_arguments(sides), key=str))
    thin = tuple(a for a in arguments if not (a.has(Add) and vanishes(model, a)))
    if not literal and len(thin) == len(arguments):
        return scope
    return replace(scope, kinks=Kinks.AS_STATED, nonzero=(*scope.nonzero, *thin))


def _is_always_at_a_kink(sides: tuple[Expr, Expr], where: Basic) -> bool:
    """Whether the argument of a gate is 0 once the derivatives in it are worked out."""
    gates = (ReLU, LeakyReLU, Step, Abs, sign, Heaviside)
    arguments = (gate.args[0] for side in sides for gate in nodes_of(side, *gates))
    return any(derivatives_done(a, where) == 0 for a in arguments if a.has(Derivative))


def _for_every_unit(model: Model, asked: _Asked) -> Proof | None:
    """A proof of an equation about units that are named by numbers, from one for every unit."""
    free = asked.free or ()
    parts = Tuple(*asked.sides, asked.where, asked.defined, *asked.mentioned, *free)
    made, letters = with_letters(model, parts)
    if not letters or asked.assuming:
        return None
    left, right, where, defined, *rest = made.args
    mentioned, free = rest[: len(asked.mentioned)], rest[len(asked.mentioned) :]
    general = _Asked(left, right, where, (), tuple(mentioned), defined, tuple(free) or None)  # pyright: ignore
    proof = _judge_stated(model, general)
    if not proof.proved:
        return None
    proof = in_letters(replace(proof, counterexample=None), letters)
    return replace(proof, scope=replace(proof.scope, where=asked.where))


def _depends_on_a_convention(asked: _Asked) -> bool:
    """Whether Step(0) stands in the sides, or a number for it may have left no trace in them."""
    literal = asked.free is not None and any(side.has(UNSTATED) for side in asked.free)
    return literal or _used_at_zero(*asked.sides, asked.where)


def _for_every_convention(model: Model, asked: _Asked) -> Proof | None:
    """A proof with a symbol for Step(0), which is one for every number; None where there is none.

    So the equation with the number of the model need not be proved a second time.  Where gates
    have several numbers, one symbol in the place of all says another thing.
    """
    if len(_conventions(model, asked)) > 1:
        return None
    home, (left, right, where) = with_any_convention(
        model, *(asked.free or asked.sides), asked.where
    )
    if differs_soon(home, left, right, where, asked.assuming):
        return None  # a point is found sooner than a proof
    proof = _judge(home, left, right, where, asked.assuming, asked.mentioned, _FEW_POINTS)
    return proof if _holds_at_kinks(proof) else None


def _conventions(model: Model, asked: _Asked) -> set[Basic]:
    """The values of Step(0) that an equation has, of its gates and of the model's."""
    parts = (*asked.sides, asked.where)
    own = {gate.args[-1] for part in parts for gate in nodes_of(part, ReLU, LeakyReLU, Step)}
    unfolds = any(part.has(Quantity, Partial) for part in parts)
    return own | ({model.step_at_zero} if unfolds else set[Basic]())


def _holds_at_kinks(proof: Proof) -> bool:
    return proof.proved and proof.scope.kinks in (Kinks.NONE, Kinks.EVERY_CONVENTION)


def _used_at_zero(left: Expr, right: Expr, where: Basic) -> bool:
    """Whether a number may have been put in for Step(0) without leaving a trace.

    At a 0 that a condition or a case gives, or that an argument such as z - W x is once it is
    put together.
    """
    if any(part.has(Eq, Ge, Le) for part in (left, right, where)):
        return True
    gates = {gate for side in (left, right) for gate in nodes_of(side, ReLU, LeakyReLU, Step)}
    return any(gate.args[0].has(Add) for gate in gates) or any(
        side.has(Piecewise) for side in (left, right)
    )


def _judge(
    model: Model,
    left: Expr,
    right: Expr,
    where: Basic,
    assuming: tuple[Equation, ...],
    mentioned: tuple[Expr, ...] = (),
    most: int = POINTS,
) -> Proof:
    left, right = contract(left), contract(right)
    try:
        check_indices(model, left, right, where)
    except IllTypedError as error:
        return undecided(str(error), where)
    if concerns(left, right):
        if not isinstance(model, Network):
            return undecided("delta functions are judged in stacks of layers only", where)
        return judge_distributions(model, left, right, where, assuming, _judge)
    try:
        separate = cases(left, right, where)
    except NotRationalError as error:
        return undecided(str(error), where)
    if len(separate) == 1 and separate[0][2] == S.true:
        return judge_one(model, left, right, S.true, assuming, mentioned, most)
    proofs: list[Proof] = []
    for a, b, alternative in separate:
        proof = judge_one(model, a, b, alternative, assuming, mentioned, most)
        if proof.status is Status.REFUTED:
            return proof  # whatever the other cases are
        if proof.proved or not is_impossible(model, alternative):
            proofs.append(proof)
    if not proofs:
        return undecided("the condition cannot be satisfied")
    if len(proofs) == 1:
        return proofs[0]
    return combined(proofs, And(where, stated(left, right)), Method.REGIONS)
