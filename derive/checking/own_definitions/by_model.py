"""A text judged by one model that it may define."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from sympy import Basic

from derive.checking.assessment import Verdict
from derive.checking.check import check_parts
from derive.checking.own_definitions.one_equation import but_for_cost, within
from derive.checking.own_definitions.whole_document import (
    apart,
    but_for_words,
    on_safe_ground,
    with_symmetry_said,
    without_signals_unsaid,
    without_units_unsaid,
    without_values,
)
from derive.checking.verdicts import Part
from derive.model.defined_model import DefinedModel
from derive.model.network import Network
from derive.notation.notations import Layout
from derive.reading.inferring.inferred_model import InferredModel
from derive.reading.inferring.layered_network import LayeredNetwork
from derive.reading.inferring.sections import TextSection
from derive.reading.latex.naming.model_names import steps_said
from derive.reading.statements import Statement


def judged_by(
    inferred: InferredModel,
    section: TextSection,
    kind: str,
    layout: Layout | None,
    assume: Sequence[Basic | str],
    diagnosing: bool = False,
) -> Part:
    """What a section says, as far as a model that it defines can tell.

    Of what is read with it, what it is about, only the definitions have verdicts.  Mistakes are
    named if `diagnosing`, which takes long, and is of use once a reading has been chosen.
    """

    def asked(one: Statement) -> bool:
        start = one.place.start
        return section.start <= start < section.end or start in inferred.places

    own = {name.partition("_")[0] for name in inferred.model.names}
    steps = {name: "Step" for name in steps_said(section.whole or "") if name not in own}
    checked = check_parts(
        [(inferred.model, section.text)],
        kind=kind,
        layout=layout,
        assume=assume,
        names=steps,
        asked=asked,
        diagnosing=diagnosing,
    )
    (part,) = checked.parts
    judged = on_safe_ground(inferred.model, [within(inferred, one) for one in part.judged])
    if isinstance(inferred.model, DefinedModel):
        judged = but_for_words(inferred, inferred.model, judged)
        judged = without_signals_unsaid(without_values(judged))
        judged = without_units_unsaid(inferred.model, section.text, judged)
        judged = apart(inferred, inferred.model, judged)
        judged = with_symmetry_said(inferred.model, section.text, judged)
    return replace(part, judged=tuple(judged), inferred=inferred)


def judged_by_layers(
    found: LayeredNetwork,
    section: TextSection,
    kind: str,
    layout: Layout | None,
    assume: Sequence[Basic | str],
) -> Iterator[Part]:
    """A text about any layer of a stack, with the cost by which its own equation for it holds.

    Where it leaves the activation open, the same with others follows.
    """
    network = next(one for one in found.networks if _has_cost(one, found))
    said = (f"C: {network.cost.name}, as its words say",) if found.worded and network.cost else ()
    own = {found.cost_place} if found.cost_place is not None and network.cost else set[int]()
    inferred = InferredModel(network, found.definitions + said, found.places | own, {})
    part = judged_by(inferred, section, kind, layout, assume)
    if found.worded:
        part = replace(part, judged=tuple(but_for_cost(network, one) for one in part.judged))
    yield part
    if found.worded:  # where its last layer is special, what holds for any layer
        plain = InferredModel(found.networks[-1], found.definitions, found.places, {})
        yield judged_by(plain, section, kind, layout, assume)
    if any(one.verdict is Verdict.WRONG for one in part.judged):
        for other in found.others:
            with_cost = replace(inferred, model=_ending_as(network, other))
            yield judged_by(with_cost, section, kind, layout, assume)


def _ending_as(network: Network, other: Network) -> Network:
    """A stack with the cost of another, and its last layer where the cost asks for that."""
    last = other.layers[-1]
    if network.cost is not None and network.layers[-1].activation != network.layers[0].activation:
        last = network.layers[-1]
    return replace(other, layers=(*other.layers[:-1], last), cost=network.cost)


def _has_cost(network: Network, found: LayeredNetwork) -> bool:
    """Whether what a text says its cost is holds for a stack of layers; without a cost it may."""
    if found.cost is None or network.cost is None:
        return True
    (part,) = check_parts([(network, found.cost)], kind="markdown").parts
    verdicts = [one.verdict for one in part.judged]
    return bool(verdicts) and all(verdict is Verdict.RIGHT for verdict in verdicts)
