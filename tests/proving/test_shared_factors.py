"""What both sides share is left out, and functions of sums are known by what the sums define."""

import pytest
from sympy import Tuple

from derive import Model
from derive.notation.ascii.given import formula
from derive.proving import Status
from derive.proving.forms.term_by_term import simpler_sides
from derive.proving.prove import prove

MODEL = Model.from_definitions(
    """
    input x[n,d], y[n,o]
    parameter w[d,h], b[h], v[h,o], c[o]
    s[p,j] := relu(b[j] + sum(i, w[i,j]*x[p,i]))
    z[p,k] := c[k] + sum(j, v[j,k]*s[p,j])
    q[p,k] := exp(z[p,k])/sum(l, exp(z[p,l]))
    C := -sum(p, sum(k, y[p,k]*log(q[p,k])))
    """
)
GATE = "Step(b[j] + sum(r, w[r,j]*x[p,r]))"
SOFTMAX = "exp(z[p,r])/sum(t, exp(z[p,t]))"


@pytest.mark.parametrize(
    ("left", "right", "status"),
    [
        # With the letters in another order than the axes of z, gate outside and inside of the sum.
        ("dq[p,k]/dw[i,j]/q[p,k]", f"{GATE}*x[p,i]*sum(r, (delta(k,r) - {SOFTMAX})*v[j,r])",
         Status.PROVED),
        ("dC/dw[i,j]",
         f"-sum(k, sum(p, y[p,k]*sum(r, (delta(k,r) - {SOFTMAX})*v[j,r]*{GATE}*x[p,i])))",
         Status.PROVED),
        ("dC/dw[i,j]",
         f"-sum(k, sum(p, y[p,k]*sum(r, (delta(k,r) - {SOFTMAX})*v[j,r]*x[p,i])))",
         Status.REFUTED),
        ("dq[p,k]/dw[i,j]/q[p,k]", f"{GATE}*x[p,i]*sum(r, (delta(k,r) + {SOFTMAX})*v[j,r])",
         Status.REFUTED),
    ],
)  # fmt: skip
def test_a_gate_of_a_sum_beside_a_softmax(left, right, status):
    assert prove(left, right, network=MODEL).status is status


@pytest.mark.parametrize(
    ("left", "right", "what_is_left"),
    [
        ("x[p,i]*b[j]", "x[p,i]*sum(k, v[j,k])", ("b[j]", "Sum(v[j,k], (k, 1, o))")),
        ("sum(p, x[p,i]*y[p,k])", "sum(p, x[p,i]*z[p,k])", ("y[j,k]", "z[j,k]")),
        ("sum(p, sum(k, y[p,k]*c[k]))", "sum(k, sum(p, z[p,k]*c[k]))",
         ("Sum(c[k]*y[i,k], (k, 1, o))", "Sum(c[k]*z[i,k], (k, 1, o))")),
        ("b[j]^2*c[k] + b[j]", "b[j]*c[k]", ("b[j]*c[k] + 1", "c[k]")),
        # What divides says where a side has a value, and stays.
        ("c[k]/b[j]", "x[p,i]/b[j]", None),
    ],
)  # fmt: skip
def test_what_is_shared_goes(left, right, what_is_left):
    sides = Tuple(*(formula(side, "a side", MODEL) for side in (left, right)))
    found = simpler_sides(MODEL, sides)
    assert (found and tuple(map(str, found))) == what_is_left
