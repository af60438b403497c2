"""Definitions that give C, its gradient and its whole Hessian as numbers, entry by entry.

They are what `derive.evaluating.passes` and `derive.evaluating.curvature` compute when their
numbers are expressions with names (`derive.programs.draft`).  Local derivatives are SymPy's,
written in what has a name: sigmoid' = r (1 - r).  Nothing is assumed of the targets; at a kink
the formulas are formal, with the network's Step(0).
"""

from __future__ import annotations

from sympy import Expr, Integer

from derive.algebra.quantities import Partial
from derive.errors import DeriveError
from derive.evaluating.curvature import curvatures, hessian_rows, mirrored, output_curvature
from derive.evaluating.passes import summed
from derive.model.model import Source
from derive.model.network import Network, needed_network
from derive.model.operation_counts import parameter_count
from derive.programs.draft import Draft
from derive.programs.program import Program

#: Hessians of more entries are refused: a minute or so of work.
MOST_ENTRIES = 250_000


def hessian_program(network: Network | Source) -> Program:
    """The definitions that give C, the gradient and the Hessian of a network of known widths.

    Raises:
        DeriveError: when a width is a symbol, when there is no cost, or when the Hessian has
            more than `MOST_ENTRIES` entries.
    """
    network = needed_network(network)
    _check(network)
    draft, C = Draft(network), network.C
    passes, parameters = draft.passes(), draft.parameters
    draft.define(C, passes.cost)
    last = [summed(*rows) for rows in zip(*output_curvature(passes), strict=True)]
    curved = curvatures(passes, [last])
    pairs = zip(parameters, passes.gradient, strict=True)
    gradient = [draft.define(Partial(C, one), formula) for one, formula in pairs]
    triangle: list[list[Expr]] = []
    for (row,), parameter in zip(hessian_rows(passes, curved), parameters, strict=True):
        later = zip(parameters[len(triangle) :], row, strict=True)
        triangle.append(
            [
                draft.define(Partial(Partial(C, other), parameter), formula)
                for other, formula in later
            ]
        )
    hessian = mirrored(triangle)
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
    size = int(parameter_count(network))
    if size**2 > MOST_ENTRIES:
        raise DeriveError(
            f"{network.name} has {size} parameters, and a Hessian of {size} x {size} entries is "
            f"too large to write out; at most {MOST_ENTRIES} entries are"
        )
