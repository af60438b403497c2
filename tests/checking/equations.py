"""Statements from lines in the ASCII notation, for tests that are not about reading."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

from derive.meaning.sides import Sides
from derive.model.network import Network
from derive.notation.ascii.formulas import read_condition, read_expression
from derive.reading.statements import Assumption, Claim, Place, Statement


def statements(network: Network, *lines: str) -> tuple[Statement, ...]:
    """One chain `a = b = c` a line, or `assume CONDITION`; line numbers count from 1."""
    return tuple(
        one for number, line in enumerate(lines, 1) for one in _line(network, number, line)
    )


def _line(network: Network, number: int, line: str) -> Iterable[Statement]:
    place = Place(number, 1, 0, len(line))
    if line.startswith("assume "):
        condition = read_condition(line.removeprefix("assume "), network)
        return [Assumption(place, line, condition, line)]
    sides = [read_expression(side, network) for side in line.split(" = ")]
    return [
        Claim(place, line, Sides(left, right), line, continues=n > 0)
        for n, (left, right) in enumerate(pairwise(sides))
    ]
