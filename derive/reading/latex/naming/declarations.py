r"""Declarations such as "w_1" = "W0" or "a" = "r", read into a lexicon."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace

from sympy import Symbol

from derive.model.model import Model
from derive.model.network import Network
from derive.notation.notations import Notation
from derive.notation.quantity_names import NUMBER
from derive.reading.latex.lexical.problems import LatexError
from derive.reading.latex.naming.lexicon import Lexicon, key_of_name
from derive.reading.latex.naming.meanings import (
    COST_WORDS,
    DEFAULT,
    FunctionMeaning,
    Gradient,
    Key,
    KindName,
    Meaning,
    OneTensor,
    Plain,
)
from derive.reading.latex.naming.model_names import is_differentiated, model_lexicon

_TENSOR = re.compile(
    r"(?:(?P<kind>[Wbzr])(?:(?P<layer>[0-9]{1,4})|\{(?P<symbolic>[a-zA-Z0-9+\-]+)\})?"
    r"|(?P<fixed>yhat|x|y|U|C))(?:\[(?P<indices>[a-z0-9_]+(?:,[a-z0-9_]+)*)\])?"
)


#: L(y, yhat): the cost, and not the number of layers.
_OF_ARGUMENTS = re.compile(r"(?<![A-Za-z\\^_{])L\s*(?:\\left)?\s*\([^()=\n]{0,60}\\?hat")

_DERIVATIVE = re.compile(r"dC/d([^d]+)|d2C/d([^d]+)d([^d]+)")


_FUNCTIONS = frozenset(
    m.name for m in DEFAULT.values() if isinstance(m, FunctionMeaning) and m.name != "sigma"
)


def lexicon(
    network: Model, notation: Notation, names: Mapping[str, str], text: str = ""
) -> Lexicon:
    """The default names, those of the model, of the notation, and `names`, the last first.

    `text` is the document, which tells what it calls the objective.  A name that is none, or
    stands for nothing, is refused with a sentence that says so, and takes no other away.
    """
    if isinstance(network, Network):
        found = _network_lexicon(network, notation, text)
    else:
        found = model_lexicon(network, notation, text)
    spelled = {**notation.names, **network.symbols, **names}
    refused: list[str] = []
    for left, right in spelled.items():
        try:
            key = key_of_name(left)
            meaning = Plain(_variable(key)) if right == NUMBER else meaning_of(right, network)
        except LatexError as problem:
            refused.append(str(problem))
            found = found.without_default(left)
        else:
            found = found.bind(key, meaning)
    return replace(found, spelled=spelled, refused=tuple(refused))


def _network_lexicon(network: Network, notation: Notation, text: str) -> Lexicon:
    words = frozenset(word for word in (*DEFAULT, *COST_WORDS) if word.isalpha())
    cost = network.cost.name if network.cost is not None else None
    costs = [word for word, costs in COST_WORDS.items() if cost in costs]
    costs += ["L"] if is_differentiated("L", text) or _OF_ARGUMENTS.search(text) else []
    defaults = DEFAULT | dict.fromkeys(costs, KindName("C"))
    found = Lexicon(network, notation, defaults, words=words)
    for symbol in _symbols(network):
        found = found.bind(key_of_name(symbol.name), Plain(symbol))
    if any(symbol.name == "h_0" for symbol in _symbols(network)):
        found = found.bind(("h", "0", ""), Plain(Symbol("h_0", real=True)))
    return found


def _symbols(network: Network) -> Iterable[Symbol]:
    values = [network.inputs, network.step_at_zero]
    values += [*(layer.units for layer in network.layers), *network.hyperparameters]
    return dict.fromkeys(value for value in values if isinstance(value, Symbol))


def _variable(key: Key) -> Symbol:
    """The plain variable of a name: v_0 for v_{0}."""
    return Symbol("_".join(part.lstrip("\\") for part in key if part), real=True)


def meaning_of(target: str, network: Model) -> Meaning:
    """What the right side of a declaration stands for: W0, z1[j], dC/dW0, Step, phi, W.

    Raises:
        LatexError: when it is none of them, or the network does not have it.
    """
    name = target.replace(" ", "")
    if name in _FUNCTIONS:
        return FunctionMeaning(name)
    if name in ("delta", "dC/dz"):
        return KindName("delta")
    objective = "C" if isinstance(network, Network) else network.C.kind
    derivative = _DERIVATIVE.fullmatch(name.replace(f"d{objective}/d", "dC/d"))
    if derivative is not None:
        parts = [_tensor(part, target, network) for part in derivative.groups() if part]
        if all(isinstance(part, OneTensor) for part in parts):
            return Gradient(tuple(part for part in parts if isinstance(part, OneTensor)))
    return _tensor(name, target, network)


def _tensor(name: str, target: str, network: Model) -> OneTensor | KindName:
    if not isinstance(network, Network):
        return _of_model(name, target, network)
    found = _TENSOR.fullmatch(name)
    if found is None:
        raise LatexError(
            0,
            f"{target[:40]!r} is nothing that a name can stand for; write a quantity such as W0, "
            "z1[j], r2, dC/dW0, a family W, b, z or r, a function such as Step or phi, or number",
        )
    indices = tuple(found["indices"].split(",")) if found["indices"] else ()
    if found["fixed"]:
        layer = network.first if found["fixed"] == "x" else network.last
        if not indices:
            return KindName(found["fixed"])
        return OneTensor(
            {"x": "r", "yhat": "r"}.get(found["fixed"], found["fixed"]), layer, indices
        )
    if found["layer"] is None and found["symbolic"] is None:
        return KindName(found["kind"])
    written_layer = found["layer"] or found["symbolic"]
    for number in network.layer_numbers:
        if str(number).replace(" ", "") == written_layer:
            return OneTensor(found["kind"], number, indices)
    raise LatexError(0, f"{target[:40]!r} is not in this network")


def _of_model(name: str, target: str, model: Model) -> OneTensor:
    """A tensor of a model from definitions, perhaps at certain indices: WQ or S[t,s]."""
    head, _, rest = name.partition("[")
    if head not in model.names or (rest and not rest.endswith("]")):
        raise LatexError(0, f"{target[:40]!r} is not in this model, which has "
                            f"{', '.join(model.names)}")  # fmt: skip
    kind, layer = model.names[head]
    return OneTensor(kind, layer, tuple(rest[:-1].split(",")) if rest else ())
