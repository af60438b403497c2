"""Sums, products and powers of what was read: exact, real, and never larger than memory.

SymPy works numbers out as soon as it is given them, so a short text such as 9^999^999 must be
refused before it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Add, Basic, Expr, I, Integer, Mul, Pow, Rational, S, Symbol, exp, nan, oo, zoo
from sympy.core.function import Application

from derive.algebra.indices import index_symbols
from derive.algebra.primitives import is_root
from derive.errors import ReadingError

MAXIMAL_EXPONENT = 1_000
#: About 3,900 digits; Python writes no integer of more than 4,300.
_MAXIMAL_BITS = 13_000
#: SymPy looks for small primes in a number under a root.
_MAXIMAL_RADICAND = 200
#: SymPy finds the sign of a polynomial in one width by finding its roots.
_MAXIMAL_WIDTH_DEGREE = 20
#: A number in front of a longer sum is left standing there: multiplying it in takes long.
_MAXIMAL_DISTRIBUTED = 50


def total(terms: Sequence[Expr], column: int) -> Expr:
    """The sum of the terms."""
    if len(terms) == 1:
        return terms[0]
    coefficients = [term.as_coeff_Mul()[0] for term in terms]
    _check(sum(int(q).bit_length() for q in {c.q for c in coefficients}), column)
    result = Add(*terms)
    for term in Add.make_args(result):
        _check(_bits(term.as_coeff_Mul()[0]), column)
    return result


def product(factors: Sequence[Expr], column: int) -> Expr:
    """The product of the factors; a number times a long sum is left standing."""
    if len(factors) == 1:
        return factors[0]
    coefficient: Expr = S.One
    others: list[Expr] = []
    for factor in factors:
        number, rest = factor.as_coeff_Mul()
        coefficient = coefficient * number
        _check(_bits(coefficient), column)
        if rest != 1:
            others.append(rest)
    _check_widths(sum(_width_degree(factor) for factor in others), column)
    rest = Mul(*others)
    if coefficient in (0, 1):
        return rest if coefficient == 1 else S.Zero
    standing = isinstance(rest, Add) and len(rest.args) > _MAXIMAL_DISTRIBUTED
    result = Mul(coefficient, rest, evaluate=not standing)
    _check(_bits(result.as_coeff_Mul()[0]), column)
    return result


def power(base: Expr, exponent: Expr, column: int) -> Expr:
    """The power, its exponent a whole number up to `MAXIMAL_EXPONENT` in size, or a half of one."""
    halves = 2 * exponent
    if not isinstance(halves, Integer) or abs(exponent) > MAXIMAL_EXPONENT:
        raise ReadingError(
            column,
            f"an exponent is a whole number from -{MAXIMAL_EXPONENT} to {MAXIMAL_EXPONENT}, or "
            "half of one",
        )
    if halves % 2 and base.is_number:
        check_root(base, column)
    if base == 0 and exponent < 0:
        raise ReadingError(column, "this divides by zero")
    _check_widths(_width_degree(base) * int(abs(halves)), column)
    for factor in Mul.make_args(base):
        if isinstance(factor, Rational):
            _check(_bits(factor) * int(abs(halves)), column)
        elif isinstance(factor, Pow) and not isinstance(factor, exp):
            inner = factor.exp.as_coeff_Mul()[0]
            if abs(inner * exponent) > MAXIMAL_EXPONENT:
                raise ReadingError(
                    column,
                    f"a power of a power multiplies out to an exponent up to {MAXIMAL_EXPONENT}",
                )
    return Pow(base, exponent)


def check_root(base: Expr, column: int) -> None:
    """Refuse the root of a number that is negative, or that is itself made of roots.

    SymPy looks for the sign of nested roots by their polynomials, which takes long.
    """
    nested = base.has(Application) or any(is_root(power) for power in base.atoms(Pow))
    if nested or _bits(base) > _MAXIMAL_RADICAND:
        raise ReadingError(column, "a root of a constant is read for short fractions and for pi")
    if not base.is_nonnegative:
        raise ReadingError(column, "the root of a number that is negative has no real value")


def check_real(value: Expr) -> Expr:
    """The value, which must not be infinite, undefined or complex."""
    if value.has(nan, zoo, oo, -oo, I):
        raise ReadingError(1, "this formula has no real value")
    return value


def compared(relation: Any, left: Expr, right: Expr, evaluate: bool = True) -> Basic:
    """The comparison; false where SymPy knows that a side is never real, as log(-x^2)."""
    try:
        return relation(left, right, evaluate=evaluate)
    except TypeError:
        return S.false


def has_widths(*expressions: Basic) -> bool:
    """Whether a width is in one of them, which SymPy knows to be positive."""
    return any(
        symbol.is_positive
        for expression in expressions
        for symbol in expression.atoms(Symbol) - index_symbols(expression)
    )


def _width_degree(expression: Basic) -> int:
    """The degree in all widths together, or a bound of it."""
    if not has_widths(expression):
        return 0
    degrees = [_width_degree(argument) for argument in expression.args]
    if isinstance(expression, Symbol):
        return 1
    if isinstance(expression, Mul):
        return sum(degrees)
    if isinstance(expression, Pow) and isinstance(expression.exp, Integer):
        return degrees[0] * abs(int(expression.exp))
    return max(degrees)


def _check_widths(degree: int, column: int) -> None:
    if degree > _MAXIMAL_WIDTH_DEGREE:
        raise ReadingError(
            column,
            f"widths are read up to a power of {_MAXIMAL_WIDTH_DEGREE}, and this is {degree}",
        )


def _bits(number: Expr) -> int:
    """The binary digits of a fraction; 1 for a number that is none."""
    if not isinstance(number, Rational):
        return 1
    return max(int(number.p).bit_length(), int(number.q).bit_length())


def _check(bits: int, column: int) -> None:
    if bits > _MAXIMAL_BITS:
        raise ReadingError(column, "the numbers here multiply out to more than 3,900 digits")
