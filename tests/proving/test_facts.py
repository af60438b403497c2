"""What z3 is told of functions is true: each fact at random arguments, to 60 digits."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import mpmath
import pytest
from sympy import (
    And,
    Equivalent,
    Expr,
    Implies,
    Or,
    Pow,
    Rational,
    Symbol,
    cos,
    erf,
    exp,
    log,
    pi,
    sin,
)
from sympy.core.relational import Relational

from derive.algebra.functions import softplus
from derive.algebra.primitives import BOUNDS_OF_PI, PRIMITIVES

a, b, v = (Symbol(name, real=True) for name in "abv")
VALUES = {
    exp: mpmath.exp,
    log: mpmath.log,
    Pow: mpmath.sqrt,
    erf: mpmath.erf,
    sin: mpmath.sin,
    cos: mpmath.cos,
    softplus: lambda x: mpmath.log(1 + mpmath.exp(x)),
}
SIGNS = {">": (1,), "<": (-1,), ">=": (0, 1), "<=": (-1, 0), "==": (0,)}
TOLD = [row for row in PRIMITIVES if row.facts]
FACTS = [(row, fact) for row in TOLD for fact in row.facts]


def arguments(row, seed: int) -> list[Rational]:
    """Random arguments, among them some near 0 and 1, where bounds are tight."""
    source = Random(seed)
    found = [Rational(source.randint(-4000, 4000), 97) for _ in range(200)]
    found += [
        Rational(source.randint(-99, 99), 10**6) + shift for shift in (0, 1) for _ in range(9)
    ]
    found += [Rational(0), Rational(1)]
    if row.function is erf:  # beyond that 60 digits do not tell it from 1
        found = [x for x in found if abs(x) < 10]
    return [x for x in found if row.domain is None or bool(row.domain(x, 0))]


def number(expression: Expr, at: dict[Symbol, mpmath.mpf]) -> mpmath.mpf:
    if expression.is_Symbol:
        return at[expression]
    if expression.is_Rational:
        return mpmath.mpf(int(expression.p)) / int(expression.q)
    if expression.is_Pow:
        return number(expression.base, at) ** int(expression.exp)
    parts = [number(part, at) for part in expression.args]
    return mpmath.fsum(parts) if expression.is_Add else mpmath.fprod(parts)


def is_true(relation: object, at: dict[Symbol, mpmath.mpf]) -> bool:
    if isinstance(relation, Relational):
        difference = number(relation.lhs, at) - number(relation.rhs, at)
        return int(mpmath.sign(difference)) in SIGNS[relation.rel_op]
    parts = [is_true(part, at) for part in relation.args]  # pyright: ignore
    match relation:
        case And():
            return all(parts)
        case Or():
            return any(parts)
        case Implies():
            return not parts[0] or parts[1]
        case Equivalent():
            return len(set(parts)) == 1
    raise TypeError(str(relation))


@pytest.mark.parametrize(
    ("row", "fact"), FACTS, ids=[f"{row.name}: {fact.proof}" for row, fact in FACTS]
)
def test_every_fact_is_true(row, fact):
    relation = fact.relation(v, a)
    with mpmath.workdps(60):
        for x in arguments(row, seed=7):
            argument = mpmath.mpf(int(x.p)) / int(x.q)
            value = VALUES[row.function](argument)
            if row.function is Pow and relation.has(Pow):  # a square that is not exact
                assert mpmath.almosteq(value**2, argument)
            else:
                assert is_true(relation, {a: argument, v: value}), x


@pytest.mark.parametrize("row", [r for r in TOLD if r.increases], ids=lambda row: row.name)
def test_increasing_functions_increase(row):
    with mpmath.workdps(60):
        ordered = sorted(set(arguments(row, seed=11)))
        values = [VALUES[row.function](mpmath.mpf(int(x.p)) / int(x.q)) for x in ordered]
    assert all(first < second for first, second in pairwise(values))


@pytest.mark.parametrize("row", TOLD, ids=lambda row: row.name)
def test_values_at_whole_numbers_are_within_their_bounds(row):
    for k, low, high in row.told:
        with mpmath.workdps(60):
            value = VALUES[row.function](mpmath.mpf(int(k)))
            assert (
                mpmath.mpf(int(low.p)) / int(low.q)
                <= value
                <= mpmath.mpf(int(high.p)) / int(high.q)
            )
        assert high - low < Rational(1, 100)


def test_pi_is_within_its_bounds():
    low, high = BOUNDS_OF_PI
    assert low < pi < high
