r"""Words only weaken what is known: a negation, "unless" or "if we assumed" assumes nothing."""

from __future__ import annotations

import pytest

from derive import check
from derive.files.network_file import read_network

ONE = read_network("one-layer-chain")
TWO = read_network("two-layer-chain")
NAMES = "<!-- derive: w_1 = W0, w_2 = W1, v = number -->\n"
WITHOUT_STEPS = r"$$\frac{\partial C}{\partial w_1} = (\hat y - y)\, w_2\, x$$"


def verdicts(text: str, network: str = "one-layer-chain") -> list[str]:
    equations = check(text, read_network(network), kind="markdown").equations
    return [one.verdict.value for one in equations if one.verdict is not None]


DENIED = [
    "We do not assume $x > 0$.",
    "We don't assume that $x > 0$.",
    "We never assume $x > 0$.",
    "Nobody should let $x > 0$.",
    "Nobody may suppose that $x > 0$.",
    "It would be wrong to suppose $x > 0$ here.",
    "It would be a mistake to assume that $x > 0$.",
    "There is no reason to suppose $x > 0$.",
    "There is no need to assume $x > 0$.",
    "We cannot assume $x > 0$.",
    "One must not assume $x > 0$.",
    "Some authors assume $x > 0$.",
    "It is unreasonable to require $x > 0$.",
    "Were we to assume $x > 0$, life would be easy.",
    "$x > 0$ is not assumed.",
    "Assume $x > 0$ fails.",
    "Suppose $x > 0$ does not hold.",
    "Assume $x > 0$, which is wrong.",
    "Let us not suppose that $x > 0$.",
    "We no longer assume $x > 0$.",
    "We drop the assumption $x > 0$.",
    "Why should we assume $x > 0$?",
    "Rather than assume $x > 0$, we look at all inputs.",
]


@pytest.mark.parametrize("words", DENIED)
def test_what_is_denied_is_not_assumed(words: str) -> None:
    assert verdicts(f"{words} We have $ReLU(x) = x$.") == ["right_if"]
    assert verdicts(f"{words} We have $ReLU(x) = x\\,Step(x)$.") == ["right"]


def test_a_list_of_what_is_not_assumed() -> None:
    assert verdicts("We do not assume:\n\n- $x > 0$\n\nThen $ReLU(x) = x$.") == ["right_if"]


@pytest.mark.parametrize(
    "text",
    [
        "Without assuming $x > 0$ we get $ReLU(x) = x$.",
        "If we assumed $x > 0$, we would get $ReLU(x) = x$.",
        "As long as we do not assume $x > 0$, $ReLU(x) = x$.",
        "Only if $x > 0$ is $ReLU(x) = x$.",
        "Even if $x < 0$, $ReLU(x) = x$.",
        "Whether or not $x > 0$, $ReLU(x) = x$.",
        "Regardless of whether $x > 0$, $ReLU(x) = x$.",
        "With $x > 0$ no longer assumed, $ReLU(x) = x$.",
        "If $x > 0$ fails, $ReLU(x) = x$.",
        r"$ReLU(x) = x \text{ only if } x > 0$.",
    ],
)
def test_a_condition_that_is_none(text: str) -> None:
    assert verdicts(text) == ["right_if"]


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Unless $x > 0$, $ReLU(x) = 0$.", "right"),
        ("Unless $x > 0$, $ReLU(x) = x$.", "right_if"),
        ("$ReLU(x) = x$ unless $x < 0$.", "right"),
        ("$ReLU(x) = 0$ unless $x < 0$.", "right_if"),
        ("Except when $x < 0$, $ReLU(x) = x$.", "right"),
        ("If not $x > 0$, then $ReLU(x) = 0$.", "right"),
        ("Unless all inputs are positive, $ReLU(x) = 0$.", "right"),
        ("If it is not true that $x > 0$, then $ReLU(x) = 0$.", "not_understood"),
        ("Nobody should let $x > 0$. $$ReLU(x) = 0$$", "not_understood"),
        ("If $x > 0$ fails, then $ReLU(x) = 0$.", "not_understood"),
        ("Suppose $x > 0$ fails. $ReLU(x) = 0$.", "not_understood"),
    ],
)
def test_what_holds_unless_something_does(text: str, verdict: str) -> None:
    assert verdicts(text) == [verdict] or (verdict == "right_if" and verdicts(text) == ["wrong"])


@pytest.mark.parametrize(
    "words",
    [
        "Assume $x > 0$.",
        "We assume that $x > 0$.",
        "To keep it simple, assume $x > 0$.",
        "In what follows we suppose that $x > 0$.",
        "Let $x > 0$ throughout this section.",
        "It is assumed that $x > 0$.",
        "Without loss of generality, suppose $x > 0$.",
        "**Assumption.** Let $x > 0$.",
        "Assume the input is positive.",
        "Let $x$ be positive.",
        "Suppose for a moment that $x > 0$.",
        "1. Assume $x > 0$.",
    ],
)
def test_what_is_assumed_holds(words: str) -> None:
    assert verdicts(f"{words} We have $ReLU(x) = x$.") == ["right"]
    assert verdicts(f"{words} We have $ReLU(x) = 2 x$.") == ["wrong"]


@pytest.mark.parametrize(
    "words",
    [
        "Note that $x, w_1, w_2 > 0$ always.",
        "Here $x, w_1, w_2 > 0$.",
        "All weights are positive. The input is positive.",
        "All pre-activations are positive.",
        "Assume that we are in the linear regime.",
        "Provided both units fire:",
        "Assume $w_i > 0$ for all $i$ and $x > 0$.",
        "Assume $x > 0$ and $w_k > 0$ for each layer.",
        r"Suppose $w_1, w_2 \in \mathbb{R}_+$ and $x > 0$.",
        "Assume $x > 0$, and the weights large enough to make every unit fire.",
        "Assume $0 < w_1, w_2, x$.",
        "Let $w_1, w_2 > 0$ with positive input.",
        "Nobody should let a pre-activation vanish: suppose that $z^{(1)}, z^{(2)} > 0$, say.",
    ],
)
def test_what_may_rest_on_unread_words_is_not_called_wrong(words: str) -> None:
    assert verdicts(f"{NAMES}{words}\n\n{WITHOUT_STEPS}", "two-layer-chain")[-1] == "not_understood"
    right = r"$$z^{(2)} = w_2 ReLU(w_1 x)$$"
    assert verdicts(f"{NAMES}{words}\n\n{right}", "two-layer-chain")[-1] == "right"


def test_the_message_names_what_was_not_read() -> None:
    text = f"{NAMES}Assume that we are in the linear regime.\n\n{WITHOUT_STEPS}"
    (judged,) = check(text, TWO, kind="markdown").equations
    assert "'we are in the linear regime' in line 2" in judged.remark


def test_what_is_wrong_either_way_is_wrong() -> None:
    text = "Note that $x > 0$ always. $ReLU(x) = x$ and $ReLU(x) = x^2$."
    assert verdicts(text) == ["right_if", "wrong"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("$$z = w x$$\n\nIf $v = 0$, then $|v| = 0$.", ["right", "right"]),
        ("$$z = w x$$\nIf $v = 0$, then $|v| = 0$.", ["right", "right"]),
        ("$z = w x$. If $v > 0$ and $x > 0$, $|v x| = v x$.", ["right", "right"]),
        ("$z = w x$\n\nif $v = 0$, then $|v| = 0$.", ["right", "right"]),
        ("If $v > 0$:\n$$|v| = v$$\nIf $v < 0$:\n$$|v| = -v$$", ["right", "right"]),
        ("$$|v| = v$$\nif $v > 0$.", ["right"]),
        ("At $v = 0$, $Step(v) = 0$.\n\nAlso $Step(v) = 0$.", ["right", "wrong"]),
        ("At $v = 0$, $Step(v) = 0$.\n\nThe step is $Step(v) = 0$.", ["right", "wrong"]),
        ("At $v = 0$, $Step(v) = 0$. Also $Step(v) = 0$.", ["right", "not_understood"]),
        ("At $v = 0$, $Step(v) = 0$. Hence $Step(v) = 0$.", ["right", "right"]),
        ("If $v > 0$, $|v| = v$.\n\nMoreover $|v| = v$.", ["right", "right_if"]),
        ("If $v > 0$, $|v| = v$. Then $|v| = v$.", ["right", "right"]),
    ],
)
def test_a_condition_lives_for_its_sentence(text: str, expected: list[str]) -> None:
    assert verdicts(NAMES + text) == expected
