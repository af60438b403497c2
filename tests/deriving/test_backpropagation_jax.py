"""The derived gradients against automatic differentiation, on random networks."""

from itertools import product

import jax
import numpy as np
import pytest
from jax import numpy as jnp
from sympy import Float, Integer, S

from derive.algebra.indices import index_symbols
from derive.algebra.quantities import Partial
from derive.deriving.first_order import backpropagate
from derive.meaning.valuation import Valuation
from derive.model.instances import free_axes
from tests.networks import HIDDEN, random_network
from tests.sweeps import sweep

jax.config.update("jax_enable_x64", True)

ACTIVATIONS = {
    "relu": lambda z, slope: jax.nn.relu(z),
    "leaky_relu": lambda z, slope: jnp.where(z > 0, z, slope * z),
    "identity": lambda z, slope: z,
    "sigmoid": lambda z, slope: jax.nn.sigmoid(z),
    "tanh": lambda z, slope: jnp.tanh(z),
    "softplus": lambda z, slope: jax.nn.softplus(z),
    "silu": lambda z, slope: jax.nn.silu(z),
    "elu": lambda z, slope: jnp.where(z > 0, z, slope * (jnp.exp(z) - 1)),
    "softmax": lambda z, slope: jax.nn.softmax(z),
}

COSTS = {
    "half_squared_error": lambda r, y: 0.5 * jnp.sum((y - r) ** 2),
    "mean_squared_error": lambda r, y: jnp.mean((y - r) ** 2),
    "cross_entropy": lambda r, y: -jnp.sum(y * jnp.log(r)),
    "binary_cross_entropy": lambda r, y: -jnp.sum(y * jnp.log(r) + (1 - y) * jnp.log(1 - r)),
}


def arrays(sample):
    """Everything given as float64 arrays, by kind and layer number."""
    shape = Valuation(sample.network, sample.widths, {})
    network = sample.network
    groups = [("r", network.first), *network.parameter_groups, ("y", network.last)]
    found = {}
    for kind, layer in groups:
        entries = [float(sample.given[entry]) for entry in shape.entries(kind, layer)]
        widths = [sample.widths.get(axis, 1) for axis in network.slots(kind, layer)]
        found[kind, int(layer)] = np.array(entries).reshape(widths)
    return found


def cost(variables, given, network):
    """C, with z^(k) and r^(k) moved by the variables of those names."""
    r = given["r", 0] + variables["r", 0]
    for k, layer in enumerate(network.layers):
        z = r @ variables["W", k] + variables["z", k + 1]
        if layer.bias:
            z = z + variables["b", k]
        r = ACTIVATIONS[layer.activation.name](z, float(layer.activation.slope))
        r = r + variables["r", k + 1]
    return COSTS[network.cost.name](r, given["y", network.depth])


def gradients(sample):
    """dC/d(every parameter, pre-activation and output), by kind and layer number."""
    network, given = sample.network, arrays(sample)
    variables = {key: value for key, value in given.items() if key[0] in "Wb"}
    for number in network.layer_numbers:
        zeros = np.zeros(sample.widths.get(number, 1))
        variables["z", int(number)] = variables["r", int(number)] = zeros
    # Compiled as a whole, which takes less time than every operation of it for every shape.
    return jax.jit(lambda at: jax.grad(cost)(at, given, network))(variables)


def derived(network):
    """The end of every chain that derives a dC/dv, with where it is stated."""
    for group in backpropagate(network).groups:
        if group.network is not network:
            continue
        for chain in group.chains:
            start = chain[0].lhs
            if isinstance(start, Partial) and start.of == network.C and start.wrt.kind in "Wbzr":
                yield group.title, start, chain[-1].rhs, chain[-1].where


def some_units(sample, start):
    """Some units for the free indices: the first, the last and one between."""
    axes = free_axes(sample.network, start)
    choices = list(product(*(range(1, sample.widths[layer] + 1) for layer in axes.values())))
    picked = {choices[0], choices[-1], choices[len(choices) // 2]}
    for units in sorted(picked):
        yield dict(zip(axes, map(Integer, units), strict=True))


def compared(sample):
    """How many derived equations of each group were compared with jax, entry by entry."""
    network = sample.network
    given = {q: Float(v, 30) for q, v in sample.given.items()}
    valuation = Valuation(network, sample.widths, given)
    reference = gradients(sample)
    counts = {}
    for title, start, right, where in derived(network):
        for free in some_units(sample, start):
            if where != S.true and valuation(where, free) != S.true:
                continue
            units = [int(free.get(i, i)) for i in start.wrt.indices]
            axes = network.slots(start.wrt.kind, start.wrt.layer)
            place = iter(units)
            position = tuple(next(place) - 1 if network.has_index(a) else 0 for a in axes)
            expected = float(reference[start.wrt.kind, int(start.wrt.layer)][position])
            value = valuation(right, free)
            assert not index_symbols(value)
            assert float(value) == pytest.approx(expected, rel=1e-9, abs=1e-11), (title, start)
            counts[title] = counts.get(title, 0) + 1
    return counts


SQUARED = [
    (hidden, hidden, cost_name)
    for hidden in HIDDEN
    for cost_name in ("half_squared_error", "mean_squared_error")
]
LINEAR_OUTPUT = [
    ("relu", "identity", "half_squared_error"),
    ("tanh", "softplus", "half_squared_error"),
]
ENTROPIES = [(hidden, "softmax", "cross_entropy") for hidden in HIDDEN] + [
    (hidden, "sigmoid", "binary_cross_entropy") for hidden in HIDDEN
]
#: An activation with kinks and two without, each with another cost.
ALWAYS = [
    ("relu", "identity", "half_squared_error"),
    ("leaky_relu", "softmax", "cross_entropy"),
    ("sigmoid", "sigmoid", "mean_squared_error"),
]


@pytest.mark.parametrize("any_width", [False, True], ids=["these widths", "any width"])
@pytest.mark.parametrize("seed", sweep(range(2), [0]))
@pytest.mark.parametrize(
    ("hidden", "output", "cost_name"),
    sweep(SQUARED + LINEAR_OUTPUT + ENTROPIES, ALWAYS),
    ids=str,
)
def test_gradient(hidden, output, cost_name, seed, any_width):
    key = f"{hidden} {output} {cost_name} {seed} {any_width}"
    sample = random_network(key, hidden, output, cost_name, any_width)
    counts = compared(sample)
    assert counts["layer"] >= 2 * sample.network.depth
    assert counts["resolved_gradients"] >= sample.network.depth
