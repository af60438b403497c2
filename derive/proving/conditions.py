"""Conditions under which an equation that is false in general does hold.

Candidates are conjunctions of signs: of the arguments of gates, and of the parameters and
variables.  Sample points discard most of them; what is left is proved to be sufficient,
and has a sample point that satisfies it.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product

from sympy import (
    And,
    Basic,
    Expr,
    Max,
    Min,
    Ne,
    S,
    Symbol,
    Tuple,
)

from derive.algebra.functions import LeakyReLU, ReLU, Step
from derive.algebra.quantities import Partial, Quantity
from derive.meaning.cases import KINKED
from derive.meaning.composites import work_out
from derive.meaning.unfolding import unfold
from derive.meaning.valuation import Valuation
from derive.model.instances import IllTypedError, free_axes
from derive.model.model import Model
from derive.proving.judge import judge
from derive.proving.points.closed_values import enclosure
from derive.proving.points.search import differ, holds, instance_widths, points, side_values
from derive.proving.proof import Kinks

#: Conjunctions of at most so many signs are tried, and so many candidates proved.
_MOST_SIGNS = 3
_MOST_PROOFS = 12
_MOST_QUANTITIES = 7
#: With more kinks than these no condition is looked for: their signs combine to too many.
_MOST_KINKS = 2 * _MOST_QUANTITIES


def sufficient_condition(
    model: Model, left: Expr, right: Expr, where: Basic = S.true
) -> Basic | None:
    """The weakest simple condition that was found and proved sufficient, or None."""
    if _kinks(left, right) > _MOST_KINKS:
        return None
    try:
        if free_axes(model, left, right):
            return None
    except IllTypedError:
        return None
    gates, candidates = _candidates(model, left, right)
    if not candidates:
        return None
    samples = list(_samples(model, left, right, where))
    plain = [c for c in candidates if not c.has(ReLU, LeakyReLU, Step)]
    proofs = 0
    for pool in (plain, candidates):
        for size in range(1, _MOST_SIGNS + 1):
            for condition in _promising(pool, samples, size):
                proofs += 1
                if proofs > _MOST_PROOFS:
                    return None
                holds = _sufficient(model, (left, right), where, condition, gates)
                if holds is not None:
                    return holds
    return None


def _kinks(*sides: Expr) -> int:
    """How many comparisons are made in sides: a maximum of n arguments makes n - 1."""
    nodes = Tuple(*sides).atoms(*KINKED)
    return sum(len(node.args) - 1 if isinstance(node, Max | Min) else 1 for node in nodes)


def _sufficient(
    model: Model, sides: tuple[Expr, Expr], where: Basic, condition: Basic, gates: list[Expr]
) -> Basic | None:
    """The condition if it is proved to suffice, with gates off their kinks if it needs that."""
    proof = judge(model, *sides, And(where, condition))
    if not proof.proved or proof.scope.kinks is not Kinks.EXCLUDED:
        return condition if proof.proved else None
    signed = {part.lhs for part in And.make_args(condition)}
    off = And(condition, *(Ne(gate, 0) for gate in gates if gate not in signed))
    proof = judge(model, *sides, And(where, off))
    return off if proof.proved and proof.scope.kinks is not Kinks.EXCLUDED else None


#: A point, and the value of both sides there where they agree, else None.
Sample = tuple[Valuation, dict[Expr, Expr], Expr | None]


def _samples(model: Model, left: Expr, right: Expr, where: Basic) -> Iterator[Sample]:
    """Points where the assumptions hold and both sides have values."""
    sizes = instance_widths(model)
    shape = Valuation(model, sizes, {})
    for values, at in points(model, sizes, (left, right, where)):
        valuation = shape.at(values)
        if not holds(valuation, where, at):
            continue
        sides = side_values(valuation, (left, right), at)
        if sides is not None:
            yield valuation, at, None if differ(*sides) else sides[0]


def _promising(candidates: list[Expr], samples: list[Sample], size: int) -> list[Basic]:
    """Conjunctions of signs that no sample contradicts, those that cover most samples first.

    Some sample must satisfy them, and not only with both sides 0: that the equation holds
    where it says nothing is no help.
    """
    signs = [[_sign(valuation(c).xreplace(at)) for c in candidates] for valuation, at, _ in samples]
    found: list[tuple[int, int, Basic]] = []
    for chosen in combinations(range(len(candidates)), size):
        for wanted in product((1, -1), repeat=size):
            inside = [
                value
                for row, (_, _, value) in zip(signs, samples, strict=True)
                if all(row[c] == s for c, s in zip(chosen, wanted, strict=True))
            ]
            if None in inside or all(value == 0 for value in inside):
                continue
            parts = [
                candidates[c] > 0 if s > 0 else candidates[c] < 0
                for c, s in zip(chosen, wanted, strict=True)
            ]
            found.append((-len(inside), sum(chosen), And(*parts)))
    return [condition for _, _, condition in sorted(found, key=lambda item: item[:2])]


def _candidates(model: Model, left: Expr, right: Expr) -> tuple[list[Expr], list[Expr]]:
    """Arguments of gates; and these, pre-activations, and the variables themselves.

    Empty where nothing has a kink: both sides are then analytic, and what is false somewhere
    is true on no region.
    """
    found: dict[Expr, None] = {}
    form = work_out(model, Tuple(left, right))
    for _ in range(2 * len(model.defined) + 8):
        for node in sorted(form.atoms(ReLU, LeakyReLU, Step), key=str):
            found[node.args[0]] = None
        following = unfold(model, form)
        if len(found) > _MOST_KINKS:
            return [], []
        if following is None or len(found) >= _MOST_QUANTITIES:
            break
        form = work_out(model, following)
    if not found and not Tuple(left, right).has(*KINKED):
        return [], []
    gates = list(found)
    variables = form.atoms(Quantity) | {
        s for side in (left, right) for s in side.free_symbols if isinstance(s, Symbol)
    }
    conventions = {node.args[-1] for node in form.atoms(ReLU, LeakyReLU, Step)}
    plain = sorted(
        (
            v
            for v in variables
            if not isinstance(v, Partial) and v not in conventions and "^(" not in str(v)
        ),
        key=str,
    )
    for variable in plain:
        if len(found) < 2 * _MOST_QUANTITIES:
            found[variable] = None
    return gates, list(found)


def _sign(value: Expr) -> int:
    """1 or -1, or 0 where it is 0 or has no value."""
    interval = enclosure(value)
    if interval is None:
        return 0
    return 1 if interval.a > 0 else -1 if interval.b < 0 else 0
