"""Networks that pairs are about, in the oracle's own words: chains of one unit a layer."""

from dataclasses import dataclass

from tests.oracle.terms import Term, read


@dataclass(frozen=True)
class Model:
    """What `derive` calls a network, the names that are given, and what defines the others."""

    network: str | None
    given: tuple[str, ...]
    definitions: dict[str, Term]


NOTHING = Model(None, (), {})


def _chain(network: str, activation: str, depth: int, given: tuple[str, ...] = ()) -> Model:
    """r_k = activation(z_k), z_k = W_(k-1) r_(k-1), and half the squared error."""
    definitions: dict[str, Term] = {}
    before = "x"
    for layer in range(1, depth + 1):
        definitions[f"z{layer}"] = read(f"W{layer - 1}*{before}")
        definitions[f"r{layer}"] = read(activation.replace("Z", f"z{layer}"))
        before = f"r{layer}"
    definitions["C"] = read(f"1/2*(y - {before})^2")
    weights = tuple(f"W{layer}" for layer in range(depth))
    return Model(network, ("x", "y", *weights, *given), definitions)


CHAINS = (
    _chain("one-layer-chain", "ReLU(Z)", 1),
    _chain("two-layer-chain", "ReLU(Z)", 2),
    _chain("sigmoid-chain", "sigmoid(Z)", 3),
    _chain("leaky-chain", "LeakyReLU(Z, alpha)", 3, ("alpha",)),
)
