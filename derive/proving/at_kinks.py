"""What can be said of kinks: the most that is proved, for every value of Step(0) if possible."""

from __future__ import annotations

from dataclasses import replace

from sympy import Basic, Expr, S, Tuple

from derive.algebra.functions import Step
from derive.algebra.quantities import Partial, Quantity
from derive.meaning.composites import work_out
from derive.meaning.unfolding import unfold
from derive.model.conventions import CONVENTION, UNSTATED, with_any_convention, with_step
from derive.model.model import Model
from derive.proving.judge import judge
from derive.proving.proof import Kinks, Proof
from derive.proving.smt.z3_proofs import by_smt


def with_best_kinks(model: Model, sides: tuple[Expr, Expr], where: Basic, proof: Proof) -> Proof:
    """A proof whose scope says as much of kinks as can be proved: s^2 = s need not be used.

    (s^2 - s) z = 0 holds for every s where z = 0, which the normal form knows for a single
    z only, and z3 for all.
    """
    if proof.scope.kinks in (Kinks.NONE, Kinks.EVERY_CONVENTION, Kinks.ISOLATED):
        return proof
    values: set[Expr] = {node.args[-1] for side in sides for node in side.atoms(Step)}
    if UNSTATED in values or any(side.has(Quantity, Partial) for side in sides):
        values = values - {UNSTATED} | {model.step_at_zero}
    if len(values) > 1:
        return proof
    home, (left, right, condition) = with_any_convention(model, *sides, where)
    free = proof
    if values != {CONVENTION}:  # else it was proved with the symbol
        free = judge(home, left, right, condition, proof.scope.assuming)
    every = free.proved and free.scope.kinks in (Kinks.NONE, Kinks.EVERY_CONVENTION)
    if every or (not proof.scope.assuming and _holds_with(model, sides, where, CONVENTION)):
        scope = replace(proof.scope, kinks=Kinks.EVERY_CONVENTION, apart=())
        return replace(proof, scope=scope, counterexample=None)
    if proof.scope.kinks is not Kinks.EXCLUDED or proof.scope.assuming:
        return proof
    stated = values.pop() if values else S.Zero
    tried = (S.Zero, S.One) if stated.is_Symbol else (stated,)
    if all(_holds_with(model, sides, where, value) for value in tried):
        kinks = Kinks.IDEMPOTENT if stated.is_Symbol else Kinks.AS_STATED
        return replace(proof, scope=replace(proof.scope, kinks=kinks, apart=()))
    return proof


def _holds_with(model: Model, sides: tuple[Expr, Expr], where: Basic, at_zero: Expr) -> bool:
    """Whether z3 proves an equation, kinks included, for one value of Step(0)."""
    changed = model.with_step_at_zero(at_zero)
    opened = [with_step(side, at_zero) for side in sides]
    form = work_out(changed, Tuple(*opened))
    while (following := unfold(changed, form)) is not None:
        form = work_out(changed, following)
    proof = by_smt(changed, (opened[0], opened[1]), form, where, (), [])
    return proof is not None and proof.proved and proof.scope.kinks is not Kinks.EXCLUDED
