"""The derivations of the built-in networks, verified once for all tests that look at them."""

from __future__ import annotations

from functools import cache

from derive import backpropagate, read_network, verify
from derive.deriving.verifying import Marks
from derive.meaning.derivation import Derivation

#: Built-in networks whose derivations are soon verified: a chain, biases, any layer, any widths.
QUICK = ("one-layer-chain", "two-layer-chain", "regression-2-3-1", "general-layer")


@cache
def verified(name: str) -> tuple[Derivation, tuple[Marks, ...]]:
    derivation = backpropagate(read_network(name))
    return derivation, tuple(verify(derivation))
