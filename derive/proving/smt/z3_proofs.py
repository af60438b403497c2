"""Proofs that z3 is asked for: the unfolded equation, with kinks and without."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import (
    Basic,
    Expr,
    Integer,
    KroneckerDelta,
    Pow,
    S,
    Sum,
    Symbol,
    Tuple,
)

from derive.algebra.functions import Step
from derive.algebra.nodes import nodes_of
from derive.algebra.quantities import Partial, Quantity
from derive.errors import NotRationalError
from derive.meaning.composites import in_given_terms
from derive.meaning.derivation import Equation
from derive.model.instances import IllTypedError, free_axes, instantiate
from derive.model.model import Model
from derive.proving.exact.widths import assignments
from derive.proving.points.search import confirmed, instance_widths
from derive.proving.proof import Kinks, Method, Proof, Scope, Status, Widths, weakest
from derive.proving.smt import solver as smt


def by_smt(
    model: Model,
    sides: tuple[Expr, Expr],
    form: Tuple,
    where: Basic,
    assuming: tuple[Equation, ...],
    tried: list[str],
    stated: tuple[Expr, ...] = (),
) -> Proof | None:
    """What z3 says of the unfolded form, at the network's own widths or small ones."""
    if assuming:
        tried.append("z3 is not asked under equations assumed of the targets")
        return None
    try:
        indexed = has_indices(form) or form.has(Sum)
        scope = _of_any_unit(*sides, where) if indexed else None
        if scope is not None:
            return Proof(Status.PROVED, Method.SMT, scope)
        condition = in_given_terms(model, where)
        axes = free_axes(model, form, condition)
        sizes = instance_widths(model)
        if indexed and any(model.width(layer) != size for layer, size in sizes.items()):
            tried.append("z3 could be asked at sizes other than the network's only")
            return None
        widths = Widths(every=not indexed, tried=sizes_in_order(model, sizes))
        kinks: list[Kinks] = []
        apart: list[Expr] = []
        for free in assignments(axes, sizes):
            a, b = (instantiate(model, side, sizes, free) for side in form.args)
            here = instantiate(model, condition, sizes, free)
            outcome = _ask(model, (*sides, where), (a, b), here, free, sizes, stated)
            if outcome is None:
                tried.append("z3 found neither a proof nor a point that refutes")
                return None
            if outcome.status is Status.REFUTED:
                return outcome
            kinks.append(outcome.scope.kinks)
            apart += outcome.scope.apart
    except smt.MissingError:
        tried.append("z3 is not installed: pip install 'derive-backprop[smt]'")
        return None
    except (NotRationalError, IllTypedError) as error:
        tried.append(f"z3 cannot be asked: {error}")
        return None
    nonzero = _divisors(form.args)
    scope = Scope(weakest(kinks), widths, where, (), nonzero, apart=tuple(dict.fromkeys(apart)))
    return Proof(Status.PROVED, Method.SMT, scope)


def _of_any_unit(left: Expr, right: Expr, where: Basic) -> Scope | None:
    """The scope of a proof in which every quantity may be any number, and so every unit's."""
    parts = (left, right, where)
    if where == S.true or any(part.has(Sum, KroneckerDelta, Partial) for part in parts):
        return None
    try:
        answer = smt.decide(left, right, where, at_kinks=True)
    except NotRationalError:
        return None
    if answer.kind != "proved" or answer.apart:
        return None
    kinks = _kinks_of(answer, (left, right))
    return Scope(kinks, Widths(every=True), where, (), _divisors((left, right)))


def _kinks_of(answer: smt.Answer, sides: tuple[Expr, Expr]) -> Kinks:
    """For which Step(0) an answer about all points holds."""
    if not answer.gates:
        return Kinks.NONE
    conventions = {node.args[-1] for side in sides for node in nodes_of(side, Step)}
    symbolic = all(value.is_Symbol for value in conventions)
    return Kinks.EVERY_CONVENTION if symbolic else Kinks.AS_STATED


def _divisors(sides: Sequence[Expr]) -> tuple[Expr, ...]:
    return tuple(
        dict.fromkeys(
            power.base
            for side in sides
            for power in sorted(nodes_of(side, Pow), key=str)
            if power.exp.is_negative and not power.base.is_number
        )
    )


def _ask(
    model: Model,
    question: tuple[Expr, Expr, Basic],
    instance: tuple[Expr, Expr],
    where: Basic,
    free: dict[Symbol, Integer],
    sizes: dict[Expr, int],
    stated: tuple[Expr, ...],
) -> Proof | None:
    """Proved with kinks, or without, or refuted by a confirmed point, or None."""
    for at_kinks in (True, False):
        answer = smt.decide(*instance, where, at_kinks=at_kinks)
        if answer.kind == "proved":
            everywhere = at_kinks or not answer.gates
            kinks = _kinks_of(answer, instance) if everywhere else Kinks.EXCLUDED
            scope = Scope(kinks, apart=answer.apart)
            return Proof(Status.PROVED, Method.SMT, scope)
        if answer.kind == "model" and not at_kinks and answer.point is not None:
            point = confirmed(model, *question, sizes, answer.point, free, stated)
            if point is not None:
                return Proof(Status.REFUTED, Method.SMT, Scope(where=question[2]), point)
    return None


def sizes_in_order(model: Model, sizes: dict[Expr, int]) -> tuple[tuple[Expr, int], ...]:
    """Sizes by layer, from the input on."""
    return tuple(sorted(sizes.items(), key=lambda item: model.position(item[0])))


def has_indices(expression: Basic) -> bool:
    """Whether some quantity in an expression carries an index."""
    return any(q.indices for q in nodes_of(expression, Quantity))
