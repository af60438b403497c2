"""A derivation run as a program: each chain assigns its last right side to what it starts from.

Nothing is looked up in the network but definitions and widths, so that a formula that is
wrong, or that uses what was never derived, gives a wrong Hessian or none.
"""

from itertools import product

from sympy import Integer

from derive.algebra.quantities import Partial, Quantity, replace_whole
from derive.model.instances import free_axes, instantiate

#: The groups of equations that the blocks need.
FOR_THE_BLOCKS = (
    "forward",
    "recalled",
    "cost_curvature",
    "curvature",
    "jacobians",
    "mixed_curvature",
    "blocks",
)


def assignments(derivation, widths):
    """(entry, formula in earlier entries) in order, written out at the given widths."""
    network = derivation.groups[0].network
    for group in derivation.groups:
        for chain in group.chains:
            start, right = chain[0].lhs, chain[-1].rhs
            if not isinstance(start, Quantity | Partial) or chain[0].where != True:  # noqa: E712
                continue
            axes = free_axes(network, start)
            for units in product(*(range(1, widths[layer] + 1) for layer in axes.values())):
                free = dict(zip(axes, map(Integer, units), strict=True))
                left = instantiate(network, start, widths, free)
                yield left, instantiate(network, right, widths, free)


def run(derivation, widths, given):
    """The value of every entry that the derivation assigns, from the values that are given."""
    values = dict(given)
    for left, right in assignments(derivation, widths):
        if left not in values:
            values[left] = replace_whole(right, values).evalf(30)
    return values


def expanded_cost(network, widths):
    """C in inputs and parameters alone, and the weights."""
    expression = network.C
    while True:
        defined = [q for q in expression.atoms(Quantity) if network.defines(q)]
        if not defined:
            break
        expression = expression.xreplace(
            {q: instantiate(network, network.definition(q), widths, {}) for q in defined}
        )
    return expression, sorted((q for q in expression.atoms(Quantity) if q.kind == "W"), key=str)
