r"""Functions that nobody knows are not dropped; known names are not defined anew."""

from __future__ import annotations

from dataclasses import replace

import pytest

from derive import check
from derive.checking.telling.check_report import report_lines
from derive.files.network_file import read_network

ONE = read_network("one-layer-chain")
TWO = read_network("two-layer-chain")
CLASSES = read_network("2-3-1", bias=True, output_activation="sigmoid", cost="binary_cross_entropy")
SOFTMAX = read_network("4-3", output_activation="softmax", cost="cross_entropy")
BY_NAME = {"one": ONE, "two": TWO, "classes": CLASSES, "softmax": SOFTMAX}


def verdicts(text: str, network: str = "one") -> list[str]:
    equations = check(text, BY_NAME[network], kind="markdown").equations
    return [one.verdict.value for one in equations if one.verdict is not None]


@pytest.mark.parametrize(
    "formula",
    [
        r"\text{foo}(x w) = x w",
        r"\text{foo}(x w) = ReLU(x w)",
        r"ReLU(x w) = \text{foo}(x w)",
        r"\text{foo } (x w) = x w",
        r"\text{my func}(x w) = x w",
        r"\text{foo}\left(x w\right) = x w",
        r"\mathrm{foo}(x w) = x w",
        r"\operatorname{foo}(x w) = x w",
        r"\textbf{foo}(x w) = x w",
        r"w\,\text{foo}(x) = w x",
        r"z = w\text{foo} x",
        r"2\text{foo} x = 2 x",
        r"\tan(x) = x",
        r"\mathrm{erfc}(x) = x",
        r"foo(x w) = x w",
    ],
)
def test_an_unknown_function_is_not_understood(formula: str) -> None:
    assert verdicts(f"${formula}$") == ["not_understood"]


@pytest.mark.parametrize(
    "formula",
    [
        r"\text{ReLU}(x) = \max(0, x)",
        r"z = w x \text{ and } \hat y = ReLU(z)",
        r"\hat y = z \text{ if } z > 0",
        r"z = w x \text{ so } \hat y = ReLU(z)",
        r"z = w x \quad\text{forward}",
    ],
)
def test_words_that_only_join_formulas(formula: str) -> None:
    assert set(verdicts(f"${formula}$")) == {"right"}


@pytest.mark.parametrize(
    ("text", "network", "expected"),
    [
        (r"$\sigma(z) = \frac{1}{1+e^{z}}$", "one", ["wrong"]),
        (r"$\sigma(z) = \frac{1}{1+e^{z}}$", "two", ["wrong"]),
        (r"$\sigma(z) = \frac{1}{1+e^{z}}$", "classes", ["wrong"]),
        (r"Here $\hat y$ is the output, where $\sigma(z) = 1/(1+e^{z})$.", "one", ["wrong"]),
        (r"$\sigma(z) = \frac{1}{1+e^{-z}}$", "one", ["right"]),
        (r"$\sigma(z) = \frac{1}{1+e^{-z}}$", "two", ["right"]),
        (r"$\sigma'(z) = \sigma(z)(1-\sigma(z))$", "one", ["right"]),
        (r"$\sigma'(z) = -\sigma(z)(1-\sigma(z))$", "one", ["wrong"]),
        (r"$\sigma(z) = \max(0,z)$. $\hat y = \sigma(z)$", "one", ["right", "right"]),
        (r"$\sigma(z) = \max(0,z)$. $\hat y = \sigma(z^{(2)})$", "two", ["right", "right"]),
        (r"$\hat y = \sigma(z)$. $\sigma(z) = \frac{2}{1+e^{-z}}$", "one", ["right", "wrong"]),
        (r"$a^{(1)} = \sigma(z^{(1)})$", "two", ["defined"]),
        (r"$\sigma(z) = \tanh(z)$", "one", ["wrong"]),
        (r"$\tanh(z) = e^z$", "one", ["wrong"]),
        (r"Suppose $\sigma(z) = z$. $\hat y = z$", "one", ["right_if"]),
        (r"Take the sigmoid function $\sigma$. $\hat y = \sigma(z)$", "one", ["wrong"]),
        (r"$L = \frac12 (y-\hat y)^2$", "one", ["right"]),
        (r"$L = -\frac12 (y-\hat y)^2$", "one", ["wrong"]),
        (r"$L = (y-\hat y)^2$", "one", ["wrong"]),
        (r"$L = y\log\hat y + (1-y)\log(1-\hat y)$", "classes", ["wrong"]),
        (r"$L = -y\log\hat y - (1-y)\log(1-\hat y)$", "classes", ["right"]),
        (
            r"Let $L = C + w^2$. "
            r"$\frac{\partial L}{\partial w} = \frac{\partial C}{\partial w} + 2w$",
            "one",
            ["defined", "right"],
        ),
    ],
)
def test_a_known_name_is_judged(text: str, network: str, expected: list[str]) -> None:
    assert verdicts(text, network) == expected


@pytest.mark.parametrize(
    ("words", "formula", "expected"),
    [
        ("The correct class is k.", r"C = -\log(\hat y_k)", "not_understood"),
        ("The correct class is k.", r"C = -y_k \log(\hat y_k)", "not_understood"),
        (
            "Labels are one-hot.",
            r"\frac{\partial C}{\partial z_k} = \hat y_k - 1",
            "not_understood",
        ),
        ("Labels are one-hot.", r"\frac{\partial C}{\partial z_j} = \hat y_j", "not_understood"),
        ("Labels are one-hot.", r"\frac{\partial C}{\partial z_j} = \hat y_j + y_j", "wrong"),
        ("Labels are one-hot.", r"\frac{\partial C}{\partial z_k} = \hat y_k + 1", "wrong"),
        ("Labels are one-hot.", r"\frac{\partial C}{\partial z_j} = \hat y_j - y_j", "right"),
        ("Of any labels:", r"C = -\log(\hat y_k)", "wrong"),
        ("Of any labels:", r"\frac{\partial C}{\partial z_k} = \hat y_k - 1", "wrong"),
    ],
)
def test_what_holds_for_the_correct_class_alone_is_not_wrong(
    words: str, formula: str, expected: str
) -> None:
    assert verdicts(f"{words}\n\n$${formula}$$", "softmax") == [expected]


@pytest.mark.parametrize("name", ["x", "y", "C"])
def test_a_name_that_is_ours_for_something_else_is_not_printed(name: str) -> None:
    network = replace(ONE, symbols={name: "W0"})
    text = rf"$\frac{{\partial C}}{{\partial W^{{(0)}}}} = (\hat y-y) Step(z) {name}$"
    (line,) = report_lines(check(text, network, kind="markdown"), "f", lambda word, _: word)
    assert "dC/dx, not dC/dx" not in line and "dC/dC" not in line
    values = [part.split(" = ")[0] for part in line.partition("for example ")[2].split(", ")]
    assert len(values) == len(set(values))


@pytest.mark.parametrize(
    "text",
    [
        r"$\mathbb{E}[x] = 0$",
        r"$E[x] = 0$",
        r"$E\left[x\right] = 0$",
        r"$\mathrm{Var}(x) = 1$",
        r"Take $F(b) = \mathbb{E}[x + b]$. Then $F'(b) = 1$ and $F''(b) = 0$.",
        r"Let $\mu = \mathbb{E}[x]$. Then $\mu = 0$.",
    ],
)
@pytest.mark.parametrize("network", ["one", "two", "classes"])
def test_averages_are_no_claims_about_the_network(text: str, network: str) -> None:
    """E is a cost too, but E[x] is not that cost times x; nor is what it is named."""
    assert verdicts(text, network) == []


def test_a_cost_that_the_document_names_e_is_the_cost() -> None:
    text = (
        r"Let $E = \frac{1}{2}(y - \hat y)^2$. Then $2E = (y - \hat y)^2$, not $2E = y - \hat y$."
    )
    assert verdicts(text)[:2] == ["right", "right"]
