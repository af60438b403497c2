"""Certificates: every equation of a derivation as text, with its proof, to be proved again.

The file is JSON; equations are in the ASCII notation.  `certificate_check` reads it back.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Protocol

from sympy import Basic, S

from derive.lazy import late
from derive.meaning.derivation import Derivation, Line
from derive.model.activations import Activation
from derive.model.costs import Cost
from derive.model.defined_model import DefinedModel
from derive.model.model import Model
from derive.model.network import Network
from derive.notation.ascii.printing import ascii_text
from derive.proving import Proof

#: Loaded for the first model from definitions.
_table_of = late("derive.files.definitions_file", "table_of")

VERSION = 1


class Rejudged(Protocol):
    """What is known of a step: see `derive.deriving.verifying.Verdict`."""

    @property
    def proof(self) -> Proof: ...
    @property
    def rule_confirmed(self) -> bool: ...


def certificate(derivation: Derivation, verdicts: Sequence[Rejudged]) -> str:
    """The certificate of a derivation as JSON text."""
    networks: list[Model] = []
    groups: list[dict[str, Any]] = []
    position = 0
    for group in derivation.groups:
        if group.network not in networks:
            networks.append(group.network)
        equations: list[dict[str, Any]] = []
        for step in group.steps:
            equations.append(
                {"number": position + 1, **_equation(group.network, step, verdicts[position])}
            )
            position += 1
        groups.append(
            {
                "title": group.title,
                "network": networks.index(group.network),
                "equations": equations,
            }
        )
    content = {
        "certificate": VERSION,
        "networks": [_network(network) for network in networks],
        "groups": groups,
    }
    return json.dumps(content, indent=1) + "\n"


def _equation(network: Model, step: Line, verdict: Rejudged) -> dict[str, Any]:
    def text(side: Basic) -> str:
        return ascii_text(side, at_zero=network.step_at_zero)

    found: dict[str, Any] = {"lhs": text(step.lhs), "rhs": text(step.rhs)}
    if step.where != S.true:
        found["where"] = text(step.where)
    if step.assuming:
        found["assuming"] = [f"{text(e.lhs)} = {text(e.rhs)}" for e in step.assuming]
    found["rule"] = step.rule
    found["rule_confirmed"] = verdict.rule_confirmed
    found["proof"] = stated_proof(verdict.proof)
    return found


def stated_proof(proof: Proof) -> dict[str, Any]:
    """What a certificate says of a proof: how, at kinks, of which widths, with what bound."""
    scope = proof.scope
    found: dict[str, Any] = {
        "status": proof.status.value,
        "method": proof.method.value,
        "kinks": scope.kinks.value,
        "every_width": scope.widths.every,
        "widths": {str(layer): units for layer, units in scope.widths.tried},
    }
    if scope.nonzero:
        found["nonzero"] = [ascii_text(expression) for expression in scope.nonzero]
    if proof.error_bound is not None:
        found["error_bound"] = str(proof.error_bound)
    return found


def _network(network: Model) -> dict[str, Any]:
    if isinstance(network, DefinedModel):
        return _table_of(network)
    assert isinstance(network, Network)
    return {
        "name": network.name,
        "first": str(network.first),
        "inputs": str(network.inputs),
        "layers": [
            {
                "units": str(layer.units),
                "activation": layer.activation.name,
                "slope": str(layer.activation.slope),
                **_formula(layer.activation),
                "bias": layer.bias,
            }
            for layer in network.layers
        ],
        **_cost(network.cost),
        "step_at_zero": str(network.step_at_zero),
    }


def _cost(cost: Cost | None) -> dict[str, str | None]:
    if cost is None:
        return {"cost": None}
    threshold = {"threshold": str(cost.threshold)} if cost.kind.has_threshold else {}
    return {"cost": cost.name, **threshold, **_formula(cost)}


def _formula(made: Activation | Cost) -> dict[str, str]:
    """The formula of an activation or a cost that is no row of the table."""
    return {} if made.formula is None else {"formula": ascii_text(made.formula)}
