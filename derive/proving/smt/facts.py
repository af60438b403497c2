"""What z3 is told of the functions that it does not know: one table, each fact with its proof.

A fact is a relation between the value v of a function and its argument a that holds for every
real a at which the function has a value.  The tests evaluate each at random arguments.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from sympy import Basic, Eq, Equivalent, Expr, Integer, Or, Rational, exp, log

from derive.algebra.functions import softplus
from derive.proving.points.closed_values import enclosure


@dataclass(frozen=True)
class Fact:
    """One relation between v = function(a) and a, and why it holds.

    Attributes:
        relation: what is true of v and a.
        proof: the argument in a line.
    """

    function: type
    relation: Callable[[Expr, Expr], Basic]
    proof: str


FACTS: tuple[Fact, ...] = (
    Fact(exp, lambda v, _: v > 0, "e^a = (e^(a/2))^2 and e^a e^(-a) = 1"),
    Fact(exp, lambda v, a: v >= 1 + a, "e^a is convex, with the tangent 1 + a at 0"),
    Fact(exp, lambda v, a: Or(v > 1 + a, Eq(a, 0)), "e^a is strictly convex"),
    Fact(exp, lambda v, a: Equivalent(v > 1, a > 0), "e^a increases, and e^0 = 1"),
    Fact(exp, lambda v, a: Equivalent(v < 1, a < 0), "e^a increases, and e^0 = 1"),
    Fact(softplus, lambda v, _: v > 0, "1 + e^a > 1"),
    Fact(softplus, lambda v, a: v > a, "1 + e^a > e^a"),
    Fact(log, lambda _, a: a > 0, "log has a real value for a > 0 only"),
    Fact(log, lambda v, a: v <= a - 1, "log a is concave, with the tangent a - 1 at 1"),
    Fact(log, lambda v, a: Or(v < a - 1, Eq(a, 1)), "log a is strictly concave"),
    Fact(log, lambda v, a: Equivalent(v > 0, a > 1), "log a increases, and log 1 = 0"),
    Fact(log, lambda v, a: Equivalent(v < 0, a < 1), "log a increases, and log 1 = 0"),
)

#: Functions that increase strictly, since their derivatives e^a, 1/a (a > 0) and
#: e^a/(1 + e^a) are positive: f(a) < f(b) exactly if a < b.
INCREASING: tuple[type, ...] = (exp, log, softplus)

#: Arguments at which the values of the increasing functions are told within bounds.
_STEPS = {exp: (-3, -2, -1, 1, 2, 3), log: (2, 3, 4, 8), softplus: (-2, -1, 0, 1, 2)}
_DENOMINATOR = 1000


@cache
def steps(function: type) -> tuple[tuple[Integer, Rational, Rational], ...]:
    """(k, low, high) with low <= f(k) <= high, for some whole k.

    f being increasing, a >= k implies f(a) >= low, and a <= k implies f(a) <= high.
    """
    found: list[tuple[Integer, Rational, Rational]] = []
    for k in _STEPS[function]:
        middle = int(float(enclosure(function(k)).mid) * _DENOMINATOR)
        low, high = middle - 1, middle + 2  # a float is right to far more digits than these
        found.append((Integer(k), Rational(low, _DENOMINATOR), Rational(high, _DENOMINATOR)))
    return tuple(found)
