"""Exact normal form over gates: is an equation a rational identity?

Each ReLU(a) becomes s a and each Step(a) becomes s, with one indeterminate s (a gate) for
each distinct a up to a positive factor; sigmoid, tanh and exp become rational functions of
E = exp(...).  What remains is an identity between rational functions over Q, decided by
multiplying out.  Where it needs s^2 = s, it holds for gates 0 and 1 only, that is away
from kinks and for an idempotent Step(0); where it does not, it holds for every Step(0).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from math import gcd, lcm
from typing import Any

from sympy import (
    QQ,
    Abs,
    Add,
    Expr,
    Heaviside,
    Integer,
    Max,
    Min,
    Mul,
    Pow,
    Rational,
    S,
    Symbol,
    exp,
    log,
    sign,
    tanh,
)
from sympy.core.function import Application
from sympy.polys.rings import PolyElement, PolyRing

from derive.functions import LeakyReLU, ReLU, Step, sigmoid, softplus
from derive.proving import modular
from derive.quantities import Partial, Quantity

#: So many products of terms may be formed to decide one equation.
_MOST_PRODUCTS = 100_000


class NotRationalError(Exception):
    """The expression has a part that the normal form does not know, or is too large for it."""


@dataclass(frozen=True)
class Comparison:
    """What the normal form of lhs - rhs says.

    Attributes:
        identical: it vanishes with the gates as free indeterminates.
        equal: it vanishes once s^2 = s is used.
        conventions: the values of Step(0) met, gate by gate.
        conflict: some gate is used with two conventions, or as Step(a) and Step(-a).
        gates: how many gates there are.
        nonzero: denominators that must not vanish.
    """

    identical: bool
    equal: bool
    gates: int
    conventions: frozenset[Expr]
    conflict: bool
    nonzero: tuple[Expr, ...]


@dataclass
class _Fraction:
    """A polynomial over a product of powers of polynomials."""

    top: PolyElement
    bottom: dict[PolyElement, int] = field(default_factory=dict)


class NormalForm:
    """The translation of the expressions of one equation; atoms are shared by both sides."""

    def __init__(self) -> None:
        self._atoms: dict[Any, Symbol] = {}
        self._meaning: dict[Symbol, Expr] = {}
        self._gates: dict[Symbol, set[Expr]] = {}
        self._flipped = False
        self._exponents: dict[Expr, list[Rational]] = {}
        self._powers: dict[Symbol, dict[Expr, Rational]] = {}

    # -- atoms ----------------------------------------------------------------------

    def _atom(self, key: Any, meaning: Expr) -> Symbol:
        symbol = self._atoms.get(key)
        if symbol is None:
            symbol = Symbol(f"_{len(self._atoms)}", real=True)
            self._atoms[key] = symbol
            self._meaning[symbol] = meaning
        return symbol

    def translate(self, expression: Expr) -> Expr:
        """Replace quantities, gates and transcendental functions by indeterminates."""
        mapping: dict[Expr, Expr] = {}
        for node in _innermost_first(expression):
            mapping[node] = self._translated(node, mapping)
        return expression.xreplace(mapping) if mapping else expression

    def _translated(self, node: Expr, mapping: dict[Expr, Expr]) -> Expr:
        if isinstance(node, Quantity | Partial | Symbol):
            return self._atom(node, node)
        arguments = [argument.xreplace(mapping) for argument in node.args]
        match node:
            case ReLU():
                return arguments[0] * self._gate(arguments[0])
            case LeakyReLU():
                a, slope, _ = arguments
                return a * (slope + (1 - slope) * self._gate(a))
            case Step():
                return self._gate(arguments[0], node.args[1])
            case Heaviside():
                return self._gate(arguments[0], node.args[1])
            case sign():
                return 2 * self._gate(arguments[0], Rational(1, 2)) - 1
            case Abs():
                return arguments[0] * (2 * self._gate(arguments[0]) - 1)
            case Max():
                return self._largest(arguments)
            case Min():
                return -self._largest([-a for a in arguments])
            case exp():
                return self._exponential(arguments[0])
            case sigmoid():
                power = self._exponential(arguments[0])
                return power / (1 + power)
            case tanh():
                power = self._exponential(2 * arguments[0])
                return (power - 1) / (power + 1)
            case softplus():
                return self._softplus(arguments[0])
            case log():
                return self._atom((log, _canonical(arguments[0])), node)
            case _:
                raise NotRationalError(f"{node.func.__name__} is not known to the normal form")

    def _largest(self, arguments: list[Expr]) -> Expr:
        result = arguments[0]
        for other in arguments[1:]:
            result = other + (result - other) * self._gate(result - other)
        return result

    def _gate(self, argument: Expr, at_zero: Expr | None = None) -> Expr:
        """The gate of an argument; with `at_zero`, as a Step whose value at 0 matters."""
        if argument.is_number:
            raise NotRationalError("a gate of a number should have been evaluated")
        canonical, positive = _primitive(argument)
        gate = self._atom((Step, canonical), Step(canonical, Symbol("h")))
        values = self._gates.setdefault(gate, set())
        if at_zero is not None:
            if not positive and at_zero != Rational(1, 2):
                self._flipped = True
            values.add(at_zero)
        return gate if positive else 1 - gate

    def _exponential(self, argument: Expr) -> Expr:
        """exp of a sum as a product of exp's, one placeholder for the whole until `close`."""
        terms: dict[Expr, Rational] = {}
        for term in Add.make_args(_canonical(argument)):
            coefficient, rest = term.as_coeff_Mul()
            terms[rest] = coefficient
            self._exponents.setdefault(rest, []).append(coefficient)
        placeholder = self._atom((exp, tuple(terms.items())), exp(argument))
        self._powers[placeholder] = terms
        return placeholder

    def _softplus(self, argument: Expr) -> Expr:
        canonical, positive = _oriented(argument)
        atom = self._atom((softplus, canonical), softplus(canonical))
        return atom if positive else atom - canonical

    def close(self, expression: Expr) -> Expr:
        """Write every exponential as a power of a common one: exp(2a) as exp(a)^2."""
        mapping: dict[Expr, Expr] = {}
        for placeholder, terms in self._powers.items():
            product: Expr = S.One
            for base, coefficient in terms.items():
                unit = _common_unit(self._exponents[base])
                atom = self._atom((exp, base, "unit"), exp(base))
                product *= atom ** (coefficient / unit)
            mapping[placeholder] = product
        return expression.xreplace(mapping) if mapping else expression

    # -- deciding -------------------------------------------------------------------

    def compare(self, left: Expr, right: Expr) -> Comparison:
        """Compare two translated and closed sides."""
        symbols = sorted(left.free_symbols | right.free_symbols, key=_symbol_order)
        if self._differs_at_a_point(left, right, symbols):
            return self._compared(False, False, symbols, ())
        arithmetic = _Arithmetic(symbols)
        ring, generators = arithmetic.ring, arithmetic.generators
        difference = arithmetic.sum([arithmetic.fraction(left), arithmetic.fraction(-right)])
        gates = [generators[g] for g in self._gates if g in generators]
        identical = not difference.top
        equal = identical or not _idempotent(difference.top, gates, ring)
        nonzero = tuple(self._denominators(difference.bottom))
        return self._compared(identical, equal, symbols, nonzero)

    def _compared(
        self, identical: bool, equal: bool, symbols: list[Symbol], nonzero: tuple[Expr, ...]
    ) -> Comparison:
        gates = [self._gates[symbol] for symbol in symbols if symbol in self._gates]
        return Comparison(
            identical=identical,
            equal=equal,
            gates=len(gates),
            conventions=frozenset(value for values in gates for value in values),
            conflict=self._flipped or any(len(values) > 1 for values in gates),
            nonzero=nonzero,
        )

    def _differs_at_a_point(self, left: Expr, right: Expr, symbols: list[Symbol]) -> bool:
        """A quick way to a certain no: the sides differ modulo a prime, gates being 0 or 1."""
        gates = [symbol for symbol in symbols if symbol in self._gates]
        others = [symbol for symbol in symbols if symbol not in self._gates]
        for seed in range(4):
            point = modular.draw(others, gates, seed)
            try:
                if modular.value(left, point) != modular.value(right, point):
                    return True
            except modular.PoleError:
                continue
            except TypeError as error:
                raise NotRationalError(str(error)) from error
        return False

    def _denominators(self, bottom: dict[PolyElement, int]) -> Iterable[Expr]:
        positive = {s for key, s in self._atoms.items() if isinstance(key, tuple) and key[0] is exp}
        for polynomial in bottom:
            expression = polynomial.as_expr()
            if expression.free_symbols <= positive and all(c > 0 for c in polynomial.coeffs()):
                continue
            yield expression.xreplace(self._meaning)


def compare(left: Expr, right: Expr) -> Comparison:
    """Compare two expressions without sums by their normal forms.

    Raises:
        NotRationalError: when a part of them is not known to the normal form.
    """
    form = NormalForm()
    sides = [form.translate(left), form.translate(right)]
    return form.compare(*(form.close(side) for side in sides))


def _symbol_order(symbol: Symbol) -> tuple[int, str]:
    name = symbol.name
    return (int(name[1:]), "") if name[1:].isdigit() else (0, name)


def _innermost_first(expression: Expr) -> list[Expr]:
    """Every node that is not arithmetic, arguments before what uses them, each once."""
    found: dict[Expr, None] = {}

    def visit(node: Expr) -> None:
        if isinstance(node, Quantity | Partial | Symbol):
            found[node] = None
            return
        for argument in node.args:
            visit(argument)  # pyright: ignore[reportArgumentType]
        if isinstance(node, Application):
            found[node] = None

    visit(expression)
    return list(found)


def _canonical(argument: Expr) -> Expr:
    """An argument multiplied out, so that equal polynomials are the same expression."""
    return argument if not argument.args else argument.expand()


def _primitive(argument: Expr) -> tuple[Expr, bool]:
    """An argument up to a positive factor, and whether its sign was kept."""
    canonical, positive = _oriented(argument)
    content, primitive = canonical.as_content_primitive()
    return (primitive if content > 0 else canonical), positive


def _oriented(argument: Expr) -> tuple[Expr, bool]:
    """An argument or its negative, whichever has a positive leading term."""
    canonical = _canonical(argument)
    leading = min(Add.make_args(canonical), key=_term_order)
    if leading.as_coeff_Mul()[0] < 0:
        return (-canonical).expand(), False
    return canonical, True


def _term_order(term: Expr) -> tuple[Any, ...]:
    return tuple(sorted(_symbol_order(s) for s in term.free_symbols)), str(term.as_coeff_Mul()[1])


def _common_unit(coefficients: list[Rational]) -> Rational:
    """The largest rational of which all are integer multiples."""
    top = gcd(*(int(c.p) for c in coefficients))
    return Rational(top, lcm(*(int(c.q) for c in coefficients)))


class _Arithmetic:
    """Fractions of polynomials in one ring, with a limit on the work."""

    def __init__(self, symbols: list[Symbol]) -> None:
        self.ring = PolyRing(symbols or [Symbol("_one")], QQ)
        self.generators = dict(zip(self.ring.symbols, self.ring.gens, strict=True))
        self._products_left = _MOST_PRODUCTS

    def fraction(self, node: Expr) -> _Fraction:
        """An arithmetic expression in the generators as one fraction."""
        ring = self.ring
        if isinstance(node, Symbol):
            return _Fraction(self.generators[node])
        if isinstance(node, Rational):
            return _Fraction(ring.ground_new(QQ(int(node.p), int(node.q))))
        if isinstance(node, Add):
            return self.sum([self.fraction(a) for a in node.args])
        if isinstance(node, Mul):
            result = _Fraction(ring.one)
            for argument in node.args:
                factor = self.fraction(argument)
                result.top = self._times(result.top, factor.top)
                for polynomial, power in factor.bottom.items():
                    result.bottom[polynomial] = result.bottom.get(polynomial, 0) + power
            return result
        if isinstance(node, Pow) and isinstance(node.exp, Integer):
            return self._power(self.fraction(node.base), int(node.exp))
        raise NotRationalError(f"{node} is not known to the normal form")

    def _power(self, base: _Fraction, exponent: int) -> _Fraction:
        if exponent > 0:
            bottom = {p: n * exponent for p, n in base.bottom.items()}
            return _Fraction(self._raised(base.top, exponent), bottom)
        if not base.top:
            raise NotRationalError("division by zero")
        top = self.ring.one
        for polynomial, times in base.bottom.items():
            top = self._times(top, self._raised(polynomial, times * -exponent))
        return _Fraction(top, {base.top: -exponent})

    def sum(self, parts: list[_Fraction]) -> _Fraction:
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
        return _Fraction(total, bottom)

    def _raised(self, polynomial: PolyElement, exponent: int) -> PolyElement:
        result = self.ring.one
        for _ in range(exponent):
            result = self._times(result, polynomial)
        return result

    def _times(self, first: PolyElement, second: PolyElement) -> PolyElement:
        self._products_left -= len(first) * len(second)
        if self._products_left < 0:
            raise NotRationalError("too large to multiply out")
        return first * second


def _idempotent(polynomial: PolyElement, gates: list[PolyElement], ring: PolyRing) -> PolyElement:
    """The polynomial with every power of a gate replaced by the gate."""
    positions = [ring.gens.index(gate) for gate in gates]
    reduced = ring.zero
    for monomial, coefficient in polynomial.terms():
        exponents = list(monomial)
        for position in positions:
            exponents[position] = min(exponents[position], 1)
        reduced = reduced + ring.term_new(tuple(exponents), coefficient)
    return reduced
