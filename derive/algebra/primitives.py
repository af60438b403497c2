"""The smooth elementary functions: one row of data each, which owns what is known of it.

Formulas are written with these, with arithmetic and with the gates of `functions`.  The derivative
of each is SymPy's `diff` of its class.  A root is SymPy's power with half a whole exponent, and
stands here as the function sqrt.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from math import ceil, floor
from typing import Any

from mpmath.ctx_iv import MPIntervalContext
from sympy import (
    Basic,
    Eq,
    Equivalent,
    Expr,
    Ge,
    Gt,
    Implies,
    Integer,
    Or,
    Pow,
    Rational,
    S,
    cos,
    erf,
    exp,
    log,
    sin,
    sqrt,
    tanh,
)

from derive.algebra import intervals
from derive.algebra.functions import sigmoid, softplus

_DENOMINATOR = 1000
#: pi is between these.
BOUNDS_OF_PI = (Rational(314159, 100000), Rational(31416, 10000))


@dataclass(frozen=True)
class Fact:
    """A relation between the value v of a function and its argument a.

    It holds for every real a at which the function has a value.

    Attributes:
        relation: what is true of v and a.
        proof: the argument in a line.
    """

    relation: Callable[[Expr, Expr], Basic]
    proof: str


@dataclass(frozen=True)
class Primitive:
    r"""One row of the table.

    Attributes:
        name: what the ASCII notation calls it.
        function: its class in expressions.
        latex: how its name is written; \mathrm and not \operatorname, which GitHub refuses.
        enclosure: an interval that holds the values on an interval of a context of mpmath; None
            where there are none, or none that can be worked out.
        by_exp: f(a) in exp, for a function that is a quotient of exponentials: f(exp, a).
        domain: Gt or Ge where f(a) has a value for a > 0 or a >= 0 only; else f is analytic on
            the whole line.
        positive: whether every value is positive.
        odd, even: whether f(-a) = -f(a), or f(a).
        increases: whether it increases strictly, where it has values.
        facts: what z3 is told.
        told_at: whole numbers at which z3 is told the value within bounds, if it increases.
    """

    name: str
    function: Any
    latex: str
    enclosure: Callable[[Any, Any], Any]
    by_exp: Callable[[Callable[[Expr], Expr], Expr], Expr] | None = None
    domain: Any = None
    positive: bool = False
    odd: bool = False
    even: bool = False
    increases: bool = True
    facts: tuple[Fact, ...] = ()
    told_at: tuple[int, ...] = ()

    @cached_property
    def told(self) -> tuple[tuple[Integer, Rational, Rational], ...]:
        """(k, low, high) with low <= f(k) <= high, for some whole k.

        f being increasing, a >= k implies f(a) >= low, and a <= k implies f(a) <= high.
        """
        context: Any = MPIntervalContext()
        found: list[tuple[Integer, Rational, Rational]] = []
        for k in self.told_at:
            value = self.enclosure(context, context.mpf(k)) * _DENOMINATOR
            low, high = floor(value.a), ceil(value.b)
            found.append((Integer(k), Rational(low, _DENOMINATOR), Rational(high, _DENOMINATOR)))
        return tuple(found)

    @property
    def build(self) -> Any:
        """What makes f(a) of a."""
        return sqrt if self.function is Pow else self.function

    def __call__(self, argument: Expr) -> Expr:
        """f(a)."""
        return self.build(argument)


def _of_log(context: Any, z: Any) -> Any:
    return context.log(z) if z.a > 0 else None


def _of_root(context: Any, z: Any) -> Any:
    return context.sqrt(z) if z.a >= 0 else None


_FACTS_OF_EXP = (
    Fact(lambda v, _: v > 0, "e^a = (e^(a/2))^2 and e^a e^(-a) = 1"),
    Fact(lambda v, a: v >= 1 + a, "e^a is convex, with the tangent 1 + a at 0"),
    Fact(lambda v, a: Or(v > 1 + a, Eq(a, 0)), "e^a is strictly convex"),
    Fact(lambda v, a: Equivalent(v > 1, a > 0), "e^a increases, and e^0 = 1"),
    Fact(lambda v, a: Equivalent(v < 1, a < 0), "e^a increases, and e^0 = 1"),
)
_FACTS_OF_LOG = (
    Fact(lambda _, a: a > 0, "log has a real value for a > 0 only"),
    Fact(lambda v, a: v <= a - 1, "log a is concave, with the tangent a - 1 at 1"),
    Fact(lambda v, a: Or(v < a - 1, Eq(a, 1)), "log a is strictly concave"),
    Fact(lambda v, a: Equivalent(v > 0, a > 1), "log a increases, and log 1 = 0"),
    Fact(lambda v, a: Equivalent(v < 0, a < 1), "log a increases, and log 1 = 0"),
)
_FACTS_OF_SOFTPLUS = (
    Fact(lambda v, _: v > 0, "1 + e^a > 1"),
    Fact(lambda v, a: v > a, "1 + e^a > e^a"),
)
_FACTS_OF_SQRT = (
    Fact(lambda _, a: a >= 0, "the square of a real number is not negative"),
    Fact(lambda v, _: v >= 0, "the root is the one that is not negative"),
    Fact(lambda v, a: Eq(v**2, a), "that is what a root is"),
)
#: Above 2/sqrt(pi) = 1.12837..., the slope of erf at 0.
_STEEPEST = Rational(1129, 1000)
_FACTS_OF_ERF = (
    Fact(lambda v, _: v < 1, "erf increases to 1"),
    Fact(lambda v, _: v > -1, "erf decreases to -1"),
    Fact(lambda v, a: Equivalent(v > 0, a > 0), "erf increases, and erf 0 = 0"),
    Fact(lambda v, a: Equivalent(v < 0, a < 0), "erf increases, and erf 0 = 0"),
    Fact(
        lambda v, a: Implies(a >= 0, v <= _STEEPEST * a),
        "erf'(a) = 2/sqrt(pi) e^(-a^2) <= 2/sqrt(pi) < 1.129, and erf 0 = 0",
    ),
    Fact(
        lambda v, a: Implies(a <= 0, v >= _STEEPEST * a),
        "erf'(a) = 2/sqrt(pi) e^(-a^2) <= 2/sqrt(pi) < 1.129, and erf 0 = 0",
    ),
)
_WITHIN_ONE = (
    Fact(lambda v, _: v <= 1, "sin^2 + cos^2 = 1, and squares are not negative"),
    Fact(lambda v, _: v >= -1, "sin^2 + cos^2 = 1, and squares are not negative"),
)
_FACTS_OF_SIN = (
    *_WITHIN_ONE,
    Fact(lambda v, a: Implies(a >= 0, v <= a), "sin' = cos <= 1, and sin 0 = 0"),
    Fact(lambda v, a: Implies(a <= 0, v >= a), "sin' = cos <= 1, and sin 0 = 0"),
)
_FACTS_OF_COS = (
    *_WITHIN_ONE,
    Fact(lambda v, a: v >= 1 - a**2 / 2, "|sin a| <= |a|, integrated from 0, and cos 0 = 1"),
)

EXP = Primitive(
    "exp",
    exp,
    r"\exp",
    intervals.exponential,
    positive=True,
    facts=_FACTS_OF_EXP,
    told_at=(-3, -2, -1, 1, 2, 3),
)
LOG = Primitive("log", log, r"\log", _of_log, domain=Gt, facts=_FACTS_OF_LOG, told_at=(2, 3, 4, 8))
SQRT = Primitive("sqrt", Pow, r"\sqrt", _of_root, domain=Ge, facts=_FACTS_OF_SQRT)
SIGMOID = Primitive(
    "sigmoid",
    sigmoid,
    sigmoid.latex_name,
    lambda context, z: intervals.through_exp(context, z, lambda e: e / (1 + e)),
    by_exp=lambda exp_of, a: exp_of(a) / (1 + exp_of(a)),
    positive=True,
)
SOFTPLUS = Primitive(
    "softplus",
    softplus,
    softplus.latex_name,
    lambda context, z: intervals.through_exp(context, z, lambda e: context.log(1 + e)),
    positive=True,
    facts=_FACTS_OF_SOFTPLUS,
    told_at=(-2, -1, 0, 1, 2),
)
TANH = Primitive(
    "tanh",
    tanh,
    r"\tanh",
    lambda context, z: intervals.through_exp(context, 2 * z, lambda e: 1 - 2 / (1 + e)),
    by_exp=lambda exp_of, a: (exp_of(2 * a) - 1) / (exp_of(2 * a) + 1),
    odd=True,
)
ERF = Primitive(
    "erf",
    erf,
    r"\mathrm{erf}",
    intervals.error_function,
    odd=True,
    facts=_FACTS_OF_ERF,
    told_at=(-2, -1, 1, 2),
)
SIN = Primitive(
    "sin",
    sin,
    r"\sin",
    lambda context, z: context.sin(z),
    odd=True,
    increases=False,
    facts=_FACTS_OF_SIN,
)
COS = Primitive(
    "cos",
    cos,
    r"\cos",
    lambda context, z: context.cos(z),
    even=True,
    increases=False,
    facts=_FACTS_OF_COS,
)

#: In the order in which messages list them.
PRIMITIVES: tuple[Primitive, ...] = (SIGMOID, SOFTPLUS, TANH, EXP, LOG, SQRT, ERF, SIN, COS)

#: By the class in expressions.
BY_FUNCTION: dict[Any, Primitive] = {row.function: row for row in PRIMITIVES}

#: Those with a class of their own: all but the root.
CLASSES: tuple[Any, ...] = tuple(row.function for row in PRIMITIVES if row is not SQRT)
#: Those that are analytic on the whole line.
ENTIRE: tuple[Any, ...] = tuple(row.function for row in PRIMITIVES if row.domain is None)
#: Those that are quotients of exponentials.
BY_EXP: tuple[Any, ...] = tuple(row.function for row in PRIMITIVES if row.by_exp is not None)


def primitive_of(node: Basic) -> Primitive | None:
    """The row of a node that applies a function of the table; None for every other node."""
    row = BY_FUNCTION.get(type(node))
    return None if row is SQRT and not is_root(node) else row


def is_root(node: Basic) -> bool:
    """Whether a node is a root, or a power of one: a^(n/2) with an odd n."""
    return type(node) is Pow and isinstance(node.exp, Rational) and node.exp.q == 2


def named_constant(node: Basic) -> bool:
    """Whether a node is pi or e."""
    return node in (S.Pi, S.Exp1)
