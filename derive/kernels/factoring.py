"""Sums of products as a factor of one index times what does not have the index.

    r_i x_l d2C/dz_j dz_m + x_l dC/dz_j dr_i/dz_m = x_l (r_i d2C/dz_j dz_m + dC/dz_j dr_i/dz_m):

an entry of the Hessian at W_lm is, for each sample, what the unit l gives times what a program
computes once for all l.
"""

from __future__ import annotations

from sympy import Add, Expr, Mul, S, Symbol

from derive.algebra.indices import free_indices


def factored(formula: Expr, letter: Symbol) -> tuple[Expr, Expr]:
    """What has a letter and stands in every term, and the terms without it.

    The first is 1 where terms have different factors with the letter, or no term has it.
    """
    terms = [_parted(term, letter) for term in Add.make_args(formula)]
    common = {outer for outer, _ in terms}
    if len(common) != 1 or free_indices(outer := common.pop()) - {letter}:
        return S.One, formula
    return outer, Add(*(inner for _, inner in terms))


def _parted(term: Expr, letter: Symbol) -> tuple[Expr, Expr]:
    outer: list[Expr] = []
    inner: list[Expr] = []
    for factor in Mul.make_args(term):
        (outer if letter in free_indices(factor) else inner).append(factor)
    return Mul(*outer), Mul(*inner)
