"""Subscripts as indices: ij, i,j, 12, and which slots of a tensor they fill."""

from __future__ import annotations

from collections.abc import Sequence

from sympy import Expr, Integer

from derive.model.matrices import Matrix, entry
from derive.model.network import Network
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.lexical.scripts import Scripts
from derive.reading.latex.lexical.tokens import Token
from derive.reading.latex.naming.meanings import KindName
from derive.reading.latex.naming.scope import FormulaScope

#: Names that count nothing; b and r are letters that people do count with.
_NEVER_INDICES = frozenset({"W", "z", "x", "y", "yhat"})


def with_single_units(
    scope: FormulaScope, slots: Sequence[Expr], units: Sequence[Expr], token: Token
) -> list[Expr]:
    """One index for each slot: 1 for layers of one unit, which are written without."""
    indexed = [slot for slot in slots if scope.model.has_index(slot)]
    if len(units) != len(indexed):
        raise LatexError(
            token.start,
            f"{token} has {_counted(len(indexed))} here, and {_counted(len(units))} written",
        )
    waiting = list(units)
    return [waiting.pop(0) if scope.model.has_index(slot) else Integer(1) for slot in slots]


def _counted(number: int) -> str:
    return {0: "no index", 1: "1 index"}.get(number, f"{number} indices")


def indices_of(
    scope: FormulaScope, kind: str, layer: Expr, below: Sequence[Token], token: Token
) -> tuple[Expr, ...] | None:
    """The indices of an entry, one for each slot; None for the whole tensor.

    A cost may carry the letter of its sample, as in E_n, or C_0.
    """
    network = scope.model
    of_cost = kind == "C" and isinstance(network, Network)
    if of_cost and below and below[0].text != "0":
        subscripts(scope, below, 1, token)
    if of_cost and below:
        return ()
    slots = network.slots(kind, layer)
    indexed = [slot for slot in slots if network.has_index(slot)]
    if not below:
        return None if indexed else tuple(Integer(1) for _ in slots)
    turned = scope.turns(kind, layer)
    units = subscripts(scope, below, len(slots), token, allowed=(len(indexed), len(slots)))
    if turned:
        units = tuple(reversed(units))
    if len(units) != len(slots):
        units = tuple(with_single_units(scope, slots, units, token))
    for unit, slot in zip(units, slots, strict=True):
        width = network.width(slot)
        if isinstance(unit, Integer) and isinstance(width, Integer) and unit > width:
            raise LatexError(
                below[0].start, f"layer {slot} has {width} units, and there is no unit {unit}"
            )
    return units


def subscripts(
    scope: FormulaScope,
    below: Sequence[Token],
    needed: int,
    token: Token,
    allowed: tuple[int, ...] = (),
) -> tuple[Expr, ...]:
    """The indices of a subscript: ij, i,j, 12 (two units where two are needed), 1,2."""
    items: list[tuple[str, int]] = []
    for part in below:
        if part.is_sign(",", "{", "}") or part.kind == "quad":
            continue
        if part.is_sign("'") and items:
            items[-1] = (items[-1][0] + "'", items[-1][1])
        elif _is_quantity(scope, part):
            raise LatexError(
                part.start,
                f"found {part} as an index, which is a quantity; "
                f"a derivative by it is written \\frac{{\\partial ...}}{{\\partial {part}}}",
            )
        elif part.kind in ("name", "number"):
            items.append((part.text, part.start))
        else:
            raise LatexError(
                part.start, f"found {part} as an index; an index is a letter or number"
            )
    counts = {needed, *allowed}
    digits = items[0][0] if len(items) == 1 and items[0][0].isdigit() else ""
    if digits and len(digits) in counts and (1 not in counts or len(digits) == max(counts)):
        items = [(digit, items[0][1]) for digit in digits]
    if len(items) not in counts:
        raise LatexError(
            below[0].start,
            f"{token} has {_counted(max(counts))}, and {_counted(len(items))} written",
        )
    return tuple(scope.unit(text, at) for text, at in items)


def _is_quantity(scope: FormulaScope, part: Token) -> bool:
    """Whether a subscript is no index, as in C_z and C_{ww} for derivatives of C."""
    meaning = scope.lexicon.find(part.text, Scripts())[0]
    return isinstance(meaning, KindName) and meaning.kind in _NEVER_INDICES


def matrix_entry(scope: FormulaScope, matrix: Matrix, below: Sequence[Token], token: Token) -> Expr:
    """(W^T r)_j: one entry of what stands in brackets."""
    rows, columns = len(matrix.rows), len(matrix.columns)
    units = subscripts(scope, below, rows + columns, token)
    return entry(scope.model, matrix, units[:rows], units[rows:])
