"""Arithmetic expressions evaluated modulo primes, to tell polynomials apart without expanding.

Two values that differ modulo a prime are of different expressions, for certain.  That two agree
at a random point modulo a random prime is proof with a small probability of error:

    P(error) <= D / p + B / (b N),

with D a bound on the degree of the difference, B one on the bits of its coefficients, and p a
prime of b + 1 bits, drawn from at least N of them.  The first term is for a point that happens
to be a zero (Schwartz, Zippel).  The second is for a prime that happens to divide every
coefficient: an integer of B bits has at most B/b prime factors above 2^b.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from random import Random, SystemRandom

from sympy import Add, Expr, Integer, Mul, Pow, Rational, Symbol, isprime

#: A Mersenne prime, for differences only.
FIXED_PRIME = 2**127 - 1
#: Random primes are between 2^_BITS and 2^(_BITS + 1).  By Rosser and Schoenfeld (1962),
#: pi(2x) - pi(x) > 3x/(5 ln x) for x > 20, which is more than 2^_LOG_PRIMES here.
_BITS = 192
_LOG_PRIMES = 184


class PoleError(ArithmeticError):
    """A denominator vanishes at the point."""


def draw(symbols: Iterable[Symbol], gates: Iterable[Symbol], seed: int) -> dict[Symbol, int]:
    """A point: any residue for each symbol, 0 or 1 for each gate."""
    source = Random(seed)
    point = {symbol: source.randrange(1, FIXED_PRIME) for symbol in symbols}
    return point | {gate: source.randrange(2) for gate in gates}


def value(node: Expr, point: Mapping[Symbol, int], prime: int) -> int:
    """The value of a rational expression modulo a prime.

    Raises:
        PoleError: when a denominator is 0 there.
        TypeError: when the expression is not built from +, *, integer powers and rationals.
    """
    if isinstance(node, Symbol):
        return point[node] % prime
    if isinstance(node, Rational):
        return int(node.p) * _inverse(int(node.q), prime) % prime
    if isinstance(node, Add):
        return sum(value(argument, point, prime) for argument in node.args) % prime
    if isinstance(node, Mul):
        product = 1
        for argument in node.args:
            product = product * value(argument, point, prime) % prime
        return product
    if isinstance(node, Pow) and isinstance(node.exp, Integer):
        base, exponent = value(node.base, point, prime), int(node.exp)
        return pow(base if exponent > 0 else _inverse(base, prime), abs(exponent), prime)
    raise TypeError(f"{node} is not arithmetic")


def agree(left: Expr, right: Expr, symbols: Sequence[Symbol], fixed: Mapping[Symbol, int]) -> bool:
    """Whether two expressions have one value at a random point modulo a random prime.

    Both come from the operating system's generator: the bound on the probability of agreement
    by accident must not depend on what an equation could have been made for.
    """
    source = SystemRandom()
    prime = _random_prime(source)
    for _ in range(8):
        point = {symbol: source.randrange(prime) for symbol in symbols} | dict(fixed)
        try:
            return value(left, point, prime) == value(right, point, prime)
        except PoleError:
            continue
    return False


def error_bound(left: Expr, right: Expr) -> Rational:
    """What the probability that two unlike expressions `agree` is less than."""
    by_point = Rational(degree(left, right), 2**_BITS)
    by_prime = Rational(coefficient_bits(left, right), _BITS * 2**_LOG_PRIMES)
    return by_point + by_prime


def _random_prime(source: SystemRandom) -> int:
    while True:
        candidate = source.randrange(2**_BITS + 1, 2 ** (_BITS + 1), 2)
        if isprime(candidate):
            return candidate


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


def coefficient_bits(left: Expr, right: Expr) -> int:
    """A bound on the bits of the coefficients of that polynomial, made whole.

    The sum of the absolute values of the coefficients is at most the product of those of
    factors, and the sum of those of terms.
    """
    (a, b), (c, d) = _bits(left), _bits(right)
    return max(a + d, c + b) + 1 + b + d


def _bits(node: Expr) -> tuple[int, int]:
    """Bounds on log2 of the sum of the coefficients of a whole numerator and denominator."""
    if isinstance(node, Symbol):
        return 0, 0
    if isinstance(node, Rational):
        return abs(int(node.p)).bit_length(), int(node.q).bit_length()
    parts = [_bits(argument) for argument in node.args]
    if isinstance(node, Add):
        below = sum(d for _, d in parts)
        return max(n + below - d for n, d in parts) + len(parts).bit_length(), below
    if isinstance(node, Mul):
        return sum(n for n, _ in parts), sum(d for _, d in parts)
    (above, below), exponent = parts[0], int(node.args[1])  # pyright: ignore[reportArgumentType]
    pair = (above, below) if exponent > 0 else (below, above)
    return pair[0] * abs(exponent), pair[1] * abs(exponent)


def _inverse(residue: int, prime: int) -> int:
    if residue % prime == 0:
        raise PoleError
    return pow(residue, -1, prime)
