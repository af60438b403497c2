"""Right equations with one thing changed, by the hundred: no verdict is wrong, nothing fails."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from sympy import Piecewise, S

from derive.checking.assessing import assess
from derive.checking.assessment import Verdict
from derive.checking.diagnosing import factors, placement
from derive.checking.diagnosing.diagnosis import diagnose
from derive.checking.diagnosing.mistakes import Suspect
from derive.checking.sampling.samples import holds_at_samples
from derive.deriving.first_order import backpropagate
from derive.files.network_file import read_network
from derive.meaning.derivation import Equation
from derive.meaning.sides import Sides
from derive.model.instances import IllTypedError
from derive.model.network import Network
from tests.sweeps import thorough

NETWORKS: list[tuple[str, dict[str, Any]]] = [
    ("two-layer-chain", {}),
    ("2-3-2", {"bias": True}),
    ("2-3-1", {"activation": "sigmoid", "output_activation": "sigmoid"}),
    ("general-layer", {}),
    ("2-2-3", {"output_activation": "softmax", "cost": "cross_entropy"}),
]
_CHANGES = (factors.signs, factors.constants, factors.surplus, factors.quantities,
            placement.indices, placement.layers)  # fmt: skip


def changed(network: Network, count: int) -> Iterator[Equation]:
    """Equations of the derivation with one thing changed, drawn at random."""
    steps = [
        step
        for group in backpropagate(network).groups
        if group.network == network
        for step in group.steps
        if not step.rhs.has(Piecewise) and step.where == S.true
    ]
    source = Random(7)
    for _ in range(count):
        step = source.choice(steps)
        suspect = Suspect(network, step.lhs, step.rhs)
        guesses = list(source.choice(_CHANGES)(suspect))
        if guesses:
            yield Equation(step.lhs, source.choice(guesses).right)


@pytest.mark.parametrize(
    ("name", "options"),
    [thorough(case) if case[0] in ("2-3-2", "2-3-1", "2-2-3") else case for case in NETWORKS],
    ids=[name for name, _ in NETWORKS],
)
def test_verdicts_agree_with_numbers(name: str, options: dict[str, Any]) -> None:
    network = read_network(name, **options)
    seen = 0
    for equation in changed(network, 40):
        try:
            holds = holds_at_samples(network, equation.lhs, equation.rhs, S.true)
        except IllTypedError:
            continue
        found = assess(network, Sides(equation.lhs, equation.rhs))
        if holds:
            assert found.verdict is not Verdict.WRONG, equation
        else:
            assert found.verdict is not Verdict.RIGHT, equation
        seen += 1
    assert seen > 10


@pytest.mark.parametrize(
    ("name", "options"),
    [thorough(case) if case[0] == "2-3-2" else case for case in NETWORKS[:3]],
    ids=[name for name, _ in NETWORKS[:3]],
)
def test_most_changes_are_explained(name: str, options: dict[str, Any]) -> None:
    network = read_network(name, **options)
    wrong = explained = 0
    for equation in changed(network, 12):
        if assess(network, Sides(equation.lhs, equation.rhs)).verdict is Verdict.WRONG:
            wrong += 1
            explained += diagnose(Suspect(network, equation.lhs, equation.rhs)) is not None
    assert explained >= 0.8 * wrong
