"""Verdicts on single lines: right and for what, right if, wrong with a point, not understood."""

from __future__ import annotations

from pathlib import Path

import pytest
from sympy import Symbol

from derive import check
from derive.checking.assessment import Verdict
from derive.checking.check import judged_statements
from derive.checking.verdicts import Checked, Judged
from derive.errors import DeriveError
from derive.files.network_file import read_network
from derive.proving import Kinks
from tests.checking.equations import statements
from tests.sweeps import sweep

CHAIN = read_network("two-layer-chain")
WIDE = read_network("2-3-2")


def verdict(line: str, network=CHAIN) -> Judged:
    (one,) = judged_statements(statements(network, line), network)
    return one


def scope(line: str, network=CHAIN) -> Kinks:
    one = verdict(line, network)
    assert one.verdict is Verdict.RIGHT
    assert one.assessment is not None and one.assessment.proof is not None
    return one.assessment.proof.scope.kinks


def test_right_at_every_convention() -> None:
    assert scope("dC/dW0 = (r2 - y)*Step(z2)*W1*Step(z1)*x") is Kinks.EVERY_CONVENTION


def test_right_where_step_squared_is_step() -> None:
    assert scope("d2C/dW1dW1 = Step(z2)*r1^2") is Kinks.IDEMPOTENT


def test_right_without_any_kink() -> None:
    assert scope("dC/dr2 = r2 - y") is Kinks.NONE


def test_a_factor_that_only_this_step_at_zero_makes_needless() -> None:
    one = verdict("dC/dW0 = (r2 - y)*Step(z2)*W1*x")
    assert one.verdict is Verdict.RIGHT_IF
    assert one.assessment is not None and str(one.assessment.condition) == "Eq(Step(0), 0)"
    point = one.assessment.counterexample
    assert point is not None and point.values["h_0"] != 0 and point.left != point.right
    assert one.diagnosis is not None and one.diagnosis.mistake.value == "missing_factor"


def test_the_same_line_is_wrong_where_step_at_zero_is_one() -> None:
    one = verdict("dC/dW0 = (r2 - y)*Step(z2)*W1*x", read_network("two-layer-chain", at_zero="1"))
    assert one.verdict is Verdict.WRONG


def test_cases_that_disagree_with_step_at_zero_are_right_away_from_it() -> None:
    one = verdict("Step(x) = cases(0 if x < 0; 1 otherwise)")
    assert one.verdict is Verdict.RIGHT
    assert one.assessment is not None and one.assessment.proof is not None
    assert one.assessment.proof.scope.kinks is Kinks.EXCLUDED
    point = one.assessment.proof.counterexample
    assert point is not None and point.values["r0"] == 0


def test_cases_inside_of_products() -> None:
    one = verdict("dC/dz2 = (r2 - y)*cases(1 if z2 > 0; 0 otherwise)")
    assert one.verdict is Verdict.RIGHT


def test_product_of_weights_is_right_if_all_is_active() -> None:
    one = verdict("ReLU(W1*ReLU(W0*x)) = W0*W1*x")
    assert one.verdict is Verdict.RIGHT_IF
    assert one.assessment is not None
    assert str(one.assessment.condition) == "(W1 > 0) & (W0*r0 > 0)"
    point = one.assessment.counterexample
    assert point is not None and point.left == 0 and point.right != 0


def test_a_condition_on_all_units() -> None:
    one = verdict("r1[j] = z1[j]", WIDE)
    assert one.verdict is Verdict.RIGHT_IF
    assert one.assessment is not None and str(one.assessment.condition) == "z1[j] > 0"


def test_a_lost_step_is_wrong_and_its_condition_is_told() -> None:
    one = verdict("dC/dW0[i,j] = x[i]*sum(m, W1[j,m]*dC/dz2[m])", WIDE)
    assert one.verdict is Verdict.WRONG
    assert one.assessment is not None and str(one.assessment.condition) == "z1[j] > 0"


def test_assumptions_hold_from_where_they_stand() -> None:
    lines = ("r1 = W0*x", "assume W0*x > 0", "r1 = W0*x")
    before, _, after = judged_statements(statements(CHAIN, *lines), CHAIN)
    assert (before.verdict, after.verdict) == (Verdict.RIGHT_IF, Verdict.RIGHT)


def test_an_assumption_about_a_letter_is_about_every_unit() -> None:
    lines = (
        "assume x[i] > 0",
        "assume W0[i,j] > 0",
        "r1[j] = z1[j]",
        "dC/dW0[i,j] = dC/dz1[j]*x[i]",
    )
    judged = judged_statements(statements(WIDE, *lines), WIDE)
    assert [one.verdict for one in judged] == [None, None, Verdict.RIGHT, Verdict.RIGHT]


def test_a_later_assumption_replaces_what_contradicts_it() -> None:
    lines = ("assume W0 > 0", "assume x > 0", "assume x < 0", "r1 = 0", "dC/dr2 = y - r2")
    judged = judged_statements(statements(CHAIN, *lines), CHAIN)
    assert [one.verdict for one in judged[3:]] == [Verdict.RIGHT, Verdict.WRONG]


def test_contradicting_options_are_refused() -> None:
    with pytest.raises(DeriveError, match="contradict"):
        check("$C = C$", CHAIN, assume=["x > 0", "x < 0"])


def test_targets_of_a_softmax_layer_sum_to_one_only_where_it_is_needed() -> None:
    network = read_network("2-3-3", output_activation="softmax", cost="cross_entropy")
    needed = verdict("dC/dz2[j] = r2[j] - y[j]", network)
    assert needed.assessment is not None and needed.assessment.proof is not None
    assert needed.verdict is Verdict.RIGHT and needed.assessment.proof.scope.assuming
    free = verdict("dC/dr2[j] = -y[j]/r2[j]", network)
    assert free.assessment is not None and free.assessment.proof is not None
    assert free.verdict is Verdict.RIGHT and not free.assessment.proof.scope.assuming


def test_indices_that_fit_no_layer_are_wrong_where_they_have_a_meaning() -> None:
    one = verdict("dC/dW1[i,j] = dC/dz2[i]*r1[j]", WIDE)
    assert one.verdict is Verdict.WRONG
    assert one.assessment is not None and "counts both the units" in one.assessment.remark


def test_symbols_of_the_document_stay_symbols() -> None:
    network = read_network("1-1", activation="leaky_relu", slope="alpha")
    one = verdict("dr1/dz1 = alpha + (1 - alpha)*Step(z1)", network)
    assert one.verdict is Verdict.RIGHT
    assert Symbol("alpha") not in one.statement.left.free_symbols  # pyright: ignore


# -- documents -----------------------------------------------------------------------------


def test_a_definition_is_counted_as_one_and_a_quantity_is_judged() -> None:
    text = "Let $q = W^{(0)} x$. Then $z^{(1)} = q$ and $z^{(1)} = 2 q$."
    checked = check(text, read_network("one-layer-chain"))
    first, second, third = checked.equations
    assert first.verdict is Verdict.DEFINED and second.verdict is Verdict.RIGHT
    assert third.verdict is Verdict.WRONG


def test_what_is_not_understood_is_counted_and_placed() -> None:
    checked = check("First $z^{(1)} = W^{(0)} x$.\n\nThen $z^{(1)} = \\foo$.", CHAIN)
    assert [one.verdict for one in checked.equations] == [Verdict.RIGHT, Verdict.NOT_UNDERSTOOD]
    assert checked.equations[1].line == 3
    assert checked.summary.counts[Verdict.NOT_UNDERSTOOD] == 1
    assert not checked.summary.all_right


def test_nothing_is_passed_over() -> None:
    checked = check("$C \\approx 0$, and $z^{(1)}$ is alone.", CHAIN)
    assert checked.summary.outside == 2 and checked.summary.equations == 0


@pytest.mark.parametrize(
    ("text", "layout"),
    [
        ("$z^{(1)} = (W^{(0)})^T x$", "z = W^T r"),
        ("$z^{(1)} = W^{(0)} x$", "z = W r"),
        ("$z^{(1)}_j = \\sum_i W^{(0)}_{ij} x_i$", "z = W^T r"),
        ("$z^{(1)}_j = \\sum_i W^{(0)}_{ji} x_i$", "z = W r"),
    ],
)
def test_the_layout_is_found_out(text: str, layout: str) -> None:
    checked = check(text, WIDE)
    assert [one.verdict for one in checked.equations] == [Verdict.RIGHT]
    assert checked.summary.layout == layout


def test_a_chain_of_single_units_has_no_layout() -> None:
    assert check("$z^{(1)} = W^{(0)} x$", CHAIN).summary.layout is None


def test_what_is_right_in_the_other_layout_lacks_a_transpose_in_this_one() -> None:
    text = "$z^{(1)} = W^{(0)} x$ and $z^{(2)} = W^{(1)} r^{(1)}$.\n\n$\\frac{\\partial C}{\\partial r^{(1)}} = W^{(1)} \\frac{\\partial C}{\\partial z^{(2)}}$"  # noqa: E501
    checked = check(text, WIDE)
    last = checked.equations[-1]
    assert last.verdict is Verdict.WRONG
    assert last.diagnosis is not None and last.diagnosis.mistake.value == "transposed"
    assert last.should_be is not None


def test_an_equation_about_any_layer_counts_once() -> None:
    text = "$\\partial C/\\partial z^{(k)}_j = Step(z^{(k)}_j)\\, \\partial C/\\partial r^{(k)}_j$"
    checked = check(text, read_network("2-3-2"))
    assert [one.verdict for one in checked.equations] == [Verdict.RIGHT]


def test_jupyter_shows_the_verdicts() -> None:
    checked = check("$$\\frac{\\partial C}{\\partial r^{(2)}} = y - r^{(2)}$$", CHAIN)
    assert isinstance(checked, Checked)
    shown = checked._repr_markdown_()  # pyright: ignore[reportPrivateUsage]
    assert "**wrong**" in shown and "$r^{(2)} - y$" in shown and "line 1" in shown


# -- the seed ------------------------------------------------------------------------------

ANSWER = Path(__file__).parent / "corpus" / "one_neuron_answer.md"


def test_every_equation_of_a_real_answer_is_understood_and_right() -> None:
    checked = check(ANSWER.read_text(encoding="utf-8"), read_network("one-layer-chain"))
    assert checked.summary.equations == 28
    assert {one.verdict for one in checked.equations} == {Verdict.RIGHT}


def test_the_question_is_right_if_both_units_are_active() -> None:
    text = "<!-- derive: w_1 = W1, w_2 = W0 -->\nSince $ReLU(w_1*ReLU(w_2x))=w_1w_2x$"
    (one,) = check(text, CHAIN).equations
    assert one.verdict is Verdict.RIGHT_IF
    assert one.assessment is not None
    assert str(one.assessment.condition) == "(W1 > 0) & (W0*r0 > 0)"
    assert one.assessment.counterexample is not None


@pytest.mark.parametrize("name", sweep(["5-5", "1-1", "1-1-1", "2-3-1"], ["1-1", "5-5"]))
def test_formulas_of_an_activation_are_about_a_number(name: str) -> None:
    """Though z may be the pre-activations of the one layer: the formula holds for each."""
    pieces = r"\begin{cases} z & \text{if } z > 0 \\ 0 & \text{if } z \le 0 \end{cases}"
    relu = rf"\mathrm{{ReLU}}(z) = {pieces}"
    slope = r"\frac{d}{dz}\,\mathrm{ReLU}(z) = \mathrm{Step}(z)\quad\text{if } z \ne 0"
    wrong = r"\frac{d}{dz}\,\mathrm{ReLU}(z) = \mathrm{Step}(-z)"
    checked = check(f"${relu}$ and ${slope}$ and ${wrong}$", read_network(name))
    assert [one.verdict for one in checked.equations] == [
        Verdict.RIGHT, Verdict.RIGHT, Verdict.WRONG
    ]  # fmt: skip


def test_a_derivative_that_is_spelled_out_is_the_conventions_at_kinks() -> None:
    slope = r"\frac{d}{dx}\,\mathrm{ReLU}(x)"
    text = rf"<!-- derive: x = number --> ${slope} = \mathrm{{Step}}(x)$, ${slope} = 2$"
    right, wrong = check(text, read_network("1-1")).equations
    assert right.verdict is Verdict.RIGHT and right.assessment is not None
    assert right.assessment.proof is not None
    assert right.assessment.proof.scope.derivative
    assert wrong.verdict is Verdict.WRONG


def test_a_derivative_that_is_right_on_one_side_of_a_kink_is_right_if() -> None:
    slope = r"\frac{d}{dx}\,\mathrm{ReLU}(x)"
    text = rf"<!-- derive: x = number --> ${slope} = 1$, ${slope} = 0$"
    active, nothing = check(text, read_network("1-1")).equations
    assert active.verdict is Verdict.RIGHT_IF and active.assessment is not None
    assert str(active.assessment.condition) == "x > 0"
    assert nothing.verdict is Verdict.WRONG


@pytest.mark.parametrize(
    ("text", "kind", "nonzero", "domain"),
    [
        (r"$\frac{x}{x} = 1$", "markdown", ["r0"], []),
        (r"$x \cdot x^{-1} = 1$", "markdown", ["r0"], []),
        (r"$\log x^2 = 2 \log x$", "markdown", [], ["r0 > 0"]),
        (r"$e^{\log x} = x$", "markdown", [], ["r0 > 0"]),
        (r"$\log x - \log x = 0$", "markdown", [], ["r0 > 0"]),
        ("log(z1) - log(z1) = 0", "text", [], ["z1 > 0"]),
        (r"$\log\frac{x}{y} = \log x - \log y$", "markdown", [], ["r0 > 0", "y > 0"]),
        ("z1^2/z1 = z1", "text", ["z1"], []),
        (r"$\frac{e^x}{e^x} = \frac{2}{2}$", "markdown", [], []),
    ],
)
def test_what_is_divided_by_must_not_be_zero_and_logarithms_must_exist(
    text: str, kind: str, nonzero: list[str], domain: list[str]
) -> None:
    (one,) = check(text, read_network("1-1"), kind=kind).equations
    assert one.verdict is Verdict.RIGHT and one.assessment is not None
    assert one.assessment.proof is not None
    scope = one.assessment.proof.scope
    assert [str(factor) for factor in scope.nonzero] == nonzero
    assert [str(relation) for relation in scope.domain] == domain


def test_outputs_of_softmax_are_never_zero() -> None:
    text = r"$\frac{\partial C}{\partial r^{(1)}_j} = -\frac{y_j}{r^{(1)}_j}$"
    network = read_network("2-3", output_activation="softmax", cost="cross_entropy")
    (one,) = check(text, network).equations
    assert one.verdict is Verdict.RIGHT and one.assessment is not None
    assert one.assessment.proof is not None and one.assessment.proof.scope.nonzero == ()


@pytest.mark.parametrize(
    "line_end",
    [
        r"\\",
        r"&\qquad&\text{\small insert (2)} \tag{3} \\",
        r"&&\quad \text{insert (2)} &&\quad (3) \\",
    ],
)
@pytest.mark.parametrize("going_on", [r"&\quad {} + ", r"&\quad + ", r"& {} + "])
def test_a_formula_may_be_broken_inside_its_brackets(line_end: str, going_on: str) -> None:
    square = r"(y_{0} - r^{(1)}_{0})^2"
    terms = [square.replace("0", unit) for unit in "12"]
    text = (
        r"\begin{align*} \frac{\partial C}{\partial r^{(1)}_1} &= "
        r"\frac{\partial}{\partial r^{(1)}_1}"
        rf"\Bigl[\frac{{1}}{{2}}\,({terms[0]} {line_end} {going_on} {terms[1]})\Bigr] \\"
        r" &= r^{(1)}_1 - y_1 \end{align*}"
    )
    checked = check(text, read_network("2-2"), kind="latex")
    assert [one.verdict for one in checked.equations] == [Verdict.RIGHT, Verdict.RIGHT]


def test_what_is_left_out_at_kinks_is_no_region() -> None:
    """ReLU(x) is 0 for all x < 0, where the right side is -1 and the left side 0."""
    text = (
        r"<!-- derive: x = number --> $\frac{d}{dx}\,\mathrm{ReLU}(x) = "
        r"\mathrm{Step}(x) + \mathrm{Step}(\mathrm{ReLU}(x)) - 1$"
    )
    (found,) = check(text, read_network("1-1")).equations
    assert found.verdict is not Verdict.RIGHT
