"""A worksheet on a network, and its solutions, as documents.

Every solution is proved before it is written.  On the sheet the right sides are left open, in a
form that `derive check` reads once they are filled in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Any

from derive.deriving.first_order import forward
from derive.documents.blocks import Block, Exercise, Heading, Paragraph, Printable, Results, Row
from derive.documents.worked.gradient import Values, values_at
from derive.documents.worked.values import can_be_printed
from derive.documents.worksheets.exercises import Solved, solved
from derive.errors import DeriveError
from derive.files.document_setting import document_setting
from derive.model.network import Network
from derive.notation.naming import OURS, BookNaming

#: What is drawn for a parameter, an input and a target.
_WEIGHTS = (-2, -1, 1, 2)
_INPUTS = (-1, 1, 2, 3)
#: So many points are drawn for one at which something is active and nothing at a kink.
_TRIES = 200


@dataclass(frozen=True)
class Worksheet:
    """One of the two documents: the exercises, or the exercises with what they come to.

    Attributes:
        setting: what it tells `derive check` of its network; empty where it tells nothing.
    """

    network: Network
    name: str
    blocks: tuple[Block, ...]
    setting: str = ""
    words: str = "worksheet.jinja"
    naming: BookNaming = OURS


def worksheet(network: Network, seed: int = 0, called: str = "") -> tuple[Printable, Printable]:
    """The exercises and their solutions; the seed draws the numbers of the last part.

    `called` is how both name a network for `derive check` that no built-in name or shorthand says.

    Raises:
        DeriveError: for a network without a cost, or a solution that is not proved.
    """
    asked = solved(network)
    setting = document_setting(network, called)
    numbers = _drawn(network, seed)
    name = f"{network.name}-seed-{seed}" if seed else network.name
    return (
        Worksheet(network, f"{name}-worksheet", _blocks(network, asked, numbers, True), setting),
        Worksheet(network, f"{name}-solutions", _blocks(network, asked, numbers, False), setting),
    )


def _blocks(
    network: Network, asked: Sequence[Solved], numbers: Values | None, is_open: bool
) -> tuple[Block, ...]:
    rows = (Row(one.lhs, one.rhs, one.rule, 0, proved=True) for one in forward(network).steps)
    found: list[Block] = [
        Paragraph("network"),
        Results(tuple(rows)),
        Paragraph("sheet" if is_open else "solutions"),
    ]
    part = ""
    for number, one in enumerate(asked, start=1):
        if one.part != part:
            part = one.part
            found += [Heading(part), Paragraph(part)]
        found.append(Exercise(number, one.left, None if is_open else one.right))
    if numbers is not None:
        table = numbers.asked
        if is_open:
            empty = (replace(row, value=None, decimals="") for row in table.rows)
            table = replace(table, rows=tuple(empty))
        found += [Heading("values"), Paragraph("values"), numbers.given]
        found += [Paragraph("values_asked"), table]
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
