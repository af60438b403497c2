"""Exact normal form over gates: is an equation a rational identity?

Each ReLU(a) becomes s a and each Step(a) becomes s, with one indeterminate s (a gate) for
each distinct a up to a positive factor; sigmoid, tanh and exp become rational functions of
E = exp(...).  What remains is an identity between rational functions over Q, decided by
multiplying out.  Where it needs s^2 = s, it holds for gates 0 and 1 only, that is away
from kinks and for an idempotent Step(0); where it does not, it holds for every Step(0).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

from sympy import (
    Abs,
    Add,
    Expr,
    Heaviside,
    Integer,
    KroneckerDelta,
    Max,
    Min,
    Mul,
    Pow,
    Rational,
    S,
    Symbol,
    exp,
    factorint,
    log,
    sign,
    sin,
    sqrt,
)
from sympy.core.function import Application
from sympy.polys.rings import PolyElement

from derive.algebra.functions import LeakyReLU, ReLU, Step, softplus
from derive.algebra.primitives import (
    BY_FUNCTION,
    COS,
    EXP,
    LOG,
    SOFTPLUS,
    Primitive,
    is_root,
    named_constant,
    primitive_of,
)
from derive.algebra.quantities import Partial, Quantity
from derive.errors import NotRationalError
from derive.proving.exact import modular
from derive.proving.exact.canonical import (
    canonical,
    common_unit,
    oriented,
    positive_factors,
    primitive,
    root_of_square,
    symbol_order,
)
from derive.proving.exact.fractions import FractionArithmetic, TooLargeError, idempotent

#: So many gates are taken out of the argument of exp and the like.
_MOST_TAKEN_OUT = 4
#: Functions within functions to this depth are written out in what must not be 0.
_DEEPEST = 20
#: With so many gates or fewer, every pattern of on and off is tried.
_MOST_PATTERNS = 10
#: So many independent roots may stand in one equation.
_MOST_ROOTS = 5
#: Larger primes are not looked for in a number under a root.
_LARGEST_PRIME = 1 << 15


@dataclass(frozen=True)
class Comparison:
    """What the normal form of lhs - rhs says.

    Attributes:
        identical: it vanishes with the gates as free indeterminates, or with s^2 a = s a
            for the gate s of a, which is true at a = 0 as well.
        equal: it vanishes once s^2 = s is used.
        conventions: the values of Step(0) met, gate by gate.
        conflict: some gate is used with two conventions, or as Step(a) and Step(-a).
        gates: how many gates there are.
        both_ways: whether some gate is used as Step(a) and as Step(-a), or as a Step and in
            a function such as sign whose value at 0 is no convention.
        nonzero: denominators that must not vanish.
        at_zero: the numbers that were put in as Step(0).
    """

    identical: bool
    equal: bool
    gates: int
    conventions: frozenset[Expr]
    conflict: bool
    both_ways: bool
    nonzero: tuple[Expr, ...]
    at_zero: frozenset[Expr]


@dataclass(frozen=True)
class Switch:
    """One way in which a gate is used: as the value of Step at an argument.

    Away from 0 it is `gate` where the argument was kept and 1 - `gate` where its sign was
    turned; at 0 it is `at_zero`, or anything where that is None (in ReLU(a) = s a).
    """

    symbol: Symbol
    argument: Expr
    gate: Symbol
    positive: bool
    at_zero: Expr | None
    fixed: bool = False


class NormalForm:
    """The translation of the expressions of one equation; atoms are shared by both sides."""

    def __init__(self) -> None:
        self._atoms: dict[Any, Symbol] = {}
        self._keys: dict[Symbol, Any] = {}
        self._meaning: dict[Symbol, Expr] = {}
        self._switches: dict[Symbol, Switch] = {}
        self._exponents: dict[Expr, list[Rational]] = {}
        self._powers: dict[Symbol, dict[Expr, Rational]] = {}
        self._roots: dict[Symbol, Expr] = {}
        self._at_zero: set[Expr] = set()

    # -- atoms ----------------------------------------------------------------------

    def _atom(self, key: Any, meaning: Expr) -> Symbol:
        symbol = self._atoms.get(key)
        if symbol is None:
            symbol = Symbol(f"_{len(self._atoms)}", real=True)
            self._atoms[key] = symbol
            self._keys[symbol] = key
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
                return arguments[0] * self._switch(arguments[0])
            case LeakyReLU():
                a, slope, _ = arguments
                return a * (slope + (1 - slope) * self._switch(a))
            case Step():
                return self._switch(arguments[0], arguments[1])
            case Heaviside():
                return self._switch(arguments[0], arguments[1], fixed=True)
            case sign():
                return 2 * self._switch(arguments[0], Rational(1, 2), fixed=True) - 1
            case Abs():
                return arguments[0] * (2 * self._switch(arguments[0]) - 1)
            case Max():
                return self._largest(arguments)
            case Min():
                return -self._largest([-a for a in arguments])
            case _ if is_root(node):
                return self._root(arguments[0], node) ** (2 * node.exp)
            case S.Pi:
                return self._atom(node, node)
            case S.Exp1:
                return self._exponential(S.One)
            case _ if (row := primitive_of(node)) is not None:
                return self._smooth(row, arguments[0], node)
            case _:
                raise NotRationalError(f"{node.func.__name__} is not known to the normal form")

    def _largest(self, arguments: list[Expr]) -> Expr:
        result = arguments[0]
        for other in arguments[1:]:
            result = other + (result - other) * self._switch(result - other)
        return result

    def _switch(self, argument: Expr, at_zero: Expr | None = None, *, fixed: bool = False) -> Expr:
        """The value of Step at an argument; `at_zero` only where it matters.

        `fixed` says that the value at 0 is part of the function, as in sign.
        """
        if argument.is_number and not argument.is_zero:
            return _step_of_number(argument)
        kept, positive = primitive(argument)
        if kept == 0:
            if at_zero is None:
                return S.Zero
            self._at_zero |= set() if fixed else {at_zero}
            return at_zero
        value = S.Zero if at_zero is None else at_zero
        common = primitive(self._identified(argument))[0]
        gate = self._atom((Step, common), Step(common.xreplace(self._meaning), value))
        meaning = Step(argument.xreplace(self._meaning), value)
        switch = self._atom((Step, kept, positive, at_zero, fixed), meaning)
        self._switches[switch] = Switch(switch, argument, gate, positive, at_zero, fixed)
        return switch

    def _identified(self, expression: Expr) -> Expr:
        """The expression with all uses of one gate made one, as they are away from 0."""
        return expression.xreplace(
            {s: u.gate if u.positive else 1 - u.gate for s, u in self._switches.items()}
        )

    def _smooth(self, row: Primitive, argument: Expr, node: Expr) -> Expr:
        """A function of an argument; gates inside it are taken out.

        f(A + s B) = s f(A + B) + (1 - s) f(A) where s is 0 or 1, and also at the kink if s
        comes from a continuous function such as ReLU, since B is 0 there.  Both f(A) and f(A + B)
        must have values everywhere, or more would be left out than where f(A + s B) has none.
        """
        argument = self._reduced(argument)
        inner = [s for s in self.switches_in(argument) if s in argument.free_symbols]
        if inner and len(inner) <= _MOST_TAKEN_OUT:
            jumps = any(self._switches[s].at_zero is not None for s in inner)
            if jumps or row.domain or not self._is_defined_everywhere(argument):
                return self._atom((row.function, canonical(argument), "gated"), node)
            gate = inner[0]
            on, off = (argument.xreplace({gate: S(state)}) for state in (1, 0))
            return gate * self._smooth(row, on, node) + (1 - gate) * self._smooth(row, off, node)
        if argument.is_number:
            value = row(argument)
            if value.is_Rational:
                return value
        if row.by_exp is not None:
            return row.by_exp(self._exponential, argument)
        if row is EXP:
            return self._exponential(argument)
        if row is LOG:
            return self._logarithm(argument, node)
        return self._softplus(argument) if row is SOFTPLUS else self._by_parity(row, argument)

    def _by_parity(self, row: Primitive, argument: Expr) -> Expr:
        """f(-a) = -f(a), or f(a); and cos(a) is a number c with c^2 = 1 - sin(a)^2."""
        kept, positive = oriented(argument)
        atom = self._atom((row.function, kept), row(kept.xreplace(self._meaning)))
        if row is COS and atom not in self._roots:
            sine = self._atom((sin, kept), sin(kept.xreplace(self._meaning)))
            self._roots[atom] = 1 - sine**2
        return atom if positive or row.even else -atom

    def _root(self, argument: Expr, node: Expr) -> Expr:
        """sqrt(a) as s with s^2 = a; of a positive number as the product of those of its primes.

        sqrt(c f^2) is sqrt(c) |f|, and sqrt(c a) = sqrt(c) sqrt(a) for a number c > 0.
        """
        content, rest = self._reduced(argument).as_content_primitive()
        if not content.is_positive:
            content, rest = S.One, self._reduced(argument)
        factors = [self._root_of_number(content)]
        if rest != 1:
            square = root_of_square(rest)
            if square is None:
                factors.append(self._root_atom(canonical(rest), sqrt(node.base / content)))
            else:
                factors.append(square * (2 * self._switch(square) - 1))
        return Mul(*factors)

    def _root_of_number(self, number: Rational) -> Expr:
        """sqrt(p/q) = sqrt(p q)/q."""
        result: Expr = Rational(1, number.q)
        for prime, power in factorint(number.p * number.q, limit=_LARGEST_PRIME).items():
            result *= prime ** (power // 2)
            result *= self._root_atom(Integer(prime), sqrt(prime)) if power % 2 else 1
        return result

    def _root_atom(self, argument: Expr, meaning: Expr) -> Symbol:
        atom = self._atom((Pow, argument), meaning)
        self._roots[atom] = argument
        return atom

    def _reduced(self, argument: Expr) -> Expr:
        """An argument with s^2 = a put in for each root s."""
        while powers := [p for p in argument.atoms(Pow) if p.base in self._roots and p.exp != 1]:
            squares = {
                p: self._roots[p.base] ** (p.exp // 2) * p.base ** (p.exp % 2) for p in powers
            }
            argument = canonical(argument.xreplace(squares))
        return argument

    def _is_defined_everywhere(self, argument: Expr) -> bool:
        """Whether a translated argument divides by nothing and has no logarithm or root in it."""
        if any(power.exp.is_negative for power in argument.atoms(Pow)):
            return False
        inner: list[Expr] = []
        for symbol in argument.free_symbols - self._switches.keys():
            key = self._keys[symbol]
            if symbol in self._powers:
                inner += self._powers[symbol]
            elif isinstance(key, tuple):
                if BY_FUNCTION[key[0]].domain:
                    return False
                inner.append(key[1])
        return all(map(self._is_defined_everywhere, inner))

    def _exponential(self, argument: Expr) -> Expr:
        """exp of a sum as a product of exp's, one placeholder for the rest until `close`."""
        if canonical(argument) == 0:
            return S.One
        terms: dict[Expr, Rational] = {}
        known: Expr = S.One
        for term in Add.make_args(canonical(argument)):
            coefficient, rest = term.as_coeff_Mul()
            key = self._keys.get(rest)
            if coefficient.is_Integer and isinstance(key, tuple) and key[0] in (softplus, log):
                inner = key[1] if key[0] is log else 1 + self._exponential(key[1])
                known = known * inner**coefficient
            else:
                terms[rest] = coefficient
        if not terms:
            return known
        for rest, coefficient in terms.items():
            self._exponents.setdefault(rest, []).append(coefficient)
        whole = Add(*(c * rest for rest, c in terms.items()))
        placeholder = self._atom((exp, tuple(terms.items())), exp(whole))
        self._powers[placeholder] = terms
        return known * placeholder

    def _logarithm(self, argument: Expr, node: Expr) -> Expr:
        """log of a product of positive factors as a sum; log exp(a) = a; log(1 + exp(a))."""
        factors = positive_factors(argument, set(self._powers))
        if factors is None:
            return self._atom((log, canonical(argument)), node)
        total: Expr = S.Zero
        for factor, power in factors:
            total += power * self._log_of_positive(factor)
        return total

    def _log_of_positive(self, factor: Expr) -> Expr:
        if factor in self._powers:
            return Add(*(c * rest for rest, c in self._powers[factor].items()))
        rest = factor - 1
        if rest in self._powers:
            return self._softplus(Add(*(c * r for r, c in self._powers[rest].items())))
        return self._atom((log, canonical(factor)), log(factor))

    def _softplus(self, argument: Expr) -> Expr:
        kept, positive = oriented(argument)
        atom = self._atom((softplus, kept), softplus(kept))
        return atom if positive else atom - kept

    def close(self, expression: Expr) -> Expr:
        """Write every exponential as a power of a common one: exp(2a) as exp(a)^2.

        To be called when all sides have been translated.
        """
        mapping: dict[Expr, Expr] = {}
        for placeholder, terms in self._powers.items():
            product: Expr = S.One
            for base, coefficient in terms.items():
                unit = common_unit(self._exponents[base])
                atom = self._atom((exp, unit * base, "unit"), exp(unit * base))
                product *= atom ** (coefficient / unit)
            mapping[placeholder] = product
        return expression.xreplace(mapping) if mapping else expression

    def switches_in(self, *expressions: Expr) -> list[Symbol]:
        """The switches of expressions, those inside the arguments of others included."""
        found: dict[Symbol, None] = {}
        roots: set[Symbol] = set()
        waiting = [s for e in expressions for s in e.free_symbols]
        while waiting:
            symbol = waiting.pop()
            if symbol in self._switches and symbol not in found:
                found[symbol] = None
                waiting += self.close(self._switches[symbol].argument).free_symbols
            elif symbol in self._roots and symbol not in roots:
                roots.add(symbol)
                waiting += self.close(self._roots[symbol]).free_symbols
        return sorted(found, key=symbol_order)

    def _squares_in(self, *expressions: Expr) -> dict[Symbol, Expr]:
        """The roots in closed sides and in one another, the inner first, with their squares."""
        found: dict[Symbol, Expr] = {}
        waiting = [s for e in expressions for s in e.free_symbols]
        while waiting:
            symbol = waiting.pop()
            if symbol in self._roots and symbol not in found:
                found[symbol] = self._identified(self.close(self._roots[symbol]))
                waiting += found[symbol].free_symbols
        if len(found) > _MOST_ROOTS:
            raise NotRationalError(f"{len(found)} roots are too many")
        return {symbol: found[symbol] for symbol in sorted(found, key=symbol_order)}

    def switch(self, symbol: Symbol) -> Switch:
        """What a switch symbol stands for."""
        return self._switches[symbol]

    def meaning(self, symbol: Symbol) -> Any:
        """The key of an atom: a quantity, a symbol, or (function, argument, ...)."""
        return self._keys[symbol]

    # -- deciding -------------------------------------------------------------------

    def compare(self, left: Expr, right: Expr) -> Comparison:
        """Compare two translated and closed sides."""
        switches = [self._switches[s] for s in self.switches_in(left, right)]
        gates = {switch.gate for switch in switches}
        left, right = self._identified(left), self._identified(right)
        squares = self._squares_in(left, right)
        symbols = _symbols_of(left, right, *squares.values())
        if _differ_at_a_point((left, right), symbols, gates, squares):
            return self._comparison(False, False, switches)
        arithmetic = FractionArithmetic(symbols)
        difference = arithmetic.sum([arithmetic.fraction(left), arithmetic.fraction(-right)])
        parts = arithmetic.without_squares(difference.top, squares)
        free = {g: None for g in gates if g in arithmetic.generators}
        absorbing = {
            switch.gate: switch.argument
            for switch in switches
            if switch.gate in free and switch.argument in arithmetic.generators
        }

        def vanish(of: list[PolyElement], under: Mapping[Symbol, Expr | None]) -> bool:
            return not any(idempotent(part, under, arithmetic) for part in of)

        identical = vanish(parts, absorbing)
        equal = identical or vanish(parts, free)
        required = {**difference.bottom, **dict.fromkeys(arithmetic.required, 1)}
        if any(vanish(arithmetic.without_squares(one, squares), free) for one in required):
            raise NotRationalError("a denominator is 0 everywhere")
        nonzero = tuple(self._denominators(required))
        return self._comparison(identical, equal, switches, nonzero)

    def compare_at_random(self, left: Expr, right: Expr) -> tuple[Comparison, Rational]:
        """As `compare`, by values at random points modulo a prime, with an error bound.

        Two sides that agree as polynomials agree everywhere; the bound is on the probability
        that two that do not agree at a random point modulo a random prime.
        """
        switches = [self._switches[s] for s in self.switches_in(left, right)]
        gates = sorted({switch.gate for switch in switches}, key=symbol_order)
        left, right = self._identified(left), self._identified(right)
        squares = self._squares_in(left, right)
        symbols = [s for s in _symbols_of(left, right, *squares.values()) if s not in squares]
        gates = [gate for gate in gates if gate in symbols]
        bound = modular.error_bound(left, right, squares)
        if modular.agree(left, right, symbols, {}, squares):
            return self._comparison(True, True, switches), bound
        others = [symbol for symbol in symbols if symbol not in gates]
        if len(gates) > _MOST_PATTERNS:
            raise TooLargeError(f"{len(gates)} gates are too many to try every pattern")
        for pattern in product((0, 1), repeat=len(gates)):
            fixed = dict(zip(gates, pattern, strict=True))
            if not modular.agree(left, right, others, fixed, squares):
                return self._comparison(False, False, switches), Rational(0)
        return self._comparison(False, True, switches), bound * 2 ** len(gates)

    def in_words(self, expression: Expr) -> Expr:
        """An expression in atoms, with what they stand for put in, atoms inside of those too."""
        for _ in range(_DEEPEST):
            if not expression.free_symbols & self._meaning.keys():
                break
            expression = expression.xreplace(self._meaning)
        return expression

    def _denominators(self, bottom: dict[PolyElement, int]) -> Iterable[Expr]:
        positive = {s for s in self._keys if self._is_positive(s)}
        for polynomial in bottom:
            expression = polynomial.as_expr()
            if expression.free_symbols <= positive and all(c > 0 for c in polynomial.coeffs()):
                continue
            yield self.in_words(expression)

    def _is_positive(self, symbol: Symbol) -> bool:
        """Whether an atom is an exponential, pi or a root, and positive wherever it has a value."""
        key = self._keys[symbol]
        function = key[0] if isinstance(key, tuple) else key
        return function is exp or (
            function in (S.Pi, Pow) and bool(self._meaning[symbol].is_positive)
        )

    def _comparison(
        self, identical: bool, equal: bool, switches: list[Switch], nonzero: tuple[Expr, ...] = ()
    ) -> Comparison:
        """What is known of kinks: at the zero of a gate all its uses must be consistent."""
        conflict = False
        seen: dict[Symbol, Expr] = {}
        for switch in switches:
            if switch.at_zero is None:
                continue
            value = switch.at_zero if switch.positive else 1 - switch.at_zero
            conflict |= seen.setdefault(switch.gate, value) != value
        return Comparison(
            identical=identical,
            equal=equal,
            gates=len({switch.gate for switch in switches}),
            conventions=frozenset(s.at_zero for s in switches if s.at_zero is not None),
            conflict=conflict,
            both_ways=len(
                {(s.gate, s.positive, s.fixed) for s in switches if s.at_zero is not None}
            )
            > len({s.gate for s in switches if s.at_zero is not None}),
            nonzero=nonzero,
            at_zero=frozenset(value for value in self._at_zero if value.is_number),
        )


def _symbols_of(*expressions: Expr) -> list[Symbol]:
    found = set[Symbol]().union(*(one.free_symbols for one in expressions))  # pyright: ignore
    return sorted(found, key=symbol_order)


def _differ_at_a_point(
    sides: tuple[Expr, Expr],
    symbols: list[Symbol],
    gates: set[Symbol],
    squares: Mapping[Symbol, Expr],
) -> bool:
    """A quick way to a certain no: the sides differ modulo a prime, gates being 0 or 1."""
    switched = [symbol for symbol in symbols if symbol in gates]
    others = [symbol for symbol in symbols if symbol not in gates and symbol not in squares]
    for seed in range(4):
        point = modular.draw(others, switched, seed)
        try:
            if not modular.same(*sides, modular.Residues(modular.FIXED_PRIME, point, squares)):
                return True
        except modular.PoleError:
            continue
        except TypeError as error:
            raise NotRationalError(str(error)) from error
    return False


def _step_of_number(argument: Expr) -> Expr:
    if argument.is_positive is None:
        raise NotRationalError(f"the sign of {argument} is not known")
    return S.One if argument.is_positive else S.Zero


def compare(left: Expr, right: Expr) -> tuple[Comparison, Rational | None]:
    """Compare two expressions without sums by their normal forms.

    Where these would be too large, by values modulo a prime; then the second part of the
    answer bounds the probability that equality was found by accident.

    Raises:
        NotRationalError: when a part of them is not known to the normal form.
    """
    form = NormalForm()
    translated = [form.translate(left), form.translate(right)]
    sides = [form.close(side) for side in translated]
    try:
        return form.compare(*sides), None
    except TooLargeError:
        return form.compare_at_random(*sides)


def _innermost_first(expression: Expr) -> list[Expr]:
    """Every node that is not arithmetic, arguments before what uses them, each once."""
    found: dict[Expr, None] = {}

    def visit(node: Expr) -> None:
        if isinstance(node, Quantity | Partial | Symbol):
            found[node] = None
            return
        if isinstance(node, KroneckerDelta):
            raise NotRationalError(f"{node} is not evaluated")
        for argument in node.args:
            visit(argument)  # pyright: ignore[reportArgumentType]
        if isinstance(node, Application) or is_root(node) or named_constant(node):
            found[node] = None

    visit(expression)
    return list(found)
