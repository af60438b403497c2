"""Exact Hessians, their Gauss-Newton part and residual: against jax, series and closed forms."""

import json
from dataclasses import replace
from itertools import product
from random import Random
from time import process_time

import numpy as np
import pytest
from click.testing import CliRunner
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from sympy import Add, Expr, Integer, Rational, S, Symbol, exp, tanh

from derive.algebra.quantities import Partial
from derive.cli import main
from derive.errors import DeriveError
from derive.evaluating.evaluate import MOST_ENTRIES, evaluate
from derive.evaluating.series import KinkError, directional_series
from derive.files.network_file import read_network
from derive.meaning.valuation import Valuation
from derive.model.activations import Activation
from derive.model.costs import Cost
from derive.model.network import Layer, Network
from derive.notation.ascii.formulas import read_expression
from tests import padded
from tests.evaluating.test_evaluating import KINDS, close, point_of
from tests.networks import HIDDEN, random_network
from tests.sweeps import sampled, sweep

h0 = Symbol("h_0", real=True)
half = Rational(1, 2)
CONVENTIONS = (S.Zero, half, S.One, h0)
PARTS = ("hessian", "gauss_newton", "residual")
LINEAR_PIECES = ("relu", "leaky_relu", "identity")


def second(network, point, vector=None):
    return evaluate(network, point, order=2, vector=vector)


def slope_of(activation):
    return Rational(1, 3) if activation == "leaky_relu" else S.Zero


def floats(square):
    return np.array([[float(entry) for entry in row] for row in square])


def relative_error(network, point):
    """How far everything is from jax, relative to the largest entry of the Hessian."""
    found = second(network, point)
    cost, gradient, hessian, gauss_newton = padded.curvature(network, point)
    assert float(found.C) == pytest.approx(cost, rel=1e-12, abs=1e-14)
    assert np.array(found.gradient, float) == pytest.approx(gradient, rel=1e-10, abs=1e-12)
    largest = abs(hessian).max()
    expected = (hessian, gauss_newton, hessian - gauss_newton)
    errors = [
        abs(floats(getattr(found, name)) - values).max()
        for name, values in zip(PARTS, expected, strict=True)
    ]
    return max(errors) / largest if largest else max(errors), found


# -- against automatic differentiation -----------------------------------------------------


@pytest.mark.parametrize("seeds", sweep([3, 12], [3]))
@pytest.mark.parametrize(("hidden", "output", "cost"), sampled(KINDS, every=5), ids=str)
def test_agrees_with_jax(hidden, output, cost, seeds):
    """26 kinds x 12 networks of depth and widths up to 5, every third with several samples."""
    bent = 0
    for seed in range(seeds):
        key = f"second order {hidden} {output} {cost} {seed}"
        sample = random_network(key, hidden, output, cost, largest=5 if seed % 3 == 0 else 3)
        network, point = sample.network, point_of(sample)
        if seed % 3 == 1:
            network = replace(network, reduction=("sum", "mean")[seed % 2])
            x, y = point.pop("x"), point.pop("y")
            moved = [entry + Rational(1, 7) for entry in x]
            inputs = [x, moved, [-entry for entry in moved]][: 2 + seed % 2]
            point["samples"] = [{"x": entries, "y": y} for entries in inputs]
        error, found = relative_error(network, point)
        assert error <= 1e-11, key
        bent += any(any(row) for row in found.residual)
    assert bent >= seeds // 4


def mixed_network(source):
    """Another activation in every layer, and biases in some."""
    depth = source.randint(2, 5)
    widths = [source.randint(1, 4) for _ in range(depth + 1)]
    output, cost = source.choice(
        [(name, "half_squared_error") for name in HIDDEN]
        + [("softmax", "cross_entropy"), ("sigmoid", "binary_cross_entropy")]
    )
    widths[-1] += output == "softmax"
    names = [source.choice(HIDDEN) for _ in range(depth - 1)] + [output]
    layers = [
        Layer(width, Activation(name, slope_of(name)), bias)
        for width, name, bias in zip(
            widths[1:], names, (source.random() < 0.5 for _ in names), strict=True
        )
    ]
    return Network(widths[0], tuple(layers), Cost(cost))


def random_point(source, network, choices):
    """Every number drawn from `choices`; the targets of a cross-entropy are shares of 1."""
    widths = [int(network.width(number)) for number in network.layer_numbers]

    def row(length):
        return [source.choice(choices) for _ in range(length)]

    point = {"x": row(widths[0]), "y": row(widths[-1])}
    if network.cost.output is not None:
        parts = [source.randint(1, 4) for _ in point["y"]]
        point["y"] = [Rational(part, sum(parts) + 1) for part in parts]
    for kind, layer in network.parameter_groups:
        rows, columns = widths[int(layer)], widths[int(layer) + 1]
        matrix = kind == "W"
        point[f"{kind}{layer}"] = [row(columns) for _ in range(rows)] if matrix else row(columns)
    return point


@pytest.mark.parametrize("networks", sweep([15, 40], [15]))
def test_agrees_with_jax_where_activations_differ_by_layer(networks):
    """The targets of these softmax layers do not add up to 1."""
    source = Random("mixed")
    eighths = [Rational(n, 8) for n in range(-9, 10, 2)]
    met = set()
    for _ in range(networks):
        network = mixed_network(source)
        met |= {layer.activation.name for layer in network.layers}
        error, _ = relative_error(network, random_point(source, network, eighths))
        assert error <= 1e-11
    assert met == {*HIDDEN, "softmax"}


def kinky(seed, at_zero):
    """A network of linear pieces at a point of 0 and ±1, where pre-activations often are 0."""
    source = Random(seed)
    depth = source.randint(1, 5)
    widths = [source.randint(1, 3) for _ in range(depth + 1)]
    layers = tuple(
        Layer(width, Activation(*source.choice((("relu",), ("leaky_relu", Rational(1, 4))))),
              source.random() < 0.5)
        for width in widths[1:]
    )  # fmt: skip
    network = Network(widths[0], layers, step_at_zero=at_zero)
    return network, random_point(source, network, (Integer(-1), Integer(0), Integer(1), Integer(1)))


@pytest.mark.thorough
@pytest.mark.parametrize("at_zero", sweep([0, 1], [1]))
def test_at_kinks_agrees_with_jax_by_cases(at_zero):
    """jax.hessian of where(z > 0, z, 0), or with >= for Step(0) = 1, is the formal Hessian."""
    kinks = bent = 0
    for seed in range(80):
        network, point = kinky(seed, at_zero)
        error, found = relative_error(network, point)
        assert error <= 1e-11
        kinks += bool(found.kinks)
        other = second(replace(network, step_at_zero=1 - at_zero), point)
        bent += found.hessian != other.hessian
    assert kinks > 40
    assert bent > 20


# -- closed forms --------------------------------------------------------------------------


def test_every_active_chain_has_its_closed_form():
    """With P = x w_0 w_1 ...: H_ab = (2P - y) P / (w_a w_b), H_aa = (P / w_a)^2."""
    source = Random("chain")
    for depth in range(1, 6):
        network = read_network("-".join("1" * (depth + 1)))
        w = [Rational(source.randint(1, 9), source.randint(1, 9)) for _ in range(depth)]
        x, y = Rational(source.randint(1, 9), 4), Rational(source.randint(-9, 9), 4)
        found = second(network, {"x": x, "y": y} | {f"W{k}": v for k, v in enumerate(w)})
        result = x
        for weight in w:
            result *= weight
        for a, b in product(range(depth), repeat=2):
            kept = result**2 / (w[a] * w[b])
            rest = 0 if a == b else (result - y) * result / (w[a] * w[b])
            assert found.gauss_newton[a][b] == kept
            assert found.residual[a][b] == rest
            assert found.hessian[a][b] == kept + rest


@pytest.mark.parametrize(("weight", "expected"), [(2, 10), (-2, 4)])
def test_one_relu_unit_has_the_squares_of_its_active_inputs(weight, expected):
    point = {"samples": [{"x": x, "y": 1} for x in (1, -2, 3)], "W0": weight}
    found = second(read_network("1-1"), point)
    assert found.hessian == found.gauss_newton == ((expected,),)
    assert found.residual == ((0,),)
    mean = second(replace(read_network("1-1"), reduction="mean"), point)
    assert mean.hessian == ((Rational(expected, 3),),)


def test_two_weights_into_one_unit():
    found = second(read_network("2-1"), {"x": [1, 2], "y": 1, "W0": [1, 1]})
    assert found.hessian == ((1, 2), (2, 4))


def test_two_weights_into_two_units():
    found = second(read_network("1-2-1"), {"x": 1, "y": 0, "W0": [1, 1], "W1": [2, 3]})
    assert [row[:2] for row in found.hessian[:2]] == [(4, 6), (6, 9)]


def test_no_newton_step_exists_though_every_unit_is_active():
    """The Hessian has rank 1, and the gradient is not in its image."""
    found = second(read_network("1-1-1"), {"x": 1, "y": 3, "W0": 1, "W1": 1})
    assert found.hessian == ((1, -1), (-1, 1))
    assert found.gradient == (-2, -2)


def test_equal_logits_of_a_softmax():
    """d2C/dW_ij dW_kl = r_i r_k ([j = l] p_j - p_j p_l), exactly: -1/4 off the diagonal."""
    network = Network(1, (Layer(2, Activation("softmax")),), cost=Cost("cross_entropy"))
    found = second(network, {"x": 1, "y": [0, 1], "W0": [[1, 1]]})
    quarter = Rational(1, 4)
    assert found.hessian == found.gauss_newton == ((quarter, -quarter), (-quarter, quarter))


def test_a_dead_network_is_flat():
    found = second(read_network("1-1-1"), {"x": 1, "y": 1, "W0": -1, "W1": 1})
    assert all(getattr(found, name) == ((0, 0), (0, 0)) for name in PARTS)


def test_gauss_newton_is_split_at_the_outputs_or_at_the_logits():
    """One sigmoid unit at z = 0: M = phi'^2 for a squared error, p (1 - p) for the entropy."""
    layer = (Layer(1, Activation("sigmoid")),)
    point = {"x": 0, "y": 1, "W0": 0, "b0": 0}
    biased = (replace(layer[0], bias=True),)
    squared = second(Network(1, biased), point)
    assert squared.gauss_newton[1][1] == Rational(1, 16)
    assert squared.residual[1][1] == 0  # phi''(0) = 0
    entropy = second(Network(1, biased, Cost("binary_cross_entropy")), point)
    assert entropy.gauss_newton[1][1] == entropy.hessian[1][1] == Rational(1, 4)
    # A squared error bends with phi'' too, over any hidden layers: the split is at r.
    bent = second(Network(1, layer), {"x": 1, "y": 1, "W0": 1})
    p = 1 / (1 + exp(-1))
    assert close(bent.gauss_newton[0][0], (p * (1 - p)) ** 2)
    assert close(bent.residual[0][0], (p - 1) * p * (1 - p) * (1 - 2 * p))


# -- kinks ---------------------------------------------------------------------------------


@pytest.mark.parametrize("h", CONVENTIONS, ids=str)
def test_at_a_kink_the_product_rule_is_applied_to_the_convention(h):
    """At z1 = 0, C = (w1 ReLU(w0 x) - y)^2 / 2: H_00 = (w1 h x)^2, H_01 = -y h x, H_11 = 0."""
    network = Network(1, (Layer(1), Layer(1, Activation("identity"))), step_at_zero=h)
    found = second(network, {"x": 2, "y": 5, "W0": 0, "W1": 3})
    assert found.kinks == ("z1[0]",)
    assert found.gauss_newton == ((36 * h**2, 0), (0, 0))
    assert found.residual == ((0, -10 * h), (-10 * h, 0))


@pytest.mark.parametrize("h", CONVENTIONS, ids=str)
def test_the_slope_of_leaky_relu_at_its_kink(h):
    """phi'(0) = a + (1 - a) h with a symbolic too: H_00 = (phi'(0) x)^2 for one unit."""
    network = read_network("1-1", activation="leaky_relu", slope="alpha", at_zero=str(h))
    alpha = network.layers[0].activation.slope
    at_kink = network.step_at_zero
    (entry,) = second(network, {"x": 3, "y": 1, "W0": 0}).hessian[0]
    assert (entry - 9 * (alpha + (1 - alpha) * at_kink) ** 2).expand() == 0


@pytest.mark.parametrize("seeds", sweep([10, 30], [10]))
def test_a_symbolic_convention_stands_for_every_number(seeds):
    """The polynomials in h0 have, at 0, 1/2 and 1, the values found with these conventions."""
    polynomials = 0
    for seed in range(seeds):
        network, point = kinky(seed, h0)
        symbolic = second(network, point)
        for value in (S.Zero, half, S.One):
            found = second(replace(network, step_at_zero=value), point)
            for name in PARTS:
                rows = getattr(symbolic, name)
                assert tuple(tuple(e.subs(h0, value) for e in row) for row in rows) == getattr(
                    found, name
                )
        polynomials += any(entry.has(h0) for row in symbolic.hessian for entry in row)
    assert polynomials > seeds / 3


@pytest.mark.parametrize("h", sweep([half, h0], [h0]), ids=str)
def test_at_kinks_agrees_with_the_chain_rule_on_expressions(h):
    """Every pair of parameters, in both orders: the formal Hessian is symmetric."""
    compared = 0
    for seed in range(60):
        network, point = kinky(seed, h)
        found = second(network, point)
        size = len(found.parameters)
        if not found.kinks or size > 8:
            continue
        value, parameters = valuation(network, point)
        for (p, one), (q, other) in product(enumerate(parameters), repeat=2):
            expected = value(Partial(Partial(network.C, one), other))
            assert (found.hessian[p][q] - expected).expand() == 0
        compared += found.hessian != second(replace(network, step_at_zero=S.Zero), point).hessian
    assert compared >= 5


def valuation(network, point):
    """A network with exact numbers as a Valuation, and its parameters in order."""
    widths = {n: int(network.width(n)) for n in network.layer_numbers if network.has_index(n)}
    shape = Valuation(network, widths, {})
    parameters = [e for group in network.parameter_groups for e in shape.entries(*group)]
    entries = [*shape.entries("r", network.first), *shape.entries("y", network.last), *parameters]
    names = ("x", "y", *(f"{kind}{layer}" for kind, layer in network.parameter_groups))
    numbers = [float_free(n) for name in names for n in flat(point[name])]
    return shape.at(dict(zip(entries, numbers, strict=True))), parameters


def flat(value):
    return (
        [n for entry in value for n in flat(entry)] if isinstance(value, list | tuple) else [value]
    )


def float_free(number):
    return number if isinstance(number, Expr) else Rational(number)


# -- structure -----------------------------------------------------------------------------


@pytest.mark.parametrize("hidden", LINEAR_PIECES)
@pytest.mark.parametrize("seed", range(3))
def test_rational_networks_are_exact_and_their_parts_add_up(hidden, seed):
    sample = random_network(f"parts {hidden} {seed}", hidden, "relu", "mean_squared_error")
    found = second(sample.network, point_of(sample))
    size = range(len(found.parameters))
    for p, q in product(size, repeat=2):
        whole, kept, rest = (getattr(found, name)[p][q] for name in PARTS)
        assert whole.is_Rational and whole == kept + rest
        assert (whole, kept, rest) == tuple(getattr(found, name)[q][p] for name in PARTS)


@pytest.mark.parametrize(("hidden", "output", "cost"), KINDS, ids=str)
def test_parts_add_up_and_are_symmetric(hidden, output, cost):
    sample = random_network(f"sum {hidden} {output} {cost}", hidden, output, cost, largest=3)
    found = second(sample.network, point_of(sample))
    largest = max(abs(entry) for row in found.hessian for entry in row)
    for name in PARTS:
        square = getattr(found, name)
        assert square == tuple(zip(*square, strict=True))
    for whole, kept, rest in zip(*(flat(getattr(found, name)) for name in PARTS), strict=True):
        assert abs(whole - kept - rest) <= Rational(1, 10**28) * largest


@pytest.mark.parametrize("cost", ["half_squared_error", "cross_entropy", "binary_cross_entropy"])
@pytest.mark.parametrize("hidden", sweep(LINEAR_PIECES, ["leaky_relu"]))
def test_the_residual_of_linear_pieces_only_joins_layers(hidden, cost):
    """0 within a layer, and 0 between a layer and the biases of a later one."""
    output = {"half_squared_error": "identity", "cross_entropy": "softmax"}.get(cost, "sigmoid")
    joined = 0
    for seed in range(4):
        sample = random_network(f"joins {hidden} {cost} {seed}", hidden, output, cost)
        found = second(sample.network, point_of(sample))
        for p, q in product(range(len(found.parameters)), repeat=2):
            (kind, a), (other, b) = (found.parameters[n].split("[")[0] for n in (p, q))
            if a == b or (a < b and other == "b") or (b < a and kind == "b"):
                assert found.residual[p][q] == 0
            else:
                joined += found.residual[p][q] != 0
        trace = Add(*(found.residual[n][n] for n in range(len(found.parameters))))
        assert trace == 0
    assert joined


def test_digits_are_certain_far_out():
    """C'' = x^2 tanh'(z)^2 + ... with tanh'(60) = 4 exp(-120): floats see 0."""
    network = Network(1, (Layer(1, Activation("tanh")),))
    found = second(network, {"x": 1, "y": 0, "W0": 60})
    z, t = Symbol("z"), tanh(Symbol("z"))
    kept = t.diff(z) ** 2
    assert close(found.gauss_newton[0][0], kept.subs(z, 60).evalf(60, maxn=1000))
    assert close(found.residual[0][0], (t * t.diff(z, 2)).subs(z, 60).evalf(60, maxn=1000))


def test_no_derivative_at_lower_orders():
    network = read_network("two-layer-chain")
    for order in (0, 1):
        found = evaluate(network, order=order)
        assert found.hessian is found.gauss_newton is found.residual is None
        assert not set(PARTS) & set(found.to_json())


# -- against power series ------------------------------------------------------------------

numbers = st.integers(-6, 6).map(lambda n: Rational(n, 4))


@st.composite
def rational_networks(draw):
    depth = draw(st.integers(1, 4))
    widths = draw(st.lists(st.integers(1, 3), min_size=depth + 1, max_size=depth + 1))
    kinds = draw(st.lists(st.sampled_from(LINEAR_PIECES), min_size=depth, max_size=depth))
    biases = draw(st.lists(st.booleans(), min_size=depth, max_size=depth))
    cost = Cost(draw(st.sampled_from(["half_squared_error", "mean_squared_error"])))
    layers = tuple(
        Layer(width, Activation(kind, slope_of(kind)), bias)
        for width, kind, bias in zip(widths[1:], kinds, biases, strict=True)
    )
    network = Network(widths[0], layers, cost, reduction=draw(st.sampled_from(["sum", "mean"])))

    def row(length):
        return tuple(draw(st.lists(numbers, min_size=length, max_size=length)))

    samples = tuple(
        {"x": row(widths[0]), "y": row(widths[-1])} for _ in range(draw(st.integers(1, 2)))
    )
    parameters, direction = (
        {
            f"{kind}{k}": tuple(row(widths[k + 1]) for _ in range(widths[k]))
            if kind == "W" else row(widths[k + 1])
            for kind, layer in network.parameter_groups
            for k in (int(layer),)
        }
        for _ in range(2)
    )  # fmt: skip
    return network, {"samples": samples} | parameters, direction


@pytest.mark.parametrize("examples", sweep([30, 120], [30]))
def test_the_curvature_along_any_line_is_that_of_the_power_series(examples):
    given(rational_networks())(settings(max_examples=examples)(_is_that_of_the_series))()


def _is_that_of_the_series(drawn):
    """C(p + t v) = C + t <g, v> + t^2 v' H v / 2 + ..., in exact numbers."""
    network, point, direction = drawn
    try:
        cost, slope, bend = directional_series(network, point, direction)
    except KinkError:
        assume(False)
    found = second(network, point)
    v = [n for kind, layer in network.parameter_groups for n in flat(direction[f"{kind}{layer}"])]
    assert cost == found.C
    assert Add(*(g * n for g, n in zip(found.gradient, v, strict=True))) == slope
    products = [[e * a * b for e, b in zip(row, v, strict=True)]
                for row, a in zip(found.hessian, v, strict=True)]  # fmt: skip
    assert Add(*flat(products)) == 2 * bend


# -- what is read off: diagonals, blocks, factors --------------------------------------------


@pytest.mark.parametrize(("hidden", "output", "cost"), KINDS[::3], ids=str)
def test_blocks_of_a_layer_are_kronecker_products(hidden, output, cost):
    sample = random_network(f"kronecker {hidden} {output} {cost}", hidden, output, cost, largest=3)
    found = second(sample.network, point_of(sample))
    names = [name.partition("[")[0] for name in found.parameters]
    start = 0
    for k, block in enumerate(found.block_diagonal):
        size = sum(name in (f"W{k}", f"b{k}") for name in names)
        rows = range(start, start + size)
        assert len(block) == size
        assert [[found.hessian[p][q] for q in rows] for p in rows] == [list(r) for r in block]
        a, g = found.kfac[0][k]
        curved = found.pre_activation_hessian[0][k]
        gauss_newton = [[found.gauss_newton[p][q] for q in rows] for p in rows]
        assert np.kron(floats(a), floats(g)) == pytest.approx(floats(gauss_newton), rel=1e-12)
        assert np.kron(floats(a), floats(curved)) == pytest.approx(floats(block), rel=1e-12)
        start += size
    assert list(found.diagonal) == [found.hessian[p][p] for p in range(start)]
    assert list(found.gauss_newton_diagonal) == [found.gauss_newton[p][p] for p in range(start)]


def test_no_second_derivatives_below_order_2():
    with pytest.raises(DeriveError, match="evaluate with order=2"):
        _ = evaluate(read_network("two-layer-chain")).diagonal


# -- the command, sizes and text -----------------------------------------------------------


def run(*arguments):
    return CliRunner().invoke(main, ["evaluate", *arguments, "--order", "2"])


def test_the_json_contract():
    result = run("two-layer-chain", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == {
        "schema": "derive-evaluate/1",
        "C": "1/8", "z": [["3"], ["3/2"]], "r": [["2"], ["3"], ["3/2"]],
        "quantities": {"z1": ["3"], "z2": ["3/2"], "r0": ["2"], "r1": ["3"], "r2": ["3/2"]},
        "gradients": {"z1": ["1/4"], "z2": ["1/2"], "r1": ["1/4"], "r2": ["1/2"],
                      "W0": [["1/2"]], "W1": [["3/2"]]},
        "parameters": ["W0[0,0]", "W1[0,0]"], "gradient": ["1/2", "3/2"],
        "hessian": [["1", "4"], ["4", "9"]], "gauss_newton": [["1", "3"], ["3", "9"]],
        "residual": [["0", "1"], ["1", "0"]],
        "pre_activation_hessian": [[["1/4"]], [["1"]]],
        "kfac": [{"A": [["4"]], "G": [["1/4"]]}, {"A": [["9"]], "G": [["1"]]}],
        "kinks": [], "step_at_zero": "0",
    }  # fmt: skip


def test_polynomials_and_decimals_in_json():
    found = json.loads(run("leaky-chain", "--json").stdout)
    alpha = read_network("leaky-chain").layers[0].activation.slope
    assert read_expression(found["hessian"][0][1], None) == 4 * alpha**2 + alpha
    z = Symbol("z")  # W2 of sigmoid-chain at its point: C = (1 - p)^2 / 2, p = sigmoid(W2 r2)
    r1 = 1 / (1 + exp(-2))
    r2 = 1 / (1 + exp(r1))
    cost = (1 - 1 / (1 + exp(-z * r2))) ** 2 / 2
    decimals = json.loads(run("sigmoid-chain", "--json").stdout)["hessian"][2][2]
    assert decimals == str(cost.diff(z, 2).subs(z, half).evalf(30))


def test_the_table_shows_the_hessian_and_its_parts():
    result = run("two-layer-chain")
    assert result.stdout.splitlines()[-9:] == [
        "Hessian:",
        "  W0[0,0]  1  4",
        "  W1[0,0]  4  9",
        "Gauss-Newton part:",
        "  W0[0,0]  1  3",
        "  W1[0,0]  3  9",
        "Residual, Hessian less Gauss-Newton part:",
        "  W0[0,0]  0  1",
        "  W1[0,0]  1  0",
    ]


def test_the_table_leaves_wide_matrices_to_json_and_explains_kinks(tmp_path):
    file = tmp_path / "p.json"
    file.write_text(json.dumps({"x": [0] * 12, "y": [0] * 12, "W0": [[0] * 12] * 12}))
    lines = run("12-12", "--point", str(file)).stdout.splitlines()
    assert lines[-2] == "Hessian: 144 rows of 144 entries, too wide to show here; see --json."
    assert lines[-1].endswith("by the convention Step(0) = 0 and Step'(0) = 0.")


def middle_size(spec, **options):
    network = read_network(spec, bias=True, **options)
    source = Random(spec)
    return network, random_point(source, network, [Rational(n, 8) for n in range(-9, 10, 2)])


@pytest.mark.parametrize("activation", sweep(["relu", "sigmoid"], ["relu"]))
def test_a_network_of_middle_size_takes_seconds(activation):
    network, point = middle_size("10-10-10", activation=activation)
    start = process_time()
    found = second(network, point)
    assert process_time() - start < 20
    assert len(found.hessian) == 220


def test_a_deep_chain():
    """d2C/dw_a dw_b = 2P - y for a chain of ones: 1 here, and 1 on the diagonal."""
    depth = 120
    network = read_network("-".join("1" * (depth + 1)))
    found = second(network, {"x": 1, "y": 1} | {f"W{k}": 1 for k in range(depth)})
    assert set(flat(found.hessian)) == {1}
    assert set(flat(found.residual)) == {0}


def test_a_hessian_that_is_absurdly_large_is_refused():
    network = read_network("40-40")
    point = {"x": [1] * 40, "y": [1] * 40, "W0": [[1] * 40] * 40}
    assert len(evaluate(network, point).gradient) == 1600
    with pytest.raises(DeriveError, match=f"1600 x 1600 entries is .* at most {MOST_ENTRIES}"):
        second(network, point)
    samples = [{"x": [1] * 10, "y": [1] * 10}] * 101
    with pytest.raises(DeriveError, match="100 x 100 entries for each of 101 samples"):
        second(read_network("10-10"), {"samples": samples, "W0": [[1] * 10] * 10})


def test_an_order_that_does_not_exist():
    with pytest.raises(DeriveError, match=r"order 0 .* 1 .* 2 .*, not 3"):
        evaluate(read_network("two-layer-chain"), order=3)


# -- products with a direction ----------------------------------------------------------------


@pytest.mark.parametrize("seed", sweep(range(3), [0]))
@pytest.mark.parametrize(("hidden", "output", "cost"), sampled(KINDS, every=6), ids=str)
def test_the_hessian_times_a_vector_is_the_product_of_both(hidden, output, cost, seed):
    sample = random_network(f"along {hidden} {output} {cost} {seed}", hidden, output, cost)
    network, point = sample.network, point_of(sample)
    vector = {name: turned(of) for name, of in point.items() if name[0] in "Wb"}
    found = second(network, point, vector=vector)
    flat = [entry for name in vector for entry in entries_of(vector[name])]
    for row, entry in zip(found.hessian, found.product, strict=True):
        wanted = sum(a * b for a, b in zip(row, flat, strict=True))
        assert abs(entry - wanted) <= 1e-25 * (1 + abs(wanted))


def test_what_a_vector_does_not_name_stays():
    point = {"x": [1, 2], "y": [1], "W0": [[1, 2], [3, 1]], "b0": [0, 1], "W1": [[1], [2]]}
    point |= {"b1": [0]}
    network = read_network("2-2-1", bias=True)
    whole = evaluate(network, point, vector={"W0": [[1, 0], [0, 0]], "b1": [0]})
    assert whole.product == second(network, point).hessian[0]
    assert [*whole.motions] == ["R(dC/dW0)", "R(dC/db0)", "R(dC/dW1)", "R(dC/db1)"]
    with pytest.raises(DeriveError, match="a direction has W0, W1, b0, b1"):
        evaluate(network, point, vector={"x": [1, 1]})


def turned(value):
    """Other numbers of the same shape."""
    if isinstance(value, list | tuple):
        return [turned(part) for part in value]
    return 1 - 2 * value


def entries_of(value):
    nested = isinstance(value, list | tuple)
    return [entry for part in value for entry in entries_of(part)] if nested else [value]
