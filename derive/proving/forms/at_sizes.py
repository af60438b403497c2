"""A proof from normal forms at the sizes that settle every width."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

from sympy import (
    Abs,
    And,
    Basic,
    Eq,
    Expr,
    Heaviside,
    Integer,
    Max,
    Min,
    Rational,
    S,
    Sum,
    Symbol,
    Tuple,
    sign,
)

from derive.algebra.functions import LeakyReLU, ReLU, Step
from derive.algebra.indices import contract, with_canonical_bounds, without_idle_sums
from derive.algebra.nodes import nodes_of
from derive.algebra.quantities import Partial, Quantity, replace_whole
from derive.meaning.cases import under
from derive.meaning.derivation import Equation
from derive.model.defined_model import DefinedModel
from derive.model.instances import axis_summed, free_axes, instantiate
from derive.model.model import GATES, Model
from derive.proving.exact import normal_form
from derive.proving.exact.bare_deltas import without_bare_deltas
from derive.proving.exact.denominators import denominators
from derive.proving.exact.joined_axes import with_joined_axes
from derive.proving.exact.normal_form import Comparison
from derive.proving.exact.one_point import differ_at_a_point
from derive.proving.exact.relabelled import same_sums
from derive.proving.exact.widths import (
    OutsideClassError,
    assignments,
    patterns,
    spans_of_sizes,
    sufficient_widths,
)
from derive.proving.points.search import instance_widths
from derive.proving.proof import Kinks, Method, Proof, Scope, Status, Widths, weakest
from derive.proving.smt.z3_proofs import has_indices, sizes_in_order
from derive.proving.vanishing import is_thin

#: Equations between numbered units are compared at the network's own widths up to this one.
MOST_NUMBERED = 12
#: A proof by random points must be wrong with less than this probability.
_LARGEST_ERROR = Rational(1, 2**100)


def at_sufficient_widths(
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
        joined = _in_joined_axes(model, left, right, where, assuming)
        if joined is not None:
            return joined
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


def _in_joined_axes(
    model: Model, left: Expr, right: Expr, where: Basic, assuming: tuple[Equation, ...]
) -> Proof | None:
    """A proof for tensors in which axes that are only counted together are one."""
    if not isinstance(model, DefinedModel) or where != S.true or assuming:
        return None
    joined, sides = with_joined_axes(model, left, right)
    if joined is model:
        return None
    proof = at_sufficient_widths(joined, *sides, where, assuming)
    if proof is None or not proof.scope.widths.every:
        return None
    scope = replace(proof.scope, widths=Widths(every=True), nonzero=denominators(left, right))
    return replace(proof, scope=scope)


def with_sizes(model: Model, form: Tuple, where: Basic, proof: Proof) -> Proof:
    """The proof with the sizes that settle every width, where the condition left no index."""
    found = _sizes(model, *form.args, where)  # pyright: ignore
    return proof if found is None else replace(proof, scope=replace(proof.scope, widths=found[1]))


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
        if not spans or nodes_of(where, Symbol) & model.sizes:
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
            here = _told(model, where, sizes, free) if free else where
            written = (instantiate(model, side, sizes, free).xreplace(values) for side in sides)
            left, right = (under(side, here) for side in written)
            if differ_at_a_point(left, right):
                return None
            comparison, bound = normal_form.compare(left, right)
            if not comparison.equal:
                return None
            comparisons.append(comparison)
            bounds += [bound] if bound is not None else []
    return comparisons, bounds


def _told(model: Model, where: Basic, sizes: dict[Expr, int], free: dict[Symbol, Integer]) -> Basic:
    """The condition at given sizes, as far as it sums over axes that the equation has.

    An equation that is proved without a part of its condition holds under the whole of it.
    """
    return And(
        *(
            instantiate(model, part, sizes, free)
            for part in And.make_args(where)
            if all(
                axis_summed(model, bound, size, node.function) in sizes
                for node in nodes_of(part, Sum)
                for bound, _, size in node.limits
            )
        )
    )


def _left_out(
    model: Model, sides: tuple[Expr, Expr], where: Basic, sizes: dict[Expr, int]
) -> tuple[Expr, ...]:
    """The arguments of gates that may be 0 on a whole region of where an equation is stated."""
    own = {**instance_widths(model), **sizes}
    thin = not where.has(Eq)  # on a curve, what is 0 on no region may be 0 everywhere
    return tuple(
        argument
        for argument in dict.fromkeys(sorted(gate_arguments(sides), key=str))
        if not (thin and is_thin(model, argument, own))
    )


def gate_arguments(sides: tuple[Expr, Expr]) -> Iterator[Expr]:
    """What must not be 0 away from kinks, as far as it is written."""
    for side in sides:
        for node in nodes_of(side, ReLU, LeakyReLU, Step, Abs, sign, Heaviside):
            yield node.args[0]
        for node in nodes_of(side, Max, Min):
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
    return any(i.is_Integer for q in nodes_of(expression, Quantity) for i in q.indices)


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
            for node in nodes_of(side, Quantity) | nodes_of(side, Partial)
            if (isinstance(node, Quantity) and node.kind == "y")
            or (isinstance(node, Partial) and node.unnested[0] == model.C)
        }
        sides.append(side + contract(replace_whole(side, linear)) * (total - 1))
    return sides[0], sides[1]
