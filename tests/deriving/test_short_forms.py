"""Short forms of derivatives: those that people know, with the values of JAX."""

import numpy as np
import pytest
from sympy import Expr, Rational, Symbol

from derive.algebra.functions import ReLU, Step
from derive.algebra.indices import with_canonical_bounds
from derive.algebra.quantities import Partial
from derive.deriving.laws import RULES, short_forms
from derive.deriving.model_gradient import between, model_gradient, statistics
from derive.deriving.verifying import verify
from derive.files.built_in import builtin_models
from derive.files.definitions_file import model_of
from derive.files.network_file import read_model
from derive.files.toml_tables import parse_toml
from derive.model.conventions import CONVENTION
from derive.notation.ascii.given import formula
from derive.proving import Status
from derive.proving.prove import prove
from tests.definition_files import TEXTS
from tests.jax_arrays import RUN_IN_JAX, Arrays
from tests.jax_models import forward

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

CROSS_ENTROPY_IN_PARTS = SOFTMAX_IN_PARTS.replace(
    "1/2*sum(n, sum(c, (p[n,c] - y[n,c])^2))", "-sum(n, sum(c, y[n,c]*log(p[n,c])))/N"
).replace("[tensors]", 'assumptions = ["sum(c, y[n,c]) = 1"]\n[tensors]')

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
    ("softmax-cross-entropy", "dC/dz[n,c]", "(p[n,c] - y[n,c])/N"),
    (TEXTS["softmax with cross-entropy"], "dC/dz[n,c]",
     "(p[n,c]*sum(k, y[n,k]) - y[n,c])/N"),
    ("attention-head", "dC/dS[t,s]", "P[t,s]*(dC/dP[t,s] - sum(i, dC/dP[t,i]*P[t,i]))"),
    (SOFTMAX_ELSEWHERE, "dC/dz[n,c]", "q[n,c]*(dC/dq[n,c] - sum(k, dC/dq[n,k]*q[n,k]))"),
    (SOFTMAX_IN_PARTS, "dC/de[n,c]", "(dC/dp[n,c] - sum(i, dC/dp[n,i]*p[n,i]))/D[n]"),
    (SOFTMAX_IN_PARTS, "dC/dz[n,c]", "p[n,c]*(dC/dp[n,c] - sum(i, dC/dp[n,i]*p[n,i]))"),
    (CROSS_ENTROPY_IN_PARTS, "dC/dz[n,c]", "(p[n,c] - y[n,c])/N"),
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


def test_what_stands_between_is_computed_from_one_tensor_and_leads_to_one():
    parts = a_model(SOFTMAX_IN_PARTS)
    names = {str(head[0]): head for head in (*parts.given, *parts.defined)}
    assert {str(q[0]) for q in between(parts, names["z"])} == {"e", "D"}
    assert not between(parts, names["p"])
    attention = a_model("attention-head")
    names = {str(head[0]): head for head in (*attention.given, *attention.defined)}
    assert not between(attention, names["x"])  # what comes of x leads to O in three ways
    assert not between(attention, names["S"])


def test_laws_of_short_forms_leave_alone_what_they_are_not_about():
    one = a_model("softmax-cross-entropy")
    plain = formula("dC/dz[n,c]*x[n,i] + W[i,c]", "a side", one)
    for name in ("sum term by term", "multiply out the fractions", "in front of the sums",
                 "name the quantities", "factor out"):  # fmt: skip
        assert RULES[name](one, plain, ()) == plain
    assert short_forms.length(plain) == 4


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("name", RUN_IN_JAX)
def test_each_short_form_has_the_values_of_jax(name, seed):
    one = read_model(name)
    arrays = Arrays(one, forward(name), seed)
    draw = np.random.default_rng(seed)
    for group in model_gradient(one).groups:
        if group.title != "quantity":
            continue
        chain = next(iter(group.chains))
        left, right = chain[0].lhs, chain[-1].rhs
        assert isinstance(left, Partial) and isinstance(right, Expr)
        axes = one.axes(left.wrt)
        for _ in range(3):
            units = {
                letter: int(draw.integers(arrays.sizes[axis]))
                for letter, axis in zip(left.wrt.indices, axes, strict=True)
            }
            wanted = arrays(left, units)
            assert arrays(right, units) == pytest.approx(wanted, rel=1e-9, abs=1e-12)


def test_a_relu_needs_no_step_of_its_own_beside_it():
    """True of every Step(0): where the ReLU is not 0 the step is 1, and 0 times either is 0."""
    one = read_model("huber")
    law = RULES["gates once"]
    u, w = formula("u[n]", "a side", one), formula("w[i]", "a side", one)
    for kept in (
        ReLU(u, CONVENTION),
        2 * ReLU(u, CONVENTION) * Step(w, CONVENTION),
        ReLU(u, CONVENTION) ** 2 + Step(u, CONVENTION),
    ):
        assert law(one, kept, ()) == kept
    doubled = ReLU(u, CONVENTION) * Step(u, CONVENTION)
    assert law(one, doubled * w, ()) == ReLU(u, CONVENTION) * w
    for at_zero in (0, Rational(1, 3), 1):
        for point in (-2, 0, 3):
            whole = ReLU(point, at_zero) * Step(point, at_zero)
            assert whole == ReLU(point, at_zero)
    lines = [line for group in model_gradient(one).groups for line in group.steps]
    right = next(n.rhs for n in lines if n.rule == "factor out" and n.lhs.has(u))
    inner = 2 * ReLU(u, 0) - u - 1
    assert right == (ReLU(inner, 0) * (1 - 2 * Step(u, 0)) + u) / Symbol("N", positive=True)
