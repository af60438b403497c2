"""Fractions of polynomials over the rationals, multiplied out with a limit on the work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sympy import (
    QQ,
    Add,
    Expr,
    Integer,
    Mul,
    Pow,
    Rational,
    Symbol,
)
from sympy.polys.rings import PolyElement, PolyRing

from derive.errors import NotRationalError

#: So many products of terms may be formed to decide one equation.
_MOST_PRODUCTS = 100_000


class TooLargeError(NotRationalError):
    """The expression would have too many terms when multiplied out."""


@dataclass
class Fraction:
    """A polynomial over a product of powers of polynomials."""

    top: PolyElement
    bottom: dict[PolyElement, int] = field(default_factory=dict)


class FractionArithmetic:
    """Fractions of polynomials in one ring, with a limit on the work."""

    def __init__(self, symbols: list[Symbol]) -> None:
        self.ring = PolyRing(symbols or [Symbol("_one")], QQ)
        self.generators = dict(zip(self.ring.symbols, self.ring.gens, strict=True))
        self._products_left = _MOST_PRODUCTS
        self.required: list[PolyElement] = []

    def fraction(self, node: Expr) -> Fraction:
        """An arithmetic expression in the generators as one fraction."""
        ring = self.ring
        if isinstance(node, Symbol):
            return Fraction(self.generators[node])
        if isinstance(node, Rational):
            return Fraction(ring.ground_new(QQ(int(node.p), int(node.q))))
        if isinstance(node, Add):
            return self.sum([self.fraction(a) for a in node.args])
        if isinstance(node, Mul):
            result = Fraction(ring.one)
            for argument in node.args:
                factor = self.fraction(argument)
                result.top = self._times(result.top, factor.top)
                for polynomial, power in factor.bottom.items():
                    result.bottom[polynomial] = result.bottom.get(polynomial, 0) + power
            return result
        if isinstance(node, Pow) and isinstance(node.exp, Integer):
            return self._power(self.fraction(node.base), int(node.exp))
        raise NotRationalError(f"{node} is not known to the normal form")

    def _power(self, base: Fraction, exponent: int) -> Fraction:
        if exponent > 0:
            bottom = {p: n * exponent for p, n in base.bottom.items()}
            return Fraction(self._raised(base.top, exponent), bottom)
        if not base.top:
            raise NotRationalError("division by zero")
        top = self.ring.one
        self.required += [*base.bottom, base.top]
        for polynomial, times in base.bottom.items():
            top = self._times(top, self._raised(polynomial, times * -exponent))
        return Fraction(top, {base.top: -exponent})

    def sum(self, parts: list[Fraction]) -> Fraction:
        """The sum over a common denominator."""
        bottom: dict[PolyElement, int] = {}
        for part in parts:
            for polynomial, power in part.bottom.items():
                bottom[polynomial] = max(bottom.get(polynomial, 0), power)
        total = self.ring.zero
        for part in parts:
            top = part.top
            for polynomial, power in bottom.items():
                missing = power - part.bottom.get(polynomial, 0)
                top = self._times(top, self._raised(polynomial, missing))
            total = total + top
        return Fraction(total, bottom)

    def without_squares(
        self, polynomial: PolyElement, squares: Mapping[Symbol, Expr]
    ) -> list[PolyElement]:
        """The parts of a polynomial in roots s that multiply 1, s, t, s t, ...

        `squares` has s^2 = n/d for each s, inner roots first.  Where d is not 0, the polynomial is
        0 wherever all parts are.
        """
        parts = [polynomial]
        for root in reversed(squares):
            square = self.fraction(squares[root])
            below = self.ring.one
            for factor, power in square.bottom.items():
                below = self._times(below, self._raised(factor, power))
            parts = [half for part in parts for half in self._halves(part, root, square.top, below)]
        return parts

    def _halves(
        self, polynomial: PolyElement, root: Symbol, above: PolyElement, below: PolyElement
    ) -> list[PolyElement]:
        """A and B of d^m (A + B s) with s^2 = n/d, as far as they are not 0."""
        place = self.ring.symbols.index(root)
        powers: dict[int, PolyElement] = {}
        for monomial, coefficient in polynomial.terms():
            rest = (*monomial[:place], 0, *monomial[place + 1 :])
            term = self.ring.term_new(rest, coefficient)
            powers[monomial[place]] = powers.get(monomial[place], self.ring.zero) + term
        most = max(powers, default=0) // 2
        halves = [self.ring.zero, self.ring.zero]
        for power, of in powers.items():
            square = self._times(
                self._raised(above, power // 2), self._raised(below, most - power // 2)
            )
            halves[power % 2] = halves[power % 2] + self._times(of, square)
        return [half for half in halves if half]

    def _raised(self, polynomial: PolyElement, exponent: int) -> PolyElement:
        result = self.ring.one
        for _ in range(exponent):
            result = self._times(result, polynomial)
        return result

    def _times(self, first: PolyElement, second: PolyElement) -> PolyElement:
        self._products_left -= len(first) * len(second)
        if self._products_left < 0:
            raise TooLargeError("too large to multiply out")
        return first * second


def idempotent(
    polynomial: PolyElement, gates: Mapping[Symbol, Expr | None], arithmetic: FractionArithmetic
) -> PolyElement:
    """The polynomial with powers of a gate replaced by the gate.

    Where a gate comes with an atom, only in monomials that the atom divides.
    """
    ring = arithmetic.ring
    place = {symbol: position for position, symbol in enumerate(ring.symbols)}
    reduced = ring.zero
    for monomial, coefficient in polynomial.terms():
        exponents = list(monomial)
        for gate, atom in gates.items():
            if atom is None or monomial[place[atom]]:
                exponents[place[gate]] = min(exponents[place[gate]], 1)
        reduced = reduced + ring.term_new(tuple(exponents), coefficient)
    return reduced
