"""`check`: a document that somebody wrote, judged equation by equation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from sympy import And, Basic, Function

from derive.algebra.arguments import instance_of, quoted, several
from derive.algebra.quantities import Partial, Quantity
from derive.checking.any_layer import one_for_all_layers
from derive.checking.arrangement import in_one_arrangement
from derive.checking.assessment import Verdict
from derive.checking.assumed import possible
from derive.checking.marking import Marking
from derive.checking.reading_both_ways import readings
from derive.checking.shares import in_shares
from derive.checking.verdicts import Checked, Judged, Part
from derive.checking.worked_values import values_judged
from derive.errors import DeriveError
from derive.model.model import Model, Source, needed_model
from derive.notation.ascii.given import condition
from derive.notation.notations import Layout
from derive.reading.documents import KINDS, read_document
from derive.reading.prose.words import speaks_of_one_class
from derive.reading.statements import Assumption, Claim, Doubt, NotUnderstood, Outside, Statement

#: Fewer equations are judged as soon by one process.
FEWEST_SHARED = 150
_SIGMA = re.compile(r"σ|\\sigma")
_LOGISTIC = re.compile(r"sigmoid|logistic|1\s*\+\s*(?:\\?exp|e\b|e\^)", re.IGNORECASE)


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
    asked: Callable[[Statement], bool] = lambda _: True,
    processes: int = 1,
    diagnosing: bool = True,
) -> Part:
    """What a document says of one network; `earlier` is what it has assumed before."""
    conditions = tuple(
        condition(one, "an assumption", network) for one in several(assume, "assume")
    )
    if not possible(network, And(*conditions)):
        raise DeriveError("the assumptions contradict each other, so anything would follow")
    found = readings(text, network, kind=kind, layout=layout, names=names, earlier=earlier)
    one_hot = speaks_of_one_class(text)
    judged = judged_statements(
        found.chosen,
        network,
        conditions,
        found.other,
        one_hot=one_hot,
        asked=asked,
        processes=processes,
        diagnosing=diagnosing,
    )
    known = {**network.symbols, **found.names}
    told = {one.place for one in earlier}
    new = tuple(one for one in judged if one.statement.place not in told)
    new = (*new, *values_judged(text, found.kind, network))
    return Part(network, new, known, found.kind, found.layout, found.numbering)


def check_parts(
    parts: Iterable[tuple[Model, str]],
    *,
    kind: str,
    layout: Any = None,
    assume: Sequence[Basic | str] = (),
    names: Mapping[str, str] | None = None,
    asked: Callable[[Statement], bool] = lambda _: True,
    processes: int = 1,
    diagnosing: bool = True,
) -> Checked:
    """Judge a document about several networks, each given with the part about it.

    What `names` stand for in all of them is said besides, as "H": "Step".  No verdict is found on
    what is not `asked`, and no mistake is named unless `diagnosing`.  What one part assumes holds
    in those behind it too, until they assume something else.  Proofs are shared by so many
    `processes`.

    Raises:
        DeriveError: as `check` does.
    """
    found: list[Part] = []
    earlier: list[Statement] = []
    for network, text in parts:
        before = tuple(earlier)
        found.append(
            _part(
                *(text, network, kind, layout, assume),
                *(names or {}, before, asked, processes, diagnosing),
            )
        )
        told = (one.statement for one in found[-1].judged)
        earlier += (one for one in told if isinstance(one, Assumption | Doubt))
    return Checked(tuple(found))


def unasked(
    text: str, kind: str, model: Model, said_as: type[NotUnderstood] | type[Outside]
) -> tuple[Part, ...]:
    """The formulas of a document that names no network: none is passed over.

    Judged are those about functions of one number alone, as silu'(z) = …; no network matters there.

    Args:
        model: what they are read with, as if they were about it.
        said_as: what each of them counts as.
    """
    why = "which network it is about is not said; name one with --network, or at the head"
    found: list[Judged] = []
    marking = Marking(model, (), {})
    for number, one in enumerate(read_document(text, model, kind=kind)):
        if isinstance(one, Claim) and _is_of_functions(one):
            found.append(_unless_any_sigma(marking.judged(number, one), text))
        elif isinstance(one, Claim | NotUnderstood):
            found.append(Judged(said_as(one.place, one.source, why), remark=why))
        else:
            found.append(Judged(one))
    return (Part(model, tuple(found), {}, kind),) if found else ()


def _unless_any_sigma(judged: Judged, text: str) -> Judged:
    """Without a verdict "wrong" on a sigma of which nothing says that it is the logistic one."""
    unsaid = _SIGMA.search(judged.statement.source) and not _LOGISTIC.search(text)
    if judged.verdict in (Verdict.RIGHT, Verdict.DEFINED) or not unsaid:
        return judged
    return Judged.not_understood(judged.statement, "nothing in the text says which function σ is")


def _is_of_functions(claim: Claim) -> bool:
    """Whether an equality is one between functions of a number, whatever network there is."""
    sides = (claim.left, claim.right)
    named = {quantity for side in sides for quantity in side.atoms(Quantity)}
    if len(named) > 1 or isinstance(claim.left, Quantity) or any(s.has(Partial) for s in sides):
        return False
    return claim.defines is not None or any(side.atoms(Function) for side in sides)


def judged_statements(
    statements: Sequence[Statement],
    network: Model,
    conditions: Sequence[Basic] = (),
    otherwise: Mapping[int, Statement] | None = None,
    *,
    one_hot: bool = False,
    asked: Callable[[Statement], bool] = lambda _: True,
    processes: int = 1,
    diagnosing: bool = True,
) -> tuple[Judged, ...]:
    """The statements of a document, judged in order.

    `otherwise` has, for the number of a statement that reads differently in the other
    layout, what it says there; `one_hot` says that targets may be 1 for one class and else 0.
    """
    so_far = Marking(network, tuple(conditions), otherwise or {}, one_hot, diagnosing)

    def judged_next(numbered: tuple[int, Statement]) -> Judged:
        n, one = numbered
        return so_far.judged(n, one) if asked(one) or not isinstance(one, Claim) else Judged(one)

    many = sum(isinstance(one, Claim) for one in statements) >= FEWEST_SHARED
    judged = in_shares(judged_next, [*enumerate(statements)], processes if many else 1)
    return in_one_arrangement(statements, one_for_all_layers(network, judged))
