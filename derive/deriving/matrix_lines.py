"""Results in index form as equations between matrices, of which they are the general entry."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from derive.algebra.quantities import Partial, Quantity
from derive.deriving import laws
from derive.deriving.laws.einsum_forms import array_view
from derive.deriving.laws.matrix_forms import NoMatrixFormError
from derive.meaning.derivation import Equation, Group, Line
from derive.model.model import Model
from derive.model.network import Network


def in_matrices(model: Model, equation: Equation) -> tuple[Line, ...]:
    """The equation between matrices or arrays of which this is an entry, if there is one."""
    assert isinstance(equation.lhs, Quantity | Partial)
    try:
        matrices = array_view(model, equation.lhs, equation.rhs)
    except NoMatrixFormError:
        return ()
    line = laws.apply(model, "in matrices", equation.lhs, (equation,))
    return (replace(line, matrices=matrices),)


def matrix_group(
    network: Network,
    definitions: Iterable[Line],
    known: Mapping[Partial, Line],
    errors: Iterable[tuple[Line, ...]],
) -> Group:
    """The passes of a stack of layers with vectors as columns, each line by those before it.

    z = W^T r + b, r = phi(z); dC/dz = (W dC/dz') * phi'(z); dC/dW = r (dC/dz)^T, dC/db = dC/dz.

    Args:
        known: each derivative of the cost, from layer to layer.
        errors: for each hidden layer, last ones first, the chain to dC/dz whose second line has
            dC/dz of the next layer in it.
    """
    parts = {derivative.wrt: line for derivative, line in known.items()}
    last = (line for by, line in parts.items() if by.kind == "z" and by.layer == network.last)
    later = (Line(chain[0].lhs, chain[1].rhs, "") for chain in errors)
    gradients = (line for by, line in parts.items() if by.kind in ("W", "b"))
    lines = [*definitions, *last, *later, *gradients]
    return Group("in_matrices", network, tuple(_written(network, lines)))


def _written(network: Network, lines: Iterable[Line]) -> Iterator[Line]:
    for line in lines:
        quantities = line.lhs.atoms(Quantity) | line.rhs.atoms(Quantity)
        if not any(_stands_in_a_row(network, one) for one in quantities):
            for matrices in in_matrices(network, line.equation):
                yield replace(matrices, assuming=line.assuming)


def _stands_in_a_row(network: Network, quantity: Quantity) -> bool:
    """Whether this is an entry of a weight matrix of one row, which no column can be equal to."""
    if quantity.kind != "W" or network.has_index(quantity.layer):
        return False
    return bool(quantity.indices)
