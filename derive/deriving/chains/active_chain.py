"""The Hessian of a chain where all units are active: a matrix of polynomials in the weights.

What is said of it is solved for here and proved like every other line.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from sympy import Add, Expr, ImmutableMatrix, Matrix, Mul, Poly, S, Tuple

from derive.algebra.nodes import nodes_of
from derive.algebra.quantities import Partial, Quantity
from derive.deriving.chains.chain_entries import (
    closed_forms,
    entries_of_hessian,
    weights_of,
)
from derive.deriving.hessian_regions import is_polynomial, where_active
from derive.deriving.laws import Rule, algebra, cases, chain
from derive.meaning.derivation import Group, Line
from derive.model.network import Network


def active_gradient(network: Network) -> Group:
    """The gradient of a ReLU chain without biases where every unit is active."""
    steps: list[Line] = []
    if is_polynomial(network):
        for weight in weights_of(network):
            start = Partial(network.C, weight)
            steps += where_active(network, chain(network, start, "all units active, gradient"))
    return Group("active_gradient", network, tuple(steps))


def determinant(network: Network) -> Group:
    """The leading minors of the Hessian where all units are active, in factors; the last is whole.

    `definite` are the targets between which it is positive definite: multiples of the output,
    which is positive there.
    """
    if not is_polynomial(network) or network.depth == 1:
        return Group("determinant", network, ())
    forms, entries = closed_forms(network), Matrix(entries_of_hessian(network))
    steps: list[Line] = []
    for size in range(2, network.depth + 1):
        start = entries[:size, :size].det()
        steps += chain(network, start, ("insert", tuple(forms.values())), "factorize")
    matrix = entries.applyfunc(lambda entry: forms[entry].rhs)
    fitted = cases.active_output(network, network.quantity("r", network.last))
    first = weights_of(network)[0]
    about = {
        "hessian": matrix.as_immutable(),
        "fitted": fitted,
        "curvature": algebra.factorize(network, matrix[0, 0] / fitted.diff(first) ** 2),
        **_definiteness(matrix, fitted, network.quantity("y", network.last)),
    }
    return Group("determinant", network, where_active(network, tuple(steps)), about)


def _definiteness(hessian: Matrix, fitted: Expr, y: Quantity) -> Mapping[str, Expr | Tuple]:
    """Between which targets all leading minors are positive, where one is negative elsewhere.

    Each minor is a product of squares and of factors a p - b y of the positive output p and the
    target y, so that its sign depends on y/p alone; y/p is looked at between the zeros of these.
    """
    signs = [
        one
        for n in range(1, hessian.rows + 1)
        if (one := _in_target(hessian[:n, :n].det(), fitted, y)) is not None
    ]
    if len(signs) < hessian.rows:
        return {}
    zeros = sorted({root for one in signs for root in Poly(one, y).ground_roots()})
    between = [(a + b) / 2 for a, b in pairwise(zeros)]
    places = (zeros[0] - 1, *between, zeros[-1] + 1)
    definite = [n for n, at in enumerate(places) if all(one.subs(y, at) > 0 for one in signs)]
    negative = [n for n, at in enumerate(places) if any(one.subs(y, at) < 0 for one in signs)]
    if len(definite) != 1 or len(negative) != len(places) - 1:
        return {}
    (place,) = definite
    return {"definite": Tuple(*(zeros[n] * fitted for n in (place - 1, place)))}


def _in_target(minor: Expr, fitted: Expr, y: Quantity) -> Expr | None:
    """A polynomial in y that has the sign of a minor where the output p is 1, if there is one.

    What is left beside the factors a p - b y is to be a square, or the positive p times one.
    """
    number, powers = minor.factor().as_coeff_Mul()
    sign, odd = number, S.One
    for base, exponent in (one.as_base_exp() for one in Mul.make_args(powers)):
        if base.has(y):
            # The output is a product, and so are the terms without y: they come to a p.
            scale = (base.subs(y, S.Zero) / fitted).factor()
            sign *= (scale + base.coeff(y) * y) ** exponent
        elif not exponent.is_even:
            odd *= base
    known = (odd == 1 or (odd / fitted).is_positive) and nodes_of(sign, Quantity) <= {y}
    return sign if known else None


def newton(network: Network) -> Group:
    """H w, row by row, for the weights w: where all units are active Newton's step is along w."""
    if not is_polynomial(network):
        return Group("newton", network, ())
    entries, forms = entries_of_hessian(network), closed_forms(network)
    weights = weights_of(network)
    steps: list[Line] = []
    rows: list[Expr] = []
    for row in entries:
        scaled = (entry * w for entry, w in zip(row, weights, strict=True))
        laws: tuple[Rule, ...] = (("insert", tuple(forms.values())), "factorize")
        steps += where_active(network, chain(network, Add(*scaled), *laws))
        rows.append(steps[-1].rhs)
    # Every ReLU chain scales with its weights: the row of each is the gradient with one factor.
    slopes = [line.rhs for line in active_gradient(network).steps]
    (scale,) = {algebra.factorize(network, -g / row) for g, row in zip(slopes, rows, strict=True)}
    about = {"scale": scale, "step": ImmutableMatrix(weights)}
    return Group("newton", network, tuple(steps), about)
