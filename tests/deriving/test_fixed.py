"""fixed(f), the stop-gradient: its value is that of f, and its derivatives are 0."""

import jax
import numpy as np
import pytest
from jax import lax
from jax import numpy as jnp

from derive import check, evaluate, prove
from derive.checking.verdicts import Verdict
from derive.deriving.model_curvature import model_curvature
from derive.deriving.model_gradient import model_gradient
from derive.deriving.verifying import verify
from derive.documents.certificate import certificate
from derive.documents.certificate_check import verify_certificate
from derive.documents.reporting import report_on
from derive.errors import NetworkError
from derive.files.definitions_file import read_definitions
from derive.notation.ascii.printing import ascii_text

jax.config.update("jax_enable_x64", True)

#: A step with the slope of the identity, and an error of which one side alone moves.
STRAIGHT_THROUGH = """
input x[n]
parameter w[n], a
target y[n]
z[i] := w[i]*x[i]
b[i] := z[i] + fixed(Step(z[i]) - z[i])
o[i] := a*b[i]
C := 1/2*sum(i, (o[i] - y[i])^2) + sum(i, (fixed(o[i]) - z[i])^2)
"""
#: A cross-entropy whose weights are probabilities that do not move.
WEIGHTED = """
input z[N,K]
target y[N,K]
p[n,c] := softmax(c, z[n,c])
w[n,c] := (1 - fixed(p[n,c]))^2
C := -sum(n, sum(c, y[n,c]*w[n,c]*log(p[n,c])))/N
"""
#: Two quantities of one value, of which one moves.
TWINS = """
input x[n]
a[i] := fixed(x[i]^2)
b[i] := x[i]^2
C := sum(i, a[i]*x[i] + b[i])
"""


def straight_through(g, keep):
    z = keep("z", g["w"] * g["x"])
    b = keep("b", z + lax.stop_gradient((z > 0) - z))
    o = keep("o", g["a"] * b)
    return jnp.sum((o - g["y"]) ** 2) / 2 + jnp.sum((lax.stop_gradient(o) - z) ** 2)


def weighted(g, keep):
    p = keep("p", jax.nn.softmax(g["z"], axis=1))
    w = keep("w", (1 - lax.stop_gradient(p)) ** 2)
    return -jnp.sum(g["y"] * w * jnp.log(p)) / len(p)


CASES = {
    "straight-through": (STRAIGHT_THROUGH, straight_through, {"x": 3, "w": 3, "a": (), "y": 3}),
    "weighted": (WEIGHTED, weighted, {"z": (2, 3), "y": (2, 3)}),
}
ORDERS = {"gradient": model_gradient, "curvature": model_curvature}


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize("name", CASES)
def test_every_line_is_proved_and_its_rule_confirmed(name, order):
    derivation = ORDERS[order](read_definitions(CASES[name][0]))
    assert all(mark.proved for mark in verify(derivation))


@pytest.mark.parametrize("name", CASES)
def test_gradients_and_motions_of_every_quantity_are_those_of_jax(name):
    text, run, shapes = CASES[name]
    draw = np.random.default_rng(7)
    given = {key: draw.uniform(0.2, 0.9, shape) for key, shape in shapes.items()}
    along = {key: draw.uniform(-0.9, 0.9, shape) * (key != "y") for key, shape in shapes.items()}
    point = {key: array.tolist() for key, array in given.items()}
    point |= {f"R({key})": array.tolist() for key, array in along.items() if key != "y"}
    found = evaluate(read_definitions(text), point)

    def values(arrays):
        kept = {}
        run(arrays, lambda quantity, value: kept.setdefault(quantity, value))
        return kept

    still = {quantity: jnp.zeros(value.shape) for quantity, value in values(given).items()}

    def gradients(arrays):
        moved = lambda own, add: run(own, lambda name, value: value + add[name])  # noqa: E731
        by_given, by_defined = jax.grad(moved, (0, 1))(arrays, still)
        return {**by_given, **by_defined}

    assert float(found.C) == pytest.approx(float(run(given, lambda _, value: value)), rel=1e-12)
    _, moved = jax.jvp(values, (given,), (along,))
    slopes, bends = jax.jvp(gradients, (given,), (along,))
    for quantity, gradient in found.gradients.items():
        assert floats(gradient) == pytest.approx(np.array(slopes[quantity]), abs=1e-10)
    wanted = {f"R({key})": array for key, array in moved.items()}
    wanted |= {f"R(dC/d{key})": array for key, array in bends.items()}
    assert {f"R({key})" for key in moved} <= {*found.motions}
    for quantity, motion in found.motions.items():
        assert floats(motion) == pytest.approx(np.array(wanted[quantity]), abs=1e-10)


def floats(nested):
    parts = [floats(part) for part in nested] if isinstance(nested, tuple) else float(nested)
    return np.array(parts)


def test_equal_values_may_have_unlike_derivatives():
    one = read_definitions(TWINS)
    said = {
        "a[i] = b[i]": True,
        "fixed(x[i]) = x[i]": True,
        "R(a[i]) = R(b[i])": False,
        "R(a[i]) = 0": True,
        "da[i]/dx[j] = db[i]/dx[j]": False,
        "d(fixed(x[i])*x[i])/dx[i] = x[i]": True,
        "d(fixed(x[i])*x[i])/dx[i] = 2*x[i]": False,
        "dC/dx[i] = a[i] + 2*x[i]": True,
        "dC/dx[i] = 3*x[i]^2 + 2*x[i]": False,
        "d2C/dx[i] dx[i] = 2": True,
        "d2C/dx[i] dx[i] = 2*x[i] + 2": False,
    }
    for line, right in said.items():
        left, sign, other = line.partition(" = ")
        assert sign
        assert prove(left, other, network=one).proved is right, line


def test_what_is_published_with_it_is_read_and_judged():
    one = read_definitions(WEIGHTED)
    text = r"""
$$w_{nc} = (1 - \mathrm{fixed}(p_{nc}))^2$$

$$\frac{\partial C}{\partial p_{nc}} = -\frac{y_{nc} w_{nc}}{N p_{nc}}$$

$$\frac{\partial C}{\partial p_{nc}} = -\frac{y_{nc}}{N p_{nc}}
  (1 - \operatorname{stopgrad}(p_{nc}))^2$$

$$\frac{\partial C}{\partial p_{nc}} = \frac{y_{nc}}{N}\left(2 (1 - p_{nc}) \log p_{nc}
  - \frac{(1 - p_{nc})^2}{p_{nc}}\right)$$
"""
    verdicts = [found.verdict for found in check(text, one, kind="markdown").equations]
    assert verdicts == [Verdict.RIGHT, Verdict.RIGHT, Verdict.RIGHT, Verdict.WRONG]


@pytest.mark.parametrize("dialect", ["github", "latex"])
def test_documents_say_what_it_is_and_are_read_back(dialect):
    one = read_definitions(STRAIGHT_THROUGH)
    ((file, text),) = report_on(one, [dialect]).files
    assert r"\mathrm{fixed}" in text
    assert "stays as it is while all else moves" in " ".join(text.split())
    checked = check(text, one, kind="markdown" if file.endswith(".md") else "latex")
    assert checked.summary.all_right


def test_certificates_keep_it():
    one = read_definitions(WEIGHTED)
    derivation = model_gradient(one)
    total, failures = verify_certificate(certificate(derivation, verify(derivation)))
    assert (total, failures) == (sum(1 for _ in derivation.steps), ())
    assert any("fixed(p[n,c])" in ascii_text(line.rhs) for line in derivation.steps)


def test_jumps_are_read_within_it_alone():
    with pytest.raises(NetworkError, match="jumps"):
        read_definitions("input x\nC := x*Step(x)")
    one = read_definitions("input x\nC := x*fixed(Step(x))")
    assert prove("dC/dx", "Step(x)", network=one).proved
