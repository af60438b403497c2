"""A document read with W_ij from i to j, and with W_ij from j to i; which one is meant?

A document says which by what it writes: under the wrong reading its forward pass is not
that of the network.  So the layout is chosen under which more of its equations hold.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sympy import And, Basic

from derive.diagnosing.samples import holds_at_samples
from derive.instances import IllTypedError
from derive.network import Network
from derive.quantities import Quantity
from derive.reading import Layout, kind_of, read_document
from derive.reading.statements import Assumption, Claim, NotUnderstood, Statement

#: What an equation that holds counts; definitions of the forward pass tell most.
_FORWARD, _OTHER, _UNREADABLE = 4, 1, -2


@dataclass(frozen=True)
class Readings:
    """A document as it was read.

    Attributes:
        chosen: its statements.
        other: what the statements of these numbers say in the other layout.
        layout: the layout chosen, in words; None where both readings are the same.
    """

    chosen: tuple[Statement, ...]
    other: Mapping[int, Statement]
    kind: str
    layout: str | None


def readings(
    text: str,
    network: Network,
    *,
    kind: str | None,
    layout: Layout | None,
    names: Mapping[str, str],
) -> Readings:
    """The document in the layout asked for, or in the one under which more of it holds."""
    chosen_kind = kind or kind_of("", text)
    both = {
        way: tuple(read_document(text, network, kind=chosen_kind, layout=way, names=names))
        for way in Layout
    }
    ours, theirs = Layout.SOURCE_TARGET, Layout.TARGET_SOURCE
    if both[ours] == both[theirs]:
        return Readings(both[ours], {}, chosen_kind, None)
    if layout is None:
        better = _score(network, both[theirs], both[ours]) > _score(
            network, both[ours], both[theirs]
        )
        layout = theirs if better else ours
    other = both[theirs if layout is ours else ours]
    paired = _paired(both[layout], other)
    return Readings(both[layout], paired, chosen_kind, layout.value)


def _paired(statements: Sequence[Statement], others: Sequence[Statement]) -> dict[int, Statement]:
    """For each statement that reads differently, the one of the other reading at its place."""
    same_in_both = set(statements) & set(others)
    left = [other for other in others if other not in same_in_both]
    found: dict[int, Statement] = {}
    for number, statement in enumerate(statements):
        if statement not in same_in_both:
            there = next((other for other in left if _stand_together(statement, other)), None)
            if there is not None:
                found[number] = there
    return found


def _stand_together(one: Statement, other: Statement) -> bool:
    """Whether two readings are of one place; what was not understood stands inside of it."""
    layers = (getattr(one, "layer", ""), getattr(other, "layer", ""))
    if all(layers) and layers[0] != layers[1]:
        return False
    a, b = one.place, other.place
    return a.start <= b.start < a.end or b.start <= a.start < b.end


def _score(network: Network, statements: Sequence[Statement], others: Sequence[Statement]) -> int:
    """How much of what reads differently holds."""
    assumed: list[Basic] = []
    total = 0
    read_alike = set(others)
    for statement in statements:
        match statement:
            case Assumption():
                assumed.append(statement.condition)
            case Claim() if statement not in read_alike:
                total += _weight(statement) * _holds(network, statement, And(*assumed))
            case NotUnderstood() if statement not in read_alike:
                total += _UNREADABLE
            case _:
                continue
    return total


def _weight(claim: Claim) -> int:
    forward = isinstance(claim.left, Quantity) and claim.left.kind in "zr"
    return _FORWARD if forward else _OTHER


def _holds(network: Network, claim: Claim, where: Basic) -> int:
    """1 for an equation that holds at every point tried, -1 for one that fails at some."""
    condition = And(where, claim.where)
    try:
        held = holds_at_samples(network, claim.left, claim.right, condition)
    except IllTypedError:
        return -1
    return 1 if held else -1
