"""Guesses about what the author had in mind: another cost, another activation, half a Hessian."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from sympy import Expr, S

from derive.algebra.indices import fresh_index, index_symbols
from derive.algebra.quantities import Partial, Quantity
from derive.checking.diagnosing.mistakes import Guess, Mistake, Suspect
from derive.errors import NetworkError
from derive.model.activations import ACTIVATIONS, Activation
from derive.model.costs import COSTS, Cost
from derive.model.network import Layer, Network


def costs(suspect: Suspect) -> Iterator[Guess]:
    """The equation as it stands, for the same network with another cost."""
    network = suspect.stack
    for cost in map(Cost, COSTS):
        other = _with_cost(network, cost)
        if other is not None and not _is_same(network, cost):
            yield Guess(
                Mistake.OTHER_COST, suspect.left, suspect.right, other, repairs=False,
                details={"cost": cost.kind.title},
            )  # fmt: skip


def _with_cost(network: Network, cost: Cost) -> Network | None:
    if network.cost is None:
        return None
    try:
        return replace(network, cost=cost)
    except NetworkError:
        return None


def _is_same(network: Network, cost: Cost) -> bool:
    """Whether two costs cannot be told apart: with one output some are the same."""
    own, outputs = network.cost, network.width(network.last)
    if own is None or own == cost:
        return True
    both = own.kind.is_square and cost.kind.is_square
    return both and own.scale(outputs) == cost.scale(outputs)


def activations(suspect: Suspect) -> Iterator[Guess]:
    """The equation as it stands, with another activation in some or all layers."""
    network = suspect.stack
    depth = network.depth
    choices = [range(depth), range(depth - 1), range(depth - 1, depth)]
    for places in choices if depth > 1 else choices[:1]:
        for name in _likely():
            if name == "identity" and _all_kinked(network, places):
                continue  # that is what the network is where its units are active
            other = _with_activation(network, places, name)
            if other is not None and other != network:
                yield Guess(
                    Mistake.OTHER_ACTIVATION, suspect.left, suspect.right, other, repairs=False,
                    details={"activation": name, "layers": tuple(places), "depth": depth},
                )  # fmt: skip


def _likely() -> list[str]:
    """The activations that an author may have had in mind, the likeliest first."""
    likely = (kind for kind in ACTIVATIONS.values() if kind.likely_mistake)
    return [kind.name for kind in sorted(likely, key=lambda kind: kind.likely_mistake)]


def _all_kinked(network: Network, places: range) -> bool:
    return all(network.layers[place].activation.kind.kinks for place in places)


@lru_cache(maxsize=256)
def _with_activation(network: Network, places: range, name: str) -> Network | None:
    layers = list(network.layers)
    for place in places:
        layers[place] = Layer(layers[place].units, Activation(name), layers[place].bias)
    try:
        return replace(network, layers=tuple(layers))
    except NetworkError:
        return None


def second_order(suspect: Suspect) -> Iterator[Guess]:
    """Of d2C/da db only the Gauss-Newton part, or only the residual part.

    With o_m the outputs, or for cross-entropies the pre-activations of the last layer,
    d2C/da db = sum_mp d2C/do_m do_p do_m/da do_p/db + sum_m dC/do_m d2o_m/da db.
    """
    left, right, network = suspect.left, suspect.right, suspect.stack
    if not isinstance(left, Partial) or network.cost is None:
        return
    of, variables = left.unnested
    if of != network.C or len(variables) != 2:
        return
    for kind in ("z", "r") if network.cost.output else ("r", "z"):
        yield Guess(
            Mistake.GAUSS_NEWTON_ONLY, _gauss_newton(network, kind, variables), right,
            repairs=False,
        )  # fmt: skip
        yield Guess(
            Mistake.RESIDUAL_ONLY, _residual(network, kind, variables), right, repairs=False
        )


def _gauss_newton(network: Network, kind: str, variables: list[Quantity]) -> Expr:
    a, b = variables
    used = index_symbols(a) | index_symbols(b)
    m = fresh_index(used)
    p = fresh_index(used | {m})
    first, second = (network.quantity(kind, network.last, letter) for letter in (m, p))
    body = Partial(Partial(network.C, first), second) * Partial(first, a) * Partial(second, b)
    return network.sum_over(network.last, m, network.sum_over(network.last, p, body))


def _residual(network: Network, kind: str, variables: list[Quantity]) -> Expr:
    a, b = variables
    m = fresh_index(index_symbols(a) | index_symbols(b))
    output = network.quantity(kind, network.last, m)
    body = Partial(network.C, output) * Partial(Partial(output, a), b)
    return network.sum_over(network.last, m, body)


def zeros(suspect: Suspect) -> Iterator[Guess]:
    """Nothing is claimed where there is something: a block of the Hessian taken for 0.

    That the right side is 0 and the left side is not is all there is to confirm, so the
    guess is the trivial equation 0 = 0.
    """
    left = suspect.left
    if suspect.right != 0 or not isinstance(left, Partial):
        return
    _, variables = left.unnested
    same = len(variables) == 2 and variables[0].layer == variables[1].layer
    yield Guess(
        Mistake.SAME_LAYER_ZERO if same else Mistake.TAKEN_FOR_ZERO, S.Zero, S.Zero,
        repairs=False, details={"block": left},
    )  # fmt: skip
