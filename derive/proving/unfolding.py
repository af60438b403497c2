"""What quantities and derivatives mean: one layer of definitions put in at a time.

This is the judge's own reading of a network.  It knows the definitions and one fact of
calculus, the derivative of a composite: if C depends on v only through the quantities
q_1, q_2, ... that are computed from v, then dC/dv = sum_m dC/dq_m dq_m/dv.  The q_m are
what is computed from v at once, or all of a later layer, where the other side of the
equation speaks of that layer.  Local derivatives are taken in one real variable t, as
d/dt f(v + t e) at t = 0.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sympy import Basic, Expr, KroneckerDelta, S, Symbol, Tuple
from sympy.core.function import Application

from derive.indices import LETTERS, contract, fresh_index, index, index_symbols, rename_bound
from derive.network import Network
from derive.proving.fractions import NotRationalError
from derive.quantities import (
    DIRECTIONS,
    Partial,
    Quantity,
    derivative_along,
    outermost,
    replace_whole,
)


def unfold(network: Network, sides: Tuple) -> Tuple | None:
    """Put in the next layer of definitions, or None when nothing is left to unfold.

    Every form on the way denotes the same as the first; the order only decides how soon
    both sides meet.  What occurs on one side only goes first, since what they share may
    cancel; derivatives before quantities, from the input towards the cost; quantities
    from the cost towards the input, pre-activations inside a function last of all.
    """
    outer = [outermost(side) for side in sides.args]
    heads = [{_head(atom) for atom in atoms} for atoms in outer]
    one_sided = heads[0] ^ heads[1]
    atoms = [atom for atom in outermost(sides) if _can_unfold(network, atom)]
    different = [atom for atom in atoms if _head(atom) in one_sided]
    bare = {_head(atom) for atom in outermost(sides, outside=(Application,))}
    facing = {head: outer[head in heads[0]] for head in one_sided}
    choices = (
        # A name for second derivatives, where the other side has what it stands for.
        [a for a in different if _is_name(a) and _is_spelled_out(network, facing[_head(a)])],
        [atom for atom in different if _is_derivative(atom)],
        [atom for atom in different if _head(atom) in bare],
        [atom for atom in atoms if isinstance(atom, Quantity) and atom.kind != "z"],
        different,
        atoms,
    )
    chosen = next((choice for choice in choices if choice), None)
    if chosen is None:
        return None
    used = index_symbols(sides)
    derivatives = [atom for atom in chosen if _is_derivative(atom)]
    if derivatives:
        soonest = min(_turn(network, atom) for atom in derivatives)
        first = [atom for atom in derivatives if _turn(network, atom) == soonest]
        met = {atom: _met(network, atom, facing.get(_head(atom), []), used) for atom in first}
        opened = {atom: found for atom, found in met.items() if found is not None}
        if not opened:
            opened = {atom: _derivative(network, atom, used) for atom in first}
        return contract(replace_whole(sides, opened))
    highest = max(network.rank(q) for q in chosen)
    fixed = frozenset(used)
    definitions = {q: network.definition(q, fixed) for q in chosen if network.rank(q) == highest}
    return contract(replace_whole(sides, definitions))


def only_difference(network: Network, sides: Tuple) -> tuple[Any, Any, Expr] | None:
    """A and B, if the left has A where the right has B or, B being 0, nothing.

    Both at one choice of indices, and the left with B in place of A: if that equals the
    right, it suffices that A = B.
    """
    outer = [outermost(side) for side in sides.args]
    heads = [{_head(atom) for atom in atoms} for atoms in outer]
    own = [
        [a for a in atoms if _head(a) not in other and _can_unfold(network, a)]
        for atoms, other in zip(outer, reversed(heads), strict=True)
    ]
    if not own[1]:
        # Only a second derivative is likely to vanish by itself.
        own[0] = [a for a in own[0] if isinstance(a, Partial) and isinstance(a.of, Partial)]
    if any(len({_head(atom) for atom in atoms}) > 1 for atoms in own) or not own[0]:
        return None
    mine, theirs = own[0][0], own[1][0] if own[1] else S.Zero
    if (mine, theirs) == sides.args:
        return None
    if own[1] and _axes(network, mine) != _axes(network, theirs):
        return None
    other = {atom: _at(theirs, _indices(atom)) for atom in own[0]}
    letters = tuple(map(index, LETTERS[: len(_indices(mine))]))
    return (
        _at(mine, letters),
        _at(theirs, letters),
        contract(replace_whole(sides.args[0], other)),  # pyright: ignore[reportReturnType]
    )


def _indices(atom: Any) -> tuple[Expr, ...]:
    """The indices of an atom, those of what is differentiated first."""
    if isinstance(atom, Quantity):
        return atom.indices
    return (*_indices(atom.of), *atom.wrt.indices) if isinstance(atom, Partial) else ()


def _axes(network: Network, atom: Any) -> tuple[Expr, ...]:
    """The layers whose units the indices of an atom count."""
    if isinstance(atom, Quantity):
        return network.axes(atom)
    return (*_axes(network, atom.of), *network.axes(atom.wrt)) if isinstance(atom, Partial) else ()


def _at(atom: Any, indices: tuple[Expr, ...]) -> Any:
    """The atom with other indices."""
    if isinstance(atom, Quantity):
        return atom.at(*indices)
    if not isinstance(atom, Partial):
        return atom
    count = len(_indices(atom.of))
    return Partial(_at(atom.of, indices[:count]), atom.wrt.at(*indices[count:]))


def _is_name(atom: Any) -> bool:
    """Whether an atom is a name for sums of second derivatives."""
    return isinstance(atom, Quantity) and atom.kind in ("G", "Gv")


def _is_derivative(atom: Any) -> bool:
    """Whether an atom is a derivative, or a name for some."""
    return isinstance(atom, Partial) or _is_name(atom)


def _turn(network: Network, partial: Quantity | Partial) -> tuple[int, int]:
    """When a derivative is to be unfolded: what it unfolds to has a later turn.

    dC/dv goes on to what is computed from v, R{dC/dv} too; R{q} to what q is computed from;
    G^(k) to G^(k+1).
    """
    if isinstance(partial, Quantity):
        return 0, network.rank(Quantity("z", partial.layer))
    if partial.wrt.kind != "t":
        return 0, network.rank(partial.wrt)
    if isinstance(partial.of, Partial):
        return 0, network.rank(partial.of.wrt)
    return 1, -network.rank(partial.of)


def _met(
    network: Network, partial: Quantity | Partial, facing: list[Any], used: set[Symbol]
) -> Expr | None:
    """The derivative through a later layer by which the other side differentiates the same.

    d(of)/dv = sum_m d(of)/dw_m dw_m/dv for any layer w between v and what `of` is made of;
    in d/dq dC/dp the inner derivative may be taken so.
    """
    if isinstance(partial, Quantity):
        return _gauss_newton(network, partial, facing, used)
    of, v = partial.of, partial.wrt
    used = used | index_symbols(partial)
    if v.kind != "t" and (isinstance(of, Quantity) or _comes_after(network, of, v)):
        w = _waist(network, of, v, facing)
        if w is not None:
            return _through(network, of, v, w, used)
    if isinstance(of, Partial) and isinstance(of.of, Quantity) and of.wrt.kind != "t":
        # d/dv dC/dw on the other side: v moves along with dC/dw there.
        moved = [a.of for a in facing if isinstance(a, Partial) and _head(a)[-2:] == _head(v)]
        w = _waist(network, of.of, of.wrt, [*facing, *moved])
        if w is not None:
            return Partial(_through(network, of.of, of.wrt, w, used), v)
        if any(_uses(network, of, inner) for inner in moved):
            return Partial(contract(_derivative(network, of, used)), v)
    return None


def _uses(network: Network, of: Partial, other: Expr) -> bool:
    """Whether `other` is the derivative of the same by what uses the variable of `of`."""
    user = network.users(of.wrt)
    return (
        user is not None
        and isinstance(other, Partial)
        and _head_of(other.of) == _head_of(of.of)
        and (other.wrt.kind, other.wrt.layer) == user
    )


def _gauss_newton(
    network: Network, quantity: Quantity, facing: list[Any], used: set[Symbol]
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
    following = quantity.layer + 1
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


def _is_spelled_out(network: Network, facing: list[Any]) -> bool:
    """Whether there are second derivatives by what Gauss-Newton splits at."""
    return any(
        isinstance(atom, Partial)
        and isinstance(atom.of, Partial)
        and (atom.of.wrt.kind, atom.of.wrt.layer) == (network.split, network.last)
        for atom in facing
    )


def _waist(network: Network, of: Expr, v: Quantity, facing: list[Any]) -> Quantity | None:
    """The first layer after the users of v by which `facing` has derivatives of the same."""
    user = network.users(v)
    base, variables = of.unnested if isinstance(of, Partial) else (of, [])
    if user is None or not isinstance(base, Quantity) or _is_name(base):
        return None
    after = network.rank(Quantity(*user))
    # dC/dq is made of what comes after q and of q itself: a layer after q does not carry it.
    last = min(network.rank(q) for q in [base, *variables])
    found = [
        atom.wrt
        for atom in facing
        if isinstance(atom, Partial)
        and atom.wrt.kind in ("z", "r")
        and _head_of(atom.of) == _head_of(of)
        and after < network.rank(atom.wrt) <= last
        and _head(atom.wrt) != _head_of(of)
    ]
    return min(found, key=lambda w: network.rank(w), default=None)


def _through(network: Network, of: Expr, v: Quantity, w: Quantity, used: set[Symbol]) -> Expr:
    """d(of)/dv = sum_m d(of)/dw_m dw_m/dv over the units of a layer."""
    bound = fresh_index(used)
    unit = network.quantity(w.kind, w.layer, bound)
    outer = _deltas(of, unit) if _head_of(of) == _head(unit) else Partial(of, unit)
    return network.sum_over(w.layer, bound, outer * Partial(unit, v))


def may_meet(network: Network, sides: Tuple) -> bool:
    """Whether both sides could agree as they stand.

    A derivative on one side only that can be unfolded further is hardly going to cancel;
    comparing can wait until it has been.
    """
    heads = [{_head(atom) for atom in outermost(side)} for side in sides.args]
    return not any(
        isinstance(atom, Partial) and _head(atom) in heads[0] ^ heads[1]
        for atom in outermost(sides)
        if _can_unfold(network, atom)
    )


def work_out(network: Network, sides: Basic) -> Basic:
    """Differentiate formulas under a derivative sign, such as d/dz [W r + b], until none is left.

    What remains are derivatives of named quantities, and derivatives of those, but for the
    slope dr_i/dz_j = phi'(z_i) delta_ij of a unit, which is put in at once.
    """
    while True:
        formulas = [
            p
            for p in outermost(sides)
            if isinstance(p, Partial)
            and (not isinstance(p.of, Quantity | Partial) or _is_slope(network, p))
        ]
        if not formulas:
            return sides
        used = index_symbols(sides)
        slopes = {p: _derivative(network, p, used) for p in formulas}
        sides = contract(replace_whole(sides, slopes))


def _is_slope(network: Network, partial: Partial) -> bool:
    """Whether this is the derivative of an output by a pre-activation of its own layer."""
    of, v = partial.of, partial.wrt
    return (
        isinstance(of, Quantity)
        and (of.kind, v.kind) == ("r", "z")
        and of.layer == v.layer != network.first
        and network.layer(of.layer).activation.kind.elementwise
    )


def in_given_terms(network: Network, condition: Basic) -> Basic:
    """A condition with all definitions put in: a statement about inputs and parameters."""
    while True:
        defined = [
            q for q in outermost(condition) if isinstance(q, Quantity) and network.defines(q)
        ]
        if not defined:
            return condition
        used = frozenset(index_symbols(condition))
        condition = replace_whole(condition, {q: network.definition(q, used) for q in defined})


def _head(atom: Quantity | Partial) -> tuple[Basic, ...]:
    """An atom without its indices."""
    if isinstance(atom, Quantity):
        return atom.args[:2]
    return (*_head_of(atom.of), *atom.wrt.args[:2])


def _head_of(of: Expr) -> tuple[Basic, ...]:
    """What is differentiated, without its indices if it is an atom."""
    return _head(of) if isinstance(of, Quantity | Partial) else (of,)


def _can_unfold(network: Network, atom: Quantity | Partial) -> bool:
    if isinstance(atom, Partial):
        return not _is_given(network, atom)
    return network.defines(atom)


def _is_given(network: Network, partial: Partial) -> bool:
    """Whether a derivative is an unknown: dC/dr of the last layer when C is unspecified."""
    return (
        network.cost is None
        and partial.of == network.C
        and partial.wrt.layer == network.last
        and partial.wrt.kind == "r"
    )


def _derivative(network: Network, partial: Partial, used: set[Symbol]) -> Expr:
    """One application of the derivative of a composite, through what uses v."""
    of, v = partial.of, partial.wrt
    if isinstance(of, Partial) and _comes_after(network, of, v):
        return _through_users(network, of, v, used | index_symbols(partial))
    if not isinstance(of, Quantity):
        of = rename_bound(of, index_symbols(v))
        if isinstance(of, Partial):
            if v.kind == "t" and of.of == network.C and of.wrt.args[:2] == _output(network):
                z = Quantity("z", network.last)
                return _through(network, of, v, z, used | index_symbols(partial))
            if _is_given(network, of):
                raise NotRationalError("second derivatives of an unspecified cost are unknown")
            # One step further for the inner derivative; what is left is differentiated next.
            opened = _derivative(network, of, used | index_symbols(partial))
            return Partial(contract(opened), v)
        return _along(of, {q: _quantity_by(network, q, v) for q in outermost(of)})
    if of.kind in ("G", "Gv"):
        raise NotRationalError("third derivatives of the cost are not worked out")
    if v.kind == "t":
        definition = network.definition(of, frozenset(used))
        return _moving(of) if definition is None else Partial(definition, v)
    if of.args[:2] == v.args[:2]:
        return _deltas(of, v)
    if network.rank(of) <= network.rank(v):
        return S.Zero
    return _through_users(network, of, v, used | index_symbols(partial))


def _comes_after(network: Network, of: Partial, v: Quantity) -> bool:
    """Whether a derivative dq/dw ... depends on v only through what is computed from v.

    It is made of the definitions from the users of w on; v itself occurs in the
    definition of its own user alone, which must come before those.
    """
    base, variables = of.unnested
    user = network.users(v)
    if user is None or v.kind == "t" or not isinstance(base, Quantity):
        return False
    first = _user_rank(network, v)
    return all(w.kind != "t" and _user_rank(network, w) > first for w in variables)


def _user_rank(network: Network, v: Quantity) -> int:
    user = network.users(v)
    return network.rank(network.C) + 1 if user is None else network.rank(Quantity(*user))


def _through_users(network: Network, of: Expr, v: Quantity, used: set[Symbol]) -> Expr:
    """d(of)/dv = sum over the quantities q computed from v of d(of)/dq dq/dv."""
    user = network.users(v)
    if user is None:
        return S.Zero
    kind, layer = user
    if not network.has_index(layer) or kind == "C":
        q = Quantity(kind, layer)
        return _of_user(network, of, q, v, used)
    bound = fresh_index(used)
    q = Quantity(kind, layer, bound)
    body = _of_user(network, of, q, v, used | {bound})
    return network.sum_over(layer, bound, body)


def _output(network: Network) -> tuple[Basic, ...]:
    """The head of z^(L), through which alone the cost depends on parameters."""
    return Quantity("z", network.last).args[:2]


def _of_user(network: Network, of: Expr, q: Quantity, v: Quantity, used: set[Symbol]) -> Expr:
    """d(of)/dq dq/dv for one quantity q computed from v."""
    definition = network.definition(q, frozenset(used | index_symbols(v)))
    if definition is None:
        return Partial(of, v)
    direct = {
        p: _deltas(p, v)
        for p in outermost(definition)
        if isinstance(p, Quantity) and p.args[:2] == v.args[:2]
    }
    local = _along(definition, direct)
    same = isinstance(of, Quantity) and of.args[:2] == q.args[:2]
    outer = _deltas(of, q) if same else Partial(of, q)
    return outer * local


def _moving(given: Quantity) -> Expr:
    """dq/dt for what is given: the direction of a parameter; inputs and targets stay."""
    kind = DIRECTIONS.get(given.kind)
    return S.Zero if kind is None else Quantity(kind, *given.args[1:])


def _quantity_by(network: Network, q: Quantity | Partial, v: Quantity) -> Expr:
    if isinstance(q, Partial):
        return Partial(q, v)
    if v.kind == "t":
        return Partial(q, v) if network.defines(q) else _moving(q)
    if q.args[:2] == v.args[:2]:
        return _deltas(q, v)
    unspecified = q == network.C and network.cost is None
    if network.rank(q) <= network.rank(v) or not (network.defines(q) or unspecified):
        return S.Zero
    return Partial(q, v)


def _deltas(first: Quantity, second: Quantity) -> Expr:
    """d first / d second for two entries of one tensor."""
    product: Expr = S.One
    for mine, other in zip(first.indices, second.indices, strict=True):
        product = product * KroneckerDelta(mine, other)
    return product


def _along(expression: Expr, direction: Mapping[Basic, Expr]) -> Expr:
    """d/dt of the expression at t = 0, each quantity moving by t times its direction."""
    return contract(derivative_along(expression, direction))
