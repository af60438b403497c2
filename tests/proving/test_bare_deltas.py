"""Deltas of letters that nothing else has, and sums of what does not vary."""

import pytest

from derive import Model, judge
from derive.notation.ascii.given import formula

MODEL = Model.from_definitions(
    """
    input e[T,d]
    C := sum(t, sum(i, e[t,i]))
    """
)


def judged(left, right):
    return judge(MODEL, *(formula(side, "a side", MODEL) for side in (left, right)))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("sum(t, delta(j,p)*e[t,i]*e[t,l])", "delta(j,p)*sum(t, e[t,i]*e[t,l])"),
        ("delta(j,p)*(1 + delta(q,u))", "delta(j,p) + delta(j,p)*delta(q,u)"),
        ("sum(t:T, 1)*e[s,i]", "T*e[s,i]"),
        ("sum(t, de[t,i]/de[s,l])", "delta(i,l)"),
    ],
)
def test_what_holds_for_all_numbers_holds_for_deltas(left, right):
    assert judged(left, right).proved


@pytest.mark.parametrize(
    ("left", "right"),
    [("delta(j,p)*e[t,i]", "e[t,i]"), ("sum(t:T, 1)*e[s,i]", "d*e[s,i]")],
)
def test_nothing_false_follows(left, right):
    assert not judged(left, right).proved
