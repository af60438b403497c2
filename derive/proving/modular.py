"""Arithmetic expressions evaluated modulo a prime, at points drawn from a fixed sequence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from random import Random, SystemRandom

from sympy import Add, Expr, Integer, Mul, Pow, Rational, Symbol

#: A Mersenne prime.
PRIME = 2**127 - 1


class PoleError(ArithmeticError):
    """A denominator vanishes at the point."""


def draw(symbols: Iterable[Symbol], gates: Iterable[Symbol], seed: int) -> dict[Symbol, int]:
    """A point: any residue for each symbol, 0 or 1 for each gate."""
    source = Random(seed)
    point = {symbol: source.randrange(1, PRIME) for symbol in symbols}
    return point | {gate: source.randrange(2) for gate in gates}


def value(node: Expr, point: Mapping[Symbol, int]) -> int:
    """The value of a rational expression modulo `PRIME`.

    Raises:
        PoleError: when a denominator is 0 there.
        TypeError: when the expression is not built from +, *, integer powers and rationals.
    """
    if isinstance(node, Symbol):
        return point[node]
    if isinstance(node, Rational):
        return int(node.p) * _inverse(int(node.q)) % PRIME
    if isinstance(node, Add):
        return sum(value(argument, point) for argument in node.args) % PRIME
    if isinstance(node, Mul):
        product = 1
        for argument in node.args:
            product = product * value(argument, point) % PRIME
        return product
    if isinstance(node, Pow) and isinstance(node.exp, Integer):
        base, exponent = value(node.base, point), int(node.exp)
        return pow(base, exponent, PRIME) if exponent > 0 else pow(_inverse(base), -exponent, PRIME)
    raise TypeError(f"{node} is not arithmetic")


def agree(left: Expr, right: Expr, symbols: Sequence[Symbol], fixed: Mapping[Symbol, int]) -> bool:
    """Whether two expressions have one value at a random point.

    The point comes from the operating system's generator: a bound on the probability of
    agreement by accident must not depend on a sequence that could be known beforehand.
    """
    source = SystemRandom()
    for _ in range(8):
        point = {symbol: source.randrange(PRIME) for symbol in symbols} | dict(fixed)
        try:
            return value(left, point) == value(right, point)
        except PoleError:
            continue
    return False


def degree(left: Expr, right: Expr) -> int:
    """A bound on the degree of the polynomial that vanishes where both sides agree.

    Poles are counted too: points there are drawn again.
    """
    (a, b), (c, d) = _degrees(left), _degrees(right)
    return max(a + d, c + b) + b + d


def _degrees(node: Expr) -> tuple[int, int]:
    """Bounds on the degrees of a numerator and a denominator."""
    if isinstance(node, Symbol):
        return 1, 0
    if isinstance(node, Add):
        parts = [_degrees(argument) for argument in node.args]
        below = sum(d for _, d in parts)
        return max(n + below - d for n, d in parts), below
    if isinstance(node, Mul):
        parts = [_degrees(argument) for argument in node.args]
        return sum(n for n, _ in parts), sum(d for _, d in parts)
    if isinstance(node, Pow):
        (above, below), exponent = _degrees(node.base), int(node.exp)
        pair = (above, below) if exponent > 0 else (below, above)
        return pair[0] * abs(exponent), pair[1] * abs(exponent)
    return 0, 0


def _inverse(residue: int) -> int:
    if residue % PRIME == 0:
        raise PoleError
    return pow(residue, -1, PRIME)
