"""Formulas about models that were published or reported wrong, each beside the right one.

The wrong ones are refuted by an exact point, the right ones proved for all sizes.
`errata.toml` has texts about networks.
"""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from derive import check, prove, read_model
from derive.checking.own_definitions.defined import check_defined
from derive.checking.verdicts import Judged, Verdict
from derive.files.definitions_file import model_of
from derive.files.network_table import network_from_toml
from derive.files.toml_tables import parse_toml

LOG_SUM_EXP = '''
definitions = """
r := sum(j, exp(x[j] - m))
C := log(exp(m)*r)
"""
[tensors]
x = { axes = ["n"], role = "input" }
m = { axes = [], role = "constant" }
'''
STATE_SPACE = '''
definitions = """
h[i] := exp(A[i]*tau)*g[i]
C := 1/2*sum(i, (h[i] - y[i])^2)
"""
[tensors]
A = { axes = ["n"], role = "parameter" }
g = { axes = ["n"], role = "input" }
tau = { axes = [], role = "constant" }
y = { axes = ["n"], role = "target" }
'''
OWN = {"log-sum-exp": LOG_SUM_EXP, "state-space": STATE_SPACE}

#: What was published: RMSNorm with the gain outside of the sum, a LayerNorm that lost its mean,
#: m + d for m + log d, A dt for dt e^(A dt).
PUBLISHED = {
    "gain outside the sum": (
        "rms-norm",
        "dx[t,i] = do[t,i]*g[i]/s[t] - g[i]*x[t,i]/(d*s[t]^3)*sum(j, do[t,j]*x[t,j])",
        "dx[t,i] = do[t,i]*g[i]/s[t] - x[t,i]/(d*s[t]^3)*sum(j, g[j]*do[t,j]*x[t,j])",
    ),
    "mean term lost": (
        "layer-norm",
        "dx[t,i] = (dn[t,i] - n[t,i]*sum(j, dn[t,j]*n[t,j])/d)/s[t]",
        "dx[t,i] = (dn[t,i] - sum(j, dn[t,j])/d - n[t,i]*sum(j, dn[t,j]*n[t,j])/d)/s[t]",
    ),
    "logarithm lost": ("log-sum-exp", "C = m + r", "C = m + log(r)"),
    "inner derivative of exp": (
        "state-space",
        "dA[i] = dh[i]*g[i]*A[i]*tau",
        "dA[i] = dh[i]*g[i]*tau*exp(A[i]*tau)",
    ),
}
#: Kinds of mistakes that readers report.
REPORTED = {
    "softmax: sum over the group lost": (
        "attention-head",
        "dS[t,s] = P[t,s]*dP[t,s]",
        "dS[t,s] = P[t,s]*(dP[t,s] - sum(u, P[t,u]*dP[t,u]))",
    ),
    "softmax: diagonal only": (
        "attention-head",
        "dS[t,s] = dP[t,s]*P[t,s]*(1 - P[t,s])",
        "dS[t,s] = sum(u, dP[t,u]*P[t,u]*(delta(s,u) - P[t,s]))",
    ),
    "softmax: summed over the wrong axis": (
        "attention-head",
        "dS[t,s] = P[t,s]*(dP[t,s] - sum(u, P[u,s]*dP[u,s]))",
        "dS[t,s] = P[t,s]*(dP[t,s] - sum(u, P[t,u]*dP[t,u]))",
    ),
    "attention: scale lost": (
        "attention-head",
        "dQ[t,a] = sum(s, dS[t,s]*K[s,a])",
        "dQ[t,a] = sum(s, dS[t,s]*K[s,a])/sqrt(k)",
    ),
    "attention: scale squared": (
        "attention-head",
        "dQ[t,a] = sum(s, dS[t,s]*K[s,a])/k",
        "dQ[t,a] = sum(s, dS[t,s]*K[s,a])/sqrt(k)",
    ),
    "attention: transpose of dS lost": (
        "attention-head",
        "dK[t,a] = sum(s, dS[t,s]*Q[s,a])/sqrt(k)",
        "dK[t,a] = sum(s, dS[s,t]*Q[s,a])/sqrt(k)",
    ),
    "attention: transpose of P lost": (
        "attention-head",
        "dV[t,j] = sum(s, P[t,s]*dO[s,j])",
        "dV[t,j] = sum(s, P[s,t]*dO[s,j])",
    ),
    "attention: a way to x lost": (
        "attention-head",
        "dx[t,i] = sum(a, dQ[t,a]*WQ[i,a]) + sum(a, dK[t,a]*WK[i,a])",
        "dx[t,i] = sum(a, dQ[t,a]*WQ[i,a]) + sum(a, dK[t,a]*WK[i,a]) + sum(j, dV[t,j]*WV[i,j])",
    ),
    "squared error: factor 2": ("attention-head", "dO[t,j] = 2*(O[t,j] - y[t,j])",
                                "dO[t,j] = O[t,j] - y[t,j]"),
    "squared error: sign": ("layer-norm", "do[t,i] = y[t,i] - o[t,i]",
                            "do[t,i] = o[t,i] - y[t,i]"),
    "cross-entropy: mean over the batch lost": (
        "softmax-cross-entropy",
        "dz[n,c] = p[n,c]*sum(k, y[n,k]) - y[n,c]",
        "dz[n,c] = (p[n,c]*sum(k, y[n,k]) - y[n,c])/N",
    ),
    "cross-entropy: mean over classes instead": (
        "softmax-cross-entropy",
        "dz[n,c] = (p[n,c]*sum(k, y[n,k]) - y[n,c])/K",
        "dz[n,c] = (p[n,c]*sum(k, y[n,k]) - y[n,c])/N",
    ),
    "cross-entropy: probability for its reciprocal": (
        "softmax-cross-entropy",
        "dp[n,c] = -y[n,c]*p[n,c]/N",
        "dp[n,c] = -y[n,c]/(N*p[n,c])",
    ),
    "bias: summed over classes too": (
        "softmax-cross-entropy",
        "db[c] = sum(n, sum(k, dz[n,k]))",
        "db[c] = sum(n, dz[n,c])",
    ),
    "bias: mean for the sum over the batch": (
        "softmax-cross-entropy",
        "db[c] = sum(n, dz[n,c])/N",
        "db[c] = sum(n, dz[n,c])",
    ),
    "weights: input for its sum": (
        "softmax-cross-entropy",
        "dW[i,c] = sum(n, x[n,i])*sum(n, dz[n,c])",
        "dW[i,c] = sum(n, x[n,i]*dz[n,c])",
    ),
    "RMSNorm: gain lost": (
        "rms-norm",
        "dn[t,i] = do[t,i]",
        "dn[t,i] = do[t,i]*g[i]",
    ),
    "RMSNorm: sum over tokens lost": ("rms-norm", "dg[i] = sum(t, do[t,i])",
                                      "dg[i] = sum(t, do[t,i]*n[t,i])"),
    "RMSNorm: square for the cube": (
        "rms-norm",
        "dx[t,i] = dn[t,i]/s[t] - x[t,i]/(d*s[t]^2)*sum(j, dn[t,j]*x[t,j])",
        "dx[t,i] = dn[t,i]/s[t] - x[t,i]/(d*s[t]^3)*sum(j, dn[t,j]*x[t,j])",
    ),
    "RMSNorm: mean for the sum": (
        "rms-norm",
        "dx[t,i] = dn[t,i]/s[t] - x[t,i]/s[t]^3*sum(j, dn[t,j]*x[t,j])",
        "dx[t,i] = dn[t,i]/s[t] - x[t,i]/(d*s[t]^3)*sum(j, dn[t,j]*x[t,j])",
    ),
    "LayerNorm: a shift with the normalized input": (
        "layer-norm",
        "db[i] = sum(t, do[t,i]*n[t,i])",
        "db[i] = sum(t, do[t,i])",
    ),
    "LayerNorm: summed over tokens, not features": (
        "layer-norm",
        "dx[t,i] = (dn[t,i] - sum(u, dn[u,i])/T - n[t,i]*sum(j, dn[t,j]*n[t,j])/d)/s[t]",
        "dx[t,i] = (dn[t,i] - sum(j, dn[t,j])/d - n[t,i]*sum(j, dn[t,j]*n[t,j])/d)/s[t]",
    ),
    "LayerNorm: variance for its root": (
        "layer-norm",
        "dx[t,i] = (dn[t,i] - sum(j, dn[t,j])/d - n[t,i]*sum(j, dn[t,j]*n[t,j])/d)/s[t]^2",
        "dx[t,i] = (dn[t,i] - sum(j, dn[t,j])/d - n[t,i]*sum(j, dn[t,j]*n[t,j])/d)/s[t]",
    ),
    "SwiGLU: derivative of the sigmoid lost": (
        "swiglu",
        "du[j] = dh[j]*v[j]*sigmoid(u[j])",
        "du[j] = dh[j]*v[j]*sigmoid(u[j])*(1 + u[j]*(1 - sigmoid(u[j])))",
    ),
    "SwiGLU: derivative of the sigmoid alone": (
        "swiglu",
        "du[j] = dh[j]*v[j]*sigmoid(u[j])*(1 - sigmoid(u[j]))",
        "du[j] = dh[j]*v[j]*sigmoid(u[j])*(1 + u[j]*(1 - sigmoid(u[j])))",
    ),
    "SwiGLU: the gate without its activation": (
        "swiglu",
        "dv[j] = dh[j]*u[j]",
        "dv[j] = dh[j]*u[j]*sigmoid(u[j])",
    ),
    "residual: the skip lost": (
        "residual",
        "dh[j] = Step(h[j])*do[j]",
        "dh[j] = (1 + Step(h[j]))*do[j]",
    ),
    "weight decay lost": (
        "residual",
        "dW[i,j] = x[i]*dh[j]",
        "dW[i,j] = x[i]*dh[j] + lambda*W[i,j]",
    ),
    "weight decay doubled": (
        "residual",
        "dW[i,j] = x[i]*dh[j] + 2*lambda*W[i,j]",
        "dW[i,j] = x[i]*dh[j] + lambda*W[i,j]",
    ),
}  # fmt: skip


#: What is said of each.
NAMED = {
    "gain outside the sum": "wrong_factor",
    "mean term lost": "missing_term",
    "softmax: sum over the group lost": "missing_term",
    "softmax: summed over the wrong axis": "wrong_sum",
    "attention: scale lost": "missing_factor",
    "attention: scale squared": "missing_factor",
    "attention: transpose of dS lost": "transposed",
    "attention: transpose of P lost": "transposed",
    "attention: a way to x lost": "missing_term",
    "squared error: factor 2": "surplus_factor",
    "squared error: sign": "swapped_difference",
    "cross-entropy: mean over the batch lost": "missing_factor",
    "cross-entropy: mean over classes instead": "missing_factor",
    "cross-entropy: probability for its reciprocal": "wrong_quantity",
    "bias: mean for the sum over the batch": "surplus_factor",
    "RMSNorm: gain lost": "missing_factor",
    "RMSNorm: sum over tokens lost": "missing_factor",
    "RMSNorm: square for the cube": "missing_factor",
    "RMSNorm: mean for the sum": "missing_factor",
    "LayerNorm: a shift with the normalized input": "surplus_factor",
    "LayerNorm: summed over tokens, not features": "wrong_sum",
    "LayerNorm: variance for its root": "missing_factor",
    "SwiGLU: derivative of the sigmoid lost": "missing_factor",
    "SwiGLU: the gate without its activation": "missing_factor",
    "residual: the skip lost": "missing_term",
    "weight decay lost": "missing_term",
    "weight decay doubled": "surplus_factor",
    "logarithm lost": "wrong_quantity",
    "inner derivative of exp": "wrong_factor",
    "softmax: diagonal only": "wrong_factor",
    "bias: summed over classes too": "surplus_sum",
    "weights: input for its sum": "wrong_factor",
    "SwiGLU: derivative of the sigmoid alone": "wrong_factor",
}


def model_named(name):
    if name in OWN:
        return model_of(parse_toml(OWN[name], f"{name}.toml"), name)
    return read_model(name)


def judged(model, line):
    (one,) = check(line, model, kind="text").equations
    return one


@pytest.mark.parametrize("name", [*PUBLISHED, *REPORTED])
def test_wrong_formulas_are_refuted_at_a_small_point_and_right_ones_proved(name):
    about, wrong, right = {**PUBLISHED, **REPORTED}[name]
    model = model_named(about)
    proved = judged(model, right)
    assert proved.verdict is Verdict.RIGHT
    assert proved.assessment.proof.scope.widths.every
    refuted = judged(model, wrong)
    assert refuted.verdict is Verdict.WRONG
    point = refuted.assessment.counterexample
    assert point.left != point.right
    sizes = [value for key, value in point.values.items() if key in map(str, model.all_axes)]
    assert sizes and max(sizes) <= 2
    assert refuted.should_be is not None
    assert prove(refuted.statement.left, refuted.should_be, model).proved
    assert refuted.diagnosis is not None and refuted.diagnosis.mistake == NAMED[name]


def test_there_are_enough_of_them():
    assert len(PUBLISHED) == 4 and len(REPORTED) >= 20


#: Others of the kinds that were named last.
LIKE_THOSE = [
    ("kl-divergence", "l[n] = sum(c, exp(z[n,c]))", "wrong_quantity"),
    ("linear", "dW[i,j] = sum(n, x[n,i])*sum(n, do[n,j])", "wrong_factor"),
    ("linear", "db[j] = sum(n, sum(l, do[n,l]))", "surplus_sum"),
]


@pytest.mark.parametrize(("about", "wrong", "mistake"), LIKE_THOSE)
def test_what_is_named_is_proved_to_be_the_mistake(about, wrong, mistake):
    model = model_named(about)
    one = judged(model, wrong)
    assert one.diagnosis is not None and one.diagnosis.mistake == mistake
    assert prove(one.statement.left, one.diagnosis.right, model).proved


_TABLE = Path(__file__).with_name("errata.toml")
ERRATA = tomllib.loads(_TABLE.read_text(encoding="utf-8"))["errata"]


def verdict_on(erratum: dict[str, Any], line: str) -> Judged:
    """What is said of the last equation where a text has this line."""
    text = f"{erratum['text']}\n{line}\n"
    if "network" in erratum:
        network = network_from_toml(erratum["network"], "erratum")
        return check(text, network, kind="markdown").equations[-1]
    checked = check_defined(text, kind="markdown")
    assert checked is not None
    return checked.equations[-1]


@pytest.mark.parametrize("erratum", ERRATA, ids=lambda one: one["source"].partition(":")[0])
def test_reported_mistakes_are_found_and_what_is_right_is_not(erratum: dict[str, Any]) -> None:
    wrong = verdict_on(erratum, erratum["wrong"])
    assert wrong.verdict is Verdict.WRONG
    if erratum["mistake"]:
        assert wrong.diagnosis is not None
        assert wrong.diagnosis.mistake in erratum["mistake"]
    assert verdict_on(erratum, erratum["right"]).verdict is Verdict.RIGHT


def test_most_reported_mistakes_are_named() -> None:
    named = [one for one in ERRATA if one["mistake"]]
    assert len(ERRATA) >= 15
    assert len(named) >= 0.8 * len(ERRATA)


def test_a_fraction_that_is_upside_down_is_named() -> None:
    tanh = next(one for one in ERRATA if "fastbook" in one["source"])
    found = verdict_on(tanh, tanh["wrong"]).diagnosis
    assert found is not None and found.mistake == "upside_down"
