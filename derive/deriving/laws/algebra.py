"""Laws of algebra: inserting earlier results, simplifying, naming outputs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sympy import (
    Add,
    Dummy,
    Expr,
    Mul,
    S,
    Sum,
    Symbol,
    cancel,
    exp,
    expand,
    expand_mul,
    factor,
    factor_list,
    factor_terms,
    fraction,
)
from sympy.core.function import Application

from derive.algebra.functions import sigmoid
from derive.algebra.indices import contract, index_symbols, rename_bound, substitute
from derive.algebra.quantities import Partial, Quantity
from derive.meaning.derivation import Equation
from derive.model.network import Network


def simplify(network: Network, expression: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """Cancel common factors, multiply out and collect, within each sum."""
    if isinstance(expression, Sum):
        body = expand_mul(cancel(expression.function))
        return Add(
            *(_outside(term) for term in Add.make_args(contract(Sum(body, *expression.limits))))
        )
    return factor_terms(expand(cancel(evaluated(expression))))


def factorize(network: Network, expression: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """A quotient of polynomials in lowest terms, as a product of errors as output less target.

    Of other factors numbers are positive, 1 - r, and slopes stay whole: 1 - r^2.
    """
    y = Quantity("y", network.last)
    sign, powers = S.One, dict[Expr, Expr]()
    for one in Mul.make_args(factor(evaluated(expression))):
        base, exponent = one.as_base_exp()
        if exponent.is_Integer and base.is_Add and _is_turned(base, y):
            sign *= (-1) ** exponent
            base = -base
        powers[base] = powers.get(base, S.Zero) + exponent
    return Mul(sign, *(base**exponent for base, exponent in _with_squares(powers)))


def _is_turned(base: Expr, y: Quantity) -> bool:
    """Whether a factor is written the other way round: y - r, r - 1."""
    if base.has(y):
        return bool(base.coeff(y).is_positive)
    return bool(base.as_coeff_Add()[0].is_negative)


def _with_squares(powers: Mapping[Expr, Expr]) -> Iterator[tuple[Expr, Expr]]:
    """The factors, 1 - r^2 in place of 1 + r and 1 - r where both are there as often."""
    taken: set[Expr] = set()
    for base, exponent in powers.items():
        number, rest = base.as_coeff_Add()
        other = number - rest
        if base in taken:
            continue
        named = isinstance(rest, Quantity) or isinstance(-rest, Quantity)
        if number == 1 and named and powers.get(other) == exponent:
            taken.add(other)
            yield 1 - rest**2, exponent
        else:
            yield base, exponent


def in_short(network: Network, slope: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """dC/dr as people write it: r - y for a square, -4 (y - r)^3 for a fourth power."""
    cost = network.cost
    short = cost is None or cost.kind.is_square or not (cost.has_difference or cost.has_kinks)
    return simplify(network, slope) if short else evaluated(slope)


def multiply_out(network: Network, expression: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """(a/r + b) r = a + b r, the product of a sum with what is its denominators; in sums too."""
    if isinstance(expression, Sum):
        return Sum(multiply_out(network, expression.function), *expression.limits)
    product = evaluated(expression)
    for part in Mul.make_args(product):
        if isinstance(part, Add) and any(fraction(term)[1] != 1 for term in part.args):
            return Add(*(term * (product / part) for term in part.args))
    return product


def collect(network: Network, expression: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """c r (1 - r)^2 - c r^2 (1 - r) = c r (1 - r) (1 - 2 r): terms alike but for outputs."""
    groups: dict[tuple[Expr, tuple[Expr, ...]], list[Expr]] = {}
    for term in Add.make_args(expression):
        body, limits = (term.function, term.limits) if isinstance(term, Sum) else (term, ())
        own = [one for one in Mul.make_args(body) if _is_of_outputs(one)]
        rest = Mul(*(one for one in Mul.make_args(body) if one not in own))
        groups.setdefault((rest, limits), []).append(Mul(*own))
    terms: list[Expr] = []
    for (rest, limits), parts in groups.items():
        factors = parts[0] if len(parts) == 1 else _factored(Add(*parts))
        terms.append(Sum(rest * factors, *limits) if limits else rest * factors)
    return Add(*terms)


def _is_of_outputs(factor: Expr) -> bool:
    """Whether a factor has numbers and outputs in it and nothing else, such as -1, r or 1 - r."""
    named = {node: Dummy() for node in factor.atoms(sigmoid)}
    named |= {q: Dummy() for q in factor.atoms(Quantity) if q.kind == "r"}
    return factor.is_number or factor.xreplace(named).free_symbols <= set(named.values())


def _factored(expression: Expr) -> Expr:
    """Factors with a positive constant each: 1 - r, not r - 1."""
    outputs = dict.fromkeys((*expression.atoms(sigmoid), *expression.atoms(Quantity)), S.Zero)
    number, factors = factor_list(expression)
    result: Expr = S.One
    for base, power in factors:
        turned = isinstance(base, Add) and base.xreplace(outputs) < 0
        number *= (-1) ** power if turned else 1
        result *= (-base if turned else base) ** power
    return number * result


def _outside(term: Expr) -> Expr:
    """sum_m a b_m = a sum_m b_m."""
    if not isinstance(term, Sum):
        return term
    outer, rest = term.function.as_independent(*term.bound_symbols, as_Add=False)
    return outer * Sum(rest, *term.limits)


def insert(network: Network, expression: Expr, given: tuple[Equation, ...]) -> Expr:
    """Put the right sides of the given equations for their left sides, at any indices."""
    result = evaluated(expression)
    for equation in given:
        result = put_in(result, equation)
    return flatten(result)


def insert_formally(network: Network, expression: Expr, given: tuple[Equation, ...]) -> Expr:
    """As `insert`, with each factor left standing where it is put: U * (-1)."""
    if isinstance(expression, Sum):
        return Sum(insert_formally(network, expression.function, given), *expression.limits)
    pairs = [(one, insert(network, one, given)) for one in Mul.make_args(expression)]
    # What was put in stands first, and numbers last.
    pairs.sort(key=lambda pair: (bool(pair[1].is_number), pair[0] == pair[1]))
    return product(*(put for _, put in pairs))


def output_form(network: Network, expression: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """sigmoid(z_j) = r_j, tanh(z_j) = r_j, exp(z_j)/sum_m exp(z_m) = r_j, read backwards."""
    replacements: dict[Expr, Expr] = {}
    for node in expression.atoms(Application):
        z = node.args[0]
        if isinstance(z, Quantity) and z.kind == "z" and _is_named_by_output(network, z, node):
            replacements[node] = _output_of(z)
    for node in expression.atoms(Sum):
        if isinstance(node.function, exp) and isinstance(node.function.args[0], Quantity):
            for power in expression.atoms(exp):
                z = power.args[0]
                if isinstance(z, Quantity) and node.bound_symbols[0] not in z.indices:
                    replacements[power] = _output_of(z) * node
    result = expression.xreplace(replacements)
    return _collect_outputs(network, result)


def _is_named_by_output(network: Network, z: Quantity, value: Expr) -> bool:
    """Whether a value is phi(z) for an activation whose slope people write in r = phi(z)."""
    named = network.layer(z.layer).activation.kind.slope_by_output is not None
    return named and network.definition(_output_of(z)) == value


def _output_of(z: Quantity) -> Quantity:
    return Quantity("r", z.layer, *z.indices)


def _collect_outputs(network: Network, expression: Expr) -> Expr:
    """Write r_m delta_mj - r_m r_j as r_m (delta_mj - r_j), inside a sum if there is one."""
    if isinstance(expression, Sum):
        return Sum(_collect_outputs(network, expression.function), *expression.limits)
    factors: list[Expr] = []
    for part in Mul.make_args(expression):
        terms = Add.make_args(part)
        common = [f for f in Mul.make_args(terms[0]) if isinstance(f, Quantity)]
        shared = [f for f in common if all(f in Mul.make_args(t) for t in terms)]
        if len(terms) > 1 and shared:
            factors.append(shared[0])
            factors.append(Add(*(term / shared[0] for term in terms)))
        else:
            factors.append(part)
    return Mul(*factors)


def use_assumption(network: Network, expression: Expr, given: tuple[Equation, ...]) -> Expr:
    """Put what is assumed of the inputs, such as sum_j y_j = 1, into the expression."""
    result = expression
    for equation in given:
        left = equation.lhs
        for node in expression.atoms(type(left)):
            if _same_sum(node, left):
                result = result.xreplace({node: equation.rhs})
    return result


def _same_sum(node: Expr, pattern: Expr) -> bool:
    if isinstance(node, Sum) and isinstance(pattern, Sum):
        renamed = substitute(pattern.function, {pattern.bound_symbols[0]: node.bound_symbols[0]})
        return renamed == node.function and node.limits[0][1:] == pattern.limits[0][1:]
    return node == pattern


def put_in(expression: Expr, equation: Equation) -> Expr:
    """The expression with the right side of an equation for its left side, at any indices."""
    pattern = equation.lhs

    def visit(node: Expr, outside: frozenset[Symbol]) -> Expr:
        indices = match(pattern, node)
        if indices is not None:
            return substitute(rename_bound(equation.rhs, {*outside, *indices.values()}), indices)
        if not node.args or isinstance(node, Quantity | Partial):
            return node
        if isinstance(node, Sum):
            inside = outside | set(node.bound_symbols)
            body = visit(node.function, inside)
            return Sum(body, *node.limits) if body != 0 else body
        arguments = [visit(a, outside) if isinstance(a, Expr) else a for a in node.args]
        if all(new is old for new, old in zip(arguments, node.args, strict=True)):
            return node
        return node.func(*arguments)

    return visit(expression, frozenset(index_symbols(expression)))


def match(pattern: Expr, node: Expr) -> dict[Expr, Expr] | None:
    """The substitution of indices that turns `pattern` into `node`, or None."""
    if isinstance(pattern, Quantity) and isinstance(node, Quantity):
        if pattern.args[:2] != node.args[:2] or len(pattern.args) != len(node.args):
            return None
        mapping: dict[Expr, Expr] = {}
        for mine, other in zip(pattern.indices, node.indices, strict=True):
            if not isinstance(mine, Symbol):
                if mine != other:
                    return None
            elif mapping.setdefault(mine, other) != other:
                return None
        return mapping
    if isinstance(pattern, Partial) and isinstance(node, Partial):
        first, second = match(pattern.of, node.of), match(pattern.wrt, node.wrt)
        if first is None or second is None:
            return None
        if any(second.get(key, value) != value for key, value in first.items()):
            return None
        return first | second
    return {} if pattern == node else None


def flatten(expression: Expr) -> Expr:
    """Write a product with sums as sums of products: b sum_j a_j = sum_j a_j b."""
    if isinstance(expression, Sum):
        body = flatten(expression.function)
        if isinstance(body, Sum):
            return Sum(body.function, *body.limits, *expression.limits)
        return Sum(body, *expression.limits)
    if isinstance(expression, Add):
        return Add(*(flatten(term) for term in expression.args))
    if not isinstance(expression, Mul):
        return expression
    sums = [factor for factor in expression.args if isinstance(factor, Sum)]
    if len(sums) != 1:
        return expression
    (inner,) = sums
    rest = Mul(*(factor for factor in expression.args if factor is not inner))
    inner = rename_bound(inner, index_symbols(rest))
    return flatten(Sum(rest * inner.function, *inner.limits))


def product(*factors: Expr) -> Expr:
    """A product left standing as written, for steps such as 1/2 (2 r - 2 y)."""
    kept = [factor for factor in factors if factor != 1]
    if len(kept) < 2:
        return kept[0] if kept else S.One
    return Mul(*kept, evaluate=False)


def evaluated(expression: Expr) -> Expr:
    """The same expression with products that were left standing worked out."""
    if not expression.args or isinstance(expression, Quantity | Partial):
        return expression
    arguments = [evaluated(a) if isinstance(a, Expr) else a for a in expression.args]
    return expression.func(*arguments)
