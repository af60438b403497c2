"""The frames of slides: a displayed formula step by step, each with the lines before its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from derive.documents.blocks import Row
from derive.documents.targets.printed_lines import PrintedLine

#: So many lines have room on a frame; a step that has more of its own is not cut.
_MOST_LINES = 4
#: So many have room where results stand one below the other.
_MOST_ON_A_SHEET = 5


@dataclass(frozen=True)
class Frame:
    """One step on a frame.

    Attributes:
        row: the step.
        label: what was done in it.
        before: the lines above it, as many steps as have room.
        lines: its own.
    """

    row: Row
    label: str
    before: tuple[PrintedLine, ...]
    lines: tuple[PrintedLine, ...]


def frames(displays: Sequence[Sequence[PrintedLine]]) -> Iterator[Frame]:
    """A frame for each step of each formula; what is on top has its left side."""
    for display in displays:
        head, steps = _parted(display)
        for number, own in enumerate(steps):
            first = number
            room = _MOST_LINES - len(head) - len(own)
            while first and len(steps[first - 1]) <= room:
                first -= 1
                room -= len(steps[first])
            shown = [*steps[first:number], own]
            shown[0] = (replace(shown[0][0], left=_left_of(steps, first)), *shown[0][1:])
            before = (*head, *(line for step in shown[:-1] for line in step))
            row = own[0].row
            assert row is not None
            yield Frame(row, own[0].label, before, shown[-1])


def sheets(display: Sequence[PrintedLine]) -> list[list[PrintedLine]]:
    """The lines of a formula for a frame each: equations stay whole, one at least on each."""
    head, steps = _parted(display)
    found = [head]
    for step in steps:
        if found[-1] and len(found[-1]) + len(step) > _MOST_ON_A_SHEET:
            found.append([])
        found[-1] += step
    return found


def _parted(
    display: Sequence[PrintedLine],
) -> tuple[list[PrintedLine], list[tuple[PrintedLine, ...]]]:
    """The lines of a left side that stands alone, then those of each step."""
    starts = [place for place, line in enumerate(display) if line.row is not None]
    ends = [*starts[1:], len(display)]
    head = list(display[: starts[0]])
    return head, [tuple(display[a:b]) for a, b in zip(starts, ends, strict=True)]


def _left_of(steps: Sequence[Sequence[PrintedLine]], number: int) -> str:
    """The left side of a step: its own, or that of the chain that it goes on with."""
    return next((step[0].left for step in reversed(steps[: number + 1]) if step[0].left), "")
