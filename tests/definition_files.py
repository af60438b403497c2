"""Models from definitions that tests share, as TOML text by name."""

from __future__ import annotations

from derive.files.definitions_file import model_of
from derive.files.toml_tables import parse_toml
from derive.model.defined_model import DefinedModel

TEXTS = {
    "attention": '''
definitions = """
Q[t,a] := sum(i, x[t,i]*WQ[i,a])
K[t,a] := sum(i, x[t,i]*WK[i,a])
V[t,j] := sum(i, x[t,i]*WV[i,j])
S[t,s] := sum(a, Q[t,a]*K[s,a])/sqrt(k)
P[t,s] := exp(S[t,s])/sum(u, exp(S[t,u]))
O[t,j] := sum(s, P[t,s]*V[s,j])
C := 1/2*sum(t, sum(j, (O[t,j] - y[t,j])^2))
"""
[tensors]
x  = { axes = ["T", "d"], role = "input" }
WQ = { axes = ["d", "k"], role = "parameter", latex = "W^Q" }
WK = { axes = ["d", "k"], role = "parameter", latex = "W^K" }
WV = { axes = ["d", "m"], role = "parameter", latex = "W^V" }
y  = { axes = ["T", "m"], role = "target" }
''',
    # W is used by every layer, and h by two of them.
    "shared weight": '''
definitions = """
h[j] := sum(i, W[i,j]*x[i])
o[l] := sum(j, W[j,l]*tanh(h[j]))
C := 1/2*sum(l, (o[l] - y[l])^2)
"""
[tensors]
x = { axes = ["n"], role = "input" }
W = { axes = ["n", "n"], role = "parameter" }
y = { axes = ["n"], role = "target" }
''',
    # h reaches C through o and at once, W through h and by the penalty.
    "residual with a penalty": '''
definitions = """
h[j] := sum(i, W[i,j]*x[i])
o[j] := h[j] + ReLU(h[j])
C := 1/2*sum(j, (o[j] - y[j])^2) + sum(j, h[j]^2) + lambda/2*sum(i, sum(j, W[i,j]^2))
"""
[tensors]
x = { axes = ["n"], role = "input" }
W = { axes = ["n", "m"], role = "parameter" }
lambda = { axes = [], role = "constant" }
y = { axes = ["m"], role = "target" }
''',
    "layer norm": '''
definitions = """
m[t] := sum(j, x[t,j])/d
v[t] := sum(j, (x[t,j] - m[t])^2)/d
s[t] := sqrt(v[t] + eps)
n[t,i] := (x[t,i] - m[t])/s[t]
o[t,i] := g[i]*n[t,i] + b[i]
C := 1/2*sum(t, sum(i, (o[t,i] - y[t,i])^2))
"""
[tensors]
x = { axes = ["T", "d"], role = "parameter" }
g = { axes = ["d"], role = "parameter" }
b = { axes = ["d"], role = "parameter" }
eps = { axes = [], role = "constant", latex = "\\\\epsilon" }
y = { axes = ["T", "d"], role = "target" }
''',
    "softmax with cross-entropy": '''
definitions = """
z[n,c] := sum(i, x[n,i]*W[i,c]) + b[c]
p[n,c] := exp(z[n,c])/sum(k, exp(z[n,k]))
C := -sum(n, sum(c, y[n,c]*log(p[n,c])))/N
"""
[tensors]
x = { axes = ["N", "d"], role = "input" }
W = { axes = ["d", "K"], role = "parameter" }
b = { axes = ["K"], role = "parameter" }
y = { axes = ["N", "K"], role = "target" }
''',
}


def model(name: str) -> DefinedModel:
    """The model of this name."""
    return model_of(parse_toml(TEXTS[name], name), name.replace(" ", "-"))
