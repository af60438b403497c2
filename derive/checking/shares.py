"""A document gone through in order, while other processes prove what comes later."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TypeVar

from derive.processes import Shared
from derive.proving.kept_proofs import KEPT, Entry

Item = TypeVar("Item")
Found = TypeVar("Found")


def in_shares(
    work: Callable[[Item], Found], items: Sequence[Item], processes: int = 1
) -> Iterator[Found]:
    """What `work` makes of each item, in order, in this process.

    The items are cut into a share for each process.  What another has proved of its share when
    this one comes to it is not proved again; nothing else of its work is used.
    """
    first, *others = _cut(items, processes)

    def proofs(share: Sequence[Item]) -> list[Entry]:
        return KEPT.added_by(lambda: [work(item) for item in share])

    with Shared(proofs, others, len(others) + 1, fewest=1) as begun:
        yield from map(work, first)
        for entries in begun.brought().values():
            KEPT.add(entries)
    for share in others:
        yield from map(work, share)


def _cut(items: Sequence[Item], parts: int) -> list[Sequence[Item]]:
    """The items in so many parts of like length, or in fewer that are not empty."""
    size = -(-len(items) // max(parts, 1)) or 1
    return [items[start : start + size] for start in range(0, len(items), size)] or [items]
