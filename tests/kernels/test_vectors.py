"""Test vectors: exact, the same for the same seed, and what programs are held to."""

import io
import json

import numpy as np
import pytest
from click.testing import CliRunner
from sympy import Rational

from derive import DeriveError, evaluate, read_model, read_network, vectors
from derive.cli import main
from derive.evaluating.model_values import gate_values
from derive.kernels.points import with_sizes
from derive.kernels.sources import kernel
from derive.kernels.vectors import as_json
from tests.kernels.running import floats, program, relative
from tests.sweeps import sweep

KINDS = ("plain", "kink", "above the kink", "below the kink", "dead", "huge", "tiny")


def run(*arguments):
    return CliRunner().invoke(main, ["vectors", *arguments])


def as_array(numbers):
    return np.array(numbers, dtype=float)


@pytest.mark.parametrize(
    "name", sweep(["two-layer-general", "softmax-classifier", "1-1-1"], ["softmax-classifier"])
)
def test_programs_agree_with_every_vector(name):
    network = read_network(name)
    functions = program(network)
    found = vectors(network, count=2, kinks=True, dead=True, huge=True, tiny=True)
    assert tuple(one.kind for one in found) == KINDS * 2
    for one in found:
        numbers = {key: as_array(of) for key, of in one.to_json()["float64"]["numbers"].items()}
        given = [numbers[key] for key in one.given]
        with np.errstate(divide="ignore", invalid="ignore"):  # -y/r where r is 0 in float64
            every = functions["every_quantity"](*given)
        assert {key.replace("/", "_") for key in one.values} == {*every}
        last = f"dC/dr{network.depth}"
        for key in one.values:
            if one.kind == "huge" and key == last and network.cost.output:
                continue
            assert relative(every[key.replace("/", "_")], numbers[key]) < 1e-12, (one.kind, key)
        moves = [numbers[key] for key in one.direction]
        products = functions["hessian_vector_product"](*given, *moves)
        for key, product in zip(one.products, products, strict=True):
            assert relative(product, numbers[key]) < 1e-12, (one.kind, key)
        assert relative(functions["hessian"](*given), numbers["H"]) < 1e-12, one.kind


def test_a_kink_is_met_exactly_and_beside_it_is_a_1024th():
    plain, at, above, below = vectors("2-3-1", kinks=True)
    assert at.kinks and not (above.kinks or below.kinks or plain.kinks)
    name = at.kinks[0].partition(".")[2]
    layer, unit = int(name[1]), int(name[3])
    for one, sign in ((above, 1), (below, -1)):
        values = [row[unit] for row in one.values[f"z{layer}"]]
        assert any(sign * value > 0 for value in values)
        assert all(abs(value) < 1 for value in values)


def test_dead_units_are_off():
    (_, dead) = vectors("2-3-1", dead=True)
    assert all(value < 0 for row in dead.values["z1"] for value in row)
    assert floats(dead.values["dC/dW0"]) == [0.0] * 6


def test_values_are_exact_and_rounded_ones_say_their_error():
    (one,) = vectors("sigmoid-chain")
    network = with_sizes(read_network("sigmoid-chain"))
    point = {key: value for key, value in one.given.items() if key not in "xy"}
    rows = zip(one.given["x"], one.given["y"], strict=True)
    point["samples"] = [{"x": x, "y": y} for x, y in rows]
    assert one.values["C"] == evaluate(network, point).C
    written = one.to_json()
    for name, bits in (("float64", 53), ("float32", 24)):
        part = written[name]
        assert 0 < part["error"] <= 2.0**-bits
        assert part["numbers"]["W0"] == as_array(one.given["W0"]).tolist()  # inputs are exact
        exact = Rational(str(one.values["C"]))
        error = abs(Rational(part["numbers"]["C"]) / exact - 1)
        assert error <= part["error"]


def test_models_from_definitions_have_vectors():
    (one,) = vectors("rms-norm")
    assert {"x", "g", "eps", "y"} == {*one.given}
    assert {*one.products} == {"R(dC/dx)", "R(dC/dg)"}
    assert len(one.hessian) == 9  # x and g


def test_the_command_writes_json_and_npz(tmp_path):
    written = run("2-2-1", "--count", "2", "--seed", "5")
    assert written.exit_code == 0
    assert written.stdout == run("2-2-1", "--count", "2", "--seed", "5").stdout
    assert written.stdout != run("2-2-1", "--count", "2", "--seed", "6").stdout
    found = json.loads(written.stdout)
    assert found["parameters"][:2] == ["W0[0,0]", "W0[0,1]"] and len(found["vectors"]) == 2
    file = tmp_path / "v.npz"
    assert run("2-2-1", "--format", "npz", "--seed", "5", "-o", str(file)).exit_code == 0
    arrays = np.load(io.BytesIO(file.read_bytes()))
    numbers = found["vectors"][0]["float64"]["numbers"]
    assert arrays["0/dC_dW0"].tolist() == numbers["dC/dW0"]
    assert arrays["0/H"].shape == (6, 6)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"count": 0}, "count is from 1"),
        ({"kinks": True}, "no activation with a kink at 0"),
        ({"dead": True}, "no ReLU, whose units could all be off"),
    ],
)
def test_what_cannot_be_drawn_is_said(options, sentence):
    with pytest.raises(DeriveError, match=sentence):
        vectors("sigmoid-chain", **options)


@pytest.mark.parametrize("option", ["kinks", "dead"])
def test_a_model_without_kinks_says_so(option):
    with pytest.raises(DeriveError, match="ridge has no kinks"):
        vectors("ridge", **{option: True})


@pytest.mark.parametrize("name", sweep(["hinge", "huber", "residual"], ["hinge"]))
def test_gates_of_models_from_definitions_are_met_exactly(name):
    """At the kink the gate is 0, beside it not; a dead point has all gates below 0."""
    model = read_model(name)
    plain, at, above, below, dead = vectors(name, kinks=True, dead=True)
    assert [one.kind for one in (plain, at, above, below, dead)] == list(KINDS[:5])
    beside = [gate_values(model, one.given) for one in (below, at, above)]
    gate = next(key for key, value in beside[0].items() if value == Rational(-1, 1024))
    assert [values[gate] for values in beside] == [Rational(n, 1024) for n in (-1, 0, 1)]
    assert gate in at.kinks
    assert all(value < 0 for value in gate_values(model, dead.given).values())
    for one in (at, above, below, dead):
        numbers = one.to_json()
        given = {key: numbers["float32"]["numbers"][key] for key in one.given}
        assert given == {key: numbers["float64"]["numbers"][key] for key in one.given}
        arguments = (as_array(given[str(of.args[0])]) for of in kernel(model).given)
        found = program(model, 1)["every_quantity"](*arguments)
        for key in one.values:
            exact = np.array(numbers["float64"]["numbers"][key])
            assert relative(found[key.replace("/", "_")], exact) < 1e-12, (one.kind, key)


def test_a_dead_hinge_learns_from_its_penalty_alone():
    """dC/dw = lambda w where every margin is kept."""
    _, dead = vectors("hinge", dead=True)
    decay = [dead.given["lambda"] * entry for entry in dead.given["w"]]
    assert list(dead.values["dC/dw"]) == decay and dead.values["dC/db"] == 0


def test_models_from_definitions_have_hessians_and_huge_inputs():
    """C = 1/(2N) sum (x w - y)^2 + lambda/2 sum w^2: d2C/dw dw = x^T x/N + lambda."""
    plain, huge = vectors("ridge", huge=True)
    assert (plain.kind, huge.kind) == ("plain", "huge")
    exact, larger = plain.arrays(), huge.arrays()
    assert (larger["x"] == 4096 * exact["x"]).all()
    x, count = exact["x"], exact["x"].size
    by_w = x.T @ x / len(x) + exact["lambda"] * np.eye(x.shape[1])
    assert np.abs(exact["H"][count:, count:] - by_w).max() < 1e-12
    along = np.concatenate([exact["R(x)"].ravel(), exact["R(w)"]])
    products = np.concatenate([exact["R(dC/dx)"].ravel(), exact["R(dC/dw)"]])
    assert np.abs(exact["H"] @ along - products).max() < 1e-12
    names = as_json(read_model("ridge"), (plain,), 0)["parameters"]
    assert names[:2] == ["x[0,0]", "x[0,1]"] and names[count:] == ["w[0]", "w[1]", "w[2]"]
