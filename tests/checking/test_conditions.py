r"""What holds where: assumptions, cases, items of lists, places, "otherwise", indices."""

from __future__ import annotations

import pytest

from derive import check
from derive.files.network_file import read_network
from derive.model.network import Network
from tests.sweeps import thorough

ONE = read_network("one-layer-chain")
SOFTMAX = read_network("softmax-classifier")
JACOBIAN = "<!-- derive: p = r2 -->\n" + r"$\frac{\partial p_i}{\partial z^{(2)}_j}"


def verdicts(text: str, network: Network = ONE) -> list[str]:
    equations = check(text, network, kind="markdown").equations
    return [one.verdict.value for one in equations if one.verdict is not None]


@pytest.mark.parametrize(
    "text",
    [
        r"Assume $z>0$. Then $\hat y = z$. Now assume $z<0$. Then $\hat y = 0$.",
        r"Suppose $z>0$. Then $\hat y = z$. Suppose instead $z<0$. Then $\hat y = 0$.",
        r"If $z>0$, then $\hat y = z$. Otherwise $\hat y = 0$.",
        r"$\hat y = z$ if $z > 0$ and $\hat y = 0$ otherwise.",
        r"If $z>0$, i.e. the unit is active, then $\hat y = z$.",
        r"For $z>0$ we have $\hat y = z$, and for $z<0$ we have $\hat y = 0$.",
        r"When the unit is active ($z>0$), $\hat y = z$; when it is not, $\hat y = 0$.",
        r"If $z<0$, the unit is off. Then $\hat y = 0$.",
        r"**Case 1:** $z > 0$. Then $\hat y = z$. **Case 2:** $z \le 0$. Then $\hat y = 0$.",
        "### Case $z>0$\n\nHere $\\hat y = z$.\n\n### Case $z<0$\n\n$$\\hat y = 0$$",
        "**Case 1.** Suppose $z > 0$. $\\hat y = z$.\n\n**Case 2.** $z < 0$. $\\hat y = 0$.",
        "- $z>0$: $\\hat y = z$\n- $z<0$: $\\hat y = 0$",
        "- If $z>0$, then $\\hat y = z$\n- If $z<0$, then $\\hat y = 0$",
        r"At $z=0$, $\hat y = 0 \cdot z$.",
        r"$\hat y = 0$ at $z=0$.",
        r"$\hat y = 0$ if $z=0$.",
        r"$\hat y = 0$ when $z=0$.",
        r"If $y = \hat y$, then $C = 0$.",
        r"When $\hat y = y$ we get $\frac{\partial C}{\partial w} = 0$.",
        r"Falls die Einheit aktiv ist, gilt $\hat y = z$. Ist $z<0$, so ist $\hat y = 0$.",
        r"Ist das Neuron aktiv, so ist $\hat y = z$. Es ist $\hat y = 0$ für $z<0$.",
        r"Für $z>0$ und $y=0$ gilt $\hat y = z$.",
    ],
)
def test_what_is_right_where_it_stands(text: str) -> None:
    assert set(verdicts(text)) == {"right"}


@pytest.mark.parametrize(
    "text",
    [
        r"Assume $z>0$. Now assume $z<0$. Then $\hat y = z$.",
        r"If $z>0$, then $\hat y = z$. Otherwise $\hat y = 1$.",
        r"**Case 1:** $z > 0$. **Case 2:** $z \le 0$. Then $\hat y = z + 1$.",
        "- $z>0$: $\\hat y = 1$",
        "- $z<0$: the unit is off.\n- $\\hat y = 0$",
        "### $z<0$\n\nThe unit is off.\n\n### All inputs\n\n$$\\hat y = 0$$",
        r"**Case 1:** $z<0$. The unit is off. In both cases $\hat y = 0$.",
        "1. $z<0$. Then $\\hat y = 0$.\n\nIn general $\\hat y = 0$.",
        "1. $z<0$. Then $\\hat y = 0$.\n\nThe output is $\\hat y = 0$.",
        r"At $z=0$, $\hat y = 1$.",
        r"At $z=0$ nothing passes. We have $\hat y = 0$.",
        r"If $y = \hat y$, then $C = 1$.",
    ],
)
def test_what_is_wrong_where_it_stands(text: str) -> None:
    assert verdicts(text)[-1] == "wrong"


def test_a_case_in_words_alone_is_not_understood() -> None:
    text = r"**Case 1:** the unit is dead. $\hat y = 0$, $z = w x$."
    assert verdicts(text) == ["not_understood", "right"]


def test_what_is_assumed_throughout_stays() -> None:
    found = check(r"Assume $z < 0$. $\hat y = z$.", ONE, kind="markdown", assume=["z1 > 0"])
    assert [one.verdict and one.verdict.value for one in found.equations] == [
        "not_understood",
        "right",
    ]


@pytest.mark.parametrize(
    ("claim", "verdict"),
    [
        (r"= p_i(1-p_i)$ for $i=j$.", "right"),
        (r"= p_i(1-p_j)$ for $i=j$.", "right"),
        (r"= -p_i p_j$ for $i \ne j$.", "right"),
        (r"= p_i p_j$ for $i \ne j$.", "wrong"),
        (r"= -p_i p_j, \quad i \ne j$", "right"),
        (r"= p_i(\mathbb 1[i=j] - p_j)$", "right"),
        (r"= p_i(\mathbf 1_{i=j} - p_j)$", "right"),
        (r"= p_i(1_{\{i=j\}} - p_j)$", "right"),
        (r"= p_i([i=j] - p_j)$", "right"),
        (r"= p_i([i=j] + p_j)$", "wrong"),
        (r"= p_i(1-p_i)[i=j] - p_i p_j [i \ne j]$", "right"),
    ],
)
def test_conditions_on_indices(claim: str, verdict: str) -> None:
    assert verdicts(f"{JACOBIAN} {claim}", SOFTMAX) == [verdict]


@pytest.mark.parametrize("sign", [r"\ne", "="])
def test_otherwise_denies_a_condition_on_indices(sign: str) -> None:
    jacobian = r"$\frac{\partial p_i}{\partial z^{(2)}_j}"
    first, second = ("= -p_i p_j$", "= p_i(1 - p_i)$")[:: 1 if sign != "=" else -1]
    text = f"If $i {sign} j$, {jacobian} {first}; otherwise {jacobian} {second}."
    assert verdicts(f"<!-- derive: p = r2 -->\n{text}", SOFTMAX) == ["right", "right"]


def test_letters_of_a_condition_are_those_of_its_equation() -> None:
    jacobian = r"$\frac{\partial p_k}{\partial z^{(2)}_n}"
    text = f"For $k \\ne n$, {jacobian} = -p_k p_n$; {jacobian} = 0$ for $k \\ne n$."
    text = f"<!-- derive: p = r2 -->\n{text}"
    assert verdicts(text, SOFTMAX) == ["right", "wrong"]


@pytest.mark.parametrize(
    ("formula", "verdict"),
    [
        (r"\hat y = h^{(l)}", "right"),
        (r"\hat y = h^{(l-1)}", "wrong"),
        (r"h^{(k)} = h^{(k-1)}", "wrong"),
    ],
)
def test_the_depth_may_be_a_letter(formula: str, verdict: str) -> None:
    network = read_network("2-3-1", bias=True, output_activation="identity")
    text = f"<!-- derive: notation = goodfellow -->\n${formula}$"
    assert set(verdicts(text, network)) == {verdict}


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        (r"$r^{(1)} = \max(\alpha z^{(1)}, z^{(1)})$", "right_if"),
        (r"Assume $0 < \alpha < 1$. $r^{(1)} = \max(\alpha z^{(1)}, z^{(1)})$", "right"),
        thorough(
            (r"Assume $0 < \alpha < 1$. $r^{(1)} = \max(\alpha z^{(1)}, z^{(1)}) + 1$", "wrong")
        ),
        (r"Assume $\alpha < 2$. $r^{(1)} = \max(\alpha z^{(1)}, z^{(1)})$", "right_if"),
        (r"$r^{(1)} = \min(\alpha z^{(1)}, z^{(1)})$", "wrong"),
    ],
)
def test_a_leaky_unit_as_a_maximum(text: str, verdict: str) -> None:
    assert verdicts(text, read_network("leaky-chain")) == [verdict]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("At $x = y = 1$ it is $2$.", []),
        ("Assume $x = y = 1$. Then $x y = 1$.", ["right"]),
        ("If $W^{(0)} = x = 1$, then $z^{(1)} = 1$.", ["right"]),
        ("Always $z^{(1)} = r^{(1)} = 2$.", ["right_if", "wrong"]),
    ],
)
def test_several_quantities_of_one_value(text: str, expected: list[str]) -> None:
    assert verdicts(text, read_network("one-layer-chain")) == expected


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Assume:\n\n- $x > 0$\n- $w > 0$\n\nThen", "right"),
        ("Assume the following.\n\n1. $x > 0$\n2. $w > 0$\n\nThen", "right"),
        ("Text. We assume that\n* $x > 0$ and $w > 0$.\n\nThen", "right"),
        ("## Assumptions\n\n- $x > 0$\n- $w > 0$\n\n## Forward\n\nThen", "right"),
        ("Assumptions: $x > 0$, $w > 0$. Then", "right"),
        ("Throughout, $x > 0$ and $w > 0$. Then", "right"),
        ("Without the assumption $x > 0$ and $w > 0$,", "right_if"),
        ("Assume:\n\n- $x > 0$\n\nThe signs:\n\n- $w > 0$\n\nThen", "right_if"),
        ("The signs:\n\n- $x > 0$\n- $w > 0$\n\nThen", "right_if"),
        ("Assume:\n\n- $x > 0$\n- if $w > 0$, all is well\n\nThen", "right_if"),
    ],
)
def test_a_list_of_assumptions(text: str, verdict: str) -> None:
    assert verdicts(text + r" $\mathrm{ReLU}(w x) = w x$.") == [verdict]


def test_a_list_of_assumptions_in_latex() -> None:
    text = r"""Assume the following:
\begin{itemize}
\item $x > 0$
\item $w > 0$
\end{itemize}
Then \(\mathrm{ReLU}(w x) = w x\)."""
    (equation,) = check(text, ONE, kind="latex").equations
    assert equation.verdict is not None and equation.verdict.value == "right"


@pytest.mark.parametrize(
    "words",
    [
        "In the active region",
        "On the all-active branch",
        "Active case:",
        "Im aktiven Bereich gilt",
        "Für aktive Einheiten ist",
        "Si le neurone est actif,",
        "Si la neurona está activa,",
    ],
)
def test_a_region_that_is_only_named_leaves_open_what_may_hold_there(words: str) -> None:
    assert verdicts(rf"{words} $\frac{{\partial C}}{{\partial w}} = (\hat y - y) x$.") == [
        "not_understood"
    ]
