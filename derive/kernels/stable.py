"""Forms that are equal to those of a derivation and do not overflow where these have values.

    log p_j = z_j - log sum_m exp(z_m)              for p_j := exp(z_j) / sum_m exp(z_m),
    log r = -softplus(-z),  log(1 - r) = -softplus(z)     for r := sigmoid(z),
    Step(z) exp(-z) = Step(z) exp(-ReLU(z)),  (1 - Step(z)) exp(z) = (1 - Step(z)) exp(-ReLU(-z)).

What is left of exp(z_j) / sum_m exp(z_m) is the function `Softmax`, and of log sum_m exp(z_m) a
logarithm of a sum, which are computed with the largest z_m taken off.
"""

from __future__ import annotations

from typing import Any

from sympy import Add, Expr, Function, Integer, Mul, Pow, S, Sum, Symbol, exp, log

from derive.algebra.functions import ReLU, Step, sigmoid, softplus
from derive.algebra.indices import substitute
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
    if isinstance(node, Mul):
        node = _guarded(_quotients(node))
        if not isinstance(node, Mul):
            return stable(model, node)
    return rebuilt(node, [stable(model, argument) for argument in node.args])


def _logarithm(model: Model, argument: Expr) -> Expr | None:
    """log q, or log(1 - q), for a quantity q that is a softmax or a sigmoid."""
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
    factors = Mul.make_args(product)
    sums = [f.base for f in factors if isinstance(f, Pow) and f.exp == -1]
    for total in filter(is_sum_of_powers, sums):
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
        factors = list(Mul.make_args(product))
        factors.remove(top)
        factors.remove(1 / total)
        product = Mul(Softmax(top.args[0], _letter(top, total)), *factors)
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
    """What is positive, or 0, where a factor Step(u) or 1 - Step(u) is not 0."""
    if isinstance(gate, Step):
        return gate.args[0]
    rest = S.One - gate
    return -rest.args[0] if isinstance(gate, Add) and isinstance(rest, Step) else None


def _bounded(argument: Expr, side: Expr) -> Expr:
    """-c u as -c ReLU(u) where u >= 0 is all that counts, for a number c > 0."""
    rate = argument / side
    if isinstance(side, ReLU) or not rate.is_number or not rate.is_negative:
        return argument
    return rate * ReLU(side, Integer(0))
