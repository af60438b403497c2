"""The judge proves what is true, never what is false, and says for what it holds."""

import pytest
from sympy import (
    Abs,
    Add,
    And,
    Derivative,
    Eq,
    Heaviside,
    Integer,
    KroneckerDelta,
    Max,
    Min,
    Mul,
    Ne,
    Or,
    Piecewise,
    Rational,
    S,
    Sum,
    Symbol,
    exp,
    log,
    sign,
    symbols,
    tanh,
)

from derive.activations import Activation
from derive.backpropagation import backpropagate
from derive.costs import COSTS
from derive.derivation import Equation
from derive.functions import LeakyReLU, ReLU, Step, sigmoid, softplus
from derive.indices import index
from derive.network import Layer, Network
from derive.proving import Kinks, Status, judge
from derive.quantities import Partial, Quantity
from tests.proving.exact import confirmed, differ, really_differ

i, j, l, m = (index(letter) for letter in "ijlm")
n0, n1, n2 = symbols("n_0 n_1 n_2", integer=True, positive=True)
a = Symbol("a", real=True)
h0 = Symbol("h_0", real=True)
HALF = Rational(1, 2)


def network(*units, hidden="relu", output=None, cost="half_squared_error", bias=False, h=0):
    layers = [Layer(u, Activation(hidden), bias) for u in units[1:]]
    if output:
        layers[-1] = Layer(units[-1], Activation(output), bias)
    return Network(units[0], tuple(layers), COSTS[cost], step_at_zero=h)


CHAIN = network(1, 1, 1)
CHAIN_HALF = network(1, 1, 1, h=HALF)
WIDE = network(2, 3, 1)
SQUARE = network(3, 3, 3)
ANY = network(n0, n1, 1)
TEN = network(3, 10, 1)
SOFTMAX = network(2, 3, output="softmax", cost="cross_entropy")
GENERIC = Network(n0, (Layer(n1, bias=True),), cost=None, first=Symbol("k", integer=True))

NETWORKS = {
    "chain": CHAIN,
    "chain of three, Step(0) = 1/2": network(1, 1, 1, 1, h=HALF),
    "chain with biases": network(1, 1, 1, bias=True),
    "2-3-1": WIDE,
    "2-3-2 mean squared error": network(2, 3, 2, bias=True, cost="mean_squared_error"),
    "any widths, Step(0) = h0": Network(
        n0, (Layer(n1, bias=True), Layer(n2)), step_at_zero=h0
    ),
    "leaky": Network(
        2, (Layer(3, Activation("leaky_relu", Rational(1, 10))), Layer(2, Activation("identity")))
    ),
    "leaky, slope a": Network(
        2, (Layer(2, Activation("leaky_relu", a), True), Layer(1, Activation("leaky_relu", a)))
    ),
    "tanh, sigmoid output": network(
        2, 2, 2, hidden="tanh", output="sigmoid", cost="binary_cross_entropy"
    ),
    "sigmoid, softmax output": network(
        2, 2, 3, hidden="sigmoid", output="softmax", cost="cross_entropy", bias=True
    ),
    "softplus, any widths": Network(
        n0, (Layer(n1, Activation("softplus")), Layer(n2, Activation("identity"), True))
    ),
    "four layers": network(2, 2, 2, 2, 1),
}


# -- (a) every step of the engine ----------------------------------------------------------


@pytest.mark.parametrize("name", NETWORKS)
def test_every_step_is_proved_for_every_width(name):
    unproved = []
    for group in backpropagate(NETWORKS[name]).groups:
        for step in group.steps:
            proof = judge(group.network, step.lhs, step.rhs, step.where, step.assuming)
            if not (proof.proved and proof.scope.widths.every):
                unproved.append((group.title, step.rule, step.lhs, step.rhs, proof))
    assert unproved == []


def test_a_gradient_of_the_engine_holds_at_kinks_too():
    for group in backpropagate(CHAIN).groups:
        if group.title == "resolved_gradients":
            for step in group.steps:
                proof = judge(group.network, step.lhs, step.rhs, step.where, step.assuming)
                assert proof.scope.kinks in (Kinks.NONE, Kinks.EVERY_CONVENTION)


# -- (b) planted errors --------------------------------------------------------------------


def replaced_once(expression, kind, new):
    """The expression with one node of a kind changed, for each such node."""
    for node in sorted(expression.atoms(kind), key=str):
        yield expression.xreplace({node: new(node)})


def without_one_factor(expression):
    for product in sorted(expression.atoms(Mul), key=str):
        for factor in product.args:
            rest = Mul(*(other for other in product.args if other is not factor))
            yield expression.xreplace({product: rest})


def without_one_term(expression):
    for total in sorted(expression.atoms(Add), key=str):
        for term in total.args:
            yield expression.xreplace({total: total - term})
            yield expression.xreplace({total: total - 2 * term})


def transposed(expression):
    weights = {w for w in expression.atoms(Quantity) if w.kind == "W" and len(w.indices) == 2}
    if weights:
        yield expression.xreplace({w: w.at(*reversed(w.indices)) for w in weights})


def with_a_sum_dropped(expression):
    yield from replaced_once(expression, Sum, lambda node: node.function)


def with_other_letters(expression):
    for old, new in ((i, j), (j, i), (l, i), (i, l), (l, j)):
        if old in expression.atoms(Symbol) and not expression.has(Sum):
            yield expression.xreplace({old: new})


def with_another_layer(expression):
    for kind in ("r", "z", "W"):
        for q in sorted((q for q in expression.atoms(Quantity) if q.kind == kind), key=str):
            if q.layer.is_Integer and q.layer > 0 and not q.indices:
                yield expression.xreplace({q: Quantity(kind, q.layer - 1)})


MUTATIONS = {
    "Step replaced by 1": lambda e: replaced_once(e, Step, lambda _: S.One),
    "ReLU replaced by its argument": lambda e: replaced_once(e, ReLU, lambda f: f.args[0]),
    "a function squared": lambda e: replaced_once(e, (ReLU, sigmoid, tanh, Step), lambda f: f**2),
    "doubled": lambda e: [2 * e],
    "other sign": lambda e: [-e],
    "a factor left out": without_one_factor,
    "a term left out or with the other sign": without_one_term,
    "W transposed": transposed,
    "a sum left out": with_a_sum_dropped,
    "other letters": with_other_letters,
    "another layer": with_another_layer,
    "r instead of z": lambda e: replaced_once(
        e,
        Quantity,
        lambda q: Quantity("r", *q.args[1:]) if q.kind == "z" else q,
    ),
    "a derivative left out": lambda e: replaced_once(e, Partial, lambda _: S.One),
}


def mutants(step):
    """The right side of a step changed in each way that is not the same expression."""
    seen = {step.rhs}
    for name, change in MUTATIONS.items():
        for right in change(step.rhs):
            if right not in seen:
                seen.add(right)
                yield name, right


def well_typed(net, *sides):
    """Whether both sides mean something: every index counts the units of one layer."""
    try:
        really_differ(net, *sides, points=5)
    except ValueError:
        return False
    return True


PLANTED = {
    "chain": CHAIN,
    "2-3-1": WIDE,
    "2-2-2 with biases": network(2, 2, 2, bias=True, cost="mean_squared_error"),
    "any widths": Network(n0, (Layer(n1), Layer(n2, Activation("identity")))),
    "leaky": network(2, 2, 1, hidden="leaky_relu"),
    "tanh, sigmoid output": network(
        1, 2, 1, hidden="tanh", output="sigmoid", cost="binary_cross_entropy"
    ),
}
PLAIN_GROUPS = ("activations",)  # functions of one variable z: planted below, by hand


@pytest.mark.parametrize("name", PLANTED)
def test_no_planted_error_is_proved(name):
    net = PLANTED[name]
    wrong = refuted = 0
    steps = {
        (step.lhs, step.rhs): step
        for group in backpropagate(net).groups
        if group.network is net and group.title not in PLAIN_GROUPS
        for step in group.steps
    }
    # Every third step; which ones differs from network to network.
    for step in list(steps.values())[len(name) % 3 :: 3]:
        for mutation, right in mutants(step):
            if not well_typed(net, step.lhs, right):
                assert not judge(net, step.lhs, right, step.where).proved
                continue
            case = f"{mutation}: {step.lhs} = {right} where {step.where}"
            proof = judge(net, step.lhs, right, step.where, step.assuming)
            if not really_differ(net, step.lhs, right, step.where):
                assert proof.status is not Status.REFUTED or at_a_kink(proof), case
                continue
            wrong += 1
            assert not proof.proved, case
            if proof.status is Status.REFUTED:
                refuted += 1
                assert confirmed(net, step.lhs, right, proof.counterexample, step.where), case
    assert wrong >= 20
    assert refuted >= 0.9 * wrong


def at_a_kink(proof):
    """Random points never meet a kink: an equation that fails at one only looks true to them."""
    return any(value == 0 for value in proof.counterexample.values.values())


z = Symbol("z", real=True)


@pytest.mark.parametrize(
    ("left", "right", "where"),
    [
        (Derivative(ReLU(z), z), S.One, Ne(z, 0)),
        (Derivative(ReLU(z), z), Step(z), S.true),
        (Derivative(ReLU(z), z), S.Zero, z > 0),
        (Derivative(ReLU(z - 2), z), S.Zero, z > 0),
        (Derivative(ReLU(z - 2), z), S.One, z > 0),
        (Derivative(Max(z, 2), z), S.Zero, z > 0),
        (Derivative(Max(z, -2), z), S.One, z > 0),
        (Derivative(LeakyReLU(z, a), z), 1 + (1 - a) * Step(z), Ne(z, 0)),
        (Derivative(LeakyReLU(z, a), z), a, Ne(z, 0)),
        (Derivative(sigmoid(z), z), sigmoid(z), S.true),
        (Derivative(sigmoid(z), z), sigmoid(z) * (1 + sigmoid(z)), S.true),
        (Derivative(tanh(z), z), 1 + tanh(z) ** 2, S.true),
        (Derivative(softplus(z), z), softplus(z), S.true),
        (ReLU(z), Piecewise((z, z < 0), (0, True)), S.true),
        (Step(z), Piecewise((1, z >= 0), (0, True)), S.true),
        (sigmoid(z), 1 / (1 + exp(z)), S.true),
        (softplus(z), log(1 + exp(-z)), S.true),
        (ReLU(z), z, S.true),
        (ReLU(z), S.Zero, S.true),
    ],
    ids=str,
)  # fmt: skip
def test_no_wrong_formula_of_an_activation_is_proved(left, right, where):
    proof = judge(CHAIN, left, right, where)
    # Max(z, -2) is z where z > 0: the one true equation in the table... is not there.
    if (left, right) == (Derivative(Max(z, -2), z), S.One):
        assert proof.status is not Status.REFUTED
    else:
        assert not proof.proved


