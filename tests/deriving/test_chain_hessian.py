"""The Hessian of a chain as a whole, against SymPy's hessian of the cost of all units active."""

from functools import cache

import pytest
from mpmath import eigsy
from sympy import (
    Matrix,
    Mul,
    Rational,
    S,
    Symbol,
    exp,
    hessian,
    log,
    simplify,
    sqrt,
    symbols,
    tanh,
)

from derive import read_network
from derive.algebra.quantities import Partial, Quantity
from derive.deriving.second_order import second_order
from derive.deriving.verifying import verify
from derive.evaluating.evaluate import evaluate
from derive.meaning.derivation import Derivation
from derive.meaning.valuation import Valuation
from tests.sweeps import sweep

CHAINS = ["1-1", "1-1-1", "1-1-1-1"]


#: Where all units are active, these are the same product of weights; `identity` is at the output.
ACTIVE = {
    "relu": {},
    "leaky": {"activation": "leaky_relu", "slope": "1/10"},
    "identity": {"output_activation": "identity"},
}
#: One layer with the identity has no unit that could be off.
PRODUCTS = sweep(
    [(name, kind) for name in CHAINS for kind in ACTIVE if (name, kind) != (CHAINS[0], "identity")],
    [*((name, "relu") for name in CHAINS), (CHAINS[1], "leaky"), (CHAINS[1], "identity")],
)


@cache
def groups_of(name, kind="relu"):
    network = read_network(name, **ACTIVE[kind])
    return network, {group.title: group for group in second_order(network).groups}


def as_symbols(network, expression):
    """An expression in plain symbols w0, w1, ..., x and y."""
    names = {Quantity("r", network.first): Symbol("x"), Quantity("y", network.last): Symbol("y")}
    for source in network.layer_numbers[:-1]:
        names[Quantity("W", source)] = Symbol(f"w{source}")
    return expression.xreplace(names)


def independent(depth):
    """The weights, and the cost where all units are active."""
    weights = symbols(f"w0:{depth}")
    x, y = symbols("x y")
    return weights, (x * Mul(*weights) - y) ** 2 / 2


@pytest.mark.parametrize(("name", "kind"), PRODUCTS)
def test_the_closed_forms_are_those_of_sympy(name, kind):
    network, groups = groups_of(name, kind)
    weights, cost = independent(network.depth)
    expected = hessian(cost, weights)
    for chain in groups["all_active"].chains:
        first, second = (Symbol(f"w{by.layer}") for by in chain[0].lhs.unnested[1])
        entry = expected[weights.index(first), weights.index(second)]
        for line in chain:
            assert simplify(as_symbols(network, line.rhs) - entry) == 0
    if "determinant" in groups:
        matrix, last = groups["determinant"].about["hessian"], groups["determinant"].steps[-1].rhs
        assert simplify(as_symbols(network, Matrix(matrix)) - expected).is_zero_matrix
        assert simplify(as_symbols(network, last) - expected.det()) == 0


@pytest.mark.parametrize(("name", "kind"), PRODUCTS)
def test_newtons_step_solves_newtons_equation(name, kind):
    network, groups = groups_of(name, kind)
    weights, cost = independent(network.depth)
    about = groups["newton"].about
    step = as_symbols(network, Matrix(about["step"])) * as_symbols(network, about["scale"])
    gradient = Matrix([cost.diff(w) for w in weights])
    assert simplify(hessian(cost, weights) * step + gradient).is_zero_matrix


@pytest.mark.parametrize("activation", ["relu", "sigmoid", "leaky_relu"])
@pytest.mark.parametrize("name", CHAINS[1:])
def test_resolved_entries_have_the_values_of_evaluate(name, activation):
    slope = {"slope": "1/3"} if activation == "leaky_relu" else {}
    network = read_network(name, activation=activation, **slope)
    groups = {group.title: group for group in second_order(network).groups}
    point = {"x": [2], "y": [3], "W0": [[Rational(1, 2)]], "W1": [[-1]], "W2": [[-2]]}
    point = {k: v for k, v in point.items() if k in ("x", "y") or int(k[1:]) < network.depth}
    found = evaluate(network, point, 2)
    widths = dict.fromkeys(network.layer_numbers, 1)
    given = {Quantity("W", n): point[f"W{n}"][0][0] for n in network.layer_numbers[:-1]}
    given |= {Quantity("r", network.first): 2, Quantity("y", network.last): 3}
    valuation = Valuation(network, widths, {k: Rational(v) for k, v in given.items()})
    for chain in groups["resolved_blocks"].chains:
        assert not chain[-1].rhs.has(Partial)
        first, second = (int(by.layer) for by in chain[0].lhs.unnested[1])
        ours = valuation(chain[-1].rhs, {})
        assert float(ours) == pytest.approx(float(found.hessian[first][second]), abs=1e-12)


@pytest.mark.parametrize("name", sweep(CHAINS, CHAINS[:1]))
def test_every_line_is_proved(name):
    network, _ = groups_of(name)
    assert all(marks.proved for marks in verify(second_order(network)))


def test_other_networks_have_none_of_it():
    for name in ("2-1", "1-1-1-1-1"):
        titles = {group.title for group in second_order(read_network(name)).groups}
        assert not titles & {
            "resolved_blocks",
            "active_gradient",
            "determinant",
            "newton",
            "eigenvalues",
        }


def sigmoid(z):
    return 1 / (1 + exp(-z))


#: Chains without a kink: their options, and their activations by hand.
SMOOTH = [
    ("1-1-1", {"activation": "tanh", "output_activation": "identity"}, (tanh, lambda z: z)),
    ("1-1-1", {"activation": "sigmoid"}, (sigmoid, sigmoid)),
    ("1-1-1", {"activation": "softplus"}, (lambda z: log(1 + exp(z)),) * 2),
    ("1-1-1-1", {"activation": "tanh", "output_activation": "identity"},
     (tanh, tanh, lambda z: z)),
    ("1-1-1-1", {"activation": "sigmoid"}, (sigmoid, sigmoid, sigmoid)),
]  # fmt: skip


@cache
def smooth_groups(number):
    name, options, _ = SMOOTH[number]
    network = read_network(name, **options)
    return network, {group.title: group for group in second_order(network).groups}


def smooth_cost(activations):
    weights = symbols(f"w0:{len(activations)}")
    x, y = symbols("x y")
    outputs, sums = [x], [x]
    for weight, activation in zip(weights, activations, strict=True):
        sums.append(weight * outputs[-1])
        outputs.append(activation(sums[-1]))
    names = {Quantity("r", n): output for n, output in enumerate(outputs)}
    names |= {Quantity("z", n): sums[n] for n in range(1, len(sums))}
    return weights, names, (outputs[-1] - y) ** 2 / 2


#: Numbers for the weights, the input and the target.
NUMBERS = dict(
    zip(
        symbols("w0:3 x y"),
        (Rational(1, 2), Rational(-3, 4), Rational(5, 3), Rational(2, 3), Rational(1, 5)),
        strict=True,
    )
)


def derivatives_by_hand(network, weights, cost, at=None):
    """The derivatives of a chain's cost by the weights, by SymPy, at a point."""
    by = {weight: Quantity("W", n) for n, weight in enumerate(weights)}
    found = {}
    for one, name in by.items():
        slope = cost.diff(one)
        found[Partial(network.C, name)] = slope
        for other, second in by.items():
            found[Partial(Partial(network.C, name), second)] = slope.diff(other)
    return {key: value.subs(at or NUMBERS).evalf(30) for key, value in found.items()}


@pytest.mark.parametrize("number", sweep(range(len(SMOOTH)), (0, 1)))
def test_the_determinant_of_a_smooth_chain_is_that_of_sympy(number):
    network, groups = smooth_groups(number)
    weights, names, cost = smooth_cost(SMOOTH[number][2])
    group = groups["smooth_determinant" if number < 4 else "named_curvature"]
    expected = hessian(cost, weights).subs(NUMBERS).evalf(30).det()
    values = derivatives_by_hand(network, weights, cost)
    for line in [*group.chains][-1]:
        found = as_symbols(network, line.rhs.xreplace(values).xreplace(names))
        assert abs(found.rewrite(exp).subs(NUMBERS).evalf(30) - expected) < 1e-20
    assert all(mark.proved for mark in verify(Derivation((group, groups["stationary"]))))
    assert number == 4 or group.about["power"] == network.depth - 1


def zeros_of(name, **options):
    network = read_network(name, **options)
    groups = {group.title: group for group in second_order(network).groups}
    return [{str(one) for one in chosen} for chosen in groups["stationary"].about["zeros"]]


@pytest.mark.parametrize("number", sweep(range(len(SMOOTH)), (0, 1)))
def test_newtons_step_of_a_smooth_chain_solves_the_equation_of_sympy(number):
    network, groups = smooth_groups(number)
    weights, names, cost = smooth_cost(SMOOTH[number][2])
    named = number in (2, 4)  # in weights more than a page is wide, for each entry
    assert named == ("named_curvature" in groups) == ("smooth_newton" not in groups)
    group = groups["named_curvature" if named else "smooth_newton"]
    assert group.steps and all(mark.proved for mark in verify(Derivation((group,))))
    if number == 4:
        return  # by Cramer's rule, in words
    values = derivatives_by_hand(network, weights, cost)
    step = (group.about["scale"] * Matrix(group.about["step"])).xreplace(values)
    step = as_symbols(network, step.xreplace(names)).applyfunc(lambda one: one.rewrite(exp))
    gradient = Matrix([cost.diff(weight) for weight in weights])
    left = hessian(cost, weights).subs(NUMBERS).evalf(30) * step.subs(NUMBERS).evalf(30)
    residual = left + gradient.subs(NUMBERS).evalf(30)
    assert all(abs(one) < 1e-20 for one in residual)


def test_stationary_points_are_where_a_factor_of_each_entry_is_zero():
    assert zeros_of("1-1-1", activation="sigmoid") == [{"r2 - y"}]
    assert zeros_of("1-1", activation="softplus") == [{"r1 - y"}]
    linear = {"activation": "identity"}
    assert zeros_of("1-1-1", **linear) == [{"r2 - y"}, {"W1", "r1"}]
    bent = {"activation": "tanh", "output_activation": "identity"}
    assert zeros_of("1-1-1-1", **bent) == [{"r3 - y"}, {"W2", "r2"}, {"W1", "r1", "r2"}]


def test_the_saddle_is_one_by_the_hessian_of_sympy():
    network, groups = smooth_groups(0)
    weights, _, cost = smooth_cost(SMOOTH[0][2])
    at = dict.fromkeys(weights, 0)
    assert [cost.diff(weight).subs(at) for weight in weights] == [0, 0]
    shown = Matrix(groups["stationary"].about["hessian"]).xreplace({Quantity("r", 2): S.Zero})
    assert as_symbols(network, shown) == hessian(cost, weights).subs(at)


def test_of_chains_with_kinks_or_biases_nothing_of_it_is_said():
    for options in ({"activation": "leaky_relu", "slope": "1/10"}, {"bias": True}, {}):
        network = read_network("1-1-1", **options)
        titles = {group.title for group in second_order(network).groups}
        assert not titles & {"stationary", "smooth_determinant", "smooth_newton", "named_curvature"}


#: Chains with two parameters: options, and the cost by hand where all units are active.
TWO = [
    ({}, None),
    ({"activation": "leaky_relu", "slope": "a"}, None),
    ({"activation": "tanh", "output_activation": "identity"}, (tanh, lambda z: z)),
    ({"activation": "sigmoid"}, (sigmoid, sigmoid)),
    ({"activation": "tanh"}, (tanh, tanh)),
]


@pytest.mark.parametrize("number", sweep(range(len(TWO)), (0, 2)))
def test_eigenvalues_are_the_roots_of_the_characteristic_polynomial(number):
    options, activations = TWO[number]
    network = read_network("1-1-1", **options)
    group = {one.title: one for one in second_order(network).groups}["eigenvalues"]
    assert all(mark.proved for mark in verify(Derivation((group,))))
    if activations is None:
        (weights, cost), names = independent(2), {}
    else:
        weights, names, cost = smooth_cost(activations)
    at = {**NUMBERS, symbols("w1"): Rational(3, 4)}
    matrix = hessian(cost, weights).subs(at).evalf(30)
    values = derivatives_by_hand(network, weights, cost, at)
    unknown = Symbol("t")
    polynomial = (matrix - unknown * Matrix([[1, 0], [0, 1]])).det()
    put_in = [("trace", "gap")] if "trace" in group.about else []
    assert bool(put_in) == (number < 2)
    for trace, gap in (("named_trace", "named_gap"), *put_in):
        parts = [
            as_symbols(network, group.about[key].xreplace(values).xreplace(names))
            .rewrite(exp).subs(at).evalf(30)
            for key in (trace, gap)
        ]  # fmt: skip
        for sign in (1, -1):
            root = (parts[0] + sign * sqrt(parts[1])) / 2
            assert abs(polynomial.subs(unknown, root)) < 1e-20


@pytest.mark.parametrize("name", CHAINS[1:])
def test_between_two_targets_the_hessian_is_definite_and_nowhere_else(name):
    network, groups = groups_of(name)
    weights, cost = independent(network.depth)
    low, high = (as_symbols(network, one) for one in groups["determinant"].about["definite"])
    at = dict(zip((*weights, Symbol("x")), (Rational(3, 2), Rational(1, 2), 3, 2), strict=False))
    at[Symbol("x")] = 2
    low, high = low.subs(at), high.subs(at)
    inside, outside = (low + (high - low) * S(f"{n}/10") for n in (1, 9)), (low - 1, high + 1)
    for target in (*inside, *outside, low / 2, -high):
        found = hessian(cost, weights).subs({**at, Symbol("y"): target})
        expected = low < target < high
        values = eigsy(found.evalf(20), eigvals_only=True)
        assert (min(values) > 0) == expected
        assert expected or min(values) < 0 < max(values)


def test_eigenvalues_and_curvature_have_no_long_formulas():
    network = read_network("1-1-1", activation="gelu")
    titles = [group.title for group in second_order(network).groups]
    assert titles[-2:] == ["named_curvature", "eigenvalues"]
    network = read_network("1-1-1-1", activation="silu")
    titles = [group.title for group in second_order(network).groups]
    assert titles[-1] == "named_curvature"


def test_of_a_cost_with_a_minus_nothing_is_said_to_be_positive():
    network = read_network("1-1-1", cost="-(r-y)^2")
    titles = {group.title for group in second_order(network).groups}
    assert "eigenvalues" in titles and not titles & {"determinant", "newton", "active_gradient"}


def test_each_group_about_a_chain_stands_once():
    for number in (0, 2):
        _, options, _ = SMOOTH[number]
        titles = [one.title for one in second_order(read_network("1-1-1", **options)).groups]
        told = [title for title in titles if title not in ("curvature", "blocks")]
        assert len(told) == len(set(told))


def test_a_saddle_whose_hessian_is_too_wide_has_its_entry_named():
    network = read_network("1-1-1", activation="gelu")
    groups = {group.title: group for group in second_order(network).groups}
    about = groups["stationary"].about
    assert "hessian" not in about
    assert about["named"] == Partial(Partial(network.C, Quantity("W", 1)), Quantity("W", 0))
