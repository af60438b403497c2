"""Arithmetic expressions evaluated modulo a prime, at points drawn from a fixed sequence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from random import Random

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


def _inverse(residue: int) -> int:
    if residue % PRIME == 0:
        raise PoleError
    return pow(residue, -1, PRIME)
