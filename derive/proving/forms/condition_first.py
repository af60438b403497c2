"""What a condition says of the ends of a derivative, before all that lies between is unfolded.

Where a unit is off, its output and its slope are 0.  In dC/dW_ij = dC/dz_j r_i, and in second
derivatives by such weights, they are factors that stand at the parameters, next to derivatives
that go all the way to the cost: unfolding these first doubles the form with every layer.
"""

from __future__ import annotations

from collections.abc import Set
from typing import Any

from sympy import Basic, Expr, Tuple

from derive.algebra.indices import contract, index_symbols
from derive.algebra.quantities import Partial, Quantity, is_step, outermost, replace_whole
from derive.meaning.cases import under
from derive.meaning.composites import derivative, work_out
from derive.model.model import Model


def conditioned(model: Model, form: Tuple, where: Basic) -> Tuple:
    """The sides in terms of what a condition names, and with the condition used.

    Derivatives by what is given, and by what is named, are taken by what is computed from that;
    what is computed from what is named, as r_i from z_i, is written by its definition.
    """
    named = {atom for atom in outermost(where) if isinstance(atom, Quantity)}
    if not named:
        return form
    while steps := _steps(model, form, named):
        form = work_out(model, contract(replace_whole(form, steps)))  # pyright: ignore
        form = under(form, where)  # pyright: ignore
    used = frozenset(index_symbols(form) | index_symbols(where))
    quantities = [q for q in outermost(form) if isinstance(q, Quantity)]
    formulas = {q: _formula(model, q, named, used) for q in quantities}
    return under(replace_whole(form, {q: f for q, f in formulas.items() if f}), where)  # pyright: ignore


def _steps(model: Model, form: Tuple, named: Set[Quantity]) -> dict[Any, Expr]:
    """What derivatives are that begin or end at the condition, or end at what is given."""
    used = frozenset(index_symbols(form))
    found: dict[Any, Expr] = {}
    for atom in outermost(form):
        if not isinstance(atom, Partial) or is_step(atom.wrt):
            continue
        of, inside = atom.of, used | index_symbols(atom)
        if isinstance(of, Partial) and _ends(model, of, named):
            found[atom] = Partial(contract(derivative(model, of, inside)), atom.wrt)
        elif isinstance(of, Quantity) and (formula := _formula(model, of, named, inside)):
            found[atom] = Partial(formula, atom.wrt)
        elif isinstance(of, Quantity | Partial) and _ends(model, atom, named):
            found[atom] = derivative(model, atom, used)
    return {atom: opened for atom, opened in found.items() if opened != atom}


def _ends(model: Model, partial: Partial, named: Set[Quantity]) -> bool:
    """Whether a derivative is by what the condition names, or by what is given and used."""
    v = partial.wrt
    return not is_step(v) and (v in named or (not model.defines(v) and bool(model.users(v))))


def _formula(
    model: Model, quantity: Quantity, named: Set[Quantity], used: frozenset[Any]
) -> Expr | None:
    """The definition of what is computed from what the condition names."""
    formula = model.definition(quantity, used) if model.defines(quantity) else None
    if formula is None or named.isdisjoint(outermost(formula)):
        return None
    return formula
