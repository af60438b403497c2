"""Formulas about a batch, and what is no claim: updates, values, suppositions, other letters."""

from __future__ import annotations

import pytest

from derive import check
from derive.files.network_table import network_from_toml

NETWORK = network_from_toml(
    """
inputs = "n_0"
cost = "half_squared_error"
[[layers]]
units = "n_1"
activation = "relu"
bias = true
[[layers]]
units = 1
activation = "identity"
bias = true
""",
    "network",
)
HEAD = "<!-- derive: notation = ng -->\n"


def verdicts(text: str) -> list[str]:
    judged = check(HEAD + text, NETWORK, kind="markdown").judged
    return [str(one.verdict or "outside") for one in judged]


@pytest.mark.parametrize(
    ("formula", "verdict"),
    [
        (r"J = \frac{1}{2m}\sum_{i=1}^m (\hat y^{(i)} - y^{(i)})^2", "right"),
        (r"J = \frac{1}{m}\sum_{i=1}^m (\hat y^{(i)} - y^{(i)})^2", "wrong"),
        (r"dW^{[2]} = \frac{1}{m} dZ^{[2]} A^{[1]T}", "right"),
        (r"dW^{[2]} = -\frac{1}{m} dZ^{[2]} A^{[1]T}", "wrong"),
        (r"dW^{[2]} = \frac{2}{m} dZ^{[2]} A^{[1]T}", "wrong"),
        (r"db^{[2]} = \frac{1}{m} \sum_{i=1}^m dz^{[2](i)}", "right"),
        (r"z^{[1](i)} = W^{[1]} x^{(i)} + b^{[1]}", "right"),
        # Two samples, a product that is none over samples, a mean that nothing sums: not read.
        (r"z^{[1](i)} = W^{[1]} x^{(j)} + b^{[1]}", "not_understood"),
        (r"db^{[1]} = \frac{1}{m} W^{[2]T} dZ^{[2]} \odot g'(Z^{[1]})", "not_understood"),
        (r"dZ^{[2]} = \frac{1}{m} (A^{[2]} - Y)", "not_understood"),
    ],
)
def test_a_batch_is_read_for_one_sample(formula: str, verdict: str) -> None:
    assert verdicts(f"${formula}$") == [verdict]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"$W^{[1]} = W^{[1]} - \alpha\, dW^{[1]}$", ["outside"]),
        (r"$$b^{new} = b^{old} - \eta \frac{\partial C}{\partial b}$$", ["outside"]),
        (r"$$\hat y = 0.25$$", ["outside"]),
        (r"$$0.5 \cdot 0.25 = 0.13$$", ["right"]),
        (r"$$0.5 \cdot 0.25 = 0.14$$", ["wrong"]),
        (r"$$0.1 \cdot 0.3 = 0.03 = 0.04$$", ["right", "wrong"]),
        (r"Suppose we want to fit $y = 3x$.", ["outside"]),
        (r"Setting $\frac{\partial C}{\partial \hat y} = 0$ we find the minimum.", ["outside"]),
        (r"So $\frac{\partial C}{\partial \hat y} = 0$.", ["wrong"]),
        (r"Suppose $y = g(x)$. Then $\frac{dy}{dx} = g'(x)$.", ["outside", "outside"]),
    ],
)
def test_what_is_no_claim(text: str, expected: list[str]) -> None:
    assert verdicts(text) == expected


def test_other_letters_are_forgotten_in_the_next_paragraph() -> None:
    text = "Suppose $y = g(x)$. Then $y = y$.\n\nNow $\\frac{\\partial C}{\\partial \\hat y} = y$."
    assert verdicts(text) == ["outside", "outside", "wrong"]
