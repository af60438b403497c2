"""Axes that are only counted together are one axis; others stay two."""

import pytest

from derive.files.definitions_file import read_definitions
from derive.notation.ascii.given import formula
from derive.proving import Status
from derive.proving.exact.joined_axes import with_joined_axes
from derive.proving.prove import prove
from tests.sweeps import sampled

NORM = read_definitions("""
input x[N,G,d,L]
constant eps, b[L]
m[n,g] := sum(i, t, x[n,g,i,t])/(d*L)
v[n,g] := sum(i, t, (x[n,g,i,t] - m[n,g])^2)/(d*L)
h[n,g,i,t] := (x[n,g,i,t] - m[n,g])/sqrt(v[n,g] + eps)
C := sum(n, g, i, t, b[t]*h[n,g,i,t]^4)
""")
BACKWARD = (
    "(dC/dh[n,g,i,t] - sum(j, s, dC/dh[n,g,j,s])/(d*L)"
    " - h[n,g,i,t]*sum(j, s, dC/dh[n,g,j,s]*h[n,g,j,s])/(d*L))/sqrt(v[n,g] + eps)"
)


def sides(left, right):
    return formula(left, "left", NORM), formula(right, "right", NORM)


def test_a_norm_over_two_axes_is_differentiated_at_every_size():
    proof = prove("dC/dx[n,g,i,t]", BACKWARD, network=NORM)
    assert proof.proved and proof.scope.widths.every


@pytest.mark.parametrize(
    ("old", "new"),
    sampled(
        [
            ("sum(j, s, dC/dh[n,g,j,s])/(d*L)", "sum(j, s, dC/dh[n,g,j,s])/d"),
            ("sum(j, s, dC/dh[n,g,j,s])/(d*L)", "sum(j, dC/dh[n,g,j,t])/d"),
            ("sum(j, s, dC/dh[n,g,j,s]*h[n,g,j,s])", "sum(j, s, dC/dh[n,g,j,s]*h[n,g,i,t])"),
            ("- h[n,g,i,t]", "+ h[n,g,i,t]"),
        ],
        4,
    ),
)
def test_a_wrong_one_is_refuted(old, new):
    assert old in BACKWARD
    wrong = BACKWARD.replace(old, new)
    assert prove("dC/dx[n,g,i,t]", wrong, network=NORM).status is Status.REFUTED


def test_both_axes_become_one():
    left, right = sides("sum(i, t, x[n,g,i,t])/(d*L)", "sum(j, s, x[n,g,j,s]/L)/d")
    joined, found = with_joined_axes(NORM, left, right)
    assert {str(axis) for axis in joined.all_axes} == {"N_G", "d_L"}
    assert len(joined.tensors) == 1
    assert found[0].dummy_eq(found[1])


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("sum(t, x[n,g,i,t])", "b[t]"),  # the sum runs over one
        ("sum(i, t, x[n,g,i,t]*b[t])", "0"),  # one has a tensor of its own
        ("sum(i, t, x[n,g,i,t])/d", "0"),  # a size stands by itself
        ("sum(i, t, s, x[n,g,i,t]*x[n,g,i,s])", "0"),  # an index has two partners
        ("sum(j, delta(i,j)*x[n,g,j,t])", "x[n,g,i,t]"),  # half of a delta
    ],
)
def test_others_stay_two(left, right):
    joined, _ = with_joined_axes(NORM, *sides(left, right))
    assert not any("d_L" in str(axis) for axis in joined.all_axes)
