"""Index calculus: fresh letters, substitution without capture, Kronecker deltas in sums.

Sums are SymPy `Sum`s whose bound index runs from 1 to the width of a layer.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set
from functools import cache, lru_cache
from typing import Any

from sympy import (
    Add,
    Basic,
    Expr,
    Function,
    Integer,
    KroneckerDelta,
    Mul,
    S,
    Sum,
    Symbol,
    expand_mul,
)

from derive.algebra.nodes import nodes_of
from derive.algebra.quantities import Quantity, rebuilt

#: In the order in which documents use them: i for the source layer, j for the target.
#: k is a layer number, n a width, and the letters of quantities are left out.
LETTERS = ("i", "j", "l", "m", "p", "q", "s", "t", "u", "v")


class Index(Symbol):
    """An index: what its units are is told by the quantities that carry it, not by its name."""

    def __new__(cls, name: str, **_assumptions: bool) -> Index:
        return Symbol.__new__(cls, name, integer=True, positive=True)  # pyright: ignore


@cache
def index(letter: str) -> Index:
    """The index of this name."""
    return Index(letter)


class Shift(Function):
    """Which entry x[t+s] is: 1 where l = t + s counted from 0, and otherwise 0.

    That is l = t + s - 1 counted from 1.  x[t+s] = sum_l shift(l, t, s) x[l], so that a
    convolution is a sum over whole axes, and an entry beside the tensor counts for nothing.
    With a stride a letter stands as often as it counts: x[2*t+s] has shift(l, t, t, s).  A number
    among them is an offset, which like a unit counts from 1: x[t+s-1] has shift(l, t, s, 0).
    """

    is_real = True

    @classmethod
    def eval(cls, *args: Any) -> Expr | None:
        """Its value where all units are named by numbers."""
        if len(args) > 2 and all(isinstance(arg, Integer) for arg in args):
            unit, *parts = args
            return S.One if unit == sum(parts) - len(parts) + 1 else S.Zero
        return None


def shifted_by(shift: Shift) -> list[tuple[int, Basic]]:
    """How often each letter of a shift counts, 2 and 1 for x[2*t+s], in the order of letters."""
    parts = [part for part in shift.args[1:] if not isinstance(part, Integer)]
    return [(parts.count(part), part) for part in dict.fromkeys(parts)]


def offset_of(shift: Shift) -> int:
    """What a shift adds to its letters, counted from 0: -1 for x[t+s-1]."""
    return sum(int(part) - 1 for part in shift.args[1:] if isinstance(part, Integer))


def signed(number: int) -> str:
    """A number behind a sum: +1, -1, and nothing for 0."""
    return f"{number:+d}" if number else ""


def fresh_index(avoid: Iterable[Symbol], after: int = 0) -> Symbol:
    """The first index letter that is not in `avoid`; i_1, j_1, ... when the letters run out.

    `after` skips that many letters of the preferred order.
    """
    names = {symbol.name for symbol in avoid}
    suffix = ""
    while True:
        for letter in LETTERS[after:]:
            if letter + suffix not in names:
                return index(letter + suffix)
        suffix = f"_{int(suffix[1:] or 0) + 1}"
        after = 0


@lru_cache(maxsize=20_000)
def index_symbols(expression: Basic) -> frozenset[Symbol]:
    """Every index of the expression, bound or free."""
    return frozenset(nodes_of(expression, Index))


@lru_cache(maxsize=20_000)
def free_indices(expression: Basic) -> frozenset[Symbol]:
    """The indices that no sum binds where they stand."""
    if isinstance(expression, Symbol):
        return frozenset((expression,)) if isinstance(expression, Index) else frozenset()
    if isinstance(expression, Sum):
        return free_indices(expression.function) - set(expression.bound_symbols)
    inner = (a for a in expression.args if a.args or isinstance(a, Symbol))
    return frozenset().union(*map(free_indices, inner))


def captured_indices(*sides: Basic) -> set[Symbol]:
    """The indices that are bound where they are free too, or bound already: nobody can tell which.

    The sides are those of one equation, so that what is free in one is bound in none.
    """
    free = set[Symbol]().union(*(free_indices(side) for side in sides))
    return set[Symbol]().union(*(_bound_again(side, free) for side in sides))


def _bound_again(expression: Basic, outside: set[Symbol]) -> set[Symbol]:
    """The indices bound by a sum of the expression that are in a set, or bound around it."""
    if isinstance(expression, Sum):
        bound = set(expression.bound_symbols)
        return (bound & outside) | _bound_again(expression.function, outside | bound)
    found: set[Symbol] = set()
    if expression.has(Sum):
        for argument in expression.args:
            found |= _bound_again(argument, outside)
    return found


@lru_cache(maxsize=20_000)
def with_canonical_bounds(expression: Basic, depth: int = 0) -> Basic:
    """The expression with bound indices named by how deep they stand: equal up to letters."""
    if isinstance(expression, Sum):
        named = {
            bound: Symbol(f"bound_{depth + position}", integer=True, positive=True)
            for position, bound in enumerate(expression.bound_symbols)
        }
        body = with_canonical_bounds(expression.function, depth + len(named))
        limits = [(named[bound], low, high) for bound, low, high in expression.limits]
        return Sum(body.xreplace(named), *limits)
    if not expression.has(Sum):
        return expression
    return rebuilt(expression, [with_canonical_bounds(a, depth) for a in expression.args])


def rename_bound(expression: Basic, away_from: Set[Symbol]) -> Any:
    """The expression with other letters for the bound indices that are in a set."""
    if isinstance(expression, Sum):
        body = rename_bound(expression.function, away_from)
        limits = list(expression.limits)
        for position, (bound, low, high) in enumerate(limits):
            if bound in away_from:
                new = fresh_index(away_from | index_symbols(body))
                body = substitute(body, {bound: new})
                limits[position] = (new, low, high)
        return Sum(body, *limits)
    if not expression.args or isinstance(expression, Quantity):
        return expression
    arguments = [rename_bound(argument, away_from) for argument in expression.args]
    if all(new is old for new, old in zip(arguments, expression.args, strict=True)):
        return expression
    return rebuilt(expression, arguments)


def substitute(expression: Expr, mapping: Mapping[Expr, Expr]) -> Expr:
    """Replace free indices; a bound index that would capture a replacement is renamed."""
    incoming: set[Symbol] = set()
    for value in mapping.values():
        incoming |= index_symbols(value)

    def visit(node: Any) -> Any:
        if isinstance(node, Sum):
            body, limits = node.function, list(node.limits)
            inner = {old: new for old, new in mapping.items() if old not in node.bound_symbols}
            for position, (bound, low, high) in enumerate(limits):
                if bound in incoming and inner:
                    used = incoming | index_symbols(body) | set(inner)
                    renamed = fresh_index(used)
                    body = substitute(body, {bound: renamed})
                    limits[position] = (renamed, low, high)
            return Sum(substitute(body, inner) if inner else body, *limits)
        if node in mapping:
            return mapping[node]
        if not node.args:
            return node
        arguments = [visit(argument) for argument in node.args]
        if all(new is old for new, old in zip(arguments, node.args, strict=True)):
            return node
        return rebuilt(node, arguments)

    return visit(expression)


def contract(expression: Basic) -> Basic:
    """Sum_i delta_im f(i) = f(m), and Sum_i 0 = 0, for every sum, inside out."""
    if not expression.has(Sum):
        return expression
    if isinstance(expression, Sum):
        return _contract_sum(expression)
    arguments = [contract(argument) for argument in expression.args]
    if all(new is old for new, old in zip(arguments, expression.args, strict=True)):
        return expression
    return expression.func(*arguments)


def _contract_sum(node: Sum) -> Expr:
    """Contract one delta of each term with the limit that it names, and so on."""
    body = contract(node.function)
    if not body.has(KroneckerDelta) and body != 0:
        return node if body is node.function else Sum(body, *node.limits)
    kept: list[Expr] = []
    done: list[Expr] = []
    for term in _terms_with_deltas(body, node.limits):
        shorter = _contract_term(term, node.limits)
        if shorter is None:
            kept.append(term)
        else:
            done.append(shorter)
    if not done:
        return Sum(body, *node.limits) if body != 0 else body
    result = Add(*done)
    rest = Add(*kept)
    return result if rest == 0 else result + Sum(rest, *node.limits)


def _terms_with_deltas(body: Expr, limits: tuple[Any, ...]) -> Iterator[Expr]:
    """The terms of a sum, multiplied out only where that sets a delta free to be contracted."""
    for term in Add.make_args(body):
        bound = {limit[0] for limit in limits}
        free = any(isinstance(f, KroneckerDelta) and bound & {*f.args} for f in Mul.make_args(term))
        yield from (term,) if free else Add.make_args(expand_mul(term))


def _contract_term(term: Expr, limits: tuple[Any, ...]) -> Expr | None:
    """The sum of one term with one delta and the limit it names taken out, or None."""
    for factor in Mul.make_args(term):
        if not isinstance(factor, KroneckerDelta):
            continue
        for position, (bound, _, _) in enumerate(limits):
            if bound in factor.args:
                first, second = factor.args
                other = first if second == bound else second
                left = substitute(term / factor, {bound: other})
                remaining = limits[:position] + limits[position + 1 :]
                return contract(Sum(left, *remaining) if remaining else left)  # pyright: ignore[reportReturnType]
    return None


def without_idle_sums(expression: Any) -> Any:
    """sum_n c = N c, at any depth: a sum over what does not vary counts."""
    if not expression.has(Sum):
        return expression
    short = rebuilt(expression, [without_idle_sums(argument) for argument in expression.args])
    if not isinstance(short, Sum):
        return short
    free = free_indices(short.function)
    kept = [limit for limit in short.limits if limit[0] in free]
    idle = (end for bound, _, end in short.limits if bound not in free)
    inner = Mul(short.function, *idle)
    return Sum(inner, *kept) if kept else inner


def deltas_in_front(expression: Any) -> Any:
    """sum_l delta_it f_l = delta_it sum_l f_l, so that a sum over i around it is contracted."""
    if not expression.has(Sum):
        return expression
    if isinstance(expression, Sum):
        terms = [Mul.make_args(t) for t in Add.make_args(deltas_in_front(expression.function))]
        bound = {*expression.bound_symbols}
        shared = set[Any].intersection(*({*term} for term in terms))
        deltas = [f for f in shared if isinstance(f, KroneckerDelta) and not bound & {*f.args}]
        rest = Add(*(Mul(*(f for f in term if f not in deltas)) for term in terms))
        return Mul(*deltas) * Sum(rest, *expression.limits)
    if not isinstance(expression, Add | Mul):
        return expression
    return expression.func(*map(deltas_in_front, expression.args))
