"""Proofs that z3 is asked for: the unfolded equation, with kinks and without."""

from __future__ import annotations

from dataclasses import replace

from sympy import (
    Basic,
    Expr,
    Integer,
    Pow,
    S,
    Sum,
    Symbol,
    Tuple,
)

from derive.derivation import Equation
from derive.functions import Step
from derive.instances import IllTypedError, free_axes, instantiate
from derive.network import Network
from derive.proving import smt
from derive.proving.composites import in_given_terms, work_out
from derive.proving.fractions import NotRationalError
from derive.proving.proof import Kinks, Method, Proof, Scope, Status, Widths, weakest
from derive.proving.search import confirmed, instance_widths
from derive.proving.unfolding import unfold
from derive.proving.widths import assignments
from derive.quantities import Partial, Quantity


def by_smt(
    network: Network,
    sides: tuple[Expr, Expr],
    form: Tuple,
    where: Basic,
    assuming: tuple[Equation, ...],
    tried: list[str],
) -> Proof | None:
    """What z3 says of the unfolded form, at the network's own widths or small ones."""
    if assuming:
        tried.append("z3 is not asked under equations assumed of the targets")
        return None
    try:
        condition = in_given_terms(network, where)
        axes = free_axes(network, form, condition)
        sizes = instance_widths(network)
        indexed = has_indices(form) or form.has(Sum)
        if indexed and any(network.width(layer) != size for layer, size in sizes.items()):
            tried.append("z3 could be asked at sizes other than the network's only")
            return None
        widths = Widths(every=not indexed, tried=sizes_in_order(network, sizes))
        kinks: list[Kinks] = []
        for free in assignments(axes, sizes):
            a, b = (instantiate(network, side, sizes, free) for side in form.args)
            here = instantiate(network, condition, sizes, free)
            outcome = _ask(network, sides, (a, b), here, free, sizes)
            if outcome is None:
                tried.append("z3 found no answer in its time")
                return None
            if outcome.status is Status.REFUTED:
                return outcome
            kinks.append(outcome.scope.kinks)
    except smt.MissingError:
        tried.append("z3 is not installed: pip install 'derive-backprop[smt]'")
        return None
    except (NotRationalError, IllTypedError) as error:
        tried.append(f"z3 cannot be asked: {error}")
        return None
    nonzero = tuple(
        dict.fromkeys(
            power.base
            for side in form.args
            for power in sorted(side.atoms(Pow), key=str)
            if power.exp.is_negative and not power.base.is_number
        )
    )
    return Proof(Status.PROVED, Method.SMT, Scope(weakest(kinks), widths, where, (), nonzero))


def _ask(
    network: Network,
    sides: tuple[Expr, Expr],
    instance: tuple[Expr, Expr],
    where: Basic,
    free: dict[Symbol, Integer],
    sizes: dict[Expr, int],
) -> Proof | None:
    """Proved with kinks, or without, or refuted by a confirmed point, or None."""
    conventions = {node.args[-1] for side in instance for node in side.atoms(Step)}
    symbolic = all(value.is_Symbol for value in conventions)
    for at_kinks in (True, False):
        answer = smt.decide(*instance, where, at_kinks=at_kinks)
        if answer.kind == "proved":
            whole = Kinks.EVERY_CONVENTION if symbolic else Kinks.AS_STATED
            return Proof(Status.PROVED, Method.SMT, Scope(whole if at_kinks else Kinks.EXCLUDED))
        if answer.kind == "model" and not at_kinks and answer.point is not None:
            point = confirmed(network, *sides, sizes, answer.point, free)
            if point is not None:
                return Proof(Status.REFUTED, Method.SMT, Scope(where=where), point)
    return None


def with_best_kinks(network: Network, left: Expr, right: Expr, where: Basic, proof: Proof) -> Proof:
    """A proof whose scope says as much of kinks as z3 can prove: s^2 = s need not be used.

    (s^2 - s) z = 0 holds for every s where z = 0, which the normal form knows for a single
    z only.
    """
    if proof.scope.kinks in (Kinks.NONE, Kinks.EVERY_CONVENTION) or proof.scope.assuming:
        return proof
    values = {node.args[-1] for side in (left, right) for node in side.atoms(Step)}
    if any(side.has(Quantity, Partial) for side in (left, right)):
        values.add(network.step_at_zero)
    if len(values) > 1:
        return proof
    convention = Symbol("h_0", real=True)
    if _holds_with(network, (left, right), where, convention):
        return replace(proof, scope=replace(proof.scope, kinks=Kinks.EVERY_CONVENTION))
    if proof.scope.kinks is not Kinks.EXCLUDED:
        return proof
    stated = values.pop() if values else S.Zero
    tried = (S.Zero, S.One) if stated.is_Symbol else (stated,)
    if all(_holds_with(network, (left, right), where, value) for value in tried):
        kinks = Kinks.IDEMPOTENT if stated.is_Symbol else Kinks.AS_STATED
        return replace(proof, scope=replace(proof.scope, kinks=kinks))
    return proof


def _holds_with(network: Network, sides: tuple[Expr, Expr], where: Basic, at_zero: Expr) -> bool:
    """Whether z3 proves an equation, kinks included, for one value of Step(0)."""
    changed = replace(network, step_at_zero=at_zero)
    opened = [side.replace(Step, lambda z, _: Step(z, at_zero)) for side in sides]
    form = work_out(changed, Tuple(*opened))
    while (following := unfold(changed, form)) is not None:
        form = work_out(changed, following)
    proof = by_smt(changed, (opened[0], opened[1]), form, where, (), [])
    return proof is not None and proof.proved and proof.scope.kinks is not Kinks.EXCLUDED


def sizes_in_order(network: Network, sizes: dict[Expr, int]) -> tuple[tuple[Expr, int], ...]:
    """Sizes by layer, from the input on."""
    return tuple(sorted(sizes.items(), key=lambda item: network.position(item[0])))


def has_indices(expression: Basic) -> bool:
    """Whether some quantity in an expression carries an index."""
    return any(q.indices for q in expression.atoms(Quantity))
