"""A notebook that names no network: its Markdown cells together are one text with its own model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from sympy import Basic

from derive.checking.own_definitions.defined import check_defined
from derive.checking.verdicts import Checked, Judged, Part
from derive.notation.notations import Layout
from derive.reading.documents import places
from derive.reading.notebooks import cells_of
from derive.reading.statements import Place

_BETWEEN = "\n\n"


def check_defined_cells(
    text: str,
    *,
    layout: Layout | None = None,
    assume: Sequence[Basic | str] = (),
    processes: int = 1,
) -> Checked | None:
    """A notebook judged by the models that its Markdown cells define; None where they define none.

    Raises:
        DeriveError: as `check` does.
    """
    try:
        cells = [*cells_of(text)]
    except ValueError:
        return None
    written, offsets, rows = "", list[int](), list[tuple[int, int]]()
    for cell in cells:
        content = cell.content + _BETWEEN
        written += content
        last = cell.offsets[-1]
        offsets += [*cell.offsets[: len(cell.content)], *[last] * len(_BETWEEN)]
        rows += [(cell.number, content.count("\n", 0, n) + 1) for n in range(len(content))]
    found = check_defined(
        written, kind="markdown", layout=layout, assume=assume, processes=processes
    )
    if found is None:
        return None
    in_file = places(text)

    def moved(place: Place) -> Place:
        first, last = (offsets[min(n, len(offsets) - 1)] for n in (place.start, place.end))
        return replace(in_file(first, last), cell=rows[min(place.start, len(rows) - 1)])

    return Checked(tuple(_moved(part, moved) for part in found.parts))


def _moved(part: Part, moved: Callable[[Place], Place]) -> Part:
    """The part with places of the file."""
    judged = tuple(_moved_one(one, moved) for one in part.judged)
    return replace(part, judged=judged, kind="notebook")


def _moved_one(one: Judged, moved: Callable[[Place], Place]) -> Judged:
    return replace(
        one,
        statement=replace(one.statement, place=moved(one.statement.place)),
        carried_from=None if one.carried_from is None else moved(one.carried_from),
        rests_on=None if one.rests_on is None else moved(one.rests_on),
    )
