"""Equations under the assumptions of a model: rows of sum 1, and signs."""

import pytest
from sympy import Rational

from derive.files.definitions_file import read_definitions
from derive.proving import Status
from derive.proving.prove import prove
from tests.sweeps import sweep, thorough

MODEL = read_definitions("""
input x[N,d]
parameter W[d,K]
target y[N,K]
constant tau, q[K]
assume sum(c, y[n,c]) = 1
assume tau > 0
z[n,c] := sum(i, x[n,i]*W[i,c])
p[n,c] := softmax(c, z[n,c])
C := -mean(n, sum(c, y[n,c]*log(p[n,c])))
""")

RIGHT = [
    ("sum(c, y[n,c])", "1"),
    ("sum(n, sum(c, y[n,c]))", "N"),
    ("sum(c, y[n,c]*p[n,i])", "p[n,i]"),
    ("dC/dz[n,c]", "(p[n,c] - y[n,c])/N"),
    ("dC/dW[i,c]", "sum(n, x[n,i]*(p[n,c] - y[n,c]))/N"),
    ("abs(tau)", "tau"),
    ("sum(c, q[c])*sum(c, y[n,c])", "sum(c, q[c])"),
]
WRONG = [
    ("dC/dz[n,c]", "(p[n,c] - 2*y[n,c])/N"),
    ("dC/dz[n,c]", "p[n,c] - y[n,c]"),
    ("dC/dW[i,c]", "sum(n, x[n,i]*(p[n,c] - y[n,c]))"),
    ("sum(n, y[n,c])", "1"),
    ("sum(c, q[c])", "1"),
    ("y[n,c]", "y[n,c]^2"),
    ("abs(tau)", "-tau"),
]


@pytest.mark.parametrize(("left", "right"), RIGHT)
def test_proved_for_every_size(left, right):
    proof = prove(left, right, network=MODEL)
    assert proof.proved and proof.scope.widths.every
    assert not proof.scope.nonzero


@pytest.mark.parametrize(("left", "right"), WRONG)
def test_a_point_that_refutes_has_rows_of_sum_one(left, right):
    proof = prove(left, right, network=MODEL)
    assert proof.status is Status.REFUTED and proof.counterexample is not None
    values = proof.counterexample.values
    assert values.get("tau", 1) > 0
    rows: dict[str, Rational] = {}
    for name, value in values.items():
        if name.startswith("y["):
            row = name.partition(",")[0]
            rows[row] = rows.get(row, Rational(0)) + value
    assert all(total == 1 for total in rows.values())


def test_without_the_assumption_it_is_wrong():
    text = """
    parameter z[K]
    target y[K]
    p[c] := softmax(c, z[c])
    C := -sum(c, y[c]*log(p[c]))
    """
    free = read_definitions(text)
    assert prove("dC/dz[c]", "p[c] - y[c]", network=free).status is Status.REFUTED
    assert prove("dC/dz[c]", "p[c]*sum(k, y[k]) - y[c]", network=free).proved


def test_derivatives_by_what_sums_to_one_are_undecided():
    proof = prove("dC/dy[n,c]", "-log(p[n,c])/N", network=MODEL)
    assert proof.status is Status.UNDECIDED


def test_terms_that_differ_prove_nothing_of_their_sums():
    """sum_n A_n = sum_n B_n with A_n != B_n: right and wrong ones."""
    text = "parameter a[N,K]\nconstant b[N]\nC := sum(n, sum(k, a[n,k]))"
    model = read_definitions(text)
    wrong = prove(
        "sum(n, b[n]/sum(k, exp(a[n,k])))", "sum(n, 2*b[n]/sum(k, exp(a[n,k])))", network=model
    )
    assert wrong.status is Status.REFUTED
    right = prove(
        "sum(n, b[n]*exp(a[n,k])/sum(j, exp(a[n,j])))",
        "sum(l, exp(a[l,k])*b[l]/sum(i, exp(a[l,i])))",
        network=model,
    )
    assert right.proved


NORMS = [
    (
        "layer-norm",
        "dC/dx[t,i]",
        "(dC/dn[t,i] - sum(j, dC/dn[t,j])/d - n[t,i]*sum(j, dC/dn[t,j]*n[t,j])/d)/s[t]",
    ),
    ("layer-norm", "dC/dm[t]", "-sum(i, dC/dn[t,i])/s[t]"),
    ("batch-norm", "dC/dm[i]", "-sum(n, dC/du[n,i])/s[i]"),
    ("rms-norm", "dC/dx[t,i]", "(dC/dn[t,i] - n[t,i]*sum(j, dC/dn[t,j]*n[t,j])/d)/s[t]"),
]  # fmt: skip


@pytest.mark.parametrize("assumed", ["eps > 0", *map(thorough, [((),), (("eps >= 0", "d > 1"),)])])
@pytest.mark.parametrize(("name", "left", "right"), sweep(NORMS, NORMS[1:2]))
def test_an_assumption_loses_no_proof(name, left, right, assumed):
    # What holds without a condition holds with it: a positive constant under a root, here.
    proof = prove(left, right, name, assume=assumed)
    assert proof.proved and proof.scope.widths.every


def test_an_assumption_about_axes_that_the_equation_lacks_takes_nothing_away():
    """Sizes are tried of the axes of the equation alone, and y has another one."""
    assume = "sum(c, y[n,c]) = 1"
    formula = "sum(i, x[n,i]*v[n,i])"
    text = "input x[N,d], v[N,d]\ntarget y[N,K]\nh[n] := " + formula
    model = read_definitions(text + "\nC := sum(n, h[n])*sum(n, sum(c, y[n,c]))")
    assert prove("h[n]", formula, network=model, assume=assume).proved
    assert prove("h[n]", f"2*{formula}", network=model, assume=assume).status is Status.REFUTED
