"""The judge proves what is true, never what is false, and says for what it holds."""

import signal

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

from derive.algebra.functions import LeakyReLU, ReLU, Step, sigmoid, softplus
from derive.algebra.indices import index
from derive.algebra.quantities import Partial, Quantity
from derive.deriving.first_order import backpropagate
from derive.meaning.derivation import Equation
from derive.model.activations import Activation
from derive.model.costs import Cost
from derive.model.network import Layer, Network
from derive.proving import Kinks, Status, judge
from tests.proving.exact import confirmed, differ, really_differ
from tests.sweeps import sampled, sweep, thorough

i, j, l, m = (index(letter) for letter in "ijlm")  # noqa: E741 -- as documents do
n0, n1, n2 = symbols("n_0 n_1 n_2", integer=True, positive=True)
a = Symbol("a", real=True)
h0 = Symbol("h_0", real=True)
HALF = Rational(1, 2)


def network(*units, hidden="relu", output=None, cost="half_squared_error", bias=False, h=0):
    layers = [Layer(u, Activation(hidden), bias) for u in units[1:]]
    if output:
        layers[-1] = Layer(units[-1], Activation(output), bias)
    return Network(units[0], tuple(layers), Cost(cost), step_at_zero=h)


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
    "any widths, Step(0) = h0": Network(n0, (Layer(n1, bias=True), Layer(n2)), step_at_zero=h0),
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


#: 1/(r_j (1 - r_j)) under a sum is outside the class that a small width settles.
OWN_WIDTHS_ONLY = ("tanh, sigmoid output",)


@pytest.fixture(autouse=True)
def quickly():
    """The judge answers within seconds, if only with "undecided"."""

    def give_up(*_):
        raise TimeoutError("the judge did not answer")

    # Seconds of this process: those of the clock depend on what else the machine does.
    signal.signal(signal.SIGPROF, give_up)
    signal.setitimer(signal.ITIMER_PROF, 60)
    yield
    signal.setitimer(signal.ITIMER_PROF, 0)


# -- (a) every step of the engine ----------------------------------------------------------


@pytest.mark.parametrize("name", sweep(NETWORKS, ["chain", "leaky", "softplus, any widths"]))
def test_every_step_is_proved_for_every_width(name):
    unproved = []
    for group in backpropagate(NETWORKS[name]).groups:
        for step in group.steps:
            proof = judge(group.network, step.lhs, step.rhs, step.where, step.assuming)
            every = proof.scope.widths.every or name in OWN_WIDTHS_ONLY
            if not (proof.proved and every):
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
    """For chains: elsewhere the units of the other layer need an index."""
    if any(q.indices for q in expression.atoms(Quantity)) or expression.has(Sum):
        return
    for kind in ("r", "W"):
        for q in sorted((q for q in expression.atoms(Quantity) if q.kind == kind), key=str):
            if q.layer > 0:
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


def opinion(net, *sides, where=S.true):
    """Whether the sides really differ; None where an index or a quantity means nothing."""
    try:
        return really_differ(net, *sides, where)
    except ValueError:
        return None


PLANTED = {
    "chain": CHAIN,
    "2-3-1": WIDE,
    "2-2-2 with biases": network(2, 2, 2, bias=True, cost="mean_squared_error"),
    "any widths": Network(n0, (Layer(n1), Layer(n2, Activation("identity")))),
    "leaky": network(2, 2, 1, hidden="leaky_relu"),
    "tanh, sigmoid output": network(
        1, 1, 1, hidden="tanh", output="sigmoid", cost="binary_cross_entropy"
    ),
}
PLAIN_GROUPS = ("activations",)  # functions of one variable z: planted below, by hand


@pytest.mark.parametrize("name", sweep(PLANTED, ["chain"]))
def test_no_planted_error_is_proved(name):
    net = PLANTED[name]
    wrong = refuted = 0
    meaningless, false = [], []
    steps = {
        (step.lhs, step.rhs): step
        for group in backpropagate(net).groups
        if group.network is net and group.title not in PLAIN_GROUPS
        for step in group.steps
    }
    # Every eleventh step; which ones differs from network to network.
    for step in list(steps.values())[len(name) % 11 :: 11]:
        for mutation, right in mutants(step):
            if mutation == "another layer" and not net.is_chain:
                continue
            equation = f"{mutation}: {step.lhs} = {right} where {step.where}"
            proof = judge(net, step.lhs, right, step.where, step.assuming)
            match opinion(net, step.lhs, right, where=step.where):
                case None:
                    if proof.proved:
                        meaningless.append(equation)
                case False:
                    assert proof.status is not Status.REFUTED or at_a_kink(proof), equation
                case True:
                    wrong += 1
                    if proof.proved:
                        false.append(equation)
            if proof.status is Status.REFUTED:
                refuted += 1
                assert confirmed(net, step.lhs, right, proof.counterexample, step.where), equation
    assert false == []
    assert meaningless == []
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
        (Derivative(ReLU(z), z), S.Zero, z > 0),
        (Derivative(ReLU(z - 2), z), S.Zero, z > 0),
        (Derivative(ReLU(z - 2), z), S.One, z > 0),
        (Derivative(Max(z, 2), z), S.Zero, z > 0),
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
    assert not judge(CHAIN, left, right, where).proved


def test_a_derivative_that_does_not_exist_at_a_kink_is_answered_by_the_convention() -> None:
    proof = judge(CHAIN, Derivative(ReLU(z), z), Step(z))
    assert proof.proved and proof.scope.derivative
    of_modulus = judge(CHAIN, Derivative(Abs(z), z), sign(z))  # no convention speaks of it
    assert of_modulus.proved and of_modulus.scope.kinks is Kinks.EXCLUDED
    assert judge(CHAIN, Derivative(ReLU(z), z), Step(-z)).status is Status.REFUTED
    # ReLU(z) is 0 on a whole region, which is no kink to be left out.
    assert not judge(CHAIN, Derivative(ReLU(z), z), Step(z) + Step(ReLU(z)) - 1).proved


# -- (c) widths ----------------------------------------------------------------------------


def r1(unit):
    return Quantity("r", 1, unit)


def z1(unit):
    return Quantity("z", 1, unit)


def total(body, *bound, n=n1):
    return Sum(body, *((letter, 1, n) for letter in bound))


r, zj, x = r1(j), z1(j), Quantity("z", 2)
W = Quantity("W", 0, i, j)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (total(r, j) ** 2, total(r1(i) * r, i, j)),
        (x, total(Quantity("W", 1, j) * r, j)),
        (zj, Sum(W * Quantity("r", 0, i), (i, 1, n0))),
        (total(ReLU(zj) + ReLU(-zj), j), total(Abs(zj), j)),
        (total(zj * Step(zj), j), total(r, j)),
        (total(KroneckerDelta(i, j) * r, j), r1(i)),
        (total((r - zj) * (r + zj), j), total(r**2, j) - total(zj**2, j)),
        (Partial(ANY.C, W), Quantity("r", 0, i) * Partial(ANY.C, zj)),
        (Partial(total(r**2, j), r1(i)), 2 * r1(i)),
        (Partial(total(r**2, j), r), 2 * r),
        (exp(zj) * exp(-zj) * x, x),
        (total(x * r, j), x * total(r, j)),
    ],
    ids=str,
)
def test_true_index_equations_are_proved_for_every_width(left, right):
    proof = judge(ANY, left, right)
    assert proof.proved
    assert proof.scope.widths.every


def elementary(degree):
    """degree! e_degree(z): 0 when there are fewer than `degree` units, not always else."""
    p = [None, *(total(zj**power, j) for power in range(1, 4))]
    return {2: p[1] ** 2 - p[2], 3: p[1] ** 3 - 3 * p[1] * p[2] + 2 * p[3]}[degree]


#: False in general; true at width 1 (or 2), or when a unit's number is forgotten.
ONLY_AT_SMALL_WIDTHS = [
    # a term of the sum does not name the bound index
    (total(r + x, j), total(r, j) + x),
    (total(r + x, j), total(r, j) + 2 * x),
    (total(r * (x + 1 / r), j), x * total(r, j) + 1),
    (total(KroneckerDelta(i, j) * r1(i) / r, i, j), S(2)),
    # ... which only the functions hide
    (total(Step(zj) + Step(-zj), j), S.One),
    (total(Step(-zj), j), 1 - total(Step(zj), j)),
    (total(sigmoid(zj) + sigmoid(-zj), j), S.One),
    (total(tanh(zj / 2) - 2 * sigmoid(zj), j), S.NegativeOne),
    (total(tanh(zj) ** 2 + 4 * sigmoid(2 * zj) * sigmoid(-2 * zj), j), S.One),
    (total(exp(zj) * (x + exp(-zj)), j), x * total(exp(zj), j) + 1),
    (total(exp(zj) * sigmoid(-zj) / sigmoid(zj), j), S.One),
    (total(exp(zj) * (1 - tanh(zj / 2)) / (1 + tanh(zj / 2)), j), S.One),
    (total(exp(zj) * (1 + r) / (exp(zj) + exp(zj) * r), j), S.One),
    (total(zj * (exp(softplus(-log(zj))) - 1), j), S.One),
    (total(ReLU(zj + x) - ReLU(-zj - x), j), total(zj, j) + x),
    (total(LeakyReLU(zj + x, a) - (1 - a) * ReLU(zj + x), j), a * (total(zj, j) + x)),
    (total(exp(r * (x + 1) - r * x - r + x), j), exp(x)),
    (total(Step(r * (x + 1) - r * x - r + x), j), Step(x)),
    (total(log(r * (x + 1) - r * x - r + exp(x)), j), log(exp(x))),
    # products of sums
    (total(zj, j) ** 2, total(zj**2, j)),
    (total(z1(i) * zj * z1(l), i, j, l), 3 * total(zj, j) * total(zj**2, j) - 2 * total(zj**3, j)),
    (Mul(total(r, j), total(zj, j)), total(r * zj, j)),
    (Abs(total(zj, j)), total(Abs(zj), j)),
    # numbers as indices
    (total(r, j), r1(1)),
    (total(r, j), r1(1) + r1(2)),
    (r, r1(1)),
    (W, Quantity("W", 0, 1, 1)),
    (W, Quantity("W", 0, i, 1)),
    (Partial(ANY.C, W), Partial(ANY.C, z1(1)) * Quantity("r", 0, i)),
    (z1(1), Quantity("W", 0, 1, 1) * Quantity("r", 0, 1)),
    # deltas between the units of two layers, and coinciding free indices
    (KroneckerDelta(i, j) * W, W),
    (KroneckerDelta(i, l) * z1(i) * z1(l), z1(i) * z1(l)),
    (z1(i) * r1(l), z1(l) * r1(i)),
    (z1(i) * r1(l) * z1(m), z1(i) * r1(l) * z1(i)),
    (Partial(z1(i), z1(l)), S.One),
    (Partial(z1(i), z1(l)), S.Zero),
    # the variable of a derivative and a bound index of the same letter
    (Partial(total(r * x, j), r), total(x * r, j)),
    (Partial(total(r**2, j), r), 2 * total(r, j)),
]


@pytest.mark.parametrize(
    "equation",
    [
        lambda: (elementary(2), S.Zero),
        lambda: (elementary(3), S.Zero),
        lambda: (1 / (1 + elementary(2) ** 2), S.One),
        lambda: (exp(elementary(2)), S.One),
        lambda: (exp(elementary(3)), S.One),
        thorough(lambda: (Max(elementary(3), x), Max(0, x))),
    ],
)
def test_a_symmetric_function_that_vanishes_at_small_widths_is_not_0(equation):
    assert not judge(ANY, *equation()).proved


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (total(zj * (exp(softplus(-log(zj))) - 1), j), n1),
        (total(r * (1 / sigmoid(log(r)) - 1), j), n1),
    ],
    ids=str,
)
def test_a_point_where_a_side_has_no_value_refutes_nothing(left, right):
    assert judge(ANY, left, right).status is not Status.REFUTED


@pytest.mark.parametrize(("left", "right"), sampled(ONLY_AT_SMALL_WIDTHS, every=3), ids=str)
def test_an_equation_of_some_widths_only_is_not_proved(left, right):
    proof = judge(ANY, left, right)
    assert not proof.proved


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (Sum(r, (j, 1, 2)), Sum(r, (j, 1, 3))),
        (Sum(r, (j, 2, 3)), Sum(r, (j, 1, 3))),
        (Sum(r, (j, 1, 5)), Sum(r, (j, 1, 3))),
        (Sum(r1(j), (j, 1, 3)), r1(1) + r1(2)),
        (Quantity("z", 1), z1(1)),
        (Quantity("z", 1, 2), Sum(Quantity("W", 0, i, 1) * Quantity("r", 0, i), (i, 1, 3))),
    ],
    ids=str,
)
def test_a_sum_runs_over_all_units_of_its_own_layer(left, right):
    assert not judge(SQUARE, left, right).proved


def test_sums_over_the_wrong_layer():
    n_2_units = Network(n0, (Layer(n1), Layer(n2)))
    wrong = Sum(Quantity("W", 1, i, j) * Quantity("r", 1, i), (i, 1, n2))
    assert not judge(n_2_units, Quantity("z", 2, j), wrong).proved
    numbers = network(2, 3, 2)
    wrong = Sum(Quantity("W", 1, i, j) * Quantity("r", 1, i), (i, 1, 2))
    assert not judge(numbers, Quantity("z", 2, j), wrong).proved


@pytest.mark.parametrize(
    ("units", "count", "status"),
    [(2, 2, Status.PROVED), (2, 3, Status.REFUTED), (10, 2, None), (10, 10, None)],
)
def test_a_constant_summed_counts_the_units_of_the_network_at_hand(units, count, status):
    """sum_j (r_j + x) = sum_j r_j + n x, for n = 2 and n = 10 units."""
    net = network(3, units, 1)
    proof = judge(net, total(r + x, j, n=Integer(units)), total(r, j, n=Integer(units)) + count * x)
    if units == count:
        assert proof.status is not Status.REFUTED
    else:
        assert not proof.proved
    if status is not None:
        assert proof.status is status
    assert not (proof.proved and proof.scope.widths.every)


def test_outputs_of_a_softmax():
    def p(unit):
        return Quantity("r", 1, unit)

    assert judge(SOFTMAX, Sum(p(j), (j, 1, 3)), S.One).proved
    assert not judge(SOFTMAX, p(1), 1 - p(2)).proved
    assert not judge(SOFTMAX, p(j), p(1)).proved


# -- (d) kinks -----------------------------------------------------------------------------

t = Quantity("z", 1)  # of CHAIN
u = Quantity("y", 2)  # not computed from it


@pytest.mark.parametrize(
    ("left", "right", "kinks"),
    [
        (ReLU(t), t * Step(t), Kinks.EVERY_CONVENTION),
        (ReLU(-t), ReLU(t) - t, Kinks.EVERY_CONVENTION),
        (ReLU(t) - ReLU(-t), t, Kinks.EVERY_CONVENTION),
        (ReLU(t) + ReLU(-t), Abs(t), Kinks.EVERY_CONVENTION),
        (ReLU(2 * t), 2 * ReLU(t), Kinks.EVERY_CONVENTION),
        (ReLU(t, h0) * Step(t, h0), ReLU(t, h0), None),  # value 0 at 0: any of the scopes holds
        (Step(t) ** 2, Step(t), Kinks.AS_STATED),
        (Step(t, 1) ** 3, Step(t, 1), Kinks.AS_STATED),
        (Step(t, h0) ** 2, Step(t, h0), Kinks.IDEMPOTENT),
        (Step(t, HALF) ** 2, Step(t, HALF), Kinks.EXCLUDED),
        (Step(-t), 1 - Step(t), Kinks.EXCLUDED),
        (Step(-t, h0), 1 - Step(t, h0), Kinks.EXCLUDED),
        (Step(t, 0), Step(t, 1), Kinks.EXCLUDED),
        (sign(t), 2 * Step(t) - 1, Kinks.EXCLUDED),
        (Heaviside(t), Step(t), Kinks.EXCLUDED),
        (sign(t) ** 2, S.One, Kinks.EXCLUDED),
        (Step(t) * Step(-t), S.Zero, Kinks.EXCLUDED),
    ],
    ids=str,
)
def test_what_holds_at_kinks(left, right, kinks):
    proof = judge(CHAIN, left, right)
    assert proof.proved
    if kinks is not None:
        assert proof.scope.kinks is kinks


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (Step(-t, HALF), 1 - Step(t, HALF)),
        (sign(t), 2 * Step(t, HALF) - 1),
        (Heaviside(t, HALF), Step(t, HALF)),
    ],
    ids=str,
)
def test_what_holds_for_one_half_does_not_hold_for_every_convention(left, right):
    proof = judge(CHAIN_HALF, left, right)
    assert proof.proved
    assert proof.scope.kinks in (Kinks.AS_STATED, Kinks.EXCLUDED)


def test_the_derivative_of_relu_minus_relu_is_not_1_at_0():
    """ReLU(x) - ReLU(-x) = x everywhere; the formal derivative at 0 is 2 Step(0)."""
    identity = ReLU(t) - ReLU(-t)
    derivative = Partial(identity, t)
    proof = judge(CHAIN, derivative, S.One)
    assert proof.proved
    assert proof.scope.kinks is Kinks.EXCLUDED
    assert judge(CHAIN, Step(t) + Step(-t), S.One).scope.kinks is Kinks.EXCLUDED
    at_zero = Eq(t, 0)
    assert judge(CHAIN, derivative, S.Zero, at_zero).proved
    assert not judge(CHAIN, derivative, S.One, at_zero).proved
    twice = Partial(ReLU(t, h0) - ReLU(-t, h0), t)
    assert judge(CHAIN, twice, 2 * h0, at_zero).proved
    assert not judge(CHAIN, twice, h0, at_zero).proved


@pytest.mark.parametrize(
    ("left", "right"),
    sampled(
        [
            (ReLU(t * u), t * ReLU(u)),
            (ReLU(t * u), ReLU(t) * ReLU(u)),
            (ReLU(t + u), ReLU(t) + ReLU(u)),
            (Step(t * u), Step(t) * Step(u)),
            (Step(ReLU(t), HALF) ** 2, Step(ReLU(t), HALF)),  # 1/4 and 1/2 wherever t < 0
            (ReLU(-t), -ReLU(t)),
            (ReLU(t), ReLU(-t)),
            (ReLU(t), t),
            (Step(t), S.One),
            (Step(-t), Step(t)),
            (Step(2 * t - 1), Step(t)),
            (Step(-2 * t), Step(t)),
            (Abs(t), t),
            (Abs(t), -t),
            (Abs(t + u), Abs(t) + Abs(u)),
            (sign(t), S.One),
            (sign(t) * sign(u), sign(t + u)),
            (Max(t, u), t + u),
            (Max(t, u), Min(t, u)),
            (Max(t, u) * Min(t, u), t + u),
            (Heaviside(t), Heaviside(-t)),
            (LeakyReLU(t, a), a * t),
            (LeakyReLU(t, a), ReLU(t) - a * t),
            (LeakyReLU(t, a), ReLU(t)),
            (LeakyReLU(-t, a), -LeakyReLU(t, a)),
            (LeakyReLU(LeakyReLU(t, a), a), LeakyReLU(t, a)),
            (LeakyReLU(LeakyReLU(t, a), a), LeakyReLU(t, a**2)),  # false for a < 0
            (LeakyReLU(t, a) * LeakyReLU(u, a), LeakyReLU(t * u, a)),
            (exp(t) * exp(u), exp(t * u)),
            (exp(2 * t), 2 * exp(t)),
            (exp(t + u), exp(t) + exp(u)),
            (exp(-t), -exp(t)),
            (log(exp(t) + exp(u)), t + u),
            (log(1 + exp(t)), t),
            (tanh(2 * t), 2 * tanh(t)),
            (tanh(t), sigmoid(2 * t)),
            (tanh(t), 2 * sigmoid(t) - 1),
            (tanh(t + u), tanh(t) + tanh(u)),
            (sigmoid(-t), -sigmoid(t)),
            (sigmoid(t) ** 2, sigmoid(2 * t)),
            (softplus(t), ReLU(t)),
            (softplus(-t), softplus(t)),
            (softplus(-t), softplus(t) + t),
            (1 / (1 / t + 1 / u), t + u),
            (t / u, u / t),
            (Step(t * (u + 1) - t * u - t, HALF), S.One),
            (Step(t * (u + 1) - t * u - t, HALF) ** 2, Step(t * (u + 1) - t * u - t, HALF)),
            (sign(t * (u + 1) - t * u - t) ** 2, S.One),
            (1 / (Step(t) - Step(t) ** 2), 1 / (Step(t) - Step(t) ** 3)),  # both are 1/0
            (Quantity("C", 2), Quantity("U", 2) ** 2),
            (Partial(CHAIN.C, Quantity("U", 2)), -Quantity("U", 2)),
            (Partial(CHAIN.C, Quantity("y", 2)), Quantity("U", 2) * Step(t)),
            (Partial(Quantity("r", 2), Quantity("r", 1)), Quantity("W", 1)),
        ],
        every=3,
    ),
    ids=str,
)
def test_wrong_equations_between_functions_are_not_proved(left, right):
    assert not judge(CHAIN, left, right).proved


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (Max(t, u), u + ReLU(t - u)),
        (Max(t, u) + Min(t, u), t + u),
        (Max(t, u) - Min(t, u), Abs(t - u)),
        (Abs(t) ** 2, t**2),
        (LeakyReLU(t, a), a * t + (1 - a) * ReLU(t)),
        (LeakyReLU(t, a), ReLU(t) - a * ReLU(-t)),
        (tanh(t), 2 * sigmoid(2 * t) - 1),
        (tanh(t), (exp(t) - exp(-t)) / (exp(t) + exp(-t))),
        (sigmoid(t) + sigmoid(-t), S.One),
        (softplus(t) - softplus(-t), t),
        (softplus(t), log(1 + exp(t))),
        (exp(2 * t), exp(t) ** 2),
        (exp(t * (u + 1) - t * u - t), S.One),
        (Quantity("C", 2), Quantity("U", 2) ** 2 / 2),
        (Partial(CHAIN.C, Quantity("y", 2)), Quantity("U", 2)),
        (Partial(Quantity("r", 2), Quantity("r", 1)), Quantity("W", 1) * Step(Quantity("z", 2))),
    ],
    ids=str,
)
def test_right_equations_between_functions_are_proved(left, right):
    assert judge(CHAIN, left, right).proved


@pytest.mark.parametrize(
    ("left", "right", "nonzero"),
    [
        (1 / (1 / t + 1 / u), t * u / (t + u), (t, u, t + u)),
        ((t**2 - 1) / (t - 1), t + 1, (t - 1,)),
        (1 / t - 1 / u, (u - t) / (t * u), (t, u)),
        (1 / (1 + exp(t)), sigmoid(-t), ()),
    ],
    ids=str,
)
def test_denominators_are_part_of_the_scope(left, right, nonzero):
    proof = judge(CHAIN, left, right)
    assert proof.proved
    excluded = proof.scope.nonzero
    assert [n for n in nonzero if not any(_vanishes_with(e, n) for e in excluded)] == []
    assert nonzero or not excluded


def _vanishes_with(found, needed):
    """Whether excluding the zeros of `found` excludes those of `needed`."""
    (variable, *_) = sorted(needed.free_symbols & {t, u}, key=str)
    at_zero = {variable: variable - needed / needed.diff(variable)}
    return found.xreplace(at_zero).expand() == 0


# -- (e) regions ---------------------------------------------------------------------------

s = Quantity("z", 2)  # W1 ReLU(t)
r_out, w0, w1, x_in, y_out = (
    Quantity(*place) for place in (("r", 2), ("W", 0), ("W", 1), ("r", 0), ("y", 2))
)
ACTIVE = And(t > 0, s > 0)

REGIONS = [
    (ReLU(t), t, t > 0),
    (ReLU(t), t, t >= 0),
    (ReLU(t), S.Zero, t < 0),
    (ReLU(t), S.Zero, t <= 0),
    (Step(t), S.One, t > 0),
    (Step(t), S.Zero, t < 0),
    (Step(t), S.Zero, t <= 0),  # Step(0) = 0
    (Step(t) ** 2, Step(t), Ne(t, 0)),
    (Step(-t), 1 - Step(t), Ne(t, 0)),
    (LeakyReLU(t, a), a * t, t < 0),
    (ReLU(t), t, s > 0),
    (Step(t), S.One, Or(t > 0, s > 0)),
    (r_out, w1 * w0 * x_in, ACTIVE),
    (Partial(CHAIN.C, w0), (w1 * w0 * x_in - y_out) * w1 * x_in, ACTIVE),
    (Partial(CHAIN.C, w0), S.Zero, t < 0),
    (Partial(CHAIN.C, w0), S.Zero, Or(t < 0, s < 0)),
    (Partial(CHAIN.C, w1), (r_out - y_out) * w0 * x_in, ACTIVE),
    (ReLU(t), Piecewise((t, t > 0), (0, True)), S.true),
    (Step(t), Piecewise((1, t > 0), (0, True)), S.true),
    (Abs(t), Piecewise((t, t > 0), (-t, True)), S.true),
]


@pytest.mark.parametrize(("left", "right", "where"), REGIONS, ids=str)
def test_right_under_a_condition(left, right, where):
    proof = judge(CHAIN, left, right, where)
    assert proof.proved
    assert proof.scope.where == where
    assert not really_differ(CHAIN, left, right, where) or where.has(Eq)


@pytest.mark.parametrize(
    ("left", "right"), [row[:2] for row in REGIONS if row[2] != S.true], ids=str
)
def test_wrong_without_the_condition(left, right):
    proof = judge(CHAIN, left, right)
    if proof.proved:  # Step^2 = Step and Step(-z) = 1 - Step(z) fail at most at kinks
        assert proof.scope.kinks in (Kinks.AS_STATED, Kinks.EXCLUDED)
        assert not really_differ(CHAIN, left, right)
    elif proof.status is Status.REFUTED:
        assert confirmed(CHAIN, left, right, proof.counterexample)


@pytest.mark.parametrize(
    ("left", "right", "where"),
    [
        (ReLU(t), t, t < 0),
        (ReLU(t), t, Ne(t, 0)),
        (ReLU(t), S.Zero, t >= 0),
        (Step(t), S.One, t >= 0),
        (Step(t), S.Zero, Or(And(t > -1, t < 1), t < 0)),
        (Step(t), S.Zero, And(t > -1, t < 1)),
        (Step(t), S.Zero, Or(And(Eq(t, 1), t > 0), t < 0)),
        (Step(s), S.One, Or(And(t > 0, s < 0), s > 0)),
        (Step(t), S.One, Or(t > 0, y_out > 0)),
        (ReLU(t), t, y_out > 0),
        (Step(t), S.One, t > -1),
        (Step(t), S.One, t < 1),
        (r_out, w1 * w0 * x_in, And(t > 0, w1 > -1)),
        (r_out, w1 * w0 * x_in, x_in > 0),
        (Partial(CHAIN.C, w0), S.Zero, Or(t < 0, s > 0)),
        (ReLU(t), Piecewise((t, t > 1), (0, True)), S.true),
        (ReLU(t), Piecewise((t, t > -1), (0, True)), S.true),
        (Step(t), Piecewise((1, t > 0), (HALF, Eq(t, 0)), (0, True)), S.true),
        (Partial(CHAIN.C, w0), Partial(CHAIN.C, w1), t > 0),
    ],
    ids=str,
)
def test_wrong_under_a_condition(left, right, where):
    proof = judge(CHAIN, left, right, where)
    assert not proof.proved
    if proof.status is Status.REFUTED:
        assert confirmed(CHAIN, left, right, proof.counterexample, where)


def test_a_condition_on_one_unit_says_nothing_of_the_others():
    positive = zj > 0
    assert judge(ANY, Step(zj) * x, x, positive).proved
    summed = total(Step(zj) * zj, j)
    assert not judge(ANY, Step(zj) * summed, total(zj, j), positive).proved
    assert not judge(ANY, x, total(Quantity("W", 1, j) * zj, j), z1(i) > 0).proved
    assert not judge(ANY, r1(l), z1(l), positive).proved


def test_a_piecewise_that_leaves_cases_out_is_stated_for_the_others_only():
    proof = judge(CHAIN, ReLU(t), Piecewise((t, t > 0)))
    assert not proof.proved or proof.scope.where == (t > 0)


# -- assumptions ---------------------------------------------------------------------------

ONE = (Equation(Sum(Quantity("y", 1, m), (m, 1, 3)), S.One),)
p, y = Quantity("r", 1, j), Quantity("y", 1, j)
sum_y = Sum(y, (j, 1, 3))


def test_softmax_with_targets_that_sum_to_one():
    gradient = Partial(SOFTMAX.C, Quantity("z", 1, j))
    proof = judge(SOFTMAX, gradient, p - y, assuming=ONE)
    assert proof.proved
    assert proof.scope.assuming == ONE
    assert judge(SOFTMAX, gradient, p * sum_y - y).proved
    assert not judge(SOFTMAX, gradient, p - y).proved


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (y**2, y),
        (Sum(y**2, (j, 1, 3)), S.One),
        (sum_y, S(2)),
        (Partial(SOFTMAX.C, Quantity("z", 1, j)), y - p),
        (Partial(SOFTMAX.C, Quantity("z", 1, j)), p * y - y),
        (Partial(SOFTMAX.C, Quantity("z", 1, j)), S.Zero),
        (y, p),
        (y, Rational(1, 3)),
    ],
    ids=str,
)
def test_the_assumption_proves_nothing_else(left, right):
    assert not judge(SOFTMAX, left, right, assuming=ONE).proved


@pytest.mark.parametrize(("left", "right"), [(sum_y**2, S.One), (sum_y**2, sum_y)], ids=str)
@pytest.mark.parametrize(
    "net",
    [SOFTMAX, network(2, 3), network(2, 3, cost="mean_squared_error")],
    ids=["ce", "se", "mse"],
)
def test_nothing_true_under_an_assumption_is_refuted(net, left, right):
    assert judge(net, left, right, assuming=ONE).status is not Status.REFUTED


@pytest.mark.parametrize("quantity", [x_in, y_out, w0], ids=str)
def test_an_assumption_of_a_value_is_kept_by_counterexamples(quantity):
    assumed = (Equation(quantity, S(7)),)
    assert judge(CHAIN, quantity, S(7), assuming=assumed).status is not Status.REFUTED


# -- a generic layer and what else a derivation may meet -----------------------------------


def test_a_generic_layer():
    k = GENERIC.first
    w, zz, rr = Quantity("W", k, i, j), Quantity("z", k + 1, j), Quantity("r", k + 1, j)
    by_z, by_r = Partial(GENERIC.C, zz), Partial(GENERIC.C, rr)
    back = Sum(w * by_z, (j, 1, n1))
    assert judge(GENERIC, by_z, by_r * Step(zz)).proved
    assert judge(GENERIC, Partial(GENERIC.C, w), by_z * Quantity("r", k, i)).proved
    assert judge(GENERIC, Partial(GENERIC.C, Quantity("r", k, i)), back).proved
    for wrong in (by_r, by_z * Quantity("r", k, i), by_r * Step(zz) ** 2 * 2):
        proof = judge(GENERIC, by_z, wrong)
        assert not proof.proved
    proof = judge(GENERIC, by_z, by_r)
    assert proof.status is Status.REFUTED
    assert differ(proof.counterexample.left, proof.counterexample.right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (Partial(Partial(CHAIN.C, w1), w1), Quantity("r", 1) ** 2 * Step(s) ** 2),
        (Partial(Partial(CHAIN.C, r_out), r_out), S.One),
        (Partial(Partial(CHAIN.C, r_out) * r_out, r_out), 2 * r_out - y_out),
        (Derivative(z**3, (z, 2)), 6 * z),
        (Derivative(2 * ReLU(z), z), 2 * Step(z)),
        (Sum(S.Zero, (j, 1, n1)), S.Zero),
    ],
    ids=str,
)
def test_true_equations_are_answered_and_not_refuted(left, right):
    assert judge(ANY if left.has(n1) else CHAIN, left, right).status is not Status.REFUTED


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (Partial(Partial(CHAIN.C, w1), w1), S.Zero),
        (Partial(Partial(CHAIN.C, w1), w1), Quantity("r", 1) ** 2 * Step(s) * 2),
        (Partial(Partial(CHAIN.C, r_out), r_out), S.Zero),
        (Partial(Partial(CHAIN.C, r_out) * r_out, r_out), r_out - y_out),
        (Derivative(z**3, (z, 2)), 3 * z),
        (Derivative(2 * ReLU(z), z), Step(z)),
        (Quantity("z", 5), S.Zero),
        (Quantity("C", 1), Quantity("C", 2)),
    ],
    ids=str,
)
def test_false_or_meaningless_equations_are_answered_and_not_proved(left, right):
    assert not judge(CHAIN, left, right).proved


def test_functions_of_sums_can_be_written():
    """Once SymPy asked a Quantity for a name that it did not have."""
    summed = total(r, j)
    assert Step(1 + summed**3 - 3 * summed * total(r**2, j)).has(Sum)


def test_an_unspecified_cost_is_not_constant():
    layer = Network(S.One, (Layer(S.One),), cost=None)
    z = layer.quantity("z", 1)
    doubled = Partial(2 * layer.C, z)
    assert judge(layer, doubled, 2 * Partial(layer.C, z)).proved
    assert judge(layer, doubled, S.Zero).status is Status.REFUTED
