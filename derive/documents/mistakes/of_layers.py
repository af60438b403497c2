"""What is often written for a gradient of a stack of layers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from sympy import Expr, Integer, Mul, S, Sum

from derive.algebra.functions import Step
from derive.algebra.quantities import Partial, Quantity
from derive.documents.blocks import Row
from derive.documents.mistakes.wrong_row import WrongRow, right_of
from derive.model.network import Network


def wrong_in_layers(network: Network, results: Sequence[Row]) -> Iterator[WrongRow]:
    """Wrong forms of the first and the last of these gradients of weights."""
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


def _differences(row: Row) -> Iterator[WrongRow]:
    """The error the wrong way round."""
    for factor in _factors(row):
        if _is_error(factor):
            swapped = -factor
            yield WrongRow(
                row, _with(row, factor, swapped), "swapped_difference", {"difference": swapped}
            )


def _squares(network: Network, row: Row) -> Iterator[WrongRow]:
    """The 2 of a square that the half in front takes away, or that is there and forgotten."""
    if network.cost is None or not network.cost.kind.is_square:
        return
    two, factors = Integer(2), _factors(row)
    if two in factors:
        yield WrongRow(row, _with(row, two, S.One), "missing_factor", {"factor": two})
    else:
        yield WrongRow(row, _product(row, (two, *factors)), "surplus_factor", {"factor": two})


def _forgotten_slopes(row: Row) -> Iterator[WrongRow]:
    for factor in _slopes(row):
        yield WrongRow(row, _with(row, factor, S.One), "missing_factor", {"factor": factor})


def _forgotten_weights(row: Row) -> Iterator[WrongRow]:
    weights = [f for f in _factors(row) if isinstance(f, Quantity) and f.kind == "W"]
    for factor in weights[:1]:
        yield WrongRow(row, _with(row, factor, S.One), "missing_factor", {"factor": factor})


def _values_for_slopes(network: Network, row: Row) -> Iterator[WrongRow]:
    """The activation itself in place of its derivative."""
    for factor in _slopes(row):
        z = factor.args[0] if isinstance(factor, Step) else None
        if isinstance(z, Quantity) and z.layer == network.first + 1:
            r = network.quantity("r", z.layer, *z.indices)
            about = {"found": r, "expected": factor}
            yield WrongRow(row, _with(row, factor, r), "not_differentiated", about)


def _later_inputs(network: Network, row: Row) -> Iterator[WrongRow]:
    """What leaves the layer in place of what enters it, where both are numbers."""
    x, r = Quantity("r", network.first), Quantity("r", network.first + 1)
    factors = _factors(row)
    if x in factors and r not in factors and not network.has_index(network.first + 1):
        yield WrongRow(row, _with(row, x, r), "wrong_layer", {"found": r, "expected": x})


def _factors(row: Row) -> tuple[Expr, ...]:
    right = right_of(row)
    return Mul.make_args(right.function if isinstance(right, Sum) else right)  # pyright: ignore


def _with(row: Row, factor: Expr, other: Expr) -> Expr:
    """The right side with another factor in place of one."""
    return _product(row, [other if one == factor else one for one in _factors(row)])


def _product(row: Row, factors: Iterable[Expr]) -> Expr:
    """The right side with these factors, summed as it is."""
    right = right_of(row)
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
