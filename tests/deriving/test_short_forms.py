"""Short forms of derivatives: those that people know, with the values of JAX."""

import math

import jax
import numpy as np
import pytest
from jax import numpy as jnp
from sympy import Add, Expr, Integer, Mul, Pow, Sum, Symbol

from derive.algebra.indices import with_canonical_bounds
from derive.algebra.quantities import Partial, Quantity
from derive.deriving.laws import RULES, short_forms
from derive.deriving.model_gradient import model_gradient, statistics
from derive.deriving.verifying import verify
from derive.files.built_in import builtin_models
from derive.files.definitions_file import model_of
from derive.files.network_file import read_model
from derive.files.toml_tables import parse_toml
from derive.notation.ascii.given import formula
from derive.proving import Status, prove

jax.config.update("jax_enable_x64", True)

SOFTMAX_ELSEWHERE = '''
definitions = """
z[n,c] := sum(i, x[n,i]*W[i,c])
q[n,c] := exp(z[n,c])/sum(k, exp(z[n,k]))
C := 1/2*sum(n, sum(c, (q[n,c] - y[n,c])^2))
"""
[tensors]
x = { axes = ["N", "d"], role = "input" }
W = { axes = ["d", "K"], role = "parameter" }
y = { axes = ["N", "K"], role = "target" }
'''

#: Softmax in three lines, as code has it.
SOFTMAX_IN_PARTS = '''
definitions = """
e[n,c] := exp(z[n,c])
D[n] := sum(k, e[n,k])
p[n,c] := e[n,c]/D[n]
C := 1/2*sum(n, sum(c, (p[n,c] - y[n,c])^2))
"""
[tensors]
z = { axes = ["N", "K"], role = "parameter" }
y = { axes = ["N", "K"], role = "target" }
'''

LOG_SUM_EXP = '''
definitions = """
l[n] := log(sum(k, exp(z[n,k])))
C := sum(n, l[n] - sum(c, y[n,c]*z[n,c]))/N
"""
[tensors]
z = { axes = ["N", "K"], role = "parameter" }
y = { axes = ["N", "K"], role = "target" }
'''

LOG_SOFTMAX = '''
definitions = """
q[n,c] := z[n,c] - log(sum(k, exp(z[n,k])))
C := -sum(n, sum(c, y[n,c]*q[n,c]))/N
"""
[tensors]
z = { axes = ["N", "K"], role = "parameter" }
y = { axes = ["N", "K"], role = "target" }
'''

LOGISTIC = '''
definitions = """
z[n] := sum(i, x[n,i]*w[i])
p[n] := sigmoid(z[n])
C := -sum(n, y[n]*log(p[n]) + (1 - y[n])*log(1 - p[n]))
"""
[tensors]
x = { axes = ["N", "d"], role = "input" }
w = { axes = ["d"], role = "parameter" }
y = { axes = ["N"], role = "target" }
'''

BATCH_NORM = '''
definitions = """
m[j] := sum(n, x[n,j])/N
v[j] := sum(n, (x[n,j] - m[j])^2)/N
h[n,j] := (x[n,j] - m[j])/sqrt(v[j] + eps)
o[n,j] := g[j]*h[n,j] + b[j]
C := 1/2*sum(n, sum(j, (o[n,j] - y[n,j])^2))
"""
[tensors]
x = { axes = ["N", "d"], role = "input" }
g = { axes = ["d"], role = "parameter" }
b = { axes = ["d"], role = "parameter" }
eps = { axes = [], role = "constant" }
y = { axes = ["N", "d"], role = "target" }
'''

#: A norm inside of a residual block: x goes on beside it.
NORM_ELSEWHERE = '''
definitions = """
s[t] := sqrt(sum(j, x[t,j]^2)/d + eps)
n[t,i] := x[t,i]/s[t]
h[t,k] := sum(i, n[t,i]*W[i,k])
r[t,k] := tanh(h[t,k])
o[t,i] := x[t,i] + sum(k, r[t,k]*V[k,i])
C := 1/2*sum(t, sum(i, (o[t,i] - y[t,i])^2))
"""
[tensors]
x = { axes = ["T", "d"], role = "input" }
W = { axes = ["d", "f"], role = "parameter" }
V = { axes = ["f", "d"], role = "parameter" }
eps = { axes = [], role = "constant" }
y = { axes = ["T", "d"], role = "target" }
'''

#: What is derived, and the form that it ends with.
SHORT = [
    ("softmax-cross-entropy", "dC/dz[n,c]", "(p[n,c]*sum(k, y[n,k]) - y[n,c])/N"),
    ("attention-head", "dC/dS[t,s]", "P[t,s]*(dC/dP[t,s] - sum(i, dC/dP[t,i]*P[t,i]))"),
    (SOFTMAX_ELSEWHERE, "dC/dz[n,c]", "q[n,c]*(dC/dq[n,c] - sum(k, dC/dq[n,k]*q[n,k]))"),
    (SOFTMAX_IN_PARTS, "dC/de[n,c]", "(dC/dp[n,c] - sum(i, dC/dp[n,i]*p[n,i]))/D[n]"),
    (LOG_SUM_EXP, "dC/dz[n,k]", "(exp(z[n,k] - l[n]) - y[n,k])/N"),
    (LOG_SOFTMAX, "dC/dz[n,c]", "(exp(q[n,c])*sum(k, y[n,k]) - y[n,c])/N"),
    (LOGISTIC, "dC/dz[n]", "p[n] - y[n]"),
    ("rms-norm", "dC/dx[t,j]",
     "(dC/dn[t,j] - n[t,j]*sum(i, dC/dn[t,i]*n[t,i])/d)/s[t]"),
    ("layer-norm", "dC/dm[t]", "-sum(j, dC/dn[t,j])/s[t]"),
    ("layer-norm", "dC/dx[t,j]",
     "(dC/dn[t,j] - sum(i, dC/dn[t,i])/d - n[t,j]*sum(l, dC/dn[t,l]*n[t,l])/d)/s[t]"),
    (BATCH_NORM, "dC/dx[n,j]",
     "(dC/dh[n,j] - sum(l, dC/dh[l,j])/N - h[n,j]*sum(i, dC/dh[i,j]*h[i,j])/N)/sqrt(v[j] + eps)"),
    (NORM_ELSEWHERE, "dC/dx[t,j]",
     "dC/do[t,j] + dC/dn[t,j]/s[t] - n[t,j]*sum(i, dC/dn[t,i]*n[t,i])/(d*s[t])"),
    ("swiglu", "dC/du[j]", "dC/dh[j]*v[j]*sigmoid(u[j])*(1 + u[j]*(1 - sigmoid(u[j])))"),
    ("residual", "dC/dh[j]", "dC/do[j]*(1 + Step(h[j]))"),
]  # fmt: skip

#: What comes near, and is said to be no form of it.
NEAR = [
    (SOFTMAX_ELSEWHERE, "dC/dz[n,c]", "q[n,c]*(dC/dq[n,c] - sum(k, dC/dq[n,k]))"),
    (SOFTMAX_ELSEWHERE, "dC/dz[n,c]", "q[n,c]*(1 - q[n,c])*dC/dq[n,c]"),
    (LOG_SUM_EXP, "dC/dz[n,k]", "(exp(z[n,k]) - y[n,k])/N"),
    ("rms-norm", "dC/dx[t,j]", "(dC/dn[t,j] - n[t,j]*sum(i, dC/dn[t,i]*n[t,i]))/s[t]"),
    ("swiglu", "dC/du[j]", "dC/dh[j]*v[j]*sigmoid(u[j])*(1 - sigmoid(u[j]))"),
]


def a_model(text):
    return read_model(text) if text in builtin_models() else model_of(parse_toml(text, "m"), "m")


@pytest.mark.parametrize(("text", "quantity", "right"), SHORT)
def test_the_form_that_people_know_is_reached(text, quantity, right):
    one = a_model(text)
    last = model_gradient(one)[quantity.split("[")[0]][-1].rhs
    wanted = formula(right, "a side", one)
    difference = with_canonical_bounds(last) - with_canonical_bounds(wanted)
    assert difference == 0, last


@pytest.mark.parametrize(
    "text",
    [SOFTMAX_ELSEWHERE, SOFTMAX_IN_PARTS, LOG_SUM_EXP, LOG_SOFTMAX, LOGISTIC, NORM_ELSEWHERE],
)
def test_every_line_is_proved_for_all_sizes(text):
    marks = verify(model_gradient(a_model(text)))
    assert all(mark.proved and mark.proof.scope.widths.every for mark in marks)


@pytest.mark.parametrize(("text", "quantity", "right"), NEAR)
def test_what_comes_near_is_refuted(text, quantity, right):
    assert prove(quantity, right, network=a_model(text)).status is Status.REFUTED


def test_statistics_are_of_one_tensor_and_stand_beside_it():
    norm = a_model("layer-norm")
    names = {str(head[0]): head for head in norm.defined + norm.given}
    assert {str(q[0]) for q in statistics(norm, names["x"])} == {"m", "v", "s"}
    assert not statistics(norm, names["g"])
    swiglu = a_model("swiglu")
    names = {str(head[0]): head for head in swiglu.given}
    assert not statistics(swiglu, names["U"])  # u has fewer axes than U, and is made of x too


def test_laws_of_short_forms_leave_alone_what_they_are_not_about():
    one = a_model("softmax-cross-entropy")
    plain = formula("dC/dz[n,c]*x[n,i] + W[i,c]", "a side", one)
    for name in ("sum term by term", "multiply out the fractions", "in front of the sums",
                 "name the quantities", "factor out"):  # fmt: skip
        assert RULES[name](one, plain, ()) == plain
    assert short_forms.length(plain) == 4


# -- values of JAX -----------------------------------------------------------------------------


def attention(g, tap):
    Q, K, V = (tap(n, g["x"] @ g["W" + n]) for n in "QKV")
    P = tap("P", jax.nn.softmax(tap("S", Q @ K.T / jnp.sqrt(K.shape[1])), axis=1))
    return 0.5 * jnp.sum((tap("O", P @ V) - g["y"]) ** 2)


def rms_norm(g, tap):
    s = tap("s", jnp.sqrt(jnp.mean(g["x"] ** 2, axis=1) + g["eps"]))
    return 0.5 * jnp.sum((tap("o", g["g"] * tap("n", g["x"] / s[:, None])) - g["y"]) ** 2)


def layer_norm(g, tap):
    m = tap("m", g["x"].mean(axis=1))
    v = tap("v", jnp.mean((g["x"] - m[:, None]) ** 2, axis=1))
    s = tap("s", jnp.sqrt(v + g["eps"]))
    n = tap("n", (g["x"] - m[:, None]) / s[:, None])
    return 0.5 * jnp.sum((tap("o", g["g"] * n + g["b"]) - g["y"]) ** 2)


def cross_entropy(g, tap):
    z = tap("z", g["x"] @ g["W"] + g["b"])
    p = tap("p", jax.nn.softmax(z, axis=1))
    return -jnp.sum(g["y"] * jnp.log(p)) / z.shape[0]


def swiglu(g, tap):
    u, v = tap("u", g["x"] @ g["U"]), tap("v", g["x"] @ g["V"])
    return 0.5 * jnp.sum((tap("o", tap("h", jax.nn.silu(u) * v) @ g["W"]) - g["y"]) ** 2)


def residual(g, tap):
    h = tap("h", g["x"] @ g["W"])
    penalty = g["lambda"] / 2 * jnp.sum(g["W"] ** 2)
    return 0.5 * jnp.sum((tap("o", h + jax.nn.relu(h)) - g["y"]) ** 2) + penalty


BUILT_IN = {
    "attention-head": attention,
    "rms-norm": rms_norm,
    "layer-norm": layer_norm,
    "softmax-cross-entropy": cross_entropy,
    "swiglu": swiglu,
    "residual": residual,
}


class Arrays:
    """Values of all quantities of a model, and of the derivatives by them, from JAX."""

    def __init__(self, one, cost, seed):
        draw = np.random.default_rng(seed)
        axes = list(one.all_axes)
        self.model = one
        self.sizes = dict(zip(axes, draw.permutation(len(axes)) + 2, strict=True))
        given = {}
        for head in one.given:
            shape = self._shape(head)
            drawn = draw.uniform(0.2, 1.2, shape) * draw.choice([-1.0, 1.0], shape)
            positive = str(head[0]) in ("eps", "lambda")
            given[str(head[0])] = jnp.array(abs(drawn) if positive else drawn)
        moved = {str(h[0]): jnp.zeros(self._shape(h)) for h in one.defined if h != one.C.args[:2]}
        seen = {}

        def run(given, moved):
            def tap(name, value):
                seen[name] = value
                return value + moved[name]

            return cost(given, tap)

        by_given, by_moved = jax.grad(run, argnums=(0, 1))(given, moved)
        seen.clear()
        run(given, moved)
        self.values = {**given, **seen}
        self.slopes = {**by_given, **by_moved}

    def _shape(self, head):
        return [int(self.sizes[axis]) for axis in self.model.axes(Quantity(*head))]

    def __call__(self, node, units) -> float:
        """The value of an expression with these units for its letters."""
        at = lambda part: self(part, units)  # noqa: E731
        match node:
            case Quantity():
                return float(self._entry(self.values, node, units))
            case Partial():
                assert node.of == self.model.C
                return float(self._entry(self.slopes, node.wrt, units))
            case Symbol():
                return float(self.sizes[node])
            case Sum():
                (letter, _, size), *rest = node.limits
                inner = Sum(node.function, *rest) if rest else node.function
                count = int(self.sizes[size])
                return sum(self(inner, {**units, letter: n}) for n in range(count))
            case Add():
                return math.fsum(map(at, node.args))
            case Mul():
                return math.prod(map(at, node.args))
            case Pow():
                return at(node.base) ** at(node.exp)
            case _ if node.is_number:
                return float(node)
            case _:
                return FUNCTIONS[type(node).__name__](at(node.args[0]))

    def _entry(self, arrays, quantity, units):
        places = (int(i) - 1 if isinstance(i, Integer) else units[i] for i in quantity.indices)
        return arrays[str(quantity.args[0])][tuple(places)]


FUNCTIONS = {
    "exp": math.exp,
    "log": math.log,
    "tanh": math.tanh,
    "sigmoid": lambda a: 1 / (1 + math.exp(-a)),
    "Step": lambda a: float(a > 0),
}


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", builtin_models())
def test_each_short_form_has_the_values_of_jax(name, seed):
    one = read_model(name)
    arrays = Arrays(one, BUILT_IN[name], seed)
    draw = np.random.default_rng(seed)
    for group in model_gradient(one).groups[1:]:
        left, right = group.steps[0].lhs, group.steps[-1].rhs
        assert isinstance(left, Partial) and isinstance(right, Expr)
        axes = one.axes(left.wrt)
        for _ in range(3):
            units = {
                letter: int(draw.integers(arrays.sizes[axis]))
                for letter, axis in zip(left.wrt.indices, axes, strict=True)
            }
            wanted = arrays(left, units)
            assert arrays(right, units) == pytest.approx(wanted, rel=1e-9, abs=1e-12)
