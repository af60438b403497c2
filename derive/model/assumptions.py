"""Assumptions that come with a model from definitions: rows that sum to 1, and signs.

    sum(c, y[n,c]) = 1          for every n
    tau > 0                     of what has no indices

An equation about y holds for all y of sum 1 exactly if it holds with y / sum(y) put in for y,
for all y whose sum is not 0: each such quotient has the sum 1, and each y of sum 1 is its own
quotient.  So a model with such rows is judged as one without, in which y is a quotient.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from sympy import And, Basic, Eq, Expr, Integer, Mul, S, Sum, Symbol

from derive.algebra.indices import fresh_index, index_symbols
from derive.algebra.nodes import nodes_of
from derive.algebra.quantities import Partial, Quantity, rebuilt
from derive.errors import NetworkError
from derive.model.defined_model import DefinedModel
from derive.model.model import Head, Model


def checked_assumption(model: DefinedModel, relation: Basic) -> Basic:
    """The assumption, if it is one that can be used.

    Raises:
        NetworkError: what it may be.
    """
    known = {*rows_of_sum_one(model)}
    for part in And.make_args(relation):
        row = _row_sum(model, part)
        if row is not None and row[0] in known:
            # As quotients its entries could have sum 1 in one direction alone.
            raise NetworkError(f"of {row[0][0]} one sum is assumed already, and two cannot be used")
        known |= {row[0]} if row is not None else set()
        if row is None and not _is_comparison(part):
            raise NetworkError(
                "an assumption is that all rows of what is given sum to 1, as sum(c, y[n,c]) = 1, "
                "or a comparison between numbers without indices, as tau > 0"
            )
    return relation


def _is_comparison(part: Basic) -> bool:
    quantities = nodes_of(part, Quantity)
    return bool(quantities) and not any(q.indices for q in quantities) and not part.has(Partial)


def _row_sum(model: Model, part: Basic) -> tuple[Head, int] | None:
    """The tensor whose entries sum to 1, and the place of the index; None for anything else."""
    if not isinstance(part, Eq) or part.rhs != 1 or not isinstance(part.lhs, Sum):
        return None
    entry = part.lhs.function
    if not isinstance(entry, Quantity) or len(part.lhs.limits) != 1 or model.defines(entry):
        return None
    letters = entry.indices
    distinct = len({*letters}) == len(letters) and all(isinstance(i, Symbol) for i in letters)
    if not distinct or model.role(entry.args[:2]) not in ("target", "constant"):
        return None
    return entry.args[:2], letters.index(part.lhs.limits[0][0])


def _parts(model: Model) -> Iterator[Basic]:
    """The assumptions of a model, one by one."""
    if isinstance(model, DefinedModel):
        for one in model.assumptions:
            yield from And.make_args(one)


def rows_of_sum_one(model: Model) -> Mapping[Head, int]:
    """The tensors whose rows sum to 1 by the assumptions of a model."""
    found = (_row_sum(model, part) for part in _parts(model))
    return dict(row for row in found if row is not None)


def row_sums(model: Model) -> tuple[Eq, ...]:
    """The assumptions that rows sum to 1."""
    return tuple(p for p in _parts(model) if isinstance(p, Eq) and _row_sum(model, p))


def is_row_sum(factor: Expr, rows: Mapping[Head, int]) -> bool:
    """Whether a factor is a sum over one tensor whose rows sum to 1, and so not 0."""
    inside = factor.function if isinstance(factor, Sum) else None
    return isinstance(inside, Quantity) and inside.args[:2] in rows


def signs_assumed(model: Model, *sides: Expr) -> Basic:
    """The comparisons among the assumptions of a model that are about what the sides depend on."""
    heads = {q.args[:2] for side in sides for q in nodes_of(side, Quantity)}
    about = {part: {q.args[:2] for q in nodes_of(part, Quantity)} for part in _parts(model)}
    return And(
        *(
            part
            for part, own in about.items()
            if _row_sum(model, part) is None
            and any(head in own or model.depends(head, one) for head in heads for one in own)
        )
    )


def with_quotients(model: DefinedModel) -> DefinedModel:
    """The model in which what sums to 1 is a quotient, which it is at points of sum 1 too."""
    rows = rows_of_sum_one(model)
    definitions = tuple(
        replace(one, right=as_quotients(model, one.right, rows)) for one in model.definitions
    )
    return replace(model, definitions=definitions)


def as_quotients(model: Model, expression: Any, rows: Mapping[Head, int]) -> Any:
    """The expression with 1 for rows that sum to it, and y / sum(y) for each y that is left."""
    expression = _with_sums_done(model, expression, rows)
    entries = [q for q in nodes_of(expression, Quantity) if q.args[:2] in rows]
    letter = fresh_index(index_symbols(expression))
    sums = {q: _sum_through(model, q, rows[q.args[:2]], letter) for q in entries}
    return expression.xreplace({q: q / total for q, total in sums.items()})


def _with_sums_done(model: Model, node: Any, rows: Mapping[Head, int]) -> Any:
    """The expression with c for sum_k c y_nk, where c has no k, and n c for sum_n c."""
    if not node.has(Sum) or isinstance(node, Quantity | Partial):
        return node
    if not isinstance(node, Sum):
        return rebuilt(node, [_with_sums_done(model, argument, rows) for argument in node.args])
    body = _with_sums_done(model, node.function, rows)
    for letter, low, high in node.limits:
        inside = [f for f in Mul.make_args(body) if f.has(letter)]
        entry = inside[0] if len(inside) == 1 else None
        if isinstance(entry, Quantity) and _sums_by(entry, letter, rows):
            body = Mul(*(f for f in Mul.make_args(body) if f is not entry))
        elif not body.has(letter):
            body = high * body
        else:
            body = Sum(body, (letter, low, high))
    return body


def _sums_by(entry: Quantity, letter: Symbol, rows: Mapping[Head, int]) -> bool:
    place = rows.get(entry.args[:2])
    return place is not None and [n for n, i in enumerate(entry.indices) if i == letter] == [place]


def _sum_through(model: Model, entry: Quantity, place: int, letter: Symbol) -> Expr:
    """The sum of a row through an entry."""
    axis = model.axes(entry)[place]
    own = (*entry.indices[:place], letter, *entry.indices[place + 1 :])
    return Sum(entry.at(*own), (letter, 1, model.width(axis)))


def with_rows_of_sum_one(values: Mapping[Expr, Expr], rows: Mapping[Head, int]) -> dict[Expr, Expr]:
    """Values with each row that is to sum to 1 divided by its sum; one of sum 0 stays."""
    totals: dict[tuple[Basic, ...], Expr] = {}
    members = [e for e in values if isinstance(e, Quantity) and e.args[:2] in rows]
    for entry in members:
        row = _row(entry, rows)
        totals[row] = totals.get(row, S.Zero) + values[entry]
    scaled = {entry: values[entry] / (totals[_row(entry, rows)] or S.One) for entry in members}
    return {**values, **scaled}


def _row(entry: Quantity, rows: Mapping[Head, int]) -> tuple[Basic, ...]:
    place = rows[entry.args[:2]]
    indices = (i if n != place else Integer(0) for n, i in enumerate(entry.indices))
    return (*entry.args[:2], *indices)
