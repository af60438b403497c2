"""Laws of the Gauss-Newton split: H = G + R, with C(s(parameters)) cut at the output s.

s is r^(L) for squared errors and z^(L) for cross-entropies.  For two parameters p and q

    d2C/dp dq = sum_uv ds_u/dp d2C/ds_u ds_v ds_v/dq  +  sum_u dC/ds_u d2s_u/dp dq,

and the first sum is the Gauss-Newton part, the second the residual part.
"""

from __future__ import annotations

from sympy import Add, Dummy, Expr, S

from derive.algebra.indices import contract, fresh_index, index, index_symbols, substitute
from derive.algebra.quantities import PARAMETERS, Partial, Quantity
from derive.deriving.laws.algebra import flatten
from derive.deriving.laws.calculus import each_partial
from derive.deriving.laws.curvature import contracted, forward
from derive.meaning.derivation import Equation
from derive.model.model import Model
from derive.model.network import Network

_z = Dummy("z", real=True)


def parts(network: Network, first: Quantity, second: Quantity) -> tuple[Expr, Expr]:
    """The Gauss-Newton part and the residual part of d2C/d(first)d(second)."""
    s, _ = network.split_entries(first, second)
    residual = Partial(network.C, s) * Partial(Partial(s, first), second)
    return network.gauss_newton_sum(first, second), network.over_split(residual, s)


def split_block(network: Network, block: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """d2C/dp dq as Gauss-Newton part plus residual part: the chain rule of second order."""
    return Add(*parts(network, *variables(network, block)))


def variables(network: Model, block: Expr) -> tuple[Quantity, Quantity]:
    """p and q of d2C/dp dq.

    Raises:
        ValueError: when the expression is no second derivative of the cost.
    """
    if not isinstance(block, Partial):
        raise ValueError(f"{block} is not a second derivative of the cost")
    of, variables = block.unnested
    if of != network.C or len(variables) != 2:
        raise ValueError(f"{block} is not a second derivative of the cost")
    first, second = variables
    return first, second


def at_the_output(network: Network, expression: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """dr_u/dz_i = phi'(z_u) delta_ui of the output layer, R{r_u} = phi'(z_u) R{z_u}."""
    last = network.last

    def visit(node: Partial) -> Expr:
        of = node.of
        opened = isinstance(of, Quantity) and of.layer == last
        if not opened or (of.kind == "z" and node.wrt.kind == "t"):
            return node
        return forward(network, node)

    return contracted(each_partial(expression, visit))


def step(network: Network, expression: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """G^(k)_ij = phi'(z_i) phi'(z_j) sum_lm W_il W_jm G^(k+1)_lm; gamma^(k) likewise."""
    if not isinstance(expression, Quantity) or expression.kind not in ("G", "Gv"):
        raise ValueError(f"{expression} is not a Gauss-Newton matrix or product")
    number = expression.layer
    taken, factor = set(index_symbols(expression)), S.One
    bounds: list[Expr] = []
    units = (*expression.indices, None, None)[: 2 if expression.kind == "G" else 1]
    for unit in units:
        z = network.quantity("z", number, *([] if unit is None else [unit]))
        slope = network.layer(number).activation(_z, network.step_at_zero).diff(_z)
        bounds.append(fresh_index({*taken, *bounds}, after=2))
        weight = network.quantity("W", number, S.One if unit is None else unit, bounds[-1])
        factor *= slope.xreplace({_z: z}) * weight
    total = factor * network.quantity(expression.kind, number + 1, *bounds)
    for bound in reversed(bounds):
        total = network.sum_over(number + 1, bound, total)
    return flatten(total)


def hessian_is_gauss_newton(
    network: Network, partial: Expr, given: tuple[Equation, ...] = ()
) -> Expr:
    """d2C/dz^(k)_i dz^(k)_j = G^(k)_ij where no activation from layer k on is curved."""
    first, second = variables(network, partial)
    if first.args[:2] != second.args[:2] or not network.is_straight_from(first.layer):
        raise ValueError(f"{partial} is not its Gauss-Newton part")
    return network.quantity("G", first.layer, *first.indices, *second.indices)


def through_the_later_layer(
    network: Network, expression: Expr, given: tuple[Equation, ...]
) -> Expr:
    """ds_v/dz^(a+1)_m = sum_t ds_v/dz^(b+1)_t dz^(b+1)_t/dz^(a+1)_m, for a < b."""
    first, second = variables(network, given[0].lhs)
    layer = network.into(first)

    def visit(node: Partial) -> Expr:
        earlier = node.wrt.kind == "z" and node.wrt.layer == network.into(second) != layer
        if not earlier or not isinstance(node.of, Quantity) or node.of.kind != network.split:
            return node
        if node.of.args[:2] == ("z", layer):
            return node
        bound = fresh_index(index_symbols(expression), after=4)
        other = network.quantity("z", layer, bound)
        return network.sum_over(layer, bound, Partial(node.of, other) * Partial(other, node.wrt))

    return contracted(each_partial(expression, visit))


def no_curvature(network: Network, expression: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """d2s_u/dz^(b)_j dz^(a)_m = 0, a <= b, where no activation from layer b on is curved."""

    def visit(node: Partial) -> Expr:
        of, by = node.unnested
        straight = (
            len(by) == 2
            and isinstance(of, Quantity)
            and of.kind == network.split
            and all(z.kind == "z" for z in by)
            and network.is_straight_from(max((z.layer for z in by), key=network.position))
        )
        return S.Zero if straight else node

    return contracted(each_partial(expression, visit))


def gauss_newton_part(network: Network, part: Expr, given: tuple[Equation, ...]) -> Expr:
    """r^(b)_i r^(a)_l sum_p G^(b+1)_jp dz^(b+1)_p/dz^(a+1)_m; r_i r_l G_jm within a layer."""
    first, second = variables(network, given[0].lhs)
    return _outputs(network, first, second) * _through(network, first, second, "G")


def residual_part(network: Network, part: Expr, given: tuple[Equation, ...]) -> Expr:
    """What is left of the block: r_i r_l sum_p (H - G)_jp dz_p/dz_m + r^(a)_l delta_j dr_i/dz_m.

    H - G is 0 where no activation from layer b+1 on is curved; the second term is there for
    a weight W^(b)_ij of a later layer only, since r^(b)_i depends on W^(a) for a < b.
    """
    first, second = variables(network, given[0].lhs)
    total: Expr = S.Zero
    if not network.is_straight_from(network.into(first)):
        difference = _through(network, first, second, "H") - _through(network, first, second, "G")
        total += _outputs(network, first, second) * difference
    if first.kind == "W" and first.layer != second.layer:
        source = network.quantity("r", first.layer, *_unit(network, first, 0))
        target = network.quantity("z", network.into(first), *_unit(network, first, -1))
        z = network.quantity("z", network.into(second), *_unit(network, second, -1))
        slope = Partial(source, z)
        total += _input(network, second) * Partial(network.C, target) * slope
    return total


def at_equal_indices(network: Network, expression: Expr, given: tuple[Equation, ...]) -> Expr:
    """An equation for W^(k)_ij and W^(k)_lm says this for l = i, m = j: the diagonal."""
    if expression != diagonal(given[0].lhs):
        raise ValueError(f"{expression} is not on the diagonal of {given[0].lhs}")
    return diagonal(given[0].rhs)


def diagonal(expression: Expr) -> Expr:
    """An expression in W^(k)_ij and W^(k)_lm where both are one entry."""
    places: dict[Expr, Expr] = {index("l"): index("i"), index("m"): index("j")}
    return contract(substitute(expression, places))  # pyright: ignore[reportReturnType]


def product(network: Network, expression: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """(Gv) for W^(k)_ij is r^(k)_i gamma^(k+1)_j, for b^(k)_j it is gamma^(k+1)_j."""
    (parameter,) = {p.wrt for p in expression.atoms(Partial) if p.wrt.kind in PARAMETERS}
    gamma = network.quantity("Gv", network.into(parameter), *_unit(network, parameter, -1))
    return _input(network, parameter) * gamma


def _through(network: Network, first: Quantity, second: Quantity, kind: str) -> Expr:
    """sum_p K^(b+1)_jp dz^(b+1)_p/dz^(a+1)_m, with K = G or the pre-activation Hessian."""
    layer = network.into(first)
    unit, end = _unit(network, first, -1), _unit(network, second, -1)
    z = network.quantity("z", network.into(second), *end)
    if first.layer == second.layer:
        return _matrix(network, kind, layer, unit, end)
    bound = fresh_index(index_symbols(first) | index_symbols(second), after=4)
    other = network.quantity("z", layer, bound)
    row = (bound,) if network.has_index(layer) else ()
    return network.sum_over(
        layer, bound, _matrix(network, kind, layer, unit, row) * Partial(other, z)
    )


def _matrix(
    network: Network, kind: str, layer: Expr, first: tuple[Expr, ...], second: tuple[Expr, ...]
) -> Expr:
    if kind == "G":
        return Quantity("G", layer, *first, *second)
    return Partial(Partial(network.C, Quantity("z", layer, *first)), Quantity("z", layer, *second))


def _outputs(network: Network, first: Quantity, second: Quantity) -> Expr:
    return _input(network, first) * _input(network, second)


def _input(network: Network, parameter: Quantity) -> Expr:
    """dz/d(parameter): r^(k)_i for a weight, 1 for a bias."""
    if parameter.kind == "b":
        return S.One
    return Quantity("r", parameter.layer, *_unit(network, parameter, 0))


def _unit(network: Network, parameter: Quantity, position: int) -> tuple[Expr, ...]:
    """The index of a parameter's source (0) or target (-1), if that layer has one."""
    slots = network.slots(parameter.kind, parameter.layer)
    if not network.has_index(slots[position]):
        return ()
    return (parameter.indices[position],)
