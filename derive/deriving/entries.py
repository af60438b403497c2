"""A derivation in index form written out entry by entry, for networks of numeric widths."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from sympy import Basic, Expr, Integer, Symbol, Tuple

from derive.errors import DeriveError
from derive.meaning.derivation import Derivation, Equation, GeneralStep, Group, Line
from derive.model.instances import free_axes, instantiate
from derive.model.network import Network
from derive.proving.forms.at_sizes import MOST_NUMBERED

#: More numbered equations than this would not be read by anybody.
MOST_EQUATIONS = 1_500
#: Sums of more terms than this are not written out either; the judge accepts as many.
MOST_UNITS = MOST_NUMBERED


def written_out(derivation: Derivation) -> Derivation:
    """Every equation once for each unit that its free indices can name, sums written out.

    Groups about networks of symbolic widths, such as the general layer, stay as they are.  Those of
    nothing but matrices are left out: each is an entry by itself already.

    Raises:
        DeriveError: when a width is a symbol, or the document would be absurdly long.
    """
    network = derivation.groups[0].network
    if not isinstance(network, Network):
        raise DeriveError("entries are written out for stacks of layers only")
    widths = _numeric_widths(network)
    total = sum(_count(group, widths) for group in derivation.groups if group.network == network)
    if total > MOST_EQUATIONS:
        raise DeriveError(
            f"written out entry by entry this would be {total} equations, more than the "
            f"{MOST_EQUATIONS} that make a readable document; leave --entries out"
        )
    return Derivation(
        tuple(
            replace(group, steps=tuple(_steps(group, widths)))
            if group.network == network
            else group
            for group in derivation.groups
            if not (group.steps and all(line.matrices for line in group.steps))
        )
    )


def _numeric_widths(network: Network) -> dict[Expr, int]:
    widths: dict[Expr, int] = {}
    for layer in network.layer_numbers:
        units = network.width(layer)
        if not isinstance(units, Integer):
            raise DeriveError(
                f"layer {layer} has {units} units; entries can be written out for numeric "
                "widths only, so leave --entries out or give a number"
            )
        if units > MOST_UNITS:
            raise DeriveError(
                f"layer {layer} has {units} units; entries are written out for layers of up "
                f"to {MOST_UNITS} units, so leave --entries out"
            )
        widths[layer] = int(units)
    return widths


def _count(group: Group, widths: dict[Expr, int]) -> int:
    total = 0
    for step in group.steps:
        units = 1
        for layer in free_axes(group.network, step.lhs, step.rhs, step.where).values():
            units *= widths[layer]
        total += units
    return total


def _steps(group: Group, widths: dict[Expr, int]) -> Iterator[Line]:
    """The steps of each chain for the first unit, then for the second, and so on."""
    network = group.network
    assert isinstance(network, Network)
    for chain in group.chains:
        sides = Tuple(*(side for step in chain for side in (step.lhs, step.rhs, step.where)))
        axes = free_axes(network, sides)
        ranges = (range(1, widths[layer] + 1) for layer in axes.values())
        for units in product(*ranges):
            free = dict(zip(axes, map(Integer, units), strict=True))
            yield from (_instance(network, step, widths, free) for step in chain)


def _instance(
    network: Network, step: Line, widths: dict[Expr, int], free: dict[Symbol, Integer]
) -> Line:
    def out(side: Basic) -> Basic:
        return instantiate(network, side, widths, free)

    def both(equation: Equation) -> Equation:
        return Equation(out(equation.lhs), out(equation.rhs))

    return replace(
        step,
        lhs=out(step.lhs),
        rhs=out(step.rhs),
        where=out(step.where),
        given=tuple(both(equation) for equation in step.given),
        assuming=tuple(both(equation) for equation in step.assuming),
        instance=GeneralStep(step, tuple(widths.items()), tuple(free.items())),
    )
