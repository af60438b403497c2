"""The laws: the chain rule and linearity on random expressions, and `confirm`."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sympy import Add, Integer, Mul, Rational, S, Sum, Symbol, exp, symbols, tanh

from derive.algebra.functions import LeakyReLU, ReLU, Step, sigmoid, softplus
from derive.algebra.indices import index
from derive.algebra.quantities import Partial, Quantity
from derive.deriving import laws
from derive.deriving.first_order import backpropagate
from derive.deriving.laws import algebra, calculus
from derive.meaning.derivation import Equation
from derive.meaning.valuation import Valuation
from derive.model.activations import Activation
from derive.model.costs import Cost
from derive.model.network import Layer, Network
from tests.sweeps import sweep

i, j, l, m = (index(letter) for letter in "ijlm")  # noqa: E741 -- as documents do
n0, n1, n2 = symbols("n_0 n_1 n_2", integer=True, positive=True)
FAST = settings(max_examples=80, deadline=None)

CHAIN = Network(1, (Layer(1), Layer(1)))
U, V = Quantity("W", 0), Quantity("W", 1)
x, y = Quantity("r", 0), Quantity("y", 2)

NETWORKS = {
    "chain": CHAIN,
    "chain with biases": Network(1, (Layer(1, bias=True), Layer(1, bias=True))),
    "2-3-2": Network(2, (Layer(3), Layer(2)), cost=Cost("mean_squared_error")),
    "any widths": Network(n0, (Layer(n1, bias=True), Layer(n2)), step_at_zero=Symbol("h_0")),
    "softmax": Network(
        2,
        (Layer(3, Activation("tanh"), True), Layer(3, Activation("softmax"))),
        cost=Cost("cross_entropy"),
    ),
    "sigmoid": Network(
        2,
        (Layer(2, Activation("leaky_relu", Rational(1, 10))), Layer(2, Activation("sigmoid"))),
        cost=Cost("binary_cross_entropy"),
    ),
    "softplus, identity": Network(
        n0, (Layer(2, Activation("softplus")), Layer(2, Activation("identity")))
    ),
}

# -- differentiate -------------------------------------------------------------------------

FUNCTIONS = (
    lambda t: ReLU(t),
    lambda t: LeakyReLU(t, Rational(1, 10)),
    sigmoid,
    softplus,
    tanh,
    lambda t: exp(t / 8),
)


@st.composite
def compositions(draw, depth=3):
    """Small expressions in the unrelated quantities U, V, x and y."""
    if depth == 0 or draw(st.integers(0, 4)) == 0:
        return draw(st.sampled_from([U, V, x, y, Rational(1, 2), S(2)]))
    below = compositions(depth=depth - 1)
    match draw(st.sampled_from(["plus", "times", "square", "function", "function"])):
        case "plus":
            return Add(draw(below), draw(below))
        case "times":
            return Mul(draw(below), draw(below))
        case "square":
            return draw(below) ** 2
        case _:
            return draw(st.sampled_from(FUNCTIONS))(draw(below))


#: Unlikely arguments, so that no sum or product of a few of them is at a kink.
values = st.tuples(*(st.integers(-60, 60) for _ in range(4))).map(
    lambda numbers: {
        q: Rational(7 * number + 3, 97 + 2 * place)
        for place, (q, number) in enumerate(zip((U, V, x, y), numbers, strict=True))
    }
)


def derivative(expression, variable):
    if isinstance(expression, Quantity):  # `differentiate` is for formulas
        return S(int(expression == variable))
    return calculus.differentiate(CHAIN, Partial(expression, variable))


def at(expression, point):
    return expression.xreplace(point).evalf(60)


def close(first, second, digits=12):
    return abs(first - second) <= (2 + abs(first) + abs(second)) / 10**digits


@FAST
@given(compositions(), values, st.sampled_from([U, V, x, y]))
def test_differentiate_against_central_differences(expression, point, variable):
    step = Rational(1, 10**15)
    up, down = (at(expression, {**point, variable: point[variable] + s}) for s in (step, -step))
    middle = at(expression, point)
    # At a kink the two one-sided differences disagree; such a point says nothing.
    if not close((up - middle) / step, (middle - down) / step, digits=6):
        return
    slope = at(derivative(expression, variable), point)
    assert close(slope, (up - down) / (2 * step))


@FAST
@given(compositions(), compositions(), st.integers(-4, 4), values, st.sampled_from([U, V, x]))
def test_linearity(f, g, c, point, variable):
    """d(f + c g) = df + c dg."""
    left = at(derivative(f + c * g, variable), point)
    right = at(derivative(f, variable), point) + c * at(derivative(g, variable), point)
    assert close(left, right)


@FAST
@given(compositions(), compositions(), values)
def test_product_rule(f, g, point):
    """d(f g) = df g + f dg."""
    left = at(derivative(f * g, U), point)
    right = at(derivative(f, U) * g + f * derivative(g, U), point)
    assert close(left, right)


@FAST
@given(compositions(), compositions(), values)
def test_chain_rule_of_a_composition(f, g, point):
    """d f(g(U)) = f'(g) dg, with f a function of x alone."""
    outer = f.xreplace({U: y, V: y})
    left = at(derivative(outer.xreplace({x: g}), U), point)
    outer_slope = derivative(outer, x)
    if g.has(x) or g.has(y) or outer.has(y):
        return
    right = at(outer_slope.xreplace({x: g}) * derivative(g, U), point)
    assert close(left, right)


@pytest.mark.parametrize(
    ("expression", "variable", "expected"),
    [
        (U**2, U, 2 * U),
        (U * x + V, U, x),
        (ReLU(U * x), U, x * Step(U * x)),
        (sigmoid(U), U, sigmoid(U) * (1 - sigmoid(U))),
        (S(3), U, S.Zero),
        (V * x, U, S.Zero),
    ],
    ids=str,
)
def test_differentiate_by_hand(expression, variable, expected):
    assert (derivative(expression, variable) - expected).expand() == 0


def test_differentiating_a_sum_leaves_one_term():
    z = Quantity("z", 1, i)
    body = Sum(Quantity("W", 0, i, j) * Quantity("r", 0, i), (i, 1, n0))
    net = NETWORKS["any widths"]
    assert calculus.differentiate(net, Partial(body, Quantity("W", 0, l, j))) == (
        Quantity("r", 0, l)
    )
    assert calculus.differentiate(net, Partial(z, Quantity("W", 0, l, j))) == (
        Partial(z, Quantity("W", 0, l, j))  # of a quantity: not a formula yet
    )


# -- the chain rule of a network -----------------------------------------------------------

WIDTHS = {0: 2, 1: 3, 2: 2}


def valuation(network, seed):
    widths = {
        layer: int(network.width(layer)) if network.width(layer).is_Integer else WIDTHS[int(layer)]
        for layer in network.layer_numbers
        if network.has_index(layer)
    }
    shape = Valuation(network, widths, {})
    groups = [("r", network.first), *network.parameter_groups, ("y", network.last)]
    entries = [entry for kind, layer in groups for entry in shape.entries(kind, layer)]
    given = {e: Rational((seed * 7919 + 31 * n) % 41 - 20, 13) for n, e in enumerate(entries)}
    if network.cost.output:
        given |= {e: Rational(1, 3) for e in shape.entries("y", network.last)}
    return Valuation(network, widths, given)


def variables(network):
    for number in network.layer_numbers[1:]:
        yield network.quantity("z", number, j)
        yield network.quantity("r", number, j)
        yield network.quantity("W", number - 1, i, j)
        if network.layer(number).bias:
            yield network.quantity("b", number - 1, j)


@pytest.mark.parametrize("name", sweep(NETWORKS, set(NETWORKS) - {"softmax"}))
def test_each_law_keeps_the_value(name):
    """dC/dv = sum of products of derivatives = the same with definitions put in."""
    network = NETWORKS[name]
    for seed, variable in enumerate(variables(network)):
        here = valuation(network, seed)
        free = dict.fromkeys(variable.free_symbols & {i, j}, Integer(2))
        expression = Partial(network.C, variable)
        expected = here(expression, free)
        for law in ("chain rule", "insert the definition", "differentiate", "output form"):
            expression = laws.RULES[law](network, expression, ())
            value = here(expression, free)
            assert abs((value - expected).evalf(40, subs={Symbol("h_0"): HALF})) < TINY
            if variable == network.quantity("r", network.last, j):
                break


HALF, TINY = Rational(1, 2), Rational(1, 10**25)


# -- inserting, simplifying ----------------------------------------------------------------


def r(unit):
    return Quantity("r", 1, unit)


def z(unit):
    return Quantity("z", 1, unit)


NET = NETWORKS["any widths"]
c = Symbol("c", real=True)


@pytest.mark.parametrize(
    ("expression", "equation", "expected"),
    [
        (r(i), Equation(r(j), z(j) ** 2), z(i) ** 2),
        (r(i) * r(l), Equation(r(j), z(j)), z(i) * z(l)),
        (r(i), Equation(r(1), z(1)), r(i)),
        (r(1), Equation(r(j), z(j)), z(1)),
        (Sum(r(i), (i, 1, n1)), Equation(r(j), z(j) * c), Sum(c * z(i), (i, 1, n1))),
        (Partial(r(i), z(l)), Equation(Partial(r(j), z(m)), z(j) * r(m)), z(i) * r(l)),
    ],
    ids=str,
)
def test_insert(expression, equation, expected):
    assert algebra.insert(NET, expression, (equation,)) == expected


def test_insert_does_not_capture():
    """r_i with r_j = z_j sum_i z_i becomes z_i sum_l z_l."""
    equation = Equation(r(j), z(j) * Sum(r(i) * z(i), (i, 1, n1)))
    result = algebra.insert(NET, r(i), (equation,))
    here = valuation(NET, 5)
    for unit in (1, 2, 3):
        units = sum(here(r(k) * z(k)) for k in (1, 2, 3))
        assert here(result, {i: Integer(unit)}) == here(z(unit)) * units


def test_insert_where_a_letter_is_both_free_and_bound_in_the_equation():
    """r_i = z_i sum_i r_i: the i outside the sum is free, the i inside is not."""
    equation = Equation(r(i), z(i) * Sum(r(i) * z(i), (i, 1, n1)))
    result = algebra.insert(NET, Sum(r(i) * r(l), (i, 1, n1)), (equation,))
    here = valuation(NET, 6)
    free = {l: Integer(2)}
    inner = sum(here(r(k) * z(k)) for k in (1, 2, 3))
    assert here(result, free) == sum(here(z(k)) for k in (1, 2, 3)) * here(z(2)) * inner**2


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (algebra.product(Rational(1, 2), 2 * r(i) - 2 * z(i)), r(i) - z(i)),
        ((r(i) ** 2 - z(i) ** 2) / (r(i) - z(i)), r(i) + z(i)),
        (Sum(c * r(i) * (c - z(i)), (i, 1, n1)), Sum(c**2 * r(i) - c * r(i) * z(i), (i, 1, n1))),
        (Sum(c * r(i) * z(i), (i, 1, n1)), c * Sum(r(i) * z(i), (i, 1, n1))),
    ],
    ids=str,
)  # fmt: skip
def test_simplify(expression, expected):
    assert (algebra.simplify(NET, expression) - expected).expand() == 0


def test_an_assumption_is_used_only_where_it_is_met():
    ones = Equation(Sum(z(i), (i, 1, n1)), S.One)
    assert algebra.use_assumption(NET, c * Sum(z(l), (l, 1, n1)), (ones,)) == c
    other = Sum(r(l), (l, 1, n1))
    assert algebra.use_assumption(NET, other, (ones,)) == other
    part = Sum(z(l), (l, 1, n0))
    assert algebra.use_assumption(NET, part, (ones,)) == part


@pytest.mark.parametrize(
    ("law", "expression"),
    [
        (calculus.definition, x),
        (calculus.definition, x + 1),
        (calculus.name_the_difference, x),
        (calculus.insert_cost, Partial(CHAIN.C, Quantity("z", 1))),
        (calculus.chain_rule, U),
        (calculus.chain_rule, Partial(CHAIN.C, CHAIN.C)),
        (calculus.differentiate_term_by_term, U),
    ],
)
def test_a_law_refuses_what_it_is_not_about(law, expression):
    with pytest.raises(ValueError, match=r"not|nothing"):
        law(CHAIN, expression)


# -- confirm -------------------------------------------------------------------------------


def engine_steps(network):
    for group in backpropagate(network).groups:
        for step in group.steps:
            yield group.network, step


@pytest.mark.parametrize("name", sweep(NETWORKS, set(NETWORKS) - {"softmax"}))
def test_confirm_accepts_every_step_of_the_engine(name):
    steps = list(engine_steps(NETWORKS[name]))
    assert len(steps) > 20
    assert [step for net, step in steps if not laws.confirm(net, step)] == []


@pytest.mark.parametrize("name", sweep(NETWORKS, ["chain", "2-3-2", "any widths"]))
def test_confirm_refuses_altered_steps(name):
    accepted = []
    for network, step in engine_steps(NETWORKS[name]):
        altered = [
            replace(step, rhs=2 * step.rhs),
            replace(step, rhs=-step.rhs),
            replace(step, rhs=step.rhs + x),
            replace(step, rhs=step.lhs),
            replace(step, rule="claimed"),
            replace(step, rule="no such law"),
        ]
        if not step.rhs.has(Partial):
            altered += [
                replace(step, rhs=step.rhs.xreplace({q: 2 * q})) for q in step.rhs.atoms(Quantity)
            ]
        altered = [bad for bad in altered if (bad.rhs, bad.rule) != (step.rhs, step.rule)]
        accepted += [bad for bad in altered if laws.confirm(network, bad)]
    assert accepted == []


def test_confirm_needs_the_equations_that_a_step_was_given():
    without = [
        step
        for network, step in engine_steps(CHAIN)
        if step.given and laws.confirm(network, replace(step, given=()))
    ]
    assert without == []


def test_every_law_that_the_engine_uses_is_named():
    used = {step.rule for net in NETWORKS.values() for _, step in engine_steps(net)}
    assert used <= set(laws.RULES)
    assert {"definition", "chain rule", "differentiate", "insert"} <= used
