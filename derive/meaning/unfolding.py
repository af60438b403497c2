"""What quantities and derivatives mean: one layer of definitions put in at a time.

This is the judge's own reading of a model.  It knows the definitions and one fact of
calculus, the derivative of a composite (`derive.meaning.composites`), taken through what
is computed from v at once or, where the other side of the equation speaks of a later
layer, through that layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sympy import Expr, S, Symbol, Tuple
from sympy.core.function import Application

from derive.algebra.indices import contract, fresh_index, index_symbols
from derive.algebra.quantities import (
    Partial,
    Quantity,
    is_step,
    names_curvature,
    outermost,
    replace_whole,
)
from derive.meaning.composites import (
    can_unfold,
    comes_after,
    derivative,
    head,
    head_of,
    through,
    work_out,
)
from derive.model.model import Model
from derive.model.network import Network


def unfold(model: Model, sides: Tuple) -> Tuple | None:
    """Put in the next layer of definitions, or None when nothing is left to unfold.

    Every form on the way denotes the same as the first; the order only decides how soon
    both sides meet.  What occurs on one side only goes first, since what they share may
    cancel; derivatives before quantities, from the input towards the cost; quantities
    from the cost towards the input, pre-activations inside a function last of all.
    """
    outer = [outermost(side) for side in sides.args]
    heads = [{head(atom) for atom in atoms} for atoms in outer]
    one_sided = heads[0] ^ heads[1]
    atoms = [atom for atom in outermost(sides) if can_unfold(model, atom)]
    different = [atom for atom in atoms if head(atom) in one_sided]
    stepped_over = _stepped_over(model, atoms)
    bare = {head(atom) for atom in outermost(sides, outside=(Application,))}
    facing = {name: outer[name in heads[0]] for name in one_sided}
    choices = (
        # A name for second derivatives, where the other side has what it stands for.
        [a for a in different if names_curvature(a) and _is_spelled_out(model, facing[head(a)])],
        [a for a in atoms if _is_derivative(a) and (a in different or a in stepped_over)],
        [atom for atom in different if head(atom) in bare],
        [atom for atom in atoms if isinstance(atom, Quantity) and not model.is_inside(atom)],
        different,
        atoms,
    )
    chosen = next((choice for choice in choices if choice), None)
    if chosen is None:
        return None
    used = index_symbols(sides)
    derivatives = [atom for atom in chosen if _is_derivative(atom)]
    if derivatives:
        soonest = min(_turn(model, atom) for atom in derivatives)
        first = [atom for atom in derivatives if _turn(model, atom) == soonest]
        met = {atom: _met(model, atom, facing.get(head(atom), []), used) for atom in first}
        opened = {atom: found for atom, found in met.items() if found is not None}
        if not opened:
            opened = {atom: derivative(model, atom, used) for atom in first}
        return contract(replace_whole(sides, opened))
    highest = max(model.rank(q) for q in chosen)
    fixed = frozenset(used)
    definitions = {q: model.definition(q, fixed) for q in chosen if model.rank(q) == highest}
    return contract(replace_whole(sides, definitions))


def opened_forward(model: Model, sides: Tuple) -> Tuple:
    """The sides with every dq/dv of what is computed on the way by the definitions from q to v.

    So the derivatives of several quantities by one are compared in what all are made of.  In a
    stack of layers, and for the objective, the way leads back instead.
    """
    if isinstance(model, Network):
        return sides
    while True:
        used = frozenset(index_symbols(sides))
        found: dict[Any, Expr] = {}
        for atom in outermost(sides):
            if not isinstance(atom, Partial) or not isinstance(atom.of, Quantity):
                continue
            moves = atom.of.args[:2] != atom.wrt.args[:2] and not is_step(atom.wrt)
            if moves and atom.of != model.C and model.defines(atom.of):
                found[atom] = Partial(model.definition(atom.of, used), atom.wrt)
        if not found:
            return sides
        sides = contract(work_out(model, replace_whole(sides, found)))  # pyright: ignore


def _stepped_over(model: Model, atoms: Sequence[Any]) -> set[Any]:
    """Derivatives dC/dv beside one by what is computed from v, as dC/dv and dC/dn of a norm.

    They may be on both sides and yet not cancel: 2 dC/dv (x - m) on one, -2 dC/dv m on the other.
    """
    by = {atom: atom.wrt.args[:2] for atom in atoms if isinstance(atom, Partial)}
    return {
        atom
        for atom, v in by.items()
        if atom.of == model.C and any(model.depends(w, v) for w in by.values())
    }


def _is_derivative(atom: Any) -> bool:
    """Whether an atom is a derivative, or a name for some."""
    return isinstance(atom, Partial) or names_curvature(atom)


def _turn(model: Model, partial: Quantity | Partial) -> tuple[int, int]:
    """When a derivative is to be unfolded: what it unfolds to has a later turn.

    dC/dv goes on to what is computed from v, R{dC/dv} too; R{q} to what q is computed from;
    G^(k) to G^(k+1).
    """
    if isinstance(partial, Quantity):
        return 0, model.rank(Quantity("z", partial.layer))
    if not is_step(partial.wrt):
        return 0, model.rank(partial.wrt)
    if isinstance(partial.of, Partial):
        return 0, model.rank(partial.of.wrt)
    return 1, -model.rank(partial.of)


def _met(
    model: Model, partial: Quantity | Partial, facing: Sequence[Any], used: frozenset[Symbol]
) -> Expr | None:
    """The derivative through a later layer by which the other side differentiates the same.

    d(of)/dv = sum_m d(of)/dw_m dw_m/dv for any layer w between v and what `of` is made of;
    in d/dq dC/dp the inner derivative may be taken so.
    """
    if isinstance(partial, Quantity):
        assert isinstance(model, Network)  # a name for second derivatives is one of a network
        return _gauss_newton(model, partial, facing, used)
    of, v = partial.of, partial.wrt
    used = used | index_symbols(partial)
    if isinstance(of, Quantity) and not is_step(v) and _is_made_of(model, of, v, facing):
        return Partial(model.definition(of, frozenset(used)), v)
    if not is_step(v) and (isinstance(of, Quantity) or comes_after(model, of, v)):
        w = _waist(model, of, v, facing)
        if w is not None:
            return through(model, of, v, w, used)
        if isinstance(of, Quantity) and _is_computed_from(model, of, v, facing):
            return Partial(model.definition(of, frozenset(used)), v)
    if isinstance(of, Partial) and isinstance(of.of, Quantity) and not is_step(of.wrt):
        # d/dv dC/dw on the other side: v moves along with dC/dw there.
        moved = [a.of for a in facing if isinstance(a, Partial) and head(a)[-2:] == head(v)]
        w = _waist(model, of.of, of.wrt, [*facing, *moved])
        if w is not None:
            return Partial(through(model, of.of, of.wrt, w, used), v)
        if any(_uses(model, of, inner) for inner in moved):
            return Partial(contract(derivative(model, of, used)), v)
    return None


def _is_made_of(model: Model, of: Quantity, v: Quantity, facing: Sequence[Any]) -> bool:
    """Whether the other side has derivatives by the same of what the formula of `of` is made of.

    Or of what is made of the same, as the cost of one sample beside that of all.
    """
    if isinstance(model, Network) or not model.defines(of):
        return False  # in a stack of layers the way leads through the next layer
    parts = model.parts(of.args[:2])
    moving = {part for part in parts if model.depends(part, v.args[:2])}
    for atom in facing:
        if isinstance(atom, Partial) and head(atom)[-2:] == v.args[:2]:
            other = head_of(atom.of)
            alike = isinstance(atom.of, Quantity) and moving.intersection(model.parts(other))
            if other in parts or alike:
                return True
    return False


def _is_computed_from(model: Model, of: Quantity, v: Quantity, facing: Sequence[Any]) -> bool:
    """Whether the other side has derivatives by the same of what `of` is computed from.

    The way to that leads forward: from dz_10/dz_1 to dz_9/dz_1 by the definitions of z_10 and r_9,
    whatever the number of layers before.
    """
    if of == model.C or not model.defines(of):
        return False  # from the cost the way leads back
    return any(
        isinstance(atom, Partial)
        and head(atom)[-2:] == v.args[:2]
        and isinstance(atom.of, Quantity)
        and model.depends(of.args[:2], atom.of.args[:2])
        and atom.of.args[:2] != v.args[:2]
        for atom in facing
    )


def _uses(model: Model, of: Partial, other: Expr) -> bool:
    """Whether `other` is the derivative of the same by what uses the variable of `of`."""
    return (
        isinstance(other, Partial)
        and head_of(other.of) == head_of(of.of)
        and model.users(of.wrt) == (other.wrt.args[:2],)
    )


def _gauss_newton(
    network: Network, quantity: Quantity, facing: Sequence[Any], used: frozenset[Symbol]
) -> Expr:
    """G^(k)_ij = sum_lm dz_l/dz_i G^(k+1)_lm dz_m/dz_j, gamma^(k)_i = sum_l dz_l/dz_i gamma_l.

    That is the definition with ds_u/dz_i = sum_l ds_u/dz_l dz_l/dz_i put in, z_l those of
    layer k+1.  At the output, and where the other side has the curvature of the cost by the
    outputs, the definition itself.
    """
    definition = network.definition(quantity, frozenset(used))
    assert definition is not None
    if quantity.layer == network.last or _is_spelled_out(network, facing):
        return definition
    following = network.into(quantity)
    product: Expr = S.One
    bounds: list[Symbol] = []
    for unit in (quantity.indices or (S.One, S.One))[: 2 if quantity.kind == "G" else 1]:
        bounds.append(fresh_index({*used, *bounds}))
        start = network.quantity("z", quantity.layer, unit)
        product *= Partial(network.quantity("z", following, bounds[-1]), start)
    product *= network.quantity(quantity.kind, following, *bounds)
    for bound in bounds:
        product = network.sum_over(following, bound, product)
    return product


def _is_spelled_out(model: Model, facing: Sequence[Any]) -> bool:
    """Whether there are second derivatives by what Gauss-Newton splits at."""
    return any(
        isinstance(atom, Partial)
        and isinstance(atom.of, Partial)
        and atom.of.wrt.args[:2] == model.splits_at
        for atom in facing
    )


def _waist(model: Model, of: Expr, v: Quantity, facing: Sequence[Any]) -> Quantity | None:
    """The first tensor after the users of v by which `facing` has derivatives of the same.

    All that is computed from v on the way must go through it.  None where `facing` has a
    derivative by something before it, such as a user of v: to there the chain rule leads.
    """
    users = model.users(v)
    base, variables = of.unnested if isinstance(of, Partial) else (of, [])
    if not users or not isinstance(base, Quantity) or names_curvature(base):
        return None
    after = model.rank(Quantity(*users[0]))
    # dC/dq is made of what comes after q and of q itself: a layer after q does not carry it.
    last = min(model.rank(q) for q in [base, *variables])
    same = [
        atom.wrt
        for atom in facing
        if isinstance(atom, Partial)
        and head_of(atom.of) == head_of(of)
        and after <= model.rank(atom.wrt) <= last
        and head(atom.wrt) != head_of(of)
        and model.depends(head(atom.wrt), v.args[:2])
    ]
    first = min(same, key=lambda w: model.rank(w), default=None)
    if first is None or head(first) in users:
        return None
    return first if model.parts_at(head(first), v.args[:2], base.args[:2]) else None


def may_meet(model: Model, sides: Tuple) -> bool:
    """Whether both sides could agree as they stand.

    A derivative on one side only that can be unfolded further is hardly going to cancel;
    comparing can wait until it has been.
    """
    heads = [{head(atom) for atom in outermost(side)} for side in sides.args]
    return not any(
        isinstance(atom, Partial) and head(atom) in heads[0] ^ heads[1]
        for atom in outermost(sides)
        if can_unfold(model, atom)
    )
