"""What derivatives mean: the derivative of a composite, and of a formula.

If C depends on v only through the quantities q_1, q_2, ... that are computed from v, then
dC/dv = sum_m dC/dq_m dq_m/dv.  The q_m are what is computed from v at once, or all of a
later layer.  Local derivatives are taken in one real variable t, as d/dt f(v + t e) at t = 0.
"""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Basic, Expr, KroneckerDelta, S, Symbol

from derive.algebra.indices import contract, fresh_index, index_symbols, rename_bound
from derive.algebra.quantities import (
    DIRECTIONS,
    Partial,
    Quantity,
    derivative_along,
    outermost,
    replace_whole,
)
from derive.meaning.fractions import NotRationalError
from derive.model.network import Network


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
        slopes = {p: derivative(network, p, used) for p in formulas}
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


def derivative(network: Network, partial: Partial, used: frozenset[Symbol]) -> Expr:
    """One application of the derivative of a composite, through what uses v."""
    of, v = partial.of, partial.wrt
    if isinstance(of, Partial) and comes_after(network, of, v):
        return _through_users(network, of, v, used | index_symbols(partial))
    if not isinstance(of, Quantity):
        of = rename_bound(of, index_symbols(v))
        if isinstance(of, Partial):
            if v.kind == "t" and of.of == network.C and of.wrt.args[:2] == _output(network):
                z = Quantity("z", network.last)
                return through(network, of, v, z, used | index_symbols(partial))
            if _is_given(network, of):
                raise NotRationalError("second derivatives of an unspecified cost are unknown")
            # One step further for the inner derivative; what is left is differentiated next.
            opened = derivative(network, of, used | index_symbols(partial))
            return Partial(contract(opened), v)
        return _along(of, {q: _quantity_by(network, q, v) for q in outermost(of)})
    if of.kind in ("G", "Gv"):
        raise NotRationalError("third derivatives of the cost are not worked out")
    if v.kind == "t":
        definition = network.definition(of, frozenset(used))
        return _moving(of) if definition is None else Partial(definition, v)
    if of.args[:2] == v.args[:2]:
        return deltas(of, v)
    if network.rank(of) <= network.rank(v):
        return S.Zero
    return _through_users(network, of, v, used | index_symbols(partial))


def through(network: Network, of: Expr, v: Quantity, w: Quantity, used: frozenset[Symbol]) -> Expr:
    """d(of)/dv = sum_m d(of)/dw_m dw_m/dv over the units of a layer."""
    bound = fresh_index(used)
    unit = network.quantity(w.kind, w.layer, bound)
    outer = deltas(of, unit) if head_of(of) == head(unit) else Partial(of, unit)
    return network.sum_over(w.layer, bound, outer * Partial(unit, v))


def comes_after(network: Network, of: Partial, v: Quantity) -> bool:
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


def _through_users(network: Network, of: Expr, v: Quantity, used: frozenset[Symbol]) -> Expr:
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


def _of_user(network: Network, of: Expr, q: Quantity, v: Quantity, used: frozenset[Symbol]) -> Expr:
    """d(of)/dq dq/dv for one quantity q computed from v."""
    definition = network.definition(q, frozenset(used | index_symbols(v)))
    if definition is None:
        return Partial(of, v)
    direct = {
        p: deltas(p, v)
        for p in outermost(definition)
        if isinstance(p, Quantity) and p.args[:2] == v.args[:2]
    }
    local = _along(definition, direct)
    same = isinstance(of, Quantity) and of.args[:2] == q.args[:2]
    outer = deltas(of, q) if same else Partial(of, q)
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
        return deltas(q, v)
    unspecified = q == network.C and network.cost is None
    if network.rank(q) <= network.rank(v) or not (network.defines(q) or unspecified):
        return S.Zero
    return Partial(q, v)


def deltas(first: Quantity, second: Quantity) -> Expr:
    """d first / d second for two entries of one tensor."""
    product: Expr = S.One
    for mine, other in zip(first.indices, second.indices, strict=True):
        product = product * KroneckerDelta(mine, other)
    return product


def _along(expression: Expr, direction: Mapping[Basic, Expr]) -> Expr:
    """d/dt of the expression at t = 0, each quantity moving by t times its direction."""
    return contract(derivative_along(expression, direction))


def head(atom: Quantity | Partial) -> tuple[Basic, ...]:
    """An atom without its indices."""
    if isinstance(atom, Quantity):
        return atom.args[:2]
    return (*head_of(atom.of), *atom.wrt.args[:2])


def head_of(of: Expr) -> tuple[Basic, ...]:
    """What is differentiated, without its indices if it is an atom."""
    return head(of) if isinstance(of, Quantity | Partial) else (of,)


def can_unfold(network: Network, atom: Quantity | Partial) -> bool:
    """Whether a quantity or derivative has a definition to put in."""
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
