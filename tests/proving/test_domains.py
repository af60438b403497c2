"""Logarithms: where they exist, and equations between them."""

import pytest
from sympy import Symbol, exp, log, sqrt, symbols

from derive import prove, read_network
from derive.proving import Status

x, y = symbols("x y", real=True)


@pytest.mark.parametrize(
    ("left", "right", "domain"),
    [
        ("exp(log(x))", "x", {x > 0}),
        ("exp(log(x))", "ReLU(x)", {x > 0}),
        ("exp(log(x))", "abs(x)", {x > 0}),
        ("log(x*y)", "log(x) + log(y)", {x > 0, y > 0}),
        ("log(x^2)", "2*log(x)", {x > 0}),
        ("log(x) - log(x)", "0", {x > 0}),
        ("log(1 + x^2)", "log(1 + x*x)", set()),
        ("log(exp(x) + exp(y))", "x + log(1 + exp(y - x))", set()),
        ("log(exp(x) + exp(y))", "y + softplus(x - y)", set()),
        ("log(1 - sigmoid(x))", "-softplus(x)", set()),
        ("log(ReLU(x) + 1)", "log(1 + x*Step(x))", set()),
    ],
)
def test_what_is_true_where_logarithms_exist(left: str, right: str, domain: set) -> None:
    proof = prove(left, right)
    assert proof.proved and proof.scope.where == True  # noqa: E712
    assert set(proof.scope.domain) == domain


def test_what_was_assumed_is_not_said_again() -> None:
    assert prove("exp(log(x))", "x", assume=["x > 1"]).scope.domain == ()


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("log(x*y)", "log(x) - log(y)"),
        ("log(x + y)", "log(x) + log(y)"),
        ("2*log(x)", "log(2*x)"),
        ("log(x)", "x"),
        ("exp(2*log(x))", "x"),
    ],
)
def test_what_is_false_where_logarithms_exist(left: str, right: str) -> None:
    proof = prove(left, right)
    assert proof.status is Status.REFUTED and proof.counterexample is not None
    assert all(value > 0 for value in proof.counterexample.values.values())


def test_a_false_equation_between_logarithms_of_sums() -> None:
    proof = prove("log(exp(x) + exp(y))", "x + log(1 + exp(x - y))")
    assert proof.status is Status.REFUTED


@pytest.mark.parametrize(("left", "right"), [("x/x", "0"), ("1/x*x", "2"), ("x^2/x", "2*x")])
def test_no_counterexample_where_the_text_divides_by_zero(left: str, right: str) -> None:
    proof = prove(left, right)
    assert proof.counterexample is not None and proof.counterexample.values["x"] != 0


def test_what_is_true_only_where_the_text_has_a_value() -> None:
    proof = prove("x*Step(x)/x", "Step(x)^2", step_at_zero=Symbol("h_0", real=True))
    assert proof.proved and proof.scope.nonzero == (x,)


def test_expressions_have_domains_too() -> None:
    assert prove(log(x) - log(y), log(x) - log(y)).scope.domain == (x > 0, y > 0)
    assert prove(sqrt(x) ** 4, x * sqrt(x) ** 2).proved
    assert prove(log(exp(x) + 1), x + log(1 + exp(-x))).scope.domain == ()


def test_outputs_of_a_softmax_are_positive() -> None:
    network = read_network("softmax-classifier")
    assert prove("log(r2[1])", "log(r2[1]*1)", network).scope.domain == ()
