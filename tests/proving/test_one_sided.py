"""Dirac terms and one-sided limits: the true ones are proved, and no false one ever is."""

import pytest
from sympy import Abs, Derivative, DiracDelta, Eq, Integer, Ne, Piecewise, Rational, S, Symbol

from derive.algebra.functions import ReLU, Step
from derive.algebra.indices import index
from derive.algebra.limits import LeftLimit, RightLimit
from derive.algebra.quantities import Partial
from derive.model.activations import Activation
from derive.model.costs import Cost
from derive.model.network import Layer, Network
from derive.proving import Kinks, Status, judge
from derive.proving.proof import Method
from tests.sweeps import sampled, sweep

HALF = Rational(1, 2)
h0 = Symbol("h_0", real=True)
t = Symbol("z", real=True)
CONVENTIONS = (S.Zero, HALF, S.One, h0)


def network(*units, hidden="relu", bias=False, h=0):
    layers = tuple(Layer(u, Activation(hidden), bias) for u in units[1:])
    return Network(units[0], layers, Cost("half_squared_error"), step_at_zero=h)


def second(of, first, other):
    return Partial(Partial(of, first), other)


NEURON = network(1, 1)
W, x, y = NEURON.quantity("W", 0), NEURON.quantity("r", 0), NEURON.quantity("y", 1)
z, r = NEURON.quantity("z", 1), NEURON.quantity("r", 1)
BLOCK = second(NEURON.C, W, W)
SMOOTH = x**2 * Step(W * x, 0)


# -- one neuron ----------------------------------------------------------------------------


@pytest.mark.parametrize("h", CONVENTIONS)
def test_one_neuron_has_minus_y_abs_x_delta(h):
    proof = judge(network(1, 1, h=h), BLOCK, x**2 * Step(W * x, h) - y * Abs(x) * DiracDelta(W))
    assert proof.proved and proof.method is Method.ONE_SIDED
    assert proof.scope.kinks is Kinks.ISOLATED and proof.scope.nonzero == (x,)


@pytest.mark.parametrize(
    "coefficient",
    sampled(
        [
            y * Abs(x),  # sign
            -2 * y * Abs(x),  # factor
            -HALF * y * Abs(x),
            -y * x,  # x for |x|
            y * x,
            -y,  # |x| left out
            -y * x**2,
            -Abs(y) * Abs(x),
            (r - 2 * y) * Abs(x),
            -Abs(x),
            (1 - y) * Abs(x),
            1 - y * Abs(x),
        ],
        every=2,
    ),
)
@pytest.mark.parametrize("h", sweep(CONVENTIONS, [h0]))
def test_no_other_coefficient_is_proved(coefficient, h):
    smooth = x**2 * Step(W * x, h)
    proof = judge(network(1, 1, h=h), BLOCK, smooth + coefficient * DiracDelta(W))
    assert proof.status is Status.REFUTED


@pytest.mark.parametrize(
    "right",
    [
        x * Step(W * x, 0) - y * Abs(x) * DiracDelta(W),  # the rest is wrong
        HALF * SMOOTH - y * Abs(x) * DiracDelta(W),
        -y * Abs(x) * DiracDelta(W),
        x**2 * Step(-W * x, 0) - y * Abs(x) * DiracDelta(W),
        SMOOTH - y * Abs(x) * DiracDelta(W + 1),  # the kink is elsewhere
        SMOOTH - y * Abs(x) * DiracDelta(x),
        SMOOTH - y * Abs(x) * DiracDelta(W * x),
        SMOOTH - y * Abs(x) * DiracDelta(W) ** 2,  # what has no meaning
        SMOOTH - y * Abs(x) * Step(W, 0) * DiracDelta(W),
        SMOOTH - 2 * y * Abs(x) * Step(W, HALF) * DiracDelta(W),
        SMOOTH - 2 * y * Abs(x) * Step(z, HALF) * DiracDelta(W),
        SMOOTH - y * Abs(x) / W * DiracDelta(W),
        SMOOTH - y * Abs(x) * DiracDelta(W, 1),
    ],
)
def test_no_other_equation_is_proved(right):
    assert not judge(NEURON, BLOCK, right).proved


@pytest.mark.parametrize(
    "coefficient", [-y * x**2 / Abs(x), (r - y) * Abs(x), -(y - 3 * W) * Abs(x)]
)
def test_a_coefficient_counts_at_the_kink_only(coefficient):
    assert judge(NEURON, BLOCK, SMOOTH + coefficient * DiracDelta(W)).proved


@pytest.mark.parametrize("where", [Eq(z, 0), Eq(W, 0), z >= 0, Eq(x, 0)])
def test_a_delta_is_nothing_at_single_points(where):
    """At z = 0 alone any function and any coefficient might stand beside a delta."""
    right = 0 * x + Partial(NEURON.C, r) * DiracDelta(z)
    assert judge(NEURON, second(NEURON.C, z, z), right, where).status is Status.UNDECIDED


BIASED = network(1, 1, bias=True)
b = BIASED.quantity("b", 0)


@pytest.mark.parametrize(
    ("first", "other", "factor", "coefficient", "argument"),
    sampled(
        [
            (W, W, x**2, -y * Abs(x), W + b / x),
            (W, b, x, -y * x, W * x + b),
            (b, b, S.One, -y, W * x + b),
        ],
        every=3,
    ),
    ids=str,
)
def test_the_neuron_with_a_bias(first, other, factor, coefficient, argument):
    left, plain = second(BIASED.C, first, other), factor * Step(W * x + b, 0)
    assert judge(BIASED, left, plain + coefficient * DiracDelta(argument), Ne(x, 0)).proved
    for wrong in (2 * coefficient, -coefficient, coefficient * x, coefficient / 2):
        assert not judge(BIASED, left, plain + wrong * DiracDelta(argument), Ne(x, 0)).proved


def test_rescaled_deltas():
    assert judge(NEURON, DiracDelta(W * x), DiracDelta(W) / Abs(x), Ne(x, 0)).proved
    assert judge(NEURON, DiracDelta(2 * W), DiracDelta(W) / 2).proved
    for wrong in (
        DiracDelta(W) / x,
        DiracDelta(W) * Abs(x),
        DiracDelta(W),
        -DiracDelta(W) / Abs(x),
    ):
        assert not judge(NEURON, DiracDelta(W * x), wrong, Ne(x, 0)).proved
    assert not judge(NEURON, Step(z, 0) * DiracDelta(z), 0 * z).proved
    assert not judge(NEURON, DiracDelta(W) / W, 2 * DiracDelta(W) / W).proved


# -- functions of one variable ---------------------------------------------------------------


@pytest.mark.parametrize("h", CONVENTIONS)
def test_the_derivative_of_a_step(h):
    one = network(1, 1, h=h)
    left = Derivative(Step(t, h), t)
    assert judge(one, left, DiracDelta(t)).proved
    assert judge(one, left, 2 * DiracDelta(2 * t)).proved
    for wrong in (2, -1, HALF, Step(t, h), 2 * Step(t, HALF), h0, t):
        assert not judge(one, left, wrong * DiracDelta(t)).proved
    assert not judge(one, left, DiracDelta(t - 1)).proved
    assert not judge(one, left, DiracDelta(2 * t)).proved
    assert not judge(one, Derivative(ReLU(t, h), t), DiracDelta(t)).proved
    assert judge(one, Derivative(t * Step(t, h), t), Step(t, h) + t * DiracDelta(t)).proved


# -- limits ----------------------------------------------------------------------------------


def test_one_sided_limits():
    gradient = Partial(NEURON.C, z)
    right, left = RightLimit(gradient, z), LeftLimit(gradient, z)
    slope = Partial(NEURON.C, r)
    assert judge(NEURON, right, slope, Eq(z, 0)).proved
    assert judge(NEURON, left, S.Zero).proved
    assert judge(NEURON, right - left, -y, Eq(z, 0)).proved
    for wrong in (-slope, slope / 2, y, slope * Step(z, HALF)):
        assert not judge(NEURON, right, wrong, Eq(z, 0)).proved
        assert not judge(NEURON, left, wrong, Eq(z, 0)).proved
    # what moves with z is no limit, and neither is W, from which z is computed
    assert judge(NEURON, right, -y).proved
    for moving in (slope, r - y, W - y, z - y):
        assert judge(NEURON, right, moving).status is Status.UNDECIDED


# -- layers ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("hidden", "outputs"), sweep([(2, 1), (3, 2)], [(2, 1)]))
def test_a_unit_of_a_hidden_layer(hidden, outputs):
    one = network(2, hidden, outputs, bias=True)
    i = index("i")
    zi, ri = one.quantity("z", 1, i), one.quantity("r", 1, i)
    gradient, slope = Partial(one.C, zi), Partial(one.C, ri)
    jump = RightLimit(gradient, zi) - LeftLimit(gradient, zi)
    assert judge(one, jump, slope, Eq(zi, 0)).proved
    for wrong in (2 * slope, -slope, S.Zero, gradient):
        assert not judge(one, jump, wrong, Eq(zi, 0)).proved


@pytest.mark.parametrize("hidden, jump", [("relu", 1), ("identity", 0)])
def test_the_jump_of_the_slope_of_the_activation(hidden, jump):
    one = Network(
        1,
        (Layer(1, Activation(hidden), True), Layer(1, Activation("identity"), True)),
        Cost("half_squared_error"),
    )
    z1, r1, w1 = one.quantity("z", 1), one.quantity("r", 1), one.quantity("W", 1)
    off = w1**2 * (Step(z1, 0) if jump else Integer(1))
    left, slope = second(one.C, z1, z1), Partial(one.C, r1)
    for factor in (1, -1, 2, HALF):
        proof = judge(one, left, off + factor * slope * DiracDelta(z1))
        assert proof.proved is (factor == jump)


def test_two_units_whose_kinks_meet():
    """Without a bias z2 is 0 with z1, and the limit of dC/dr1 depends on the sign of W1."""
    one = network(1, 1, 1)
    z1, r1, w1, y2 = (one.quantity(kind, n) for kind, n in (("z", 1), ("r", 1), ("W", 1), ("y", 2)))
    slope = Partial(one.C, r1)
    off = Partial(Partial(one.C, one.quantity("z", 2)), one.quantity("z", 2)) * w1**2
    off *= Step(z1, 0) ** 2
    left = second(one.C, z1, z1)
    true = -y2 * w1 * Step(w1, 0)
    assert judge(one, RightLimit(slope, z1), true).proved
    assert judge(one, left, off + true * DiracDelta(z1)).proved
    assert judge(one, left, off + RightLimit(slope, z1) * DiracDelta(z1)).proved
    for wrong in (slope, -y2 * w1, y2 * w1 * Step(w1, 0), LeftLimit(slope, z1), true / 2):
        assert not judge(one, left, off + wrong * DiracDelta(z1)).proved


def test_what_has_no_meaning_or_no_method_is_left_undecided():
    third = Partial(second(NEURON.C, z, z), z)
    for left, right in (
        (third, DiracDelta(z)),  # the second derivative has a delta itself
        (NEURON.C, r + DiracDelta(z)),
        (second(NEURON.C, z, z), Piecewise((DiracDelta(z), y > 0), (S.Zero, True))),
        (RightLimit(Step(z - 1, 0), z), S.Zero),
    ):
        assert not judge(NEURON, left, right).proved
