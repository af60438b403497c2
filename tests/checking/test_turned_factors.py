r"""Where shapes disagree: the one factor that has to be transposed is named, once proved."""

from __future__ import annotations

import pytest

from derive import check
from derive.checking.assessment import Verdict
from derive.checking.telling.check_wording import Wording
from derive.files.network_file import read_network

WIDE = read_network("3-4-2", output_activation="identity")
SIGMOID = read_network("3-4-2", activation="sigmoid", output_activation="sigmoid")
FORWARD = r"With $z^{(1)} = W^{(0)} x$ and $z^{(2)} = W^{(1)} r^{(1)}$,"


@pytest.mark.parametrize(
    ("formula", "said"),
    [
        (r"\frac{\partial C}{\partial r^{(1)}} = W^{(1)} (\hat y - y)",
         "a transpose is missing: W^{(1)} has to be transposed"),
        (r"\frac{\partial C}{\partial r^{(1)}} = \mathbf{W}^{(1)} (\hat y - y)",
         "a transpose is missing: W^{(1)} has to be transposed"),
        (r"\frac{\partial C}{\partial W^{(1)}} = (\hat y - y) r^{(1)}",
         "a transpose is missing: r^{(1)} has to be transposed"),
        (r"\frac{\partial C}{\partial W^{(1)}} = r^{(1)} \left(\hat y - y\right)^\top",
         "a transpose is missing: the right side has to be transposed"),
        (r"z^{(2)} = (W^{(1)})^T r^{(1)}",
         "a transpose is too much: (W^{(1)})^T should be without it"),
        (r"\frac{\partial C}{\partial r^{(1)}_i} = \sum_j W^{(1)}_{ij} (\hat y_j - y_j)",
         "the indices of W^{(1)}_{ij} are exchanged"),
    ],
)  # fmt: skip
def test_the_factor_is_named(formula: str, said: str) -> None:
    checked = check(f"{FORWARD}\n\n$${formula}$$", WIDE, kind="markdown")
    last = checked.equations[-1]
    assert last.verdict is Verdict.WRONG and last.should_be is not None
    assert said in Wording(checked.parts[0], last.statement).message(last)


def test_a_factor_is_named_only_if_the_equation_is_right_then() -> None:
    formula = r"$$\frac{\partial C}{\partial r^{(1)}} = 2 W^{(1)} (\hat y - y)$$"
    checked = check(f"{FORWARD}\n\n{formula}", WIDE, kind="markdown")
    last = checked.equations[-1]
    assert last.verdict is Verdict.WRONG and last.diagnosis is not None
    assert last.diagnosis.mistake.value == "shapes" and last.should_be is None


def test_an_equation_about_any_layer_is_wrong_once() -> None:
    text = (
        "<!-- derive: notation = nielsen -->\n\n"
        r"$$\delta^l = (w^{l+1} \delta^{l+1}) \odot \sigma'(z^l)$$"
    )
    (one,) = check(text, SIGMOID, kind="markdown").equations
    assert one.diagnosis is not None and one.diagnosis.mistake.value == "transposed"
