"""What is often written for a gradient of a model from definitions.

A gradient there is the last line of its quantity, in terms of gradients of what uses it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

from sympy import Add, Expr, Mul, S, Sum

from derive.algebra.functions import Step
from derive.algebra.quantities import Partial, Quantity
from derive.documents.blocks import Row
from derive.documents.mistakes.wrong_row import WrongRow, right_of
from derive.model.model import Model


def wrong_in_definitions(model: Model, rows: Sequence[Row]) -> Iterator[Iterator[WrongRow]]:
    """Wrong forms of these gradients, kind by kind."""
    kinds: tuple[Callable[[Model, Row], Iterator[WrongRow]], ...] = (
        _swapped_differences,
        _forgotten_statistics,
        _forgotten_users,
        _transposed,
        _forgotten_slopes,
        _forgotten_numbers,
        _forgotten_sums,
    )
    for kind in kinds:
        yield (wrong for row in rows for wrong in kind(model, row))


def _swapped_differences(model: Model, row: Row) -> Iterator[WrongRow]:
    """The error the wrong way round: y - o for o - y."""
    for factor in _factors(right_of(row)):
        if _is_error(model, row, factor) and any(_is_target(model, -one) for one in factor.args):
            wrong = _with(row, factor, -factor)
            yield WrongRow(row, wrong, "swapped_difference", {"difference": -factor})


def _forgotten_statistics(model: Model, row: Row) -> Iterator[WrongRow]:
    """dC/dn_i alone in P_i (dC/dn_i - sum_j ...): the sum, or mean, taken for a constant."""
    for factor in _factors(right_of(row)):
        if isinstance(factor, Add) and any(isinstance(term, Partial) for term in factor.args):
            for term in factor.args:
                if term.has(Sum):
                    rest = Add(*(one for one in factor.args if one != term))
                    yield WrongRow(row, _with(row, factor, rest), "missing_term", {"term": term})


def _forgotten_users(model: Model, row: Row) -> Iterator[WrongRow]:
    """One of several ways on which a quantity reaches the objective."""
    right = right_of(row)
    if isinstance(right, Add) and not any(isinstance(term, Partial) for term in right.args):
        term = right.args[-1]
        if term.has(Partial):
            yield WrongRow(row, right - term, "missing_term", {"term": term})


def _transposed(model: Model, row: Row) -> Iterator[WrongRow]:
    """P_ts for P_st, where both indices of what is computed count the same axis."""
    for product in _products(right_of(row)):
        plain = all(isinstance(factor, Quantity | Partial) for factor in product)
        for entry in product if plain else ():
            if isinstance(entry, Quantity) and len(set(entry.indices)) == 2:
                first, second = model.axes(entry)
                if first == second and model.defines(entry):
                    other = entry.at(*reversed(entry.indices))
                    yield WrongRow(row, _with(row, entry, other), "transposed", {"entry": other})


def _forgotten_slopes(model: Model, row: Row) -> Iterator[WrongRow]:
    """The derivative of a function, 1 - a^2 or Step(z)."""
    factors = _factors(right_of(row))
    has_more = any(isinstance(factor, Partial) for factor in factors)
    for factor in factors:
        forgettable = _is_slope(factor) and (has_more or isinstance(factor, Step))
        if forgettable and not _is_error(model, row, factor):
            yield WrongRow(row, _with(row, factor, S.One), "missing_factor", {"factor": factor})


def _is_slope(factor: Expr) -> bool:
    """Whether a factor is a function of quantities, and neither one itself nor a divisor."""
    below = factor.is_Pow and factor.exp.is_negative  # pyright: ignore
    plain = isinstance(factor, Quantity) or factor.has(Partial, Sum) or below
    return factor.has(Quantity) and not plain


def _forgotten_numbers(model: Model, row: Row) -> Iterator[WrongRow]:
    """1/N of a mean, or the root by which scores are divided."""
    right = right_of(row)
    for factor in _factors(right):
        if factor.is_Pow and factor.free_symbols & model.sizes and not factor.has(Quantity):
            yield WrongRow(row, right / factor, "missing_factor", {"factor": factor})


def _forgotten_sums(model: Model, row: Row) -> Iterator[WrongRow]:
    """The sum over a batch, on which a bias or a gain is used again and again."""
    right = right_of(row)
    if isinstance(right, Sum) and len(right.limits) == 1 and not model.opaque(model.C.args[:2]):
        letter = right.limits[0][0]
        if isinstance(right.function, Partial):
            yield WrongRow(row, right.function, "missing_sum", {"letter": letter})


def _factors(right: Expr) -> tuple[Expr, ...]:
    """The factors of a product, in a sum or not."""
    return next(iter(_products(right)))


def _products(right: Expr) -> Iterator[tuple[Expr, ...]]:
    """The factors of a product, and of what it sums over."""
    factors = Mul.make_args(right)
    yield factors  # pyright: ignore[reportReturnType]
    for factor in factors:
        if isinstance(factor, Sum):
            yield from _products(factor.function)


def _with(row: Row, factor: Expr, other: Expr) -> Expr:
    """The right side with another factor in place of one, wherever that stands in a product."""

    def changed(right: Expr) -> Expr:
        factors: Iterable[Expr] = Mul.make_args(right)  # pyright: ignore[reportAssignmentType]
        if factor in factors:
            return Mul(*(other if one == factor else one for one in factors))
        return Mul(
            *(
                one.func(changed(one.function), *one.limits) if isinstance(one, Sum) else one
                for one in factors
            )
        )

    return changed(right_of(row))


def _is_error(model: Model, row: Row, factor: Expr) -> bool:
    """Whether a factor is p - y for a target y, or in dC/do is o less what it should be."""
    if not isinstance(factor, Add) or len(factor.args) != 2:
        return False
    assert isinstance(row.left, Partial)
    taken = [-term for term in factor.args if isinstance(-term, Quantity)]
    return len(taken) == 1 and (_is_target(model, taken[0]) or row.left.wrt in factor.args)


def _is_target(model: Model, entry: Expr) -> bool:
    return isinstance(entry, Quantity) and model.role(entry.args[:2]) == "target"
