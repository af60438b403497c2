"""Values and derivatives at a point against exact arithmetic in plain Python."""

from fractions import Fraction
from itertools import product
from random import Random

import pytest
from sympy import Add, Float, Integer, Rational, S, Sum, Symbol, Tuple, exp

from derive import prove
from derive.algebra.functions import ReLU, Step
from derive.algebra.indices import index
from derive.algebra.quantities import DIRECTIONS, Partial, Quantity
from derive.evaluating.evaluate import evaluate
from derive.files.network_file import read_network
from derive.meaning.composites import work_out
from derive.meaning.unfolding import unfold
from derive.meaning.valuation import Valuation
from derive.model.activations import Activation
from derive.model.costs import Cost
from derive.model.network import Layer, Network
from derive.notation.ascii.formulas import read_expression
from derive.proving import Status
from derive.proving.points.search import difference
from tests.evaluating.test_evaluating import point_of
from tests.networks import Sample, random_network, random_values
from tests.sweeps import sampled, sweep, thorough

i, j, s, t = (index(letter) for letter in "ijst")
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


@pytest.mark.parametrize("every", sweep([3, 12], [12]))
@pytest.mark.parametrize(
    "cost", sweep(["half_squared_error", "mean_squared_error"], ["half_squared_error"])
)
def test_derivatives_are_exact(cost, every):
    """C is quadratic in one parameter near the point: a central difference is its derivative."""
    step = Rational(1, 10**12)
    for sample in samples(cost):
        valuation = sample.valuation
        for entry in list(sample.given)[::every]:
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
    network = Network(1, (Layer(3, Activation("softmax"), True),), cost=Cost("cross_entropy"))
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


# -- second derivatives --------------------------------------------------------------------


def parameters(sample):
    return [
        e for group in sample.network.parameter_groups for e in sample.valuation.entries(*group)
    ]


@pytest.mark.parametrize("seed", sweep(range(3), [0]))
@pytest.mark.parametrize("cost", ["half_squared_error", "mean_squared_error"])
@pytest.mark.parametrize("hidden", sweep(LINEAR_PIECES, ["relu", "leaky_relu"]))
def test_second_derivatives_are_exact(hidden, cost, seed):
    """Every pair of parameters, against the closed formulas of `evaluate`."""
    sample = random_network(f"second {hidden} {cost} {seed}", hidden, "relu", cost, largest=3)
    hessian = evaluate(sample.network, point_of(sample), order=2).hessian
    at, places = sample.valuation, list(enumerate(parameters(sample)))
    for (p, one), (q, other) in product(places, places[::2]):
        assert at(Partial(Partial(sample.network.C, one), other)) == hessian[p][q]


@pytest.mark.parametrize(
    ("hidden", "output", "cost"),
    [
        ("tanh", "softmax", "cross_entropy"),
        thorough(("softplus", "sigmoid", "binary_cross_entropy")),
        ("sigmoid", "tanh", "mean_squared_error"),
    ],
)
def test_second_derivatives_of_smooth_networks(hidden, output, cost):
    sample = random_network(f"smooth second {hidden}", hidden, output, cost, largest=3)
    hessian = evaluate(sample.network, point_of(sample), order=2).hessian
    at = sample.valuation.at({q: Float(v, 60) for q, v in sample.given.items()})
    for (p, one), (q, other) in product(enumerate(parameters(sample)), repeat=2):
        value = at(Partial(Partial(sample.network.C, one), other))
        assert abs(value - hessian[p][q]) < Rational(1, 10**27)


SECOND = [
    Partial(Partial(Quantity("C", 2), Quantity("W", 0, i, j)), Quantity("W", 1, s, t)),
    Partial(Partial(Quantity("C", 2), Quantity("W", 1, s, t)), Quantity("W", 0, i, j)),
    Partial(Partial(Quantity("C", 2), Quantity("z", 1, i)), Quantity("z", 1, j)),
    Partial(Partial(Quantity("C", 2), Quantity("z", 1, i)), Quantity("z", 2, s)),
    Partial(Partial(Quantity("C", 2), Quantity("z", 2, s)), Quantity("z", 1, i)),
    Partial(Partial(Quantity("C", 2), Quantity("W", 1, s, t)), Quantity("r", 1, i)),
    Partial(Partial(Quantity("C", 2), Quantity("r", 1, i)), Quantity("W", 1, s, t)),
    Partial(Partial(Quantity("r", 2, i), Quantity("W", 0, s, j)), Quantity("W", 1, t, i)),
    Partial(Quantity("z", 1, j) * Partial(Quantity("C", 2), Quantity("z", 1, j)),
            Quantity("W", 0, i, s)),
    Partial(Partial(Quantity("C", 2), Quantity("r", 2, i)) ** 2, Quantity("W", 0, s, t)),
    Partial(Partial(Quantity("z", 1, j) * Quantity("r", 2, i), Quantity("W", 0, s, j)),
            Quantity("W", 1, t, i)),
]  # fmt: skip


@pytest.mark.parametrize(
    ("output", "expression"),
    sampled([("relu", of) for of in SECOND], every=2)
    + sampled([("softmax", of) for of in SECOND[9:0:-2]], every=5),
    ids=str,
)
def test_second_derivatives_agree_with_the_judges_own_unfolding(output, expression):
    """Unfolded down to inputs and parameters there is no derivative left to value."""
    cost = "cross_entropy" if output == "softmax" else "half_squared_error"
    layers = (Layer(2, Activation("tanh" if output == "softmax" else "relu"), True),
              Layer(2, Activation(output)))  # fmt: skip
    network = Network(2, layers, Cost(cost))
    widths = {S(0): 2, S(1): 2, S(2): 2}
    form = work_out(network, Tuple(expression, S.Zero))
    while (unfolded := unfold(network, form)) is not None:
        form = work_out(network, unfolded)
    assert not form.has(Partial)
    values = random_values(Random(str(expression)), network, widths)
    at = Valuation(network, widths, {q: Float(v, 40) for q, v in values.items()})
    for units in ((1, 1, 1, 1), (1, 2, 2, 1), (2, 1, 1, 2)):
        free = dict(zip((i, j, s, t), map(Integer, units), strict=True))
        assert abs(at(expression, free) - at(form.args[0], free)) < Rational(1, 10**30)


def test_derivatives_of_formulas_with_derivatives():
    """d/dz1 [z1 dC/dz1] = dC/dz1 + z1 d2C/dz1^2, and what comes before z1 stays."""
    network = read_network("1-1-1")
    given = {
        Quantity("r", 0): S(2), Quantity("y", 2): S(1),
        Quantity("W", 0): S(3), Quantity("W", 1): S(5),
    }  # fmt: skip
    at = Valuation(network, {}, given)
    C, z1, z2, w0 = network.C, Quantity("z", 1), Quantity("z", 2), Quantity("W", 0)
    slope, bend = 5 * (30 - 1), 25
    assert at(Partial(C, z1)) == slope
    assert at(Partial(Partial(C, z1), z1)) == bend
    assert at(Partial(z1 * Partial(C, z1), z1)) == slope + 6 * bend
    assert at(Partial(w0 * Partial(C, z1), z1)) == 3 * bend
    assert at(Partial(w0 * Partial(C, z1), w0)) == slope + 3 * bend * 2
    assert at(Partial(Partial(C, w0), w0)) == bend * 4
    assert at(Partial(Partial(z2, z1), Quantity("W", 1))) == 1
    assert at(Partial(Partial(z2, z1), w0)) == 0


def test_third_derivatives():
    """Of C = (P - y)^2 / 2 with P = x w0 w1 w2: (4 P - y) P / (w0 w1 w2)."""
    network = read_network("1-1-1-1")
    w = [Quantity("W", k) for k in range(3)]
    given = dict(zip(w, map(S, (2, 3, 5)), strict=True))
    given |= {Quantity("r", 0): S(7), Quantity("y", 3): S(11)}
    at = Valuation(network, {}, given)
    assert at(Partial(Partial(Partial(network.C, w[0]), w[1]), w[2])) == (4 * 210 - 11) * 7
    assert at(Partial(Partial(Partial(network.C, w[2]), w[2]), w[0])) == 2 * 210**2 // (25 * 2)


@pytest.mark.parametrize("depth", sweep([50, 120], [50]))
def test_second_derivatives_of_a_deep_network(depth):
    """No recursion, and a number of steps that grows with the depth alone."""
    network = read_network("-".join("1" * (depth + 1)))
    given = {Quantity("W", k): S.One for k in range(depth)}
    at = Valuation(network, {}, given | {Quantity("r", 0): S.One, Quantity("y", depth): S(5)})
    first, last = Quantity("W", 0), Quantity("W", depth - 1)
    assert at(Partial(Partial(network.C, first), last)) == 2 - 5
    assert at(Partial(Partial(network.C, last), first)) == 2 - 5


def test_second_derivatives_of_an_unspecified_cost_are_unknown_unless_given():
    network = Network(1, (Layer(1, Activation("identity")),), cost=None)
    r1, w = Quantity("r", 1), Quantity("W", 0)
    given = {Quantity("r", 0): S(3), w: S(2), Partial(network.C, r1): S(7)}
    unknown = Partial(Partial(network.C, r1), r1)
    second = Partial(Partial(network.C, w), w)
    at = Valuation(network, {}, given)
    assert at(Partial(2 * network.C, w)) == 2 * 7 * 3
    assert at(second) == 9 * unknown
    assert at.at(given | {unknown: S(5)})(second) == 45


def test_a_hessian_vector_product_along_a_direction():
    """R{C} = <g, v> and R{dC/dW_ij} = (H v)_ij, with the direction among what is given."""
    sample = random_network("direction", "relu", "identity", "half_squared_error", largest=3)
    network, names = sample.network, parameters(sample)
    moves = [Integer(n % 5 - 2) for n in range(len(names))]
    given = dict(sample.given)
    for entry, by in zip(names, moves, strict=True):
        given[Quantity(DIRECTIONS[entry.kind], *entry.args[1:])] = by
    at = sample.valuation.at(given)
    found = evaluate(network, point_of(sample), order=2)
    step = network.direction
    slopes = zip(found.gradient, moves, strict=True)
    assert at(Partial(network.C, step)) == Add(*(g * by for g, by in slopes))
    for entry, row in zip(names, found.hessian, strict=True):
        product_entry = Add(*(e * by for e, by in zip(row, moves, strict=True)))
        assert at(Partial(Partial(network.C, entry), step)) == product_entry


def test_the_pre_activation_gauss_newton_matrix():
    """G^(k)_ij is the Gauss-Newton part of d2C/db^(k-1)_i db^(k-1)_j."""
    network = read_network("2-3-2", bias=True)
    widths = {S(0): 2, S(1): 3, S(2): 2}
    given = random_values(Random("G"), network, widths)
    sample = Sample(network, widths, given)
    found = evaluate(network, point_of(sample), order=2)
    at = sample.valuation
    for (one, p), (other, q) in product(enumerate((6, 7, 8), start=1), repeat=2):
        assert found.parameters[p] == f"b0[{one - 1}]"
        assert at(Quantity("G", 1, one, other)) == found.gauss_newton[p][q]


# -- counterexamples -----------------------------------------------------------------------


@pytest.mark.parametrize(
    "right",
    ["dC/dz1*x*0", "dC/dz1*x", "dC/dW0*dC/dW1", "r1*d2C/dz2dz2*W1*x", "d2C/dW0dW0"],
)
def test_false_second_derivatives_are_refuted_by_a_small_point(right):
    network = read_network("two-layer-chain")
    proof = prove("d2C/dW0dW1", right, network)
    assert proof.status is Status.REFUTED
    values = {"x" if name == "r0" else name: v for name, v in proof.counterexample.values.items()}
    assert all(abs(value) <= 3 for value in values.values())
    assert proof.counterexample.left == evaluate(network, values, order=2).hessian[0][1]
    assert proof.counterexample.left != proof.counterexample.right


def test_a_true_second_derivative_has_no_counterexample():
    network = read_network("2-3-2")
    sides = [
        read_expression(text, network)
        for text in ("d2C/dW0[i,j]dW0[l,m]", "r0[i]*r0[l]*d2C/dz1[j]dz1[m]")
    ]
    assert difference(network, *sides) is None
