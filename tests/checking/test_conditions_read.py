r"""Lists of names before one comparison, conditions before a colon, conditions in words."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from derive import check
from derive.cli import main
from derive.files.network_file import read_network

TWO = read_network("two-layer-chain")
NAMES = "<!-- derive: w_1 = W0, w_2 = W1 -->\n"
ACTIVE = r"$$\frac{\partial C}{\partial w_1} = (\hat y - y)\, w_2\, x$$"
WRONG = r"$$\frac{\partial C}{\partial w_1} = (\hat y - y)\, w_1\, x$$"


def verdicts(text: str) -> list[str]:
    equations = check(NAMES + text, TWO, kind="markdown").equations
    return [one.verdict.value for one in equations if one.verdict is not None]


@pytest.mark.parametrize(
    "words",
    [
        "Assume $x > 0$ and $w_1, w_2 > 0$.",
        "Assume $w_1, w_2, x > 0$.",
        "Suppose $x > 0$, $w_1 > 0$, $w_2 > 0$.",
        "Given $x > 0$, $w_1 > 0$ and $w_2 > 0$:",
        "Given $w_1 > 0$, $w_2 > 0$, $x > 0$:",
        "For $w_1, w_2, x > 0$:",
        "for $w_1, w_2$ and $x > 0$:",
        "If $x, w_1, w_2 > 0$ then",
        "With $x, w_1, w_2 > 0$,",
        "Since $z^{(1)}, z^{(2)} > 0$ (both neurons active),",
        "Assume all weights are positive and $x > 0$.",
        "Assume $x > 0$ and both weights are positive.",
        "We assume that all units are active.",
        "Let both units be active.",
        "Let all weights and the input be positive.",
        "Suppose that $x$, $w_1$ and $w_2$ are positive.",
        "When all units are active,",
        "For active units",
        "If both weights and the input are positive,",
        "Under the assumption that all units are active,",
        "On the region where both units are active:",
        "Assume $0 < w_1, w_2 < 1$ and $x > 0$.",
        "Let $x$ be positive and $w_1, w_2 > 0$.",
        "Suppose every pre-activation is positive.",
    ],
)
def test_what_makes_every_unit_active_is_read(words: str) -> None:
    assert verdicts(f"{words}\n\n{ACTIVE}") == ["right"]
    assert verdicts(f"{words}\n\n{WRONG}") == ["wrong"]


@pytest.mark.parametrize(
    "words",
    [
        "Given $w_1 < 0$, $w_2 < 0$, $x > 0$:",
        "For $x > 0$ and $w_1, w_2 < 0$:",
        "Assume $w_1, w_2 < 0$ and $x > 0$.",
    ],
)
def test_what_makes_the_first_unit_dead_is_read(words: str) -> None:
    assert verdicts(rf"{words} $\frac{{\partial C}}{{\partial w_1}} = 0$.") == ["right"]
    assert verdicts(f"{words}\n\n{ACTIVE}")[-1] != "right"


def test_a_comparison_in_words_in_the_text() -> None:
    assert verdicts("Suppose $x$ is non-negative. $ReLU(x) = x$.") == ["right"]
    assert verdicts("If $x$ is negative, $ReLU(x) = 0$.") == ["right"]
    assert verdicts("If $x$ is negative, $ReLU(x) = x$.")[0] != "right"


def test_the_condition_behind_is_read_in_words() -> None:
    for words in ("if all units are active.", "all units active.", "(both units active)"):
        assert verdicts(f"{ACTIVE[:-2]},$$ {words}") == ["right"]
        assert verdicts(f"{WRONG[:-2]},$$ {words}") == ["wrong"]
    for words in ("(active case)", "in the linear region.", "every weight active."):
        assert verdicts(f"{ACTIVE[:-2]},$$ {words}") == ["not_understood"]
    assert verdicts(f"{ACTIVE[:-2]},$$ provided both units do their work and fire.") == [
        "not_understood"
    ]


@pytest.mark.parametrize(
    "formula",
    [
        r"\hat y = z^{(2)} \text{ if } z^{(2)} > 0 \text{ fails}",
        r"\hat y = \begin{cases} z^{(2)} & \text{if not } z^{(2)} > 0 \\ 0 & \text{else}"
        r"\end{cases}",
        r"\hat y = 0 \text{ not if } z^{(2)} > 0",
    ],
)
def test_words_in_a_formula_are_not_dropped(formula: str) -> None:
    assert verdicts(f"${formula}$") == ["not_understood"]


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["check", *arguments])
    return done.exit_code, done.output


def test_assumptions_outlive_the_name_of_another_network(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text(
        "<!-- derive: network = one-layer-chain, w_1 = W0 -->\n"
        "Assume $x > 0$ and $w_1 > 0$. $\\hat y = w_1 x$.\n\n"
        "<!-- derive: network = two-layer-chain, w_1 = W1, w_2 = W0 -->\n"
        "$ReLU(x) = x$, $ReLU(w_1) = w_1$, $ReLU(w_2) = w_2$.\n"
        "Now assume $x < 0$. $ReLU(x) = 0$.\n",
        encoding="utf-8",
    )
    code, output = run(str(file), "-q")
    assert code == 1 and output.count("assumption:") == 3
    assert output.count("right if w₂ > 0") == 1
    assert "3 right, 1 right under" not in output and "4 right, 1 right under" in output.replace(
        ", 0 wrong", ""
    ).replace(" 0 wrong", "")


def test_a_file_without_formulas_is_no_success(tmp_path: Path) -> None:
    file = tmp_path / "a.md"
    file.write_text("All weights are positive.\n", encoding="utf-8")
    assert run(str(file), "-n", "2-3-1") == (1, f"{file}: no formulas found\n")
    assert run(str(file), "-n", "2-3-1", "--allow-empty")[0] == 0


@pytest.mark.parametrize(("name", "formula"), [("a.txt", "z1 = w_1*x"), ("a.md", "$z_1 = w_1 x$")])
def test_the_head_without_a_sign_of_comment(tmp_path: Path, name: str, formula: str) -> None:
    file = tmp_path / name
    head = "derive: network = two-layer-chain, w_1 = W0" + (", z_1 = z1" if "md" in name else "")
    file.write_text(f"{head}\n\n{formula}\n", encoding="utf-8")
    assert run(str(file))[0] == 0


def test_lists_of_names_in_plain_text() -> None:
    for text in ("assume x, W0 > 0\nr1 = W0*x", "assume x > 0 and W0, W1 > 0\nr2 = W1*W0*x"):
        equations = check(text, TWO, kind="text").equations
        assert [one.verdict and one.verdict.value for one in equations] == ["right"]
