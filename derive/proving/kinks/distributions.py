"""Equations with a Dirac delta, and with one-sided limits.

Theorem.  Let f be continuously differentiable in one real variable v on both sides of v_0,
with one-sided limits of f and f' there.  As a distribution near v_0,

    f' = (the derivative off v_0) + [f] delta(v - v_0),   [f] = f(v_0+) - f(v_0-).

(Integrate f against -psi' on both sides of v_0 by parts; the boundary terms are [f] psi(v_0).)
A coefficient of delta that is continuous at v_0 counts there only (one that jumps there has no
meaning), and delta(a g) = delta(g)/|a| for a != 0.

Here v is a pre-activation z, or a parameter from which z is computed, z = g v + ..., and f
jumps where z = 0.  If g != 0, then [f] delta(v - v_0) = J g delta(z) with J the jump of f as
z passes 0 upwards.  So d/dv f = R + sum_k c_k delta(a_k) with a_k = z/m_k is proved by
1. R = df/dv off the kink, which is left to the ordinary judge, and
2. sum_k c_k |m_k| = J g at z = 0, J from both one-sided limits (`one_sided`), with both
   limits of c_k, which are thereby seen to be the same.
f must be an ordinary function, so at most a first derivative: those of second order have
deltas themselves.  It is a statement about the neighbourhood of z = 0 in which no other
pre-activation is 0; the values at z = 0 itself make no difference to a distribution.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from sympy import (
    Abs,
    Add,
    And,
    Basic,
    Derivative,
    DiracDelta,
    Dummy,
    Eq,
    Expr,
    Heaviside,
    Ne,
    Piecewise,
    S,
    StrictGreaterThan,
    StrictLessThan,
    Symbol,
    cancel,
    sign,
)

from derive.algebra.functions import Step
from derive.algebra.indices import contract
from derive.algebra.limits import SIDES
from derive.algebra.quantities import PARAMETERS, Partial, Quantity
from derive.errors import NotRationalError
from derive.meaning.composites import in_given_terms, work_out
from derive.meaning.derivation import Equation
from derive.model.network import Network
from derive.proving.kinks.delta_terms import divides_by, is_a_factor, parts
from derive.proving.kinks.one_sided import (
    NoLimitError,
    generic,
    held_fixed,
    limit_value,
    with_limits,
)
from derive.proving.kinks.plain_limits import JUMPING, is_linear, side_limit, zero_of
from derive.proving.proof import Kinks, Method, Proof, Scope, Status, Widths, undecided

Judge = Callable[[Network, Expr, Expr, Basic, tuple[Equation, ...]], Proof]


@dataclass(frozen=True)
class _Ordinary:
    """The judge of equations between functions, for one network and under one condition."""

    network: Network
    judge: Judge
    where: Basic
    assuming: tuple[Equation, ...]

    def __call__(self, left: Expr, right: Expr, *also: Basic) -> Proof:
        return self.judge(self.network, left, right, And(self.where, *also), self.assuming)


def concerns(*sides: Basic) -> bool:
    """Whether an equation is about distributions or one-sided limits."""
    return any(side.has(DiracDelta, *SIDES) for side in sides)


def support_left_out(defined: Basic, *sides: Basic) -> bool:
    """Whether an equation was written without a value where some delta in it is not 0."""
    deltas = {delta.args[0] for side in sides for delta in side.atoms(DiracDelta)}
    return any(
        defined.subs(symbol, zero_of(argument, symbol)) == S.false
        for argument in deltas
        for symbol in argument.free_symbols
        if isinstance(symbol, Symbol) and is_linear(argument, symbol)
    )


def judge_distributions(
    network: Network,
    left: Expr,
    right: Expr,
    where: Basic,
    assuming: tuple[Equation, ...],
    judge: Judge,
) -> Proof:
    """Prove or refute an equation with deltas or limits; `judge` is that of functions."""
    ordinary = _Ordinary(network, judge, where, assuming)
    try:
        if not left.has(DiracDelta) and not right.has(DiracDelta):
            return _limits(ordinary, left, right)
        return _deltas(ordinary, left, right)
    except NotRationalError as error:
        return undecided(str(error), where)


# -- limits --------------------------------------------------------------------------------


def _limits(ordinary: _Ordinary, left: Expr, right: Expr) -> Proof:
    """An equation between one-sided limits, which are taken at z = 0, and what is known there.

    What is no limit is held fixed while z moves, or else the condition says that z = 0.
    """
    points = {node.args[1] for side in (left, right) for node in side.atoms(*SIDES)}
    if len(points) != 1:
        raise NoLimitError("limits at two places are not compared")
    (z,) = points
    network = ordinary.network
    sides = [with_limits(network, side) for side in (left, right)]
    stated = Eq(z, 0) in And.make_args(ordinary.where)
    if not stated and not all(_stays(network, side, _quantity(z)) for side in (left, right)):
        raise NoLimitError(f"a limit at {z} = 0 is compared with what changes with {z}")
    proof = ordinary(sides[0], sides[1], Eq(z, 0), *generic(network, _quantity(z)))
    return _finished(ordinary, [proof], ())


def _stays(network: Network, side: Expr, z: Quantity) -> bool:
    """Whether what stands outside of limits is held fixed while z moves."""
    unknown = {node: Dummy() for node in side.atoms(*SIDES)}
    return held_fixed(network, side.xreplace(unknown), z)


def _quantity(node: Basic) -> Quantity:
    if not isinstance(node, Quantity):
        raise NoLimitError(f"{node} is not a pre-activation")
    return node


# -- deltas --------------------------------------------------------------------------------


def _deltas(ordinary: _Ordinary, left: Expr, right: Expr) -> Proof:
    """d/dv f = R + sum c delta(a), or two sums of functions and deltas."""
    for part in And.make_args(ordinary.where):
        if part != S.true and not isinstance(part, Ne | StrictGreaterThan | StrictLessThan):
            raise NoLimitError(f"a delta is nothing at single points such as {part}")
    if isinstance(left, Partial | Derivative):
        regular, singular = parts(right)
        if isinstance(left, Derivative):
            return _of_a_function(ordinary, left, regular, singular)
        return _of_a_quantity(ordinary, left, regular, singular)
    first, second = parts(left), parts(right)
    if any(part.has(Partial, Derivative) for part in first[1] | second[1]):
        raise NoLimitError("a derivative inside a delta is not worked out")
    return _of_two_sums(ordinary, first, second)


def _of_a_function(
    ordinary: _Ordinary, left: Derivative, regular: Expr, singular: dict[Expr, Expr]
) -> Proof:
    """d/dv F(v) = R + sum c delta(a) for a function of one plain variable.

    All deltas, and all gates of F and of the coefficients, have arguments m v + b.  At each
    place where one of them is 0 the jump of F must be the sum of c/|m|.
    """
    if len(left.variables) != 1 or left.has(Quantity, Partial):
        raise NoLimitError("only first derivatives of functions are worked out")
    (v,) = left.variables
    parts_of_it = (left.expr, *singular.values())
    gates = {gate.args[0] for part in parts_of_it for gate in part.atoms(*JUMPING)}
    places = {argument: zero_of(argument, v) for argument in (*singular, *gates)}
    distinct = list(dict.fromkeys(places.values()))
    if len(distinct) > 1 and not all(place.is_Rational for place in distinct):
        raise NoLimitError("kinks at places that may be one are not told apart")
    checks = [ordinary(left, regular, *(Ne(v, place) for place in distinct))]
    for place in distinct:
        jump = side_limit(left.expr, v, place, 1) - side_limit(left.expr, v, place, -1)
        total: Expr = S.Zero
        for argument, coefficient in singular.items():
            if places[argument] != place:
                continue
            above, below = (side_limit(coefficient, v, place, side) for side in (1, -1))
            if not ordinary(above, below).proved:
                raise NoLimitError(f"{coefficient} jumps where the delta is, so it has no meaning")
            total += above / Abs(argument.coeff(v))
        checks.append(ordinary(jump, total, Eq(v, place)))
    return _finished(ordinary, checks, ())


def _of_a_quantity(
    ordinary: _Ordinary, left: Partial, regular: Expr, singular: dict[Expr, Expr]
) -> Proof:
    """d/dv f = R + sum c delta(a) where z, which is v or is computed from v, passes 0."""
    network, v = ordinary.network, left.wrt
    z, speed = _kink(network, v)
    if len(left.unnested[1]) > 2:
        raise NoLimitError("derivatives of deltas are not worked out")
    checks = [_off_the_kink(ordinary, left, regular, z)]
    multiples = {a: _multiple(ordinary, a, v, z, speed) for a in singular}
    jump = limit_value(network, left.of, z, 1) - limit_value(network, left.of, z, -1)
    for side in (1, -1):
        total = Add(
            *(
                limit_value(network, with_limits(network, coefficient), z, side) * multiples[a]
                for a, coefficient in singular.items()
            )
        )
        checks.append(ordinary(jump * speed, total, Eq(z, 0), *generic(network, z)))
    return _finished(ordinary, checks, (speed,))


def _off_the_kink(ordinary: _Ordinary, left: Expr, right: Expr, kink: Expr) -> Proof:
    """Whether two functions agree where the kink is not."""
    anywhere = ordinary(left, right)
    return anywhere if anywhere.proved else ordinary(left, right, Ne(kink, 0))


def _multiple(ordinary: _Ordinary, argument: Expr, v: Quantity, z: Quantity, speed: Expr) -> Expr:
    """|m| where delta(argument) = delta(z/m)."""
    if argument == z:
        return S.One
    own = _local(ordinary.network, argument, v)
    if not ordinary(argument * speed, z * own).proved:
        raise NoLimitError(f"{argument} is not seen to be a multiple of {z}")
    return Abs(cancel(speed / own))


def _kink(network: Network, v: Quantity) -> tuple[Quantity, Expr]:
    """The pre-activation that is v or is computed from v, and how fast it moves with v."""
    if v.kind == "z":
        return v, S.One
    if v.kind not in PARAMETERS:
        raise NoLimitError(f"no one kink is known where {v} moves")
    z = network.quantity("z", network.into(v), v.indices[-1] if v.indices else S.One)
    definition = network.definition(z)
    assert definition is not None
    return z, _local(network, definition, v)


def _local(network: Network, formula: Expr, v: Quantity) -> Expr:
    """d(formula)/dv where only what is named v in the formula moves."""
    if formula == v:
        return S.One
    slope: Any = contract(work_out(network, Partial(formula, v)))
    if slope.has(Partial) or slope == 0:
        raise NoLimitError(f"{formula} is not seen to move with {v}")
    return slope


def _of_two_sums(
    ordinary: _Ordinary,
    first: tuple[Expr, dict[Expr, Expr]],
    second: tuple[Expr, dict[Expr, Expr]],
) -> Proof:
    """R + sum c delta(a) = R' + sum c' delta(a'), all a being multiples of one."""
    network = ordinary.network
    arguments = list(dict.fromkeys((*first[1], *second[1])))
    given: dict[Expr, Any] = {a: in_given_terms(network, a) for a in arguments}
    base, *_ = arguments
    checks = [_off_the_kink(ordinary, first[0], second[0], base)]
    totals: list[Expr] = []
    factors: list[Expr] = []
    for _, singular in (first, second):
        total: Expr = S.Zero
        for argument, coefficient in singular.items():
            if coefficient.has(Step, Heaviside, Piecewise, sign):
                raise NoLimitError(f"{coefficient} may jump where the delta is")
            factor = cancel(given[argument] / given[base])
            if not is_a_factor(factor, given[base]):
                raise NoLimitError(f"{argument} is not seen to be a multiple of {base}")
            total += coefficient / Abs(factor)
            factors.append(factor)
        if divides_by(total, given[base]):
            raise NoLimitError(f"{total} may be infinite where the delta is")
        totals.append(total)
    checks.append(ordinary(totals[0], totals[1], Eq(base, 0)))
    return _finished(ordinary, checks, factors)


# -- one answer ----------------------------------------------------------------------------


def _finished(ordinary: _Ordinary, checks: list[Proof], factors: Any) -> Proof:
    """Proved if every part is; the first part that is refuted or undecided otherwise."""
    for status in (Status.REFUTED, Status.UNDECIDED):
        for proof in checks:
            if proof.status is status:
                return replace(proof, scope=replace(proof.scope, where=ordinary.where))
    scopes = [proof.scope for proof in checks]
    wide = [scope.widths for scope in scopes]
    widths = next((w for w in wide if not w.every), Widths(True, max(w.tried for w in wide)))
    asked = And.make_args(ordinary.where)
    bounds = [proof.error_bound for proof in checks if proof.error_bound is not None]
    nonzero = [n for scope in scopes for n in scope.nonzero]
    nonzero += [
        base
        for factor in factors
        for base in factor.as_powers_dict()
        if not base.is_number and Ne(base, 0) not in asked
    ]
    scope = Scope(
        Kinks.ISOLATED,
        widths,
        ordinary.where,
        ordinary.assuming,
        tuple(dict.fromkeys(n for n in nonzero if Ne(n, 0) not in asked)),
    )
    total: Any = sum(bounds) if bounds else None
    return Proof(Status.PROVED, Method.ONE_SIDED, scope, error_bound=total)
