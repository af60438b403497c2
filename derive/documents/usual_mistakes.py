"""What is often written for a gradient and is wrong, each with a point at which it is.

The kinds of mistakes have the names that `derive check` gives them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from sympy import Basic, Expr, ImmutableMatrix, Integer, Mul, Rational, S, Sum, Symbol

from derive.algebra.functions import Step
from derive.algebra.indices import index_symbols
from derive.algebra.quantities import Partial, Quantity
from derive.deriving.first_order import targets_assumed
from derive.documents.blocks import Block, Heading, Mistaken, NumberRow, Paragraph, Row
from derive.documents.worked.values import rounded
from derive.model.network import Network
from derive.notation.ascii.given import formula
from derive.proving.points.search import best_of, differences_as_written, instance_widths
from derive.proving.proof import Counterexample

#: What stands in a matrix for a number that makes no difference.
_ANY = Symbol(r"\cdot")
#: So many points are looked at for one that refutes.
_MOST_POINTS = 40
_SMALLEST = Rational(1, 10**30)


@dataclass(frozen=True)
class _Wrong:
    """A wrong right side in place of that of `row`, and what the words about it speak of."""

    row: Row
    right: Expr
    mistake: str
    about: Mapping[str, Expr] = field(default_factory=dict)


def usual_mistakes(network: Network, results: Sequence[Row]) -> tuple[Block, ...]:
    """The section with wrong forms of the first and the last of these gradients of weights.

    Only what is refuted is told: with Step(0) = 0 a lost factor may do no harm.
    """
    assumed = targets_assumed(network)
    found: list[Block] = []
    for wrong in _candidates(network, results):
        assert isinstance(wrong.row.left, Expr)
        sides = wrong.row.left, wrong.right
        listed = differences_as_written(network, *sides, assuming=assumed, most=_MOST_POINTS)
        difference = best_of(listed)
        if difference is not None and difference.generic:
            found.append(_told(network, wrong, difference.point))
    return (Heading("mistakes"), Paragraph("mistakes"), *found) if found else ()


def _candidates(network: Network, results: Sequence[Row]) -> Iterator[_Wrong]:
    of_weights = [row for row in results if _is_of_weights(row)]
    if not of_weights:
        return
    first, last = of_weights[0], of_weights[-1]
    yield from _differences(last)
    yield from _squares(network, last)
    yield from _forgotten_slopes(last)
    if first is not last:
        yield from _values_for_slopes(network, first)
        yield from _forgotten_weights(first)
        yield from _later_inputs(network, first)


def _is_of_weights(row: Row) -> bool:
    left = row.left
    return isinstance(left, Partial) and left.wrt.kind == "W" and isinstance(row.right, Expr)


def _differences(row: Row) -> Iterator[_Wrong]:
    """The error the wrong way round."""
    for factor in _factors(row):
        if _is_error(factor):
            swapped = -factor
            yield _Wrong(
                row, _with(row, factor, swapped), "swapped_difference", {"difference": swapped}
            )


def _squares(network: Network, row: Row) -> Iterator[_Wrong]:
    """The 2 of a square that the half in front takes away, or that is there and forgotten."""
    if network.cost is None or not network.cost.kind.is_square:
        return
    two, factors = Integer(2), _factors(row)
    if two in factors:
        yield _Wrong(row, _with(row, two, S.One), "missing_factor", {"factor": two})
    else:
        yield _Wrong(row, _product(row, (two, *factors)), "surplus_factor", {"factor": two})


def _forgotten_slopes(row: Row) -> Iterator[_Wrong]:
    for factor in _slopes(row):
        yield _Wrong(row, _with(row, factor, S.One), "missing_factor", {"factor": factor})


def _forgotten_weights(row: Row) -> Iterator[_Wrong]:
    weights = [f for f in _factors(row) if isinstance(f, Quantity) and f.kind == "W"]
    for factor in weights[:1]:
        yield _Wrong(row, _with(row, factor, S.One), "missing_factor", {"factor": factor})


def _values_for_slopes(network: Network, row: Row) -> Iterator[_Wrong]:
    """The activation itself in place of its derivative."""
    for factor in _slopes(row):
        z = factor.args[0] if isinstance(factor, Step) else None
        if isinstance(z, Quantity) and z.layer == network.first + 1:
            r = network.quantity("r", z.layer, *z.indices)
            about = {"found": r, "expected": factor}
            yield _Wrong(row, _with(row, factor, r), "not_differentiated", about)


def _later_inputs(network: Network, row: Row) -> Iterator[_Wrong]:
    """What leaves the layer in place of what enters it, where both are numbers."""
    x, r = Quantity("r", network.first), Quantity("r", network.first + 1)
    factors = _factors(row)
    if x in factors and r not in factors and not network.has_index(network.first + 1):
        yield _Wrong(row, _with(row, x, r), "wrong_layer", {"found": r, "expected": x})


def _right(row: Row) -> Expr:
    assert isinstance(row.right, Expr)
    return row.right


def _factors(row: Row) -> tuple[Expr, ...]:
    right = _right(row)
    return Mul.make_args(right.function if isinstance(right, Sum) else right)  # pyright: ignore


def _with(row: Row, factor: Expr, other: Expr) -> Expr:
    """The right side with another factor in place of one."""
    return _product(row, [other if one == factor else one for one in _factors(row)])


def _product(row: Row, factors: Iterable[Expr]) -> Expr:
    """The right side with these factors, summed as it is."""
    right = _right(row)
    return right.func(Mul(*factors), *right.limits) if isinstance(right, Sum) else Mul(*factors)


def _is_error(factor: Expr) -> bool:
    """Whether a factor is r - y."""
    terms = factor.args if factor.is_Add else ()
    kinds = {
        (sign, part.kind)
        for sign in (1, -1)
        for part in (sign * term for term in terms)  # pyright: ignore[reportOperatorIssue]
        if isinstance(part, Quantity)
    }
    return kinds == {(1, "r"), (-1, "y")}


def _slopes(row: Row) -> list[Expr]:
    """The factors that activations bring in, which are no quantities."""
    return [
        factor
        for factor in _factors(row)
        if not isinstance(factor, Quantity) and not _is_error(factor) and not factor.is_number
    ]


def _told(network: Network, wrong: _Wrong, point: Counterexample) -> Mistaken:
    row = Row(wrong.row.left, wrong.right, "", wrong.row.number, proved=True, relation=r"\ne")
    letters = {letter.name: letter for letter in index_symbols(wrong.row.left)}  # pyright: ignore
    values = tuple(_values(network, letters, point))
    sides = (_shown(point.left), _shown(point.right))
    return Mistaken((row,), wrong.mistake, wrong.about, values, sides)


def _values(
    network: Network, letters: Mapping[str, Symbol], point: Counterexample
) -> Iterator[NumberRow]:
    """The point, with the entries of one tensor together."""
    tensors: dict[Quantity, dict[tuple[int, ...], Expr]] = {}
    for name, value in point.values.items():
        named = letters.get(name) or formula(name, "a name", network)
        if isinstance(named, Quantity):
            units = tuple(int(unit) for unit in named.indices)  # pyright: ignore
            tensors.setdefault(Quantity(*named.args[:2]), {})[units] = value
        else:
            yield NumberRow(named, value, "")
    sizes = instance_widths(network)
    for tensor, entries in tensors.items():
        counted = [sizes[axis] for axis in network.axes(tensor) if network.has_index(axis)]
        yield NumberRow(tensor, _together(counted, entries), "")


def _together(sizes: Sequence[int], entries: Mapping[tuple[int, ...], Expr]) -> Basic:
    """A number, a column or a matrix."""
    if list(entries) == [()]:
        return entries[()]
    axes = len(next(iter(entries)))
    rows, columns = (
        range(1, max([*sizes[n : n + 1], *(units[n] for units in entries)]) + 1)
        if n < axes
        else (1,)
        for n in range(2)
    )
    return ImmutableMatrix([[entries.get((i, j)[:axes], _ANY) for j in columns] for i in rows])


def _shown(value: Expr) -> Expr:
    """A number as it is, or in decimals; what is too small for its digits is 0."""
    if not value.is_Float:
        return value
    return S.Zero if abs(value) < _SMALLEST else rounded(value)
