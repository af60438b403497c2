"""The colours of factors: each has that of the cost, or of the layer that it came from."""

import re

import pytest
from sympy import Symbol

from derive import read_network, report_on
from derive.algebra.functions import ReLU, Step, sigmoid
from derive.algebra.quantities import Partial, Quantity
from derive.documents.targets.colouring import MARKS, colour, coloured
from derive.documents.targets.mathml import mathml
from derive.notation.tex import LatexWriter

C, Y = Quantity("C", 3), Quantity("y", 3)
W = {n: Quantity("W", n) for n in range(3)}
Z = {n: Quantity("z", n) for n in range(1, 4)}
R = {n: Quantity("r", n) for n in range(4)}


def origins(left, right):
    """What each colour of the right side is around, by where it says that this came from."""
    text = coloured(LatexWriter(), left).text(right)
    inside = r"[^{}]*"
    for _ in range(3):  # braces within braces
        inside = rf"(?:[^{{}}]|\{{{inside}\}})*"
    found = re.findall(rf"\\textcolor\{{(\w+)\}}\{{({inside})\}}", text)
    return [(MARKS.index(mark), part) for mark, part in found]


def test_factors_of_a_resolved_gradient():
    error = R[3] - Y
    slopes = [Step(Z[3]), W[2], Step(Z[2]), R[1]]
    right = error * slopes[0] * slopes[1] * slopes[2] * slopes[3]
    assert origins(Partial(C, W[1]), right) == [
        (0, "(r^{(3)} - y)"),
        (3, r"\mathrm{Step}(z^{(3)})"),
        (3, "W^{(2)}"),
        (2, r"\mathrm{Step}(z^{(2)})"),
        (2, "r^{(1)}"),
    ]


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        # What has arrived at a layer is everybody's; the local derivative is the layer's.
        (Partial(C, R[1]), Partial(C, Z[2]) * Partial(Z[2], R[1]), [2]),
        (Partial(C, W[0]), Partial(C, Z[1]) * R[0], [1]),
        # r (1 - r) is the slope of a sigmoid; the output that a weight meets comes with the next.
        (Partial(C, W[1]), Partial(C, R[2]) * R[2] * (1 - R[2]) * R[1], [2, 2, 2]),
        # With all units active, W x is what W^(1) is multiplied with.
        (Partial(C, W[1]), W[2] * W[0] * R[0], [3, 2, 2]),
        (Partial(C, W[1]), Partial(C, Z[2]) * ReLU(W[0] * R[0]), [2]),
        (Partial(C, Z[1]), Partial(C, R[1]) * Step(W[0] * R[0]), [1]),
        # What is no gradient of the cost has no colours, nor has a layer in general.
        (R[1], W[0] * R[0], []),
        (Partial(Z[2], R[1]), W[1] * R[1], []),
        (Partial(Partial(Z[3], W[0]), W[1]), W[2] * R[1], []),
        # Of a second derivative each term has colours; r^(1) may be a slope there.
        (Partial(Partial(C, W[0]), W[1]), W[2] * R[1], [3]),
        (
            Partial(Partial(C, W[0]), W[1]),
            (R[3] - Y) * Step(Z[2]) * R[0] + Step(Z[3]) * W[2] * R[0],
            [0, 2, 1, 3, 3, 1],
        ),
        (
            Partial(Partial(C, W[0]), W[0]),
            (Step(Z[3]) * W[2] + (R[3] - Y) * W[1]) * R[0],
            [3, 3, 0, 2, 1],
        ),
        (Partial(C, Quantity("W", Symbol("k"))), W[1] * Quantity("r", Symbol("k")), [2]),
        # Terms of a sum are no factors.
        (Partial(C, R[3]), R[3] - Y, []),
    ],
)
def test_where_factors_come_from(left, right, expected):
    assert sorted(origin for origin, _ in origins(left, right)) == sorted(expected)


def test_an_activation_inside_has_no_colour_of_its_own():
    ((origin, part),) = origins(Partial(C, Z[1]), Partial(C, R[1]) * sigmoid(W[0] * R[0]))
    assert origin == 1 and "textcolor" not in part


def test_deep_networks_begin_the_colours_again():
    assert [colour(n) for n in (0, 1, 6, 7, 13)] == [0, 1, 6, 1, 1]


def test_a_colour_is_a_class_that_a_page_has_a_style_for():
    for origin, mark in enumerate(MARKS):
        made = mathml(rf"\textcolor{{{mark}}}{{x}}")
        assert made == f'<math><mrow class="from-{origin}"><mi>x</mi></mrow></math>'
    ((_, text),) = report_on(read_network("three-layer-chain"), ["html"]).files
    used = set(re.findall(r'class="from-(\d)"', text))
    assert used == {"0", "1", "2", "3"}
    for origin in used:
        assert f".from-{origin} {{ color: var(--from-{origin}); }}" in text
        assert text.count(f"--from-{origin}: #") == 2  # by day and by night
        assert f'<span class="origin from-{origin}"></span>' in text  # what it means is said


def test_factors_of_a_gradient_in_matrices():
    network = read_network("2-3-2")
    ((_, page),) = report_on(network, ["html"]).files
    part = str(page).partition("The same in matrices")[2].partition("The same in matrices")[2]
    rows = re.findall(r'<tbody id="eq-\d+".*?</tbody>', part, re.DOTALL)
    found = [re.findall(r'class="from-(\d)"', row) for row in rows]
    # dC/dz2 = (r2 - y) o Step(z2), dC/dz1 = (W1 dC/dz2) o Step(z1), dC/dW1 = r1 (dC/dz2)^T, ...
    assert ["0", "2"] in found and ["2", "1"] in [[n for n in one if n] for one in found]


def test_a_page_of_second_order_says_what_its_colours_mean():
    ((_, page),) = report_on(read_network("one-layer-chain"), ["html"], order=2).files
    legend = str(page).partition('class="legend"')[2].partition("</p>")[0]
    assert 'class="origin from-0"' in legend and 'class="origin from-1"' in legend
