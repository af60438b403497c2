"""Quotients that a product takes away again, by q that may be too small for a float.

    dC/dz_c = (dC/dp_c - sum_i dC/dp_i p_i) p_c    with    dC/dp_c = f_c / p_c + g_c

is f_c + g_c p_c - sum_i (f_i + g_i p_i) p_c, which has a value where p_c has become 0.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from sympy import Add, Expr, Mul, Pow, Sum

from derive.algebra.indices import substitute
from derive.algebra.quantities import Partial, Quantity, is_step, outermost, replace_whole
from derive.deriving.laws.algebra import match
from derive.kernels.assignments import Assignment, Name, without_letters


def without_quotients(found: Mapping[Name, Assignment]) -> dict[Name, Assignment]:
    """The assignments, with dC/dq put into products with q where its formula divides by q.

    Along a direction the same is done with R{dC/dq}, R{q} = q s being put in first.
    """
    dividing = {
        name: own for name, own in found.items() if (q := _by(own.left)) and _divides(own.right, q)
    }
    moved = {
        own.name: own
        for slope in dividing.values()
        for own in found.values()
        if isinstance(own.left, Partial) and is_step(own.left.wrt)
        if isinstance(own.left.of, Quantity) and own.left.of.args[:2] == _by(slope.left).args[:2]
        if own.left.of in Mul.make_args(own.right)
    }
    dividing = {name: _put_in(own, moved.values()) for name, own in dividing.items()}
    return {name: _short(dividing, moved, own) for name, own in found.items()}


def _by(name: Name) -> Any:
    """q of dC/dq and of R{dC/dq}; none of other names."""
    if not isinstance(name, Partial):
        return None
    if is_step(name.wrt):
        inner = name.of
        return _by(inner) if isinstance(inner, Partial) else None
    return name.wrt if isinstance(name.of, Quantity) else None


def _put_in(own: Assignment, others: Iterable[Assignment]) -> Assignment:
    """The assignment with the formulas of some names in their place, and with their numbers."""
    by_name = {other.name: other for other in others}
    nodes = {node: by_name.get(without_letters(node)) for node in outermost(own.right)}
    formulas: dict[Expr, Expr] = {}
    for node, other in nodes.items():
        letters = None if other is None else match(other.left, node)
        if other is not None and letters is not None:
            formulas[node] = substitute(other.right, letters)
            own = _resting_on(own, other)
    return replace(own, right=replace_whole(own.right, formulas))


def _resting_on(own: Assignment, other: Assignment) -> Assignment:
    numbers = tuple(dict.fromkeys((*own.equations, *other.equations)))
    assuming = tuple(dict.fromkeys((*own.assuming, *other.assuming)))
    return replace(own, equations=numbers, assuming=assuming)


def _short(
    dividing: Mapping[Name, Assignment], moved: Mapping[Name, Assignment], own: Assignment
) -> Assignment:
    names = dict.fromkeys(map(without_letters, outermost(own.right)))
    slopes = [dividing[name] for name in names if name in dividing]
    if not slopes or own.name in dividing:
        return own
    changed = _put_in(own, moved.values())
    for slope in slopes:
        changed = _resting_on(replace(changed, right=_multiplied(changed.right, slope)), slope)
    return own if any(_mentions(changed.right, slope) for slope in slopes) else changed


def _mentions(formula: Expr, slope: Assignment) -> bool:
    return slope.name in map(without_letters, outermost(formula))


def _multiplied(formula: Expr, slope: Assignment) -> Expr:
    """The formula with f for each product dC/dq q, where that is f without a quotient by q.

    Only what has dC/dq in it is multiplied out.
    """
    if not _mentions(formula, slope):
        return formula
    if isinstance(formula, Add):
        return Add(*(_multiplied(term, slope) for term in formula.args))
    if isinstance(formula, Sum):
        return Sum(_multiplied(formula.function, slope), *formula.limits)
    factors = list(Mul.make_args(formula))
    own = next(one for one in factors if _mentions(one, slope))
    factors.remove(own)
    if isinstance(own, Add):
        return Add(*(_multiplied(Mul(term, *factors), slope) for term in own.args))
    letters = match(slope.left, own)
    if letters is None:
        return Mul(_multiplied(own, slope), *factors) if isinstance(own, Sum) else formula
    q = substitute(_by(slope.left), letters)
    product = _times(substitute(slope.right, letters), q)
    if q not in factors or _divides(product, q):
        return formula
    factors.remove(q)
    return Mul(product, *factors)


def _times(formula: Expr, q: Expr) -> Expr:
    """The product, each term of the factor that divides by q multiplied on its own."""
    factors = list(Mul.make_args(formula))
    for place, factor in enumerate(factors):
        if isinstance(factor, Add) and _divides(factor, q):
            factors[place] = Add(*(_times(term, q) for term in factor.args))
            return Mul(*factors)
    return Mul(q, *factors)


def _divides(formula: Expr, q: Expr) -> bool:
    return any(one.base == q and one.exp.is_negative for one in formula.atoms(Pow))
