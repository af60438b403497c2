"""Values and derivatives at a point against exact arithmetic in plain Python."""

from fractions import Fraction

import pytest
from sympy import Integer, Rational, S, Sum, Symbol, exp

from derive.activations import Activation
from derive.costs import COSTS
from derive.functions import ReLU, Step
from derive.indices import index
from derive.network import Layer, Network
from derive.quantities import Partial, Quantity
from derive.valuation import Valuation
from tests.networks import random_network

i, j = index("i"), index("j")
h0 = Symbol("h_0", real=True)

SEEDS = range(12)
LINEAR_PIECES = ("relu", "leaky_relu", "identity")


def fraction(value):
    return Fraction(int(value.p), int(value.q))


def forward(sample, given):
    """Pre-activations, outputs and cost of a piecewise linear network, in Fractions."""
    network = sample.network
    shape = Valuation(network, sample.widths, {})
    value = {entry: fraction(number) for entry, number in given.items()}

    def row(kind, layer):
        return [value[entry] for entry in shape.entries(kind, layer)]

    r = row("r", network.first)
    found = {}
    for number, layer in zip(network.layer_numbers[1:], network.layers, strict=True):
        weights, units = row("W", number - 1), shape.entries("z", number)
        n = len(units)
        z = [sum(r[a] * weights[a * n + b] for a in range(len(r))) for b in range(n)]
        if layer.bias:
            z = [a + b for a, b in zip(z, row("b", number - 1), strict=True)]
        slope = {"relu": 0, "identity": 1}.get(layer.activation.name)
        slope = fraction(layer.activation.slope) if slope is None else slope
        r = [v if v > 0 else slope * v for v in z]
        found |= dict(zip(units, z, strict=True))
        found |= dict(zip(shape.entries("r", number), r, strict=True))
    errors = [(a - b) ** 2 for a, b in zip(row("y", network.last), r, strict=True)]
    scale = {"half_squared_error": Fraction(1, 2), "mean_squared_error": Fraction(1, len(r))}
    return {**found, network.C: scale[network.cost.name] * sum(errors)}


def samples(cost="half_squared_error"):
    for seed in SEEDS:
        hidden = LINEAR_PIECES[seed % 3]
        any_width = seed % 2 == 1
        yield random_network(f"valuation {cost} {seed}", hidden, hidden, cost, any_width)


@pytest.mark.parametrize("cost", ["half_squared_error", "mean_squared_error"])
def test_forward_pass_is_exact(cost):
    for sample in samples(cost):
        values = sample.valuation.values
        for quantity, expected in forward(sample, sample.given).items():
            assert fraction(values[quantity]) == expected


@pytest.mark.parametrize("cost", ["half_squared_error", "mean_squared_error"])
def test_derivatives_are_exact(cost):
    """C is quadratic in one parameter near the point: a central difference is its derivative."""
    step = Rational(1, 10**12)
    for sample in samples(cost):
        valuation = sample.valuation
        for entry in list(sample.given)[::3]:
            if entry.kind == "y" or (entry.kind == "r" and entry.layer != 0):
                continue
            up, down = (
                forward(sample, {**sample.given, entry: sample.given[entry] + by})
                for by in (step, -step)
            )
            for of in (sample.network.C, *valuation.entries("z", sample.network.last)):
                slope = (up[of] - down[of]) / (2 * fraction(step))
                assert fraction(valuation.derivative(of, entry)) == slope


@pytest.mark.parametrize("h", [S.Zero, Rational(1, 2), S.One, h0], ids=str)
def test_the_gradient_at_a_kink_uses_the_convention(h):
    """z1 = 0, r2 = W1 r1: dC/dW0 = (r2 - y) W1 Step(0) x."""
    network = Network(1, (Layer(1), Layer(1, Activation("identity"))), step_at_zero=h)
    x, y, w0, w1 = (network.quantity(*place) for place in (("r", 0), ("y", 2), ("W", 0), ("W", 1)))
    given = {x: S(2), y: S(5), w0: S.Zero, w1: S(3)}
    valuation = Valuation(network, {}, given)
    assert valuation(network.quantity("z", 1)) == 0
    assert (valuation(Partial(network.C, w0)) - (0 - 5) * 3 * h * 2).expand() == 0
    assert valuation(Step(network.quantity("z", 1), h)) == h


def test_expressions_and_their_derivatives():
    network = Network(1, (Layer(1), Layer(1)))
    z1, z2, r1 = (Quantity(*place) for place in (("z", 1), ("z", 2), ("r", 1)))
    given = {
        Quantity("r", 0): S(2),
        Quantity("y", 2): S(1),
        Quantity("W", 0): S(3),
        Quantity("W", 1): S(-4),
    }
    at = Valuation(network, {}, given)
    assert at(z1 + 2 * z2) == 6 - 48
    assert at(Partial(z2, z1)) == -4
    assert at(Partial(z1, z2)) == 0
    assert at(Partial(z1 * r1, z1)) == 12
    assert at(Partial(z2**2, Quantity("W", 0))) == 2 * -24 * -4 * 2
    assert at(Partial(Quantity("U", 2), Quantity("r", 2))) == -1
    assert at(Partial(Quantity("y", 2), Quantity("W", 0))) == 0
    assert at(ReLU(z2)) == 0


def test_entries_row_by_row():
    network = Network(2, (Layer(3), Layer(1)))
    valuation = Valuation(network, {S(0): 2, S(1): 3}, {})
    assert [w.indices for w in valuation.entries("W", S(0))] == [
        (1, 1), (1, 2), (1, 3), (2, 1), (2, 2), (2, 3),
    ]  # fmt: skip
    assert [w.indices for w in valuation.entries("W", S(1))] == [(1,), (2,), (3,)]
    assert valuation.entries("C", S(2)) == [network.C]


def test_softmax_outputs_sum_to_one_and_depend_on_every_logit():
    network = Network(1, (Layer(3, Activation("softmax"), True),), cost=COSTS["cross_entropy"])
    shape = Valuation(network, {S(1): 3}, {})
    given = dict.fromkeys(shape.entries("W", S(0)), S(1))
    given |= {b: S(n) for n, b in enumerate(shape.entries("b", S(0)))}
    given |= dict.fromkeys(shape.entries("y", S(1)), Rational(1, 3)) | {Quantity("r", 0): S(2)}
    at = Valuation(network, {S(1): 3}, given)
    r, z = (lambda u: Quantity("r", 1, u)), (lambda u: Quantity("z", 1, u))
    assert at(Sum(r(i), (i, 1, 3))).simplify() == 1
    for one in range(1, 4):
        for other in range(1, 4):
            p, q = (exp(2 + u - 1) / (exp(2) + exp(3) + exp(4)) for u in (one, other))
            expected = p * (int(one == other) - q)
            value = at(Partial(r(i), z(j)), {i: Integer(one), j: Integer(other)})
            assert abs((value - expected).evalf(30)) < Rational(1, 10**25)


def test_a_generic_layer_takes_the_derivative_of_its_cost_as_given():
    k = Symbol("k", integer=True)
    network = Network(2, (Layer(1),), cost=None, first=k)
    given = {
        Quantity("r", k, 1): S(1),
        Quantity("r", k, 2): S(2),
        Quantity("W", k, 1): S(3),
        Quantity("W", k, 2): S(1),
        Partial(network.C, Quantity("r", k + 1)): S(7),
    }
    at = Valuation(network, {k: 2}, given)
    assert at(Partial(network.C, Quantity("W", k, i)), {i: Integer(2)}) == 14
    assert at(Partial(network.C, Quantity("r", k, i)), {i: Integer(1)}) == 21
