r"""Answers are given in the names of the document, and names that it gives away are its own."""

from __future__ import annotations

import pytest

from derive import check
from derive.checking.assessment import Verdict
from derive.checking.telling.check_wording import Wording
from derive.files.network_file import read_network
from derive.model.network import Network

CHAIN = read_network("two-layer-chain")
SIGMOID = read_network("3-4-2", activation="sigmoid", output_activation="sigmoid", bias=True)
TANH = read_network("3-4-2", activation="tanh", output_activation="identity")


def message(text: str, network: Network) -> str:
    """What is said of the last equation of a document, which is wrong."""
    checked = check(text, network, kind="markdown")
    last = checked.equations[-1]
    assert last.verdict is Verdict.WRONG
    return Wording(checked.parts[0], last.statement).message(last)


def test_declared_names_stand_in_the_answer_and_in_the_point() -> None:
    head = "<!-- derive: L = C, w_2 = W1, w_1 = W0, a_1 = r1, z_2 = z2 -->\n\n"
    wrong = r"$\frac{\partial L}{\partial w_2} = (y - \hat y)\,\mathrm{Step}(z_2)\,a_1$"
    said = message(head + wrong, CHAIN)
    assert r"should be (\hat{y} - y)\,\mathrm{Step}(z_2)\,a_1" in said
    assert "w_1 = " in said and "W0" not in said


def test_a_family_keeps_its_letter_and_the_way_it_writes_layers() -> None:
    head = "<!-- derive: notation = nielsen -->\n\n"
    wrong = r"$\frac{\partial C}{\partial z^L_j} = (y_j - a^L_j)\,\sigma'(z^L_j)$"
    said = message(head + wrong, SIGMOID)
    assert r"(a^{L}_j - y_j)" in said and "r^{(2)}" not in said


def test_index_letters_and_their_order_are_those_of_the_document() -> None:
    head = "<!-- derive: layout = z=Wr -->\n\n"
    wrong = (
        r"$\frac{\partial C}{\partial r^{(1)}_k} = "
        r"-\sum_j \frac{\partial C}{\partial z^{(2)}_j} W^{(1)}_{jk}$"
    )
    said = message(head + wrong, TANH)
    assert "W^{(1)}_{jk}" in said and r"\sum_{j=1}^2" in said


def verdicts(text: str) -> list[Verdict | None]:
    return [one.verdict for one in check(text, CHAIN, kind="markdown").equations]


def test_second_names_of_the_cost_can_be_given_another_meaning() -> None:
    text = (
        r"With $E = \hat y - y$ we get $\frac{\partial C}{\partial \hat y} = E$."
        "\n\n"
        r"Let $J = \frac{\partial\hat y}{\partial W^{(1)}}$. "
        r"Then $\frac{\partial C}{\partial W^{(1)}} = E J$."
    )
    known = [Verdict.DEFINED, Verdict.RIGHT, Verdict.DEFINED]
    assert verdicts(text) == [*known, Verdict.RIGHT]
    assert verdicts(text.replace("= E J", "= -E J")) == [*known, Verdict.WRONG]


@pytest.mark.parametrize(
    "wrong", [r"E = \hat y - y", r"J = (y - \hat y)^2", r"With $E = (y - \hat y)^2"]
)
def test_a_wrong_cost_does_not_pass_for_a_new_name(wrong: str) -> None:
    text = f"{wrong}$" if "$" in wrong else f"The loss is ${wrong}$"
    assert verdicts(text) == [Verdict.WRONG]
