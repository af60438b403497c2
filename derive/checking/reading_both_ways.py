"""A document read in every arrangement of its vectors and weights; which one is meant?

A document says which by what it writes: under the wrong reading its forward pass is not
that of the network.  So the arrangement is chosen under which more of its equations hold.
How its weights are numbered is found out in the same way, where its numbers do not fit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sympy import And, Basic

from derive.algebra.quantities import Quantity
from derive.checking.assumed import assuming
from derive.checking.sampling.samples import holds_at_samples
from derive.checking.verdicts import Numbering
from derive.model.instances import IllTypedError
from derive.model.model import Model
from derive.model.network import Network
from derive.notation.notations import Layout, Notation, Weights
from derive.reading import kind_of, read_document
from derive.reading.numbered_names import numberings
from derive.reading.statements import (
    Assumption,
    Claim,
    MissingQuantity,
    NotUnderstood,
    ShapesDisagree,
    Statement,
)

#: What an equation that holds counts; definitions of the forward pass tell most.
_FORWARD, _OTHER, _UNREADABLE = 4, 1, -2
_COLUMNS = (Layout.SOURCE_TARGET, Layout.TARGET_SOURCE)

Statements = tuple[Statement, ...]


@dataclass(frozen=True)
class Readings:
    """A document as it was read.

    Attributes:
        chosen: its statements.
        other: what the statements of these numbers say in the other layout.
        layout: the layout chosen, in words; None where all readings are the same.
        names: the document's names, those included that its definitions alone explain.
        numbering: how its weights are numbered, where it alone says so.
    """

    chosen: Statements
    other: Mapping[int, Statement]
    kind: str
    layout: str | None
    names: Mapping[str, str] = field(default_factory=dict)
    numbering: Numbering | None = None


@dataclass(frozen=True)
class _Document:
    """What is read, and with what."""

    text: str
    network: Model
    kind: str
    names: Mapping[str, str]
    notation: Notation | None = None
    earlier: Statements = ()

    def read(self, layout: Layout) -> Statements:
        """Its statements in one layout."""
        return read_document(
            self.text,
            self.network,
            kind=self.kind,
            layout=layout,
            names=self.names,
            notation=self.notation,
            earlier=self.earlier,
        )


def readings(
    text: str,
    network: Model,
    *,
    kind: str | None,
    layout: Layout | None,
    names: Mapping[str, str],
    earlier: Statements = (),
) -> Readings:
    """The document in the layout asked for, or in the one under which more of it holds.

    `earlier` is what parts of it about other networks have assumed.
    """
    document = _Document(text, network, kind or kind_of("", text), names, earlier=earlier)
    usual = _in_a_layout(document, layout)
    if _misses_quantities(usual.chosen):
        entering = replace(document, notation=Notation(weights=Weights.ENTER))
        shifted = _in_a_layout(entering, layout)
        if not _misses_quantities(shifted.chosen) and _better(
            network, shifted.chosen, usual.chosen
        ):
            return replace(shifted, numbering=Numbering())
    unread = any(isinstance(statement, NotUnderstood) for statement in usual.chosen)
    stack = isinstance(network, Network)
    named = _with_numbered_names(document) if unread and stack else None
    if named is not None:
        found = _in_a_layout(named, layout)
        new = tuple((own, ours) for own, ours in named.names.items() if own not in names)
        return replace(found, numbering=Numbering(new))
    return usual


def _in_a_layout(document: _Document, layout: Layout | None) -> Readings:
    network = document.network
    ours, theirs = _COLUMNS
    if layout is None and isinstance(network, Network) and network.is_chain:
        # Numbers, of which each arrangement says the same.
        return Readings(document.read(ours), {}, document.kind, None, document.names)
    columns = {way: document.read(way) for way in _COLUMNS}
    first = columns[ours]
    if layout is None:
        better = first != columns[theirs] and _better(network, columns[theirs], first)
        chosen = theirs if better else ours
    else:
        chosen = layout
    ways = dict(columns)
    if layout is None and _has_shapes(columns[ours]) and _has_shapes(columns[theirs]):
        # Only rows read as columns can have brought that about, or a mistake.
        for way in (Layout.ROWS, Layout.ROWS_TARGET_SOURCE):
            ways[way] = document.read(way)
            if ways[way] != ways[chosen] and _better(network, ways[way], ways[chosen]):
                chosen = way
    elif chosen not in ways:
        ways[chosen] = document.read(chosen)
    found = ways[chosen]
    if all(other == found for other in ways.values()):
        return Readings(found, {}, document.kind, None, document.names)
    if layout is None and not _is_established(network, found, ways.values()):
        found = tuple(map(_unsettled, found))
    facing = {
        Layout.SOURCE_TARGET: theirs,
        Layout.TARGET_SOURCE: ours,
        Layout.ROWS: Layout.ROWS_TARGET_SOURCE,
        Layout.ROWS_TARGET_SOURCE: Layout.ROWS,
    }[chosen]
    other = ways[facing] if facing in ways else document.read(facing)
    paired = _paired(found, other)
    # A model's own file says how its tensors are arranged, and so only other ways are told.
    as_declared = chosen is ours and not isinstance(network, Network)
    said = None if as_declared else chosen.value
    return Readings(found, paired, document.kind, said, document.names)


def _has_shapes(statements: Statements) -> bool:
    return any(isinstance(statement, ShapesDisagree) for statement in statements)


def _misses_quantities(statements: Statements) -> bool:
    return any(isinstance(statement, MissingQuantity) for statement in statements)


def _better(network: Model, one: Statements, other: Statements) -> bool:
    """Whether more of what reads differently holds in the first of two readings."""
    most = sum(map(_weight, _claims_of_its_own(one, other)))
    to_beat = _score(network, other, one)
    # Where all that the other says holds, nothing needs to be tried here.
    return most > to_beat and _score(network, one, other) > to_beat


def _claims_of_its_own(one: Statements, other: Statements) -> list[Claim]:
    """The claims of a reading that another does not make."""
    common = set(other)
    return [claim for claim in one if isinstance(claim, Claim) and claim not in common]


def _is_established(network: Model, chosen: Statements, ways: Iterable[Statements]) -> bool:
    """Whether some equation that only this arrangement explains holds in it."""
    common = set[Statement](chosen).intersection(*ways)
    return any(
        _holds(network, one, one.where) > 0
        for one in chosen
        if isinstance(one, Claim) and one not in common
    )


def _unsettled(statement: Statement) -> Statement:
    """Shapes that disagree tell of no mistake where nobody said how vectors are arranged."""
    if not isinstance(statement, ShapesDisagree):
        return statement
    message = (
        f"{statement.message}, as weights and vectors are arranged here; write "
        "`derive: layout = z=W^Tr`, z=Wr or z=rW at the head, or the definition of z"
    )
    return NotUnderstood(statement.place, statement.source, message)


# -- names with numbers ----------------------------------------------------------------------


def _with_numbered_names(document: _Document) -> _Document | None:
    """The document with w_1, b_1 declared, in the one way in which its definitions hold."""
    fitting: list[_Document] = []
    assert isinstance(document.network, Network)
    for extra in numberings(document.text, document.kind, document.network, document.names):
        candidate = replace(document, names={**extra, **document.names})
        if _is_pinned(candidate, extra):
            fitting.append(candidate)
    return fitting[0] if len(fitting) == 1 else None


def _is_pinned(document: _Document, extra: Mapping[str, str]) -> bool:
    """Whether every name stands in a definition of the forward pass, and all of them hold."""
    pinned: set[Quantity] = set()
    for one in document.read(Layout.SOURCE_TARGET):
        if isinstance(one, Claim) and isinstance(one.left, Quantity) and one.left.kind in "zr":
            if _holds(document.network, one, one.where) < 0:
                return False
            pinned |= one.right.atoms(Quantity)
    wanted = set(extra.values())
    return wanted <= {f"{quantity.kind}{quantity.layer}" for quantity in pinned}


# -- what holds ------------------------------------------------------------------------------


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


def _score(network: Model, statements: Sequence[Statement], others: Sequence[Statement]) -> int:
    """How much of what reads differently holds."""
    assumed: tuple[Basic, ...] = ()
    total = 0
    read_alike = set(others)
    for statement in statements:
        match statement:
            case Assumption():
                assumed = assuming(network, assumed, statement.condition) or assumed
            case Claim() if statement not in read_alike:
                total += _weight(statement) * _holds(network, statement, And(*assumed))
            case NotUnderstood() if statement not in read_alike:
                total += _UNREADABLE
            case _:
                continue
    return total


def _weight(claim: Claim) -> int:
    forward = isinstance(claim.left, Quantity) and claim.left.kind not in ("y", "U", "C", "W", "b")
    return _FORWARD if forward else _OTHER


def _holds(network: Model, claim: Claim, where: Basic) -> int:
    """1 for an equation that holds at every point tried, -1 for one that fails at some."""
    condition = And(where, claim.where)
    try:
        held = holds_at_samples(network, claim.left, claim.right, condition)
    except IllTypedError:
        return -1
    return 1 if held else -1
