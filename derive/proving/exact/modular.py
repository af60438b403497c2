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
from dataclasses import dataclass, field
from functools import cached_property, reduce
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


#: c_0 + c_1 s + c_2 t + c_3 s t + ...: coefficients that are not 0, by which roots they multiply.
Element = Mapping[int, int]


@dataclass(frozen=True)
class Residues:
    """Expressions at a point modulo a prime, with roots s_1, s_2, ... of which s_n^2 is known.

    In the ring F_p[s_1, s_2, ...] with these squares, 1, s_1, s_2, s_1 s_2, ... are independent.
    """

    prime: int
    point: Mapping[Symbol, int]
    squares: Mapping[Symbol, Expr] = field(default_factory=dict)

    @cached_property
    def _bits(self) -> dict[Symbol, int]:
        return {root: 1 << n for n, root in enumerate(self.squares)}

    @cached_property
    def _square(self) -> dict[int, Element]:
        """The squares, by the bit of the root; a root under a root comes before it."""
        return {self._bits[root]: self.value(a) for root, a in self.squares.items()}

    def value(self, node: Expr) -> Element:
        """The value of a rational expression.

        Raises:
            PoleError: when a denominator has no inverse there.
            TypeError: when the expression is not built from +, *, integer powers and rationals.
        """
        if isinstance(node, Symbol):
            if node in self._bits:
                return {self._bits[node]: 1}
            return self._plain(self.point[node])
        if isinstance(node, Rational):
            return self._plain(int(node.p) * _inverse(int(node.q), self.prime))
        if isinstance(node, Add):
            return self._sum(map(self.value, node.args))
        if isinstance(node, Mul):
            return reduce(self._times, map(self.value, node.args))
        if isinstance(node, Pow) and isinstance(node.exp, Integer):
            base, exponent = self.value(node.base), int(node.exp)
            return self._power(base if exponent > 0 else self._inverse(base), abs(exponent))
        raise TypeError(f"{node} is not arithmetic")

    def _plain(self, number: int) -> Element:
        return {0: number % self.prime} if number % self.prime else {}

    def _sum(self, elements: Iterable[Element]) -> Element:
        total: dict[int, int] = {}
        for element in elements:
            for roots, c in element.items():
                total[roots] = total.get(roots, 0) + c
        return {roots: c % self.prime for roots, c in total.items() if c % self.prime}

    def _times(self, left: Element, right: Element) -> Element:
        if left.keys() | right.keys() <= {0}:  # as it is where there are no roots
            return self._plain(left.get(0, 0) * right.get(0, 0))
        products: list[Element] = []
        for some, a in left.items():
            for others, b in right.items():
                product: Element = {some ^ others: a * b % self.prime}
                for bit in self._bits.values():
                    if some & others & bit:
                        product = self._times(product, self._square[bit])
                products.append(product)
        return self._sum(products)

    def _power(self, base: Element, exponent: int) -> Element:
        if base.keys() <= {0}:
            return self._plain(pow(base.get(0, 0), exponent, self.prime))
        return reduce(self._times, [base] * exponent, {0: 1})

    def _inverse(self, element: Element) -> Element:
        """1/(A + B s) = (A - B s)/(A^2 - B^2 s^2), the last root first."""
        if element.keys() <= {0}:
            return self._plain(_inverse(element.get(0, 0), self.prime))
        last = 1 << (max(element).bit_length() - 1)
        turned = {roots: -c % self.prime if roots & last else c for roots, c in element.items()}
        return self._times(turned, self._inverse(self._times(element, turned)))


def same(left: Expr, right: Expr, residues: Residues) -> bool:
    """Whether two expressions have one value; otherwise as `Residues.value`."""
    return residues.value(left) == residues.value(right)


def agree(
    left: Expr,
    right: Expr,
    symbols: Sequence[Symbol],
    fixed: Mapping[Symbol, int],
    squares: Mapping[Symbol, Expr],
) -> bool:
    """Whether two expressions have one value at a random point modulo a random prime.

    Both come from the operating system's generator: the bound on the probability of agreement
    by accident must not depend on what an equation could have been made for.
    """
    source = SystemRandom()
    prime = _random_prime(source)
    for _ in range(8):
        point = {symbol: source.randrange(prime) for symbol in symbols} | dict(fixed)
        try:
            return same(left, right, Residues(prime, point, squares))
        except PoleError:
            continue
    return False


def error_bound(left: Expr, right: Expr, squares: Mapping[Symbol, Expr]) -> Rational:
    """What the probability that two unlike expressions `agree` is less than.

    A root counts as its square does, which it is at least half of.  A denominator has no inverse
    where its norm is 0, a product of 2^n factors for n roots.
    """
    norms = 2 ** len(squares)
    by_point = Rational(norms * degree(left, right, squares), 2**_BITS)
    bits = norms * coefficient_bits(left, right, squares)
    return by_point + Rational(bits, _BITS * 2**_LOG_PRIMES)


def _random_prime(source: SystemRandom) -> int:
    while True:
        candidate = source.randrange(2**_BITS + 1, 2 ** (_BITS + 1), 2)
        if isprime(candidate):
            return candidate


def degree(left: Expr, right: Expr, squares: Mapping[Symbol, Expr]) -> int:
    """A bound on the degree of the polynomial that vanishes where both sides agree.

    Poles are counted too: points there are drawn again.
    """
    (a, b), (c, d) = _degrees(left, squares), _degrees(right, squares)
    return max(a + d, c + b) + b + d


def _degrees(node: Expr, squares: Mapping[Symbol, Expr]) -> tuple[int, int]:
    """Bounds on the degrees of a numerator and a denominator."""
    if isinstance(node, Symbol):
        return _degrees(squares[node], squares) if node in squares else (1, 0)
    if isinstance(node, Add):
        parts = [_degrees(argument, squares) for argument in node.args]
        below = sum(d for _, d in parts)
        return max(n + below - d for n, d in parts), below
    if isinstance(node, Mul):
        parts = [_degrees(argument, squares) for argument in node.args]
        return sum(n for n, _ in parts), sum(d for _, d in parts)
    if isinstance(node, Pow):
        (above, below), exponent = _degrees(node.base, squares), int(node.exp)
        pair = (above, below) if exponent > 0 else (below, above)
        return pair[0] * abs(exponent), pair[1] * abs(exponent)
    return 0, 0


def coefficient_bits(left: Expr, right: Expr, squares: Mapping[Symbol, Expr]) -> int:
    """A bound on the bits of the coefficients of that polynomial, made whole.

    The sum of the absolute values of the coefficients is at most the product of those of
    factors, and the sum of those of terms.
    """
    (a, b), (c, d) = _bits(left, squares), _bits(right, squares)
    return max(a + d, c + b) + 1 + b + d


def _bits(node: Expr, squares: Mapping[Symbol, Expr]) -> tuple[int, int]:
    """Bounds on log2 of the sum of the coefficients of a whole numerator and denominator."""
    if isinstance(node, Symbol):
        return _bits(squares[node], squares) if node in squares else (0, 0)
    if isinstance(node, Rational):
        return abs(int(node.p)).bit_length(), int(node.q).bit_length()
    parts = [_bits(argument, squares) for argument in node.args]
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
