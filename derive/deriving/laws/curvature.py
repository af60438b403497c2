"""Laws of second order: the product rule, and derivatives of derivatives through a layer.

Written for derivatives of first-order results, so that every law applies to what stands
under a derivative sign: Partial(formula, v) with the formula in outputs, weights and
first derivatives of the cost.
"""

from __future__ import annotations

from sympy import Add, Dummy, Expr, Mul, S, Sum

from derive.algebra.functions import Step
from derive.algebra.indices import (
    contract,
    free_indices,
    fresh_index,
    index_symbols,
    rename_bound,
    without_idle_sums,
)
from derive.algebra.quantities import (
    PARAMETERS,
    Partial,
    Quantity,
    derivative_along,
    is_step,
    outermost,
)
from derive.deriving.laws.algebra import (
    flatten,
    in_short,
    insert,
    output_form,
    simplify,
    use_assumption,
)
from derive.deriving.laws.calculus import (
    chain_rule,
    differentiate,
    each_partial,
    insert_cost,
    insert_definition,
    single_term,
)
from derive.meaning.derivation import Equation
from derive.model.network import Network

#: Stands for a step that is constant on either side.
_GATE = Dummy("s", real=True)


def local_gradient(network: Network, partial: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """dC/dv by the chain rule, the definition and its local derivative, in one step."""
    through = chain_rule(network, partial)
    return flatten(differentiate(network, insert_definition(network, through)))


def first_order(network: Network, partial: Expr, given: tuple[Equation, ...]) -> Expr:
    """dC/dv in one step: the cost at the outputs, else the chain rule with `given` put in."""
    if not isinstance(partial, Partial):
        raise ValueError(f"{partial} is not a derivative")
    user = network.user(partial.wrt)
    if user is not None and user[0] in ("U", "C"):
        inserted = single_term(network, insert_cost(network, partial))
        return in_short(network, differentiate(network, inserted))
    found = output_form(network, local_gradient(network, partial))
    inserted = use_assumption(network, insert(network, found, given), given)
    if partial.wrt.kind == "z" and network.split == "z" and partial.wrt.layer == network.last:
        return use_assumption(network, simplify(network, inserted), given)
    return inserted


def insert_within(network: Network, expression: Expr, given: tuple[Equation, ...]) -> Expr:
    """d/dv of a quantity = d/dv of what it was found to be."""

    def visit(node: Partial) -> Expr:
        within = insert(network, node.of, given)
        if within == node.of:
            return node
        # An index of the quantity is free in the equation also where its formula lacks it.
        free = index_symbols(node) | free_indices(within)
        return Partial(rename_bound(within, free), node.wrt)

    return each_partial(expression, visit)


def sum_rule(network: Network, expression: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """d(f + g)/dv = df/dv + dg/dv; terms that do not depend on v have the derivative 0."""

    def visit(node: Partial) -> Expr:
        if not isinstance(node.of, Add):
            return node
        terms = (term.as_coeff_Mul() for term in node.of.args)
        return Add(
            *(
                number * _by(network, rest, node.wrt)
                for number, rest in terms
                if _depends(network, rest, node.wrt)
            )
        )

    return each_partial(expression, visit)


def product_rule(network: Network, expression: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """d(f g)/dv = df/dv g + f dg/dv, term by term; factors that do not depend on v stay."""

    def visit(node: Partial) -> Expr:
        return _leibniz(network, node.of, node.wrt)

    return each_partial(expression, visit)


def _leibniz(network: Network, body: Expr, v: Quantity) -> Expr:
    if not _depends(network, body, v):
        return S.Zero
    if isinstance(body, Add):
        return Add(*(_leibniz(network, term, v) for term in body.args))
    if isinstance(body, Sum):
        inner = _leibniz(network, body.function, v)
        return Add(*(Sum(term, *body.limits) for term in Add.make_args(inner)))
    if isinstance(body, Quantity):
        return _by(network, body, v)
    factors = Mul.make_args(body)
    if len(factors) == 1:
        return Partial(body, v)
    return Add(
        *(
            Mul(*(other for other in factors if other is not one)) * _leibniz(network, one, v)
            for one in factors
        )
    )


def _depends(network: Network, expression: Expr, v: Quantity) -> bool:
    """Whether an expression changes with v, as the network computes it."""
    if isinstance(expression, Partial):
        base, _ = expression.unnested
        return _depends(network, base, v)
    if isinstance(expression, Quantity):
        head = expression.args[:2]
        if is_step(v):
            is_known = not (network.defines(expression) or network.opaque(head))
            return not is_known or network.moving(expression) != 0
        return head == v.args[:2] or network.depends(head, v.args[:2])
    return any(_depends(network, a, v) for a in expression.args if isinstance(a, Expr))


def through_the_pre_activation(
    network: Network, expression: Expr, given: tuple[Equation, ...] = ()
) -> Expr:
    """dF/dW^(a)_lm = r^(a)_l dF/dz^(a+1)_m and dF/db^(a)_m = dF/dz^(a+1)_m, for any F."""

    def local(node: Partial) -> Expr:
        if node.wrt.kind not in PARAMETERS:
            return node
        return differentiate(network, insert_definition(network, node))

    def visit(node: Partial) -> Expr:
        if node.wrt.kind not in PARAMETERS:
            return node
        return each_partial(chain_rule(network, node), local)

    return each_partial(expression, visit)


def inside_a_slope(network: Network, expression: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """R{phi'(z)} = d phi'(z)/dz R{z}, for what is computed from one pre-activation alone."""

    def visit(node: Partial) -> Expr:
        moving = outermost(node.of)
        if node.wrt.kind != "t" or isinstance(node.of, Quantity | Partial) or len(moving) != 1:
            return node
        (z,) = moving
        return Partial(node.of, z) * Partial(z, node.wrt)

    return each_partial(expression, visit)


def constant_slope(network: Network, expression: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """d phi'(z)/dz = 0 away from the kink, for a slope that is a step between two numbers."""

    def visit(node: Partial) -> Expr:
        steps = node.of.atoms(Step)
        numbers = node.of.xreplace(dict.fromkeys(steps, _GATE))
        return S.Zero if steps and not outermost(numbers) else node

    return contracted(each_partial(expression, visit))


def through_the_layer(network: Network, expression: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """d/dv dC/dz^(k)_l = sum_m d2C/dz^(k)_l dz^(k)_m dz^(k)_m/dv, for v before layer k."""

    def visit(node: Partial) -> Expr:
        inner = node.of
        if not isinstance(inner, Partial) or not isinstance(inner.of, Quantity):
            return node
        z = inner.wrt
        if z.kind != "z" or (node.wrt.kind != "t" and network.rank(z) <= network.rank(node.wrt)):
            return node
        if not network.has_index(z.layer):
            return Partial(inner, z) * Partial(z, node.wrt)
        bound = fresh_index({*index_symbols(expression), *index_symbols(node)}, after=2)
        other = z.at(bound)
        return network.sum_over(z.layer, bound, Partial(inner, other) * Partial(other, node.wrt))

    return contracted(each_partial(expression, visit))


def forward(network: Network, expression: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """dz^(k+1)_p/dv = sum_l W_lp dr^(k)_l/dv, and dr^(k)_l/dv = phi'(z_l) dz^(k)_l/dv."""

    def visit(node: Partial) -> Expr:
        of, v = node.of, node.wrt
        if not isinstance(of, Quantity) or of == network.C:
            return node
        if of.args[:2] == v.args[:2]:
            return of.diff(v)
        right = network.definition(of, frozenset(index_symbols(expression)))
        return node if right is None else contract(_total(network, right, v))

    return contracted(each_partial(expression, visit))


def layer_jacobian(network: Network, expression: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """dz^(k+1)_p/dv = sum_l W_lp phi'(z^(k)_l) dz^(k)_l/dv: both halves of a layer."""
    return forward(network, forward(network, expression))


def local_derivative(network: Network, expression: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """Work out d(formula)/dv, down to derivatives of single quantities."""

    def visit(node: Partial) -> Expr:
        if isinstance(node.of, Partial | Quantity):
            return node
        return contract(_total(network, node.of, node.wrt))

    return contracted(each_partial(expression, visit))


def _total(network: Network, formula: Expr, v: Quantity) -> Expr:
    """d(formula)/dv, every quantity of the formula moving as far as it depends on v."""
    if isinstance(formula, Sum):
        return Sum(_total(network, formula.function, v), *formula.limits)
    if isinstance(formula, Add):
        return Add(*(_total(network, term, v) for term in formula.args))
    return derivative_along(formula, {q: _by(network, q, v) for q in outermost(formula)})


def _by(network: Network, q: Expr, v: Quantity) -> Expr:
    if not _depends(network, q, v):
        return S.Zero
    if isinstance(q, Quantity):
        if is_step(v) and (moved := network.moving(q)) != 0:
            return moved
        if q.args[:2] == v.args[:2]:
            return q.diff(v)
    return Partial(q, v)


def contracted(expression: Expr) -> Expr:
    """Terms as sums of products, Kronecker deltas contracted, what does not vary counted."""
    short = flatten_terms(contract(flatten_terms(expression)))  # pyright: ignore[reportArgumentType]
    return without_idle_sums(short)


def sum_out(network: Network, expression: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """sum_p delta_pi f(p) = f(i), in every sum."""
    return contracted(expression)


def flatten_terms(expression: Expr) -> Expr:
    """Each term of a sum written as one sum over a product."""
    return Add(*(flatten(_merged(term)) for term in Add.make_args(expression)))


def _merged(term: Expr) -> Expr:
    """A product of several sums as one sum over all their indices."""
    if isinstance(term, Sum):
        inner = Add(*(_merged(t) for t in Add.make_args(term.function)))
        parts = Add.make_args(inner)
        return Add(*(flatten(Sum(part, *term.limits)) for part in parts))
    factors = Mul.make_args(term)
    sums = [f for f in factors if isinstance(f, Sum)]
    if len(sums) < 2:
        return term
    rest = Mul(*(f for f in factors if not isinstance(f, Sum)))
    product: Expr = S.One
    limits: list[Expr] = []
    for one in sums:
        one = rename_bound(one, index_symbols(rest) | index_symbols(product))
        product *= one.function
        limits += one.limits
    return Sum(rest * product, *limits)
