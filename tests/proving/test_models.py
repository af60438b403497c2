"""Equations about models from definitions: proved for every size, refuted, or neither."""

import pytest

from derive.algebra.quantities import Quantity
from derive.files.definitions_file import model_of
from derive.files.toml_tables import parse_toml
from derive.proving import Status
from derive.proving.prove import prove
from tests.definition_files import model

RIGHT = [
    ("attention", "dC/dV[s,j]", "sum(t, P[t,s]*dC/dO[t,j])"),
    ("attention", "dC/dS[t,s]", "P[t,s]*(dC/dP[t,s] - sum(u, P[t,u]*dC/dP[t,u]))"),
    ("attention", "dC/dQ[t,a]", "sum(s, K[s,a]*dC/dS[t,s])/sqrt(k)"),
    ("attention", "dC/dx[t,i]",
     "sum(a, dC/dQ[t,a]*WQ[i,a] + dC/dK[t,a]*WK[i,a]) + sum(j, dC/dV[t,j]*WV[i,j])"),
    ("attention", "sum(s, P[t,s])", "1"),
    ("shared weight", "dC/dW[i,j]", "x[i]*dC/dh[j] + tanh(h[i])*(o[j] - y[j])"),
    ("residual with a penalty", "dC/dh[j]", "dC/do[j]*(1 + Step(h[j])) + 2*h[j]"),
    ("residual with a penalty", "dC/dW[i,j]", "x[i]*dC/dh[j] + lambda*W[i,j]"),
    ("residual with a penalty", "local(C, h[j])", "2*h[j]"),
    ("layer norm", "sum(i, x[t,i] - m[t])", "0"),
    ("layer norm", "dC/dm[t]", "-sum(i, dC/dn[t,i])/s[t]"),
    ("layer norm", "dC/dx[t,j]",
     "(dC/dn[t,j] - sum(i, dC/dn[t,i])/d - n[t,j]/d*sum(i, dC/dn[t,i]*n[t,i]))/s[t]"),
    # What a derivative is in terms of later ones, some of which are on both sides.
    ("layer norm", "dC/dx[t,j]",
     "dC/dn[t,j]/s[t] - sum(i, dC/dn[t,i])/(d*s[t]) + 2/d*(x[t,j] - m[t])*dC/dv[t]"),
    ("layer norm", "2*(x[t,j] - m[t])*dC/dv[t]",
     "-2*m[t]*dC/dv[t] - x[t,j]*sum(i, dC/dn[t,i]*n[t,i])/s[t]^2"),
    ("layer norm", "sum(i, sum(j, (x[t,i] - x[t,j])^2))",
     "2*d*sum(i, x[t,i]^2) - 2*sum(i, x[t,i])^2"),
    ("softmax with cross-entropy", "dC/dz[n,c]", "(p[n,c]*sum(k, y[n,k]) - y[n,c])/N"),
]  # fmt: skip

WRONG = [
    ("attention", "dC/dS[t,s]", "P[t,s]*(dC/dP[t,s] - sum(u, P[t,u]*dC/dP[u,t]))"),
    ("attention", "dC/dQ[t,a]", "sum(s, K[s,a]*dC/dS[t,s])"),
    ("shared weight", "dC/dW[i,j]", "x[i]*dC/dh[j]"),
    ("residual with a penalty", "dC/dh[j]", "dC/do[j]*(1 + Step(h[j]))"),
    ("residual with a penalty", "local(C, h[j])", "dC/dh[j]"),
    ("residual with a penalty", "dC/dW[i,j]", "x[i]*dC/dh[j]"),
    # A norm whose mean, or whose size, is taken for a constant.
    ("layer norm", "dC/dx[t,j]", "(dC/dn[t,j] - n[t,j]/d*sum(i, dC/dn[t,i]*n[t,i]))/s[t]"),
    ("layer norm", "dC/dx[t,j]", "(dC/dn[t,j] - sum(i, dC/dn[t,i])/d)/s[t]"),
    ("softmax with cross-entropy", "dC/dz[n,c]", "(p[n,c] - y[n,c])/N"),
]

#: Equal at some sizes and not at others.
NEVER_PROVED = [
    ("layer norm", "sum(i, x[t,i])", "sum(i, x[t,i])*(1 + (d - 2)*(d - 3))"),
    ("layer norm", "sum(i, sum(j, (x[t,i] - x[t,j])^2))",
     "2*d*sum(i, x[t,i]^2) - 2*sum(i, x[t,i])^2 + (d - 1)*(d - 2)*(d - 3)*x[t,i]^0"),
    ("layer norm", "sum(j, x[t,j]/(sum(k, g[k]) - x[t,j]))",
     "sum(j, sum(k, x[t,j]/g[k])) - sum(j, x[t,j]/x[t,j])"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "left", "right"), RIGHT)
def test_right_at_every_size(name, left, right):
    proof = prove(left, right, network=model(name))
    assert proof.status is Status.PROVED
    assert proof.scope.widths.every


@pytest.mark.parametrize(("name", "left", "right"), WRONG)
def test_wrong_with_a_point(name, left, right):
    proof = prove(left, right, network=model(name))
    assert proof.status is Status.REFUTED
    assert proof.counterexample is not None


@pytest.mark.parametrize(("name", "left", "right"), NEVER_PROVED)
def test_what_holds_at_some_sizes_is_not_proved(name, left, right):
    try:
        proof = prove(left, right, network=model(name))
    except ValueError:
        return  # refused when it is read: the index is in no factor
    assert proof.status is not Status.PROVED


def test_a_number_that_is_a_size_is_left_alone_when_sizes_are_put_in():
    text = """definitions = "C := sum(i, sum(p, x[i]^2*w[p]))"
[axes]
q = 2
[tensors]
x = { axes = ["n"], role = "input" }
w = { axes = ["q"], role = "parameter" }
"""
    one = model_of(parse_toml(text, "m.toml"), "m")
    zero = "sum(i, x[i] - sum(j, x[j])/n)"
    assert prove(zero, "0", network=one).proved
    wrong = prove(f"{zero} + sum(i, x[i]^2)*w[p]", "sum(i, x[i])*w[p]", network=one)
    assert wrong.status is Status.REFUTED


def test_users_and_ranks_follow_from_the_definitions():
    one = model("residual with a penalty")
    quantity = {name: Quantity(*place) for name, place in one.names.items()}
    users = {name: [str(user[0]) for user in one.users(q)] for name, q in quantity.items()}
    assert users["h"] == ["o", "C"]
    assert users["W"] == ["h", "C"]
    assert users["y"] == ["C"]
    ranks = [one.rank(quantity[name]) for name in ("x", "h", "o", "C")]
    assert ranks == sorted(ranks) and len({*ranks}) == 4
