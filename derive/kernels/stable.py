"""Forms that are equal to those of a derivation and do not overflow where these have values.

    log p_j = z_j - log sum_m exp(z_m)              for p_j := exp(z_j) / sum_m exp(z_m),
    log r = -softplus(-z),  log(1 - r) = -softplus(z)     for r := sigmoid(z),
    Step(z) exp(-z) = Step(z) exp(-ReLU(z)),  (1 - Step(z)) exp(z) = (1 - Step(z)) exp(-ReLU(-z)),
    exp(-l) sum_i f_i exp(u_i) = sum_i f_i exp(u_i - l),
    log(exp(u) + exp(v)) = v + softplus(u - v),
    exp(a u + b v) / (exp(u) + exp(v))^(a+b) = sigmoid(u - v)^a sigmoid(v - u)^b,

the last two also with v = 0, where exp(v) is 1.  What is left of exp(z_j) / sum_m exp(z_m) is the
function `Softmax`, and of log sum_m exp(z_m) a logarithm of a sum, which are computed with the
largest z_m taken off.
"""

from __future__ import annotations

from typing import Any

from sympy import Add, Expr, Function, Integer, Mul, Pow, S, Sum, Symbol, exp, expand, log

from derive.algebra.functions import ReLU, Step, sigmoid, softplus
from derive.algebra.indices import free_indices, index_symbols, rename_bound, substitute
from derive.algebra.quantities import Partial, Quantity, rebuilt
from derive.model.model import Model


class Softmax(Function):
    """exp(u_j) / sum_j exp(u_j), of u_j and the letter j."""

    is_real = True

    @classmethod
    def eval(cls, *_: Any) -> None:
        return None


def is_sum_of_powers(expression: Expr) -> bool:
    """Whether this is sum_m exp(u_m)."""
    return (
        isinstance(expression, Sum)
        and isinstance(expression.function, exp)
        and len(expression.limits) == 1
    )


def stable(model: Model, node: Any) -> Any:
    """The formula in forms that do not overflow."""
    if isinstance(node, Quantity | Partial) or not node.args:
        return node
    if isinstance(node, log) and (known := _logarithm(model, node.args[0])) is not None:
        return stable(model, known)
    if isinstance(node, Mul | Pow) and not isinstance(node, exp):
        short = _guarded(_shares(_quotients(_within_sums(node))))
        if short != node and not isinstance(short, Mul):
            return stable(model, short)
        node = short
    return rebuilt(node, [stable(model, argument) for argument in node.args])


def _logarithm(model: Model, argument: Expr) -> Expr | None:
    """log q, or log(1 - q), for a quantity q that is a softmax or a sigmoid; log of two powers."""
    if (powers := _two_powers(argument)) is not None:
        u, v = powers
        return v + softplus(u - v)
    rest = S.One - argument
    q = argument if isinstance(argument, Quantity) else rest
    if not isinstance(q, Quantity) or (formula := model.definition(q)) is None:
        return None
    if isinstance(formula, sigmoid):
        (z,) = formula.args
        return -softplus(-z) if q == argument else -softplus(z)
    if q == argument and (parts := _softmax_parts(formula)) is not None:
        top, total = parts
        return top.args[0] - log(total)
    return None


def _softmax_parts(product: Expr) -> tuple[exp, Sum] | None:
    """exp(u_j) and sum_m exp(u_m) of a product with their quotient."""
    factors = _each(product)
    for total in (f.base for f in factors if _is_share(f)):
        (bound,) = total.bound_symbols
        for top in (f for f in factors if isinstance(f, exp)):
            letters = [i for i in top.args[0].atoms(Symbol) if i != bound]
            if any(substitute(total.function, {bound: i}) == top for i in letters):
                return top, total
    return None


def _letter(top: exp, total: Sum) -> Symbol:
    """Which index of u_j is j."""
    (bound,) = total.bound_symbols
    letters = sorted(top.args[0].atoms(Symbol), key=str)
    return next(i for i in letters if substitute(total.function, {bound: i}) == top)


def _quotients(product: Expr) -> Expr:
    """The product with softmax for each quotient of exponentials."""
    while (parts := _softmax_parts(product)) is not None:
        top, total = parts
        factors = _each(product)
        factors.remove(top)
        factors.remove(1 / total)
        product = Mul(Softmax(top.args[0], _letter(top, total)), *factors)
    return product


def _within_sums(product: Expr) -> Expr:
    """The product with its powers, and quotients by sums of powers, in its sum of others.

    What has letters that the sum does not have stays, for it would be computed for each of them.
    """
    factors = _each(product)
    sums = [f for f in factors if isinstance(f, Sum) and f.function.has(exp)]
    if len(sums) != 1:
        return product
    (total,) = sums
    shares = dict.fromkeys(f for f in factors if isinstance(f, exp) or _is_share(f))
    shares = [f for f in shares if free_indices(f) <= free_indices(total)]
    if not shares:
        return product
    inner = rename_bound(total, {*total.bound_symbols} & index_symbols(Mul(*shares)))
    for one in (total, *shares):
        factors.remove(one)
    terms = (_one_power(Mul(term, *shares)) for term in Add.make_args(inner.function))
    return Mul(Sum(Add(*terms), *inner.limits), *factors)


def _one_power(product: Expr) -> Expr:
    """The product with exp(u + v) for exp(u) exp(v), which may be smaller than either."""
    factors = Mul.make_args(product)
    powers = [f for f in factors if isinstance(f, exp)]
    exponent = Add(*(f.args[0] for f in powers))
    return Mul(exp(exponent), *(f for f in factors if f not in powers))


def _each(product: Expr) -> list[Expr]:
    """The factors of a product, with 1/q as often as q divides it for a sum q of powers."""
    found: list[Expr] = []
    for factor in Mul.make_args(product):
        divides = isinstance(factor, Pow) and is_sum_of_powers(factor.base)
        if divides and factor.exp.is_Integer and factor.exp < 0:
            found += [1 / factor.base] * -int(factor.exp)
        else:
            found.append(factor)
    return found


def _is_share(factor: Expr) -> bool:
    """Whether this is 1 / sum_m exp(u_m)."""
    return isinstance(factor, Pow) and factor.exp == -1 and is_sum_of_powers(factor.base)


def _two_powers(total: Expr) -> tuple[Expr, Expr] | None:
    """u and v of exp(u) + exp(v); v is 0 where a term is 1."""
    if not isinstance(total, Add) or len(total.args) != 2:
        return None
    first, second = sorted(total.args, key=lambda term: term == 1)
    if not isinstance(first, exp) or not (second == 1 or isinstance(second, exp)):
        return None
    return first.args[0], S.Zero if second == 1 else second.args[0]


def _shares(product: Expr) -> Expr:
    """The product with sigmoids for the quotients of powers by the sum of two."""
    factors = list(Mul.make_args(product))
    for below in factors:
        if not isinstance(below, Pow) or not below.exp.is_Integer or below.exp >= 0:
            continue
        if (powers := _two_powers(below.base)) is None:
            continue
        (u, v), count = powers, -int(below.exp)
        rest = [f for f in factors if f is not below and not isinstance(f, exp)]
        above = Add(*(f.args[0] for f in factors if isinstance(f, exp)))
        for a in range(count + 1):
            if expand(above - a * u - (count - a) * v) == 0:
                return _shares(Mul(sigmoid(u - v) ** a, sigmoid(v - u) ** (count - a), *rest))
        for term in (f for f in rest if isinstance(f, Add) and f.has(exp)):
            factors.remove(term)
            return Add(*(_shares(Mul(one, *factors)) for one in term.args))
    return product


def _guarded(product: Expr) -> Expr:
    """The product with arguments of exp that are kept from growing where a gate makes it 0."""
    factors = Mul.make_args(product)
    for gate in factors:
        side = _side(gate)
        if side is None:
            continue
        bounded = {e: exp(_bounded(e.args[0], side)) for f in factors for e in _powers(f)}
        changed = {e: by for e, by in bounded.items() if e != by}
        if changed:
            return Mul(*(f if f is gate else f.xreplace(changed) for f in factors))
    return product


def _powers(factor: Expr) -> set[exp]:
    return factor.atoms(exp)


def _side(gate: Expr) -> Expr | None:
    """What is positive, or 0, where a factor Step(u) or c - c Step(u) is not 0."""
    if isinstance(gate, Step):
        return gate.args[0]
    if not isinstance(gate, Add) or len(gate.args) != 2:
        return None
    number, rest = gate.as_coeff_Add()
    rest = -rest / number if number != 0 else rest
    return -rest.args[0] if isinstance(rest, Step) else None


def _bounded(argument: Expr, side: Expr) -> Expr:
    """-c u as -c ReLU(u) where u >= 0 is all that counts, for a number c > 0."""
    rate = argument / side
    if isinstance(side, ReLU) or not rate.is_number or not rate.is_negative:
        return argument
    return rate * ReLU(side, Integer(0))
