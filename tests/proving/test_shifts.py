"""Shifted indices: x[t+s] is an entry, proved for any shift and refuted for the one meant."""

import pytest

from derive import Model, check, evaluate, judge, read_model
from derive.checking.verdicts import Verdict
from derive.errors import DeriveError
from derive.model.instances import shifts_of
from derive.notation.ascii.given import formula
from derive.proving import Status

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
        ("o[t:T] := sum(s, W[s]*x[t+1])", "a sum of letters"),
        ("o[t:T] := sum(s:S, x[t+s])", "nothing says what the index"),
    ],
)
def test_what_a_shift_cannot_say_is_asked_for(line, message):
    text = f"input x[L]\nparameter W[S]\n{line}\noutput o"
    with pytest.raises(DeriveError, match=message):
        Model.from_definitions(text)
