"""Texts that name no network: what they define themselves is the model that they are judged by."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from derive.algebra.functions import Step
from derive.algebra.quantities import Partial
from derive.checking.diagnosing.mistakes import Mistake
from derive.checking.own_definitions.defined import check_defined
from derive.cli import main
from derive.reading.inferring.model_of_text import inferred_models
from derive.reading.statements import Assumption, Doubt
from tests.sweeps import sampled

_TABLE = tomllib.loads(Path(__file__).with_name("defined_texts.toml").read_text(encoding="utf-8"))
CASES = {case["id"]: case for case in _TABLE["cases"]}
_OPEN = {"wrong", "not_understood"}


def verdicts(text: str, kind: str = "markdown") -> list[str]:
    """What is said of each formula, in order."""
    checked = check_defined(text, kind=kind)
    assert checked is not None
    unsaid = (Assumption, Doubt)
    listed = (one for one in checked.judged if not isinstance(one.statement, unsaid))
    return [str(one.verdict or "outside") for one in listed]


def as_expected(expected: str, said: str) -> bool:
    match expected:
        case "any":
            return True
        case "open":
            return said in _OPEN
        case "not right":
            return said != "right"
        case _:
            return said == expected


@pytest.mark.parametrize("name", sampled(CASES, every=2))
def test_text_is_judged_by_its_definitions(name: str) -> None:
    case: dict[str, Any] = CASES[name]
    said = verdicts(case["text"], case.get("kind", "markdown"))
    assert len(said) == len(case["expect"])
    assert all(map(as_expected, case["expect"], said)), said


@pytest.mark.parametrize(
    ("name", "text", "expected"),
    [
        (
            "a.txt",
            "silu(z) = z σ(z)\nsilu'(z) = σ(z) + z σ(z)(1 − σ(z))\nsilu'(z) = σ(z)(1 + z)\n"
            "σ(z) = 1/(1+e^(-z))\n",
            ["defined", "right", "wrong", "right"],
        ),
        (
            "a.txt",
            "f(x) = log(1 + exp(x))\nf'(x) = 1/(1+exp(-x))\nf''(x) = f'(x)(1-f'(x))\n",
            ["defined", "right", "right"],
        ),
        (
            "a.txt",
            "elu(z) = z if z > 0 else exp(z) - 1\nelu'(z) = 1 if z > 0 else exp(z)\n"
            "elu'(z) = 1 if z > 0 else 0\n",
            ["defined", "right", "right_if"],
        ),
        (
            "a.md",
            "$g(x) = x^2 e^{-x}$, so $g'(x) = (2x - x^2) e^{-x}$, not $g'(x) = 2x e^{-x}$.\n",
            ["defined", "right", "wrong"],
        ),
        (  # σ may be tanh here
            "a.txt",
            "σ'(z) = 1 − σ(z)²\ntanh'(z) = 1 - tanh(z)^2\n",
            ["not_understood", "right"],
        ),
    ],
)
def test_functions_of_a_number_need_no_network(
    tmp_path: Path, name: str, text: str, expected: list[str]
) -> None:
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    result = CliRunner().invoke(main, ["check", str(file), "--json"])
    assert [one["verdict"] for one in json.loads(result.output)["equations"]] == expected


def test_a_section_about_which_nothing_is_known_is_not_passed_over() -> None:
    text = "# One\n\n$z = w x$\n\n# Two\n\n$$z = \\sum_k x_i$$\n"
    assert verdicts(text) == ["defined", "not_understood"]


NEURON = r"""$z = w x + b$, $a = \sigma(z)$, $C = \frac{1}{2}(a - y)^2$.

$$\frac{\partial C}{\partial w} = (a - y)\, a (1 - a)\, x$$
"""


def test_summary_and_explanation_say_what_was_taken_for_what(tmp_path: Path) -> None:
    file = tmp_path / "notes.md"
    file.write_text(NEURON)
    result = CliRunner().invoke(main, ["check", str(file), "--explain"])
    assert result.exit_code == 0
    assert "taken for a definition: z := w*x + b" in result.output
    assert "3 defined" in result.output and "1 right" in result.output
    summary = result.output.splitlines()[-1]
    assert "by its own definitions, with C differentiated" in summary
    assert "w, b as parameters" in summary and "y as target" in summary


def test_json_has_the_definitions(tmp_path: Path) -> None:
    file = tmp_path / "notes.md"
    file.write_text(NEURON)
    result = CliRunner().invoke(main, ["check", str(file), "--json"])
    found = json.loads(result.output)
    assert found["summary"]["definitions"][0] == "z := w*x + b"
    assert [one["verdict"] for one in found["equations"]] == ["defined"] * 3 + ["right"]


def test_a_text_that_defines_nothing_asks_for_a_network(tmp_path: Path) -> None:
    file = tmp_path / "notes.md"
    file.write_text(r"$\frac{\partial C}{\partial w} = (a - y) x$")
    result = CliRunner().invoke(main, ["check", str(file)])
    assert result.exit_code == 2
    assert "it defines no model" in result.output and "--network" in result.output


def test_the_sign_of_a_lost_cost_is_said(tmp_path: Path) -> None:
    file = tmp_path / "notes.md"
    file.write_text(CASES["cost-sign-lost"]["text"])
    result = CliRunner().invoke(main, ["check", str(file)])
    assert result.exit_code == 1
    assert "with the other sign of L, as costs have it" in result.output


@pytest.mark.parametrize(
    ("text", "definitions"),
    [
        (
            r"$z = W x + b$ and $\frac{\partial z}{\partial x} = W^T$",
            "z[i] := sum(k, W[i,k]*x[k]) + b[i]",
        ),
        (r"$z = x W + b$ and $z^T z = 1$", "z[i] := sum(k, W[k,i]*x[k]) + b[i]"),
        (r"$s = w^T x$", "s := sum(k, w[k]*x[k])"),
        (r"$n = \|v\|^2$", "n := sum(k, v[k]^2)"),
        (r"$p = \mathrm{softmax}(W x)$ with $x^T x = 1$", "p[i] := exp(sum(k, W[i,k]*x[k]))"),
    ],
)
def test_matrices_become_index_form(text: str, definitions: str) -> None:
    model = inferred_models(text, "markdown")[-1]
    assert model.matrices and definitions in "; ".join(model.definitions)


def test_a_lost_step_is_named_and_the_whole_gradient_offered():
    text = r"""$z_1 = w_1 x + b_1$, $a_1 = \mathrm{ReLU}(z_1)$, $\hat y = w_2 a_1 + b_2$,
$C = \frac12 (\hat y - y)^2$.

$$\frac{\partial C}{\partial w_1} = (\hat y - y)\, w_2\, x$$
"""
    checked = check_defined(text, kind="markdown")
    assert checked is not None
    *_, last = checked.equations
    assert last.diagnosis is not None and last.should_be is not None
    assert last.diagnosis.mistake is Mistake.MISSING_FACTOR
    assert last.diagnosis.details["factor"].has(Step)
    assert last.should_be.has(Step) and not last.should_be.has(Partial)


@pytest.mark.parametrize(
    ("slope", "said"),
    [
        ("(1 - h)", "the factor h is missing in one term of 1 - h;"),
        ("(1 - h^3)", "the factor h does not belong in one term of 1 - h³;"),
        ("", "off by the factor 1 - h², which is missing;"),
    ],
)
def test_a_factor_of_one_term_is_said_to_be_of_that_term(slope: str, said: str, tmp_path: Path):
    file = tmp_path / "notes.md"
    file.write_text(rf"""$h = \tanh(w_1 x + b_1)$, $\hat y = w_2 h + b_2$, $L = (\hat y - y)^2$.

$$\frac{{\partial L}}{{\partial w_1}} = 2(\hat y - y) w_2 {slope} x$$
""")
    result = CliRunner().invoke(main, ["check", str(file)])
    assert said in result.output


@pytest.mark.parametrize("sigma", [r"\frac{1}{1 + e^{-z}}", r"\frac{e^z}{1 + e^z}"])
def test_a_sigma_that_is_written_out_is_known(sigma: str, tmp_path: Path):
    file = tmp_path / "notes.md"
    file.write_text(rf"""$z = w x + b$, $q = {sigma}$, $L = \frac12 (q - y)^2$.

$$\frac{{\partial L}}{{\partial w}} = (q - y) q x$$

$$\frac{{\partial q}}{{\partial z}} = \frac{{e^{{-z}}}}{{(1 + e^{{-z}})^2}}$$
""")
    result = CliRunner().invoke(main, ["check", str(file)])
    assert "off by the factor 1 - q, which is missing;" in result.output
    assert "1 right, 3 defined, 1 wrong" in result.output


def test_a_point_calls_tensors_and_sizes_by_their_names(tmp_path: Path):
    file = tmp_path / "notes.md"
    file.write_text(r"""$s_k = \sum_i v_{ki} x_i$, $p_k = \frac{e^{s_k}}{\sum_l e^{s_l}}$

$$\frac{\partial p_k}{\partial x_i} = p_k (1 - p_k) v_{ki}$$
""")
    result = CliRunner().invoke(main, ["check", str(file)])
    assert ", i = 1, k = 1, x = " in result.output and ", v = [[" in result.output
    assert "left 0, right" in result.output


def test_half_is_no_mean_of_as_many_as_there_are(tmp_path: Path):
    file = tmp_path / "notes.md"
    file.write_text(r"""$Z = X W$, $L = \frac{1}{m} \sum_{n=1}^m \sum_k (Z_{nk} - Y_{nk})^2$

$$\frac{\partial L}{\partial Z} = \frac{2}{m} (Z - Y)$$

$$\frac{\partial L}{\partial Z} = \frac22 (Z - Y)$$
""")
    result = CliRunner().invoke(main, ["check", str(file)])
    assert "1 right, 2 defined, 1 wrong" in result.output
    assert "for example m = " in result.output


def test_many_sections_are_summed_up_in_one(tmp_path: Path):
    file = tmp_path / "notes.md"
    sections = (
        f"## Part {n}\n\n$$a = x^{n} + {n} c, \\quad \\frac{{da}}{{dc}} = {n}$$\n"
        for n in range(2, 6)
    )
    file.write_text("\n".join(sections))
    result = CliRunner().invoke(main, ["check", str(file)])
    assert result.output.count("own definitions") == 1
    assert "judged by its own definitions in 4 sections, which --explain lists" in result.output
    assert "4 right, 4 defined, 0 wrong" in result.output


@pytest.mark.parametrize(
    ("left", "right", "said", "should_be"),
    [
        (r"\frac{\partial q_i}{\partial s_j}", "q_i (1 - q_j)",
         "1 - qⱼ stands where δᵢⱼ - qⱼ is right", "qᵢ·(δᵢⱼ - qⱼ)"),
        (r"\frac{\partial q_i}{\partial c_j}", "-q_i q_j",
         "the term δᵢⱼ·qᵢ is missing", "δᵢⱼ·qᵢ - qᵢ·qⱼ"),
        (r"\frac{\partial q_i}{\partial x_j}", "q_i (1 - q_i) V_{ij}",
         "Vᵢⱼ·(1 - qᵢ) stands where", "qᵢ·(Vᵢⱼ - Σₖ(Vₖⱼ·qₖ))"),
        (r"\frac{\partial^2 L}{\partial s_i \partial s_j}", "q_i q_j",
         "qⱼ stands where δᵢⱼ - qⱼ is right", "qᵢ·(δᵢⱼ - qⱼ)"),
    ],
)  # fmt: skip
def test_what_is_no_gradient_of_the_cost_has_an_answer_too(
    left: str, right: str, said: str, should_be: str, tmp_path: Path
):
    file = tmp_path / "notes.md"
    file.write_text(rf"""$s_i = \sum_j V_{{ij}} x_j + c_i$, $L = -\sum_i y_i \log q_i$ where
$q_i = \frac{{e^{{s_i}}}}{{\sum_k e^{{s_k}}}}$.

$${left} = {right}$$
""")
    result = CliRunner().invoke(main, ["check", str(file)])
    assert said in result.output
    assert f"the right side should be {should_be}; for example" in result.output


def test_a_state_h_0_is_not_called_the_step_at_zero(tmp_path: Path):
    file = tmp_path / "notes.md"
    file.write_text(r"""$s = \tanh(w x + u h_0)$, $L = (s - y)^2$.

$$\frac{\partial L}{\partial u} = 2 (s - y) h_0$$
""")
    result = CliRunner().invoke(main, ["check", str(file)])
    assert ", h_0 = " in result.output and "Step(0)" not in result.output
    found = json.loads(CliRunner().invoke(main, ["check", str(file), "--json"]).output)
    assert "h_0" in found["equations"][-1]["counterexample"]["values"]


@pytest.mark.parametrize(
    ("said", "formula", "verdict"),
    [
        ("$H(s) = 1$ if $s > 0$, and $0$ if $s < 0$", "(r_j - t_j) H(z_j)", "right"),
        ("$H(s) = 1$ if $s > 0$, and $0$ if $s < 0$", "(r_j - t_j) H(-z_j)", "wrong"),
        ("$H(s) = 2$ if $s > 0$, and $0$ if $s < 0$", "(r_j - t_j) H(z_j)", "not_understood"),
        ("$H$ is a matrix", "(r_j - t_j) H(z_j)", "not_understood"),
    ],
)
def test_a_step_that_one_section_defines_is_known_in_others(
    said: str, formula: str, verdict: str
) -> None:
    net = r"$r_j = \mathrm{ReLU}(z_j)$ with $z_j = \sum_k w_{jk} x_k + b_j$"
    text = (
        f"# One\n\n{net}.\n\nThe cost is $E = \\frac12 \\sum_j (r_j - t_j)^2$, where {said}.\n\n"
        f"# Two\n\n{net}.\n\nThe cost is $E = \\sum_j \\frac12 (t_j - r_j)^2$.\n\n"
        f"$$\\frac{{\\partial E}}{{\\partial b_j}} = {formula}$$\n"
    )
    judged = [one for part in check_defined(text, kind="markdown").parts for one in part.judged]
    found = max(judged, key=lambda one: one.statement.place.start)
    assert (found.verdict and found.verdict.value) == verdict
