"""ReLU, Step, LeakyReLU, sigmoid, softplus, tanh against SymPy's own forms."""

import pytest
from mpmath import mp, mpf
from sympy import (
    Abs,
    Heaviside,
    Max,
    Piecewise,
    Rational,
    S,
    Symbol,
    cosh,
    exp,
    log,
    nan,
    sympify,
    tanh,
)

from derive.algebra.functions import LeakyReLU, ReLU, Step, identity, sigmoid, softplus
from derive.model.activations import ACTIVATIONS, Activation

z = Symbol("z", real=True)
a = Symbol("a", real=True)
h0 = Symbol("h_0", real=True)

SLOPE = Rational(1, 10)
CONVENTIONS = (S.Zero, Rational(1, 2), S.One, h0)
POINTS = [Rational(p) for p in ("-7/3", "-1", "-1/7", "0", "1/7", "1", "7/3")]
AWAY = [point for point in POINTS if point != 0]

#: name -> (our function, its form on the left of 0, its form on the right of 0)
PIECEWISE_LINEAR = {
    "relu": (lambda t, h: ReLU(t, h), S.Zero, z),
    "leaky relu, slope 1/10": (lambda t, h: LeakyReLU(t, SLOPE, h), SLOPE * z, z),
    "leaky relu, slope -2": (lambda t, h: LeakyReLU(t, -2, h), -2 * z, z),
    "leaky relu, slope 3": (lambda t, h: LeakyReLU(t, 3, h), 3 * z, z),
    "leaky relu, slope a": (lambda t, h: LeakyReLU(t, a, h), a * z, z),
    "step": (lambda t, h: Step(t, h), S.Zero, S.One),
}

#: name -> (our function, its form in exp, its derivative, its second derivative)
SMOOTH = {
    "sigmoid": (
        sigmoid,
        1 / (1 + exp(-z)),
        exp(-z) / (1 + exp(-z)) ** 2,
        exp(z) * (1 - exp(z)) / (1 + exp(z)) ** 3,
    ),
    "softplus": (
        softplus,
        log(1 + exp(z)),
        1 / (1 + exp(-z)),
        exp(z) / (1 + exp(z)) ** 2,
    ),
    "tanh": (
        tanh,
        (exp(z) - exp(-z)) / (exp(z) + exp(-z)),
        1 / cosh(z) ** 2,
        -2 * tanh(z) / cosh(z) ** 2,
    ),
    "identity": (identity, z, S.One, S.Zero),
}


def close(first, second, digits=25):
    return abs(sympify(first - second).evalf(40)) < Rational(1, 10**digits)


# -- values ------------------------------------------------------------------------------


@pytest.mark.parametrize("h", CONVENTIONS, ids=str)
@pytest.mark.parametrize("name", PIECEWISE_LINEAR)
def test_value_on_each_side_of_the_kink(name, h):
    phi, left, right = PIECEWISE_LINEAR[name]
    for point in AWAY:
        assert phi(point, h) == (right if point > 0 else left).subs(z, point)


@pytest.mark.parametrize("h", CONVENTIONS, ids=str)
def test_value_at_the_kink(h):
    assert ReLU(0, h) == 0
    assert LeakyReLU(0, SLOPE, h) == 0
    assert LeakyReLU(0, a, h) == 0
    assert Step(0, h) == h


def test_step_at_zero_is_0_unless_told():
    assert Step(0) == 0
    assert ReLU(z).diff(z).subs(z, 0) == 0
    assert LeakyReLU(z, SLOPE).diff(z).subs(z, 0) == SLOPE


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        (ReLU(Rational(3, 7)), Rational(3, 7)),
        (ReLU(Rational(-3, 7)), S.Zero),
        (LeakyReLU(Rational(-3, 7), Rational(1, 3)), Rational(-1, 7)),
        (LeakyReLU(Rational(3, 7), Rational(1, 3)), Rational(3, 7)),
        (LeakyReLU(-2, a), -2 * a),
        (Step(Rational(1, 10**30)), S.One),
        (Step(Rational(-1, 10**30)), S.Zero),
        (sigmoid(0), Rational(1, 2)),
        (softplus(0), log(2)),
        (identity(Rational(5, 3)), Rational(5, 3)),
    ],
    ids=str,
)
def test_exact_values(expression, value):
    assert expression == value


@pytest.mark.parametrize("name", SMOOTH)
def test_smooth_values_to_25_digits(name):
    phi, formula, _, _ = SMOOTH[name]
    for point in POINTS:
        assert close(phi(point), formula.subs(z, point))


def test_sigmoid_and_softplus_far_out():
    assert 0 < sigmoid(-200).evalf(30) < Rational(1, 10**80)
    assert close(softplus(200), 200)
    assert close(softplus(-200), 0)


# -- what is known of an argument without its value ----------------------------------------

positive, negative = Symbol("p", positive=True), Symbol("n", negative=True)
nonnegative = Symbol("q", nonnegative=True)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (ReLU(positive), positive),
        (ReLU(negative), 0),
        (ReLU(nonnegative), nonnegative),
        (LeakyReLU(positive, a), positive),
        (LeakyReLU(negative, a), a * negative),
        (Step(positive, h0), 1),
        (Step(negative, h0), 0),
        (Step(exp(z), h0), 1),
        (Step(-sigmoid(z), h0), 0),
    ],
    ids=str,
)
def test_known_signs(expression, expected):
    assert expression == expected


@pytest.mark.parametrize("h", CONVENTIONS, ids=str)
def test_a_nonnegative_argument_may_be_0_so_its_step_stays(h):
    assert Step(nonnegative, h).subs(nonnegative, 0) == h
    assert Step(ReLU(z), h).subs(z, -3) == h


# -- derivatives ---------------------------------------------------------------------------


@pytest.mark.parametrize("h", CONVENTIONS, ids=str)
@pytest.mark.parametrize("name", PIECEWISE_LINEAR)
def test_first_and_second_derivative_on_each_side(name, h):
    phi, left, right = PIECEWISE_LINEAR[name]
    for order in (1, 2):
        ours = phi(z, h).diff(z, order)
        for point in AWAY:
            form = right if point > 0 else left
            assert sympify(ours.subs(z, point) - form.diff(z, order).subs(z, point)).expand() == 0


@pytest.mark.parametrize("h", CONVENTIONS, ids=str)
@pytest.mark.parametrize(
    ("name", "at_kink"),
    [
        ("relu", lambda h: h),
        ("leaky relu, slope 1/10", lambda h: SLOPE + (1 - SLOPE) * h),
        ("leaky relu, slope -2", lambda h: -2 + 3 * h),
        ("leaky relu, slope a", lambda h: a + (1 - a) * h),
        ("step", lambda h: S.Zero),
    ],
)
def test_derivative_at_the_kink_is_the_convention(name, at_kink, h):
    phi, _, _ = PIECEWISE_LINEAR[name]
    assert (phi(z, h).diff(z).subs(z, 0) - at_kink(h)).expand() == 0
    assert phi(z, h).diff(z, 2).subs(z, 0) == 0  # formal: no Dirac term


def test_conventions_0_and_1_are_the_one_sided_slopes():
    for phi, left, right in (PIECEWISE_LINEAR[n] for n in PIECEWISE_LINEAR if n != "step"):
        assert (phi(z, 0).diff(z).subs(z, 0) - left.diff(z)).expand() == 0
        assert (phi(z, 1).diff(z).subs(z, 0) - right.diff(z)).expand() == 0


def test_derivative_of_leaky_relu_in_its_slope():
    by_slope = LeakyReLU(z, a).diff(a)
    for point in POINTS:
        assert by_slope.subs(z, point) == min(point, S.Zero)


@pytest.mark.parametrize("name", SMOOTH)
def test_smooth_derivatives(name):
    phi, formula, first, second = SMOOTH[name]
    for order, expected in ((1, first), (2, second)):
        for point in POINTS:
            ours = phi(z).diff(z, order).subs(z, point)
            assert close(ours, expected.subs(z, point))
            assert close(ours, formula.diff(z, order).subs(z, point))


@pytest.mark.parametrize("name", [*PIECEWISE_LINEAR, *SMOOTH])
def test_derivatives_against_central_differences(name):
    if name in SMOOTH:
        phi = SMOOTH[name][0](z)
    else:
        phi = PIECEWISE_LINEAR[name][0](z, S.Zero).subs(a, SLOPE)
    step = Rational(1, 10**12)
    with mp.workdps(60):
        for point in AWAY:

            def value(t, f=phi):
                return mpf(f.subs(z, t).evalf(60))

            h = mpf(step.evalf(60))
            first = (value(point + step) - value(point - step)) / (2 * h)
            second = (value(point + step) - 2 * value(point) + value(point - step)) / h**2
            assert abs(first - mpf(phi.diff(z).subs(z, point).evalf(60))) < 1e-20
            assert abs(second - mpf(phi.diff(z, 2).subs(z, point).evalf(60))) < 1e-20


def test_chain_rule_through_sympy():
    inner = a * z + 1
    for phi in (ReLU(inner, h0), LeakyReLU(inner, SLOPE, h0)):
        assert (phi.diff(z).subs({a: 2, z: 3}), phi.diff(z).subs({a: 2, z: -3})) == (
            2,
            2 * (0 if phi.func is ReLU else SLOPE),
        )
    assert sigmoid(inner).diff(z) == a * sigmoid(inner) * (1 - sigmoid(inner))


# -- rewriting -----------------------------------------------------------------------------

REWRITES = [
    (ReLU(z, h0), Piecewise),
    (ReLU(z, h0), Heaviside),
    (ReLU(z, h0), Max),
    (LeakyReLU(z, SLOPE, h0), Piecewise),
    (LeakyReLU(z, SLOPE, h0), Heaviside),
    (LeakyReLU(z, SLOPE, h0), Max),
    (LeakyReLU(z, 3, h0), Max),
    (LeakyReLU(z, -2, h0), Max),
    (Step(z, h0), Piecewise),
    (Step(z, h0), Heaviside),
]


@pytest.mark.parametrize(("function", "form"), REWRITES, ids=str)
def test_a_rewritten_function_is_the_same_everywhere(function, form):
    rewritten = function.rewrite(form)
    assert rewritten.has(form)
    assert not rewritten.has(ReLU, LeakyReLU, Step)
    for point in POINTS:  # the kink included
        assert rewritten.subs(z, point) == function.subs(z, point)


@pytest.mark.parametrize("name", ["sigmoid", "softplus"])
def test_rewrite_as_exp(name):
    phi, formula, _, _ = SMOOTH[name]
    assert phi(z).rewrite(exp) == formula


@pytest.mark.parametrize("h", CONVENTIONS, ids=str)
def test_the_derivative_of_the_heaviside_form_agrees_away_from_the_kink(h):
    for function in (ReLU(z, h), LeakyReLU(z, SLOPE, h)):
        derivative = function.rewrite(Heaviside).diff(z)
        for point in AWAY:
            assert derivative.subs(z, point) == function.diff(z).subs(z, point)


# -- identities and properties -------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right"),
    [
        (ReLU(z) - ReLU(-z), z),
        (ReLU(z) + ReLU(-z), Abs(z)),
        (LeakyReLU(z, SLOPE), ReLU(z) - SLOPE * ReLU(-z)),
        (LeakyReLU(z, 1), z),
        (LeakyReLU(z, 0), ReLU(z)),
        (ReLU(ReLU(z)), ReLU(z)),
        (Step(z, h0), 1 - Step(-z, 1 - h0)),
    ],
    ids=str,
)
def test_exact_identities_at_every_point(left, right):
    for point in POINTS:
        assert left.subs(z, point) == right.subs(z, point)


def test_smooth_identities():
    for point in POINTS:
        assert close(sigmoid(point) + sigmoid(-point), 1)
        assert close(softplus(point) - softplus(-point), point)
        assert close(tanh(point), 2 * sigmoid(2 * point) - 1)


def test_signs_and_reality_are_known():
    assert ReLU(z).is_extended_nonnegative
    assert all(f.is_real for f in (ReLU(z), Step(z), LeakyReLU(z, a), sigmoid(z), softplus(z)))
    assert sigmoid(z).is_extended_positive
    assert softplus(z).is_extended_positive
    assert ReLU(z).is_extended_positive is None
    assert ReLU(nan) is not S.Zero


@pytest.mark.parametrize(("name", "kind"), ACTIVATIONS.items())
def test_kinks_are_where_the_one_sided_slopes_differ(name, kind):
    if not kind.elementwise:
        return
    phi = Activation(name, SLOPE)
    step = Rational(1, 10**9)
    found = []
    for point in POINTS:
        right = (phi(point + step, S.Zero) - phi(point, S.Zero)) / step
        left = (phi(point, S.Zero) - phi(point - step, S.Zero)) / step
        if abs(sympify(right - left).evalf(30)) > Rational(1, 100):
            found.append(point)
    assert tuple(found) == kind.kinks


def test_softmax_is_no_function_of_one_variable():
    with pytest.raises(TypeError, match="whole layer"):
        Activation("softmax")(z, S.Zero)
