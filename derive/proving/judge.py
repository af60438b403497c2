"""The judge: is an equation between quantities and derivatives of a network true?

It takes the definitions of the network one layer at a time (`unfolding`), asks for the
sizes that settle every width (`widths`), and compares normal forms there
(`normal_form`); what is not equal it tries to refute by an exact point (`search`).  It
never imports the rules that the derivation was made with.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache, partial
from itertools import combinations
from typing import Any

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
    Integer,
    Le,
    Max,
    Min,
    Piecewise,
    Rational,
    S,
    Sum,
    Symbol,
    Tuple,
    sign,
)

from derive.algebra.functions import LeakyReLU, ReLU, Step
from derive.algebra.indices import (
    contract,
    deltas_in_front,
    free_indices,
    index_symbols,
    rename_bound,
    with_canonical_bounds,
    without_idle_sums,
)
from derive.algebra.primitives import primitive_of
from derive.algebra.quantities import Local, Partial, Quantity, outermost, replace_whole
from derive.meaning.cases import cases, stated, under
from derive.meaning.composites import without_locals, work_out
from derive.meaning.derivation import Equation
from derive.meaning.fractions import NotRationalError
from derive.meaning.unfolding import may_meet, opened_forward, unfold
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
from derive.model.instances import (
    IllTypedError,
    check_indices,
    free_axes,
    instantiate,
    shifts_of,
)
from derive.model.model import GATES, Head, Model, needed_model
from derive.model.network import Network
from derive.notation.ascii.given import condition, formula
from derive.proving.combining import combined
from derive.proving.domains import is_impossible
from derive.proving.exact import normal_form
from derive.proving.exact.bare_deltas import without_bare_deltas
from derive.proving.exact.congruence import by_their_names, folded, functions_in
from derive.proving.exact.denominators import denominators
from derive.proving.exact.function_derivatives import derivatives_done, has_no_convention
from derive.proving.exact.logarithms import exponentiated
from derive.proving.exact.normal_form import Comparison
from derive.proving.exact.relabelled import same_sums
from derive.proving.exact.shifted import as_any_shift, with_any_shift
from derive.proving.exact.widths import (
    OutsideClassError,
    assignments,
    patterns,
    spans_of_sizes,
    sufficient_widths,
)
from derive.proving.kinks.distributions import concerns, judge_distributions, support_left_out
from derive.proving.kinks.kinked_derivatives import through_a_kink
from derive.proving.points.sample_points import definitions
from derive.proving.points.search import (
    Difference,
    difference,
    differences_as_written,
    instance_widths,
)
from derive.proving.points.witness import has_witness, may_be_equal
from derive.proving.proof import Kinks, Method, Proof, Scope, Status, Widths, weakest
from derive.proving.single_difference import only_difference
from derive.proving.smt.z3_proofs import by_smt, has_indices, sizes_in_order
from derive.proving.term_by_term import terms_of_sums
from derive.proving.vanishing import is_thin

#: An unfolded equation of more nodes than this is left alone.
_MOST_NODES = 20_000
#: So many points are tried for one that tells conventions apart, before a proof is.
_FEW_POINTS = 24
#: Equations between numbered units are compared at the network's own widths up to this one.
MOST_NUMBERED = 12
#: A proof by random points must be wrong with less than this probability.
_LARGEST_ERROR = Rational(1, 2**100)


def judge(
    model: Model,
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
    needed_model(model)
    left, right = (formula(s, "a side of an equation", model) for s in (left, right))
    try:
        left, right = without_locals(model, left), without_locals(model, right)
    except NotRationalError as problem:
        return Proof(Status.UNDECIDED, Method.NONE, remark=str(problem))
    where, defined = condition(where, "where", model), condition(defined, "defined", model)
    bare = without_bare_deltas(left, right)
    if bare != (left, right) and where == S.true and not assuming:
        proof = judge(model, *bare, defined=defined)
        if proof.proved:
            return proof
    where = And(where, signs_assumed(model, left, right))
    if isinstance(model, DefinedModel) and shifts_of(model):
        return _judge_shifted(model, (left, right), where, assuming, mentioned, defined)
    if isinstance(model, DefinedModel) and (rows := rows_of_sum_one(model)):
        return _judge_quotients(model, rows, (left, right), where, assuming, mentioned, defined)
    return _judge_stated(model, left, right, where, assuming, mentioned, defined, free)


def _judge_shifted(
    model: DefinedModel,
    sides: tuple[Expr, Expr],
    where: Basic,
    assuming: tuple[Equation, ...],
    mentioned: tuple[Expr, ...],
    defined: Basic,
) -> Proof:
    """Proved for any shifts there may be, or refuted with those that are meant."""
    try:
        parts = as_any_shift(model, *sides, where, defined, *mentioned)
    except IllTypedError as problem:
        return Proof(Status.UNDECIDED, Method.NONE, Scope(where=where), remark=str(problem))
    left, right, home_where, home_defined, *home_mentioned = parts
    home = with_any_shift(model)
    proof = judge(home, left, right, home_where, assuming, tuple(home_mentioned), home_defined)  # pyright: ignore
    if proof.proved:
        return replace(proof, scope=replace(proof.scope, where=where))
    found = _judge_stated(model, *sides, where, assuming, mentioned, defined, None)
    if found.status is Status.REFUTED:
        return found
    remark = "it was not proved for any shift of the indices"
    return Proof(Status.UNDECIDED, Method.NONE, Scope(where=where), remark=remark)


def _judge_quotients(
    model: DefinedModel,
    rows: Mapping[Head, int],
    sides: tuple[Expr, Expr],
    where: Basic,
    assuming: tuple[Equation, ...],
    mentioned: tuple[Expr, ...],
    defined: Basic,
) -> Proof:
    """Rows that sum to 1 are quotients, as `derive.model.assumptions` says."""
    by = (node.wrt for side in sides for node in side.atoms(Partial, Local))
    if any(quantity.args[:2] in rows for quantity in by):
        remark = "a derivative by what sums to 1 leaves the points at which it does"
        return Proof(Status.UNDECIDED, Method.NONE, Scope(where=where), remark=remark)
    left, right = (as_quotients(model, side, rows) for side in sides)
    where, defined = as_quotients(model, where, rows), as_quotients(model, defined, rows)
    home = with_quotients(model)
    proof = _judge_stated(home, left, right, where, assuming, mentioned, defined, None)
    scope = proof.scope
    nonzero = tuple(factor for factor in scope.nonzero if not is_row_sum(factor, rows))
    assumed = tuple(Equation(one.lhs, one.rhs) for one in row_sums(model))
    return replace(proof, scope=replace(scope, nonzero=nonzero, assuming=(*assuming, *assumed)))


def _judge_stated(
    model: Model,
    left: Expr,
    right: Expr,
    where: Basic,
    assuming: tuple[Equation, ...],
    mentioned: tuple[Expr, ...],
    defined: Basic,
    free: tuple[Expr, Expr] | None,
) -> Proof:
    """`judge`, of what has been read and put in order."""
    proof = _judge(model, left, right, where, assuming, mentioned)
    if not proof.proved:
        return proof
    if defined != S.true:
        proof = replace(proof, counterexample=None)  # it may be where nothing is said
    if proof.scope.kinks in (Kinks.NONE, Kinks.EVERY_CONVENTION):
        literal = free is not None and any(side.has(UNSTATED) for side in free)
        if literal or _used_at_zero(left, right, where):
            home, parts = with_any_convention(model, *(free or (left, right)), where)
            proof = _for_every_convention(home, parts, assuming, proof)
    if concerns(left, right):
        if support_left_out(defined, left, right):
            remark = "what it divides by is 0 where the delta is, so nothing is said there"
            return Proof(Status.UNDECIDED, Method.NONE, Scope(where=where), remark=remark)
        return proof
    scope = proof.scope
    if has_no_convention(left, right):
        # The derivative of |a| at a = 0 is what no convention says.
        scope = replace(scope, kinks=Kinks.EXCLUDED)
    if through_a_kink(model, left, right):
        every = scope.kinks is Kinks.NONE
        kinks = Kinks.EVERY_CONVENTION if every else scope.kinks
        scope = replace(scope, derivative=True, kinks=kinks)
    if scope.kinks is Kinks.EXCLUDED:
        literal = free is not None and any(map(_names_a_convention, free))
        scope = _beside_a_convention(model, scope, (left, right), literal)
    done = tuple(derivatives_done(side, where) for side in (left, right))
    if scope.kinks is Kinks.EXCLUDED and _is_always_at_a_kink((left, right), where):
        remark = "the argument of a gate is always 0, so nothing is said away from kinks"
        return Proof(Status.UNDECIDED, Method.NONE, Scope(where=where), remark=remark)
    if not has_witness(model, done, And(where, defined), assuming, scope, (left, right)):
        remark = "no point was found at which both sides have values and the assumptions hold"
        return Proof(Status.UNDECIDED, Method.NONE, Scope(where=where), remark=remark)
    return replace(proof, scope=scope)


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
    arguments = dict.fromkeys(sorted(_gate_arguments(sides), key=str))
    thin = tuple(a for a in arguments if not (a.has(Add) and _vanishes(model, a)))
    if not literal and len(thin) == len(arguments):
        return scope
    return replace(scope, kinks=Kinks.AS_STATED, nonzero=(*scope.nonzero, *thin))


def _is_always_at_a_kink(sides: tuple[Expr, Expr], where: Basic) -> bool:
    """Whether the argument of a gate is 0 once the derivatives in it are worked out."""
    gates = (ReLU, LeakyReLU, Step, Abs, sign, Heaviside)
    arguments = (gate.args[0] for side in sides for gate in side.atoms(*gates))
    return any(derivatives_done(a, where) == 0 for a in arguments if a.has(Derivative))


def _for_every_convention(
    home: Model, parts: list[Any], assuming: tuple[Equation, ...], proof: Proof
) -> Proof:
    """A proof whose scope says "every Step(0)" only if one with a symbol for it does."""
    left, right, where = parts
    stated = replace(proof, scope=replace(proof.scope, kinks=Kinks.AS_STATED))
    listed = differences_as_written(home, left, right, where, assuming, _FEW_POINTS)
    if next(listed, None) is not None:
        return stated  # a point is found sooner than a proof
    again = _judge(home, left, right, where, assuming)
    if again.proved and again.scope.kinks in (Kinks.NONE, Kinks.EVERY_CONVENTION):
        return proof
    return stated


def _used_at_zero(left: Expr, right: Expr, where: Basic) -> bool:
    """Whether a number may have been put in for Step(0) without leaving a trace.

    At a 0 that a condition or a case gives, or that an argument such as z - W x is once it is
    put together.
    """
    if any(part.has(Eq, Ge, Le) for part in (left, right, where)):
        return True
    gates = {gate for side in (left, right) for gate in side.atoms(ReLU, LeakyReLU, Step)}
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
) -> Proof:
    left, right = contract(left), contract(right)
    try:
        check_indices(model, left, right, where)
    except IllTypedError as error:
        return Proof(Status.UNDECIDED, Method.NONE, Scope(where=where), remark=str(error))
    if concerns(left, right):
        if not isinstance(model, Network):
            remark = "delta functions are judged in stacks of layers only"
            return Proof(Status.UNDECIDED, Method.NONE, Scope(where=where), remark=remark)
        return judge_distributions(model, left, right, where, assuming, _judge)
    try:
        separate = cases(left, right, where)
    except NotRationalError as error:
        return Proof(Status.UNDECIDED, Method.NONE, Scope(where=where), remark=str(error))
    if len(separate) == 1 and separate[0][2] == S.true:
        return _judge_one(model, left, right, S.true, assuming, mentioned)
    proofs: list[Proof] = []
    for a, b, alternative in separate:
        proof = _judge_one(model, a, b, alternative, assuming, mentioned)
        if proof.status is Status.REFUTED:
            return proof  # whatever the other cases are
        if proof.proved or not is_impossible(model, alternative):
            proofs.append(proof)
    if not proofs:
        return Proof(Status.UNDECIDED, Method.NONE, remark="the condition cannot be satisfied")
    if len(proofs) == 1:
        return proofs[0]
    return combined(proofs, And(where, stated(left, right)), Method.REGIONS)


def _judge_one(
    model: Model,
    left: Expr,
    right: Expr,
    where: Basic,
    assuming: tuple[Equation, ...],
    mentioned: tuple[Expr, ...],
) -> Proof:
    """Normal form at each depth of unfolding, then a point, then z3."""
    stated, given = (left, right, *mentioned), dict(definitions(where))
    try:
        done = (derivatives_done(side, where).xreplace(given) for side in (left, right))
        pair = _settled(model, Tuple(*done))
        started = contract(work_out(model, pair))
    except NotRationalError as error:
        return Proof(Status.UNDECIDED, Method.NONE, Scope(where=where), remark=str(error))
    if where == S.true and not assuming:
        proof = _derivative_of_equals(model, left, right)
        if proof is not None:
            return proof
    left, right = started.args
    derivatives = any(isinstance(atom, Partial) for atom in outermost(started))
    if derivatives and where == S.true and not assuming and not _may_be_equal(model, left, right):
        # A normal form grows with all that is unfolded, and cannot show what is false.
        soon = _difference(model, left, right, where, assuming, stated)
        if soon is not None and soon.smooth:
            return Proof(Status.REFUTED, Method.SEARCH, Scope(where=where), soon.point)
    tried: list[str] = []
    proof, form = _by_normal_forms(model, started, where, assuming, tried)
    if proof is not None and not proof.scope.apart:
        return proof
    if proof is None and where == S.true:
        opened = opened_forward(model, started)
        if opened != started:
            proof, _ = _by_normal_forms(model, opened, where, assuming, [])
            if proof is not None and not proof.scope.apart:
                return proof
    products = exponentiated(left, right)
    if proof is None and products is not None:
        proof, _ = _by_normal_forms(model, Tuple(*products), where, assuming, [])
        if proof is not None and not proof.scope.apart:
            return proof
    found = _difference(model, left, right, where, assuming, stated)
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
    return Proof(Status.UNDECIDED, Method.NONE, Scope(where=where), remark="; ".join(tried))


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
    home = model
    if model.defines(left.wrt):
        v = left.wrt.args[:2]
        by = {node.wrt.args[:2] for side in (left.of, right.of) for node in side.atoms(Partial)}
        after = all(one == v or model.depends(one, v) for one in by)
        if not after:
            return None
        home = model.with_given(v)
    proof = _lemma(home, left.of, right.of)
    return proof if proof is not None and proof.scope.kinks is Kinks.NONE else None


def _settled(model: Model, sides: Tuple) -> Tuple:
    """The sides with gates of arguments that are always 0, as sigmoid(x) + sigmoid(-x) - 1."""
    gates = [g for g in sides.atoms(ReLU, LeakyReLU, Step, Abs, sign) if g.args[0].has(Add)]
    zero = {
        gate: gate.func(S.Zero, *gate.args[1:]) for gate in gates if _vanishes(model, gate.args[0])
    }
    return replace_whole(sides, zero)


def _vanishes(model: Model, argument: Expr) -> bool:
    """Whether an argument is proved to be 0 wherever it has a value."""
    pairs = [(argument, S.Zero), exponentiated(argument, S.Zero)]
    for pair in pairs:
        proof = None if pair is None else _lemma(model, *pair)
        if proof is not None and proof.scope.kinks in (Kinks.NONE, Kinks.EVERY_CONVENTION):
            return True
    return False


def _by_normal_forms(
    model: Model,
    form: Tuple,
    where: Basic,
    assuming: tuple[Equation, ...],
    tried: list[str],
) -> tuple[Proof | None, Tuple]:
    """A proof from the normal forms at some depth of unfolding, and the last form of all.

    What was tried in vain is added to `tried`.
    """
    # A condition on z_j speaks of one unit; it is used once units have been named.  Only a second
    # derivative is too long for that: there the other units of a sum keep their letters apart.
    whole, own = form, free_indices(where)
    second = any(isinstance(a, Partial) and isinstance(a.of, Partial) for a in outermost(form))
    soon = where if second or not own else S.true
    form = under(rename_bound(form, own), soon)
    while True:
        if sum(1 for _ in _nodes(form)) > _MOST_NODES:
            tried.append("too large to multiply out")
            return None, form
        named = folded(model, form, partial(_equal, model))
        try:
            if may_meet(model, named):
                a, b = named.args
                proof = _at_sufficient_widths(model, a, b, where, assuming)
            elif where == S.true and not assuming:
                proof = _by_the_difference(model, named)
            else:
                proof = None
            if proof is None and not isinstance(model, Network) and where == S.true:
                proof = _with_one_more(model, named, assuming)
                if proof is None:
                    proof = _with_functions_kept(model, form, assuming)
                if proof is None:
                    proof = _term_by_term(model, named)
        except (NotRationalError, IllTypedError) as error:
            tried.append(str(error))
            return None, form
        if proof is not None:
            told = free_indices(where) and proof.scope.widths == Widths(every=True)
            return (_with_sizes(model, whole, where, proof) if told else proof), form
        unfolded = unfold(model, form)
        if unfolded is None or unfolded == form:
            tried.append("the normal forms differ")
            return None, form
        form = under(rename_bound(work_out(model, unfolded), own), soon)


def _with_sizes(model: Model, form: Tuple, where: Basic, proof: Proof) -> Proof:
    """The proof with the sizes that settle every width, where the condition left no index."""
    found = _sizes(model, *form.args, where)  # pyright: ignore
    return proof if found is None else replace(proof, scope=replace(proof.scope, widths=found[1]))


def _with_one_more(model: Model, form: Tuple, assuming: tuple[Equation, ...]) -> Proof | None:
    """A proof from the form with one quantity unfolded, as the mean of a norm whose root stays.

    In a stack of layers the next layer is the one; elsewhere any may be.
    """
    if not may_meet(model, form):
        return None
    atoms = outermost(form)
    used = frozenset(index_symbols(form))
    quantities = [a for a in atoms if isinstance(a, Quantity) and model.defines(a)]
    for tensor in dict.fromkeys(sorted((a.args[:2] for a in quantities), key=str)):
        own = {a: model.definition(a, used) for a in quantities if a.args[:2] == tensor}
        sides = (deltas_in_front(side) for side in replace_whole(form, own).args)
        left, right = map(contract, sides)
        proof = _at_sufficient_widths(model, left, right, S.true, assuming)
        if proof is not None:
            return proof
    return None


def _with_functions_kept(model: Model, form: Tuple, assuming: tuple[Equation, ...]) -> Proof | None:
    """A proof from a form with roots and functions, and what they are of, left as they stand.

    What a name such as s := sqrt(v + eps) stands for is needed seldom; what n := (x - m)/s and
    the mean m are is needed to see that sums of them vanish.
    """
    if not may_meet(model, form):
        return None
    while True:
        form = by_their_names(model, form)
        used = frozenset(index_symbols(form))
        kept = {q for node in functions_in(form) for q in outermost(node)}
        own: dict[Quantity, Expr] = {}
        for atom in outermost(form):
            if isinstance(atom, Quantity) and model.defines(atom) and atom not in kept:
                formula = model.definition(atom, used)
                if formula is not None and primitive_of(formula) is None:
                    own[atom] = formula
        if not own:
            return None
        last = max(map(model.rank, own))
        chosen = {atom: formula for atom, formula in own.items() if model.rank(atom) == last}
        sides = (contract(deltas_in_front(side)) for side in replace_whole(form, chosen).args)
        form = Tuple(*sides)
        proof = _at_sufficient_widths(model, *form.args, S.true, assuming)  # pyright: ignore
        if proof is not None:
            return proof


def _term_by_term(model: Model, form: Tuple) -> Proof | None:
    """A proof from that of the terms of two sums."""
    terms = terms_of_sums(model, form)
    return _lemma(model, *terms) if terms and _may_be_equal(model, *terms) else None


def _equal(model: Model, left: Expr, right: Expr) -> bool:
    """Whether two arguments are proved to be equal, at every width and at kinks too."""
    proof = _lemma(model, left, right) if _may_be_equal(model, left, right) else None
    if proof is None or not proof.scope.widths.every:
        return False
    return proof.scope.kinks in (Kinks.NONE, Kinks.EVERY_CONVENTION)


def _may_be_equal(model: Model, left: Expr, right: Expr) -> bool:
    """Whether a proof is worth a try: at one point both sides agree, as far as is seen."""
    try:
        return may_be_equal(model, left, right)
    except (IllTypedError, ValueError):
        return False


def _by_the_difference(model: Model, form: Tuple) -> Proof | None:
    """A proof that reduces the equation to A = B, where the sides differ in nothing else."""
    found = only_difference(model, form)
    if found is None:
        return None
    mine, theirs, left = found
    try:
        proof = _at_sufficient_widths(model, left, form.args[1], S.true, ())
    except (NotRationalError, IllTypedError):
        return None  # an index may be left in nothing that says what it counts
    lemma = None if proof is None else _lemma(model, mine, theirs)
    if proof is None or lemma is None:
        return None
    return combined([proof, lemma], S.true, Method.NORMAL_FORM)


@lru_cache(maxsize=1_000)
def _lemma(model: Model, left: Expr, right: Expr) -> Proof | None:
    """A proof of an equation between two atoms, kept: all earlier layers need it too."""
    try:
        form = contract(work_out(model, Tuple(left, right)))
        return _by_normal_forms(model, form, S.true, (), [])[0]
    except (NotRationalError, IllTypedError):
        return None


def _difference(
    model: Model,
    left: Expr,
    right: Expr,
    where: Basic,
    assuming: tuple[Equation, ...],
    stated: tuple[Expr, ...],
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
        return difference(model, left, right, where, assuming, own, stated)
    except (IllTypedError, OutsideClassError, ValueError):
        return None


def _nodes(expression: Basic) -> Iterator[Basic]:
    yield expression
    for argument in expression.args:
        if not isinstance(expression, Quantity):
            yield from _nodes(argument)


def _at_sufficient_widths(
    model: Model,
    left: Expr,
    right: Expr,
    where: Basic,
    assuming: tuple[Equation, ...],
) -> Proof | None:
    """A proof from the normal forms at the sizes that settle every width, or None."""
    if left == right and not left.has(ReLU, LeakyReLU, Step):
        # Also where an index is left in deltas alone, which no longer says what it counts.
        return _as_written(left, where, assuming)
    gated = left.has(*GATES) or right.has(*GATES)
    if isinstance(model, DefinedModel) and not gated and same_sums(left, right):
        # In stacks of layers the sizes that settle every width are few, and are told.
        return _as_written(left + right, where, assuming)
    left, right = _homogeneous(model, left, right, assuming)
    left, right = without_idle_sums(left), without_idle_sums(right)
    if where == S.true:
        left, right = without_bare_deltas(left, right)
    axes = free_axes(model, left, right, where)
    found = _sizes(model, left, right, where)
    if found is None:
        same = with_canonical_bounds(left) == with_canonical_bounds(right)
        plain = same and not left.has(ReLU, LeakyReLU, Step)
        return _as_written(left, where, assuming) if plain else None
    all_sizes, widths = found
    made = _compared(model, (left, right), where, axes, all_sizes, widths.every)
    if made is None and widths.every:
        all_sizes = _with_sizes_put_in(model, left, right, where)
        made = all_sizes and _compared(model, (left, right), where, axes, all_sizes, True, True)
    if not made or not all_sizes:
        return None
    comparisons, bounds = made
    kinks = weakest([_kinks(comparison) for comparison in comparisons])
    apart: tuple[Expr, ...] = ()
    if kinks is Kinks.EXCLUDED:
        apart = _left_out(model, (left, right), where, all_sizes[-1])
    if all(not sizes for sizes in all_sizes):
        nonzero = tuple(dict.fromkeys(n for c in comparisons for n in c.nonzero))
    else:
        nonzero = denominators(left, right)  # with its sums, not those of the sizes compared
    scope = Scope(kinks, widths, where, assuming, nonzero, apart=apart)
    if bounds:
        total = Rational(sum(bounds))
        if total >= _LARGEST_ERROR:
            return None
        return Proof(Status.PROVED, Method.SCHWARTZ_ZIPPEL, scope, error_bound=total)
    return Proof(Status.PROVED, Method.NORMAL_FORM, scope)


def _as_written(side: Expr, where: Basic, assuming: tuple[Equation, ...]) -> Proof:
    """The proof of an equation whose sides are the same, but for letters of their sums."""
    scope = Scope(Kinks.NONE, Widths(every=True), where, assuming, denominators(side))
    return Proof(Status.PROVED, Method.NORMAL_FORM, scope)


def _with_sizes_put_in(
    model: Model, left: Expr, right: Expr, where: Basic
) -> list[dict[Expr, int]] | None:
    """The sizes that settle an equation in which sizes stand, each with its own value put in."""
    try:
        spans = spans_of_sizes(model, left, right)
        if not spans or where.atoms(Symbol) & model.sizes:
            return None
        return sufficient_widths(model, left, right, where=where, spans=spans)
    except OutsideClassError:
        return None


def _compared(
    model: Model,
    sides: tuple[Expr, Expr],
    where: Basic,
    axes: dict[Symbol, Expr],
    all_sizes: list[dict[Expr, int]],
    every: bool,
    put_in: bool = False,
) -> tuple[list[Comparison], list[Rational]] | None:
    """The comparisons of normal forms at some sizes, and bounds; None where one differs."""
    comparisons: list[Comparison] = []
    bounds: list[Rational] = []
    for sizes in all_sizes:
        named = {axis: w for axis in sizes if isinstance(w := model.width(axis), Symbol)}
        values = {w: Integer(sizes[axis]) for axis, w in named.items()} if put_in else {}
        for free in patterns(axes) if every else assignments(axes, sizes):
            here = instantiate(model, where, sizes, free) if free else where
            written = (instantiate(model, side, sizes, free).xreplace(values) for side in sides)
            comparison, bound = normal_form.compare(*(under(side, here) for side in written))
            if not comparison.equal:
                return None
            comparisons.append(comparison)
            bounds += [bound] if bound is not None else []
    return comparisons, bounds


def _left_out(
    model: Model, sides: tuple[Expr, Expr], where: Basic, sizes: dict[Expr, int]
) -> tuple[Expr, ...]:
    """The arguments of gates that may be 0 on a whole region of where an equation is stated."""
    own = {**instance_widths(model), **sizes}
    thin = not where.has(Eq)  # on a curve, what is 0 on no region may be 0 everywhere
    return tuple(
        argument
        for argument in dict.fromkeys(sorted(_gate_arguments(sides), key=str))
        if not (thin and is_thin(model, argument, own))
    )


def _gate_arguments(sides: tuple[Expr, Expr]) -> Iterator[Expr]:
    """What must not be 0 away from kinks, as far as it is written."""
    for side in sides:
        for node in side.atoms(ReLU, LeakyReLU, Step, Abs, sign, Heaviside):
            yield node.args[0]
        for node in side.atoms(Max, Min):
            yield from (a - b for a, b in combinations(node.args, 2))  # pyright: ignore


def _sizes(
    model: Model, left: Expr, right: Expr, where: Basic
) -> tuple[list[dict[Expr, int]], Widths] | None:
    """The sizes to compare at: those that settle every width, or the network's own.

    None where neither can be had: the equation is outside the class, and some width is a
    symbol or too large.
    """
    if not any(has_indices(part) or part.has(Sum) for part in (left, right, where)):
        return [{}], Widths(every=True)
    reason = "units are named by numbers"
    numbered = any(_names_units(part) for part in (left, right, where))
    if not numbered:
        try:
            sizes = sufficient_widths(model, left, right, where=where)
            return sizes, Widths(every=True, tried=sizes_in_order(model, sizes[-1]))
        except OutsideClassError as error:
            reason = str(error)
    own = instance_widths(model)
    if numbered:
        # Sums are written out already, so wider layers than a search can afford will do.
        own |= {n: int(w) for n in own if (w := model.width(n)).is_Integer and w <= MOST_NUMBERED}
    if any(model.width(layer) != size for layer, size in own.items()):
        return None
    return [own], Widths(every=False, tried=sizes_in_order(model, own), reason=reason)


def _names_units(expression: Expr) -> bool:
    """Whether some quantity is named with a number for an index."""
    return any(i.is_Integer for q in expression.atoms(Quantity) for i in q.indices)


def _kinks(comparison: Comparison) -> Kinks:
    """What the comparison says of points where a gate's argument is 0."""
    if comparison.gates == 0:
        return Kinks.AS_STATED if comparison.at_zero else Kinks.NONE
    if comparison.conflict:
        return Kinks.EXCLUDED
    if comparison.identical and not comparison.both_ways and not comparison.at_zero:
        return Kinks.EVERY_CONVENTION
    if comparison.identical:
        return Kinks.AS_STATED
    if comparison.conventions <= {S.Zero, S.One}:
        return Kinks.AS_STATED
    if all(value.is_Symbol for value in comparison.conventions):
        return Kinks.IDEMPOTENT
    return Kinks.EXCLUDED


def _homogeneous(
    model: Model, left: Expr, right: Expr, assuming: tuple[Equation, ...]
) -> tuple[Expr, Expr]:
    """Under sum_j y_j = 1, terms free of y are multiplied by that sum.

    The cost, and with it every derivative of the cost, is linear in y.  An equation of
    degree at most 1 in y holds wherever sum_j y_j = 1 exactly if its homogeneous form
    holds for all y: replace y by y / sum_j y_j.
    """
    total = next((e.lhs for e in assuming if e.rhs == 1), None)  # with or without a sum sign
    if total is None:
        return left, right
    sides: list[Expr] = []
    for side in (left, right):
        linear = {
            node: S.Zero
            for node in side.atoms(Quantity, Partial)
            if (isinstance(node, Quantity) and node.kind == "y")
            or (isinstance(node, Partial) and node.unnested[0] == model.C)
        }
        sides.append(side + contract(replace_whole(side, linear)) * (total - 1))
    return sides[0], sides[1]
