"""The Gauss-Newton split of any model that names an output o: C = loss(o) + penalty.

For two parameters p and q

    d2C/dp dq = sum_uv do_u/dp d2C/do_u do_v do_v/dq  +  sum_u dC/do_u d2o_u/dp dq
                + d2(penalty)/dp dq,

of which the first sum is the Gauss-Newton part and the second the residual part.
Source of the mathematics: the chain rule of second order; Schraudolph 2002.
"""

from __future__ import annotations

from sympy import Add, Expr

from derive.algebra.indices import contract, deltas_in_front, index_symbols, rename_bound
from derive.algebra.quantities import Partial
from derive.deriving.laws.gauss_newton import variables
from derive.meaning.derivation import Equation
from derive.model.defined_model import DefinedModel


def split_at_the_output(model: DefinedModel, block: Expr, given: tuple[Equation, ...] = ()) -> Expr:
    """d2C/dp dq as Gauss-Newton part, residual part and the curvature of a penalty."""
    first, second = variables(model, block)
    output = model.splits_at
    if output is None:
        raise ValueError(f"{model.name} names no output at which C splits")
    used = index_symbols(block)
    one, letters = model.general_entry(output, used)
    other, others = model.general_entry(output, used | {letter for _, letter in letters})
    curved = Partial(Partial(model.C, one), other)
    inner = model.over_all(others, Partial(one, first) * curved * Partial(other, second))
    residual = Partial(model.C, one) * Partial(Partial(one, first), second)
    _, penalty = model.split_terms(output)
    own = Add(*(rename_bound(term, used) for term in penalty)).diff(first).diff(second)
    return Add(
        model.over_all(letters, inner),
        model.over_all(letters, residual),
        contract(deltas_in_front(own)),
    )
