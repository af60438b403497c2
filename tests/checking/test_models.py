"""`derive check` on models from definitions: index form, matrix form, and what is not certain."""

import json
from dataclasses import replace

import pytest
from click.testing import CliRunner

from derive import Model, check, prove, read_model
from derive.checking.verdicts import Verdict
from derive.cli import main
from derive.documents.reporting import report_on
from derive.files.built_in import builtin_models
from derive.files.definitions_file import model_of
from derive.files.toml_tables import parse_toml
from tests.sweeps import sweep

RIGHT, WRONG, OPEN = Verdict.RIGHT, Verdict.WRONG, Verdict.NOT_UNDERSTOOD
RIGHT_IF = Verdict.RIGHT_IF

#: The forward pass, which tells how a document arranges its matrices.
FORWARD = r"$Q = x W^Q$, $K = x W^K$, $V = x W^V$, $S = Q K^\top/\sqrt{k}$, $O = P V$."

ATTENTION = {
    # Index form, in LaTeX.
    r"Q_{ta} = \sum_i x_{ti} W^Q_{ia}": RIGHT,
    r"Q_{ta} = \sum_{i=1}^{d} x_{ti} (W_Q)_{ia}": RIGHT,
    r"P_{ts} = \frac{e^{S_{ts}}}{\sum_{u} e^{S_{tu}}}": RIGHT,
    r"P_{ts} = \mathrm{softmax}(S)_{ts}": RIGHT,
    r"S_{ts} = \sum_a Q_{ta} K_{sa}": WRONG,
    r"\partial C/\partial S_{ts} = P_{ts}(dP_{ts} - \sum_s dP_{ts} P_{ts})": RIGHT,
    r"\frac{\partial C}{\partial S_{ts}} = P_{ts}\left(\frac{\partial C}{\partial P_{ts}} "
    r"- \sum_{u=1}^T \frac{\partial C}{\partial P_{tu}} P_{tu}\right)": RIGHT,
    r"\frac{\partial L}{\partial S_{ts}} = P_{ts} \frac{\partial L}{\partial P_{ts}}": WRONG,
    r"\frac{\partial \mathcal{L}}{\partial W^Q_{ia}} = \sum_t x_{ti} dQ_{ta}": RIGHT,
    r"\frac{\partial C}{\partial W_{Q,ia}} = \sum_t x_{ti} dQ_{ta}": RIGHT,
    r"\frac{dC}{dWQ_{ia}} = \sum_t x_{ti} \frac{dC}{dQ_{ta}}": RIGHT,
    r"\frac{\partial P_{ts}}{\partial S_{tu}} = P_{ts}(\delta_{su} - P_{tu})": RIGHT,
    r"\frac{\partial P_{ts}}{\partial S_{tu}} = P_{ts}(1 - P_{tu})": WRONG,
    # Matrix form.
    r"P = \mathrm{softmax}(S)": RIGHT,
    r"dV = P^T dO": RIGHT,
    r"dV = P\, dO": WRONG,
    r"dP = dO\, V^\top": RIGHT,
    r"dS = P \odot (dP - \mathrm{rowsum}(dP \odot P))": RIGHT,
    r"dS = P \circ (dP - \operatorname{rowsum}(P \circ dP)\mathbf{1}^T)": RIGHT,
    r"dS = P \odot (dP - \mathrm{colsum}(dP \odot P))": WRONG,
    r"dS = P \odot dP": WRONG,
    r"dS = P\,(dP - \mathrm{rowsum}(dP \odot P))": WRONG,
    r"dQ = dS K/\sqrt{k}": RIGHT,
    r"dQ = \frac{1}{\sqrt{k}} dS\, K": RIGHT,
    r"dQ = dS K": WRONG,
    r"dK = dS^T Q/\sqrt{k}": RIGHT,
    r"dK = dS\, Q/\sqrt{k}": WRONG,
    r"dW^Q = x^T dQ": RIGHT,
    r"dWQ = x^T dQ": RIGHT,
    r"\nabla_{W^V} C = x^T \nabla_V C": RIGHT,
    r"dW_Q = x^T dK": WRONG,
    r"\frac{\partial C}{\partial x} = dQ\, {W^Q}^T + dK (W^K)^T + dV W_V^T": RIGHT,
    # What may mean something else is never wrong.
    r"dS = P * (dP - \mathrm{rowsum}(dP * P))": OPEN,
    r"dS = P \times dP": OPEN,
    r"P^2 = P \odot P": OPEN,
    r"dS = \mathrm{softmaxgrad}(P, dP)": OPEN,
    r"dW^Q = A^T dQ": OPEN,
    r"O_{tj} = \mathrm{softmax}(S)_{tj}": OPEN,
    r"P_{11} = 0": WRONG,
    r"S_{ti} = x_{ti}": OPEN,
    r"\delta_{ts} = \frac{\partial C}{\partial S_{ts}}": OPEN,
}
VECTORS = {
    r"u = U^T x": RIGHT,
    r"h = u \odot \sigma(u) \odot v": RIGHT,
    r"dh = W (o - y)": RIGHT,
    r"dv = dh \odot u \odot \sigma(u)": RIGHT,
    r"du = dh \odot v \odot \sigma(u) \odot (1 + u \odot (1 - \sigma(u)))": RIGHT,
    r"du = dh \odot v \odot \sigma(u)": WRONG,
    r"dU = x\, du^T": RIGHT,
    r"dx = U\, du + V\, dv": RIGHT,
    r"dx = U\, du": WRONG,
    r"\frac{\partial C}{\partial o} = 0": WRONG,
    r"h = u \cdot \sigma(u) \cdot v": OPEN,
}
CROSS_ENTROPY = {
    r"z = x W + b": RIGHT,
    r"dz = (p - y)/N": RIGHT,  # the model assumes that targets sum to 1
    r"\frac{\partial C}{\partial z_{nc}} = \frac{1}{N}(p_{nc} - y_{nc})": RIGHT,
    r"dz = p - y": WRONG,
    r"dW = x^T dz": RIGHT,
    r"db = \mathrm{colsum}(dz)": RIGHT,
    r"db = dz^T \mathbf{1}": RIGHT,
    r"dx = dz\, W^T": RIGHT,
    r"C = -\frac{1}{N} \sum_n \sum_c y_{nc} \log p_{nc}": RIGHT,
    r"C = -\sum_n \sum_c y_{nc} \log p_{nc}": WRONG,
}
RMS_NORM = {
    r"o = g \odot n": RIGHT,
    r"n = x / s": RIGHT,
    r"\frac{\partial C}{\partial n} = g \odot \frac{\partial C}{\partial o}": RIGHT,
    r"\frac{\partial o_{ti}}{\partial n_{ti}} = g_i": RIGHT,
    r"\frac{\partial C}{\partial g_i} = \frac{\partial C}{\partial o_{ti}} n_{ti}": WRONG,
    r"dg = \mathrm{colsum}(do \odot n)": RIGHT,
    r"\frac{\partial C}{\partial x_{ti}} = \frac{g_i}{s_t}\frac{\partial C}{\partial o_{ti}} - "
    r"\frac{x_{ti}}{d s_t^3} \sum_j g_j \frac{\partial C}{\partial o_{tj}} x_{tj}": RIGHT,
}
RESIDUAL = {
    r"\frac{\partial C}{\partial h_j} = 2 \frac{\partial C}{\partial o_j}": RIGHT_IF,
    r"dW = x\, dh^T + \lambda W": RIGHT,
    r"dW = x\, dh^T": WRONG,
    r"C = \frac12 \sum_j (o_j - y_j)^2 + \frac{\lambda}{2} \sum_{i,j} W_{ij}^2": RIGHT,
}
TABLES = {
    "attention-head": (FORWARD, ATTENTION),
    "swiglu": ("$v = V^T x$, $o = W^T h$.", VECTORS),
    "softmax-cross-entropy": ("", CROSS_ENTROPY),
    "rms-norm": ("", RMS_NORM),
    "residual": ("", RESIDUAL),
}


@pytest.mark.parametrize("name", TABLES)
def test_formulas_get_the_verdicts_they_deserve(name):
    forward, table = TABLES[name]
    text = "\n\n".join([forward, *(f"$${line}$$" for line in table)])
    checked = check(text, read_model(name), kind="markdown").equations
    found = {one.line: one for one in checked}
    first = len(checked) - len(table)
    assert all(one.verdict is RIGHT for one in checked[:first])
    verdicts = {line: found[3 + 2 * n].verdict for n, line in enumerate(table)}
    assert verdicts == table


@pytest.mark.parametrize(
    "name", sweep(builtin_models(), ["rms-norm", "label-smoothing", "gelu-block"])
)
@pytest.mark.parametrize("dialect", ["github", "latex"])
def test_documents_of_built_in_models_are_read_back_and_right(name, dialect):
    model = read_model(name)
    pages = report_on(model, [dialect]).files
    kind = "markdown" if dialect == "github" else dialect
    summaries = [check(text, model, kind=kind).summary for _, text in pages]
    assert all(summary.all_right for summary in summaries)
    assert sum(summary.equations for summary in summaries) >= 10


def test_plain_text_has_differentials_alone():
    text = """
dS[t,s] = P[t,s]*(dP[t,s] - sum(u, dP[t,u]*P[t,u]))
dC/dQ[t,a] = sum(s, dC/dS[t,s]*K[s,a])/sqrt(k)
dQ[t,a] = sum(s, dS[t,s]*K[s,a])
O[t,j] = sum(s, P[t,s]*V[s,j])
dP[t,s]/2 = sum(j, dO[t,j]*V[s,j])/2
"""
    checked = check(text, read_model("attention-head"), kind="text")
    assert [one.verdict for one in checked.equations] == [RIGHT, RIGHT, WRONG, RIGHT, RIGHT]


def test_a_counterexample_has_the_tensors_that_matter_at_small_sizes():
    model = read_model("attention-head")
    (one,) = check(r"$\frac{\partial C}{\partial P_{ts}} = O_{ts}$", model).equations
    assert one.verdict is OPEN  # s counts tokens and features of values
    (one,) = check("$dV_{tj} = dO_{tj}$", model).equations
    point = one.assessment.counterexample
    named = {name.partition("[")[0] for name in point.values}
    assert one.verdict is WRONG
    assert {"x", "WV", "y"} <= named
    assert all(point.values[str(axis)] <= 2 for axis in model.all_axes if str(axis) in named)
    (one,) = check("$O_{tj} = V_{tj}$", model).equations
    named = {name.partition("[")[0] for name in one.assessment.counterexample.values}
    assert "y" not in named


def test_a_transposition_that_is_missing_is_named_once_the_arrangement_is_known():
    model = read_model("attention-head")
    wrong = "$$dW^Q = dQ^T x$$"
    known = check(f"{FORWARD}\n\n{wrong}", model).equations[-1]
    assert known.verdict is WRONG
    assert known.diagnosis.mistake.value == "transposed"
    # Alone it may be about weights that are written transposed, as in z = x W^T.
    (alone,) = check(wrong, model).equations
    assert alone.verdict is RIGHT
    assert check(wrong, model).summary.layout is not None


def test_the_derivative_of_a_formula_alone_may_be_meant():
    model = read_model("layer-norm")
    text = r"$\frac{\partial n_{ti}}{\partial m_t} = -\frac{1}{s_t}$"
    (one,) = check(text, model).equations
    assert one.verdict is RIGHT  # in total m moves s too
    (one,) = check(text.replace("= -", "= "), model).equations
    assert one.verdict is WRONG


def test_a_size_called_d_does_not_hide_differentials_nor_become_one():
    model = read_model("rms-norm")
    sums = r"\sum_j x_{tj}^2"
    text = rf"$s_t^2 = \frac{{1}}{{d}}{sums} + \epsilon$ and $d s_t^2 = {sums} + d \epsilon$"
    assert all(one.verdict is RIGHT for one in check(text, model).equations)
    # Here nothing tells whether ds is a differential.
    (one,) = check(r"$n_{ti} = x_{ti} d/ds_t$", model).equations
    assert one.verdict is OPEN


def test_targets_that_the_model_assumes_to_sum_to_one_need_no_condition():
    text = '''
definitions = """
p[n,c] := exp(z[n,c])/sum(k, exp(z[n,k]))
C := -sum(n, sum(c, y[n,c]*log(p[n,c])))/N
"""
assumptions = ["sum(c, y[n,c]) = 1"]
[tensors]
z = { axes = ["N", "K"], role = "input" }
y = { axes = ["N", "K"], role = "target" }
'''
    model = model_of(parse_toml(text, "logits.toml"), "logits")
    right, wrong = check("$dz = (p - y)/N$ and $dz = p - y$", model).equations
    assert (right.verdict, wrong.verdict) == (RIGHT, WRONG)
    free = replace(model, assumptions=())
    twice = "$dz = (p - y)/N$ and $\\frac{\\partial C}{\\partial z_{nc}} = (p_{nc} - y_{nc})/N$"
    for one in check(twice, free).equations:
        assert one.verdict is RIGHT_IF
        assert str(one.assessment.condition.args[1]) == "1"


def test_what_should_be_there_is_offered_and_true():
    model = read_model("rms-norm")
    (one,) = check(r"$dg_i = \sum_t do_{ti}$", model).equations
    assert one.verdict is WRONG
    assert prove(one.statement.left, one.should_be, model).proved


def test_the_command_line_and_the_head_of_a_document_name_models(tmp_path):
    file = tmp_path / "kernel.md"
    file.write_text(
        "<!-- derive: network = attention-head, G = dC/dS -->\n\n$dQ = G K/\\sqrt{k}$\n"
    )
    run = CliRunner().invoke(main, ["check", str(file)])
    assert (run.exit_code, "1 right, 0 wrong" in run.output) == (0, True)
    run = CliRunner().invoke(main, ["check", str(file), "-n", "attention-head", "--json"])
    found = json.loads(run.output)
    assert found["network"] == "attention-head"
    assert found["equations"][0]["verdict"] == "right"
    file.write_text("$dQ = dS K$")
    run = CliRunner().invoke(main, ["check", str(file), "-n", "attention-head"])
    assert run.exit_code == 1 and "for example T = 2, d = 1, k = 2, m = 1" in run.output


def test_sums_of_columns_lie_as_the_columns_that_they_are_added_to():
    model = read_model("tied-autoencoder")
    moved = (
        r"\mathcal{R}\{h\} = (\mathrm{colsum}(W \odot \mathcal{R}\{x\} + \mathcal{R}\{W\} \odot x)"
    )
    slope = r"\odot (1 - h \odot h)"
    text = rf"""$h = \tanh(W^\top x + b)$

${moved} + \mathcal{{R}}\{{b\}}) {slope}$

${moved} - \mathcal{{R}}\{{b\}}) {slope}$
"""
    verdicts = [one.verdict for one in check(text, model, kind="markdown").equations]
    assert verdicts == [RIGHT, RIGHT, WRONG]


@pytest.mark.parametrize(
    "text",
    [
        "input x[T,e]\nparameter w[e]\ns[t] := sum(i, x[t,i]*w[i])\nC := sum(t, exp(s[t]))",
        "parameter e\nC := exp(2*e)",
        "parameter w[K]\nC := sum(e, exp(w[e]))",
    ],
)
def test_where_something_is_called_e_exponentials_are_read_back(text: str) -> None:
    model = Model.from_definitions(text)
    ((_, page),) = report_on(model, ["github"]).files
    assert r"\exp" in page
    checked = check(page, model, kind="markdown")
    assert {one.verdict for one in checked.equations if one.verdict is not None} == {RIGHT}


@pytest.mark.parametrize(
    "text",
    [
        "input x[d]\nparameter W[d], b[d]\nC := sum(i, W[i]*x[i]) + sum(i, b[i]^2)",
        "input x[d]\nparameter W[E,k,d]\no[e,j] := sum(i, W[e,j,i]*x[i])\nC := sum(e, j, o[e,j]^2)",
    ],
)
def test_a_tensor_called_w_is_no_weight_between_layers(text: str) -> None:
    model = Model.from_definitions(text)
    (_, page), (_, spoken) = report_on(model, ["github", "html"]).files
    assert "vec" not in page + spoken
    checked = check(page, model, kind="markdown")
    assert {one.verdict for one in checked.equations if one.verdict is not None} == {RIGHT}
