"""What a hunt for false answers of `prove` found, as pairs of input and right answer."""

import re
from fractions import Fraction

import pytest
from sympy import Float, Rational, Symbol, exp, symbols, sympify
from sympy import Max as Maximum

from derive import DeriveError, prove, read_network
from derive.algebra.functions import ReLU, Step
from derive.proving import Proof, Status
from tests.oracle.claims import ZERO, claim_of
from tests.oracle.faults import faults
from tests.oracle.models import CHAINS, NOTHING
from tests.oracle.pairs import Pair
from tests.oracle.terms import read
from tests.sweeps import thorough

HALF = Rational(1, 2)
ONE_LAYER = CHAINS[0]
x = Symbol("x", real=True)


def answered(left: str, right: str, assume=(), model=NOTHING, step_at_zero=None) -> Proof:
    """The answer, which the oracle has no fault to find with."""
    network = read_network(model.network) if model.network else None
    proof = prove(left, right, network, assume=assume, step_at_zero=step_at_zero)
    at_zero = None if step_at_zero is None else Fraction(int(step_at_zero.p), int(step_at_zero.q))
    one = Pair(read(left), read(right), tuple(map(read, assume)), model, at_zero)
    assert faults(one, proof) == []
    return proof


# -- exponentials: what is told of exp(2x) is true of exp(2x) --------------------------------


@pytest.mark.parametrize(
    ("left", "right", "assume"),
    [
        ("ReLU(exp(2*x)-1-x)", "exp(2*x)-1-x", ["x > -2/5", "x < -3/10"]),
        ("max(exp(3*x),1+x)", "exp(3*x)", ["-1/4 < x and x < -1/5"]),
        ("abs(1+x-exp(2*x))", "exp(2*x)-1-x", ["x > -2/5", "x < -3/10"]),
        ("x", "y", ["exp(x/2) < 1+x"]),
    ],
)
def test_what_is_false_in_a_narrow_region_is_refuted_there(left, right, assume):
    assert answered(left, right, assume).status is Status.REFUTED


def test_only_what_is_divided_by_must_not_be_0():
    proof = answered("y/(exp(2*x)-y)+1", "exp(2*x)/(exp(2*x)-y)")
    a, y = symbols("x y", real=True)
    assert proof.proved
    assert {factor**2 for factor in proof.scope.nonzero} == {(exp(2 * a) - y) ** 2}


# -- counterexamples satisfy the assumptions -------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right", "assume"),
    [
        ("log(y)", "x", "y = exp(x)"),
        thorough(("ReLU(x-y)", "0", "exp(x) < exp(y)")),
        ("abs(x-2)", "x-2", "exp(x) > 8"),
        ("ReLU(x-y)", "x-y", "log(x) > log(y)"),
        thorough(("ReLU(x-y)", "x-y", "sigmoid(x) > sigmoid(y)")),
        ("ReLU(x)", "x", "softplus(x) > 1"),
        thorough(("x", "0", "exp(x) = 1+x")),
        ("sigmoid(x)", "y", "log(y/(1-y)) = x"),
        ("exp(x^2)", "exp(2)", "x^2 = 2"),
        ("x", "y", "exp(x) = exp(y)"),
    ],
)
def test_what_is_true_under_an_assumption_is_not_refuted(left, right, assume):
    assert answered(left, right, [assume]).status is not Status.REFUTED


# -- gates whose argument is 0 everywhere ----------------------------------------------------


@pytest.mark.parametrize(
    "zero",
    [
        "sigmoid(x)+sigmoid(-x)-1",
        "exp(x+y)-exp(x)*exp(y)",
        thorough("log(x*y)-log(x)-log(y)"),
        "1/(x*(x+1))-1/x+1/(x+1)",
        thorough("tanh(2*x)*(1+tanh(x)^2)-2*tanh(x)"),
    ],
)
def test_a_gate_of_what_vanishes_identically_is_never_off_its_kink(zero):
    assert not answered(f"sign({zero})^2", "1").proved
    assert not answered(f"Step({zero}) + Step(-({zero}))", "1").proved


def test_two_contrary_sentences_are_not_both_proved():
    both = "Step(sigmoid(x)+sigmoid(-x)-1)+Step(1-sigmoid(x)-sigmoid(-x))"
    assert not answered(both, "1").proved
    assert answered(both, "0").status is not Status.REFUTED


def test_nor_with_another_convention():
    gated = "ReLU(x)*Step(sigmoid(x)+sigmoid(-x)-1)"
    assert not answered(gated, f"{gated}^2", step_at_zero=HALF).proved


def test_definitions_of_a_network_make_arguments_vanish():
    assert not answered("sign(z1 - W0*x)^2", "1", model=ONE_LAYER).proved


# -- every Step(0) ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right", "assume"),
    [
        ("sign(x)", "Step(x)", ["x >= 0"]),
        ("Step(x)", "0", ["x = 0"]),
        ("Step(x)", "0", ["x <= 0"]),
        ("cases(1 if x > 0; 0 otherwise)", "Step(x)", []),
    ],
)
def test_what_needs_the_convention_says_so(left, right, assume):
    proof = answered(left, right, assume)
    assert proof.status is not Status.REFUTED
    claim = claim_of(proof, (ZERO,))
    assert not proof.proved or not claim.kinks or claim.conventions == (ZERO,)


# -- equations without a value anywhere ------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right", "assume", "model"),
    [
        ("1/(z1 - W0*x)", "1/(z1 - W0*x)", [], ONE_LAYER),
        ("(z1-W0*x)/(z1-W0*x)", "1", [], ONE_LAYER),
        ("1/(sigmoid(x)+sigmoid(-x)-1)", "1/(sigmoid(x)+sigmoid(-x)-1)", [], NOTHING),
        ("x/x", "1", ["x = 0"], NOTHING),
        ("0/x", "0", ["x = 0"], NOTHING),
    ],
)
def test_what_has_a_value_nowhere_is_undecided(left, right, assume, model):
    assert answered(left, right, assume, model).status is Status.UNDECIDED


# -- symbols that SymPy knows something of ---------------------------------------------------

m = Symbol("m", positive=True)
k = Symbol("k", integer=True)


@pytest.mark.parametrize(
    ("left", "right", "assume"),
    [
        (Step(m * x), Step(x), []),
        (Maximum(m, -1), m, []),
        (abs(m - x), m - x, [x < 0]),
        (ReLU(2 * m - m**2), 2 * m - m**2, [m < 2]),
        (ReLU(k**2 - k), k**2 - k, []),
    ],
)
def test_symbols_with_assumptions_are_honoured_or_refused(left, right, assume):
    try:
        proof = prove(left, right, assume=assume)
    except DeriveError:
        return
    assert proof.status is not Status.REFUTED


# -- random points ---------------------------------------------------------------------------


def test_no_prime_makes_an_equation_true():
    prime, total = 2**127 - 1, "+".join(f"a{n}" for n in range(14))
    assert not prove(f"{prime}*({total})^8", "0").proved


# -- products of distributions ---------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("diff(Step(x)^2, x)", "2*Step(x)*dirac(x)"),
        ("Step(x)*dirac(x)", "dirac(x)/2"),
        ("dirac(x)*x/x", "dirac(x)"),
        ("dirac(x)^2", "dirac(x)*dirac(x)"),
    ],
)
def test_a_product_of_distributions_that_means_nothing_is_undecided(left, right):
    assert prove(left, right).status is Status.UNDECIDED


# -- what prove is handed --------------------------------------------------------------------


def test_an_assumption_without_a_real_value_is_refused():
    with pytest.raises(DeriveError):
        prove("1", "0", assume=["log(-x^2) > 0"])


def test_a_value_that_is_nowhere_is_undecided():
    quotient = "max(y^3, w^3)"
    left = f"(max(x, y)/x)/{quotient}"
    right = f"log(exp(max(x, y)/log(exp(x))))/{quotient}"
    assert answered(left, right, ["x = 0"], step_at_zero=sympify(0)).status is Status.UNDECIDED


@pytest.mark.parametrize(("left", "right"), [(None, 1), ([x], x), (x, None), (x, {x: 1})])
def test_what_is_no_expression_is_refused_in_words(left, right):
    with pytest.raises(DeriveError) as refusal:
        prove(left, right)
    assert re.search(r"\w+ \w+ \w+", str(refusal.value))


def test_one_assumption_as_a_text_is_read_or_refused_in_words():
    try:
        assert prove("ReLU(x)", "x", assume="x > 0").proved
    except DeriveError as refusal:
        assert "list" in str(refusal)


def test_floats_are_read_exactly_or_refused():
    try:
        proof = prove(Float("0.1") + x * Float("0.2"), x / 5 + Rational(1, 10))
    except DeriveError:
        return
    assert proof.proved


def test_decimals_in_a_text_are_exact():
    assert prove("0.1 + x*0.2", "x/5 + 1/10").proved


def test_a_counterexample_satisfies_assumptions_about_other_names():
    proof = answered("Step(2)", "ReLU(-2)/2", ["1 < x and y < -1"])
    assert proof.status is Status.REFUTED and proof.counterexample is not None
    values = proof.counterexample.values
    assert values["x"] > 1 and values["y"] < -1
