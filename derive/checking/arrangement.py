"""Gradients are columns or rows in all of a document: what needs the other way is not right."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from derive.algebra.quantities import Partial
from derive.checking.assessment import Verdict
from derive.checking.verdicts import Judged
from derive.reading.statements import Claim, Statement

_AS_ROWS = "it holds with gradients as rows, and most of this text has them as columns"
_AS_COLUMNS = "it holds with gradients as columns, and most of this text has them as rows"


def in_one_arrangement(
    statements: Sequence[Statement], judged: Iterable[Judged]
) -> tuple[Judged, ...]:
    """What was judged, without verdicts "right" on what the shapes of most of the rest deny.

    x dC/dz is a product of shapes that fit if the gradient is a row, and x (dC/dz)^T if it is
    a column.  Second derivatives have a row and a column for each variable in either case.
    """
    claims = [one for one in statements if isinstance(one, Claim) and not _is_of_second_order(one)]
    rows = {one.place for one in claims if one.rows}
    if not rows:
        return tuple(judged)
    columns = {one.place for one in claims if not one.rows and not one.fits_rows()}
    if not columns:
        return tuple(judged)
    fewer, why = (columns, _AS_COLUMNS) if len(rows) > len(columns) else (rows, _AS_ROWS)
    return tuple(
        Judged.not_understood(one.statement, why)
        if one.verdict is Verdict.RIGHT and one.statement.place in fewer
        else one
        for one in judged
    )


def _is_of_second_order(claim: Claim) -> bool:
    return any(
        len(node.unnested[1]) > 1
        for side in (claim.left, claim.right)
        for node in side.atoms(Partial)
    )
