"""Numbers that are exact as long as they can be, and enclosed in intervals where not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache, reduce
from math import isqrt
from operator import add, mul
from typing import Any, TypeVar

from mpmath.ctx_iv import MPIntervalContext
from mpmath.libmp import from_int, mpf_abs, mpf_lt, mpf_mul, mpf_sign, mpf_sub, round_up
from sympy import (
    Add,
    Basic,
    Expr,
    Float,
    Integer,
    Mul,
    Piecewise,
    Pow,
    Rational,
    S,
    Symbol,
    cos,
    erf,
    exp,
    log,
    sin,
)
from sympy.core.relational import Relational

from derive.algebra.primitives import COS, ERF, SIN, SQRT, Primitive, is_root
from derive.errors import DeriveError

DIGITS = 30
#: Digits to compute with, one after the other until `DIGITS` of every result are certain.
_PRECISIONS = (50, 150, 600, 2400)
#: A result within 10^-_NOTHING of 0 whose sign is still open is taken for 0.
_NOTHING = 2000
#: Python writes no integer of more than 4300 digits.
_MOST_BITS = 14_000

#: A Fraction, or an interval of mpmath that encloses a number.
Coefficient = Any

Found = TypeVar("Found")


@dataclass(frozen=True, slots=True)
class Number:
    """A polynomial in slopes and Step(0): coefficients by product of symbols; no terms is 0."""

    terms: Mapping[Expr, Coefficient]

    def __add__(self, other: Number) -> Number:
        return sum_of((self, other))

    def __mul__(self, other: Number) -> Number:
        products = [
            Number({_times(left, right): _combined(mul, a, b)})
            for left, a in self.terms.items()
            for right, b in other.terms.items()
        ]
        return products[0] if len(products) == 1 else sum_of(products)


def _times(left: Expr, right: Expr) -> Expr:
    """The product of two products of symbols, quickly where there is no symbol."""
    return left if right is S.One else left * right


def _combined(operation: Callable[[Any, Any], Any], a: Coefficient, b: Coefficient) -> Coefficient:
    if isinstance(a, Fraction):
        return operation(a if isinstance(b, Fraction) else _enclosed(a, b.ctx), b)
    return operation(a, _enclosed(b, a.ctx))


def _enclosed(number: Coefficient, context: Any) -> Any:
    """The number as an interval."""
    return _interval(number, context) if isinstance(number, Fraction) else number


@lru_cache(maxsize=1024)
def _interval(number: Fraction, context: Any) -> Any:
    return context.mpf(number.numerator) / context.mpf(number.denominator)


def _has_digits(interval: Any) -> bool:
    """Whether the interval is so narrow that `DIGITS` digits of its middle are certain."""
    ends = interval._mpi_
    width = mpf_mul(mpf_sub(ends[1], ends[0], 53, round_up), from_int(10 ** (DIGITS + 1)))
    same_sign = mpf_sign(ends[0]) * mpf_sign(ends[1]) > 0
    return same_sign and all(mpf_lt(width, mpf_abs(end)) for end in ends)


def constant(value: Fraction | int) -> Number:
    """A rational as a Number."""
    return Number({S.One: Fraction(value)} if value else {})


def sum_of(numbers: Iterable[Number]) -> Number:
    """The sum of numbers."""
    total: dict[Expr, Coefficient] = {}
    for number in numbers:
        for symbols, value in number.terms.items():
            before = total.get(symbols)
            total[symbols] = value if before is None else _combined(add, before, value)
    # Only an exact 0 is false; an interval is true, even around 0.
    return Number({symbols: value for symbols, value in total.items() if value})


class Imprecise(ArithmeticError):
    """More digits are needed."""


def to_digits(work: Callable[[NumberArithmetic], Found]) -> Found:
    """What is worked out with as many digits as make `DIGITS` of every result certain."""
    for digits in _PRECISIONS[:-1]:
        with suppress(Imprecise):
            return work(NumberArithmetic(digits))
    return work(NumberArithmetic(_PRECISIONS[-1], last=True))


class NumberArithmetic:
    """Functions of numbers, to so many digits; `last` when there will be no more."""

    def __init__(self, digits: int, last: bool = False) -> None:
        self._context: Any = MPIntervalContext()
        self._context.dps = digits
        self._last = last

    def value(self, expression: Expr, at: Mapping[Expr, Number]) -> Number:
        """The value of an expression in exp, log, erf, sin, cos, roots, pi, cases and symbols."""
        if expression in at:
            return at[expression]
        if isinstance(expression, Rational):
            return constant(Fraction(int(expression.p), int(expression.q)))
        if isinstance(expression, Symbol):
            return Number({expression: Fraction(1)})
        if expression is S.Pi:
            return Number({S.One: self._context.pi})
        if isinstance(expression, Piecewise):
            cases = (of for of, where in expression.args if self._holds(where, at))
            return self.value(next(cases), at)
        if isinstance(expression, Mul):
            return self._product(expression, at)
        values = (self.value(argument, at) for argument in expression.args)
        if isinstance(expression, Add):
            return sum_of(values)
        if is_root(expression):
            return self.power(self.root(next(values)), int(2 * expression.exp))
        if isinstance(expression, Pow) and not isinstance(expression, exp):
            return self.power(next(values), int(expression.exp))
        functions = {exp: self.exp, log: self.log, erf: self.erf, sin: self.sin, cos: self.cos}
        return functions[expression.func](next(values))

    def _holds(self, where: Basic, at: Mapping[Expr, Number]) -> bool:
        """Whether a condition on the side of a kink holds."""
        signs: dict[Basic, Basic] = {}
        for part in where.atoms(Relational):
            left, right = part.args
            sign = self.sign(self.value(left - right, at))  # pyright: ignore
            signs[part] = part.func(Integer(sign), S.Zero)
        return where.xreplace(signs) == S.true

    def _product(self, product: Mul, at: Mapping[Expr, Number]) -> Number:
        """0 as soon as a factor is, so that 0 log(r) asks for no logarithm."""
        roots = [factor for factor in product.args if is_root(factor)]
        total = self._roots(roots, at) if len(roots) > 1 else constant(1)
        rest = product.args if len(roots) < 2 else [f for f in product.args if f not in roots]
        for part in sorted(rest, key=lambda factor: factor.has(log) + factor.has(Pow)):
            total = total * self.value(part, at)
            if not total.terms:
                break
        return total

    def _roots(self, roots: Sequence[Basic], at: Mapping[Expr, Number]) -> Number:
        """The product of roots as one root, so that sqrt(50)/sqrt(2) is 5."""
        under = constant(1)
        for root in roots:
            base, exponent = root.args
            number = self.value(base, at)  # pyright: ignore
            self.root(number)  # which refuses what is negative
            under = under * self.power(number, int(2 * exponent))
        return self.root(under)

    def sign(self, number: Number) -> int:
        """1, 0 or -1."""
        value = self._alone(number, "the sign of {} depends on {}")
        if isinstance(value, Fraction):
            return (value > 0) - (value < 0)
        if not (value.a > 0 or value.b < 0):
            self._more_digits()
        return int(value.a > 0) - int(value.b < 0)

    def power(self, number: Number, exponent: int) -> Number:
        """An integer power."""
        if exponent >= 0:
            return reduce(mul, [number] * exponent, constant(1))
        value = self._alone(number, "1 divided by {} is no polynomial in {}")
        if not isinstance(value, Fraction) and 0 in value:
            self._more_digits()
        return self.power(Number({S.One: 1 / value}), -exponent)

    def exp(self, number: Number) -> Number:
        """exp, exact at 0."""
        value = self._alone(number, "the exponential of {} is no polynomial in {}")
        if value == 0:
            return constant(1)
        return Number({S.One: self._context.exp(_enclosed(value, self._context))})

    def erf(self, number: Number) -> Number:
        """erf, exact at 0."""
        return self._of_row(ERF, number, at_zero=0)

    def sin(self, number: Number) -> Number:
        """sin, exact at 0."""
        return self._of_row(SIN, number, at_zero=0)

    def cos(self, number: Number) -> Number:
        """cos, exact at 0."""
        return self._of_row(COS, number, at_zero=1)

    def _of_row(self, row: Primitive, number: Number, at_zero: int) -> Number:
        """A primitive, with its exact value at 0."""
        value = self._alone(number, f"{row.name} of {{}} is no polynomial in {{}}")
        if value == 0:
            return constant(at_zero)
        return Number({S.One: row.enclosure(self._context, _enclosed(value, self._context))})

    def root(self, number: Number) -> Number:
        """The square root of a number that is not negative, exact at squares."""
        value = self._alone(number, "the root of {} is no polynomial in {}")
        if isinstance(value, Fraction) and value >= 0:
            above, below = isqrt(value.numerator), isqrt(value.denominator)
            if (above**2, below**2) == value.as_integer_ratio():
                return constant(Fraction(above, below))
        interval = _enclosed(value, self._context)
        if not interval.a >= 0:
            self._more_digits()
            raise DeriveError("a root is of a number that is negative or too close to 0")
        return Number({S.One: SQRT.enclosure(self._context, interval)})

    def log(self, number: Number) -> Number:
        """log of a positive number, exact at 1."""
        value = self._alone(number, "the logarithm of {} is no polynomial in {}")
        if value == 1:
            return constant(0)
        interval = _enclosed(value, self._context)
        if not interval.a > 0:
            self._more_digits()
            raise DeriveError("a logarithm is of a number that is 0 or negative, or too close to 0")
        return Number({S.One: self._context.log(interval)})

    def _alone(self, number: Number, problem: str) -> Coefficient:
        """The value of a number without symbols."""
        symbols = sorted({s.name for product in number.terms for s in product.free_symbols})
        if symbols:
            sentence = problem.format(self.read(number), symbols[0])
            raise DeriveError(f"{sentence}; give a number for {symbols[0]}")
        return number.terms.get(S.One, Fraction(0))

    def read(self, number: Number) -> Expr:
        """The number as SymPy writes it, with `DIGITS` digits where it is not rational."""
        return Add(*(self._read(value) * symbols for symbols, value in number.terms.items()))

    def _read(self, value: Coefficient) -> Expr:
        if isinstance(value, Fraction):
            if max(abs(value.numerator), value.denominator).bit_length() > _MOST_BITS:
                raise DeriveError("a value has more than 4000 digits; give simpler numbers")
            return Rational(value.numerator, value.denominator)
        if not _has_digits(value):
            self._more_digits()
            if abs(value).b < self._context.mpf(10) ** -_NOTHING:
                return S.Zero
            raise DeriveError(f"a value cannot be told from 0 or infinity to {DIGITS} digits")
        return Float(value.mid._mpi_[0], DIGITS)

    def _more_digits(self) -> None:
        """Give up this attempt, unless it is the last."""
        if not self._last:
            raise Imprecise
