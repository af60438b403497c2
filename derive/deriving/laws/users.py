"""Laws of differentiation on any model: the chain rule over all users.

A quantity v may have several users, the quantities whose definitions mention it.  Then

    dC/dv = sum over the users q of dC/dq times the derivative of the formula of q by v,

in which all else in that formula is fixed; where v reaches q in no other way that derivative is
dq/dv.
"""

from __future__ import annotations

from collections.abc import Set

from sympy import Add, Expr, KroneckerDelta, Symbol

from derive.algebra.indices import contract, deltas_in_front, index_symbols
from derive.algebra.quantities import Local, Partial, Quantity
from derive.deriving.laws.short_forms import numbers_in_front
from derive.meaning.derivation import Equation
from derive.model.model import Head, Model


def chain_rule_over_users(model: Model, partial: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """dC/dv = sum over all users q of v, entry by entry, of dC/dq times dq/dv.

    Users that C is not computed from have dC/dq = 0, and are left out.
    """
    if not isinstance(partial, Partial) or partial.of != model.C:
        raise ValueError(f"{partial} is not a derivative of the objective")
    v, last = partial.wrt, model.C.args[:2]
    terms: list[Expr] = []
    for user in model.users(v):
        if user != last and not model.depends(last, user):
            continue
        q, letters = written_entry(model, user, index_symbols(v))
        direct = _derivative(model, q, v)
        terms.append(
            model.over_all(letters, direct if q == model.C else Partial(model.C, q) * direct)
        )
    return Add(*terms)


def written_entry(
    model: Model, head: Head, avoid: Set[Symbol]
) -> tuple[Quantity, tuple[tuple[Expr, Symbol], ...]]:
    """An entry of a tensor at the letters of its own definition where these are free."""
    own = model.letters_of(head)
    if own is None or avoid & {*own}:
        return model.general_entry(head, avoid)
    bare = Quantity(*head)
    return bare.at(*own), tuple(zip(model.axes(bare), own, strict=True))


def _derivative(model: Model, q: Quantity, v: Quantity) -> Expr:
    """dq/dv, as the derivative of the formula alone where v reaches q in another way too."""
    others = (part for part in model.parts(q.args[:2]) if part != v.args[:2])
    if any(model.depends(part, v.args[:2]) for part in others):
        return Local(q, v)
    return Partial(q, v)


def insert_users(model: Model, expression: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """dq/dv = d(formula of q)/dv, for every user q of v."""
    found: dict[Expr, Expr] = {}
    for node in expression.atoms(Partial, Local):
        of, v = node.of, node.wrt
        if isinstance(of, Quantity) and v.args[:2] in model.parts(of.args[:2]):
            if of == model.C and isinstance(node, Partial) and node != expression:
                continue
            formula = model.definition(of, frozenset(index_symbols(expression)))
            if formula is not None:
                found[node] = node.func(formula, v)
    return expression.xreplace(found)


def sum_over_deltas(model: Model, expression: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """sum_i delta_ij f_i = f_j, also where the delta stands in front of another sum."""
    if not expression.has(KroneckerDelta):
        return expression
    return numbers_in_front(contract(deltas_in_front(expression)))  # pyright: ignore
