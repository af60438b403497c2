r"""I and vectors of ones are as large as what stands beside them, or not understood."""

from __future__ import annotations

import pytest

from derive import check
from derive.files.network_file import read_network

SOFTMAX = read_network("2-3-3", output_activation="softmax", cost="cross_entropy")
WIDE = read_network("2-3-4", output_activation="identity")


@pytest.mark.parametrize(
    ("formula", "verdict"),
    [
        (r"\mathbf{1}^\top \hat y = 1", "right"),
        (r"\hat y^\top \mathbf{1} = 1", "right"),
        (r"\mathbf{1}^\top \hat y = 2", "wrong"),
        (r"\mathbf{1}^\top z^{(2)} = 1", "wrong"),
        (r"\frac{\partial \hat y}{\partial z^{(2)}} = \operatorname{diag}(\hat y) I"
         r" - 2 I + 2 I - \hat y \hat y^T", "right"),
        (r"\frac{\partial \hat y}{\partial z^{(2)}} = I - \hat y \hat y^T", "wrong"),
        (r"\frac{\partial \hat y}{\partial z^{(2)}} = (I + \hat y \hat y^T) - 2 \hat y \hat y^T",
         "wrong"),
        (r"\frac{\partial C}{\partial z^{(2)}} = I \hat y - y", "right"),
        (r"\frac{\partial C}{\partial z^{(2)}} = I y - \hat y", "wrong"),
        (r"\frac{\partial C}{\partial z^{(2)}} = I \odot (\hat y - y)", "not_understood"),
        (r"\frac{\partial z^{(2)}}{\partial z^{(2)}} = I", "not_understood"),
        (r"\frac{\partial \hat y}{\partial z^{(2)}} = \hat y \mathbf{1}^T", "not_understood"),
    ],
)  # fmt: skip
def test_the_size_is_that_of_what_stands_beside(formula: str, verdict: str) -> None:
    (one,) = check(f"$${formula}$$", SOFTMAX, kind="markdown").equations
    assert one.verdict is not None and one.verdict.value == verdict


@pytest.mark.parametrize(
    "formula",
    [
        r"\mathbf{1}^T \frac{\partial z^{(2)}}{\partial b} = I",
        r"W^{(0)} I I = W^{(0)}",
        r"\mathbf{1}^T + x^T = x^T",
    ],
)
def test_nothing_is_guessed(formula: str) -> None:
    for one in check(f"$${formula}$$", WIDE, kind="markdown").equations:
        assert one.verdict is not None and one.verdict.value == "not_understood"


@pytest.mark.parametrize(
    ("formula", "verdict"),
    [
        (r"2 z^{(1)} = 2\cdot\begin{pmatrix} z^{(1)}_1 \\ z^{(1)}_2 \\ z^{(1)}_3 \end{pmatrix}",
         "right"),
        (r"z^{(1)} = -\begin{pmatrix} -z^{(1)}_1 \\ -z^{(1)}_2 \\ -z^{(1)}_3 \end{pmatrix}",
         "right"),
        (r"z^{(1)} = 2 \begin{pmatrix} z^{(1)}_1 \\ z^{(1)}_2 \\ z^{(1)}_3 \end{pmatrix}", "wrong"),
        (r"z^{(1)} = 1 - \begin{pmatrix} z^{(1)}_1 \\ z^{(1)}_2 \\ z^{(1)}_3 \end{pmatrix}",
         "not_understood"),
        (r"z^{(1)} = x^T \begin{pmatrix} z^{(1)}_1 \\ z^{(1)}_2 \\ z^{(1)}_3 \end{pmatrix}",
         "not_understood"),
    ],
)  # fmt: skip
def test_a_number_may_stand_before_a_matrix_that_is_written_out(formula: str, verdict: str) -> None:
    found = check(f"$${formula}$$", WIDE, kind="markdown").equations
    assert {one.verdict.value for one in found if one.verdict} == {verdict}
