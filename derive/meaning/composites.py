"""What derivatives mean: the derivative of a composite, and of a formula.

If C depends on v only through the quantities q_1, q_2, ... that are computed from v, then
dC/dv = sum_m dC/dq_m dq_m/dv.  The q_m are what is computed from v at once, or all of a
later layer.  Local derivatives are taken in one real variable t, as d/dt f(v + t e) at t = 0.
"""

from __future__ import annotations

from collections.abc import Mapping

from sympy import Add, Basic, Expr, KroneckerDelta, S, Symbol

from derive.algebra.indices import contract, index_symbols, rename_bound
from derive.algebra.nodes import nodes_of
from derive.algebra.quantities import (
    Local,
    Partial,
    Quantity,
    derivative_along,
    is_step,
    names_curvature,
    outermost,
    released,
    replace_whole,
)
from derive.errors import NotRationalError
from derive.model.model import Head, Model


def work_out(model: Model, sides: Basic) -> Basic:
    """Differentiate formulas under a derivative sign, such as d/dz [W r + b], until none is left.

    What remains are derivatives of named quantities, and derivatives of those, but for the
    slope dr_i/dz_j = phi'(z_i) delta_ij of a unit, which is put in at once; and values, f for
    fixed(f).
    """
    while True:
        formulas = [
            p
            for p in outermost(sides)
            if isinstance(p, Partial)
            and (not isinstance(p.of, Quantity | Partial) or _is_slope(model, p))
        ]
        if not formulas:
            return released(sides)
        used = index_symbols(sides)
        slopes = {p: derivative(model, p, used) for p in formulas}
        sides = contract(replace_whole(sides, slopes))


def _is_slope(model: Model, partial: Partial) -> bool:
    """Whether this is the derivative of an output by a pre-activation of its own layer."""
    of, v = partial.of, partial.wrt
    return isinstance(of, Quantity) and model.is_unit(of.args[:2], v.args[:2])


def without_locals(model: Model, expression: Expr) -> Expr:
    """The derivatives of formulas with all else fixed, worked out."""
    found: dict[Basic, Expr] = {}
    for node in nodes_of(expression, Local):
        formula = node.of
        if isinstance(formula, Quantity):
            formula = model.definition(formula, frozenset(index_symbols(expression)))
            if formula is None:
                raise NotRationalError(f"{node.of} has no formula")
        found[node] = _local(rename_bound(formula, index_symbols(node.wrt)), node.wrt)
    return contract(expression.xreplace(found)) if found else expression  # pyright: ignore


def in_given_terms(model: Model, condition: Basic) -> Basic:
    """A condition with all definitions put in: a statement about inputs and parameters."""
    while True:
        defined = [q for q in outermost(condition) if isinstance(q, Quantity) and model.defines(q)]
        if not defined:
            return condition
        used = frozenset(index_symbols(condition))
        condition = replace_whole(condition, {q: model.definition(q, used) for q in defined})


def derivative(model: Model, partial: Partial, used: frozenset[Symbol]) -> Expr:
    """One application of the derivative of a composite, through what uses v."""
    of, v = partial.of, partial.wrt
    if isinstance(of, Partial) and comes_after(model, of, v):
        return _through_users(model, of, v, used | index_symbols(partial))
    if not isinstance(of, Quantity):
        of = rename_bound(of, index_symbols(v))
        if isinstance(of, Partial):
            if is_step(v) and of.of == model.C and of.wrt.args[:2] == model.waist:
                return through(model, of, v, of.wrt, used | index_symbols(partial))
            if _is_given(model, of):
                raise NotRationalError("second derivatives of an unspecified cost are unknown")
            # One step further for the inner derivative; what is left is differentiated next.
            opened = derivative(model, of, used | index_symbols(partial))
            return Partial(contract(opened), v)
        return _along(of, {q: _quantity_by(model, q, v) for q in outermost(of)})
    if names_curvature(of):
        raise NotRationalError("third derivatives of the cost are not worked out")
    if is_step(v):
        definition = model.definition(of, frozenset(used))
        return model.moving(of) if definition is None else Partial(definition, v)
    if of.args[:2] == v.args[:2]:
        return deltas(of, v)
    if not model.depends(of.args[:2], v.args[:2]):
        return S.Zero
    return _through_users(model, of, v, used | index_symbols(partial))


def through(model: Model, of: Expr, v: Quantity, w: Quantity, used: frozenset[Symbol]) -> Expr:
    """d(of)/dv = sum_m d(of)/dw_m dw_m/dv over the entries of a tensor that all goes through."""
    unit, letters = model.general_entry(w.args[:2], used)
    outer = deltas(of, unit) if head_of(of) == head(unit) else Partial(of, unit)
    return model.over_all(letters, outer * Partial(unit, v))


def comes_after(model: Model, of: Partial, v: Quantity) -> bool:
    """Whether a derivative dq/dw ... depends on v only through what is computed from v.

    It is made of the definitions from the users of w on; v itself occurs in the
    definitions of its own users alone, which must come before those.
    """
    base, variables = of.unnested
    users = model.users(v)
    if not users or is_step(v) or not isinstance(base, Quantity):
        return False
    last = max(_ranks(model, users))
    return all(not is_step(w) and _first_rank(model, w) > last for w in variables)


def _ranks(model: Model, heads: tuple[Head, ...]) -> list[int]:
    return [model.rank(Quantity(*one)) for one in heads]


def _first_rank(model: Model, v: Quantity) -> int:
    """The rank of the first user of v; above that of the objective where there is none."""
    return min(_ranks(model, model.users(v)), default=model.rank(model.C) + 1)


def _through_users(model: Model, of: Expr, v: Quantity, used: frozenset[Symbol]) -> Expr:
    """d(of)/dv = sum over the quantities q computed from v of d(of)/dq times dq/dv.

    The latter is the derivative of the definition of q with all else in it fixed.
    """
    base = of.unnested[0] if isinstance(of, Partial) else of
    ends = base.args[:2] if isinstance(base, Quantity) else None
    terms: list[Expr] = []
    for user in model.users(v):
        if ends is None or user == ends or model.depends(ends, user):
            q, letters = model.general_entry(user, used | index_symbols(v))
            inside = used | {letter for _, letter in letters}
            terms.append(model.over_all(letters, _of_user(model, of, q, v, inside)))
    return Add(*terms)


def _of_user(model: Model, of: Expr, q: Quantity, v: Quantity, used: frozenset[Symbol]) -> Expr:
    """d(of)/dq dq/dv for one quantity q computed from v."""
    definition = model.definition(q, frozenset(used | index_symbols(v)))
    if definition is None:
        return Partial(of, v)
    same = isinstance(of, Quantity) and of.args[:2] == q.args[:2]
    outer = deltas(of, q) if same else Partial(of, q)
    return outer * _local(definition, v)


def _quantity_by(model: Model, q: Quantity | Partial, v: Quantity) -> Expr:
    if isinstance(q, Partial):
        return Partial(q, v)
    if is_step(v):
        return Partial(q, v) if model.defines(q) else model.moving(q)
    if q.args[:2] == v.args[:2]:
        return deltas(q, v)
    return Partial(q, v) if model.depends(q.args[:2], v.args[:2]) else S.Zero


def deltas(first: Quantity, second: Quantity) -> Expr:
    """d first / d second for two entries of one tensor."""
    product: Expr = S.One
    for mine, other in zip(first.indices, second.indices, strict=True):
        product = product * KroneckerDelta(mine, other)
    return product


def _local(formula: Expr, v: Quantity) -> Expr:
    """The derivative of a formula by v with all else in it fixed."""
    own = (q for q in outermost(formula) if isinstance(q, Quantity) and q.args[:2] == v.args[:2])
    return _along(formula, {q: deltas(q, v) for q in own})


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


def can_unfold(model: Model, atom: Quantity | Partial) -> bool:
    """Whether a quantity or derivative has a definition to put in."""
    if isinstance(atom, Partial):
        return not _is_given(model, atom)
    return model.defines(atom)


def _is_given(model: Model, partial: Partial) -> bool:
    """Whether a derivative is an unknown: that of a C that is not specified, by what it is of.

    So is how that moves: R{dC/dO} is given as dC/dO is.
    """
    if is_step(partial.wrt) and isinstance(partial.of, Partial):
        return _is_given(model, partial.of)
    return partial.of == model.C and partial.wrt.args[:2] in model.opaque(model.C.args[:2])
