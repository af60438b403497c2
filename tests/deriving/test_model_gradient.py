"""Models from definitions: derived, every line proved, and equal to automatic differentiation."""

import jax
import numpy as np
import pytest
from jax import numpy as jnp
from sympy import Float

from derive.algebra.quantities import Partial, Quantity
from derive.deriving.model_gradient import model_gradient
from derive.deriving.verifying import verify
from derive.documents.certificate import certificate
from derive.documents.certificate_check import verify_certificate
from derive.documents.reporting import report_on
from derive.files.built_in import builtin_models
from derive.files.network_file import read_model
from derive.meaning.valuation import Valuation
from tests.definition_files import TEXTS, model
from tests.sweeps import sweep

jax.config.update("jax_enable_x64", True)


def attention(x, WQ, WK, WV, y):
    S = (x @ WQ) @ (x @ WK).T / jnp.sqrt(WQ.shape[1])
    return 0.5 * jnp.sum((jax.nn.softmax(S, axis=1) @ (x @ WV) - y) ** 2)


def shared(x, W, y):
    return 0.5 * jnp.sum((jnp.tanh(x @ W) @ W - y) ** 2)


def residual(x, W, penalty, y):
    h = x @ W
    kept = jnp.sum(h**2) + penalty / 2 * jnp.sum(W**2)
    return 0.5 * jnp.sum((h + jax.nn.relu(h) - y) ** 2) + kept


def layer_norm(x, g, b, eps, y):
    v = jnp.var(x, axis=1, keepdims=True)
    n = (x - x.mean(axis=1, keepdims=True)) / jnp.sqrt(v + eps)
    return 0.5 * jnp.sum((g * n + b - y) ** 2)


def cross_entropy(x, W, b, y):
    return -jnp.sum(y * jax.nn.log_softmax(x @ W + b, axis=1)) / x.shape[0]


COSTS = {
    "attention": attention,
    "shared weight": shared,
    "residual with a penalty": residual,
    "layer norm": layer_norm,
    "softmax with cross-entropy": cross_entropy,
}


@pytest.mark.parametrize("name", TEXTS)
def test_every_line_is_proved_and_its_rule_confirmed(name):
    derivation = model_gradient(model(name))
    marks = verify(derivation)
    assert all(mark.proved for mark in marks)
    assert all(mark.proof.scope.widths.every for mark in marks)


@pytest.mark.parametrize("name", sweep(builtin_models(), ["rms-norm", "swiglu"]))
def test_built_in_models_are_proved(name):
    one = read_model(name)
    marks = verify(model_gradient(one))
    assert marks and all(mark.proved and mark.proof.scope.widths.every for mark in marks)


@pytest.mark.parametrize("name", TEXTS)
def test_the_certificate_is_proved_again(name):
    derivation = model_gradient(model(name))
    total, failures = verify_certificate(certificate(derivation, verify(derivation)))
    assert (total, failures) == (sum(1 for _ in derivation.steps), ())


@pytest.mark.parametrize("name", TEXTS)
def test_gradients_are_those_of_jax(name):
    one = model(name)
    sizes = {axis: 2 + (str(axis) == "d") for axis in one.all_axes}
    shape = Valuation(one, sizes, {})
    draw = np.random.default_rng(7)
    given, arrays = {}, []
    for tensor in one.given:
        entries = shape.entries(*tensor)
        drawn = draw.uniform(0.2, 1.2, len(entries)) * draw.choice([-1, 1], len(entries))
        drawn = abs(drawn) if str(tensor[0]) == "eps" else drawn
        given |= dict(zip(entries, map(Float, drawn), strict=True))
        arrays.append(jnp.array(drawn).reshape([sizes[a] for a in one.axes(Quantity(*tensor))]))
    point = Valuation(one, sizes, given)
    assert float(point.values[one.C]) == pytest.approx(float(COSTS[name](*arrays)), rel=1e-10)
    places = [n for n, tensor in enumerate(one.given) if tensor in one.parameters]
    wanted = jax.grad(COSTS[name], argnums=places)(*arrays)
    for n, gradient in zip(places, wanted, strict=True):
        found = [float(point(Partial(one.C, q))) for q in shape.entries(*one.given[n])]
        assert found == pytest.approx(gradient.ravel().tolist(), rel=1e-9, abs=1e-12)


@pytest.mark.thorough
def test_the_document_has_short_forms_and_the_local_derivative():
    files = dict(report_on(model("attention"), ["github"]).files)
    page = files["attention.md"]
    assert r"{W^Q}_{ia}" in page or r"W^Q_{ia}" in page
    assert r"\left(\frac{\partial C}{\partial P_{ts}} - \sum" in page
    files = dict(report_on(model("residual with a penalty"), ["github", "latex"]).files)
    assert r"\partial^{+} C" in files["residual-with-a-penalty.md"]
    assert r"\partial^{+} C" in files["residual-with-a-penalty.tex"]
