"""A document that names no network: its own definitions are the model that it is judged by.

Where names without indices may be numbers or vectors, both are tried.  The reading is chosen
under which more holds; wrong is only what is wrong in every reading.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import partial

from sympy import Basic

from derive.checking.assessment import Verdict
from derive.checking.check import unasked
from derive.checking.own_definitions.by_model import judged_by, judged_by_layers
from derive.checking.own_definitions.choosing import (
    but_for_wrong,
    in_their_order,
    keeps_shapes,
    score,
    unless_other,
    with_right_of,
)
from derive.checking.verdicts import Checked, Judged, Part
from derive.files.built_in import builtin_network
from derive.model.model import Model
from derive.notation.notations import Layout
from derive.processes import Shared
from derive.reading.inferring.candidates import Candidate
from derive.reading.inferring.inferred_model import InferredModel
from derive.reading.inferring.layered_network import LayeredNetwork, layered_networks
from derive.reading.inferring.model_of_text import as_matrices, inferred_models
from derive.reading.inferring.sections import TextSection, sections
from derive.reading.statements import NotUnderstood


def check_defined(
    text: str,
    *,
    kind: str,
    layout: Layout | None = None,
    assume: Sequence[Basic | str] = (),
    processes: int = 1,
) -> Checked | None:
    """A document judged by the models that it defines; None where it defines none.

    Sections that define a name anew have a model each; so many `processes` share them.

    Raises:
        DeriveError: as `check` does.
    """
    if kind not in ("markdown", "latex", "text"):
        return None
    whole = layered_networks(text, kind)
    parted = sections(text, kind)
    work = partial(_of_section, whole=whole, kind=kind, layout=layout, assume=assume)
    parts = _shared_out(work, parted, processes)
    models = [part.network for part in parts if part is not None]
    if not models:
        return None
    found: list[Part] = []
    for section, part in zip(parted, parts, strict=True):
        found += [part] if part is not None else _unread(section, kind, models[0])
    return Checked(tuple(found))


def _shared_out(
    work: Callable[[TextSection], Part | None], parted: Sequence[TextSection], processes: int
) -> list[Part | None]:
    """What each section says; those with most equations are begun first, as they take longest."""

    def equations(number: int) -> int:
        section = parted[number]
        return section.text.count("=", section.start, section.end)

    order = sorted(range(len(parted)), key=equations, reverse=True)
    with Shared(work, [parted[number] for number in order], processes, fewest=1) as begun:
        found = dict(zip(order, begun.results(), strict=True))
    return [found[number] for number in range(len(parted))]


def _unread(section: TextSection, kind: str, model: Model) -> list[Part]:
    """The formulas of a section about which nothing is defined, so that none is passed over."""
    parts = (replace(part, network=model) for part in _of_functions(section, kind))
    return [_here(part, section, part.judged) for part in parts]


def _of_functions(section: TextSection, kind: str) -> tuple[Part, ...]:
    """What a section says of functions of a number, read with a network that has no tensor z."""
    return unasked(section.text, kind, builtin_network("one-layer-chain"), NotUnderstood)


def _here(part: Part, section: TextSection, judged: Iterable[Judged]) -> Part:
    """What of a part is said in the section itself."""
    inside = (one for one in judged if section.start <= one.statement.place.start < section.end)
    return replace(part, judged=tuple(inside))


def _of_section(
    section: TextSection,
    whole: tuple[LayeredNetwork, ...],
    kind: str,
    layout: Layout | None,
    assume: Sequence[Basic | str],
) -> Part | None:
    """What a part of a document says, in the reading under which most of it holds.

    `whole` is the stack of layers that the document states somewhere, which holds in all of it.
    """
    models = inferred_models(section.text, kind, whole=section.whole)
    read = [_judged(one, section, (), kind, layout, assume) for one in models]
    stacks = layered_networks(section.text, kind) or whole
    layered = [[*judged_by_layers(one, section, kind, layout, assume)] for one in stacks]
    alone = [*(parts[0] for parts in layered), *read]
    further = [
        but_for_wrong(one, alone)
        for one in _with_elsewhere(section, models, stacks, kind, layout, assume)
    ]
    if not alone and not further:
        return None
    best = max([*alone, *further], key=score)  # of equals the first: any layer, then numbers
    others = [one for one in (*alone, *further) if one is not best]
    others += [one for parts in layered if parts[0] is best for one in parts[1:]]
    elsewise = [one for parts in layered if parts[0] is not best for one in parts[1:]]
    if alone and any(one is best for one in further):
        best = with_right_of(best, max(alone, key=score))
    for one in sorted(others, key=score, reverse=True):
        best = with_right_of(best, one) if keeps_shapes(best, one) else best
    for functions in _of_functions(section, kind) if stacks else ():
        best = with_right_of(best, functions)  # there z without a layer is a letter like any other
    every = [*others, *elsewise]
    final = _here(best, section, (unless_other(one, every) for one in best.judged))
    if not _tells(final):
        return None
    told = _diagnosed(final, section, kind, layout, assume)
    return replace(told, judged=tuple(one.settled() for one in told.judged))


def _diagnosed(
    part: Part,
    section: TextSection,
    kind: str,
    layout: Layout | None,
    assume: Sequence[Basic | str],
) -> Part:
    """A section in the reading that was chosen, with names for the mistakes in it."""
    if part.inferred is None or all(one.verdict is not Verdict.WRONG for one in part.judged):
        return part
    again = judged_by(part.inferred, section, kind, layout, assume, diagnosing=True)
    named = {
        (one.statement.place.start, one.statement.place.end): one
        for one in again.judged
        if one.verdict is Verdict.WRONG
    }
    judged = (
        named.get((one.statement.place.start, one.statement.place.end), one)
        if one.verdict is Verdict.WRONG
        else one
        for one in part.judged
    )
    return replace(part, judged=tuple(judged))


def _tells(part: Part) -> bool:
    """Whether a part has more of a model than some functions, unless that is enough for it."""
    if part.inferred is None or any(one.verdict is Verdict.RIGHT for one in part.judged):
        return True
    return len(part.inferred.definitions) > len(part.inferred.open_functions)


def _judged(
    model: InferredModel,
    section: TextSection,
    elsewhere: tuple[Candidate, ...],
    kind: str,
    layout: Layout | None,
    assume: Sequence[Basic | str],
) -> Part:
    """A section judged by a model; as of numbers only what keeps the order of matrices."""
    part = judged_by(model, section, kind, layout, assume)
    if model.matrices or model.doubtful:
        return part
    other = as_matrices(section.text, kind, elsewhere, section.whole)
    if other is None:
        return part
    return in_their_order(part, judged_by(other, section, kind, layout, assume))


def _with_elsewhere(
    section: TextSection,
    models: Sequence[InferredModel],
    stacks: Sequence[LayeredNetwork],
    kind: str,
    layout: Layout | None,
    assume: Sequence[Basic | str],
) -> Iterator[Part]:
    """A section read with what others define of its names, or of its cost."""
    if not section.elsewhere:
        return
    known = [{*one.definitions} for one in models]
    for one in inferred_models(section.text, kind, section.elsewhere, section.whole):
        if {*one.definitions} not in known:
            yield _judged(one, section, section.elsewhere, kind, layout, assume)
    for stack in layered_networks(section.text, kind, section.elsewhere):
        if stack.cost is not None and all(stack.cost != other.cost for other in stacks):
            yield next(judged_by_layers(stack, section, kind, layout, assume))
