"""Laws of differentiation on a network: definitions, the chain rule, local derivatives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sympy import Add, Expr, Mul, Pow, S, Sum, expand

from derive.algebra.indices import contract, fresh_index, index_symbols, substitute
from derive.algebra.quantities import Local, Partial, Quantity
from derive.deriving.laws.algebra import product
from derive.meaning.derivation import Equation
from derive.model.model import Model
from derive.model.network import Network


def definition(network: Model, quantity: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """q = its definition; the cost of a network in terms of outputs and targets."""
    if not isinstance(quantity, Quantity):
        raise ValueError(f"{quantity} is not a quantity")
    right = network.definition(quantity)
    if right is None:
        raise ValueError(f"{quantity} is given, not defined")
    if isinstance(network, Network) and quantity.kind == "C" and network.has_difference:
        return _without_difference(network, right)
    return right


def name_the_difference(network: Network, cost: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """C = scale * sum_j U_j^2 with U_j = y_j - r_j."""
    right = network.definition(network.C)
    if cost != network.C or right is None:
        raise ValueError(f"{cost} is not the cost")
    return right


def insert_definition(network: Network, expression: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """dq/dv = d(definition of q)/dv, for every q computed directly from v."""

    def visit(node: Partial) -> Expr:
        of = node.of
        if not isinstance(of, Quantity) or of.kind == "C":
            return node
        if network.user(node.wrt) != (of.kind, of.layer):
            return node
        right = network.definition(of, frozenset(index_symbols(node)))
        return node if right is None else Partial(right, node.wrt)

    return each_partial(expression, visit)


def insert_cost(network: Network, partial: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """dC/dv = d(formula of the cost)/dv, in U where v is U, else in outputs and targets."""
    if not isinstance(partial, Partial) or partial.of != network.C:
        raise ValueError(f"{partial} is not a derivative of the cost")
    right = network.definition(network.C, frozenset(index_symbols(partial)))
    if right is None or partial.wrt.kind not in ("r", "U"):
        raise ValueError(f"the cost is not written in {partial.wrt}")
    if partial.wrt.kind == "r":
        right = _without_difference(network, right)
    return Partial(right, partial.wrt)


def chain_rule(network: Network, partial: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """dC/dv = sum over the quantities q computed from v of dC/dq dq/dv.

    The sum runs over those q that depend on v: all units of the next layer for an output
    r_i, all of the layer for a softmax, a single one for z_j, W_ij, b_j and U_j.
    """
    if not isinstance(partial, Partial):
        raise ValueError(f"{partial} is not a derivative")
    of, variable = partial.of, partial.wrt
    user = network.user(variable)
    if user is None:
        raise ValueError(f"nothing is computed from {variable}")
    kind, layer = user
    if kind == "C":
        return partial
    if not network.has_index(layer):
        through = Quantity(kind, layer)
        return Partial(of, through) * Partial(through, variable)
    own = _own_index(network, variable, kind, layer)
    if own is not None:
        through = Quantity(kind, layer, own)
        return Partial(of, through) * Partial(through, variable)
    used = index_symbols(partial)
    bound = fresh_index(used, after=1 if kind == "z" else 3)
    through = Quantity(kind, layer, bound)
    return network.sum_over(layer, bound, Partial(of, through) * Partial(through, variable))


def _own_index(network: Network, variable: Quantity, kind: str, layer: Expr) -> Expr | None:
    """The index of the one unit of `layer` that depends on `variable`, or None for all."""
    if kind == "r" and not network.layer(layer).activation.kind.elementwise:
        return None
    if kind == "z" and variable.kind == "r":
        return None
    return variable.indices[-1]


def differentiate(network: Model, expression: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """Work out d(formula)/dv by SymPy's diff, and contract the Kronecker deltas it leaves.

    So dz_i/dz_j, which is what the identity leaves, is delta_ij; dr/dz stays.
    """

    def visit(node: Partial | Local) -> Expr:
        of = node.of
        same = isinstance(of, Quantity) and of.args[:2] == node.wrt.args[:2]
        if isinstance(of, Quantity | Partial) and not same:
            return node
        return contract(_without_minus_signs(of.diff(node.wrt)))

    return each_partial(expression, visit)


def _without_minus_signs(expression: Expr) -> Expr:
    """Terms -(y - 1) c written as (1 - y) c."""
    return Add(*(_with_positive_constant(term) for term in Add.make_args(expression)))


def _with_positive_constant(term: Expr) -> Expr:
    coefficient, factors = term.as_coeff_mul()
    for factor in factors:
        constant, _ = factor.as_coeff_Add()
        if coefficient < 0 and isinstance(factor, Add) and constant < 0:
            others = Mul(*(one for one in factors if one is not factor))
            return -coefficient * ((-factor).expand() * others)
    return term


def single_term(network: Network, expression: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """d/dr_j sum_m f(r_m) = d/dr_j f(r_j): the other terms do not depend on r_j."""

    def visit(node: Partial) -> Expr:
        coefficient, rest = node.of.as_independent(Sum)
        if not isinstance(rest, Sum) or not node.wrt.indices:
            return node
        (bound,) = rest.bound_symbols
        term = substitute(rest.function, {bound: node.wrt.indices[0]})
        return Partial(coefficient * term, node.wrt)

    return each_partial(expression, visit)


def expand_the_square(network: Network, expression: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """d/dr c (y - r)^2 = c d/dr (y^2 - 2 y r + r^2)."""

    def visit(node: Partial) -> Expr:
        coefficient, square = node.of.as_independent(Quantity)
        if not isinstance(square, Pow):
            return node
        return coefficient * Partial(expand(square), node.wrt)

    return each_partial(expression, visit)


def differentiate_term_by_term(
    network: Network, expression: Expr, given: tuple[Equation, ...] = ()
) -> Expr:
    """c d/dv (f + g) = c (f' + g'), the product with c left standing."""
    coefficient, rest = expression.as_independent(Partial)
    if not isinstance(rest, Partial):
        raise ValueError(f"{expression} is not a multiple of a derivative")
    return product(coefficient, differentiate(network, rest))


def each_partial(expression: Expr, law: Callable[[Any], Expr]) -> Expr:
    """Apply a law to every outermost derivative of an expression."""
    if isinstance(expression, Partial | Local):
        return law(expression)
    if not expression.args or isinstance(expression, Quantity):
        return expression
    arguments = [each_partial(a, law) if isinstance(a, Expr) else a for a in expression.args]
    if all(new is old for new, old in zip(arguments, expression.args, strict=True)):
        return expression
    vanished = isinstance(expression, Sum) and arguments[0] == 0
    return S.Zero if vanished else expression.func(*arguments)


def _without_difference(network: Network, expression: Expr) -> Expr:
    """Put y_j - r_j for every U_j."""
    return expression.xreplace(
        {
            quantity: network.definition(quantity)
            for quantity in expression.atoms(Quantity)
            if quantity.kind == "U"
        }
    )
