"""The entries of a Hessian block: two parameters, with the indices that all formulas use."""

from __future__ import annotations

from collections.abc import Iterator

from sympy import Expr

from derive.algebra.indices import index
from derive.algebra.quantities import Partial, Quantity
from derive.meaning.derivation import Line
from derive.model.network import Network

SOURCE, TARGET, SECOND_SOURCE, SECOND_TARGET = (index(letter) for letter in "ijlm")

#: The last step of what was derived, under what it starts from.
Known = dict[Expr, Line]


def first_entry(network: Network, kind: str, source: Expr) -> Quantity:
    """W^(k)_ij or b^(k)_j of the later group of a pair."""
    return network.quantity(kind, source, *((SOURCE, TARGET) if kind == "W" else (TARGET,)))


def second_entry(network: Network, kind: str, source: Expr) -> Quantity:
    """W^(k)_lm or b^(k)_m of the earlier group of a pair."""
    units = (SECOND_SOURCE, SECOND_TARGET) if kind == "W" else (SECOND_TARGET,)
    return network.quantity(kind, source, *units)


def second_derivative(network: Network, first: Quantity, second: Quantity) -> Partial:
    """d2C by the first and then by the second."""
    return Partial(Partial(network.C, first), second)


def pairs(network: Network) -> Iterator[tuple[tuple[str, Expr], tuple[str, Expr]]]:
    """Each pair of parameter groups once, the later group first."""
    groups = list(network.parameter_groups)
    for position, later in enumerate(groups):
        for earlier in groups[: position + 1]:
            yield later, earlier
