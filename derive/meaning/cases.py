"""Conditions taken apart: branches of a Piecewise, alternatives, signs that decide gates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from math import prod

from sympy import (
    Abs,
    And,
    Basic,
    Eq,
    Expr,
    Heaviside,
    Max,
    Min,
    Mul,
    Ne,
    Not,
    Or,
    Piecewise,
    Pow,
    S,
    StrictGreaterThan,
    StrictLessThan,
    sign,
)
from sympy.core.relational import GreaterThan, LessThan

from derive.algebra.functions import LeakyReLU, ReLU, Step
from derive.algebra.nodes import nodes_of
from derive.algebra.quantities import replace_whole
from derive.errors import NotRationalError

#: Cases of so many branches, or equations that fall into so many cases, are left alone.
MOST_BRANCHES = 40
MOST_CASES = 400
#: What has kinks beside the gates of a network.
KINKED = (Abs, Heaviside, Max, Min, Piecewise, sign)


def cases(left: Expr, right: Expr, where: Basic) -> list[tuple[Expr, Expr, Basic]]:
    """The equation once for each branch of a Piecewise and each alternative of a condition.

    Raises:
        NotRationalError: where these are too many to be looked at.
    """
    pieces = nodes_of(left, Piecewise) | nodes_of(right, Piecewise)
    few = all(len(node.args) <= MOST_BRANCHES for node in pieces)
    found = list(islice(_cases(left, right, where), MOST_CASES + 1)) if few else []
    if not few or len(found) > MOST_CASES:
        raise NotRationalError("there are too many cases to look at each")
    return found


def _cases(left: Expr, right: Expr, where: Basic) -> Iterator[tuple[Expr, Expr, Basic]]:
    if isinstance(left, Piecewise) or isinstance(right, Piecewise):
        pieces = left if isinstance(left, Piecewise) else right
        before: Basic = S.true
        for branch, condition in pieces.args:  # pyright: ignore[reportGeneralTypeIssues]
            a, b = (branch, right) if pieces is left else (left, branch)
            yield from _cases(a, b, And(where, before, condition))
            before = And(before, ~condition)
        return
    for alternative in alternatives(where):
        if alternative != S.false:
            yield left, right, alternative


def stated(left: Expr, right: Expr) -> Basic:
    """Where the cases of both sides say anything: true where they leave nothing out."""
    found: Basic = S.true
    for side in (left, right):
        if isinstance(side, Piecewise):
            conditions = [condition for _, condition in side.args]  # pyright: ignore
            rest = And(*(~condition for condition in conditions))
            if rest != S.false and any(one != S.false for one in alternatives(rest)):
                found = And(found, Or(*conditions))
    return found


def away_from_kinks(*sides: Expr) -> Basic:
    """That no argument of a gate is 0, gates inside of gates apart.

    What has a gate inside may be 0 on a whole region, and leaving that out would say too much.
    """
    gates = [node for side in sides for node in nodes_of(side, ReLU, LeakyReLU, Step)]
    arguments = (gate.args[0] for gate in gates)
    inside = (ReLU, LeakyReLU, Step, *KINKED)
    return And(*(Ne(argument, 0) for argument in arguments if not argument.has(*inside)))


def alternatives(condition: Basic) -> Iterator[Basic]:
    """Conjunctions of strict comparisons and equations whose disjunction is the condition."""
    match condition:
        case Or():
            for argument in condition.args:
                yield from alternatives(argument)
        case And():
            first, *rest = condition.args
            for one in alternatives(first):
                for other in alternatives(And(*rest)):
                    both = And(one, other)
                    if both != S.false and not _contradictory(both):
                        yield both
        case Not():
            (inner,) = condition.args
            opposite = Or if isinstance(inner, And) else And
            yield from alternatives(opposite(*(~part for part in inner.args)))
        case GreaterThan():
            a, b = condition.args
            yield from (a > b, Eq(a, b))  # pyright: ignore[reportOperatorIssue]
        case LessThan():
            a, b = condition.args
            yield from (a < b, Eq(a, b))  # pyright: ignore[reportOperatorIssue]
        case Ne():
            a, b = condition.args
            yield from (a > b, a < b)  # pyright: ignore[reportOperatorIssue]
        case _:
            yield condition


def _contradictory(condition: Basic) -> bool:
    signs: dict[Basic, set[str]] = {}
    for part in And.make_args(condition):
        if part.args and part.args[1] == 0:
            signs.setdefault(part.args[0], set()).add(part.func.__name__)
    return any(len(found) > 1 for found in signs.values())


def under(expression: Basic, where: Basic) -> Basic:
    """The expression with the gates that a condition decides set, and zeros put in."""
    if where == S.true:
        return expression
    signs: dict[Basic, int] = {}
    zeros: dict[Basic, Basic] = {}
    for part in And.make_args(where):
        if not part.args or part.args[1] != 0:
            continue
        match part:
            case Eq():
                zeros[part.args[0]] = S.Zero
            case StrictGreaterThan():
                signs[part.args[0]] = 1
            case StrictLessThan():
                signs[part.args[0]] = -1
            case _:
                pass
    expression = replace_whole(expression, zeros)
    while True:  # once an inner gate is set, an outer one may be decided
        decided = {
            node: _decided(node, sign > 0)
            for node in nodes_of(expression, ReLU, LeakyReLU, Step)
            if (sign := _sign(node.args[0], signs))
        }
        if not decided:
            return expression
        expression = replace_whole(expression, decided)


def _sign(argument: Basic, signs: Mapping[Basic, int]) -> int:
    """1 or -1 where the known signs of factors decide it, else 0."""
    if argument in signs:
        return signs[argument]
    if -argument in signs:  # pyright: ignore[reportOperatorIssue]
        return -signs[-argument]  # pyright: ignore[reportOperatorIssue]
    if argument.is_positive or argument.is_negative:
        return 1 if argument.is_positive else -1
    if isinstance(argument, Pow) and argument.exp.is_odd:
        return _sign(argument.base, signs)
    if isinstance(argument, Mul):
        for known, sign in signs.items():
            if isinstance(known, Mul) and set(known.args) <= set(argument.args):
                rest = argument / known  # pyright: ignore[reportOperatorIssue]
                return sign * _sign(rest, signs)
        return prod(_sign(factor, signs) for factor in argument.args)
    return 0


def _decided(node: Basic, positive: bool) -> Basic:
    """ReLU, LeakyReLU or Step of an argument of known sign."""
    z = node.args[0]
    match node:
        case Step():
            return S.One if positive else S.Zero
        case ReLU():
            return z if positive else S.Zero
        case _:
            return z if positive else node.args[1] * z  # pyright: ignore[reportOperatorIssue]
