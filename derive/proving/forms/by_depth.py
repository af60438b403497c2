"""A proof from the normal forms at some depth of unfolding."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache, partial

from sympy import Basic, Expr, S, Tuple

from derive.algebra.indices import (
    contract,
    deltas_in_front,
    free_indices,
    index_symbols,
    rename_bound,
)
from derive.algebra.primitives import primitive_of
from derive.algebra.quantities import Partial, Quantity, outermost, released, replace_whole
from derive.errors import NotRationalError
from derive.meaning.cases import under
from derive.meaning.composites import work_out
from derive.meaning.derivation import Equation
from derive.meaning.unfolding import may_meet, unfold
from derive.model.instances import IllTypedError
from derive.model.model import Head, Model
from derive.model.network import Network
from derive.proving.combining import combined
from derive.proving.exact.congruence import by_their_names, folded, functions_in
from derive.proving.exact.logarithms import exponentiated
from derive.proving.forms.at_sizes import at_sufficient_widths, with_sizes
from derive.proving.forms.condition_first import conditioned
from derive.proving.forms.single_difference import only_difference
from derive.proving.forms.term_by_term import simpler_sides
from derive.proving.points.witness import may_be_equal
from derive.proving.proof import Kinks, Method, Proof, Widths

#: An unfolded equation of more nodes than this is left alone.
_MOST_NODES = 20_000


def by_normal_forms(
    model: Model,
    form: Tuple,
    where: Basic,
    assuming: tuple[Equation, ...],
    tried: list[str],
    within: frozenset[Head] = frozenset(),
) -> tuple[Proof | None, Tuple]:
    """A proof from the normal forms at some depth of unfolding, and the last form of all.

    What was tried in vain is added to `tried`.  This may be the lemma that the argument of a
    function is one of the tensors `within`; inside of it the same is not asked again.
    """
    # A condition on z_j speaks of one unit; it is used once units have been named.  Only a second
    # derivative is too long for that: there the other units of a sum keep their letters apart.
    whole, own = form, free_indices(where)
    second = any(isinstance(a, Partial) and isinstance(a.of, Partial) for a in outermost(form))
    soon = where if second or not own else S.true
    form = under(rename_bound(form, own), soon)
    proof = _by_the_condition(model, form, where, assuming)
    if proof is not None:
        return proof, form
    while True:
        if sum(1 for _ in _nodes(form)) > _MOST_NODES:
            tried.append("too large to multiply out")
            return None, form
        named = folded(model, form, partial(_equal, model, within))
        try:
            if may_meet(model, named):
                a, b = named.args
                proof = at_sufficient_widths(model, a, b, where, assuming)
            elif where == S.true and not assuming:
                proof = _by_the_difference(model, named)
            else:
                proof = None
            if proof is None and not isinstance(model, Network):
                proof = _without_condition(model, form, named, assuming, within)
                proof = None if proof is None else with_condition(proof, where)
        except (NotRationalError, IllTypedError) as error:
            tried.append(str(error))
            return None, form
        if proof is not None:
            told = free_indices(where) and proof.scope.widths == Widths(every=True)
            return (with_sizes(model, whole, where, proof) if told else proof), form
        unfolded = unfold(model, form)
        if unfolded is None or unfolded == form:
            tried.append("the normal forms differ")
            return None, form
        form = under(rename_bound(work_out(model, unfolded), own), soon)


def _by_the_condition(
    model: Model, form: Tuple, where: Basic, assuming: tuple[Equation, ...]
) -> Proof | None:
    """A proof that sides are the same once a condition is used at the ends of derivatives."""
    if where == S.true or not isinstance(model, Network):
        return None
    try:
        left, right = conditioned(model, form, where).args
    except NotRationalError:
        return None
    if left != right:
        return None
    proof = at_sufficient_widths(model, left, right, where, assuming)
    if proof is None or not free_indices(where):
        return proof
    return with_sizes(model, form, where, proof)


def _without_condition(
    model: Model,
    form: Tuple,
    named: Tuple,
    assuming: tuple[Equation, ...],
    within: frozenset[Head],
) -> Proof | None:
    """A proof that needs no condition: by some of the definitions, or term by term."""
    proof = _with_one_more(model, named, assuming)
    if proof is None:
        proof = _with_functions_kept(model, form, assuming)
    return _without_the_shared(model, named, within) if proof is None else proof


def with_condition(proof: Proof, where: Basic) -> Proof:
    """The proof of what holds without a condition, for an equation that is said under one."""
    return replace(proof, scope=replace(proof.scope, where=where))


def _nodes(expression: Basic) -> Iterator[Basic]:
    yield expression
    for argument in expression.args:
        if not isinstance(expression, Quantity):
            yield from _nodes(argument)


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
        sides = (deltas_in_front(side) for side in released(replace_whole(form, own)).args)
        left, right = map(contract, sides)
        proof = at_sufficient_widths(model, left, right, S.true, assuming)
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
        opened = released(replace_whole(form, chosen))
        form = Tuple(*(contract(deltas_in_front(side)) for side in opened.args))
        proof = at_sufficient_widths(model, *form.args, S.true, assuming)  # pyright: ignore
        if proof is not None:
            return proof


def _without_the_shared(model: Model, form: Tuple, within: frozenset[Head]) -> Proof | None:
    """A proof from what is left of both sides without the factors and the sums that they share."""
    sides = simpler_sides(model, Tuple(*(contract(deltas_in_front(side)) for side in form.args)))
    return lemma_of(model, *sides, within) if sides and agree_at_a_point(model, *sides) else None


def _equal(model: Model, within: frozenset[Head], left: Expr, right: Expr) -> bool:
    """Whether two arguments are proved to be equal, at every width and at kinks too."""
    if isinstance(right, Quantity) and not isinstance(model, Network):  # layers need no guard
        if right.args[:2] in within:
            return False
        within |= {right.args[:2]}
    if not agree_at_a_point(model, left, right):
        return False
    proof = lemma_of(model, left, right, within)
    if proof is None or not proof.scope.widths.every:
        return False
    return proof.scope.kinks in (Kinks.NONE, Kinks.EVERY_CONVENTION)


def agree_at_a_point(model: Model, left: Expr, right: Expr) -> bool:
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
        proof = at_sufficient_widths(model, left, form.args[1], S.true, ())
    except (NotRationalError, IllTypedError):
        return None  # an index may be left in nothing that says what it counts
    lemma = None if proof is None else lemma_of(model, mine, theirs)
    if proof is None or lemma is None:
        return None
    return combined([proof, lemma], S.true, Method.NORMAL_FORM)


@lru_cache(maxsize=1_000)
def lemma_of(
    model: Model, left: Expr, right: Expr, within: frozenset[Head] = frozenset()
) -> Proof | None:
    """A proof of an equation between two atoms, kept: all earlier layers need it too."""
    try:
        form = contract(work_out(model, Tuple(left, right)))
        return by_normal_forms(model, form, S.true, (), [], within)[0]
    except (NotRationalError, IllTypedError):
        return None


def vanishes(model: Model, argument: Expr) -> bool:
    """Whether an argument is proved to be 0 wherever it has a value."""
    pairs = [(argument, S.Zero), exponentiated(argument, S.Zero)]
    for pair in pairs:
        proof = None if pair is None else lemma_of(model, *pair)
        if proof is not None and proof.scope.kinks in (Kinks.NONE, Kinks.EVERY_CONVENTION):
            return True
    return False
