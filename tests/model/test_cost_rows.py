"""Rows of costs, those with kinks too: derived, proved, evaluated, written and read again."""

import jax
import pytest
from jax import numpy as jnp
from sympy import Rational, S, Symbol

from derive.algebra.quantities import Partial
from derive.deriving.dirac import with_dirac_terms
from derive.deriving.second_order import second_order
from derive.documents.certificate_check import verify_certificate
from derive.documents.reporting import report_on
from derive.errors import DeriveError, NetworkError
from derive.evaluating.evaluate import evaluate
from derive.files.network_file import read_network
from derive.files.network_table import network_from_toml
from derive.model import costs
from derive.model.costs import COSTS, Cost, CostKind
from derive.proving import judge
from tests.read_again import assert_proved_and_read_again
from tests.sweeps import sweep

jax.config.update("jax_enable_x64", True)

h0 = Symbol("h_0", real=True)
CONVENTIONS = [S.Zero, S.Half, S.One, h0]
ORACLES = {
    "absolute_error": jnp.abs,
    "huber": lambda u: jnp.where(jnp.abs(u) < 1, u**2 / 2, jnp.abs(u) - 0.5),
    "fourth": lambda u: u**4,
}
u = Symbol("u", real=True)


@pytest.fixture(autouse=True)
def fourth(monkeypatch):
    row = CostKind("fourth", "the fourth power", of_difference=lambda v, _threshold, _h: v**4)
    monkeypatch.setitem(costs.COSTS, "fourth", row)
    assert COSTS["fourth"] is row


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("name", "order"),
    sweep(
        [(name, order) for name in ORACLES for order in (1, 2)],
        always=[("absolute_error", 1), ("fourth", 1)],
    ),
)
def test_documents_are_proved_and_read_again(name, order):
    assert_proved_and_read_again(read_network("1-2-1", cost=name), order)


@pytest.mark.thorough
@pytest.mark.parametrize("name", ORACLES)
def test_values_against_jax(name):
    given = read_network("2-2-2", activation="tanh", cost=name, output_activation="identity")
    W0, W1 = [[1, -1], [2, 1]], [[1, -2], [3, 1]]
    point = {"x": [1, -2], "y": [1, -3], "W0": W0, "W1": W1}

    def cost(w0, w1):
        r = jnp.tanh(jnp.array([1.0, -2.0]) @ w0) @ w1
        return jnp.sum(ORACLES[name](jnp.array([1.0, -3.0]) - r))

    at = (jnp.array(W0, float), jnp.array(W1, float))
    found = evaluate(given, point, order=2)
    flat = [float(v) for matrix in jax.grad(cost, (0, 1))(*at) for v in matrix.ravel()]
    assert [float(v) for v in found.gradient] == pytest.approx(flat, abs=1e-12)
    blocks = jax.hessian(cost, (0, 1))(*at)
    rows = jnp.block([[blocks[a][b].reshape(4, 4) for b in (0, 1)] for a in (0, 1)])
    ours = [float(v) for row in found.hessian for v in row]
    assert ours == pytest.approx([float(v) for v in rows.ravel()], abs=1e-10)
    assert found.kinks == ()


@pytest.mark.parametrize("at_zero", CONVENTIONS)
@pytest.mark.parametrize(
    ("name", "order", "kink", "left", "right"),
    [
        ("absolute_error", 1, 0, -1, 1),
        ("huber", 1, 1, 1, 1),
        ("huber", 1, -1, -1, -1),
        ("huber", 2, 1, 1, 0),
        ("huber", 2, -1, 0, 1),
    ],
)
def test_a_kink_has_the_mean_that_the_convention_gives(name, order, kink, left, right, at_zero):
    cost = Cost(name)
    slope = (cost.scale(S.One) * cost.of_difference(u, at_zero)).diff(u, order)
    expected = at_zero * right + (1 - at_zero) * left
    assert (slope.subs(u, kink) - expected).expand() == 0
    # The same through a network: u = y - w x, so that dC/dw = -x dC/du.
    given = read_network("1-1", activation="identity", cost=name, at_zero=str(at_zero))
    found = evaluate(given, {"x": [1], "y": [kink], "W0": [[0]]}, order=2)
    value = -found.gradient[0] if order == 1 else found.hessian[0][0]
    assert (value - expected).subs(Symbol("h_0", real=True), h0).expand() == 0
    assert found.kinks == ("r1[0]",)


def test_scopes_know_the_kinks_of_the_cost():
    absolute = read_network("1-1", activation="identity", cost="absolute_error")
    square = read_network("1-1", activation="identity")
    assert absolute.uses_step and not square.uses_step
    r, y = absolute.quantity("r", S.One), absolute.quantity("y", S.One)
    slope = absolute.cost.term(r, y, S.Zero).diff(r)
    proof = judge(absolute, Partial(absolute.C, r), slope)
    assert proof.proved and proof.scope.derivative


@pytest.mark.thorough
def test_a_threshold_is_a_symbol():
    named = read_network("1-1", cost="huber", threshold="tau", at_zero="h0")
    result = report_on(named, thorough=True)
    assert result.proved == result.equations
    for file, text in result.files:
        if file.endswith(".json"):
            count, failures = verify_certificate(text)
            assert count and not failures


def test_a_threshold_is_a_number():
    text = 'inputs = 1\ncost = "huber"\nthreshold = "1/2"\n[[layers]]\nunits = 1\n'
    assert network_from_toml(text, "h.toml").cost == Cost("huber", Rational(1, 2))


@pytest.mark.parametrize(
    ("cost", "threshold", "words"),
    [
        ("huber", "0", "threshold is a positive number such as 1/2 or a symbol, not '0'"),
        ("huber", "-1", "a positive number"),
        ("half_squared_error", "1", "threshold is for cost huber"),
    ],
)
def test_refusals(cost, threshold, words):
    with pytest.raises(NetworkError, match=words):
        read_network("1-1", cost=cost, threshold=threshold)


def test_dirac_terms_of_a_cost_are_refused_in_a_sentence():
    given = read_network("1-1", cost="huber")
    with pytest.raises(DeriveError, match="the cost has kinks of its own"):
        with_dirac_terms(given, second_order(given))
