"""Each cost against a formula written here, in plain Python over exact numbers."""

import math
from fractions import Fraction

import pytest
from sympy import Rational, Symbol, log, sign, sympify

from derive.model.costs import COSTS, Cost

r, y = Symbol("r", real=True), Symbol("y", real=True)

OUTPUTS = [Rational(p) for p in ("1/4", "1/3", "2/3", "9/10")]
TARGETS = [Rational(p) for p in ("0", "1", "1/5", "3/4")]


def total(cost, outputs, targets):
    terms = (cost.term(o, t, 0) for o, t in zip(outputs, targets, strict=True))
    return cost.scale(sympify(len(outputs))) * sum(terms)


def half_squared_error(outputs, targets):
    return sum((t - o) ** 2 for o, t in zip(outputs, targets, strict=True)) / 2


def mean_squared_error(outputs, targets):
    return sum((t - o) ** 2 for o, t in zip(outputs, targets, strict=True)) / len(outputs)


def squared_error(outputs, targets):
    return sum((t - o) ** 2 for o, t in zip(outputs, targets, strict=True))


def half_mean_squared_error(outputs, targets):
    return mean_squared_error(outputs, targets) / 2


def absolute_error(outputs, targets):
    return sum(abs(t - o) for o, t in zip(outputs, targets, strict=True))


def huber(outputs, targets):
    distances = [abs(t - o) for o, t in zip(outputs, targets, strict=True)]
    return sum((d**2 if d < 1 else 2 * d - 1) / 2 for d in distances)


def cross_entropy(outputs, targets):
    return -math.fsum(t * math.log(o) for o, t in zip(outputs, targets, strict=True))


def binary_cross_entropy(outputs, targets):
    return -math.fsum(
        t * math.log(o) + (1 - t) * math.log(1 - o) for o, t in zip(outputs, targets, strict=True)
    )


FORMULAS = {
    "half_squared_error": half_squared_error,
    "mean_squared_error": mean_squared_error,
    "cross_entropy": cross_entropy,
    "binary_cross_entropy": binary_cross_entropy,
    "squared_error": squared_error,
    "half_mean_squared_error": half_mean_squared_error,
    "absolute_error": absolute_error,
    "huber": huber,
}


def test_there_is_a_formula_here_for_every_cost():
    assert set(FORMULAS) == set(COSTS)
    assert all(name == cost.name for name, cost in COSTS.items())


@pytest.mark.parametrize("units", [1, 2, 3, 4])
@pytest.mark.parametrize("name", COSTS)
def test_value(name, units):
    outputs, targets = OUTPUTS[:units], TARGETS[-units:]
    plain = [[Fraction(int(v.p), int(v.q)) for v in values] for values in (outputs, targets)]
    expected = FORMULAS[name](*plain)
    ours = total(Cost(name), outputs, targets)
    if isinstance(expected, Fraction):
        assert ours == Rational(expected.numerator, expected.denominator)
    else:
        assert math.isclose(float(ours), expected, rel_tol=1e-13)


#: d term / dr and d^2 term / dr^2.
DERIVATIVES = {
    "half_squared_error": (2 * (r - y), 2),
    "mean_squared_error": (2 * (r - y), 2),
    "cross_entropy": (-y / r, y / r**2),
    "squared_error": (2 * (r - y), 2),
    "half_mean_squared_error": (2 * (r - y), 2),
    "absolute_error": (sign(r - y), 0),
    "huber": (2 * (r - y), 2),  # all of OUTPUTS and TARGETS are nearer than the threshold
    "binary_cross_entropy": ((r - y) / (r * (1 - r)), y / r**2 + (1 - y) / (1 - r) ** 2),
}


@pytest.mark.parametrize("name", COSTS)
def test_first_and_second_derivative_of_a_term(name):
    term = Cost(name).term(r, y, 0)
    for order, expected in enumerate(DERIVATIVES[name], start=1):
        for output in OUTPUTS:
            for target in TARGETS:
                point = {r: output, y: target}
                assert term.diff(r, order).subs(point) == sympify(expected).subs(point)


@pytest.mark.parametrize("name", COSTS)
def test_the_form_in_the_difference_is_the_same_cost(name):
    cost = Cost(name)
    if not cost.has_difference:
        assert "entropy" in name
        return
    for output in OUTPUTS:
        for target in TARGETS:
            assert cost.of_difference(target - output, 0) == cost.term(output, target, 0)


@pytest.mark.parametrize(
    ("name", "output", "stationary"),
    [
        ("half_squared_error", None, lambda target: target),
        ("mean_squared_error", None, lambda target: target),
        ("cross_entropy", "softmax", None),
        ("binary_cross_entropy", "sigmoid", lambda target: target),
        ("squared_error", None, lambda target: target),
        ("half_mean_squared_error", None, lambda target: target),
    ],
)
def test_output_activation_and_minimum(name, output, stationary):
    cost = Cost(name)
    assert cost.output == output
    if stationary is not None:
        for target in (Rational(1, 5), Rational(3, 4)):
            assert cost.term(r, y, 0).diff(r).subs({y: target, r: stationary(target)}) == 0


def test_scale_with_a_symbolic_width():
    n = Symbol("n_2", integer=True, positive=True)
    assert Cost("mean_squared_error").scale(n) == 1 / n
    assert Cost("half_squared_error").scale(n) == Rational(1, 2)


def test_cross_entropies_agree_for_two_complementary_outputs():
    two = total(Cost("cross_entropy"), [r, 1 - r], [y, 1 - y])
    assert two.expand() == Cost("binary_cross_entropy").term(r, y, 0).expand()
    assert Cost("cross_entropy").term(r, 1, 0) == -log(r)
