"""Formulas in words, as pages say them to those who listen."""

import re

import pytest
from sympy import (
    And,
    Float,
    Interval,
    KroneckerDelta,
    Piecewise,
    Rational,
    S,
    Sum,
    Symbol,
    exp,
    sqrt,
)

from derive import backpropagate, read_model, read_network, report_on
from derive.algebra.functions import LeakyReLU, ReLU, Step
from derive.algebra.indices import index
from derive.algebra.limits import LeftLimit, RightLimit
from derive.algebra.quantities import Local, Partial, Quantity
from derive.documents.templating.environment import template_environment
from derive.model.matrices import (
    Einsum,
    Entries,
    Hadamard,
    Matrix,
    Product,
    Total,
    diagonal,
    elementwise,
    kronecker,
    ones,
    repeated,
    row_mean,
    row_sum,
    scaled,
    stacked,
    transposed,
)
from derive.notation.naming import BookNaming
from derive.notation.spoken import SpokenWriter
from derive.notation.tex import tex
from tests.sweeps import sweep

C, U, X, Y = (Quantity(kind, layer) for kind, layer in (("C", 2), ("U", 2), ("r", 0), ("y", 2)))
W0, W1, Z1, R1, R2 = (
    Quantity(kind, layer) for kind, layer in (("W", 0), ("W", 1), ("z", 1), ("r", 1), ("r", 2))
)
i, j = index("i"), index("j")


def writer(language="english", naming=None):
    phrases = template_environment(None, language).get_template("spoken.jinja").make_module()
    return SpokenWriter(lambda key: str(phrases.phrase(key)).strip(), naming or BookNaming())


@pytest.mark.parametrize(
    ("expression", "said"),
    [
        (W1, "W of layer 1"),
        (W1**2, "W of layer 1 squared"),
        (Quantity("W", 0, i, j), "W i j of layer 0"),
        (Quantity("r", 0, i), "x i"),
        (Quantity("b", 1, 2), "b 2 of layer 1"),
        (W0 * X, "W of layer 0 times x"),
        (ReLU(W0 * X), "ReLU of open parenthesis, W of layer 0 times x, close parenthesis"),
        (
            (R2 - Y) * Step(Z1) * X,
            "open parenthesis, r of layer 2 minus y, close parenthesis, times Step of z of layer "
            "1, times x",
        ),
        (Rational(1, 2) * U**2, "U squared over 2"),
        (-R1, "minus r of layer 1"),
        (S(-3), "minus 3"),
        (Float("0.5"), "0.500000000000000"),
        (1 / R1, "1 over r of layer 1"),
        (R1**3, "r of layer 1 to the power 3"),
        (sqrt(R1), "the square root of r of layer 1"),
        (exp(-Z1), "e to the power minus z of layer 1"),
        (LeakyReLU(Z1, Rational(1, 10)), "leaky ReLU with slope 1 over 10 of z of layer 1"),
        (Partial(C, W1), "the derivative of C with respect to W of layer 1"),
        (
            Partial(Partial(C, W0), W1),
            "the second derivative of C with respect to W of layer 0 and W of layer 1",
        ),
        (Local(R2, W1),
         "the derivative of the formula of r of layer 2 alone with respect to W of layer 1"),
        (Sum(Quantity("W", 0, i, j) * Quantity("r", 0, i), (i, 1, 3)),
         "the sum over i from 1 to 3 of W i j of layer 0 times x i"),
        (KroneckerDelta(i, j), "delta of i and j"),
        (Piecewise((Z1, Z1 > 0), (0, True)),
         "z of layer 1 if z of layer 1 is greater than 0; 0 otherwise"),
        (And(Z1 > 0, Quantity("z", 2) <= 0),
         "z of layer 1 is greater than 0, and z of layer 2 is at most 0"),
        (RightLimit(R1, Z1), "the limit of r of layer 1 as z of layer 1 falls to 0"),
        (LeftLimit(R1, Z1), "the limit of r of layer 1 as z of layer 1 rises to 0"),
        (Interval(0, 1), "the interval from 0 to 1"),
    ],
)  # fmt: skip
def test_what_is_meant_is_said(expression, said):
    assert writer().text(expression) == said


def test_a_notation_has_its_own_letters_and_numbers():
    bishop, ng = (writer(naming=BookNaming(book)) for book in ("bishop", "ng"))
    assert bishop.text(Quantity("r", 1, i)) == "z i of layer 1"
    assert ng.text(Partial(C, Quantity("W", 0))).endswith("with respect to W of layer 1")


def test_german_has_words_of_its_own():
    said = writer("german").equation(Partial(C, W1), "=", U * X)
    assert said == "die Ableitung von C nach W der Schicht 1 gleich U mal x"


@pytest.mark.parametrize(
    ("name", "order"),
    sweep(
        [
            *((name, 1) for name in ("regression-2-3-1", "softmax-classifier", "deep-relu")),
            *((name, 2) for name in ("two-layer-chain", "two-layer-general", "sigmoid-chain")),
            *((name, 1) for name in ("attention-head", "rms-norm", "lstm-cell", "layer-norm")),
            ("attention-head", 2),
        ],
        [("regression-2-3-1", 1)],
    ),
)
def test_every_equation_of_a_document_is_said_in_words_alone(name, order):
    ((_, text),) = report_on(read_model(name), ["html"], order=order).files
    rows = re.findall(r'<td class="right">.*?</td>', text, re.DOTALL)
    assert all(
        'aria-label="' in row or 'aria-hidden="true"' in row for row in rows if "<math" in row
    )
    said = re.findall(r'<math[^>]*aria-label="([^"]*)"', text)
    assert said and not [
        one for one in said if re.search(r"[\\^_{}=<>&|]|\b(?:Quantity|Partial)\b", one)
    ]


def test_two_formulas_that_differ_are_said_differently():
    network = read_network("regression-2-3-1")
    speaker, said = writer(), {}
    for line in backpropagate(network).steps:
        for side in (line.printed_left, line.printed_right):
            said.setdefault(speaker.text(side), set()).add(tex(side))
    assert [text for text, sides in said.items() if len(sides) > 1] == []


@pytest.mark.parametrize("language", ["english", "german"])
def test_every_kind_of_matrix_is_said(language):
    speaker, axis = writer(language), S(3)
    square = Entries((axis,), (axis,), (i,), (j,), Quantity("W", 0, i, j))
    column = Entries((axis,), (), (i,), (), Quantity("r", 1, i))
    u = Symbol("u")
    made = [
        square, transposed(square), ones(axis), diagonal(read_network("1-1"), column),
        Total((axis,), (axis,), (square, square)), Product((axis,), (), square, column),
        Hadamard((axis,), (axis,), square, square), scaled(Rational(1, 2), square),
        kronecker(square, square), stacked(square), elementwise(u, exp(u), square),
        row_sum(square), row_mean(square), repeated((axis,), (axis,), column),
        Einsum((axis,), (), ((i, j), (j,)), (i,), (square, column)),
    ]  # fmt: skip
    assert {type(one) for one in made} == {
        kind for kind in Matrix.__subclasses__() if kind.__module__ == Matrix.__module__
    }
    said = {speaker.box(one).text for one in made}
    assert len(said) == len(made) and all(said)
    identity = Entries((axis,), (axis,), (i,), (j,), KroneckerDelta(i, j))
    assert speaker.box(identity).text in ("the identity matrix", "die Einheitsmatrix")
