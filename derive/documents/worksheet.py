"""Exercises on a network, from local derivatives to the whole gradient, and their solutions.

Every solution is proved before it is written.  On the sheet the right sides are left open, in a
form that `derive check` reads once they are filled in.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from sympy import Expr

from derive.algebra.quantities import Partial
from derive.deriving import laws
from derive.deriving.first_order import SOURCE, TARGET, backpropagate, forward, targets_assumed
from derive.documents.blocks import Block, Exercise, Heading, Paragraph, Printable, Results, Row
from derive.documents.worked.gradient import Values, values_at
from derive.documents.worked.values import can_be_printed
from derive.errors import DeriveError
from derive.meaning.derivation import Derivation, Equation
from derive.model.network import Network
from derive.notation.naming import OURS, BookNaming
from derive.proving.judge import judge

#: What is drawn for a parameter, an input and a target.
_WEIGHTS = (-2, -1, 1, 2)
_INPUTS = (-1, 1, 2, 3)
#: So many points are drawn for one at which something is active and nothing at a kink.
_TRIES = 200


@dataclass(frozen=True)
class Worksheet:
    """One of the two documents: the exercises, or the exercises with what they come to."""

    network: Network
    name: str
    blocks: tuple[Block, ...]
    words: str = "worksheet.jinja"
    naming: BookNaming = OURS


@dataclass(frozen=True)
class _Solved:
    """The left side of an exercise and what it comes to; `part` is where it stands."""

    part: str
    left: Expr
    right: Expr


def worksheet(network: Network, seed: int = 0) -> tuple[Printable, Printable]:
    """The exercises and their solutions; the seed draws the numbers of the last part.

    Raises:
        DeriveError: for a network without a cost, or a solution that is not proved.
    """
    if network.cost is None:
        raise DeriveError(f"{network.name} has no cost, so there is no gradient to ask for")
    solved = tuple(_exercises(network))
    for one in solved:
        if not judge(network, one.left, one.right, assuming=_assumed(network, one)).proved:
            raise DeriveError(f"{network.name}: the solution for {one.left} was not proved")
    numbers = _drawn(network, seed)
    return (
        Worksheet(network, f"{network.name}-worksheet", _blocks(network, solved, numbers, True)),
        Worksheet(network, f"{network.name}-solutions", _blocks(network, solved, numbers, False)),
    )


def _exercises(network: Network) -> Iterator[_Solved]:
    derivation = backpropagate(network)
    yield from _local(network, derivation)
    last = derivation[Partial(network.C, network.quantity("z", network.last, TARGET))]
    yield _Solved("errors", last[0].lhs, last[-1].rhs)
    for title, part in (("resolved_errors", "errors"), ("resolved_gradients", "gradients")):
        for group in derivation.groups:
            for chain in group.chains if group.title == title else ():
                ends = (line.rhs for line in chain if not line.rhs.has(Partial))
                yield _Solved(part, chain[0].lhs, next(ends, chain[-1].rhs))


def _local(network: Network, derivation: Derivation) -> Iterator[_Solved]:
    """What one formula gives: dr/dz, dz/dr and dz/dW of each layer, and dC/dr of the output."""
    for layer in network.layer_numbers[1:]:
        z = network.quantity("z", layer, TARGET)
        r = network.quantity("r", layer, TARGET)
        before = network.quantity("r", layer - 1, SOURCE)
        weight = network.quantity("W", layer - 1, SOURCE, TARGET)
        pairs = [(z, weight)]
        if layer != network.layer_numbers[1]:
            pairs.append((z, before))
        if network.layer(layer).activation.kind.elementwise:
            pairs.append((r, z))
        for of, by in pairs:
            chain = laws.chain(network, Partial(of, by), "insert the definition", "differentiate")
            yield _Solved("local", chain[0].lhs, chain[-1].rhs)
    output = Partial(network.C, network.quantity("r", network.last, TARGET))
    chain = derivation[output]
    yield _Solved("local", chain[0].lhs, chain[-1].rhs)


def _assumed(network: Network, one: _Solved) -> tuple[Equation, ...]:
    """What cross-entropy assumes of its targets."""
    return targets_assumed(network) if one.part != "local" else ()


def _blocks(
    network: Network, solved: Sequence[_Solved], numbers: Values | None, is_open: bool
) -> tuple[Block, ...]:
    rows = (Row(one.lhs, one.rhs, one.rule, 0, proved=True) for one in forward(network).steps)
    found: list[Block] = [
        Paragraph("network"),
        Results(tuple(rows)),
        Paragraph("sheet" if is_open else "solutions"),
    ]
    part = ""
    for number, one in enumerate(solved, start=1):
        if one.part != part:
            part = one.part
            found += [Heading(part), Paragraph(part)]
        found.append(Exercise(number, one.left, None if is_open else one.right))
    if numbers is not None:
        asked = numbers.asked
        if is_open:
            empty = (replace(row, value=None, decimals="") for row in asked.rows)
            asked = replace(asked, rows=tuple(empty))
        found += [Heading("values"), Paragraph("values"), numbers.given]
        found += [Paragraph("values_asked"), asked]
    return tuple(found)


def _drawn(network: Network, seed: int) -> Values | None:
    """The values at a point of small integers; nothing where widths are symbols, or large."""
    if not can_be_printed(network):
        return None
    widths, draw = [int(network.width(layer)) for layer in network.layer_numbers], Random(seed)
    for _ in range(_TRIES):
        try:
            found = values_at(network, _point(network, widths, draw))
        except DeriveError:
            continue  # the cost has no value there
        if found.is_instructive:
            return found
    return None


def _point(network: Network, widths: list[int], draw: Random) -> dict[str, Any]:
    def row(choices: Sequence[int], count: int) -> tuple[int, ...]:
        return tuple(draw.choice(choices) for _ in range(count))

    found: dict[str, Any] = {"x": row(_INPUTS, widths[0])}
    one_hot = network.cost is not None and network.cost.output is not None
    target = row((0, 1) if one_hot else _INPUTS, widths[-1])
    if network.cost is not None and network.cost.output == "softmax":
        target = tuple(int(place == 0) for place in range(widths[-1]))
    found["y"] = target
    for kind, source in network.parameter_groups:
        inputs, outputs = widths[int(source)], widths[int(source) + 1]
        found[f"{kind}{source}"] = (
            tuple(row(_WEIGHTS, outputs) for _ in range(inputs))
            if kind == "W"
            else row(_WEIGHTS, outputs)
        )
    return found
