"""The judge: is an equation between quantities and derivatives of a network true?

It takes the definitions of the network one layer at a time (`unfolding`), asks for the
sizes that settle every width (`widths`), and compares normal forms there
(`normal_form`); what is not equal it tries to refute by an exact point (`search`).  It
never imports the rules that the derivation was made with.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from sympy import (
    And,
    Basic,
    Derivative,
    Expr,
    Integer,
    Rational,
    S,
    Sum,
    Tuple,
)

from derive.arguments import condition, exactly, instance_of
from derive.derivation import Equation
from derive.functions import LeakyReLU, ReLU, Step
from derive.indices import contract, free_indices
from derive.instances import IllTypedError, check_indices, free_axes, instantiate
from derive.network import Network
from derive.proving import normal_form
from derive.proving.cases import away_from_kinks, cases, stated, under
from derive.proving.composites import work_out
from derive.proving.denominators import denominators
from derive.proving.distributions import concerns, judge_distributions
from derive.proving.fractions import NotRationalError
from derive.proving.function_derivatives import derivatives_done
from derive.proving.logarithms import exponentiated
from derive.proving.normal_form import Comparison
from derive.proving.proof import Kinks, Method, Proof, Scope, Status, Widths, weakest
from derive.proving.search import Difference, difference, instance_widths
from derive.proving.single_difference import only_difference
from derive.proving.unfolding import may_meet, unfold
from derive.proving.widths import OutsideClassError, assignments, patterns, sufficient_widths
from derive.proving.z3_proofs import by_smt, has_indices, sizes_in_order
from derive.quantities import Partial, Quantity, replace_whole

#: An unfolded equation of more nodes than this is left alone.
_MOST_NODES = 20_000
#: Equations between numbered units are compared at the network's own widths up to this one.
MOST_NUMBERED = 12
#: A proof by random points must be wrong with less than this probability.
_LARGEST_ERROR = Rational(1, 2**100)


def judge(
    network: Network,
    left: Expr,
    right: Expr,
    where: Basic = S.true,
    assuming: tuple[Equation, ...] = (),
) -> Proof:
    """Prove or refute left = right, under a condition and assumptions if there are any.

    A derivative that is spelled out, as of ReLU(x) by x, does not exist at a kink: what that
    leaves undecided is answered for all other values.
    """
    instance_of(Network, network, "network")
    left, right = (exactly(s, "a side of an equation", network) for s in (left, right))
    where = condition(where, "where", network)
    proof = _judge(network, left, right, where, assuming)
    if proof.status is not Status.UNDECIDED or not (left.has(Derivative) or right.has(Derivative)):
        return proof
    smooth = away_from_kinks(left, right)
    if smooth == S.true:
        return proof
    again = _judge(network, left, right, And(where, smooth), assuming)
    if again.status is Status.UNDECIDED:
        return proof
    return replace(again, scope=replace(again.scope, kinks=Kinks.EXCLUDED, where=where))


def _judge(
    network: Network, left: Expr, right: Expr, where: Basic, assuming: tuple[Equation, ...]
) -> Proof:
    left, right = contract(left), contract(right)
    try:
        check_indices(network, left, right, where)
    except IllTypedError as error:
        return Proof(Status.UNDECIDED, Method.NONE, Scope(where=where), remark=str(error))
    if concerns(left, right):
        return judge_distributions(network, left, right, where, assuming, judge)
    try:
        separate = cases(left, right, where)
    except NotRationalError as error:
        return Proof(Status.UNDECIDED, Method.NONE, Scope(where=where), remark=str(error))
    if len(separate) == 1 and separate[0][2] == S.true:
        return _judge_one(network, left, right, S.true, assuming)
    proofs = [_judge_one(network, a, b, condition, assuming) for a, b, condition in separate]
    if not proofs:
        return Proof(Status.UNDECIDED, Method.NONE, remark="the condition cannot be satisfied")
    if len(proofs) == 1:
        return proofs[0]
    return _combined(proofs, And(where, stated(left, right)), Method.REGIONS)


def _combined(proofs: list[Proof], where: Basic, method: Method) -> Proof:
    """One answer for all parts: proved only if each is, and wrong only if one is."""
    for status in (Status.REFUTED, Status.UNDECIDED):
        for proof in proofs:
            if proof.status is status:
                return proof
    widths = [proof.scope.widths for proof in proofs]
    every = all(w.every for w in widths)
    worst = next((w for w in widths if not w.every), widths[0])
    scope = replace(
        proofs[0].scope,
        where=where,
        kinks=weakest([proof.scope.kinks for proof in proofs]),
        widths=replace(worst, every=every),
        nonzero=tuple(dict.fromkeys(n for proof in proofs for n in proof.scope.nonzero)),
    )
    bounds = [proof.error_bound for proof in proofs if proof.error_bound is not None]
    if not bounds:
        return Proof(Status.PROVED, method, scope)
    return Proof(Status.PROVED, Method.SCHWARTZ_ZIPPEL, scope, error_bound=Rational(sum(bounds)))


def _judge_one(
    network: Network,
    left: Expr,
    right: Expr,
    where: Basic,
    assuming: tuple[Equation, ...],
) -> Proof:
    """Normal form at each depth of unfolding, then a point, then z3."""
    try:
        pair = Tuple(*(derivatives_done(side, where) for side in (left, right)))
    except NotRationalError as error:
        return Proof(Status.UNDECIDED, Method.NONE, remark=str(error))
    tried: list[str] = []
    try:
        started = contract(work_out(network, pair))
    except NotRationalError as error:
        return Proof(Status.UNDECIDED, Method.NONE, Scope(where=where), remark=str(error))
    proof, form = _by_normal_forms(network, started, where, assuming, tried)
    if proof is not None:
        return proof
    left, right = started.args
    products = exponentiated(left, right)
    if products is not None:
        proof, _ = _by_normal_forms(network, Tuple(*products), where, assuming, [])
        if proof is not None:
            return proof
    found = _difference(network, left, right, where, assuming)
    if found is not None and found.generic:
        return Proof(Status.REFUTED, Method.SEARCH, Scope(where=where), found.point)
    proof = by_smt(network, (left, right), form, where, assuming, tried)
    if proof is not None:
        return proof if found is None else replace(proof, counterexample=found.point)
    if found is not None:
        return Proof(Status.REFUTED, Method.SEARCH, Scope(where=where), found.point)
    return Proof(Status.UNDECIDED, Method.NONE, Scope(where=where), remark="; ".join(tried))


def _by_normal_forms(
    network: Network,
    form: Tuple,
    where: Basic,
    assuming: tuple[Equation, ...],
    tried: list[str],
) -> tuple[Proof | None, Tuple]:
    """A proof from the normal forms at some depth of unfolding, and the last form of all.

    What was tried in vain is added to `tried`.
    """
    # A condition on z_j speaks of one unit; it is used once units have been named.
    plain = where if not free_indices(where) else S.true
    form = under(form, plain)
    while True:
        if sum(1 for _ in _nodes(form)) > _MOST_NODES:
            tried.append("too large to multiply out")
            return None, form
        try:
            if may_meet(network, form):
                proof = _at_sufficient_widths(network, form.args[0], form.args[1], where, assuming)
            elif where == S.true and not assuming:
                proof = _by_the_difference(network, form)
            else:
                proof = None
        except (NotRationalError, IllTypedError) as error:
            tried.append(str(error))
            return None, form
        if proof is not None:
            return proof, form
        unfolded = unfold(network, form)
        if unfolded is None or unfolded == form:
            tried.append("the normal forms differ")
            return None, form
        form = under(work_out(network, unfolded), plain)


def _by_the_difference(network: Network, form: Tuple) -> Proof | None:
    """A proof that reduces the equation to A = B, where the sides differ in nothing else."""
    found = only_difference(network, form)
    if found is None:
        return None
    mine, theirs, left = found
    try:
        proof = _at_sufficient_widths(network, left, form.args[1], S.true, ())
    except (NotRationalError, IllTypedError):
        return None  # an index may be left in nothing that says what it counts
    lemma = None if proof is None else _lemma(network, mine, theirs)
    if proof is None or lemma is None:
        return None
    return _combined([proof, lemma], S.true, Method.NORMAL_FORM)


@lru_cache(maxsize=1_000)
def _lemma(network: Network, left: Expr, right: Expr) -> Proof | None:
    """A proof of an equation between two atoms, kept: all earlier layers need it too."""
    try:
        form = contract(work_out(network, Tuple(left, right)))
        return _by_normal_forms(network, form, S.true, (), [])[0]
    except (NotRationalError, IllTypedError):
        return None


def _difference(
    network: Network,
    left: Expr,
    right: Expr,
    where: Basic,
    assuming: tuple[Equation, ...],
) -> Difference | None:
    """A point of difference, at sizes that say something of the network's own."""
    try:
        own = instance_widths(network)
        widths = {layer: network.width(layer) for layer in own}
        if any(isinstance(w, Integer) and w != own[layer] for layer, w in widths.items()):
            # Layers too wide to be written out: what is false at the sufficient sizes is
            # false at every larger one.
            (sizes,) = sufficient_widths(network, left, right, where=where)
            own |= {layer: max(size, 2) for layer, size in sizes.items()}
        return difference(network, left, right, where, assuming, own)
    except (IllTypedError, OutsideClassError, ValueError):
        return None


def _nodes(expression: Basic) -> Iterator[Basic]:
    yield expression
    for argument in expression.args:
        if not isinstance(expression, Quantity):
            yield from _nodes(argument)


def _at_sufficient_widths(
    network: Network,
    left: Expr,
    right: Expr,
    where: Basic,
    assuming: tuple[Equation, ...],
) -> Proof | None:
    """A proof from the normal forms at the sizes that settle every width, or None."""
    if left == right and not left.has(ReLU, LeakyReLU, Step):
        # Also where an index is left in deltas alone, which no longer says what it counts.
        return Proof(
            Status.PROVED,
            Method.NORMAL_FORM,
            Scope(Kinks.NONE, Widths(every=True), where, assuming, denominators(left)),
        )
    left, right = _homogeneous(network, left, right, assuming)
    axes = free_axes(network, left, right, where)
    found = _sizes(network, left, right, where)
    if found is None:
        return None
    all_sizes, widths = found
    comparisons: list[Comparison] = []
    bounds: list[Rational] = []
    for sizes in all_sizes:
        for free in patterns(axes) if widths.every else assignments(axes, sizes):
            here = instantiate(network, where, sizes, free) if free else where
            sides = (under(instantiate(network, s, sizes, free), here) for s in (left, right))
            comparison, bound = normal_form.compare(*sides)
            if not comparison.equal:
                return None
            comparisons.append(comparison)
            bounds += [bound] if bound is not None else []
    kinks = weakest([_kinks(comparison) for comparison in comparisons])
    if kinks is Kinks.EXCLUDED and any(comparison.nested for comparison in comparisons):
        # An inner unit that is off puts the outer gate at 0 on a whole region, not only
        # on its boundary: that is for z3 to look at.
        return None
    nonzero = tuple(dict.fromkeys(n for c in comparisons for n in c.nonzero))
    scope = Scope(kinks, widths, where, assuming, nonzero)
    if bounds:
        total = Rational(sum(bounds))
        if total >= _LARGEST_ERROR:
            return None
        return Proof(Status.PROVED, Method.SCHWARTZ_ZIPPEL, scope, error_bound=total)
    return Proof(Status.PROVED, Method.NORMAL_FORM, scope)


def _sizes(
    network: Network, left: Expr, right: Expr, where: Basic
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
            sizes = sufficient_widths(network, left, right, where=where)
            return sizes, Widths(every=True, tried=sizes_in_order(network, sizes[-1]))
        except OutsideClassError as error:
            reason = str(error)
    own = instance_widths(network)
    if numbered:
        # Sums are written out already, so wider layers than a search can afford will do.
        own |= {n: int(w) for n in own if (w := network.width(n)).is_Integer and w <= MOST_NUMBERED}
    if any(network.width(layer) != size for layer, size in own.items()):
        return None
    return [own], Widths(every=False, tried=sizes_in_order(network, own), reason=reason)


def _names_units(expression: Expr) -> bool:
    """Whether some quantity is named with a number for an index."""
    return any(i.is_Integer for q in expression.atoms(Quantity) for i in q.indices)


def _kinks(comparison: Comparison) -> Kinks:
    """What the comparison says of points where a gate's argument is 0."""
    if comparison.gates == 0:
        return Kinks.NONE
    if comparison.conflict:
        return Kinks.EXCLUDED
    if comparison.identical and not comparison.both_ways:
        return Kinks.EVERY_CONVENTION
    if comparison.identical:
        return Kinks.AS_STATED
    if comparison.conventions <= {S.Zero, S.One}:
        return Kinks.AS_STATED
    if all(value.is_Symbol for value in comparison.conventions):
        return Kinks.IDEMPOTENT
    return Kinks.EXCLUDED


def _homogeneous(
    network: Network, left: Expr, right: Expr, assuming: tuple[Equation, ...]
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
            or (isinstance(node, Partial) and node.unnested[0] == network.C)
        }
        sides.append(side + contract(replace_whole(side, linear)) * (total - 1))
    return sides[0], sides[1]
