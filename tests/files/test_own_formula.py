"""Activations of the user's own: read, refused in a sentence, derived, proved, evaluated."""

from random import Random

import jax
import pytest
from jax import numpy as jnp
from sympy import Piecewise, S, Symbol, exp

from derive.errors import NetworkError
from derive.evaluating.evaluate import evaluate
from derive.files.network_file import read_network
from derive.files.network_table import network_from_toml
from derive.files.own_formula import read_activation
from derive.model.activations import Activation
from derive.model.network import Layer, Network
from tests.read_again import assert_proved_and_read_again
from tests.sweeps import sweep

jax.config.update("jax_enable_x64", True)

CASES = {"if": "z > 0", "then": "z", "else": "exp(z) - 1"}
FORMULAS = {
    "z*sigmoid(z)": jax.nn.silu,
    "z*tanh(softplus(z))": jax.nn.mish,
    "z^2/(1 + exp(-z))": lambda z: z**2 * jax.nn.sigmoid(z),
    "ReLU(z + 1) - ReLU(z - 1) - 1": lambda z: jnp.clip(z, -1, 1),
    "shifted": lambda z: jnp.where(z > 1, z, jnp.exp(z - 1)),
    "z*max(0, min(1, z/6 + 1/2))": jax.nn.hard_swish,
    "ReLU(abs(z) - 1/2)": lambda z: jnp.maximum(jnp.abs(z) - 0.5, 0),
    "cases(z^2/2 if abs(z) <= 1; abs(z) - 1/2 otherwise)": lambda z: jnp.where(
        abs(z) <= 1, z**2 / 2, abs(z) - 0.5
    ),
}
TABLES = {"shifted": {"if": "z > 1", "then": "z", "else": "exp(z - 1)"}}
z = Symbol("z", real=True)


def activation(name):
    return read_activation(TABLES.get(name, name))


def network(name):
    own = activation(name)
    return Network(S(1), (Layer(S(2), own), Layer(S(1), own)), name="own")


@pytest.mark.parametrize("name", FORMULAS)
def test_derivatives_against_jax(name):
    source = Random(name)
    phi, oracle = activation(name)(z, S.Zero), FORMULAS[name]
    for _ in range(12):
        at = source.uniform(-4, 4)
        for formula, expected in (
            (phi, oracle),
            (phi.diff(z), jax.grad(oracle)),
            (phi.diff(z, 2), jax.grad(jax.grad(oracle))),
        ):
            assert float(formula.subs(z, at)) == pytest.approx(float(expected(at)), abs=1e-12)


DOCUMENTED = ["z*sigmoid(z)", "ReLU(z + 1) - ReLU(z - 1) - 1", "shifted"]


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("name", "order"),
    sweep(
        [(name, order) for name in DOCUMENTED for order in (1, 2)],
        always=[(DOCUMENTED[0], 1), (DOCUMENTED[1], 1), ("shifted", 1)],
    ),
)
def test_documents_are_proved_and_read_again(name, order):
    assert_proved_and_read_again(network(name), order)


def test_the_values_at_a_kink_away_from_0():
    point = {"x": [1], "y": [0], "W0": [[1, -1]], "W1": [[1], [0]]}
    found = evaluate(network("shifted"), point, order=1)
    assert found.kinks == ("z1[0]", "z2[0]")
    assert float(found.gradient[0]) == 1  # the slopes on both sides are 1


def test_kinks_are_found():
    assert activation("ReLU(z + 1) - ReLU(z - 1) - 1").kind.kinks == (-1, 1)
    assert activation("shifted").kind.kinks == (1,)
    assert activation("z*sigmoid(z)").kind.kinks == ()
    assert activation("z*max(0, min(1, z/6 + 1/2))").kind.kinks == (-3, 3)
    assert activation("max(z, z)").kind.kinks == ()


def test_the_slope_at_a_kink_is_the_mean_that_step_gives():
    own = read_activation({"if": "z > 0", "then": "2*z", "else": "exp(z) - 1"})
    h = Symbol("h_0", real=True)
    slope = own(z, h).diff(z)
    assert slope.subs(z, 0).expand() == (2 * h + (1 - h)).expand()
    assert own(z, h).diff(z, 2).subs(z, 0) == 1 - h


def test_from_python():
    own = Activation(formula=Piecewise((z, z > 0), (exp(z) - 1, True)))
    assert own == read_activation(CASES)
    with pytest.raises(NetworkError, match="a known one, or a formula"):
        Activation()


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ({**CASES, "then": "z + 1"}, "jumps at z = 0, by 1.0"),
        ("mish(z)", "has the function 'mish', which is not known"),
        ("z*__import__('os').system('true')", "__import__"),
        ("(lambda: 0)()", "cannot be read"),
        ("z*q", "in z alone, and q stands in it"),
        ("1/z", "divides by z"),
        ("log(z)", "may have log of what is positive"),
        ("sign(z)", "jumps at z = 0, by 2.0"),
        ("cases(z if z > 0)", "has cases that leave some z out"),
        ("ReLU(z^2 - 1)", r"a kink or a case where z\*\*2 - 1 is 0, and that is not linear in z"),
        ("abs(abs(abs(abs(z) - 8) - 4) - 2)", "has more than 6 kinks"),
        ("abs(((z + 1)^20 + 1)^20)", "is not linear in z"),
        ("1 + 1", "does not depend on z"),
        ("z^999999999", "cannot be read|not supported"),
        ({"if": "z > 999", "then": "exp(exp(exp(z)))", "else": "z"}, "too large"),
        ("z" + "*z" * 400, "more than 500 characters"),
        ({"if": "z > 0", "then": "z"}, "needs the key else"),
        ({**CASES, "esle": "z"}, "unknown key 'esle'; did you mean else"),
        ({**CASES, "if": "z*z > 1"}, "is not linear in z"),
        ({**CASES, "if": "__import__('os')"}, "cannot be read"),
        (3, "is a name or a formula in z, not 3"),
    ],
)
def test_refusals(formula, words):
    with pytest.raises(NetworkError, match=words) as problem:
        read_activation(formula)
    assert "\n" not in str(problem.value)


def test_in_a_network_file():
    text = """
inputs = 1
[[layers]]
units = 2
activation = { if = "z > 0", then = "z", else = "exp(z) - 1" }
[[layers]]
units = 1
activation = "z*sigmoid(z)"
"""
    first, second = network_from_toml(text, "own.toml", "own").layers
    assert first.activation == read_activation(CASES)
    assert second.activation.formula == activation("z*sigmoid(z)").formula


def test_the_activation_is_named_once():
    """Where a key is named before, and where a value is made in Python."""
    jumping = (
        'inputs = 1\n[[layers]]\nunits = 1\nactivation = { if = "z > 0", then = "1", else = "z" }'
    )
    with pytest.raises(NetworkError) as problem:
        network_from_toml(jumping, "own.toml", "own")
    assert "layer 1: activation jumps at z = 0, by" in str(problem.value)
    z = Symbol("z", real=True)
    with pytest.raises(NetworkError, match=r"^the activation jumps at z = 0, by"):
        Activation(formula=Piecewise((1, z > 0), (z, True), evaluate=False))
    with pytest.raises(NetworkError, match=r"^the activation divides by z"):
        Activation(formula=1 / z)


def test_a_problem_names_the_line():
    text = 'inputs = 1\n[[layers]]\nunits = 1\nactivation = "z*mish(z)"\n'
    with pytest.raises(NetworkError, match=r"own.toml, line 4: layer 1: activation .*'mish'"):
        network_from_toml(text, "own.toml", "own")


def test_a_shorthand_takes_formulas_too():
    own = read_network("2-3-1", activation="z*sigmoid(z)", output_activation="z^2")
    assert [layer.activation for layer in own.layers] == [
        activation("z*sigmoid(z)"),
        activation("z^2"),
    ]
    mixed = read_network("1-1-1", activation="leaky_relu", slope="a", output_activation="z^2")
    assert mixed.layers[0].activation == Activation("leaky_relu", Symbol("a", real=True))
    with pytest.raises(NetworkError, match="activation divides by z"):
        read_network("2-1", activation="z/z")
    with pytest.raises(NetworkError, match="slope is for leaky_relu"):
        read_network("2-1", activation="z^2", slope="a")
