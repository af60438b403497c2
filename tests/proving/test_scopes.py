"""For what an equation is proved: kinks, regions that are left out, and a point of the scope."""

from __future__ import annotations

from contextlib import suppress

import pytest
from sympy import Integer, Rational, S, Symbol

from derive import Activation, DeriveError, Layer, Model, Network, prove, read_network
from derive.deriving.first_order import targets_assumed
from derive.model.costs import Cost
from derive.notation.ascii.formulas import read_expression
from derive.proving import Kinks, Status, judge

n0, n1, n2 = (Symbol(f"n_{k}", integer=True, positive=True) for k in range(3))


def network(*activations, cost="half_squared_error", at_zero=S.Zero, bias=True):
    layers = tuple(
        Layer(units, Activation(name), bias)
        for units, name in zip((n1, n2), activations, strict=True)
    )
    return Network(n0, layers, Cost(cost), step_at_zero=at_zero)


def answer(net, left, right, assuming=()):
    sides = (read_expression(side, net) for side in (left, right))
    return judge(net, *sides, S.true, assuming)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("diff(diff(ReLU(x),x),x)", "0"),
        ("diff(diff(x^2,x),x)", "2"),
        ("diff(ReLU(ReLU(x)),x)", "Step(x)"),
        ("diff(ReLU(w*ReLU(x)),x)", "w*Step(w)*Step(x)"),
        ("diff(diff(diff(x^3*sigmoid(x),x),x),x)", "diff(diff(diff(sigmoid(x)*x^3,x),x),x)"),
        ("diff(Step(x-1),x)", "dirac(x-1)"),
        ("diff(exp(x)*Step(x),x)", "exp(x)*Step(x)+dirac(x)"),
        ("diff(Step(2*x-1)+3*Step(x+1),x)", "dirac(x-1/2)+3*dirac(x+1)"),
    ],
)
def test_derivatives_of_formulas_are_decided(left, right):
    assert prove(left, right).proved


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("diff(diff(ReLU(x),x),x)", "1"),
        ("diff(diff(x^2,x),x)", "x"),
        ("diff(ReLU(ReLU(x)),x)", "2*Step(x)"),
        ("diff(abs(x),x)", "Step(x)"),
        ("diff(Step(x-1),x)", "2*dirac(x-1)"),
    ],
)
def test_wrong_derivatives_are_refuted_at_a_point(left, right):
    proof = prove(left, right)
    assert proof.status is Status.REFUTED
    assert proof.counterexample is not None and proof.counterexample.values


@pytest.mark.parametrize(
    ("left", "right", "kinks"),
    [
        ("diff(ReLU(x),x)", "Step(x)", Kinks.EVERY_CONVENTION),
        ("diff(diff(ReLU(x),x),x)", "0", Kinks.EVERY_CONVENTION),
        ("diff(Step(x),x)", "0", Kinks.EVERY_CONVENTION),
        ("diff(ReLU(ReLU(x)),x)", "Step(x)", Kinks.AS_STATED),
    ],
)
def test_at_a_kink_a_derivative_is_what_the_convention_says(left, right, kinks):
    scope = prove(left, right).scope
    assert (scope.kinks, scope.derivative) == (kinks, True)


def test_no_convention_speaks_of_the_derivative_of_the_modulus():
    scope = prove("diff(abs(x),x)", "sign(x)").scope
    assert (scope.kinks, scope.derivative) == (Kinks.EXCLUDED, False)


@pytest.mark.parametrize(
    ("left", "right", "derivative"),
    [
        ("dC/dz1", "dC/dr1*Step(z1)", True),
        ("dC/dW0", "(r1-y)*Step(z1)*x", True),
        ("dC/dr1", "r1-y", False),
        ("dz1/dW0", "x", False),
        ("r1", "ReLU(z1)", False),
    ],
)
def test_lines_through_a_kink_say_so(left, right, derivative):
    assert prove(left, right, read_network("one-layer-chain")).scope.derivative is derivative


@pytest.mark.parametrize(
    ("left", "right", "assume"),
    [
        ("sign(x)", "Step(x)", ["x >= 0"]),
        ("Step(x)", "0", ["x = 0"]),
        ("Step(x)", "0", ["x <= 0"]),
        ("Step(0)", "0", []),
        ("Step(x-x)", "0", []),
        ("cases(1 if x > 0; 0 otherwise)", "Step(x)", []),
    ],
)
def test_a_number_put_in_for_step_at_0_is_in_the_scope(left, right, assume):
    proof = prove(left, right, assume=assume)
    assert proof.proved and proof.scope.kinks is Kinks.AS_STATED


def test_a_region_that_is_left_out_is_named():
    half = network("relu", "relu", at_zero=Rational(1, 2), bias=False)
    first = answer(half, "Step(z1[j])^2", "Step(z1[j])")
    assert first.proved and first.scope.kinks is Kinks.EXCLUDED and not first.scope.apart
    second = answer(half, "Step(z2[j])^2", "Step(z2[j])")
    assert [str(argument) for argument in second.scope.apart] == ["z2[j]"]
    assert second.counterexample is not None
    biased = answer(network("relu", "relu", at_zero=Rational(1, 2)), "Step(z2[j])^2", "Step(z2[j])")
    assert biased.proved and not biased.scope.apart


@pytest.mark.parametrize(
    ("activations", "left", "right"),
    [
        (("sigmoid", "sigmoid"), "r1[j]", "sigmoid(sum(i, W0[i,j]*x[i])+b0[j])"),
        (
            ("tanh", "sigmoid"),
            "r2[j]",
            "sigmoid(sum(i, W1[i,j]*tanh(sum(l, W0[l,i]*x[l])+b0[i]))+b1[j])",
        ),
        (
            ("tanh", "softmax"),
            "r2[j]",
            "exp(sum(i,W1[i,j]*r1[i])+b1[j])/sum(m,exp(sum(i,W1[i,m]*r1[i])+b1[m]))",
        ),
    ],
)
def test_the_forward_pass_is_proved_at_every_width(activations, left, right):
    cost = "cross_entropy" if "softmax" in activations else "half_squared_error"
    proof = answer(network(*activations, cost=cost), left, right)
    assert proof.proved and proof.scope.widths.every
    wrong = answer(network(*activations, cost=cost), left, right.replace("+b1", "-b1", 1)
                   .replace("+b0", "-b0", 1))  # fmt: skip
    assert not wrong.proved


def test_log_sum_exp_is_the_cross_entropy_of_targets_that_sum_to_1():
    net = network("tanh", "softmax", cost="cross_entropy")
    sides = "C", "log(sum(m,exp(z2[m])))-sum(j,y[j]*z2[j])"
    proof = answer(net, *sides, targets_assumed(net))
    assert proof.proved and proof.scope.widths.every
    assert answer(net, *sides).status is Status.REFUTED


def test_conditions_at_every_width_are_not_those_of_the_size_tried():
    net = network("relu", "identity")
    proof = answer(net, "sum(j, z1[j]/sum(m,z1[m]))", "1")
    assert [str(divisor) for divisor in proof.scope.nonzero] == ["Sum(z1[m], (m, 1, n_1))"]


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("sum(j, z1[j]/(sum(m,r1[m])-r1[j]))",
         "sum(j, sum(m, z1[j]/r1[m])) - sum(j, z1[j]/r1[j])"),
        ("sum(j, sum(m, 1))", "5*n_1 - 6"),
    ],
)  # fmt: skip
def test_what_holds_at_a_size_only_is_not_proved(left, right):
    net = network("relu", "identity")
    with suppress(DeriveError):  # it cannot even be written
        assert not answer(net, left, right).proved


def test_signs_of_symbols_are_assumed():
    m, x = Symbol("m", positive=True), Symbol("x", real=True)
    assert prove(abs(m - x), m - x, assume=[x < 0]).proved
    with pytest.raises(DeriveError, match="integer"):
        prove(Symbol("k", integer=True), Integer(1))
    with pytest.raises(DeriveError, match="two different symbols"):
        prove(m, Symbol("m", real=True))


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("diff(Step(x)^2,x)", "2*Step(x)*dirac(x)"),
        ("Step(x)*dirac(x)", "dirac(x)/2"),
        ("dirac(x)*x/x", "dirac(x)"),
    ],
)
def test_products_of_distributions_that_mean_nothing_are_undecided(left, right):
    assert prove(left, right).status is Status.UNDECIDED


def test_a_counterexample_lists_what_the_equation_depends_on():
    proof = prove("r1", "z1", read_network("two-layer-chain"))
    assert proof.counterexample is not None
    assert set(proof.counterexample.values) == {"r0", "W0"}


def test_a_counterexample_shows_digits_that_differ():
    counterexample = prove("exp(-36*x^2) + 864*x", "exp(-36*x^2)/2 + 864*x").counterexample
    assert counterexample is not None
    assert str(counterexample.left) != str(counterexample.right)


@pytest.mark.parametrize("claim", ["size_a*w[i]", "sum(j:size_a, w[i])"])
def test_a_counterexample_names_the_sizes_that_count(claim):
    model = Model.from_definitions("parameter w[size_a]\nC := sum(i, w[i]^2)")
    counterexample = prove("w[i]", claim, model).counterexample
    assert counterexample is not None
    assert counterexample.right == counterexample.values["size_a"] * counterexample.left
