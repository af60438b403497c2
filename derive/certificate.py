"""Certificates: every equation of a derivation as text, with its proof, to be proved again.

The file is JSON; equations are in the ASCII notation.  `verify_certificate` reads one back
and proves every equation from the text alone: neither the rules nor the order of
backpropagation are needed, or imported, for that.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from sympy import Basic, Expr, Integer, S, Symbol

from derive.activations import ACTIVATIONS, Activation
from derive.ascii import ascii_text
from derive.costs import COSTS
from derive.derivation import Derivation, Equation, Line
from derive.errors import DeriveError
from derive.network import Layer, Network
from derive.proving import Kinks, Proof, Status, judge
from derive.proving.at_kinks import with_best_kinks
from derive.proving.proof import weakest
from derive.reading import read_condition, read_expression

VERSION = 1
#: The variable of the activations' own formulas, which is no quantity of the network.
_VARIABLES = ("z",)


class Verdict(Protocol):
    """What is known of a step: see `derive.verifying.Verdict`."""

    @property
    def proof(self) -> Proof: ...
    @property
    def rule_confirmed(self) -> bool: ...


@dataclass(frozen=True)
class Failure:
    """An equation of a certificate that was not proved again."""

    number: int
    equation: str
    reason: str


# -- writing -------------------------------------------------------------------------------


def certificate(derivation: Derivation, verdicts: Sequence[Verdict]) -> str:
    """The certificate of a derivation as JSON text."""
    networks: list[Network] = []
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


def _equation(network: Network, step: Line, verdict: Verdict) -> dict[str, Any]:
    def text(side: Basic) -> str:
        return ascii_text(side, at_zero=network.step_at_zero)

    found: dict[str, Any] = {"lhs": text(step.lhs), "rhs": text(step.rhs)}
    if step.where != S.true:
        found["where"] = text(step.where)
    if step.assuming:
        found["assuming"] = [f"{text(e.lhs)} = {text(e.rhs)}" for e in step.assuming]
    found["rule"] = step.rule
    found["rule_confirmed"] = verdict.rule_confirmed
    found["proof"] = _proof(verdict.proof)
    return found


def _proof(proof: Proof) -> dict[str, Any]:
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


def _network(network: Network) -> dict[str, Any]:
    return {
        "name": network.name,
        "first": str(network.first),
        "inputs": str(network.inputs),
        "layers": [
            {
                "units": str(layer.units),
                "activation": layer.activation.name,
                "slope": str(layer.activation.slope),
                "bias": layer.bias,
            }
            for layer in network.layers
        ],
        "cost": None if network.cost is None else network.cost.name,
        "step_at_zero": str(network.step_at_zero),
    }


# -- reading and proving again -------------------------------------------------------------


def verify_certificate(
    text: str, progress: Callable[[int, int], None] = lambda done, total: None
) -> tuple[int, tuple[Failure, ...]]:
    """How many equations a certificate has, and those that could not be proved again.

    Raises:
        DeriveError: when the text is not a certificate; the message says where.
    """
    content = _json(text)
    networks = [_read_network(entry) for entry in _get(content, "networks", list)]
    equations = [
        (networks[_index(group, len(networks))], entry)
        for group in _get(content, "groups", list)
        for entry in _get(group, "equations", list)
    ]
    if not equations:
        raise DeriveError("the certificate has no equations, so there is nothing to prove")
    failures: list[Failure] = []
    for done, (network, entry) in enumerate(equations, start=1):
        failure = _failure(network, entry)
        if failure is not None:
            failures.append(failure)
        progress(done, len(equations))
    return len(equations), tuple(failures)


def _failure(network: Network, entry: Mapping[str, Any]) -> Failure | None:
    number = _get(entry, "number", int)
    left_text, right_text = _get(entry, "lhs", str), _get(entry, "rhs", str)
    written = f"{left_text} = {right_text}"
    try:
        left, right = (_read(side, network) for side in (left_text, right_text))
        where = S.true
        if "where" in entry:
            where = read_condition(_get(entry, "where", str), network, names=_VARIABLES)
        given = _get(entry, "assuming", list) if "assuming" in entry else []
        assuming = tuple(_assumed(one, network) for one in given)
    except DeriveError as error:
        return Failure(number, written, f"cannot be read: {error}")
    proof = judge(network, left, right, where, assuming)
    if proof.status is Status.PROVED:
        more = _overclaimed(entry.get("proof"), proof)
        if more is not None:
            best = with_best_kinks(network, (left, right), where, proof)
            more = _overclaimed(entry.get("proof"), best)
        return None if more is None else Failure(number, written, more)
    point = proof.counterexample
    if point is None:
        return Failure(number, written, f"not proved: {proof.remark}")
    values = ", ".join(f"{name} = {value}" for name, value in point.values.items())
    return Failure(number, written, f"false at {values}: left {point.left}, right {point.right}")


def _overclaimed(claimed: Any, proof: Proof) -> str | None:
    """What a certificate says of a proof beyond what the same proof, made again, shows."""
    found = _proof(proof)
    said = claimed if isinstance(claimed, dict) else {}
    known = {kinks.value: kinks for kinks in Kinks}
    kinks = known.get(str(said.get("kinks")))
    shown = {
        "status": said.get("status") == found["status"],
        "kinks": kinks is not None and weakest([kinks, proof.scope.kinks]) is kinks,
        "every_width": said.get("every_width") in (False, found["every_width"]),
    }
    for key, is_shown in shown.items():
        if not is_shown:
            own = said.get(key)
            return f"proved, but with {key} {found[key]!r} where the certificate says {own!r}"
    return None


def _read(text: str, network: Network) -> Expr:
    return read_expression(text, network, names=_VARIABLES)


def _assumed(text: Any, network: Network) -> Equation:
    """An assumption; only that the targets sum to 1 can be made in a certificate."""
    left, found, right = str(text).partition("=")
    if not found:
        raise DeriveError(f"an assumption is an equation, not {text!r}")
    equation = Equation(_read(left, network), _read(right, network))
    bound = Symbol("m", integer=True, positive=True)
    y = network.quantity("y", network.last, bound)
    if equation.rhs != 1 or not _same(equation.lhs, network.sum_over(network.last, bound, y)):
        raise DeriveError(f"a certificate may only assume that the targets sum to 1, not {text}")
    return equation


def _same(first: Expr, second: Expr) -> bool:
    return first == second or first.dummy_eq(second)


def _json(text: str) -> Mapping[str, Any]:
    try:
        content = json.loads(text)
        json.dumps(content, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError) as error:
        raise DeriveError(f"this is not a certificate: {error}") from error
    if not isinstance(content, dict) or content.get("certificate") != VERSION:
        raise DeriveError(f'this is not a certificate: it has no "certificate": {VERSION}')
    return content


def _get(entry: Any, key: str, kind: type) -> Any:
    value = entry.get(key) if isinstance(entry, dict) else None
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise DeriveError(f"the certificate has no {kind.__name__} {key!r} where one belongs")
    return value


def _index(group: Any, count: int) -> int:
    index = _get(group, "network", int)
    if not 0 <= index < count:
        raise DeriveError(f"the certificate names network {index}, and has {count}")
    return index


def _read_network(entry: Any) -> Network:
    layers = tuple(
        Layer(
            _size(_get(layer, "units", str)),
            Activation(
                _known(_get(layer, "activation", str), ACTIVATIONS),
                read_expression(_get(layer, "slope", str)),
            ),
            _get(layer, "bias", bool),
        )
        for layer in _get(entry, "layers", list)
    )
    cost = entry.get("cost")
    first = _get(entry, "first", str)
    return Network(
        inputs=_size(_get(entry, "inputs", str)),
        layers=layers,
        cost=None if cost is None else COSTS[_known(str(cost), COSTS)],
        step_at_zero=read_expression(_get(entry, "step_at_zero", str)),
        first=Integer(first) if first.isdecimal() else Symbol(first, integer=True),
        name=_get(entry, "name", str),
    )


def _size(text: str) -> Expr:
    if text.isdecimal() and len(text) < 9:
        return Integer(text)
    return Symbol(text, integer=True, positive=True)


def _known(name: str, table: Mapping[str, Any]) -> str:
    if name not in table:
        raise DeriveError(f"the certificate names {name!r}; known are {', '.join(table)}")
    return name
