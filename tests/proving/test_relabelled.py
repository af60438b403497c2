"""Sums that are the same but for order and letters are seen to be, and no others."""

import pytest

from derive import Model
from derive.notation.ascii.given import formula
from derive.proving.exact.relabelled import same_sums

MODEL = Model.from_definitions(
    """
    input A[n,m], B[n,m], c[n], e[m], S[n,n]
    C := sum(i, sum(j, A[i,j]*B[i,j])) + sum(i, c[i]) + sum(j, e[j]) + sum(i, j, S[i,j])
    """
)


def same(left, right):
    return same_sums(*(formula(side, "a side", MODEL) for side in (left, right)))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("sum(i, sum(j, A[i,j]))", "sum(p, sum(q, A[q,p]))"),
        ("sum(i, j, A[i,j] + B[i,j])", "sum(j, i, B[i,j]) + sum(p, q, A[p,q])"),
        ("sum(i, c[i]*sum(j, A[i,j]))", "sum(q, sum(p, A[p,q]*c[p]))"),
        ("2*sum(i, c[i] - c[i]^2)", "2*sum(s, c[s]) - 2*sum(t, c[t]^2)"),
        ("sum(i, j, S[i,j]*c[j])", "sum(i, j, S[j,i]*c[i])"),
        ("sum(i, exp(c[i])/sum(j, exp(c[j])))", "sum(p, exp(c[p])/sum(q, exp(c[q])))"),
        ("sum(i, c[i])*sum(j, e[j])", "sum(j, i, e[j]*c[i])"),
    ],
)
def test_order_and_letters_do_not_matter(left, right):
    assert same(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("sum(i, j, S[i,j]*c[j])", "sum(i, j, S[i,j]*c[i])"),
        ("sum(i, c[i])^2", "sum(i, c[i]^2)"),
        ("sum(i, c[i])*sum(j, c[j])", "sum(i, c[i]*c[i])"),
        ("sum(i, S[i,j])", "sum(i, S[j,i])"),
        ("sum(i, j, A[i,j])", "sum(i, j, B[i,j])"),
        ("sum(i, c[i])", "2*sum(i, c[i])"),
        ("sum(i, S[i,b_1])", "sum(i, S[i,i])"),
        ("sum(i, S[i,bound_0])", "sum(i, S[i,i])"),
        ("sum(i, S[i,p]*c[q])", "sum(i, S[i,q]*c[p])"),
        ("sum(i, j, S[i,j]*S[j,i])", "sum(i, j, S[i,j]*S[i,j])"),
    ],
)
def test_what_differs_is_not_taken_for_the_same(left, right):
    assert not same(left, right)
