"""What a document has assumed at a place: a later assumption replaces what contradicts it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sympy import And, Basic


def assuming(
    before: Sequence[Basic],
    condition: Basic,
    fixed: Sequence[Basic],
    possible: Callable[[Basic], bool],
) -> tuple[Basic, ...] | None:
    """The assumptions once a further one is made; None if it contradicts what is `fixed`.

    "Assume x > 0. … Now assume x < 0": what contradicts the new one by itself is dropped;
    where only several together do, the latest of them are.
    """
    if not possible(And(*fixed, condition)):
        return None
    kept = [one for one in before if possible(And(*fixed, one, condition))]
    while kept and not possible(And(*fixed, *kept, condition)):
        kept.pop()
    return (*kept, condition)
