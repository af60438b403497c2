"""Shifted indices: x[t+s] is an entry, proved for any shift and refuted for the one meant."""

import jax
import numpy as np
import pytest
from jax import numpy as jnp

from derive import Model, check, evaluate, judge, prove, read_model, report_on, verify
from derive.checking.verdicts import Verdict
from derive.deriving.model_curvature import model_curvature
from derive.deriving.model_gradient import model_gradient
from derive.errors import DeriveError
from derive.model.instances import shifts_of
from derive.notation.ascii.given import formula
from derive.proving import Status

jax.config.update("jax_enable_x64", True)

MODEL = read_model("convolution")
RIGHT, WRONG = Verdict.RIGHT, Verdict.WRONG


def judged(left, right):
    return judge(MODEL, *(formula(side, "a side", MODEL) for side in (left, right)))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("o[k,t]", "b[k] + sum(s, c, x[c,t+s]*W[k,c,s])"),
        ("dC/dW[k,c,s]", "sum(t, dC/do[k,t]*x[c,t+s])"),
        ("dC/dW[k,c,s]", "sum(t, dC/do[k,t]*x[c,s+t])"),
        ("dC/dx[c,i]", "sum(k, t, s, dC/do[k,t]*W[k,c,s]*delta(i,t+s))"),
        ("do[k,t]/dx[c,i]", "sum(s, W[k,c,s]*delta(i,t+s))"),
    ],
)
def test_the_gradients_of_a_convolution_are_proved_at_every_size(left, right):
    proof = judged(left, right)
    assert proof.proved and proof.scope.widths.every


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("dC/dx[c,i]", "sum(k, t, s, dC/do[k,t]*W[k,c,s])"),
        ("dC/dx[c,i]", "2*sum(k, t, s, dC/do[k,t]*W[k,c,s]*delta(i,t+s))"),
        ("dC/dW[k,c,s]", "sum(t, i, dC/do[k,t]*x[c,i])"),
    ],
)
def test_what_lost_the_shift_is_refuted(left, right):
    assert judged(left, right).status is Status.REFUTED


def test_what_is_true_of_no_other_shift_is_not_refuted():
    # Each place t + s is one of x: true of L = T + S - 1 alone, and so not proved for any shift.
    proof = judged("sum(i, delta(i,t+s)*x[c,i]) - x[c,t+s]", "0")
    assert proof.proved
    assert judged("sum(i, delta(i,t+s)) + 0*x[c,t+s]", "1").status is not Status.REFUTED


def test_letters_that_only_a_shift_has_count_what_is_left():
    assert [(str(axis), {*map(str, parts)}) for axis, parts in shifts_of(MODEL)] == [
        ("L", {"S", "T"})
    ]
    assert judged("delta(i,t+s)*x[c,i]", "x[c,i]*delta(i,s+t)").proved


def test_formulas_in_latex_are_read():
    text = r"""
$\frac{\partial C}{\partial W_{kcs}} = \sum_t \frac{\partial C}{\partial o_{kt}} x_{c,t+s-1}$

$dx_{ci} = \sum_{k,t,s} \frac{\partial C}{\partial o_{kt}} W_{kcs} \delta_{i,t+s-1}$

$\frac{\partial C}{\partial x_{ci}} = \sum_{k,t,s} \frac{\partial C}{\partial o_{kt}} W_{kcs}$
"""
    verdicts = [one.verdict for one in check(text, MODEL, kind="markdown").equations]
    assert verdicts == [RIGHT, RIGHT, WRONG]


def test_values_and_sizes_follow_from_the_point():
    point = {"x": [[1, 2, 3]], "W": [[[1, 10]]], "b": [0], "dC/do": [[1, 1]]}
    found = evaluate(MODEL, point)
    assert [[str(value) for value in row] for row in found.quantities["o"]] == [["21", "32"]]
    assert [str(value) for value in found.gradients["x"][0]] == ["1", "11", "10"]


def test_sizes_that_do_not_fit_are_refused():
    with pytest.raises(DeriveError, match=r"L is 3, which is not"):
        evaluate(MODEL, {"x": [[1, 2, 3]], "W": [[[1, 10]]], "b": [0], "dC/do": [[1, 1, 1]]})


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("o[t] := sum(s, W[s]*x[t+s])", "write its axis, as t:N"),
        ("o[t:T] := sum(s, W[s]*x[2+1])", "a sum of letters"),
        ("o[t:T] := sum(s, W[s]*x[t+s-u])", "an offset is a number"),
        ("o[t:T] := sum(s, W[s]*x[t-s])", "an offset is a number"),
        ("o[t:T] := sum(s, x[t+s])", "nothing says what the index"),
        ("o[t:T] := sum(s, W[s]*x[0*t+s])", "a stride is a whole number up to 16"),
    ],
)
def test_what_a_shift_cannot_say_is_asked_for(line, message):
    text = f"input x[L]\nparameter W[S]\n{line}\noutput o"
    with pytest.raises(DeriveError, match=message):
        Model.from_definitions(text)


STRIDED = """
input x[C,L]
parameter W[K,C,S], b[K]
o[k,t:T] := sum(c, s, W[k,c,s]*x[c,3*t+s]) + b[k]
output o
"""
#: Means over pairs, and sums over pairs that overlap.
POOLS = {
    "mean": ("p[c,t:T] := mean(s:P, x[c,2*t+s])", lambda x: (x[:, 0:4:2] + x[:, 1:5:2]) / 2, 2),
    "sum": ("p[c,t:T] := sum(s:P, x[c,t+s])", lambda x: x[:, :-1] + x[:, 1:], 4),
}


def convolved(given):
    x, W, b = given["x"], given["W"], given["b"]
    windows = jnp.stack([x[:, s : s + 4 : 3] for s in range(W.shape[2])])
    return jnp.einsum("kcs,sct->kt", W, windows) + b[:, None]


def compared(model, given, run, seed):
    """The values and gradients of a model, and those of JAX."""
    point = {name: array.tolist() for name, array in given.items()}
    found = evaluate(model, point | {f"dC/d{model.output}": seed.tolist()})
    slopes = jax.grad(lambda arrays: jnp.sum(seed * run(arrays)))(given)
    values = np.array(found.quantities[model.output], dtype=float)
    np.testing.assert_allclose(values, run(given), rtol=1e-10)
    for name, slope in slopes.items():
        gradient = np.array(found.gradients[name], dtype=float)
        np.testing.assert_allclose(gradient, slope, rtol=1e-10, atol=1e-12)


def test_a_stride_is_a_factor_of_a_letter():
    model = Model.from_definitions(STRIDED)
    draw = np.random.default_rng(3)
    given = {"x": (2, 6), "W": (4, 2, 3), "b": (4,)}
    given = {name: draw.uniform(-0.9, 0.9, shape) for name, shape in given.items()}
    compared(model, given, convolved, draw.uniform(-0.9, 0.9, (4, 2)))
    # 3*(T - 1) + S of L = 7 entries are read, and the last is stepped over.
    given["x"] = draw.uniform(-0.9, 0.9, (2, 7))
    compared(model, given, convolved, draw.uniform(-0.9, 0.9, (4, 2)))


@pytest.mark.parametrize("name", POOLS)
def test_a_sum_may_run_over_places_of_an_index_alone(name):
    line, run, count = POOLS[name]
    model = Model.from_definitions(f"input x[C,L]\nsize P = 2\n{line}\noutput p")
    draw = np.random.default_rng(4)
    given = {"x": draw.uniform(-0.9, 0.9, (3, 5))}
    compared(model, given, lambda g: run(g["x"]), draw.uniform(-0.9, 0.9, (3, count)))


@pytest.mark.parametrize("derived", [model_gradient, model_curvature])
@pytest.mark.parametrize("name", ["strided", *POOLS])
def test_strides_and_pools_are_proved_line_by_line(name, derived):
    text = STRIDED if name == "strided" else f"input x[C,L]\nsize P = 2\n{POOLS[name][0]}\noutput p"
    derivation = derived(Model.from_definitions(text))
    assert all(mark.proved for mark in verify(derivation))


@pytest.mark.parametrize("name", ["strided", "mean"])
def test_documents_with_strides_are_read_back(name):
    text = STRIDED if name == "strided" else f"input x[C,L]\nsize P = 2\n{POOLS[name][0]}\noutput p"
    model = Model.from_definitions(text)
    ((_, page),) = report_on(model, ["github"]).files
    assert r"\delta_{i,3t+s-3}" in page or r"\delta_{i,2t+s-2}" in page
    assert check(page, model, kind="markdown").summary.all_right


@pytest.mark.parametrize(
    ("right", "proved"),
    [
        ("sum(t, dC/do[k,t]*x[c,3*t+s])", True),
        ("sum(t, dC/do[k,t]*x[c,s+3*t])", True),
        ("sum(t, dC/do[k,t]*x[c,t+s])", False),
        ("sum(t, dC/do[k,t]*x[c,2*t+s])", False),
    ],
)
def test_another_stride_is_not_right(right, proved):
    model = Model.from_definitions(STRIDED)
    assert prove("dC/dW[k,c,s]", right, model).proved is proved


#: A convolution whose ends are padded with a zero on each side, and a central difference.
PADDED = """
input x[C,L]
parameter W[K,C,S], b[K]
o[k,t:L] := sum(c, s, W[k,c,s]*x[c,t+s-1]) + b[k]
output o
"""
CENTRAL = """
input x[L]
parameter w
q[t:L] := w*(x[t+1] - x[t-1])
output q
"""


def padded(given):
    x, W, b = given["x"], given["W"], given["b"]
    around = jnp.pad(x, ((0, 0), (1, 1)))
    windows = jnp.stack([around[:, s : s + x.shape[1]] for s in range(W.shape[2])])
    return jnp.einsum("kcs,sct->kt", W, windows) + b[:, None]


def central(given):
    around = jnp.pad(given["x"], 1)
    return given["w"] * (around[2:] - around[:-2])


@pytest.mark.parametrize(
    ("text", "run", "shapes", "out"),
    [
        (PADDED, padded, {"x": (2, 5), "W": (4, 2, 3), "b": (4,)}, (4, 5)),
        (PADDED, padded, {"x": (3, 2), "W": (1, 3, 3), "b": (1,)}, (1, 2)),
        (CENTRAL, central, {"x": (6,), "w": ()}, (6,)),
    ],
)
def test_what_lies_beside_the_tensor_is_padded_with_zeros(text, run, shapes, out):
    draw = np.random.default_rng(5)
    given = {name: draw.uniform(-0.9, 0.9, shape) for name, shape in shapes.items()}
    compared(Model.from_definitions(text), given, run, draw.uniform(-0.9, 0.9, out))


@pytest.mark.parametrize("derived", [model_gradient, model_curvature])
@pytest.mark.parametrize("text", [PADDED, CENTRAL])
def test_offsets_are_proved_line_by_line_at_every_size(text, derived):
    marks = verify(derived(Model.from_definitions(text)))
    assert all(mark.proved and mark.proof.scope.widths.every for mark in marks)


@pytest.mark.parametrize("text", [PADDED, CENTRAL])
def test_documents_with_offsets_are_read_back(text):
    model = Model.from_definitions(text)
    ((_, page),) = report_on(model, ["github"]).files
    assert r"\delta_{i,t+s-2}" in page or r"\delta_{i,t+1}" in page
    assert check(page, model, kind="markdown").summary.all_right


@pytest.mark.parametrize("other", ["t+s", "t+s-2", "t+s+1"])
def test_another_offset_is_refuted(other):
    model = Model.from_definitions(PADDED)
    proof = prove("dC/dW[k,c,s]", f"sum(t, dC/do[k,t]*x[c,{other}])", model)
    assert proof.status is Status.REFUTED


def test_an_offset_that_the_model_has_not_is_not_understood():
    # x_{c,t+s-1} counts from 1 in documents, and may be meant to count from 0 as the model does.
    line = r"$\frac{\partial C}{\partial W_{kcs}} = \sum_t dC_o x_{c,t+s-P}$"
    line = line.replace("dC_o", r"\frac{\partial C}{\partial o_{kt}}")
    model = Model.from_definitions(PADDED)
    for offset, verdict in ((2, RIGHT), (1, Verdict.NOT_UNDERSTOOD)):
        (one,) = check(line.replace("P", str(offset)), model, kind="markdown").equations
        assert one.verdict is verdict
