r"""A text about any layer, z^l = W^l a^{l-1} + b^l and a^l = \sigma(z^l): a stack of layers.

What holds for every layer is judged on three layers of any width.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from derive.files.network_table import network_from_toml
from derive.model.network import Network
from derive.reading.inferring.candidates import Candidate, Collected, collected
from derive.reading.inferring.formulas.nodes import (
    Applied,
    Factors,
    Name,
    Summed,
    TermSum,
    Turned,
)
from derive.reading.inferring.known_costs import cost_in_words
from derive.reading.inferring.names import Key, key_of
from derive.reading.latex.syntax.tree import Node

_ACTIVATIONS = {
    "\\sigma": "sigmoid",
    **dict.fromkeys(("sigmoid", "sigm"), "sigmoid"),
    **dict.fromkeys(("ReLU", "relu", "RELU", "Relu"), "relu"),
    "tanh": "tanh",
    "softplus": "softplus",
}
_LETTERS = ("\\ell", "l", "L", "k", "n", "i")
_WEIGHTS = ("W", "w", "\\theta", "\\Theta", "\\omega")


_MACRO = re.compile(r"\\(?:(?:re)?newcommand|def|DeclareMathOperator)\b")
#: What stands for any activation f: nothing of the first order is true of it and its slope alone,
#: since z, log(1 + e^z) and its slope satisfy no algebraic equation.
_ANY = "softplus"
#: Those that an author may have in mind who names none; what holds for one of them is not wrong.
_OTHERS = ("sigmoid", "tanh", "relu")


@dataclass(frozen=True)
class LayeredNetwork:
    """Stacks of layers that a text may speak of, alike but for their cost.

    Attributes:
        networks: one for each cost that it may have, the last one without.
        others: those with another activation, where the text leaves it open.
        definitions: how a layer was read.
        places: the first characters of the equations that say so.
        cost: the equation for the cost, as the text has it, as a text with its macros.
        cost_place: the first character of that equation.
        worded: whether it names its cost in words alone.
    """

    networks: tuple[Network, ...]
    others: tuple[Network, ...]
    definitions: tuple[str, ...]
    places: frozenset[int]
    cost: str | None = None
    cost_place: int | None = None
    worded: bool = False


@dataclass(frozen=True)
class _Affine:
    """z^l = W^l a^{l-1} + b^l, or with W^{l-1} and b^{l-1}, by the names that it has."""

    weights: str
    outputs: str
    bias: str | None
    leaving: bool


def layered_networks(
    text: str, kind: str, elsewhere: tuple[Candidate, ...] = ()
) -> tuple[LayeredNetwork, ...]:
    """The stack of layers of which a text states a general one, for each way to number layers.

    None where it states none.

    Args:
        elsewhere: what other parts of a document define, where this one states no cost.
    """
    found = collected(text, kind)
    if not any(one.key.is_cost for one in found.candidates):
        costs = tuple(one for one in elsewhere if one.key.is_cost)
        found = replace(found, candidates=found.candidates + costs)
    affines = [(one, read) for one in found.candidates if (read := _affine(one)) is not None]
    if not affines:
        return ()
    affine, read = max(affines, key=lambda pair: pair[0].key.any_layer)
    notations = _notations(affine, read)
    if not _numbers_layers(found, {affine.key.base, read.weights, read.outputs}):
        notations = notations[:1]
    named = cost_in_words(text)
    networks = (_network(found.candidates, affine, read, notation, named) for notation in notations)
    macros = "\n".join(line for line in text.splitlines() if _MACRO.search(line))
    return tuple(
        one if one.cost is None else replace(one, cost=f"{macros}\n\n$${one.cost}$$")
        for one in networks
    )


def _network(
    found: tuple[Candidate, ...], affine: Candidate, read: _Affine, notation: str, named: str
) -> LayeredNetwork:
    """The stack with the costs that it may have: `named` is that of words, "" without."""
    activations = [*_activations(found, affine.key.base, read.outputs)]
    function, known = _activation(activations)
    symbols = {affine.key.base: "z", read.weights: "W", read.outputs: "r"}
    symbols |= {read.bias: "b"} if read.bias else {}
    symbols |= {function: "phi"} if function and function not in _ACTIVATIONS else {}
    cost = next((one for one in found if one.key.is_cost and not is_about_samples(one)), None)

    def network(activation: str, cost: str) -> Network:
        file = _toml(activation, cost, notation, symbols, bool(read.bias))
        return network_from_toml(file, "text", "text")

    costs = _COSTS if cost else (named,) if named else ()
    networks = [network(known or _ANY, one) for one in costs]
    without = replace(network(known or _ANY, _COSTS[0]), cost=None)
    others = () if known else tuple(network(one, _COSTS[0]) for one in _OTHERS)
    letter, bias = affine.key.layer, f" + b{{{affine.key.layer}}}" if read.bias else ""
    return LayeredNetwork(
        (*networks, without),
        tuple(replace(one, cost=None) for one in others),
        (
            f"z{{{letter}}} := W{{{letter}}} r{{{letter}-1}}{bias}",
            f"r{{{letter}}} := {known or function or 'f'}(z{{{letter}}})",
        ),
        frozenset({*_place(affine), *(one.place for one, _ in activations)}),
        cost.source if cost else None,
        cost.place if cost else None,
        bool(costs) and cost is None,
    )


def _notations(affine: Candidate, read: _Affine) -> tuple[str, ...]:
    """The conventions that layers may be numbered by, the likelier ones first."""
    if read.leaving:
        return ("derive", "ufldl")
    return ("ng", "nielsen") if _bracketed(affine) else ("nielsen", "ng")


def _numbers_layers(found: Collected, bases: set[str]) -> bool:
    """Whether a text speaks of layers by their numbers, such as a^{(1)} = x."""
    names = (node for side in found.sides for node in side.walk() if isinstance(node, Name))
    return any(key.base in bases and key.layer.isdigit() for key, _ in map(key_of, names))


def _bracketed(affine: Candidate) -> bool:
    """Whether layers stand in brackets."""
    return any(part.scripts.brackets for part in affine.right.walk() if isinstance(part, Name))


def _activation(stated: list[tuple[Candidate, str]]) -> tuple[str, str]:
    """What a text calls the activation, and which one it is, "" where it is left open.

    That of any layer comes before that of the last one.
    """
    ordered = sorted(stated, key=lambda pair: not pair[0].key.any_layer)
    for one, known in ordered:
        right = one.right
        return (right.name.text if isinstance(right, Applied) else ""), known
    return "", ""


_COSTS = (
    "half_squared_error",
    "mean_squared_error",
    "(r - y)^2",
    "binary_cross_entropy",
    "cross_entropy",
)


def _toml(hidden: str, cost: str, notation: str, symbols: dict[str, str], bias: bool) -> str:
    """The network file of three layers of any width."""
    output = {"binary_cross_entropy": "sigmoid", "cross_entropy": "softmax"}.get(cost, hidden)
    last = "1" if cost == "binary_cross_entropy" else '"n_3"'
    sizes = (('"n_1"', hidden), ('"n_2"', hidden), (last, output))
    layers = "".join(
        f'[[layers]]\nunits = {units}\nactivation = "{activation}"\nbias = {str(bias).lower()}\n'
        for units, activation in sizes
    )
    named = "".join(f"'{name}' = \"{kind}\"\n" for name, kind in symbols.items())
    head = f'name = "text"\ninputs = "n_0"\ncost = "{cost}"\nnotation = "{notation}"\n'
    return f"{head}{layers}[symbols]\n{named}"


def _shift(layer: str) -> tuple[str, int] | None:
    """The letter of a layer and how far it is from it: l-1 is (l, -1)."""
    letter = next((one for one in _LETTERS if layer.startswith(one)), "")
    sign, number = layer[len(letter) : len(letter) + 1], layer[len(letter) + 1 :]
    if not letter or (sign and (sign not in "+-" or not number.isdigit())):
        return None
    return letter, int(f"{sign}{number}") if sign else 0


def _affine(one: Candidate) -> _Affine | None:
    """How an equation reads z^l = W^l a^{l-1} + b^l, in matrix or in index form."""
    at = _shift(one.key.layer)
    terms = one.right.terms if isinstance(one.right, TermSum) else (one.right,)
    signs = one.right.signs if isinstance(one.right, TermSum) else (1,)
    if at is None or len(terms) > 2 or {*signs} != {1}:
        return None
    products = [product for term in terms if (product := _product(term)) is not None]
    biases = [key_of(term)[0] for term in terms if isinstance(term, Name)]
    if len(products) != 1 or len(products) + len(biases) != len(terms):
        return None
    names = [key_of(part) for part in map(_upright, products[0].factors) if isinstance(part, Name)]
    if len(names) != 2 or len(products[0].factors) != 2:
        return None
    (weights, indices), (outputs, index) = sorted(names, key=_is_output)
    if (
        len(one.letters) > 1
        or len(indices) != 2 * len(one.letters)
        or len(index) != len(one.letters)
    ):
        return None
    before = (at[0], at[1] - 1)
    leaving = _shift(weights.layer) == before
    if _shift(outputs.layer) != before or _shift(weights.layer) not in (at, before):
        return None
    if any(_shift(bias.layer) != _shift(weights.layer) for bias in biases):
        return None
    return _Affine(weights.base, outputs.base, biases[0].base if biases else None, leaving)


def _place(affine: Candidate) -> tuple[int, ...]:
    """Where a layer is defined, unless by a slip of letters: z_j = sum_j w_jk a_k + b_j."""
    sums = (part for part in affine.right.walk() if isinstance(part, Summed))
    slips = any({*one.letters} & {*affine.letters} for one in sums)
    return () if slips else (affine.place,)


def _product(term: Node) -> Factors | None:
    body = term.body if isinstance(term, Summed) else term
    return body if isinstance(body, Factors) else None


def _upright(node: Node) -> Node:
    return node.of if isinstance(node, Turned) else node


def _is_output(name: tuple[Key, tuple[str, ...]]) -> bool:
    """Whether a factor beside weights is what they multiply."""
    return name[0].role != "parameter" and name[0].base not in _WEIGHTS


def _activations(
    found: tuple[Candidate, ...], sums: str, outputs: str
) -> Iterator[tuple[Candidate, str]]:
    """The equations a^l = f(z^l), each with its activation, "" for an unknown one."""
    functions = {one.key: one for one in found if one.argument is not None}
    for one in found:
        right = one.right
        if one.key.base != outputs or _shift(one.key.layer) is None:
            continue
        if isinstance(right, Applied) and [*map(_base, right.arguments)] == [sums]:
            name = right.name.text
            given = functions.get(Key(name))
            known = _ACTIVATIONS.get(name) or (_named(given) if given else "")
            yield one, known


def _base(node: Node) -> str:
    return node.text if isinstance(node, Name) else ""


def _named(function: Candidate) -> str:
    """The activation that f(z) = tanh(z) gives f."""
    right = function.right
    if isinstance(right, Applied) and [*map(_base, right.arguments)] == [
        function.argument.base if function.argument else ""
    ]:
        return _ACTIVATIONS.get(right.name.text, "")
    return ""


def is_about_samples(one: Candidate) -> bool:
    """Whether a cost is a mean of costs."""
    return any(
        isinstance(part, Summed) and isinstance(part.body, Name) and key_of(part.body)[0].is_cost
        for part in one.right.walk()
    )
