"""The eigenvalues of a Hessian of two parameters, in closed form.

(a + b + s)/2 and (a + b - s)/2 with s^2 = (a - b)^2 + 4 h^2 have the sum a + b and the product
((a + b)^2 - s^2)/4 = ab - h^2, so they are the zeros of the characteristic polynomial.  Source:
Horn and Johnson, Matrix Analysis, 1.2.
"""

from __future__ import annotations

from sympy import Expr, S, count_ops

from derive.deriving.chains.chain_entries import (
    closed_forms,
    parameters_of,
    resolved_forms,
)
from derive.deriving.hessian_entries import second_derivative
from derive.deriving.hessian_regions import is_polynomial, where_active
from derive.deriving.laws import chain
from derive.meaning.derivation import Equation, Group, Line
from derive.model.network import Network

#: With the second derivatives put in, more operations than this are not read by a person.
_MOST_OPERATIONS = 30


def eigenvalues(network: Network, blocks: Group) -> Group:
    """The product of both eigenvalues, then their sum and what is under the root, put in.

    `named_trace` and `named_gap` are the sum and what is under the root in second derivatives,
    `trace` and `gap` where these are put in: of all units active where the Hessian is a polynomial
    there, else as resolved, and only where both are short.
    """
    if not network.is_chain or len(parameters_of(network)) != 2 or not blocks.steps:
        return Group("eigenvalues", network, ())
    first, second = parameters_of(network)
    a, h, b = (
        second_derivative(network, *pair)
        for pair in ((first, first), (second, first), (second, second))
    )
    trace, gap = a + b, (a - b) ** 2 + 4 * h**2
    product = chain(network, (trace**2 - gap) / 4, "simplify")
    steps: list[Line] = []
    active = is_polynomial(network)
    forms = closed_forms(network) if active else resolved_forms(blocks)
    found: dict[str, Expr] = {"named_trace": trace, "named_gap": gap}
    put_in = [_put_in(network, start, tuple(forms.values())) for start in (trace, gap)]
    if all(put_in):
        steps = [line for lines in put_in for line in lines]
        found |= {"trace": put_in[0][-1].rhs, "gap": put_in[1][-1].rhs}
    about = {**found, "active": S.true if active else S.false}
    lines = where_active(network, tuple(steps)) if active else tuple(steps)
    return Group("eigenvalues", network, (*product, *lines), about)


def _put_in(network: Network, start: Expr, forms: tuple[Equation, ...]) -> tuple[Line, ...]:
    """start with the second derivatives put in where that is short, in factors if no longer so."""
    put_in = chain(network, start, ("insert", forms))
    if count_ops(put_in[-1].rhs) > _MOST_OPERATIONS:
        return ()
    in_factors = chain(network, start, ("insert", forms), "factorize")
    return min(in_factors, put_in, key=lambda steps: count_ops(steps[-1].rhs))
