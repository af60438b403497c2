"""Equations between logarithms, as equations between products: exp is one-to-one."""

from __future__ import annotations

from sympy import Add, Expr, Integer, Mul, Rational, S, exp, expand_mul, ilcm, log

from derive.functions import softplus


def exponentiated(left: Expr, right: Expr) -> tuple[Expr, Expr] | None:
    """Two products that are equal exactly where the sides are, or None where there are none.

    left - right = sum_n c_n log(u_n) + rest with rational c_n is 0 exactly where the product
    of the u_n^(N c_n), times exp(N rest), is 1, N > 0 making all N c_n whole: wherever the
    sides have values every u_n is positive.
    """
    coefficients: dict[Expr, Rational] = {}
    rest: list[Expr] = []
    for term in Add.make_args(expand_mul(left - right)):
        coefficient, factors = term.as_coeff_mul()
        argument = _logarithmic(Mul(*factors))
        if argument is None or not isinstance(coefficient, Rational):
            rest.append(term)
        else:
            coefficients[argument] = coefficients.get(argument, S.Zero) + coefficient
    if not coefficients or Add(*rest).has(log, softplus):
        return None
    times = Integer(ilcm(1, *(c.q for c in coefficients.values())))
    above = [u ** (times * c) for u, c in coefficients.items() if c > 0]
    below = [u ** (-times * c) for u, c in coefficients.items() if c < 0]
    return Mul(*above, exp(times * Add(*rest))), Mul(*below)


def _logarithmic(expression: Expr) -> Expr | None:
    """u, where an expression is log(u); softplus(z) = log(1 + exp(z))."""
    if isinstance(expression, log) and len(expression.args) == 1:
        return expression.args[0]
    return 1 + exp(expression.args[0]) if isinstance(expression, softplus) else None
