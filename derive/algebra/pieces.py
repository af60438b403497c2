"""Formulas with kinks as smooth pieces between numbers on a line, and these as gates."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache, partial, reduce
from typing import Any

from sympy import (
    Abs,
    Add,
    And,
    Expr,
    GreaterThan,
    LessThan,
    Max,
    Min,
    Mul,
    Or,
    Piecewise,
    Poly,
    Rational,
    S,
    StrictGreaterThan,
    StrictLessThan,
    Symbol,
    expand,
    preorder_traversal,
    sign,
)

from derive.algebra.functions import Step
from derive.algebra.kinked import Kinked
from derive.errors import NetworkError

#: Nested absolute values double the kinks each time.
MOST_KINKS = 6
#: What may have a kink.
KINKED = (Kinked, Abs, sign, Max, Min, Piecewise)


@dataclass(frozen=True)
class Pieces:
    """A formula that is smooth between kinks, all of which are values of one expression.

    Attributes:
        along: what the kinks are values of, such as z or y - r; None where there are none.
        kinks: in increasing order.
        parts: the formula left of the first kink, between each two, and right of the last.
    """

    along: Expr | None
    kinks: tuple[Rational, ...]
    parts: tuple[Expr, ...]

    def gated(self, at_zero: Expr) -> Expr:
        """The pieces, each times the gates that are 1 on its interval and 0 elsewhere.

        Step' being 0, its derivatives of every order are the convention's mean of the slopes on
        both sides at a kink: Step(0) times the right one and 1 - Step(0) times the left one.
        """
        along = self.along
        gates = [] if along is None else [Step(along - kink, at_zero) for kink in self.kinks]
        begun, ended = (S.One, *gates), (*gates, S.Zero)
        return Add(*((a - b) * part for a, b, part in zip(begun, ended, self.parts, strict=True)))

    def part_below(self, end: Expr) -> Expr:
        """The piece just left of a number, or of infinity."""
        return self.parts[sum(bool(kink < end) for kink in self.kinks)]


def pieces_of(formula: Expr, letters: Sequence[Symbol]) -> Pieces:
    """The smooth pieces of a formula in some letters; on what its cases leave out it is nan.

    Raises:
        NetworkError: where the kinks are no values of one expression that is linear in the first
            letter, and for more than `MOST_KINKS`.
    """
    split = partial(_split, letters)

    @cache
    def within(node: Expr) -> Pieces:
        arguments: Any = node.args
        match node:
            case _ if not node.has(*KINKED):
                return _smooth(node)
            case Kinked():
                left, _, right = node.sides(*arguments)
                return split(within(arguments[0]), within(right), within(left))
            case Abs():
                return split(within(arguments[0]), within(arguments[0]), within(-arguments[0]))
            case sign():
                return split(within(arguments[0]), _smooth(S.One), _smooth(S.NegativeOne))
            case Max():
                return reduce(lambda a, b: split(_less(a, b), a, b), map(within, arguments))
            case Min():
                return reduce(lambda a, b: split(_less(a, b), b, a), map(within, arguments))
            case Piecewise():
                cases = [(within(value), condition) for value, condition in arguments]
                return reduce(
                    lambda rest, case: where(case[1], case[0], rest),
                    reversed(cases),
                    _smooth(S.NaN),
                )
            case _:
                return _joined(node.func, [within(part) for part in arguments])

    def where(condition: Any, then: Pieces, otherwise: Pieces) -> Pieces:
        match condition:
            case And():
                return reduce(lambda a, b: where(b, a, otherwise), condition.args, then)
            case Or():
                return reduce(lambda a, b: where(b, then, a), condition.args, otherwise)
            case StrictGreaterThan() | GreaterThan() | StrictLessThan() | LessThan():
                less = _less(within(condition.gts), within(condition.lts))
                return split(less, then, otherwise)
            case S.true | S.false:
                return then if condition == S.true else otherwise
            case _:
                raise NetworkError(f"has the case {condition}; cases are told apart by < and >")

    return within(formula)


def _split(letters: Sequence[Symbol], by: Pieces, above: Pieces, below: Pieces) -> Pieces:
    """`above` where `by` is positive, and `below` where it is negative."""
    start: Expr = S.NegativeInfinity
    found: list[tuple[Expr, Expr]] = []  # where each piece ends, and what it is
    along, ends = _intervals((by, above, below))
    for end in ends:
        over, under = above.part_below(end), below.part_below(end)
        rate, line, constant = _linear(by.part_below(end), letters)
        if line is None:
            found.append((end, over if constant > 0 else under))
        else:
            along, turn = _same(along, line), -constant / rate
            first, last = (under, over) if rate > 0 else (over, under)
            found += [(turn, first)] if start < turn < end else []
            found.append((end, first if turn >= end else last))
        start = end
    return _without_repeats(along, found)


def written(along: Expr) -> str:
    """An expression with its positive terms first, as in y - r."""
    terms = Add.make_args(along)
    first, *others = sorted(map(str, terms), key=lambda term: (term.startswith("-"), term))
    return first + "".join(
        f" - {term[1:]}" if term.startswith("-") else f" + {term}" for term in others
    )


def _smooth(part: Expr) -> Pieces:
    return Pieces(None, (), (part,))


def _less(first: Pieces, second: Pieces) -> Pieces:
    return _joined(lambda a, b: a - b, (first, second))


def _joined(build: Callable[..., Any], inner: Sequence[Pieces]) -> Pieces:
    """A function of formulas, on each interval between all of their kinks."""
    along, ends = _intervals(inner)
    parts = [build(*(one.part_below(end) for one in inner)) for end in ends]
    return _without_repeats(along, list(zip(ends, parts, strict=True)))


def _intervals(inner: Sequence[Pieces]) -> tuple[Expr | None, list[Expr]]:
    """What all kinks of some formulas are values of, and the ends of the intervals they make."""
    along: Expr | None = reduce(_same, (one.along for one in inner))
    return along, [*sorted({kink for one in inner for kink in one.kinks}), S.Infinity]


def _same(first: Expr | None, second: Expr | None) -> Expr | None:
    if first is None or second is None or first == second:
        return first if second is None else second
    raise NetworkError(
        f"has kinks or cases at numbers of {written(first)} and of {written(second)}; "
        "they have to be at numbers of one expression"
    )


def _without_repeats(along: Expr | None, found: Sequence[tuple[Expr, Expr]]) -> Pieces:
    """The pieces that end there; where two neighbours are the same there is no kink."""
    following = [*(part for _, part in found[1:]), None]
    kept = [pair for pair, other in zip(found, following, strict=True) if pair[1] != other]
    if len(kept) > MOST_KINKS + 1:
        raise NetworkError(f"has more than {MOST_KINKS} kinks")
    kinks: Any = tuple(end for end, _ in kept[:-1])
    return Pieces(along if kinks else None, kinks, tuple(part for _, part in kept))


def _linear(decider: Expr, letters: Sequence[Symbol]) -> tuple[Rational, Expr | None, Rational]:
    """(a, e, c) with the decider a e + c; e is None for a number, and else has the first letter.

    e has the coefficient 1 at its last letter: y - r, and not r - y.
    """
    known = (Rational, Add, Mul)
    nodes = preorder_traversal(decider)
    polynomial = (
        Poly(expand(decider), *letters, domain="QQ")
        if all(node in letters or isinstance(node, known) for node in nodes)
        else None
    )
    if polynomial is not None and polynomial.is_ground:
        return S.One, None, polynomial.coeff_monomial(1)
    if polynomial is None or polynomial.degree(letters[0]) != 1:
        raise NetworkError(
            f"has a kink or a case where {written(decider)} is 0, and that is not linear in "
            f"{letters[0]} with rational coefficients"
        )
    constant = polynomial.coeff_monomial(1)
    rate: Any = max(polynomial.terms(), key=lambda term: term[0][::-1])[1]
    return rate, expand((polynomial.as_expr() - constant) / rate), constant
