"""The numbers of a worked example: forward pass, gradient, one step of gradient descent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sympy import Expr, Integer, Rational, S

from derive.algebra.quantities import Partial, Quantity
from derive.documents.blocks import Block, Heading, NumberRow, NumberTable, Paragraph
from derive.documents.worked.values import can_be_printed, in_decimals, number_row, written
from derive.errors import DeriveError
from derive.evaluating.descent import (
    Group,
    Numbers,
    Point,
    by_group,
    first_step,
    rows_of,
)
from derive.evaluating.evaluate import evaluate
from derive.evaluating.evaluation import Evaluation
from derive.model.network import Network

#: How far the difference quotient goes to either side.
WIDTH = Rational(1, 1000)


def worked_numbers(network: Network) -> tuple[Block, ...]:
    """The section about the point of a network; nothing where it has none.

    Every number is found by `evaluate`, which differentiates numbers and knows no law; the
    difference quotients need its values only.
    """
    if network.point is None:
        return ()
    if not can_be_printed(network):
        return (Heading("numbers"), Paragraph("numbers_too_many"))
    try:
        found = evaluate(network, network.point, 1)
    except DeriveError:
        return (Heading("numbers"), Paragraph("numbers_without_values"))
    assert found.gradient is not None
    gradient = by_group(network, found.gradient)
    samples = len(found.z)
    at_kinks = S.true if found.kinks else S.false
    about = {"samples": Integer(samples), "width": WIDTH, "kinks": at_kinks}
    blocks: list[Block] = [Heading("numbers"), Paragraph("numbers", about)]
    given = [number_row(Quantity(*group), network.point[_name(*group)]) for group in gradient]
    blocks.append(NumberTable("given", tuple(given)))
    for number, _ in enumerate(found.z):
        if samples > 1:
            blocks.append(Paragraph("numbers_sample", {"number": Integer(number + 1)}))
        target = number_row(Quantity("y", network.last), _target(network.point, number))
        blocks.append(NumberTable("forward", (*_forward(network, found, number), target)))
    slopes = NumberTable("gradient", _cost_and_gradient(network, found.C, gradient))
    blocks += [Paragraph("numbers_gradient", about), slopes]
    if found.kinks:
        blocks.append(Paragraph("numbers_at_kinks"))
    if all(entry.is_number for entry in found.gradient):
        quotients = tuple(_quotients(network, gradient))
        blocks += [Paragraph("numbers_quotients", about), NumberTable("quotients", quotients)]
        blocks += _one_step(network, found)
    return tuple(blocks)


@dataclass(frozen=True)
class Values:
    """What is given at a point, and what is asked for: all that is computed, and the gradient."""

    given: NumberTable
    asked: NumberTable
    is_instructive: bool  #: no unit at a kink, and every parameter has some derivative


def values_at(network: Network, point: Point) -> Values:
    """The values of a network at a point with one sample."""
    found = evaluate(network, point, 1)
    assert found.gradient is not None
    gradient = by_group(network, found.gradient)
    _, *computed = _forward(network, found, 0)
    given = (Quantity("r", network.first), Quantity("y", network.last))
    outer = (number_row(given[0], point["x"]), number_row(given[1], point["y"]))
    parameters = (number_row(Quantity(*group), point[_name(*group)]) for group in gradient)
    moves = all(any(entry != 0 for row in rows for entry in row) for rows in gradient.values())
    return Values(
        NumberTable("given", (*outer, *parameters)),
        NumberTable("asked", (*computed, *_cost_and_gradient(network, found.C, gradient))),
        moves and not found.kinks,
    )


def _one_step(network: Network, found: Evaluation) -> Iterator[Block]:
    """A step at the largest of a few rates by which the cost falls, if there is one."""
    step = first_step(network, found)
    if step is not None:
        groups = network.parameter_groups
        new = [number_row(Quantity(*group), step.point[_name(*group)]) for group in groups]
        last = NumberRow(network.C, *written([[step.cost]]))
        yield Paragraph("numbers_step", {"rate": step.rate})
        yield NumberTable("step", (*new, last))


def _name(kind: str, layer: Expr) -> str:
    return f"{kind}{layer}"


def _cost_and_gradient(
    network: Network, cost: Expr, gradient: Mapping[Group, Numbers]
) -> tuple[NumberRow, ...]:
    slopes = (
        NumberRow(Partial(network.C, Quantity(*group)), *written(rows))
        for group, rows in gradient.items()
    )
    return (NumberRow(network.C, *written([[cost]])), *slopes)


def _target(point: Point, sample: int) -> Any:
    samples = point.get("samples")
    return point["y"] if samples is None else samples[sample]["y"]


def _forward(network: Network, found: Evaluation, sample: int) -> Iterator[NumberRow]:
    z, r = found.z[sample], found.r[sample]
    yield number_row(Quantity("r", network.first), r[0])
    for layer, (before, after) in enumerate(zip(z, r[1:], strict=True), start=1):
        yield number_row(Quantity("z", Integer(layer)), before)
        yield number_row(Quantity("r", Integer(layer)), after)


def _quotients(network: Network, gradient: Mapping[Group, Numbers]) -> Iterator[NumberRow]:
    """For one entry of each parameter its derivative, and (C(w + h) - C(w - h))/(2h)."""
    assert network.point is not None
    for (kind, layer), slopes in gradient.items():
        row, column = max(
            ((i, j) for i, one in enumerate(slopes) for j, _ in enumerate(one)),
            key=lambda place: slopes[place[0]][place[1]] != 0,
        )
        costs: list[Expr] = []
        for side in (WIDTH, -WIDTH):
            moved = [list(one) for one in rows_of(network.point[_name(kind, layer)])]
            moved[row][column] += side
            whole = moved if kind == "W" else [one[0] for one in moved]
            costs.append(evaluate(network, {**network.point, _name(kind, layer): whole}, 0).C)
        quotient = (costs[0] - costs[1]) / (2 * WIDTH)
        units = (row + 1, column + 1) if kind == "W" else (row + 1,)
        entry = network.quantity(kind, layer, *map(Integer, units))
        exact, _ = written([[slopes[row][column]]])
        yield NumberRow(Partial(network.C, entry), exact, in_decimals(quotient))
