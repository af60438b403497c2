"""Rows of activations: derived to second order, proved, evaluated, written and read again."""

from random import Random

import jax
import pytest
from jax import numpy as jnp
from sympy import Rational, S, Symbol, exp, tanh

from derive.algebra.primitives import PRIMITIVES
from derive.checking.assessment import Verdict
from derive.checking.check import check
from derive.errors import NetworkError
from derive.evaluating.evaluate import evaluate
from derive.files.network_file import read_network
from derive.model import activations, literals
from derive.model.activations import ACTIVATIONS, Activation, ActivationKind
from tests.read_again import assert_proved_and_read_again
from tests.sweeps import sweep

jax.config.update("jax_enable_x64", True)

ALPHA = Rational(3, 10)
ORACLES = {
    "silu": jax.nn.silu,
    "gelu": lambda z: jax.nn.gelu(z, approximate=False),
    "elu": lambda z: jax.nn.elu(z, float(ALPHA)),
}
SLOPES = {"elu": "alpha"}
z = Symbol("z", real=True)


def network(name, slope=None, at_zero=None, shape="2-3-1"):
    slope = slope or SLOPES.get(name)
    return read_network(shape, activation=name, slope=slope, at_zero=at_zero)


@pytest.mark.parametrize("name", ORACLES)
def test_derivatives_against_jax(name):
    source = Random(name)
    phi = Activation(name, ALPHA)(z, S.Zero)
    oracle = ORACLES[name]
    for _ in range(20):
        at = source.uniform(-4, 4)
        for formula, expected in (
            (phi, oracle),
            (phi.diff(z), jax.grad(oracle)),
            (phi.diff(z, 2), jax.grad(jax.grad(oracle))),
        ):
            assert float(formula.subs(z, at)) == pytest.approx(float(expected(at)), abs=1e-12)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("name", "order"),
    sweep(
        [(name, order) for name in ORACLES for order in (1, 2)],
        always=[(name, 1) for name in ORACLES],  # that of a test's own row goes on to order 2
    ),
)
def test_documents_are_proved_and_read_again(name, order):
    assert_proved_and_read_again(network(name), order)


@pytest.mark.parametrize(
    ("at_zero", "slope"), [("0", ALPHA), ("1", S.One), ("1/3", (1 + 2 * ALPHA) / 3)]
)
def test_the_slope_of_elu_at_its_kink_is_the_mean_that_the_convention_gives(at_zero, slope):
    h = Rational(at_zero)
    phi = Activation("elu", ALPHA)(z, h)
    assert phi.diff(z).subs(z, 0) == slope
    assert phi.diff(z, 2).subs(z, 0) == (1 - h) * ALPHA
    assert phi.subs(z, 0) == 0


@pytest.mark.thorough
@pytest.mark.parametrize("name", ORACLES)
def test_values_against_jax(name):
    source = Random(name)
    given = network(name, slope="3/10" if name in SLOPES else None)
    W0 = [[source.randint(-3, 3) for _ in range(3)] for _ in range(2)]
    W1 = [[source.randint(-3, 3)] for _ in range(3)]
    point = {"x": [1, -2], "y": [1], "W0": W0, "W1": W1}

    def cost(w0, w1):
        phi = ORACLES[name]
        return 0.5 * jnp.sum((phi(phi(jnp.array([1.0, -2.0]) @ w0) @ w1) - 1.0) ** 2)

    at = (jnp.array(W0, float), jnp.array(W1, float))
    expected = jax.grad(cost, (0, 1))(*at)
    found = evaluate(given, point, order=2)
    flat = [float(v) for matrix in expected for v in matrix.ravel()]
    assert [float(v) for v in found.gradient] == pytest.approx(flat, abs=1e-12)
    blocks = jax.hessian(cost, (0, 1))(*at)
    rows = jnp.block(
        [[blocks[a][b].reshape(at[a].size, at[b].size) for b in (0, 1)] for a in (0, 1)]
    )
    ours = [float(v) for row in found.hessian for v in row]
    assert ours == pytest.approx([float(v) for v in rows.ravel()], abs=1e-10)


def test_check_reads_gelu_as_it_is_taught():
    given = network("gelu")
    text = r"""
Let $\Phi(z) = \frac12(1+\operatorname{erf}(z/\sqrt2))$ and
$\varphi(z) = \frac{1}{\sqrt{2\pi}} e^{-z^2/2}$.
\[ \frac{\partial C}{\partial z^{(2)}} = (r^{(2)} - y) (SLOPE) \]
"""
    for slope, verdict in (
        (r"\Phi(z^{(2)}) + z^{(2)}\varphi(z^{(2)})", Verdict.RIGHT),
        (r"\frac12(1+\mathrm{erf}(z^{(2)}/\sqrt{2})) + z^{(2)}\,\Phi'(z^{(2)})", Verdict.RIGHT),
        (r"\Phi(z^{(2)}) + z^{(2)} \pi^{-1/2} e^{-(z^{(2)})^2/2}", Verdict.WRONG),
    ):
        assert check(text.replace("SLOPE", slope), given).judged[-1].verdict is verdict


@pytest.mark.thorough
@pytest.mark.parametrize("order", sweep([1, 2], always=[1]))
def test_a_row_of_a_test(monkeypatch, order):
    """One row is all that an activation takes."""
    row = ActivationKind("bump", lambda a, _slope, _at_zero: a * tanh(a) * exp(-a))
    monkeypatch.setitem(activations.ACTIVATIONS, "bump", row)
    assert ACTIVATIONS["bump"] is row
    given = network("bump", shape="1-2-1")
    assert_proved_and_read_again(given, order)
    point = {"x": [2], "y": [1], "W0": [[1, -1]], "W1": [[1], [2]]}
    assert evaluate(given, point, order=2).hessian is not None


def test_no_name_of_the_table_is_left_for_a_symbol():
    """A width or slope of that name would be read as the function."""
    for name in (*ACTIVATIONS, *(row.name for row in PRIMITIVES)):
        with pytest.raises(NetworkError, match="that name is taken"):
            literals.symbol(name, "n_1")
