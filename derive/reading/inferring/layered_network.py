r"""A text about any layer, z^l = W^l a^{l-1} + b^l and a^l = \sigma(z^l): a stack of layers.

What holds for every layer is judged on three layers of any width.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from derive.files.network_table import network_from_toml
from derive.model.network import Network
from derive.reading.inferring.candidates import Candidate, collected
from derive.reading.inferring.names import Key, key_of
from derive.reading.inferring.nodes import Applied, Factors, Name, Node, Summed, TermSum

_ACTIVATIONS = {
    "\\sigma": "sigmoid",
    **dict.fromkeys(("sigmoid", "sigm"), "sigmoid"),
    **dict.fromkeys(("ReLU", "relu", "RELU", "Relu"), "relu"),
    "tanh": "tanh",
    "softplus": "softplus",
}
_LETTERS = ("l", "L", "k", "\\ell")


@dataclass(frozen=True)
class LayeredNetwork:
    """Stacks of layers that a text may speak of, alike but for their cost.

    Attributes:
        networks: one for each cost that it may have; without a cost in the text, one without.
        definitions: how a layer was read.
        places: the first characters of the equations that say so.
        cost: the equation for the cost, as the text has it.
    """

    networks: tuple[Network, ...]
    definitions: tuple[str, ...]
    places: frozenset[int]
    cost: str | None


def layered_network(text: str, kind: str) -> LayeredNetwork | None:
    """The stack of layers of which a text states a general one; None where it states none."""
    found = collected(text, kind).candidates
    affine = next((one for one in found if _affine(one) is not None), None)
    if affine is None:
        return None
    weights, outputs, bias = _affine(affine) or ("", "", None)
    activations = [*_activations(found, affine.key.base, outputs)]
    if not activations or any(not one[1] for one in activations):
        return None
    hidden = activations[0][1]
    symbols = {affine.key.base: "z", weights: "W", outputs: "r"}
    symbols |= {bias: "b"} if bias else {}
    cost = next((one for one in found if one.key.is_cost and not _is_about_samples(one)), None)
    bracketed = any(part.scripts.brackets for part in affine.right.walk() if isinstance(part, Name))
    notation = "ng" if bracketed else "nielsen"
    files = (_toml(hidden, one, notation, symbols, bool(bias)) for one in _COSTS)
    networks = tuple(network_from_toml(file, "text", "text") for file in files)
    if cost is None:  # any cost, of which nothing is known
        networks = (replace(networks[0], cost=None),)
    places = {affine.place, *(one.place for one, _ in activations)}
    places |= {cost.place} if cost else set()
    letter = affine.key.layer
    definitions = (
        f"z{{{letter}}} := W{{{letter}}} r{{{letter}-1}}" + (f" + b{{{letter}}}" if bias else ""),
        f"r{{{letter}}} := {hidden}(z{{{letter}}})",
    )
    return LayeredNetwork(networks, definitions, frozenset(places), cost.source if cost else None)


_COSTS = ("half_squared_error", "mean_squared_error", "binary_cross_entropy", "cross_entropy")


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
    letter, sign, number = layer[:1], layer[1:2], layer[2:]
    if letter not in _LETTERS or (sign and (sign not in "+-" or not number.isdigit())):
        return None
    return letter, int(f"{sign}{number}") if sign else 0


def _affine(one: Candidate) -> tuple[str, str, str | None] | None:
    """The names of weights, outputs and bias where an equation is z^l = W^l a^{l-1} + b^l."""
    at = _shift(one.key.layer)
    terms = one.right.terms if isinstance(one.right, TermSum) else (one.right,)
    signs = one.right.signs if isinstance(one.right, TermSum) else (1,)
    if at is None or one.letters or len(terms) > 2 or {*signs} != {1}:
        return None
    products = [term for term in terms if isinstance(term, Factors)]
    biases = [key_of(term)[0] for term in terms if isinstance(term, Name)]
    if len(products) != 1 or len(products) + len(biases) != len(terms):
        return None
    names = [key_of(part) for part in products[0].factors if isinstance(part, Name)]
    if len(names) != 2 or len(products[0].factors) != 2 or any(letters for _, letters in names):
        return None
    (weights, _), (outputs, _) = names
    before = (at[0], at[1] - 1)
    if _shift(weights.layer) != at or _shift(outputs.layer) != before:
        return None
    if any(_shift(bias.layer) != at for bias in biases):
        return None
    return weights.base, outputs.base, biases[0].base if biases else None


def _activations(
    found: tuple[Candidate, ...], sums: str, outputs: str
) -> Iterator[tuple[Candidate, str]]:
    """The equations a^l = f(z^l), each with its activation, "" for an unknown one."""
    functions = {one.key: one for one in found if one.argument is not None}
    for one in found:
        right = one.right
        if one.key.base != outputs or _shift(one.key.layer) is None or one.letters:
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


def _is_about_samples(one: Candidate) -> bool:
    """Whether a cost is a mean of costs."""
    return any(
        isinstance(part, Summed) and isinstance(part.body, Name) and key_of(part.body)[0].is_cost
        for part in one.right.walk()
    )
