r"""A product of derivatives each of which is by what the next is of: the chain rule as written.

\partial C/\partial a \, \partial a/\partial z \, \partial z/\partial W is short for the sum over
all entries of a and z of the products of entries, however vectors and matrices are laid out:
what stands below one sign of differentiation and above the next says what is summed over.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sympy import Expr, Mul, Symbol

from derive.algebra.indices import fresh_index, index_symbols
from derive.algebra.quantities import Partial, Quantity
from derive.model import matrices
from derive.model.matrices import Entries, Matrix, Transposed
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.meaning.reader import FormulaReader
from derive.reading.latex.meaning.slopes.derivatives import derivative_parts
from derive.reading.latex.naming.quantities import Reference, Value, derived
from derive.reading.latex.syntax.tree import FractionBar, Node, Operator, plain_bracket

_JOINS = ("cdot", "times", "")


@dataclass(frozen=True)
class _Factor:
    """d(of)/d(by), each with what tells whether it is that of another factor."""

    of: Value
    by: Reference
    upper: object
    lower: object


def chained(reader: FormulaReader, items: Sequence[Node], at: int) -> Value | None:
    """The value of a product of derivatives by the chain rule; None for any other product.

    It has the shape of the derivative that it comes to: that of what is above in the first by
    what is below in the last.
    """
    fractions = [*_fractions(items)]
    if len(fractions) < 2 or None in fractions:
        return None
    factors = [_factor(reader, one) for one in fractions if one is not None]
    found = [one for one in factors if one is not None]
    if len(found) < len(fractions):
        return None
    if not _telescopes(found):
        found.reverse()
    if not _telescopes(found):
        return None
    try:
        whole = derived(reader.scope, found[0].of, found[-1].by, at)
    except LatexError:
        return None
    return _contracted(reader, whole, [one.by for one in found[:-1]])


def multiplied(reader: FormulaReader, arguments: Node, at: int) -> Value | None:
    r"""prod(\partial Z/\partial Y, \partial Y/\partial X): the chain rule, in any layout."""
    bracket = plain_bracket(arguments, "(")
    runs = [member.run for member in bracket.members] if bracket is not None else []
    items = [item for run in runs if run is not None for item in run.items]
    return chained(reader, items, at) if len(runs) > 1 and None not in runs else None


def _fractions(items: Sequence[Node]) -> Iterator[FractionBar | None]:
    """The fractions of a product, those within brackets too; None for what is none."""
    for item in items:
        bracket = plain_bracket(item, "(", "[", "{")
        if isinstance(item, Operator):
            if item.sign not in _JOINS:
                yield None
        elif bracket is not None and len(bracket.members) == 1:
            run = bracket.members[0].run
            yield from _fractions(run.items) if run is not None else (None,)
        else:
            yield item if isinstance(item, FractionBar) else None


def _factor(reader: FormulaReader, item: FractionBar) -> _Factor | None:
    parts = derivative_parts(reader, item)
    if parts is None:
        return None
    of, by = parts
    body = of.of if isinstance(of, Transposed) else of
    quantity = body.body if isinstance(body, Entries) else body
    if not isinstance(quantity, Quantity):
        return None
    indices = None if isinstance(of, Matrix) else quantity.indices
    return _Factor(of, by, (quantity.kind, quantity.layer, indices), _told(reader, by))


def _told(reader: FormulaReader, by: Reference) -> object:
    whole = matrices.tensor(reader.scope.model, by.kind, by.layer)
    alone = () if not isinstance(whole, Matrix) else None
    return by.kind, by.layer, alone if by.indices is None else by.indices


def _telescopes(factors: Sequence[_Factor]) -> bool:
    pairs = pairwise(factors)
    return all(first.lower == second.upper for first, second in pairs)


def _contracted(reader: FormulaReader, whole: Value, between: Sequence[Reference]) -> Value | None:
    """The derivative with the sum of products in its place."""
    if not isinstance(whole, Matrix):
        return _sum_of_products(reader, whole, between)
    entries = whole.of if isinstance(whole, Transposed) else whole
    if not isinstance(entries, Entries):
        return None
    body = _sum_of_products(reader, entries.body, between)
    if body is None:
        return None
    found = Entries(entries.rows, entries.columns, entries.row, entries.column, body)
    return found if entries is whole else matrices.transposed(found)


def _sum_of_products(
    reader: FormulaReader, whole: Expr, between: Sequence[Reference]
) -> Expr | None:
    r"""sum_{j, k} dC/da_j da_j/dz_k dz_k/dw for dC/dw."""
    if not isinstance(whole, Partial):
        return None
    model = reader.scope.model
    path: list[Expr] = [whole.args[0]]  # pyright: ignore
    summed: list[tuple[Expr, Symbol]] = []
    used = index_symbols(whole)
    for one in between:
        head = Quantity(one.kind, one.layer)
        if one.indices is not None:
            path.append(Quantity(one.kind, one.layer, *one.indices))
            used |= index_symbols(path[-1])
            continue
        letters: list[Symbol] = []
        for axis in model.slots(one.kind, one.layer):
            if model.has_index(axis):
                letters.append(fresh_index({*used, *letters}))
                summed.append((axis, letters[-1]))
        used |= {*letters}
        path.append(head.at(*letters))
    path.append(whole.args[1])  # pyright: ignore
    found: Expr = Mul(*(Partial(of, by) for of, by in pairwise(path)))
    for axis, letter in reversed(summed):
        found = model.sum_over(axis, letter, found)
    return found
