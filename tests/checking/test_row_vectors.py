r"""How a document arranges and numbers things, found out from what it defines itself."""

from __future__ import annotations

import pytest

from derive import check
from derive.checking.verdicts import Checked
from derive.files.network_file import read_network

WIDE = read_network("2-3-2", bias=True, output_activation="identity")
SQUARE = read_network("2-2-2", output_activation="identity")
TWO = read_network("two-layer-chain")
FORWARD = r"$z^{(1)} = x W^{(0)} + b^{(0)}$ "
GRADIENT = r"\frac{\partial C}{\partial W^{(0)}}"
SIGNAL = r"\frac{\partial C}{\partial z^{(1)}}"


def verdicts(checked: Checked) -> list[str]:
    return [one.verdict.value for one in checked.equations if one.verdict]


@pytest.mark.parametrize(
    ("formula", "verdict"),
    [
        (rf"{GRADIENT} = x^T {SIGNAL}", "right"),
        (rf"{GRADIENT} = x \otimes {SIGNAL}", "right"),
        (rf"{GRADIENT} = {SIGNAL} x^T", "wrong"),
        (rf"{GRADIENT} = x^T r^{{(1)}}", "wrong"),
        (r"C = \frac12 \|\hat y - y\|^2", "right"),
        (r"C = \frac12 (\hat y - y)(\hat y - y)^T", "right"),
        (r"C = \frac12 (\hat y - y) \cdot (\hat y - y)", "right"),
        (rf"{SIGNAL} = (\hat y - y) W^{{(1)T}} \odot Step(z^{{(1)}})", "right"),
        (rf"{SIGNAL} = (\hat y - y) W^{{(1)T}} \mathrm{{diag}}(Step(z^{{(1)}}))", "right"),
        (rf"{SIGNAL} = (\hat y - y) W^{{(1)T}}", "wrong"),
        (r"\frac{\partial z^{(1)}}{\partial x} = W^{(0)}", "not_understood"),
    ],
)
def test_row_vectors_are_inferred(formula: str, verdict: str) -> None:
    checked = check(f"{FORWARD} ${formula}$", WIDE, kind="markdown")
    assert verdicts(checked) == ["right", verdict]
    assert checked.summary.layout == "z = r W"


def test_rows_with_weights_that_point_back() -> None:
    text = rf"$z^{{(1)}} = x W^{{(0)T}} + b^{{(0)}}$ ${GRADIENT} = \left({SIGNAL}\right)^T x$"
    checked = check(text, WIDE, kind="markdown")
    assert verdicts(checked) == ["right", "right"]
    assert checked.summary.layout == "z = r W^T"


@pytest.mark.parametrize(("transposed", "verdict"), [("T", "right"), ("", "wrong")])
def test_row_vectors_are_declared(transposed: str, verdict: str) -> None:
    head = "<!-- derive: layout = z=rW -->\n"
    text = rf"{head}$\frac{{\partial C}}{{\partial x}} = {SIGNAL} W^{{(0){transposed}}}$"
    assert verdicts(check(text, SQUARE, kind="markdown")) == [verdict]


def test_shapes_are_wrong_only_where_the_arrangement_is_known() -> None:
    line = f"${GRADIENT} = x x^T$"
    known = r"$z^{(1)} = W^{(0)T} x + b^{(0)}$ "
    assert verdicts(check(line, WIDE, kind="markdown")) == ["not_understood"]
    assert verdicts(check(known + line, WIDE, kind="markdown")) == ["right", "wrong"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (r"$z^{[1]} = W^{[1]} x$, $z^{[2]} = W^{[2]} r^{[1]}$", ["right", "right"]),
        (r"$z^{[1]} = W^{[1]} x$, $z^{[2]} = 2 W^{[2]} r^{[1]}$", ["right", "wrong"]),
        (r"$z^{(1)} = W^{(0)} x$, $z^{(2)} = W^{(2)} r^{(1)}$", ["right", "not_understood"]),
        (r"$z^{(k+1)} = W^{(k)} r^{(k)}$, $z^{(2)} = W^{(2)} r^{(1)}$",
         ["right", "not_understood"]),
    ],
)  # fmt: skip
def test_weights_that_enter_their_layer(text: str, expected: list[str]) -> None:
    checked = check(text, SQUARE, kind="markdown")
    assert verdicts(checked) == expected
    assert bool(checked.summary.numbering) == ("not_understood" not in expected)


@pytest.mark.parametrize(("first", "second"), [(1, 2), (0, 1), (2, 1)])
def test_numbered_names_of_a_chain_are_bound_by_its_definitions(first: int, second: int) -> None:
    text = rf"$z_1 = w_{first} x$, $a_1 = ReLU(z_1)$, $z_2 = w_{second} a_1$, "
    slope = rf"\frac{{\partial C}}{{\partial w_{second}}} = (\hat y - y)\,Step(z_2)"
    for last, verdict in (("a_1", "right"), ("x", "wrong")):
        *forward, said = verdicts(check(rf"{text}${slope} {last}$", TWO, kind="markdown"))
        assert {*forward} <= {"right", "defined"} and said == verdict


def test_numbered_names_without_definitions_are_not_guessed() -> None:
    text = r"$\frac{\partial C}{\partial w_2} = (\hat y - y)\,Step(z_2)\,a_1$"
    (only,) = check(text, TWO, kind="markdown").equations
    assert only.verdict is not None
    assert only.verdict.value == "not_understood"
    assert '"w_2" = "W1"' in only.remark


def test_names_that_the_document_explains_in_words_are_left_to_it() -> None:
    text = r"Let $w_1 = W^{(0)}$, $w_2 = W^{(1)}$. $z^{(1)} = w_1 x$, $\hat y = ReLU(w_2 r^{(1)})$"
    checked = check(text, TWO, kind="markdown")
    assert checked.summary.all_right
    assert checked.summary.numbering is None


def test_a_header_is_not_overridden() -> None:
    head = "<!-- derive: w_2 = W0, w_1 = W1 -->\n"
    text = rf"{head}$z_1 = w_2 x$, $\hat y = ReLU(w_1 ReLU(z_1))$, $q = w_2$, $? = w_1$"
    assert check(text, TWO, kind="markdown").summary.numbering is None


def test_a_gradient_is_no_row_where_the_text_has_columns() -> None:
    """x dC/dz fits alone, with the gradient as a row, but not beside x (dC/dz)^T."""
    network = read_network("2-3-1")
    gradient, alone = r"\frac{\partial C}{\partial W^{(0)}}", r"\frac{\partial C}{\partial z^{(1)}}"
    row, column = f"${gradient} = x {alone}$", f"${gradient} = x ({alone})^T$"

    def said(text: str) -> list[str]:
        return [str(one.verdict) for one in check(text, network, kind="markdown").equations]

    assert said(row) == ["right"]
    assert said(f"{column}\n\n{row}") == ["right", "not_understood"]
    assert said(f"{column}\n\n{column}") == ["right", "right"]
