"""Exact values and gradients: against the slow reference, against jax, and at kinks."""

import json
from dataclasses import replace
from time import process_time

import pytest
from click.testing import CliRunner
from sympy import Float, Integer, Rational, S, Symbol, exp, log, tanh

from derive.algebra.quantities import Partial
from derive.cli import main
from derive.errors import DeriveError
from derive.evaluating.evaluate import evaluate
from derive.files.network_file import read_network
from derive.meaning.valuation import Valuation
from derive.model.activations import Activation
from derive.model.costs import Cost
from derive.model.network import Layer, Network
from tests.deriving.test_backpropagation_jax import ENTROPIES, LINEAR_OUTPUT, SQUARED, gradients
from tests.networks import random_network
from tests.sweeps import sampled, sweep

KINDS = SQUARED + LINEAR_OUTPUT + ENTROPIES
h0 = Symbol("h_0", real=True)
alpha = Symbol("alpha", real=True)


def point_of(sample):
    """A sample of `tests.networks` as a point."""
    network, shape = sample.network, sample.valuation

    def row(kind, layer):
        return tuple(sample.given[entry] for entry in shape.entries(kind, layer))

    point = {"x": row("r", network.first), "y": row("y", network.last)}
    for kind, source in network.parameter_groups:
        entries = row(kind, source)
        if kind == "W":
            columns = sample.widths.get(source + 1, 1)
            entries = tuple(entries[n : n + columns] for n in range(0, len(entries), columns))
        point[f"{kind}{source}"] = entries
    return point


def reference(sample):
    """C, all z and r, and the gradient by Valuation; decimals where rationals would explode."""
    network = sample.network
    activations = {layer.activation.name for layer in network.layers}
    rational = activations <= {"relu", "leaky_relu", "identity"}
    given = {q: v if rational else Float(v, 60) for q, v in sample.given.items()}
    valuation = Valuation(network, sample.widths, given)

    def row(kind, layer):
        return [valuation.values[entry] for entry in valuation.entries(kind, layer)]

    layers = network.layer_numbers
    return {
        "C": [valuation.values[network.C]],
        "z": [entry for number in layers[1:] for entry in row("z", number)],
        "r": [entry for number in layers for entry in row("r", number)],
        "gradient": [
            valuation(Partial(network.C, entry))
            for kind, source in network.parameter_groups
            for entry in valuation.entries(kind, source)
        ],
    }


def joined(layers):
    return [entry for row in layers for entry in row]


def close(found, expected):
    """Equal; or, for decimals, in 28 digits (Valuation's cancel a few, at the end of its 60)."""
    if isinstance(found, Rational) and isinstance(expected, Rational):
        return found == expected
    error = abs(Float(found, 40) - Float(expected.evalf(50), 40))
    return error <= abs(expected.evalf(50)) * Rational(1, 10**28) + Rational(1, 10**45)


@pytest.mark.parametrize(("hidden", "output", "cost"), sampled(KINDS, every=4), ids=str)
def test_agrees_with_valuation(hidden, output, cost):
    sample = random_network(f"evaluate {hidden} {output} {cost}", hidden, output, cost)
    found = evaluate(sample.network, point_of(sample))
    expected = reference(sample)
    values = {
        "C": [found.C],
        "z": joined(found.z[0]),
        "r": joined(found.r[0]),
        "gradient": found.gradient,
    }
    for key, row in values.items():
        assert all(map(close, row, expected[key])), key
        assert len(row) == len(expected[key])


@pytest.mark.parametrize("seed", sweep(range(2), [0]))
@pytest.mark.parametrize(("hidden", "output", "cost"), sampled(KINDS, every=6), ids=str)
def test_agrees_with_jax(hidden, output, cost, seed):
    sample = random_network(f"evaluate jax {hidden} {output} {cost} {seed}", hidden, output, cost)
    expected = gradients(sample)
    groups = [expected[kind, int(source)] for kind, source in sample.network.parameter_groups]
    found = evaluate(sample.network, point_of(sample)).gradient
    numbers = [float(entry) for group in groups for entry in group.reshape(-1)]
    assert [float(entry) for entry in found] == pytest.approx(numbers, rel=1e-9, abs=1e-11)


@pytest.mark.parametrize("reduction", ["sum", "mean"])
@pytest.mark.parametrize(("hidden", "output", "cost"), KINDS[::4], ids=str)
def test_a_batch_is_the_sum_or_mean_of_its_samples(hidden, output, cost, reduction):
    sample = random_network(f"batch {hidden} {output} {cost}", hidden, output, cost)
    network = replace(sample.network, reduction=reduction)
    point = point_of(sample)
    x, y = point.pop("x"), point.pop("y")
    samples = [
        {"x": x, "y": y},
        {"x": [entry + 1 for entry in x], "y": y},
        {"x": [-entry for entry in x], "y": y},
    ]
    singles = [evaluate(network, point | one) for one in samples]
    batch = evaluate(network, point | {"samples": samples})
    share = Rational(1, 3) if reduction == "mean" else 1
    assert close(batch.C, share * sum(one.C for one in singles))
    assert batch.z == tuple(one.z[0] for one in singles)
    assert batch.r == tuple(one.r[0] for one in singles)
    for number, entry in enumerate(batch.gradient):
        expected = share * sum(one.gradient[number] for one in singles)
        assert abs(entry - expected) <= Rational(1, 10**26) * (1 + abs(expected))


@pytest.mark.parametrize("h", [S.Zero, Rational(1, 2), S.One, h0], ids=str)
def test_at_a_kink_the_convention_decides(h):
    """z1 = 0: dC/dW0 = (r2 - y) W1 Step(0) x = (0 - 5) 3 h 2."""
    network = Network(1, (Layer(1), Layer(1, Activation("identity"))), step_at_zero=h)
    found = evaluate(network, {"x": 2, "y": 5, "W0": 0, "W1": 3})
    assert found.gradient == (-30 * h, 0)
    assert found.kinks == ("z1[0]",)
    assert found.to_json()["step_at_zero"] == str(h).replace("h_0", "h0")


@pytest.mark.parametrize("h", [S.Zero, Rational(1, 2), S.One, h0], ids=str)
def test_kinks_agree_with_valuation_in_every_layer(h):
    """Symmetric weights put every unit of the second layer at its kink, and one of the first."""
    network = Network(
        2,
        (Layer(2), Layer(2, Activation("leaky_relu", Rational(1, 3)), True), Layer(1)),
        step_at_zero=h,
    )
    point = {
        "x": [1, 1],
        "y": [3],
        "W0": [[1, 1], [-1, 1]],
        "W1": [[1, 2], [1, -1]],
        "b1": [-2, 2],
        "W2": [[1], [2]],
    }
    found = evaluate(network, point)
    assert found.kinks == ("z1[0]", "z2[0]", "z2[1]", "z3[0]")
    shape = Valuation(network, {S(0): 2, S(1): 2, S(2): 2}, {})
    given = dict(zip(shape.entries("r", S(0)), map(Integer, point["x"]), strict=True))
    given[network.quantity("y", 3)] = S(3)
    for kind, source in network.parameter_groups:
        numbers = point[f"{kind}{source}"]
        numbers = joined(numbers) if kind == "W" else numbers
        given |= dict(zip(shape.entries(kind, source), map(Integer, numbers), strict=True))
    valuation = Valuation(network, {S(0): 2, S(1): 2, S(2): 2}, given)
    expected = [
        valuation(Partial(network.C, entry)).expand()
        for kind, source in network.parameter_groups
        for entry in valuation.entries(kind, source)
    ]
    assert list(found.gradient) == expected
    assert h == 0 or any(expected)


def test_kinks_of_a_batch_name_their_sample():
    network = read_network("1-1")
    found = evaluate(network, {"samples": [{"x": 1, "y": 1}, {"x": 0, "y": 1}], "W0": 2})
    assert found.kinks == ("samples[1].z1[0]",)
    assert found.to_json()["z"] == [[["2"]], [["0"]]]


def test_a_kink_behind_a_transcendental_function():
    """z2 = tanh(1) - tanh(1) is 0, though no number of decimals says so."""
    layers = (Layer(2, Activation("tanh")), Layer(1, Activation("relu")))
    network = Network(1, layers, step_at_zero=S.One)
    found = evaluate(network, {"x": 1, "y": 1, "W0": [1, 1], "W1": [1, -1]})
    assert found.kinks == ("z2[0]",)
    assert found.z[0][1] == (0,)
    assert close(found.gradient[2], -tanh(1))


def test_symbolic_slopes_make_polynomials():
    found = evaluate(read_network("leaky-chain"))
    assert found.gradient == (
        4 * alpha**2 + 2 * alpha, 2 * alpha**2 + alpha, -4 * alpha**2 - 2 * alpha,
    )  # fmt: skip
    both = evaluate(read_network("1-1", activation="leaky_relu", slope="alpha", at_zero="h0"),
                    {"x": 2, "y": 1, "W0": 0})  # fmt: skip
    assert (both.gradient[0] + 2 * (alpha + (1 - alpha) * h0)).expand() == 0


def test_digits_are_certain_where_floats_have_none():
    """Far out sigmoid is 1 to 800 digits: C = log(1 + exp(-2000)), dC/dz = -1/(1 + exp(2000))."""
    network = Network(1, (Layer(1, Activation("sigmoid")),), cost=Cost("binary_cross_entropy"))
    found = evaluate(network, {"x": 1, "y": 1, "W0": 2000})
    assert close(found.C, log(1 + exp(-2000)).evalf(50, maxn=3000))
    assert close(found.gradient[0], (-1 / (1 + exp(S(2000)))).evalf(50, maxn=3000))


def test_numbers_stay_exact_where_a_transcendental_function_is():
    network = Network(1, (Layer(2, Activation("softmax")),), cost=Cost("cross_entropy"))
    found = evaluate(network, {"x": 3, "y": [0, 1], "W0": [[1, 1]]})
    assert found.r[0][1] == (Rational(1, 2), Rational(1, 2))
    assert found.gradient == (Rational(3, 2), Rational(-3, 2))


def test_floats_and_text_are_read_as_they_print():
    found = evaluate(read_network("1-1"), {"x": 0.15, "y": "1e-1", "W0": [["3/2"]]})
    assert found.r[0][0] == (Rational(3, 20),) and Rational(1, 2) * Rational(1, 8) ** 2 == found.C


def test_the_json_contract():
    network = Network(2, (Layer(2, bias=True), Layer(1, Activation("identity"))))
    point = {"x": ["1", "2"], "y": ["1"], "W0": [["1", "-1"], ["0", "1/2"]], "b0": ["-1", "1"],
             "W1": [["3"], ["-2"]]}  # fmt: skip
    assert evaluate(network, point).to_json() == {
        "C": "9/2",
        "z": [["0", "1"], ["-2"]],
        "r": [["1", "2"], ["0", "1"], ["-2"]],
        "quantities": {"z1": ["0", "1"], "z2": ["-2"], "r0": ["1", "2"], "r1": ["0", "1"],
                       "r2": ["-2"]},
        "gradients": {"z1": ["0", "6"], "z2": ["-3"], "r1": ["-9", "6"], "r2": ["-3"],
                      "W0": [["0", "6"], ["0", "12"]], "b0": ["0", "6"], "W1": [["0"], ["-3"]]},
        "parameters": [
            "W0[0,0]", "W0[0,1]", "W0[1,0]", "W0[1,1]", "b0[0]", "b0[1]", "W1[0,0]", "W1[1,0]",
        ],
        "gradient": ["0", "6", "0", "12", "0", "6", "0", "-3"],
        "kinks": ["z1[0]"],
        "step_at_zero": "0",
    }  # fmt: skip
    assert evaluate(network, point, order=0).to_json() == {
        "C": "9/2",
        "z": [["0", "1"], ["-2"]],
        "r": [["1", "2"], ["0", "1"], ["-2"]],
        "quantities": {"z1": ["0", "1"], "z2": ["-2"], "r0": ["1", "2"], "r1": ["0", "1"],
                       "r2": ["-2"]},
        "kinks": ["z1[0]"],
        "step_at_zero": "0",
    }  # fmt: skip


def test_a_network_of_middle_size_takes_well_under_a_second():
    network = read_network("10-20-20-1", bias=True)
    numbers = iter(Rational((7 * n) % 23 - 11, 8) for n in range(10_000))
    point = {"x": [next(numbers) for _ in range(10)], "y": [1]}
    for k, (rows, columns) in enumerate(((10, 20), (20, 20), (20, 1))):
        point[f"W{k}"] = [[next(numbers) for _ in range(columns)] for _ in range(rows)]
        point[f"b{k}"] = [next(numbers) for _ in range(columns)]
    start = process_time()
    assert len(evaluate(network, point).gradient) == 661
    assert process_time() - start < 1.5


CHAIN = {"x": 1, "y": 1, "W0": 1}


@pytest.mark.parametrize(
    ("source", "options", "point", "sentence"),
    [
        ("2-3-1", {}, None, "has no \\[point\\]"),
        ("n_0-1", {}, {}, "layer 0 has n_0 units"),
        ("general-layer", {}, {}, "has no cost"),
        ("1-1", {}, {"x": 1, "y": 1}, "the point has no W0"),
        ("1-1", {}, {"y": 1, "W0": 1}, "the point has no x"),
        ("1-1", {}, CHAIN | {"b0": 1}, "'b0', for which this network has no place"),
        ("2-1", {}, CHAIN | {"W0": [1, 2]}, "x must be 2 numbers"),
        ("2-1", {}, CHAIN | {"x": [1, 2], "W0": [[1, 2]]}, "W0 must be 2 rows of 1 number"),
        ("1-1", {}, CHAIN | {"W0": "much"}, "W0 holds exact numbers .* not 'much'"),
        ("1-1", {}, CHAIN | {"W0": float("nan")}, "W0 holds exact numbers"),
        ("1-1", {}, {"samples": [], "W0": 1}, "no samples"),
        ("1-1-1", {"activation": "leaky_relu", "slope": "alpha"},
         {"x": 1, "y": 1, "W0": -1, "W1": 3}, "sign of -3\\*alpha depends on alpha"),
        ("1-1-1", {"activation": "leaky_relu", "slope": "alpha", "output_activation": "tanh"},
         {"x": 1, "y": 1, "W0": -1, "W1": 3}, "alpha"),
        ("1-1", {"output_activation": "sigmoid", "cost": "binary_cross_entropy"},
         CHAIN | {"y": "1/2", "W0": "1e6"}, "too close"),
    ],
)  # fmt: skip
def test_what_cannot_be_evaluated_is_said_in_a_sentence(source, options, point, sentence):
    with pytest.raises(DeriveError, match=sentence):
        evaluate(read_network(source, **options), point)


# -- the command ---------------------------------------------------------------------------


def run(*arguments):
    return CliRunner().invoke(main, ["evaluate", *arguments])


def test_the_command_prints_a_table():
    result = run("two-layer-chain")
    assert result.exit_code == 0
    assert result.stdout.splitlines() == [
        "C           = 1/8",
        "x           = 2",
        "z1          = 3",
        "r1          = 3",
        "z2          = 3/2",
        "r2          = 3/2",
        "dC/dW0[0,0] = 1/2",
        "dC/dW1[0,0] = 3/2",
    ]


def test_a_kink_away_from_0_is_not_said_to_be_at_0(tmp_path):
    point = tmp_path / "p.toml"
    point.write_text('x = "1"\ny = "1"\nW0 = "1"\n')
    result = run("1-1", "--activation", "abs(z-1)", "--point", str(point))
    assert result.stdout.splitlines()[-1].startswith(
        "At a kink, of its activation or of the cost: z1[0]; "
    )


def test_the_command_reads_points_and_explains_kinks(tmp_path):
    toml, other = tmp_path / "p.toml", tmp_path / "p.json"
    toml.write_text('samples = [{x = "1", y = 1}, {x = 0, y = 1}]\nW0 = "2"\n')
    other.write_text('{"point": {"x": ["1"], "y": ["1/3"], "W0": ["0"]}}')
    result = run("1-1", "--point", str(toml), "--at-zero", "1/2")
    assert result.exit_code == 0
    assert "samples[1].z1 = 0" in result.stdout
    assert result.stdout.splitlines()[-1] == (
        "At a kink, where the pre-activation is exactly 0: samples[1].z1[0]; "
        "derivatives there are by the convention Step(0) = 1/2."
    )
    result = run("1-1", "--point", str(other), "--json", "--at-zero", "h0")
    assert json.loads(result.stdout) == {
        "schema": "derive-evaluate/1", "C": "1/18", "z": [["0"]], "r": [["1"], ["0"]],
        "quantities": {"z1": ["0"], "r0": ["1"], "r1": ["0"]},
        "gradients": {"z1": ["-h0/3"], "r1": ["-1/3"], "W0": [["-h0/3"]]},
        "parameters": ["W0[0,0]"], "gradient": ["-h0/3"], "kinks": ["z1[0]"],
        "step_at_zero": "h0",
    }  # fmt: skip


def test_the_command_multiplies_the_hessian_by_a_vector(tmp_path):
    """C = (1 - W0 x)^2/2 at x = 2: the Hessian is 4."""
    point, vector = tmp_path / "p.toml", tmp_path / "v.json"
    point.write_text("x = 2\ny = 1\nW0 = 1\n")
    vector.write_text('{"W0": "3/2"}')
    arguments = ("1-1", "--point", str(point), "--vector", str(vector))
    assert "R(dC/dW0[0,0]) = 6" in run(*arguments).stdout
    assert json.loads(run(*arguments, "--json").stdout)["motions"] == {"R(dC/dW0)": [["6"]]}


def test_order_0_of_the_command():
    result = run("sigmoid-chain", "--order", "0", "--json")
    assert set(json.loads(result.stdout)) == {
        "schema", "C", "z", "r", "quantities", "kinks", "step_at_zero",
    }  # fmt: skip
    assert json.loads(result.stdout)["r"][1] == ["0.880797077977882444059729141302"]


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["2-3-1"], "has no [point]"),
        (["1-1", "--point", "/no/such.toml"], "there is no such file"),
        (["no-such-network"], "no-such-network"),
        (["general-layer"], "has no cost"),
        (["two-layer-general"], "n_0 units"),
        (["one-layer-chain", "--order", "3"], "3"),
    ],
)
def test_bad_input_of_the_command(arguments, sentence):
    result = run(*arguments)
    assert result.exit_code == 2
    assert sentence in result.stderr and "Traceback" not in result.output
