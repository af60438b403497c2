"""How quantities move along one direction at a point: the numbers of products with a vector."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from sympy import Add, Basic, Expr, Integer, S

from derive.algebra.quantities import DIRECTIONS, Partial, Quantity
from derive.deriving.hessian_entries import first_entry
from derive.evaluating.descent import DIGITS, Numbers, by_group
from derive.evaluating.evaluation import Evaluation, Square
from derive.meaning.valuation import Valuation
from derive.model.network import Network


def motions(
    network: Network, found: Evaluation, at: Valuation, given: Mapping[Basic, Numbers]
) -> Iterator[tuple[Basic, Numbers]]:
    """R{q} and the Gauss-Newton products, where each parameter moves by the same as t.

    `given` has the parameters.  What is by parameters is a sum of rows of the Hessian, or of its
    Gauss-Newton part, since each entry of the direction is 1.
    """
    assert found.hessian is not None and found.gauss_newton is not None
    t = network.direction
    along = dict(at.given)
    for kind, layer in network.parameter_groups:
        rows = given[Quantity(kind, layer)]
        yield Quantity(DIRECTIONS[kind], layer), [[S.One for _ in row] for row in rows]
        for entry in at.entries(kind, layer):
            along[Quantity(DIRECTIONS[kind], *entry.args[1:])] = S.One
    there = at.at(along)
    for layer in network.layer_numbers[1:]:
        for kind in "zr":
            entries = there.entries(kind, layer)
            whole = Quantity(kind, Integer(layer))
            yield Partial(whole, t), _column(there, [Partial(one, t) for one in entries])
            slopes = [Partial(Partial(network.C, one), t) for one in entries]
            yield Partial(Partial(network.C, whole), t), _column(there, slopes)
        pulled = [Quantity("Gv", layer, *one.indices) for one in there.entries("z", layer)]
        yield Quantity("Gv", Integer(layer)), _column(there, pulled)
    for group, rows in by_group(network, _times_ones(found.hessian)).items():
        yield Partial(Partial(network.C, Quantity(*group)), t), rows
    for group, rows in by_group(network, _times_ones(found.gauss_newton)).items():
        yield network.gauss_newton_sum(first_entry(network, *group), t), rows


def _times_ones(matrix: Square) -> list[Expr]:
    return [Add(*row) for row in matrix]


def _column(at: Valuation, entries: list[Expr]) -> Numbers:
    return [[exact_or_shown(at(one))] for one in entries]


def exact_or_shown(value: Expr) -> Expr:
    """A value as it is, if it is rational or has a symbol in it; else to the digits shown."""
    if value.free_symbols:
        return value.expand()
    return value if value.is_Rational else value.evalf(DIGITS)
