"""What a document has assumed at a place: a later assumption replaces what contradicts it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from sympy import And, Basic, S

from derive.errors import DeriveError
from derive.model.model import Model
from derive.proving.prove import prove


def assuming(
    network: Model, before: Sequence[Basic], condition: Basic, fixed: Sequence[Basic] = ()
) -> tuple[Basic, ...] | None:
    """The assumptions once a further one is made; None if it contradicts what is `fixed`.

    "Assume x > 0. … Now assume x < 0": what contradicts the new one by itself is dropped;
    where only several together do, the latest of them are.
    """
    if not possible(network, And(*fixed, condition)):
        return None
    kept = [one for one in before if possible(network, And(*fixed, one, condition))]
    while kept and not possible(network, And(*fixed, *kept, condition)):
        kept.pop()
    return (*kept, condition)


@lru_cache(maxsize=1024)
def possible(network: Model, where: Basic) -> bool:
    """Whether conditions can hold together, as far as `prove` can tell."""
    if where == S.true:
        return True
    try:
        prove(S.Zero, S.Zero, network, [where])
    except DeriveError:
        return False
    return True
