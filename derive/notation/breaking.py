"""Where to break LaTeX mathematics that is too wide: at its terms or its factors."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sympy import Add, Expr, Mul, Sum

from derive.algebra.absolute_values import with_absolute_values
from derive.algebra.boxes import THIN, Box, parenthesised, row
from derive.algebra.quantities import Partial, Quantity, is_step
from derive.model.matrices import Matrix
from derive.notation.printer import below_is_plain, factors_of, is_negative, terms_of
from derive.notation.tex import LatexWriter, shared_fraction, stands_bare
from derive.notation.tex_matrices import terms as matrix_terms

#: A single term is broken only where it is too wide by more than an estimate may be off.
_ROUGHLY = 1.1
#: A sum in parentheses is broken where its lines are narrower than this part of the whole.
_MUCH_NARROWER = 0.75


@dataclass(frozen=True)
class _Part:
    """A term or factor on lines of its own, with the signs that may stand before it.

    Attributes:
        lines: the part, broken itself where it is too wide.
        first: its sign where it begins the whole.
        behind: its sign behind another part.
        below: its sign where it begins a line.
    """

    lines: Sequence[Box]
    first: str
    behind: str
    below: str


def lines(expression: Expr | Matrix, limit: float, writer: LatexWriter) -> list[Box]:
    """The expression as LaTeX on one line, or broken at its terms or factors to fit."""
    whole = writer.box(expression)
    if whole.width <= limit:
        return [whole]
    match expression:
        case Matrix():
            terms = matrix_terms(expression)
            parts = [_term([writer.box(one)], negative) for negative, one in terms]
            return _packed(parts, limit)
        case Add():
            folded = with_absolute_values(expression)
            if isinstance(folded, Add):
                return _sum_lines(folded, limit, writer)
            return lines(folded, limit, writer)
        case Partial() if not is_step(expression.wrt):
            of, _ = expression.unnested
            if isinstance(of, Quantity) or stands_bare(of):
                return [whole]
            # Brackets that grow by themselves would have to close on the line that they open on.
            head = row(writer.sign_of(expression), r"\Bigl[")
            return _around(head, lines(of, limit - head.width, writer), r"\Bigr]")
        case Mul() if Mul(*expression.args) == expression:
            negative, above, below = factors_of(expression)
            if above and isinstance(last := above[-1], Add) and below and below_is_plain(below):
                head = row(writer.box(expression / last), THIN)
                return _around(head, _factor_lines(last, limit - head.width, writer), "")
            if below or any(isinstance(factor, Sum) for factor in above):
                return [whole]
            parts = [_factor(_factor_lines(factor, limit, writer)) for factor in above]
            return _around("-" if negative else "", _packed(parts, limit), "")
        case Sum():
            sign, sums, body = writer.sum_parts(expression)
            head = row(sign, sums)
            within = _factor_lines if isinstance(body, Add) else lines
            return _around(head, within(body, limit - head.width, writer), "")
        case _:
            return [whole]


def _term(broken: Sequence[Box], negative: bool = False) -> _Part:
    sign = " - " if negative else " + "
    return _Part(broken, "-" if negative else "", sign, "{}" + sign)


def _factor(broken: Sequence[Box]) -> _Part:
    return _Part(broken, "", THIN, r"{}\cdot ")


def _sum_lines(expression: Add, limit: float, writer: LatexWriter) -> list[Box]:
    """A sum broken at its terms, inside the brackets behind a fraction that they share."""
    size, bare = shared_fraction(expression)
    if size != 1:
        head = row(writer.box(size), THIN, "(")
        return _around(head, _sum_lines(bare, limit - head.width, writer), ")")
    parts: list[_Part] = []
    for term in terms_of(expression):
        negative = is_negative(term)
        room = _ROUGHLY * limit - row("-" if negative else "").width
        parts.append(_term(lines(-term if negative else term, room, writer), negative))
    return _packed(parts, limit)


def _factor_lines(factor: Expr, limit: float, writer: LatexWriter) -> list[Box]:
    """A factor of a product; a sum is in parentheses, broken inside where that helps."""
    whole = writer.juxtaposed([factor])
    if not isinstance(factor, Add):
        return [whole]
    broken = _sum_lines(factor, limit - row("(").width, writer)
    if max(line.width for line in broken) > _MUCH_NARROWER * whole.width:
        return [parenthesised(whole)]
    return _around(r"\Bigl(", broken, r"\Bigr)")


def _around(head: Box | str, broken: Sequence[Box], tail: str) -> list[Box]:
    """Lines with something before the first and behind the last."""
    first, *rest = broken
    whole = [row(head, first), *rest]
    return [*whole[:-1], row(whole[-1], tail)]


def _packed(parts: Sequence[_Part], limit: float) -> list[Box]:
    """Parts put on as few lines as fit; one that is broken itself has lines to itself."""
    first, *others = parts
    packed = _around(first.first, first.lines, "")
    broken = len(first.lines) > 1
    for part in others:
        start, *rest = part.lines
        beside = row(packed[-1], part.behind, start)
        if not broken and not rest and beside.width <= limit:
            packed[-1] = beside
        else:
            packed.append(row(part.below, start))
        packed += rest
        broken = bool(rest)
    return packed
