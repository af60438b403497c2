"""Counting: entries of a Hessian, which are identically 0, what they cost to store and to use."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Integer, Rational

from derive.claims.analysis.blocks import Cell, Table
from derive.claims.analysis.finding import Finding, found
from derive.claims.analysis.regions import derivatives_at
from derive.files.network_file import read_network
from derive.model.network import Network
from derive.model.operation_counts import parameter_count, pass_costs, zero_entries
from derive.notation.decimals import fixed, power_of_ten, significant

_TERABYTE = Integer(10) ** 12
#: Networks whose Hessians are counted.
COUNTED = ("2-2-2-1", "2-3-2", "10-10-10", "784-300-10")
#: Terabytes of memory that a large machine for training has, to compare with.
_MEMORY = 2


def product_costs() -> Finding:
    """A Hessian-vector product adds at most two gradients to the gradient, for `COUNTED`.

    Each term of the one is at most twice its counterpart in the other, so it is for all.
    """
    ratios = [_ratio(_widths(read_network(name))) for name in COUNTED]
    return found(max(ratios) <= 2, most=fixed(max(ratios), 2), least=fixed(min(ratios), 2))


def _widths(network: Network) -> list[int]:
    return [int(network.width(layer)) for layer in network.layer_numbers]


def _ratio(widths: Sequence[int]) -> Rational:
    """What a Hessian-vector product adds to a gradient, in units of it."""
    costs = pass_costs(widths)
    return Rational(costs.hessian_vector, costs.gradient)


def square_count() -> Finding:
    """A Hessian has N^2 entries, counted on one; N (N + 1) / 2 of them differ by symmetry."""
    network = read_network("2-2-1")
    point = {"x": [1, 2], "y": [1], "W0": [[1, 2], [3, 1]], "W1": [[1], [2]]}
    at = derivatives_at(network, point)
    number = parameter_count(network)
    return found(
        len(at.hessian) == number**2 and at.hessian.is_symmetric(),
        small_N=number,
        small_entries=len(at.hessian),
    )


def storage(parameters: int = 10**6) -> Finding:
    """The N^2 entries of a Hessian, and the terabytes they take in float32 and float64.

    Holds where they do not fit into the memory of a large machine.
    """
    entries = Integer(parameters) ** 2
    single, double = (size * entries / _TERABYTE for size in (4, 8))
    return found(
        single > _MEMORY,
        N=power_of_ten(Integer(parameters)),
        entries=power_of_ten(entries),
        distinct=significant(entries / 2 + Rational(parameters, 2)),
        single=single,
        double=double,
    )


def off_diagonal() -> Finding:
    """N^2 - N entries with different parameters are the majority where they exceed the N others."""
    from sympy import Symbol, reduce_inequalities

    count = Symbol("N", positive=True)
    condition = reduce_inequalities([count**2 - count > count], count)
    return found(condition if condition.lhs == count else condition.reversed)


def count_table(networks: Sequence[Network]) -> Table:
    """N, N^2, identically zero entries, and the product in units of a gradient."""
    rows: list[tuple[Cell, ...]] = []
    for network in networks:
        number = parameter_count(network)
        ratio: Cell = fixed(_ratio(_widths(network)), 2)
        rows.append(
            (
                network.name,
                number,
                number**2,
                zero_entries(network),
                ratio,
            )
        )
    return Table("counts", ("network", "parameters", "entries", "zeros", "product"), tuple(rows))
