"""Certificates read back: every equation is proved again from the text alone.

Neither the rules nor the order of backpropagation are needed, or imported, for that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sympy import Expr, Integer, Rational, S, Symbol

from derive.algebra.indices import index
from derive.documents.certificate import VERSION, stated_proof
from derive.documents.rule_names import CLAIMED, RULE_NAMES
from derive.errors import DeriveError, NetworkError
from derive.files.definitions_file import model_of
from derive.files.toml_tables import TomlTable, once
from derive.meaning.derivation import Equation
from derive.model.activations import ACTIVATIONS, Activation
from derive.model.costs import COSTS, Cost
from derive.model.literals import did_you_mean, shown
from derive.model.model import Model
from derive.model.network import Layer, Network
from derive.notation.ascii.formulas import read_condition, read_expression
from derive.processes import shared
from derive.proving import Kinks, Method, Proof, Status
from derive.proving.at_kinks import with_best_kinks
from derive.proving.chained import Said
from derive.proving.proof import weakest

#: The variable of the activations' own formulas, which is no quantity of the network.
_VARIABLES = ("z",)
#: What the parts of a certificate may hold.
_KEYS = {
    "the certificate": ("certificate", "networks", "groups"),
    "a network": (
        "name",
        "first",
        "inputs",
        "layers",
        "cost",
        "threshold",
        "formula",
        "step_at_zero",
    ),
    "a layer": ("units", "activation", "slope", "formula", "bias"),
    "a group": ("title", "network", "equations"),
    "an equation": (
        *("number", "lhs", "rhs", "where", "assuming", "rule", "rule_confirmed", "proof"),
    ),
    "a proof": (*("status", "method", "kinks", "every_width", "widths", "nonzero", "error_bound"),),
}
#: A bound of a Schwartz-Zippel proof: a fraction, below 2^-100.
_BOUND = re.compile(r"[0-9]{1,2000}/[0-9]{1,2000}")
_LARGEST_BOUND = Rational(1, 2**100)
#: A layer or a number of units that is a symbol: k, n_1, n_{k+1}.
_SYMBOL = re.compile(r"[A-Za-z][A-Za-z0-9]{0,19}(_([A-Za-z0-9]{1,20}|\{[A-Za-z0-9+\-]{1,20}\}))?")


@dataclass(frozen=True)
class Failure:
    """An equation of a certificate that was not proved again."""

    number: int
    equation: str
    reason: str


def verify_certificate(
    text: str,
    progress: Callable[[int, int], None] = lambda done, total: None,
    processes: int = 1,
) -> tuple[int, tuple[Failure, ...]]:
    """How many equations a certificate has, and those that could not be proved again.

    Those about stacks of layers are shared by so many `processes`.

    Raises:
        DeriveError: when the text is not a certificate; the message says where.
    """
    content = _json(text)
    networks = [_read_network(entry) for entry in _get(content, "networks", list)]
    equations = [
        (networks[_index(group, len(networks))], entry)
        for group in map(_group, _get(content, "groups", list))
        for entry in _get(group, "equations", list)
    ]
    for _, entry in equations:
        _check_equation(entry)
    if not equations:
        raise DeriveError("the certificate has no equations, so there is nothing to prove")
    said, total = Said(), len(equations)
    apart = all(isinstance(network, Network) for network in networks)
    found = shared(
        lambda equation: _failure(said, *equation),
        equations,
        processes if apart else 1,
        lambda done: progress(done, total),
    )
    return total, tuple(failure for failure in found if failure is not None)


def _group(entry: Any) -> Mapping[str, Any]:
    _check_keys(entry, "a group")
    _get(entry, "title", str)
    return entry


def _check_equation(entry: Any) -> None:
    """Refuse an equation that says what no certificate says, however true the equation is.

    Raises:
        DeriveError: one sentence with the number of the equation.
    """
    number = _get(entry, "number", int)
    try:
        _check_keys(entry, "an equation")
        if "rule" in entry:
            _known(_get(entry, "rule", str), {*RULE_NAMES, CLAIMED})
        if "rule_confirmed" in entry:
            _get(entry, "rule_confirmed", bool)
        if "proof" in entry:
            _check_proof(_get(entry, "proof", dict))
    except DeriveError as error:
        raise DeriveError(f"equation ({shown(number)}) of the certificate: {error}") from None


def _check_proof(proof: Mapping[str, Any]) -> None:
    """The method is known, and a bound stands where the method gives one, in its form.

    What else it says is held against the proof that is made again.
    """
    _check_keys(proof, "a proof")
    method = _known(_get(proof, "method", str), list(Method)) if "method" in proof else None
    if method != Method.SCHWARTZ_ZIPPEL:
        if "error_bound" in proof:
            raise DeriveError(f"only a proof by {Method.SCHWARTZ_ZIPPEL} has an error_bound")
        return
    bound = _get(proof, "error_bound", str)
    if not _BOUND.fullmatch(bound) or int(bound.split("/")[1]) == 0:
        raise DeriveError(f"an error_bound is a fraction such as 1/2, not {shown(bound)}")
    if not 0 < Rational(bound) < _LARGEST_BOUND:
        raise DeriveError("an error_bound lies between 0 and 1/2^100")


def _failure(said: Said, network: Model, entry: Mapping[str, Any]) -> Failure | None:
    number = _get(entry, "number", int)
    left_text, right_text = _get(entry, "lhs", str), _get(entry, "rhs", str)
    written = f"{left_text} = {right_text}"
    try:
        left, right = (_read(side, network) for side in (left_text, right_text))
        where = S.true
        if "where" in entry:
            where = read_condition(_get(entry, "where", str), network, names=_plain(network))
        given = _get(entry, "assuming", list) if "assuming" in entry else []
        assuming = tuple(_assumed(one, network) for one in given)
    except DeriveError as error:
        return Failure(number, written, f"cannot be read: {error}")
    proof = said.judge(network, left, right, where, assuming)
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
    found = stated_proof(proof)
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


def _read(text: str, network: Model) -> Expr:
    return read_expression(text, network, names=_plain(network))


def _plain(model: Model) -> tuple[str, ...]:
    """The names that are plain variables, unless a tensor is called so."""
    return tuple(name for name in _VARIABLES if name not in model.names)


def _assumed(text: Any, network: Model) -> Equation:
    """An assumption; only that the targets sum to 1 can be made in a certificate."""
    left, found, right = str(text).partition("=")
    if not found:
        raise DeriveError(f"an assumption is an equation, not {text!r}")
    equation = Equation(_read(left, network), _read(right, network))
    if not isinstance(network, Network):
        raise DeriveError("models from definitions assume nothing of their targets")
    bound = index("m")
    y = network.quantity("y", network.last, bound)
    if equation.rhs != 1 or not _same(equation.lhs, network.sum_over(network.last, bound, y)):
        raise DeriveError(f"a certificate may only assume that the targets sum to 1, not {text}")
    return equation


def _same(first: Expr, second: Expr) -> bool:
    return first == second or first.dummy_eq(second)


def _json(text: str) -> Mapping[str, Any]:
    try:
        content = json.loads(text, object_pairs_hook=once)
        json.dumps(content, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except NetworkError as error:
        raise DeriveError(f"the certificate is ambiguous: {error}") from None
    except RecursionError:
        raise DeriveError("this is not a certificate: its brackets are nested too deeply") from None
    except ValueError:
        raise DeriveError(
            "this is not a certificate: `derive report` writes one as a JSON file, and this "
            f"is {'empty' if not text.strip() else 'no JSON'}"
        ) from None
    if not isinstance(content, dict) or "certificate" not in content:
        raise DeriveError('this is not a certificate: it does not begin with "certificate"')
    if _get(content, "certificate", int) != VERSION:
        raise DeriveError(
            f"the certificate is of version {shown(content['certificate'])}, and this derive "
            f"reads version {VERSION}"
        )
    _check_keys(content, "the certificate")
    return content


def _check_keys(entry: Any, what: str) -> None:
    """Refuse keys that a certificate does not write."""
    for key in entry if isinstance(entry, dict) else ():
        if key not in _KEYS[what]:
            hint = did_you_mean(key, _KEYS[what])
            raise DeriveError(f"{what} has the key {shown(key)}, which means nothing{hint}")


def _get(entry: Any, key: str, kind: type) -> Any:
    value = entry.get(key) if isinstance(entry, dict) else None
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise DeriveError(f"{key!r} is missing, or is not {_CALLED[kind]}")
    return value


_CALLED = {
    int: "a whole number",
    str: "a text",
    bool: "true or false",
    list: "a list",
    dict: "an object",
}


def _index(group: Any, count: int) -> int:
    index = _get(group, "network", int)
    if not 0 <= index < count:
        raise DeriveError(f"the certificate names network {index}, and has {count}")
    return index


def _read_network(entry: Any) -> Model:
    try:
        return _network_of(entry)
    except DeriveError as error:
        raise DeriveError(f"a network of the certificate: {error}") from None


def _network_of(entry: Any) -> Model:
    if isinstance(entry, dict) and "definitions" in entry:
        return model_of(TomlTable("its definitions", "", entry), "model")  # pyright: ignore
    _check_keys(entry, "a network")
    layers = tuple(
        Layer(
            _size(_get(layer, "units", str)),
            _activation(layer),
            _get(layer, "bias", bool),
        )
        for layer in map(_layer, _get(entry, "layers", list))
    )
    first = _get(entry, "first", str)
    return Network(
        inputs=_size(_get(entry, "inputs", str)),
        layers=layers,
        cost=_cost_of(entry),
        step_at_zero=read_expression(_get(entry, "step_at_zero", str)),
        first=_whole_or_symbol(first, integer=True),
        name=_get(entry, "name", str),
    )


def _cost_of(entry: Mapping[str, Any]) -> Cost | None:
    if entry.get("cost") is None:
        return None
    if "formula" in entry:
        return Cost(formula=read_expression(_get(entry, "formula", str)))
    name = _known(_get(entry, "cost", str), COSTS)
    if not COSTS[name].has_threshold:
        return Cost(name)
    return Cost(name, read_expression(_get(entry, "threshold", str)))


def _activation(layer: Mapping[str, Any]) -> Activation:
    if "formula" in layer:
        return Activation(formula=read_expression(_get(layer, "formula", str)))
    return Activation(
        _known(_get(layer, "activation", str), ACTIVATIONS),
        read_expression(_get(layer, "slope", str)),
    )


def _layer(entry: Any) -> Mapping[str, Any]:
    _check_keys(entry, "a layer")
    return entry


def _size(text: str) -> Expr:
    return _whole_or_symbol(text, integer=True, positive=True)


def _whole_or_symbol(text: str, **assumptions: bool) -> Expr:
    if text.isascii() and text.isdecimal() and len(text) < 9:
        return Integer(text)
    if not _SYMBOL.fullmatch(text):
        raise DeriveError(f"{shown(text)} is neither a number of units or layer nor a symbol")
    return Symbol(text, **assumptions)


def _known(name: str, names: Collection[str]) -> str:
    if name not in names:
        hint = did_you_mean(name, names)
        raise DeriveError(f"{shown(name)} is not a name that derive writes there{hint}")
    return name
