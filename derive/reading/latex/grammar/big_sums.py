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
from derive.reading.latex.grammar.reader import FormulaReader
from derive.reading.latex.lexical.problems import LatexError, ShapesError
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.naming.quantities import Value

#: SymPy writes cases inside a sum as cases of sums, one for each combination of branches.
_MAXIMAL_BRANCHES = 64
_MAXIMAL_WRITTEN_OUT = 100


def big_sum(reader: FormulaReader) -> Value:
    """A sum sign, its limits, and the rest of the term that it stands in."""
    sign = reader.advance()
    below: list[Token] = []
    above: list[Token] = []
    while reader.next.is_sign("_", "^"):
        mark = reader.advance()
        if mark.text == "_":
            below = reader.group()
        else:
            above = reader.group()
    if not below and not above:
        return _over_entries(reader, sign)
    below, apart = _apart(below)
    letters, low = _limits(reader, sign, below)
    while reader.next.kind == "quad":
        reader.advance()
    reader.deeper()
    body = reader.term()
    reader.shallower()
    if isinstance(body, Matrix):
        raise LatexError(sign.start, "a sum over units is read with indices, and this is a vector")
    for letter in reversed(letters):
        whole = _summed(reader, sign, letter, body, low, above)
        body = whole if apart is None else whole - _at(reader, body, letter, apart)
    return body


def _apart(below: list[Token]) -> tuple[list[Token], Token | None]:
    r"""The letter of \sum_{k \neq i}, and the one that it leaves out."""
    kept = [token for token in below if token.kind != "quad"]
    if len(kept) == 3 and kept[1].is_command("neq", "ne") and kept[0].kind == "name":
        return kept[:1], kept[2]
    return below, None


def _at(reader: FormulaReader, body: Expr, letter: Token, other: Token) -> Expr:
    """The term that a sum leaves out."""
    bound = reader.scope.unit(letter.text, letter.start)
    return substitute(body, {bound: reader.scope.unit(other.text, other.start)})


def _over_entries(reader: FormulaReader, sign: Token) -> Value:
    """A sum without a letter: over the entries of a vector that stands behind it."""
    while reader.next.kind == "quad":
        reader.advance()
    reader.deeper()
    body = reader.term()
    reader.shallower()
    if not isinstance(body, Matrix) and reader.scope.model.width(_last(reader)) == 1:
        return body  # over the one output
    if not isinstance(body, Matrix) or len(body.rows) + len(body.columns) != 1:
        raise LatexError(sign.start, "a sum says below its sign over which letter it runs")
    letter = fresh_index(matrices.free_indices(body))
    at = ((letter,), ()) if body.rows else ((), (letter,))
    value = matrices.entry(reader.scope.model, body, *at)
    return reader.scope.model.sum_over((*body.rows, *body.columns)[0], letter, value)


def _last(reader: FormulaReader) -> Expr:
    """The axis of the outputs."""
    model = reader.scope.model
    return model.last if isinstance(model, Network) else model.all_axes[-1]


def _limits(
    reader: FormulaReader, sign: Token, below: Sequence[Token]
) -> tuple[list[Token], list[Token] | None]:
    """The letters that are summed over, and the lower limit where one is written."""
    tokens = [t for t in below if not t.is_command("forall") and t.kind != "quad"]
    if not tokens:
        raise LatexError(sign.start, "a sum says below its sign over which letter it runs")
    for position, token in enumerate(tokens):
        if token.is_sign("=") or token.is_command("in"):
            low = tokens[position + 1 :] if token.is_sign("=") else None
            return _letters(tokens[:position], sign), low
    return _letters(tokens, sign), None


def _letters(tokens: Sequence[Token], sign: Token) -> list[Token]:
    found = [token for token in tokens if not token.is_sign(",", "'")]
    if not found or any(token.kind != "name" for token in found):
        raise LatexError(sign.start, "a sum runs over letters, as in \\sum_{i=1}^{n}")
    primed: list[Token] = []
    for position, token in enumerate(tokens):
        if token.is_sign("'") and primed:
            last = primed[-1]
            primed[-1] = Token("name", last.text + "'", last.start, token.end)
        elif not token.is_sign(",", "'"):
            primed.append(tokens[position])
    return primed


def _summed(
    reader: FormulaReader,
    sign: Token,
    letter: Token,
    body: Expr,
    low: list[Token] | None,
    above: list[Token],
) -> Expr:
    bound = reader.scope.unit(letter.text, letter.start)
    if not isinstance(bound, Symbol):
        raise LatexError(letter.start, "a sum runs over a letter")
    if prod(len(cases.args) for cases in body.atoms(Piecewise)) > _MAXIMAL_BRANCHES:
        raise LatexError(sign.start, "there are too many cases inside this sum")
    if body == 0:
        return body
    network = reader.scope.model
    first, last = _numeric(reader, low), _numeric(reader, above)
    if bound not in free_indices(body):
        return _constant_sum(reader, sign, letter, body, first, last)
    try:
        layers = layers_of(network, bound, body)
    except IllTypedError as problem:  # W_ji for W_ij where the layers differ in width
        raise ShapesError(sign.start, f"{problem} of this sum") from None
    width = network.width(layers[0])
    written = (first if first is not None else 1, last if last is not None else width)
    if len(layers) == 1 and (written == (1, width) or last is None):
        if first not in (None, 0, 1):
            raise LatexError(sign.start, "a sum over units starts at 1")
        return network.sum_over(layers[0], bound, body)
    if not isinstance(width, Integer):
        raise LatexError(sign.start, f"{letter} counts the units of several layers in this sum")
    start, stop = int(written[0]), int(written[1])
    if not 1 <= start <= stop <= int(width) or stop - start > _MAXIMAL_WRITTEN_OUT:
        raise LatexError(
            sign.start, f"this sum runs over units {start} to {stop}, and the layer has {width}"
        )
    return Add(*(substitute(body, {bound: Integer(unit)}) for unit in range(start, stop + 1)))


def _constant_sum(
    reader: FormulaReader,
    sign: Token,
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
    raise LatexError(sign.start, f"the letter {letter} of this sum does not occur in it")


def _numeric(reader: FormulaReader, tokens: Sequence[Token] | None) -> int | None:
    """The limit where it is a number; a letter such as n stands for the whole layer."""
    if not tokens:
        return None
    if len(tokens) == 1 and tokens[0].kind == "number" and tokens[0].text.isdigit():
        return int(tokens[0].text) if len(tokens[0].text) < 8 else None
    return None
