"""A line that is wrong only because an earlier one is: marked so, with the line to blame."""

from __future__ import annotations

from typing import Any

import pytest

from derive.checking.assessment import Verdict
from derive.checking.check import judged_statements
from derive.checking.verdicts import Checked, Part
from derive.files.network_file import read_network
from tests.checking.equations import statements


def checked(source: str, *lines: str, **options: Any) -> Checked:
    network = read_network(source, **options)
    return Checked((Part(network, judged_statements(statements(network, *lines), network), {}),))


def carried(document: Checked) -> list[int | None]:
    return [one.carried_from and one.carried_from.line for one in document.judged]


def test_a_sign_is_carried_through_a_chain_rule() -> None:
    document = checked(
        "1-1-1",
        "dC/dz2 = (y - r2)*Step(z2)",
        "dC/dW1 = (y - r2)*Step(z2)*r1",
        "dC/dz1 = (y - r2)*Step(z2)*W1*Step(z1)",
        "dC/dW0 = (y - r2)*Step(z2)*W1*Step(z1)*x",
        bias=True,
    )
    assert {one.verdict for one in document.judged} == {Verdict.WRONG}
    assert carried(document) == [None, 1, 1, 1]
    assert document.summary.first_wrong.line == 1
    assert document.summary.carried == 3


def test_a_new_mistake_is_not_carried() -> None:
    document = checked(
        "1-1-1",
        "dC/dz2 = (y - r2)*Step(z2)",
        "dC/dW1 = (y - r2)*Step(z2)*x",
        bias=True,
    )
    assert carried(document) == [None, None]
    assert document.judged[1].verdict is Verdict.WRONG


def test_a_lost_step_is_carried_over_indices_and_sums() -> None:
    document = checked(
        "2-3-2",
        "dC/dz2[j] = r2[j] - y[j]",
        "dC/dr1[i] = sum(j, W1[i,j]*(r2[j] - y[j]))",
        "dC/dW0[i,j] = x[i]*Step(z1[j])*sum(m, W1[j,m]*(r2[m] - y[m]))",
        bias=True,
    )
    assert carried(document) == [None, 1, 1]


def test_a_wrong_forward_pass_is_carried() -> None:
    document = checked("1-1-1", "z2 = W1*x", "r2 = ReLU(W1*x)", "C = (y - ReLU(W1*x))^2/2")
    assert carried(document) == [None, 1, 1]


def test_a_line_that_is_right_after_a_mistake_is_right() -> None:
    document = checked("1-1", "dC/dr1 = y - r1", "dC/dz1 = dC/dr1*Step(z1)")
    assert [one.verdict for one in document.judged] == [Verdict.WRONG, Verdict.RIGHT]


def test_a_step_of_a_chain_is_judged_by_itself() -> None:
    document = checked("1-1", "dC/dW0 = (y - r1)*Step(z1)*x = y*Step(z1)*x - r1*Step(z1)*x")
    first, second = document.judged
    assert first.verdict is Verdict.WRONG
    assert second.verdict is Verdict.RIGHT and second.rests_on.line == 1


def test_a_chain_that_comes_right_again_has_one_mistake() -> None:
    document = checked("1-1", "dC/dW0 = (y - r1)*Step(z1)*x = (r1 - y)*Step(z1)*x")
    assert carried(document) == [None, 1]
    assert document.summary.first_wrong.line == 1 and document.summary.carried == 1


def test_two_mistakes_together_explain_a_third_line() -> None:
    document = checked(
        "1-1-1",
        "dC/dz2 = (y - r2)*Step(z2)",
        "dr1/dz1 = 2*Step(z1)",
        "dC/dz1 = 2*(y - r2)*Step(z2)*W1*Step(z1)",
        bias=True,
    )
    assert carried(document)[:2] == [None, None]


@pytest.mark.parametrize("line", ["dC/dW1[i,j] = (y[j] - r2[j])*Step(z2[j])*r1[i]",
                                  "dC/db1[j] = (y[j] - r2[j])*Step(z2[j])"])  # fmt: skip
def test_letters_of_the_earlier_line_are_matched(line: str) -> None:
    document = checked("2-3-2", "dC/dr2[m] = y[m] - r2[m]", line, bias=True)
    assert carried(document) == [None, 1]


def test_a_chain_that_uses_a_wrong_derivative_is_carried_on_from_its_head() -> None:
    document = checked(
        "1-1-1",
        "dU/dr2 = 1",
        "dC/dr2 = dC/dU*dU/dr2 = U",
        "dC/dz2 = U*Step(z2)",
        "dC/dW1 = U*Step(z2)*x",
    )
    assert carried(document) == [None, None, 1, 1, None]
