"""`check`: a document that somebody wrote, judged equation by equation."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from sympy import And, Basic
from sympy.core.function import Application

from derive.algebra.arguments import instance_of, quoted, several
from derive.algebra.quantities import Quantity
from derive.checking.assessment import Verdict
from derive.checking.assumed import possible
from derive.checking.marking import Marking
from derive.checking.reading_both_ways import readings
from derive.checking.verdicts import Checked, Judged, Part
from derive.errors import DeriveError
from derive.model.activations import Activation
from derive.model.model import Model, Source, needed_model
from derive.model.network import Network
from derive.notation.ascii.given import condition
from derive.notation.notations import Layout
from derive.reading.documents import KINDS, read_document
from derive.reading.statements import Assumption, Claim, Doubt, NotUnderstood, Outside, Statement


def check(
    text: str,
    network: Model | Source,
    *,
    kind: str | None = None,
    layout: Any = None,
    assume: Sequence[Basic | str] | Basic | str = (),
    names: Mapping[str, str] | None = None,
) -> Checked:
    """Judge every equation of a document.

    Args:
        text: the document.
        network: what its quantities mean.
        kind: "markdown", "latex", "text" or "notebook"; found out where it is not given.
        layout: which way weights point (`derive.reading.Layout`); inferred if not given.
        assume: conditions that hold throughout, such as "x > 0".
        names: the document's own names, each with what it stands for in the ASCII notation.

    Raises:
        DeriveError: when a condition cannot be read, or the conditions contradict each other.
    """
    network = needed_model(network)
    instance_of(str, text, "the document")
    own = dict(instance_of(Mapping, {} if names is None else names, "names"))
    for name in (*own, *own.values()):
        instance_of(str, name, "each of names")
    if kind is not None and kind not in KINDS:
        raise DeriveError(f"kind is one of {', '.join(KINDS)}, not {quoted(kind)}")
    if layout is not None:
        instance_of(Layout, layout, "layout")
    return Checked((_part(text, network, kind, layout, assume, own, ()),))


def _part(
    text: str,
    network: Model,
    kind: str | None,
    layout: Any,
    assume: Sequence[Basic | str],
    names: Mapping[str, str],
    earlier: tuple[Statement, ...],
) -> Part:
    """What a document says of one network; `earlier` is what it has assumed before."""
    conditions = tuple(
        condition(one, "an assumption", network) for one in several(assume, "assume")
    )
    if not possible(network, And(*conditions)):
        raise DeriveError("the assumptions contradict each other, so anything would follow")
    found = readings(text, network, kind=kind, layout=layout, names=names, earlier=earlier)
    judged = judged_statements(found.chosen, network, conditions, found.other)
    known = {**network.symbols, **found.names}
    told = {one.place for one in earlier}
    new = tuple(one for one in judged if one.statement.place not in told)
    return Part(network, new, known, found.kind, found.layout, found.numbering)


def check_parts(
    parts: Iterable[tuple[Model, str]],
    *,
    kind: str,
    layout: Any = None,
    assume: Sequence[Basic | str] = (),
) -> Checked:
    """Judge a document about several networks, each given with the part about it.

    What one part assumes holds in those behind it too, until they assume something else.

    Raises:
        DeriveError: as `check` does.
    """
    found: list[Part] = []
    earlier: list[Statement] = []
    for network, text in parts:
        found.append(_part(text, network, kind, layout, assume, {}, tuple(earlier)))
        told = (one.statement for one in found[-1].judged)
        earlier += (one for one in told if isinstance(one, Assumption | Doubt))
    return Checked(tuple(found))


def unasked(
    text: str, kind: str, model: Model, said_as: type[NotUnderstood] | type[Outside]
) -> tuple[Part, ...]:
    """The formulas of a document that names no network: none is judged, and none passed over.

    Args:
        model: what they are read with, as if they were about it.
        said_as: what each of them counts as.
    """
    why = "which network it is about is not said; name one with --network, or at the head"
    found: list[Judged] = []
    for one in read_document(text, model, kind=kind):
        if isinstance(one, Claim | NotUnderstood):
            found.append(Judged(said_as(one.place, one.source, why), remark=why))
        else:
            found.append(Judged(one))
    return (Part(model, tuple(found), {}, kind),) if found else ()


def judged_statements(
    statements: Sequence[Statement],
    network: Model,
    conditions: Sequence[Basic] = (),
    otherwise: Mapping[int, Statement] | None = None,
) -> tuple[Judged, ...]:
    """The statements of a document, judged in order.

    `otherwise` has, for the number of a statement that reads differently in the other
    layout, what it says there.
    """
    so_far = Marking(network, tuple(conditions), otherwise or {})
    judged = (so_far.judged(n, one) for n, one in enumerate(statements))
    return _one_for_all_layers(network, judged)


#: What is said of an equation about any layer is the worst that holds of some layer.
_WORST_FIRST = (
    Verdict.WRONG,
    Verdict.RIGHT_IF,
    Verdict.NOT_UNDERSTOOD,
    Verdict.UNDECIDED,
    Verdict.RIGHT,
    Verdict.DEFINED,
)


def _one_for_all_layers(network: Model, judged: Iterable[Judged]) -> tuple[Judged, ...]:
    """One verdict for each equation; one about any layer k was read once for each layer."""
    judged = tuple(judged)
    ends = {
        one.statement.place.end
        for one in judged
        if isinstance(one.statement, Claim) and one.statement.layer
    }
    groups: dict[object, list[Judged]] = {}
    for number, one in enumerate(judged):
        end = one.statement.place.end
        many = one.is_equation and end in ends  # for some layers its shapes may disagree
        groups.setdefault(("end", end) if many else number, []).append(one)
    return tuple(_worst(_meant(network, group)) for group in groups.values())


def _meant(network: Model, group: Sequence[Judged]) -> Sequence[Judged]:
    """Without the layers of another activation than those that an equation is right about.

    What is written with one activation, SiLU's z sigmoid(z), is about the layers that have it.
    """
    right = [_activations(network, one) for one in group if one.verdict is Verdict.RIGHT]
    if not right or len(right) == len(group):
        return group
    had = frozenset[Activation]().union(*right)
    if not had:
        return group
    return [
        one
        for one in group
        if one.verdict is not Verdict.WRONG or not (own := _activations(network, one)) or own & had
    ]


def _activations(network: Model, judged: Judged) -> frozenset[Activation]:
    """The activations of the layers of whose pre-activations an equation has functions."""
    statement = judged.statement
    if not isinstance(statement, Claim):
        return frozenset()
    functions = statement.left.atoms(Application) | statement.right.atoms(Application)
    units = {unit for function in functions for unit in function.atoms(Quantity)}
    if not isinstance(network, Network):
        return frozenset()
    return frozenset(network.layer(z.layer).activation for z in units if z.kind == "z")


def _worst(group: Sequence[Judged]) -> Judged:
    if len(group) == 1:
        return group[0]
    worst = min(group, key=lambda one: _WORST_FIRST.index(one.verdict or Verdict.RIGHT))
    claims = [one.statement for one in group if one.verdict is worst.verdict]
    layers = tuple(claim.layer for claim in claims if isinstance(claim, Claim))
    return replace(worst, layers=layers if len(layers) < len(group) else ())
