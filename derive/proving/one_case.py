"""One equation without cases: normal forms at each depth of unfolding, then a point, then z3."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from sympy import Abs, Add, Basic, Expr, Integer, S, Tuple, sign

from derive.algebra.functions import LeakyReLU, ReLU, Step, with_logistic
from derive.algebra.indices import contract, index_symbols
from derive.algebra.nodes import nodes_of
from derive.algebra.quantities import Fixed, Partial, Quantity, outermost, replace_whole
from derive.errors import NotRationalError
from derive.meaning.composites import work_out
from derive.meaning.derivation import Equation
from derive.meaning.unfolding import opened_forward
from derive.model.defined_model import DefinedModel
from derive.model.instances import IllTypedError
from derive.model.model import Model
from derive.model.network import Network
from derive.proving.exact.function_derivatives import derivatives_done
from derive.proving.exact.logarithms import exponentiated
from derive.proving.exact.widths import OutsideClassError, sufficient_widths
from derive.proving.forms.at_sizes import at_sufficient_widths
from derive.proving.forms.by_depth import (
    agree_at_a_point,
    by_normal_forms,
    lemma_of,
    vanishes,
    with_condition,
)
from derive.proving.points.sample_points import POINTS, definitions
from derive.proving.points.search import (
    Difference,
    difference,
    instance_widths,
    with_larger_means,
)
from derive.proving.proof import Kinks, Method, Proof, Scope, Status, undecided
from derive.proving.smt.z3_proofs import by_smt


def judge_one(
    model: Model,
    left: Expr,
    right: Expr,
    where: Basic,
    assuming: tuple[Equation, ...],
    mentioned: tuple[Expr, ...],
    most: int = POINTS,
) -> Proof:
    """Normal form at each depth of unfolding, then a point of `most` that are tried, then z3."""
    if (proof := _of_any_derivatives(model, left, right, where, assuming)) is not None:
        return proof
    stated, given = (left, right, *mentioned), dict(definitions(where))
    try:
        done = (derivatives_done(side, where).xreplace(given) for side in (left, right))
        pair = _settled(model, Tuple(*done))
        started = contract(work_out(model, pair))
    except NotRationalError as error:
        return undecided(str(error), where)
    if not assuming:
        proof = _derivative_of_equals(model, left, right)
        if proof is not None:
            return with_condition(proof, where)
    left, right = started.args
    if _is_refuted_soon(started, where, assuming) and not agree_at_a_point(model, left, right):
        # A normal form grows with all that is unfolded, and cannot show what is false.
        soon = _difference(model, left, right, where, assuming, stated, most)
        if soon is not None and soon.smooth:
            return Proof(Status.REFUTED, Method.SEARCH, Scope(where=where), soon.point)
    tried: list[str] = []
    proof, form = by_normal_forms(model, started, where, assuming, tried)
    others = _other_forms(model, started, where)
    while proof is None and (other := next(others, None)) is not None:
        proof, _ = by_normal_forms(model, other, where, assuming, [])
    if proof is not None and not proof.scope.apart:
        return proof
    found = _difference(model, left, right, where, assuming, stated, most)
    if found is not None and found.generic and proof is not None:
        # A later z that is 0 with a dead unit may be left out; what is written so is meant.
        named = all(isinstance(argument, Quantity) for argument in proof.scope.apart)
        proof = proof if named else None
    if proof is None and found is not None and found.generic:
        return Proof(Status.REFUTED, Method.SEARCH, Scope(where=where), found.point)
    by_z3 = by_smt(model, (left, right), form, where, assuming, tried, stated)
    if proof is not None and (by_z3 is None or not by_z3.proved):
        by_z3 = proof  # where it is stated to hold, no z that z3 tried is 0
    if by_z3 is not None:
        return by_z3 if found is None else replace(by_z3, counterexample=found.point)
    if found is not None:
        return Proof(Status.REFUTED, Method.SEARCH, Scope(where=where), found.point)
    return undecided("; ".join(tried), where)


def _is_refuted_soon(form: Tuple, where: Basic, assuming: tuple[Equation, ...]) -> bool:
    """Whether one point is looked at before normal forms: where derivatives stand."""
    derivatives = any(isinstance(atom, Partial) for atom in outermost(form))
    return derivatives and where == S.true and not assuming


def _other_forms(model: Model, form: Tuple, where: Basic) -> Iterator[Tuple]:
    """Other ways to write an equation that is not proved as it stands.

    The logistic function by its name, the forward pass opened before the derivatives, and powers
    in place of logarithms.
    """
    if (named := with_logistic(form)) != form:
        yield named
    if where == S.true and (opened := opened_forward(model, form)) != form:
        yield opened
    if (products := exponentiated(*form.args)) is not None:  # pyright: ignore
        yield Tuple(*products)


def _of_any_derivatives(
    model: Model, left: Expr, right: Expr, where: Basic, assuming: tuple[Equation, ...]
) -> Proof | None:
    """A proof that holds whatever its derivatives are, such as (a + b)(a - b) = a^2 - b^2.

    Only where both sides have the same ones, each without an index: others are sooner worked out.
    """
    mine, theirs = nodes_of(left, Partial), nodes_of(right, Partial)
    if not mine or (theirs != mine and right != 0) or left in mine:
        return None
    if not isinstance(model, Network) or any(index_symbols(one) for one in mine):
        return None
    try:
        return at_sufficient_widths(model, left, right, where, assuming)
    except (NotRationalError, IllTypedError):
        return None


def _derivative_of_equals(model: Model, left: Expr, right: Expr) -> Proof | None:
    """A proof of da/dv = db/dv from a = b, which holds for all values and has no kink.

    v is given, or the step along the direction.  By what is computed, as by z, the two sides of
    z = W x have unlike derivatives: then a = b is to hold whatever z is, and no derivative by
    what comes before z may be in it.
    """
    if not (isinstance(left, Partial) and isinstance(right, Partial) and left.wrt == right.wrt):
        return None
    if left.of == right.of or not isinstance(model, DefinedModel):
        return None  # in a stack of layers both are soon unfolded
    if model.holds_fixed or left.of.has(Fixed) or right.of.has(Fixed):
        return None  # fixed(f) = f, and their derivatives differ
    home = model
    if model.defines(left.wrt):
        v = left.wrt.args[:2]
        by = {node.wrt.args[:2] for side in (left.of, right.of) for node in nodes_of(side, Partial)}
        after = all(one == v or model.depends(one, v) for one in by)
        if not after:
            return None
        home = model.with_given(v)
    proof = lemma_of(home, left.of, right.of)
    return proof if proof is not None and proof.scope.kinks is Kinks.NONE else None


def _settled(model: Model, sides: Tuple) -> Tuple:
    """The sides with gates of arguments that are always 0, as sigmoid(x) + sigmoid(-x) - 1."""
    gates = [g for g in nodes_of(sides, ReLU, LeakyReLU, Step, Abs, sign) if g.args[0].has(Add)]
    zero = {
        gate: gate.func(S.Zero, *gate.args[1:]) for gate in gates if vanishes(model, gate.args[0])
    }
    return replace_whole(sides, zero)


def _difference(
    model: Model,
    left: Expr,
    right: Expr,
    where: Basic,
    assuming: tuple[Equation, ...],
    stated: tuple[Expr, ...],
    most: int,
) -> Difference | None:
    """A point of difference, at sizes that say something of the network's own."""
    try:
        own = instance_widths(model)
        widths = {layer: model.width(layer) for layer in own}
        if any(isinstance(w, Integer) and w != own[layer] for layer, w in widths.items()):
            # Layers too wide to be written out: what is false at the sufficient sizes is
            # false at every larger one.
            (sizes,) = sufficient_widths(model, left, right, where=where)
            own |= {layer: max(size, 2) for layer, size in sizes.items()}
        found = difference(model, left, right, where, assuming, own, stated, most)
        if found is None and (larger := with_larger_means(model, own)) != own:
            found = difference(model, left, right, where, assuming, larger, stated, most)
        return found
    except (IllTypedError, OutsideClassError, ValueError):
        return None
