r"""Sums over units: \sum_i, \sum_{i=1}^{n}, \sum_{\forall j}, \sum_{i,j}."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

from sympy import Add, Expr, Integer, Piecewise, Symbol

from derive.algebra.indices import free_indices, fresh_index, substitute
from derive.algebra.quantities import quantities_in
from derive.model import matrices
from derive.model.instances import IllTypedError, layers_of
from derive.model.matrices import Matrix
from derive.model.network import Network
from derive.reading.latex.lexical.problems import LatexError, ShapesError
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.meaning.reader import FormulaReader
from derive.reading.latex.naming.quantities import Value
from derive.reading.latex.syntax.tree import BigSum, Broken, Limits

#: SymPy writes cases inside a sum as cases of sums, one for each combination of branches.
_MAXIMAL_BRANCHES = 64
_MAXIMAL_WRITTEN_OUT = 100


def big_sum(reader: FormulaReader, item: BigSum) -> Value:
    """A sum sign, its limits, and the rest of the term that it stands in."""
    limits = item.limits
    if isinstance(limits, Broken):
        raise limits.problem.with_traceback(None)
    reader.deeper()
    body = reader.inside(item.body).term()
    reader.shallower()
    if limits is None:
        return _over_entries(reader, item, body)
    if isinstance(body, Matrix):
        raise LatexError(item.start, "a sum over units is read with indices, and this is a vector")
    only = _only_term(limits, body)
    if only is not None:
        return _at(reader, body, limits.letters[0], only)
    for letter in reversed(limits.letters):
        whole = _summed(reader, limits, letter, body)
        apart = limits.apart
        body = whole if apart is None else whole - _at(reader, body, letter, apart)
    return body


def _only_term(limits: Limits, body: Expr) -> Token | None:
    r"""The j of \sum_{i=j}, the one term of a sum that has it, and nothing above its sign."""
    low = limits.low or ()
    if len(low) != 1 or low[0].kind != "name" or limits.high or len(limits.letters) != 1:
        return None
    return low[0] if low[0].text in {str(letter) for letter in free_indices(body)} else None


def _at(reader: FormulaReader, body: Expr, letter: Token, other: Token) -> Expr:
    """The term of a sum at another letter."""
    bound = reader.scope.unit(letter.text, letter.start)
    return substitute(body, {bound: reader.scope.unit(other.text, other.start)})


def _over_entries(reader: FormulaReader, item: BigSum, body: Value) -> Value:
    """A sum without a letter: over its only letter, or the entries of a vector behind it."""
    letters = [] if isinstance(body, Matrix) else [*free_indices(body)]
    if isinstance(body, Expr) and len(letters) == 1:
        return _over_its_letter(reader, item, body, letters[0])
    if not isinstance(body, Matrix) and reader.scope.model.width(_last(reader)) == 1:
        return body  # over the one output
    if not isinstance(body, Matrix) or len(body.rows) + len(body.columns) != 1:
        raise LatexError(item.start, "a sum says below its sign over which letter it runs")
    letter = fresh_index(matrices.free_indices(body))
    at = ((letter,), ()) if body.rows else ((), (letter,))
    value = matrices.entry(reader.scope.model, body, *at)
    return reader.scope.model.sum_over((*body.rows, *body.columns)[0], letter, value)


def _over_its_letter(reader: FormulaReader, item: BigSum, body: Expr, letter: Symbol) -> Expr:
    r"""\sum w_i x_i, which runs over i since nothing else can be meant."""
    try:
        layers = layers_of(reader.scope.model, letter, body)
    except IllTypedError as problem:
        raise ShapesError(item.start, f"{problem} of this sum") from None
    if len(layers) != 1:
        raise LatexError(item.start, "a sum says below its sign over which letter it runs")
    bound = fresh_index(free_indices(body))
    return reader.scope.model.sum_over(layers[0], bound, substitute(body, {letter: bound}))


def _last(reader: FormulaReader) -> Expr:
    """The axis of the outputs."""
    model = reader.scope.model
    return model.last if isinstance(model, Network) else model.all_axes[-1]


def _summed(reader: FormulaReader, limits: Limits, letter: Token, body: Expr) -> Expr:
    bound = reader.scope.unit(letter.text, letter.start)
    if not isinstance(bound, Symbol):
        raise LatexError(letter.start, "a sum runs over a letter")
    if prod(len(cases.args) for cases in body.atoms(Piecewise)) > _MAXIMAL_BRANCHES:
        raise LatexError(limits.start, "there are too many cases inside this sum")
    if body == 0:
        return body
    network = reader.scope.model
    first, last = _numeric(limits.low), _numeric(limits.high)
    if bound not in free_indices(body):
        return _constant_sum(reader, limits, letter, body, first, last)
    try:
        layers = layers_of(network, bound, body)
    except IllTypedError as problem:  # W_ji for W_ij where the layers differ in width
        raise ShapesError(limits.start, f"{problem} of this sum") from None
    width = network.width(layers[0])
    written = (first if first is not None else 1, last if last is not None else width)
    if len(layers) == 1 and (written == (1, width) or last is None):
        if first not in (None, 0, 1):
            raise LatexError(limits.start, "a sum over units starts at 1")
        return network.sum_over(layers[0], bound, body)
    if not isinstance(width, Integer):
        raise LatexError(limits.start, f"{letter} counts the units of several layers in this sum")
    start, stop = int(written[0]), int(written[1])
    if not 1 <= start <= stop <= int(width) or stop - start > _MAXIMAL_WRITTEN_OUT:
        raise LatexError(
            limits.start, f"this sum runs over units {start} to {stop}, and the layer has {width}"
        )
    return Add(*(substitute(body, {bound: Integer(unit)}) for unit in range(start, stop + 1)))


def _constant_sum(
    reader: FormulaReader,
    limits: Limits,
    letter: Token,
    body: Expr,
    first: int | None,
    last: int | None,
) -> Expr:
    """A sum whose letter occurs nowhere: one term where layers have one unit, else a multiple."""
    if first is not None and last is not None and 0 <= last - first <= _MAXIMAL_WRITTEN_OUT:
        return (last - first + 1) * body
    network = reader.scope.model
    single = any(
        network.width(axis) == 1
        for quantity in quantities_in(body)
        for axis in network.slots(quantity.kind, quantity.layer)
    )
    if single:
        return body
    raise LatexError(limits.start, f"the letter {letter} of this sum does not occur in it")


def _numeric(tokens: Sequence[Token] | None) -> int | None:
    """The limit where it is a number; a letter such as n stands for the whole layer."""
    if not tokens:
        return None
    if len(tokens) == 1 and tokens[0].kind == "number" and tokens[0].text.isdigit():
        return int(tokens[0].text) if len(tokens[0].text) < 8 else None
    return None
