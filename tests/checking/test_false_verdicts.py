r"""Formulas as people write them that once were misread: what is right is never called wrong."""

from __future__ import annotations

import pytest

from derive import check
from derive.files.network_file import read_network
from derive.model.network import Network
from derive.proving import Kinks

NG = "<!-- derive: notation = ng -->\n"
COURSE = read_network("3-4-1", bias=True, output_activation="sigmoid", cost="binary_cross_entropy")
ONE = read_network("one-layer-chain")
TWO = read_network("two-layer-chain")
WIDE = read_network("2-3-1")
SIGMOID = read_network("sigmoid-chain")


def verdicts(text: str, network: Network) -> list[str]:
    equations = check(text, network, kind="markdown").equations
    return [one.verdict.value for one in equations if one.verdict is not None]


@pytest.mark.parametrize(
    ("formula", "verdict"),
    [
        (r"a^{[2]} = g^{[2]}(z^{[2]})", "right"),
        (r"a^{[1]} = g^{[1]}(z^{[1]})", "right"),
        (r"dz^{[1]} = W^{[2]T} dz^{[2]} * g^{[1]'}(z^{[1]})", "right"),
        (r"dz^{[1]} = W^{[2]T} dz^{[2]} * g^{[1]\prime}(z^{[1]})", "right"),
        (r"a^{[2]} = g^{[1]}(z^{[2]})", "not_understood"),
        (r"\sigma^2(z^{[2]}) = a^{[2]2}", "right"),
    ],
)
def test_a_function_with_its_layer_is_no_power(formula: str, verdict: str) -> None:
    assert verdicts(f"{NG}${formula}$", COURSE) == [verdict]


@pytest.mark.parametrize(
    ("formula", "verdict"),
    [
        (r"C(w) = \frac12 (y - ReLU(w x))^2", "right"),
        (r"J(y, \hat y) = \frac12 (y - \hat y)^2", "right"),
        (r"\hat y(x) = ReLU(w x)", "right"),
        (r"\frac{\partial C(w)}{\partial w} = (\hat y - y)\,Step(z)\,x", "right"),
        (r"C(w) = (y - ReLU(w x))^2", "wrong"),
        (r"C(0) = \frac12 y^2", "not_understood"),
        (r"C'(w) = (\hat y - y)\,Step(z)\,x", "not_understood"),
        (r"\delta(z) = 0", "not_understood"),
        (r"\hat y(1 - \hat y) = \hat y - \hat y^2", "right"),
        (r"w(x) = z", "right"),
        (r"\frac{\partial C}{\partial w} = \delta (x)^T", "right"),
        (r"C_z = \hat y - y", "not_understood"),
        (r"C_{ww} = x^2", "not_understood"),
        (r"\hat y_z = 1", "not_understood"),
        (r"C_n = \frac12 (\hat y - y)^2", "right"),
        (r"C_0 = \frac12 (\hat y - y)^2", "right"),
    ],
)
def test_a_quantity_written_as_a_function_or_with_a_subscript(formula: str, verdict: str) -> None:
    assert verdicts(f"${formula}$", ONE) == [verdict]


@pytest.mark.parametrize(
    ("formula", "network", "verdict"),
    [
        (r"\frac{\partial C}{\partial w} = (\hat y - y)\,\mathbb{1}[z \ge 0]\,x", ONE, "right"),
        (r"\frac{\partial C}{\partial w} = (\hat y - y)\,\mathbb{1}[z \le 0]\,x", ONE, "wrong"),
        (
            r"\frac{\partial C}{\partial z^{(2)}} = (\hat y - y)\,\mathbb{1}[z^{(2)} \ge 0]",
            TWO,
            "right",
        ),
        (
            r"\frac{\partial C}{\partial z^{(1)}_j} = \frac{\partial C}{\partial r^{(1)}_j}"
            r"\,\mathbf 1[z^{(1)}_j \ge 0]",
            WIDE,
            "right",
        ),
    ],
)
def test_an_indicator_that_is_one_at_the_kink(formula: str, network: Network, verdict: str) -> None:
    assert verdicts(f"${formula}$", network) == [verdict]


@pytest.mark.parametrize(
    "text",
    [
        r"If $z < 0$, then $\hat y = 0$.",
        r"When $z \le 0$ we get $\hat y = 0$ and $C = \frac12 y^2$.",
        r"Since $z > 0$, $\hat y = z$.",
        r"In the case $z < 0$, $\hat y = 0$.",
        r"$\hat y = 0$ on the region $z < 0$.",
    ],
)
def test_a_condition_in_words_holds_for_values_too(text: str) -> None:
    assert set(verdicts(text, ONE)) == {"right"}


def test_only_a_function_with_a_kink_has_a_convention_there() -> None:
    assert verdicts(r"$\sigma'(0) = \frac14$, $\sigma'(0) = \frac12$", SIGMOID) == [
        "right",
        "wrong",
    ]
    assert verdicts(r"$\phi'(0) = 1$, $Step(0) = 1$, $\sigma'(0) = 0$", ONE) == []


@pytest.mark.parametrize(
    ("cases", "verdict"),
    [
        (r"p_i(1 - p_i) & i = j \\ -p_i p_j & i \neq j", "right"),
        (r"-p_i p_j & \text{if } j \ne i \\ p_i(1 - p_i) & \text{otherwise}", "right"),
        (r"p_i(1 - p_i) & \text{if } i = j \\ p_i p_j & \text{otherwise}", "wrong"),
        (r"p_i(1 - p_i) & i = j \\ -p_i p_j & i \neq j \\ 0 & p_i > 0", "not_understood"),
    ],
)
def test_cases_of_indices(cases: str, verdict: str) -> None:
    network = read_network("softmax-classifier")
    text = (
        "<!-- derive: p = r2 -->\n" + r"$$\frac{\partial p_i}{\partial z^{(2)}_j} = \begin{cases} "
    )
    assert verdicts(f"{text}{cases} \\end{{cases}}$$", network) == [verdict]


def test_a_unit_is_active_where_its_output_is_positive() -> None:
    hidden = r"\frac{\partial C}{\partial z^{(1)}} = \frac{\partial C}{\partial r^{(1)}}"
    network = read_network("2-3-1", bias=True)
    assert verdicts(rf"${hidden} \odot \mathbb{{1}}[r^{{(1)}} > 0]$", network) == ["right"]
    assert verdicts(rf"${hidden} \odot \mathbb{{1}}[r^{{(1)}} < 0]$", network) == ["wrong"]


def test_a_factor_missing_beside_indicators_is_named() -> None:
    gates = r"\mathbf 1_{z^{(2)} > 0} \mathbf 1_{z^{(1)} > 0}"
    text = rf"$\frac{{\partial C}}{{\partial W^{{(0)}}}} = (\hat y - y) {gates} x$"
    (one,) = check(text, TWO, kind="markdown").equations
    assert one.diagnosis is not None and one.diagnosis.mistake.value == "missing_factor"
    assert one.diagnosis.details["factor"] == TWO.quantity("W", 1, 1, 1)


def test_an_indicator_is_not_right_for_every_step_at_zero() -> None:
    text = r"$\frac{\partial C}{\partial z^{(2)}} = (\hat y - y) \mathbf 1_{z^{(2)} > 0}$"
    (one,) = check(text, TWO, kind="markdown").equations
    assert one.assessment is not None and one.assessment.elsewhere is not None
    assert one.verdict is not None and one.verdict.value == "right"
    assert one.assessment.proof is not None
    assert one.assessment.proof.scope.kinks is Kinks.AS_STATED


@pytest.mark.parametrize("line", ["z2 = W0*x2", "q = 3 z9", "h = 2 y1"])
def test_a_digit_behind_a_name_is_no_factor(line: str) -> None:
    (one,) = check(line, ONE, kind="text").equations
    assert one.verdict is not None and one.verdict.value in ("not_understood", "defined")


def test_numbers_of_a_worked_example_are_judged_at_these_and_formulas_in_general():
    text = (
        "Take $x = 2$, $W^{(0)} = 1$, $W^{(1)} = 3$, $y = 5$. With $z^{(1)} = W^{(0)} x = 2$ "
        "and $\\hat y = 6$ the loss is $C = \\frac12$.\n\n"
        "$$\\frac{\\partial C}{\\partial W^{(1)}} = (\\hat y - y) r^{(1)} = 2$$\n\n"
        "If $z^{(2)} < 0$, then $\\hat y = 0$, and $\\hat y = 1$.\n"
    )
    found = check(text, read_network("two-layer-chain"))
    said = [one.verdict.value for one in found.equations]
    assert said == ["right", "right", "right", "right", "wrong", "right", "right", "wrong"]
    (early,) = check("$\\hat y = 6$", read_network("two-layer-chain")).equations
    assert early.verdict.value == "wrong"


@pytest.mark.parametrize(
    ("text", "verdicts"),
    [
        ("If $q \\ne 3$, then $\\hat y = 0$.", ["not_understood"]),
        ("$\\hat y = 0$ if $q > 2$.", ["not_understood"]),
        ("If $x = 0$, then $\\hat y = 0$.", ["right"]),
        ("If $x = 0$, then $\\hat y = 1$.", ["wrong"]),
    ],
)
def test_what_stands_under_a_condition_is_judged_under_it_or_not_at_all(text, verdicts):
    found = check(text, read_network("two-layer-chain"))
    assert [one.verdict.value for one in found.equations] == verdicts


@pytest.mark.parametrize(
    ("formula", "verdict"),
    [
        (r"\log(-1 - x^2) = \log(-1 - x^2)", "undecided"),
        (r"\log(-1 - x^2) = 3", "undecided"),
        (r"\log(-x^2 - y^2) = \log(-x^2 - y^2) + 1", "undecided"),
        (r"\log(-1 - x^2) - \log(-1 - x^2) = 0", "undecided"),
        (r"\log(x) + 1 = 1 + \log(x)", "right"),
        (r"\log(x) = 1 + \log(x)", "wrong"),
    ],
)
def test_what_has_a_value_nowhere_is_neither_right_nor_wrong(formula: str, verdict: str) -> None:
    assert verdicts(f"${formula}$", ONE) == [verdict]
