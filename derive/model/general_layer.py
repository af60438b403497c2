"""One layer of a network of any size, from layer k to layer k + 1."""

from __future__ import annotations

from sympy import Symbol, symbols

from derive.model.network import Layer, Network


def general_network(network: Network) -> Network:
    """One layer (k) -> (k+1) of any width with the hidden activation of `network`, no cost."""
    hidden = network.layers[0]
    k = Symbol("k", integer=True)
    units, inputs = symbols("n_{k+1} n_k", integer=True, positive=True)
    bias = any(layer.bias for layer in network.layers)
    return Network(
        inputs=inputs,
        layers=(Layer(units, hidden.activation, bias),),
        cost=None,
        step_at_zero=network.step_at_zero,
        first=k,
        name="general-layer",
    )
