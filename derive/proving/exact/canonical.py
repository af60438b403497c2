"""Canonical forms of the arguments of functions: equal arguments are the same expression."""

from __future__ import annotations

from math import gcd, lcm
from typing import Any

from sympy import (
    Add,
    Expr,
    Mul,
    Poly,
    Rational,
    Symbol,
    factor_list,
    fraction,
    together,
)

from derive.errors import NotRationalError

#: What has more operations is not factored to find a square.
_LONGEST = 200


def symbol_order(symbol: Symbol) -> tuple[int, str]:
    """Atoms in the order in which they were met."""
    name = symbol.name
    return (int(name[1:]), "") if name[1:].isdigit() else (0, name)


def canonical(argument: Expr) -> Expr:
    """An argument multiplied out, so that equal polynomials are the same expression."""
    return argument if not argument.args else argument.expand()


def primitive(argument: Expr) -> tuple[Expr, bool]:
    """An argument up to a positive factor, and whether its sign was kept."""
    if isinstance(argument, Symbol):
        return argument, True
    kept, positive = oriented(argument)
    content, rest = kept.as_content_primitive()
    return (rest if content > 0 else kept), positive


def oriented(argument: Expr) -> tuple[Expr, bool]:
    """An argument or its negative, whichever has a positive leading term."""
    kept = canonical(argument)
    leading = min(kept.args, key=_term_order) if isinstance(kept, Add) else kept
    if leading.as_coeff_Mul()[0] < 0:
        return (-kept).expand(), False
    return kept, True


def positive_factors(argument: Expr, powers: set[Symbol]) -> list[tuple[Expr, int]] | None:
    """The factors of a rational expression that is a product of evidently positive ones.

    Positive are exponentials, sums of their products with positive coefficients, and
    positive numbers.  None where some factor is not one of these.
    """
    if not argument.free_symbols <= powers:
        return None
    found: list[tuple[Expr, int]] = []
    for part, sign_of_power in zip(fraction(together(argument)), (1, -1), strict=True):
        coefficient, factors = factor_list(part)
        if not coefficient.is_positive:
            return None
        if coefficient != 1:
            found.append((coefficient, sign_of_power))
        for factor, power in factors:
            if not all(c > 0 for c in Poly(factor).coeffs()):
                return None
            found.append((factor, sign_of_power * power))
    return found


def root_of_square(argument: Expr) -> Expr | None:
    """The f of a primitive polynomial that is f^2; None where it is no square, or a long one."""
    if not argument.is_polynomial(*argument.free_symbols) or argument.count_ops() > _LONGEST:
        return None
    coefficient, factors = factor_list(argument)
    if coefficient != 1 or any(power % 2 for _, power in factors):
        return None
    return Mul(*(factor ** (power // 2) for factor, power in factors))


def _term_order(term: Expr) -> tuple[Any, ...]:
    return tuple(sorted(symbol_order(s) for s in term.free_symbols)), str(term.as_coeff_Mul()[1])


def common_unit(coefficients: list[Rational]) -> Rational:
    """The largest rational of which all are integer multiples."""
    if not all(isinstance(c, Rational) for c in coefficients):
        raise NotRationalError("an argument has no finite value")
    top = gcd(*(int(c.p) for c in coefficients))
    return Rational(top, lcm(*(int(c.q) for c in coefficients)))
