"""The Hessian of a chain as a whole: every entry resolved, its determinant, Newton's step.

For chains that are short enough to be written out.  Where all units are active the Hessian is one
polynomial matrix; what is said of it is solved for here and proved like every other line.
"""

from __future__ import annotations

from sympy import Add, Expr, ImmutableMatrix, Matrix

from derive.algebra.quantities import Partial, Quantity, outermost
from derive.deriving.first_order import EXPLICIT_DEPTH
from derive.deriving.hessian_entries import (
    Known,
    first_entry,
    pairs,
    second_derivative,
    second_entry,
)
from derive.deriving.hessian_regions import all_active, is_polynomial, where_active
from derive.deriving.laws import Rule, algebra, cases, chain
from derive.meaning.derivation import Equation, Group, Line
from derive.model.network import Network


def resolved_blocks(network: Network, known: Known) -> Group:
    """Each entry of a chain's Hessian, with all earlier results put in."""
    steps: list[Line] = []
    if network.is_chain and network.depth <= EXPLICIT_DEPTH:
        for later, earlier in pairs(network):
            entries = first_entry(network, *later), second_entry(network, *earlier)
            steps += resolved(network, second_derivative(network, *entries), known)
    return Group("resolved_blocks", network, tuple(steps))


def resolved(network: Network, start: Expr, known: Known) -> tuple[Line, ...]:
    """start = ... = an expression in which no derivative is left that has been derived."""
    laws: list[Rule] = [("insert", (known[start].equation,))]
    while True:
        steps = chain(network, start, *laws)
        left = set(outermost(steps[-1].rhs))
        found = [line.equation for whole, line in known.items() if whole in left]
        if not found:
            return chain(network, start, *laws, "collect")
        laws.append(("insert", tuple(reversed(found))))  # what was derived last goes in first


def active_gradient(network: Network) -> Group:
    """The gradient of a ReLU chain without biases where every unit is active."""
    steps: list[Line] = []
    if is_polynomial(network):
        for weight in _weights(network):
            start = Partial(network.C, weight)
            steps += where_active(network, chain(network, start, "all units active, gradient"))
    return Group("active_gradient", network, tuple(steps))


def determinant(network: Network) -> Group:
    """The determinant of the Hessian where all units are active, in factors."""
    if not is_polynomial(network) or network.depth == 1:
        return Group("determinant", network, ())
    entries, forms = _entries(network), _closed_forms(network)
    start = Matrix(entries).det()
    steps = chain(network, start, ("insert", tuple(forms.values())), "factorize")
    matrix = Matrix([[forms[entry].rhs for entry in row] for row in entries])
    fitted = cases.active_output(network, network.quantity("r", network.last))
    first = _weights(network)[0]
    curvature = algebra.factorize(network, matrix[0, 0] / fitted.diff(first) ** 2)
    about = {"hessian": matrix.as_immutable(), "fitted": fitted, "curvature": curvature}
    return Group("determinant", network, where_active(network, steps), about)


def newton(network: Network) -> Group:
    """H w, row by row, for the weights w: where all units are active Newton's step is along w."""
    if not is_polynomial(network):
        return Group("newton", network, ())
    entries, forms = _entries(network), _closed_forms(network)
    weights = _weights(network)
    curvature = Matrix([[forms[entry].rhs for entry in row] for row in entries])
    solved = curvature.LUsolve(-Matrix([line.rhs for line in active_gradient(network).steps]))
    # Every ReLU chain scales with its weights, and so does the step.
    (scale,) = {algebra.factorize(network, one / w) for one, w in zip(solved, weights, strict=True)}
    steps: list[Line] = []
    for row in entries:
        scaled = (entry * w for entry, w in zip(row, weights, strict=True))
        laws: tuple[Rule, ...] = (("insert", tuple(forms.values())), "factorize")
        steps += where_active(network, chain(network, Add(*scaled), *laws))
    about = {"scale": scale, "step": ImmutableMatrix(weights)}
    return Group("newton", network, tuple(steps), about)


def _weights(network: Network) -> list[Quantity]:
    return [network.quantity("W", source) for source in network.layer_numbers[:-1]]


def _entries(network: Network) -> list[list[Partial]]:
    """The second derivatives by each two weights, the later one first, as they are derived."""
    weights = _weights(network)
    return [
        [
            second_derivative(network, *sorted((a, b), key=weights.index, reverse=True))
            for b in weights
        ]
        for a in weights
    ]


def _closed_forms(network: Network) -> dict[Expr, Equation]:
    """What `all_active` comes to for each second derivative."""
    return {one[0].lhs: Equation(one[0].lhs, one[-1].rhs) for one in all_active(network).chains}
