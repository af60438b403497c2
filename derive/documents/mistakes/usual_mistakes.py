"""What is often written for a gradient and is wrong, each with a point at which it is.

The kinds of mistakes have the names that `derive check` gives them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from sympy import Basic, Expr, ImmutableMatrix, Rational, S, Symbol, Tuple

from derive.algebra.indices import index_symbols
from derive.algebra.quantities import Partial, Quantity
from derive.deriving.first_order import targets_assumed
from derive.documents.blocks import Block, Heading, Mistaken, NumberRow, Paragraph, Row
from derive.documents.mistakes.of_definitions import wrong_in_definitions
from derive.documents.mistakes.of_layers import wrong_in_layers
from derive.documents.mistakes.wrong_row import WrongRow
from derive.documents.worked.values import rounded
from derive.model.assumptions import rows_of_sum_one, signs_assumed
from derive.model.model import Model
from derive.model.network import Network
from derive.notation.ascii.given import formula
from derive.proving.judge import judge
from derive.proving.points.search import best_of, differences_as_written, instance_widths
from derive.proving.proof import Counterexample

#: What stands in a matrix for a number that makes no difference.
_ANY = Symbol(r"\cdot")
#: So many points are looked at for one that refutes.
_MOST_POINTS = 40
#: A matrix has so many.
_MOST_AXES = 2
_SMALLEST = Rational(1, 10**30)


def usual_mistakes(
    model: Model, results: Sequence[Row], quantities: Sequence[Row]
) -> tuple[Block, ...]:
    """The section with wrong forms of gradients: of `results`, or `quantities` one by one.

    Only what is refuted is told: with Step(0) = 0 a lost factor may do no harm.
    """
    if isinstance(model, Network):
        found = _of_layers(model, results)
    else:
        found = _of_definitions(model, quantities)
    blocks = tuple(found)
    return (Heading("mistakes"), Paragraph("mistakes"), *blocks) if blocks else ()


def _of_layers(network: Network, results: Sequence[Row]) -> Iterator[Mistaken]:
    for wrong in wrong_in_layers(network, results):
        if (point := _refuting(network, wrong)) is not None:
            yield _told(network, wrong, point)


def _of_definitions(model: Model, quantities: Sequence[Row]) -> Iterator[Mistaken]:
    """Of each kind the first that is refuted."""
    for kind in wrong_in_definitions(model, quantities):
        for wrong in kind:
            if (point := _refuting(model, wrong)) is not None:
                told = _with_ones_together(_told(model, wrong, point))
                if all(isinstance(one.value, Basic) for one in told.point):
                    yield told
                    break


def _refuting(model: Model, wrong: WrongRow) -> Counterexample | None:
    """A point, with all that the model assumes, that is not just at a kink."""
    left, right = wrong.row.left, wrong.right
    assert isinstance(left, Expr)
    if rows_of_sum_one(model):
        return judge(model, left, right).counterexample
    where = signs_assumed(model, left, right)
    assumed = targets_assumed(model)
    listed = differences_as_written(model, left, right, where, assumed, _MOST_POINTS)
    found = best_of(listed)
    return found.point if found is not None and found.generic else None


def _with_ones_together(told: Mistaken) -> Mistaken:
    """The same with the tensors that have ones only, or what makes no difference, by name."""
    ones = [one for one in told.point if _is_ones(one)]
    rest = tuple(one for one in told.point if one not in ones)
    return replace(told, point=rest, ones=tuple(one.name for one in ones))


def _is_ones(row: NumberRow) -> bool:
    is_entry = isinstance(row.name, Quantity | Partial)
    values = row.value if isinstance(row.value, ImmutableMatrix) else [row.value]
    return is_entry and all(value in (1, _ANY) for value in values)  # pyright: ignore


def _told(model: Model, wrong: WrongRow, point: Counterexample) -> Mistaken:
    row = Row(wrong.row.left, wrong.right, "", wrong.row.number, proved=True, relation=r"\ne")
    sides = Tuple(wrong.row.left, wrong.right)  # pyright: ignore[reportArgumentType]
    letters = {letter.name: letter for letter in index_symbols(sides)}
    values = tuple(_values(model, letters, point))
    shown = (_shown(point.left), _shown(point.right))
    return Mistaken((row,), wrong.mistake, wrong.about, values, shown)


def _values(
    model: Model, letters: Mapping[str, Symbol], point: Counterexample
) -> Iterator[NumberRow]:
    """The point, with the entries of one tensor, or of the derivatives by it, together."""
    tensors: dict[Expr, dict[tuple[int, ...], Expr]] = {}
    for name, value in point.values.items():
        named = letters.get(name) or formula(name, "a name", model)
        entry = named.wrt if isinstance(named, Partial) else named
        if isinstance(entry, Quantity):
            units = tuple(int(unit) for unit in entry.indices)  # pyright: ignore
            tensors.setdefault(_bare(named), {})[units] = value
        else:
            yield NumberRow(named, value, "")
    sizes = instance_widths(model)
    for name, entries in tensors.items():
        tensor = name.wrt if isinstance(name, Partial) else name
        assert isinstance(tensor, Quantity)
        counted = [sizes[axis] for axis in model.axes(tensor) if model.has_index(axis)]
        yield NumberRow(name, _together(counted, entries), "")


def _bare(named: Expr) -> Expr:
    """A tensor, or the derivative by it, without indices."""
    if isinstance(named, Partial):
        return Partial(named.of, Quantity(*named.wrt.args[:2]))
    return Quantity(*named.args[:2])


def _together(sizes: Sequence[int], entries: Mapping[tuple[int, ...], Expr]) -> Basic | None:
    """A number, a column or a matrix; of more axes 1 where all are ones, and else nothing."""
    if list(entries) == [()]:
        return entries[()]
    axes = len(next(iter(entries)))
    if axes > _MOST_AXES:
        return S.One if set(entries.values()) == {S.One} else None
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
