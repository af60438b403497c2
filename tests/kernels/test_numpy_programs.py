"""NumPy programs give what `evaluate` gives: every built-in network, kinks, dead networks."""

import timeit
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from sympy import Integer, Rational, Symbol

from derive import Model, code, read_network
from derive.model.network import Network
from tests.evaluating.test_evaluating import KINDS, point_of
from tests.evaluating.test_second_order_values import kinky
from tests.kernels.running import compared, program
from tests.networks import random_network
from tests.sweeps import sampled, sweep

BUILT_IN = (
    "one-layer-chain",
    "two-layer-chain",
    "three-layer-chain",
    "two-layer-general",
    "regression-2-3-1",
    "deep-relu",
    "leaky-chain",
    "sigmoid-chain",
    "softmax-classifier",
    "binary-classifier",
)
OTHERS = (
    {"activation": "elu", "slope": "1/2", "cost": "huber"},
    {"activation": "gelu", "cost": "absolute_error"},
    {"activation": "silu", "cost": "(y-r)^4"},
    {"activation": "cases(z^2 if z > 1; z if z <= 1)", "output_activation": "identity"},
)
CLOSE = 1e-11


def sized(network: Network) -> Network:
    """The network with numbers for widths, slopes and Step(0) that are symbols."""
    counts = iter((3, 4, 2, 3, 2))

    def number(value, other):
        return other if isinstance(value, Symbol) else value

    inputs = number(network.inputs, Integer(next(counts)))
    layers = []
    for layer in network.layers:
        slope = number(layer.activation.slope, Rational(1, 4))
        activation = replace(layer.activation, slope=slope)
        units = number(layer.units, Integer(next(counts)))
        layers.append(replace(layer, units=units, activation=activation))
    at_zero = number(network.step_at_zero, Rational(1, 3))
    return replace(network, inputs=inputs, layers=tuple(layers), step_at_zero=at_zero)


def small_point(network, seed, samples):
    """A point of halves and small integers, at which pre-activations often are 0."""
    source = Random(seed)
    widths = [int(network.width(n)) for n in network.layer_numbers]

    def row(count):
        return tuple(Rational(source.randint(-2, 2), source.choice((1, 2))) for _ in range(count))

    def target():
        if network.cost.output == "softmax":
            chosen = source.randrange(widths[-1])
            return tuple(Integer(unit == chosen) for unit in range(widths[-1]))
        if network.cost.output == "sigmoid":
            return tuple(Integer(source.randint(0, 1)) for _ in range(widths[-1]))
        return row(widths[-1])

    point = {"samples": [{"x": row(widths[0]), "y": target()} for _ in range(samples)]}
    for kind, source_layer in network.parameter_groups:
        rows, columns = widths[int(source_layer)], widths[int(source_layer) + 1]
        weights = tuple(row(columns) for _ in range(rows))
        point[f"{kind}{source_layer}"] = weights if kind == "W" else row(columns)
    return point


@pytest.mark.parametrize("samples", sweep([1, 3], [3]))
@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in_networks(name, samples):
    network = sized(read_network(name))
    assert compared(network, small_point(network, name, samples)) < CLOSE


@pytest.mark.parametrize("options", sampled(OTHERS, every=3), ids=str)
def test_other_activations_and_costs(options):
    network = read_network("2-3-2", bias=True, **options)
    assert compared(network, small_point(network, str(options), 2)) < CLOSE


def test_costs_of_samples_are_averaged_where_the_network_says_so():
    network = replace(read_network("2-3-2", bias=True), reduction="mean")
    assert compared(network, small_point(network, "mean", 3)) < CLOSE


@pytest.mark.parametrize("seed", sweep(range(4), [3]))
@pytest.mark.parametrize(("hidden", "output", "cost"), sampled(KINDS, every=5), ids=str)
def test_random_networks(hidden, output, cost, seed):
    sample = random_network(f"kernel {hidden} {output} {cost} {seed}", hidden, output, cost)
    assert compared(sample.network, point_of(sample)) < CLOSE


@pytest.mark.parametrize("seeds", sweep([3, 20], [3]))
@pytest.mark.parametrize("at_zero", sweep([0, 1, Rational(1, 2)], [Rational(1, 2)]))
def test_kinks(at_zero, seeds):
    for seed in range(seeds):
        network, point = kinky(seed, at_zero)
        assert compared(network, point) < CLOSE


def test_a_dead_network():
    """Every unit off: nothing but the cost is left."""
    network = read_network("2-2-1", bias=True)
    point = {"x": (1, 1), "y": (1,), "W0": ((1, 1), (1, 1)), "b0": (-5, -7), "W1": ((1,), (1,))}
    assert compared(network, point | {"b1": (-1,)}) == 0


def test_symbols_are_arguments():
    network = read_network("2-2-1", activation="leaky_relu", slope="alpha", at_zero="h0")
    point = {"x": (1, -1), "y": (1,), "W0": ((1, 2), (1, -1)), "W1": ((1,), (-3,))}
    numbers = {"alpha": 0.25, "h0": 0.5}
    layers = (
        replace(one, activation=replace(one.activation, slope=Rational(1, 4)))
        for one in network.layers
    )
    exact = replace(network, layers=tuple(layers), step_at_zero=Rational(1, 2))
    assert compared(network, point, exact=exact, **numbers) < CLOSE


@pytest.mark.parametrize("target", ["numpy", "jax", "torch"])
def test_each_step_is_computed_once_in_a_function(target):
    """Three layers of ReLU have three arrays Step(z), wherever they are used."""
    text = code("3-4-3-2", target, 2)
    call = "heaviside(z" if target == "jax" else " step(z"
    for function in ("cost_and_gradient", "hessian_vector_product", "hessian"):
        own = text.partition(f"def {function}(")[2].partition("\ndef ")[0]
        assert [own.count(f"{call}{layer}, 0)") for layer in (1, 2, 3)] == [1, 1, 1]


def test_a_tensor_of_the_name_of_a_step_keeps_its_name():
    text = "parameter z[N], step_z[N]\nC := sum(n, ReLU(z[n])^2*step_z[n])"
    functions = program(Model.from_definitions(text))
    z, other = np.array([1.0, -2.0]), np.array([3.0, 5.0])
    assert functions["cost_and_gradient"](z, other)[1].tolist() == [6, 0]
    assert functions["hessian"](z, other).tolist() == [
        [6, 0, 2, 0], [0, 0, 0, 0], [2, 0, 0, 0], [0, 0, 0, 0]
    ]  # fmt: skip


@pytest.mark.parametrize("at_zero", ["0", "1/2", "1"])
def test_the_step_of_a_program_is_that_of_numpy_in_each_type(at_zero):
    step = program(read_network("2-2", at_zero=at_zero), 1)["step"]
    value = float(Rational(at_zero))
    for z in (np.array([-2.0, 0.0, 3.0]), np.float32([0, 1]), np.array([0, -1]), 0.0, np.inf):
        found, wanted = step(z, value), np.heaviside(z, value)
        assert np.array_equal(found, wanted)
        assert found.dtype == (np.float32 if getattr(z, "dtype", "") == "float32" else np.float64)


def test_the_step_of_many_numbers_is_fast():
    """np.heaviside takes fifty times as long where signs change at random."""
    z = np.random.default_rng(0).normal(size=100_000)
    step = program(read_network("2-2"), 1)["step"]
    ours = min(timeit.repeat(lambda: step(z, 0), number=3, repeat=5))
    theirs = min(timeit.repeat(lambda: np.heaviside(z, 0), number=3, repeat=5))
    assert 3 * ours < theirs
