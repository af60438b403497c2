"""An equation about any layer k, which was read once for each: one verdict for all of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sympy.core.function import Application

from derive.algebra.quantities import Quantity
from derive.checking.assessment import Verdict
from derive.checking.verdicts import Judged
from derive.model.activations import Activation
from derive.model.model import Model
from derive.model.network import Network
from derive.reading.statements import Claim

#: What is said of an equation about any layer is the worst that holds of some layer.
_WORST_FIRST = (
    Verdict.WRONG,
    Verdict.RIGHT_IF,
    Verdict.NOT_UNDERSTOOD,
    Verdict.UNDECIDED,
    Verdict.RIGHT,
    Verdict.DEFINED,
)


def one_for_all_layers(network: Model, judged: Iterable[Judged]) -> tuple[Judged, ...]:
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
