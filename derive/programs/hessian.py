"""Definitions that give C, its gradient and its whole Hessian as numbers, entry by entry.

The formulas of `derive.evaluating.curvature_values`, on names in place of numbers.  With
H^(k) = d2C/dz^(k) dz^(k), later parameters fixed, and a <= b,

    d2C/dz^(b) dz^(a) = H^(b) dz^(b)/dz^(a),
    d2C/dW^(b)_km dz^(a+1)_j
        = r^(b)_k d2C/dz^(b+1)_m dz^(a+1)_j + dr^(b)_k/dz^(a+1)_j dC/dz^(b+1)_m,
    d2C/dW^(b)_km dW^(a)_ij = r^(a)_i d2C/dW^(b)_km dz^(a+1)_j.

A bias is the weight of an input that is always 1.  Local derivatives are SymPy's, written
in what has a name: sigmoid' = r (1 - r).  Nothing is assumed of the targets; at a kink the
formulas are formal, with the network's Step(0).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain

from sympy import Expr, Integer, S

from derive.algebra.quantities import Partial, Quantity
from derive.errors import DeriveError
from derive.model.network import Network, needed_network
from derive.programs.draft import Draft
from derive.programs.matrices import Rows, diagonal
from derive.programs.output import output
from derive.programs.passes import (
    Backward,
    ForwardDefinitions,
    backward,
    forward,
    mixed_curvature,
    moved_on,
)
from derive.programs.program import Program

#: Hessians of more entries are refused: a minute or so of work.
MOST_ENTRIES = 250_000


def hessian_program(network: Network) -> Program:
    """The definitions that give C, the gradient and the Hessian of a network of known widths.

    Raises:
        DeriveError: when a width is a symbol, when there is no cost, or when the Hessian has
            more than `MOST_ENTRIES` entries.
    """
    _check(needed_network(network))
    draft = Draft(network)
    layers = list(forward(draft))
    returned = [output(draft, layers[-1])]
    for k in reversed(range(1, network.depth)):
        returned.insert(0, backward(draft, k, layers[k], returned[0]))
    gradient = [
        draft.define(Partial(draft.C, parameter), source * delta)
        for b, after in enumerate(returned)
        for source, row in _sources(draft, b, layers[b])
        for parameter, delta in zip(row, after.delta, strict=True)
    ]
    triangle = [row for a in range(network.depth) for row in _rows(draft, a, layers, returned)]
    parameters = chain.from_iterable(row for rows in draft.parameters for row in rows)
    size = range(len(triangle))
    hessian = tuple(tuple(triangle[min(p, q)][abs(p - q)] for q in size) for p in size)
    return Program(network, draft.definitions, tuple(parameters), tuple(gradient), hessian)


def _check(network: Network) -> None:
    if network.cost is None:
        raise DeriveError("a network without a cost has no Hessian; give it a cost")
    for number in network.layer_numbers:
        if not isinstance(network.width(number), Integer):
            raise DeriveError(
                f"layer {number} has {network.width(number)} units; definitions are written out "
                "entry by entry for layers of known size only"
            )
    widths = [int(network.width(number)) for number in network.layer_numbers]
    size = sum((widths[b] + layer.bias) * widths[b + 1] for b, layer in enumerate(network.layers))
    if size**2 > MOST_ENTRIES:
        raise DeriveError(
            f"{network.name} has {size} parameters, and a Hessian of {size} x {size} entries is "
            f"too large to write out; at most {MOST_ENTRIES} entries are"
        )


def _sources(
    draft: Draft, b: int, layer: ForwardDefinitions
) -> Iterator[tuple[Expr, Sequence[Quantity]]]:
    """What layer b sends on (r^(b)_k, and 1 to the biases), with the parameters that it meets."""
    yield from zip((*layer.r, S.One), draft.parameters[b], strict=False)


def _rows(
    draft: Draft, a: int, layers: Sequence[ForwardDefinitions], returned: Sequence[Backward]
) -> Iterator[list[Expr]]:
    """The rows of W^(a) and b^(a), from the diagonal on."""
    by_start = [
        column
        for b, (mixed, moved) in enumerate(_from_layer(draft, a, layers, returned), start=a)
        for column in _columns(draft, a, b, layers[b], returned[b], mixed, moved)
    ]
    place = 0
    for source, row in _sources(draft, a, layers[a]):
        for j, parameter in enumerate(row):
            yield [
                draft.second(later, parameter, source * by_z[j]) for later, by_z in by_start[place:]
            ]
            place += 1


def _from_layer(
    draft: Draft, a: int, layers: Sequence[ForwardDefinitions], returned: Sequence[Backward]
) -> Iterator[tuple[Rows, Rows]]:
    """d2C/dz^(b+1) dz^(a+1) and dr^(b)/dz^(a+1) for b = a, a + 1, ..., L - 1."""
    start = draft.z[a + 1]
    yield returned[a].curvature, [[S.Zero] * len(start)] * len(draft.r[a])
    moved: Rows = diagonal(layers[a + 1].slopes)
    for b in range(a + 1, draft.network.depth):
        jacobian = moved_on(draft, b + 1, a + 1, moved)
        yield mixed_curvature(draft, b + 1, a + 1, returned[b].curvature, jacobian), moved
        pairs = zip(layers[b + 1].slopes, jacobian, strict=False)
        formulas = [[slope * entry for entry in row] for slope, row in pairs]
        if b + 1 < draft.network.depth:
            moved = draft.matrix(draft.r[b + 1], start, formulas)


def _columns(
    draft: Draft,
    a: int,
    b: int,
    layer: ForwardDefinitions,
    after: Backward,
    mixed: Rows,
    moved: Rows,
) -> Iterator[tuple[Quantity, list[Expr]]]:
    """For each W^(b)_km or b^(b)_m its d2C/dW^(b)_km dz^(a+1)_j, for all j."""
    start = draft.z[a + 1]
    steps = [*moved, [S.Zero] * len(start)]
    for (source, row), step in zip(_sources(draft, b, layer), steps, strict=False):
        for parameter, bent, delta in zip(row, mixed, after.delta, strict=True):
            yield (
                parameter,
                [
                    draft.second(parameter, z, source * h + direct * delta)
                    for z, h, direct in zip(start, bent, step, strict=True)
                ],
            )
