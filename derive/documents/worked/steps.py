"""The steps of a derivation with numbers: what each comes to at the point of the network."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import combinations, product
from typing import Any

from sympy import Basic, Dummy, Expr, Integer, S, count_ops

from derive.algebra.quantities import Partial, Quantity
from derive.documents.blocks import Block, Equations, NumberRow, NumberTable, Paragraph
from derive.documents.worked.motions import exact_or_shown, motions
from derive.documents.worked.values import can_be_printed, rounded, written
from derive.errors import DeriveError
from derive.evaluating.descent import Numbers, by_group, rows_of
from derive.evaluating.evaluate import evaluate
from derive.evaluating.evaluation import Evaluation
from derive.meaning.derivation import Group
from derive.meaning.valuation import Valuation
from derive.model.matrices import Matrix
from derive.model.network import Network
from derive.notation.tex import AtPoint

#: The groups whose steps are worked out.
_WORKED = (
    *("forward", "cost_directly", "cost_by_difference", "layer"),
    *("cost_curvature", "jacobians", "curvature", "mixed_curvature", "blocks", "resolved_blocks"),
    *("hessian_vector", "gauss_newton_vector"),
)
#: Those in which all that moves moves along a direction.
_ALONG = ("hessian_vector", "gauss_newton_vector")

#: Blocks of the Hessian with more rows or columns are no use on a page, of decimals still less.
MOST_ENTRIES = 6
MOST_DECIMALS = 4

#: Formulas with more operations are too long with numbers put in.
_MOST_OPERATIONS = 25

#: What tensors, and derivatives of the cost by them, are: a matrix, a column or one number.
AtThePoint = Mapping[Basic, Numbers]


def at_the_point(network: Network, order: int = 1) -> AtThePoint:
    """The values of all quantities and derivatives; none without a point.

    They are found by `evaluate`, which differentiates numbers and knows no law.  The formulas
    are those of one sample, so of several samples the first is taken.
    """
    if network.point is None or not can_be_printed(network):
        return {}
    network = replace(network, point=_of_first_sample(network.point))
    try:
        found = evaluate(network, None, order)
    except DeriveError:
        return {}
    first = _of_first_order(network, found)
    return {**first, **_of_second_order(network, found, first)}


def _of_first_sample(point: Mapping[str, Any]) -> Mapping[str, Any]:
    if "samples" not in point:
        return point
    parameters = {name: value for name, value in point.items() if name != "samples"}
    return {**parameters, **point["samples"][0]}


def _of_first_order(network: Network, found: Evaluation) -> dict[Basic, Numbers]:
    assert found.gradient is not None and found.by_z is not None and found.by_r is not None
    values: dict[Basic, Numbers] = {network.C: [[found.C]]}
    point = network.point or {}
    values[Quantity("y", network.last)] = rows_of(point["y"])
    for layer, numbers in enumerate(found.r[0]):
        values[Quantity("r", Integer(layer))] = rows_of(numbers)
    for kind, layers in (("z", found.z[0]), ("dz", found.by_z[0]), ("dr", found.by_r[0])):
        for layer, numbers in enumerate(layers, start=1):
            quantity = Quantity(kind[-1], Integer(layer))
            values[_by(network, quantity) if kind[0] == "d" else quantity] = rows_of(numbers)
    for group, slopes in by_group(network, found.gradient).items():
        values[Quantity(*group)] = rows_of(point[f"{group[0]}{group[1]}"])
        values[_by(network, Quantity(*group))] = slopes
    return values


def _of_second_order(network: Network, found: Evaluation, first: AtThePoint) -> AtThePoint:
    """Matrices with a row for each entry of what is differentiated last but one, row by row."""
    if found.hessian is None or found.pre_activation_hessian is None:
        return {}
    at = _valuation(network, first)
    values = {**dict(_between_layers(network, at)), **dict(motions(network, found, at, first))}
    for layer, square in enumerate(found.pre_activation_hessian[0], start=1):
        z = Quantity("z", Integer(layer))
        values[Partial(_by(network, z), z)] = square
    places = _places(network, first)
    for (one, rows), (other, columns) in product(places.items(), repeat=2):
        block = [[found.hessian[i][j] for j in columns] for i in rows]
        values[Partial(_by(network, one), other)] = block
    return {name: numbers for name, numbers in values.items() if _fits(numbers)}


def _fits(numbers: Numbers) -> bool:
    exact = all(S(entry).is_Rational for row in numbers for entry in row)
    most = MOST_ENTRIES if exact else MOST_DECIMALS
    return len(numbers) <= MOST_ENTRIES and len(numbers[0]) <= most


def _places(network: Network, first: AtThePoint) -> dict[Quantity, range]:
    """Which rows of the Hessian are those of a tensor of parameters."""
    found: dict[Quantity, range] = {}
    start = 0
    for group in network.parameter_groups:
        entries = sum(map(len, first[Quantity(*group)]))
        found[Quantity(*group)] = range(start, start + entries)
        start += entries
    return found


def _valuation(network: Network, first: AtThePoint) -> Valuation:
    """The network at its point."""
    widths = {n: int(network.width(n)) for n in network.layer_numbers if network.has_index(n)}
    at = Valuation(network, widths, {})
    return at.at({entry: _entry(first, entry) for entry in at.given_entries})


def _between_layers(network: Network, at: Valuation) -> Iterator[tuple[Basic, Numbers]]:
    """How outputs, pre-activations and derivatives of the cost move with those before them."""
    z = [Quantity("z", Integer(layer)) for layer in network.layer_numbers[1:]]
    r = [Quantity("r", one.layer) for one in z]
    apart = list(combinations(reversed(z), 2))
    for of, by in (*zip(r, z, strict=True), *apart):
        yield Partial(of, by), _matrix(at, at.entries(*of.args[:2]), by)
    for later, earlier in [(r[-1], r[-1]), *apart]:
        slopes = [Partial(network.C, one) for one in at.entries(*later.args[:2])]
        yield Partial(_by(network, later), earlier), _matrix(at, slopes, earlier)


def _entry(values: AtThePoint, entry: Expr) -> Expr:
    """The number of one entry of a tensor: vectors are columns."""
    row, column = (*(int(unit) for unit in entry.args[2:]), 1, 1)[:2]  # pyright: ignore
    return S(values[Quantity(*entry.args[:2])][row - 1][column - 1])


def _matrix(at: Valuation, of: Sequence[Expr], by: Quantity) -> Numbers:
    entries = at.entries(*by.args[:2])
    return [[exact_or_shown(at(Partial(one, entry))) for entry in entries] for one in of]


def _by(network: Network, quantity: Quantity) -> Partial:
    return Partial(network.C, quantity)


def steps_with_numbers(
    group: Group, equations: Iterable[Equations], values: AtThePoint
) -> tuple[Block, ...]:
    """A table with what each chain of a group comes to, where that is a number or a matrix."""
    if group.title not in _WORKED or not values:
        return ()
    kind = Quantity if group.title == "forward" else Partial
    found = tuple(_rows(equations, values))
    rows = tuple(row for row in found if isinstance(row.name, kind) or group.title in _ALONG)
    return (_words(group), NumberTable("steps", rows)) if rows else ()


def _words(group: Group) -> Paragraph:
    if group.title in _ALONG:
        return Paragraph("numbers_along")
    explained = group.title == "jacobians" and not group.network.is_chain  # pyright: ignore
    return Paragraph("numbers_of_matrices" if explained else "numbers_of_steps")


def _rows(equations: Iterable[Equations], values: AtThePoint) -> Iterator[NumberRow]:
    """The last line of each chain, with numbers in it where all it speaks of has one."""
    told: set[Basic] = set()
    for block in equations:
        left: Basic | None = None
        for line, following in zip(block.rows, (*block.rows[1:], None), strict=True):
            left = _head(line.left) if isinstance(line.left, Expr) else left
            ends = following is None or following.left is not None
            right = line.right
            is_formula = not isinstance(right, Matrix) and not right.is_number
            if ends and left in values and left not in told and is_formula:
                assert isinstance(left, Expr) and isinstance(right, Expr)
                told.add(left)
                value, decimals = written(values[left])
                yield NumberRow(left, _put_in(right, values, value), decimals)


def _put_in(right: Expr, values: AtThePoint, value: Basic) -> Basic:
    """The formula with numbers, then its value; that alone where indices or its length forbid."""
    signs = {one: Dummy() for one in right.atoms(Partial)}
    parts = right.xreplace(signs).atoms(Quantity) | signs.keys()
    single = {part: rounded(values[part][0][0]) for part in parts if part in values}
    worked_out = isinstance(value, Expr) and value.is_number and right not in single
    is_long = count_ops(right) > _MOST_OPERATIONS
    if not worked_out or is_long or not parts or len(single) < len(parts):
        return value
    return AtPoint(right, single, value)


def _head(expression: Expr) -> Basic:
    """A quantity or a derivative without the indices of its entries."""
    match expression:
        case Quantity():
            return Quantity(*expression.args[:2])
        case Partial():
            return Partial(_head(expression.of), _head(expression.wrt))  # pyright: ignore
        case _:
            return expression
