"""Equations between logarithms, as equations between products: exp is one-to-one."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Add, Expr, Integer, Mul, Rational, S, exp, ilcm, log

from derive.algebra.functions import softplus

#: {u_n: c_n} and a rest, for sum_n c_n log(u_n) + rest.
_Sum = tuple[dict[Expr, Rational], Expr]


def exponentiated(left: Expr, right: Expr) -> tuple[Expr, Expr] | None:
    """Two products that are equal exactly where the sides are, or None where there are none.

    left - right = sum_n c_n log(u_n) + rest with rational c_n is 0 exactly where the product
    of the u_n^(N c_n), times exp(N rest), is 1, N > 0 making all N c_n whole: wherever the
    sides have values every u_n is positive.
    """
    difference = _in_logarithms(left - right)
    if difference is None or not difference[0]:
        return None
    coefficients, rest = difference
    times = Integer(ilcm(1, *(c.q for c in coefficients.values())))
    above = [u ** (times * c) for u, c in coefficients.items() if c > 0]
    below = [u ** (-times * c) for u, c in coefficients.items() if c < 0]
    return Mul(*above, exp(times * rest)), Mul(*below)


def _in_logarithms(expression: Expr) -> _Sum | None:
    """({u_n: c_n}, rest), of which an expression is the sum; None where it is no such sum.

    Nothing is multiplied out but what has logarithms: the rest may be too large for it.
    """
    if not expression.has(log, softplus):
        return {}, expression
    match expression:
        case log() if len(expression.args) == 1:
            return {expression.args[0]: S.One}, S.Zero
        case softplus():  # log(1 + exp(z))
            return {1 + exp(expression.args[0]): S.One}, S.Zero
        case Add():
            parts = [_in_logarithms(term) for term in expression.args]
        case Mul():
            scale, factor = expression.as_coeff_Mul()
            parts = [_scaled(scale, _in_logarithms(factor))] if scale != 1 else [None]
        case _:
            return None
    return _added(parts)


def _scaled(scale: Expr, of: _Sum | None) -> _Sum | None:
    if of is None or not isinstance(scale, Rational):
        return None
    coefficients, rest = of
    return {u: scale * c for u, c in coefficients.items()}, scale * rest


def _added(parts: Sequence[_Sum | None]) -> _Sum | None:
    total: dict[Expr, Rational] = {}
    rests: list[Expr] = []
    for part in parts:
        if part is None:
            return None
        for u, c in part[0].items():
            total[u] = total.get(u, S.Zero) + c
        rests.append(part[1])
    return total, Add(*rests)
