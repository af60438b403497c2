"""Curves of activations, point by point against JAX and its derivatives."""

import jax
import pytest
from sympy import S, Symbol

from derive import read_network
from derive.figures.activation_curves import activation_curves, activation_figure
from derive.files.own_formula import read_activation
from derive.model.activations import ACTIVATIONS as KNOWN
from derive.model.activations import Activation
from tests.deriving.test_backpropagation_jax import ACTIVATIONS

jax.config.update("jax_enable_x64", True)

SMOOTH = ["sigmoid", "tanh", "softplus", "silu"]
KINKED = {"relu": S.Zero, "leaky_relu": S.One / 3, "elu": S.One / 2}


def curves(name, slope=S.Zero, at_zero=S.Zero):
    return activation_curves(Activation(name, slope), at_zero)


@pytest.mark.parametrize("name", [*SMOOTH, *KINKED])
def test_every_point_of_a_curve_is_that_of_jax(name):
    found = curves(name, KINKED.get(name, S.Zero))
    phi = lambda z: ACTIVATIONS[name](z, float(KINKED.get(name, 0)))  # noqa: E731
    slope = jax.vmap(jax.grad(phi))
    for curve, function in ((found.function, phi), (found.derivative, slope)):
        for piece in curve.pieces:
            z, values = zip(*piece[1:-1], strict=True)
            assert values == pytest.approx([float(v) for v in function(jax.numpy.array(z))])
    assert len(found.function.pieces) == len(KNOWN[name].kinks) + 1


@pytest.mark.parametrize(("at_zero", "value"), [(S.Zero, 0), (S.Half, 0.5), (S.One, 1)])
def test_the_filled_point_of_step_is_the_convention(at_zero, value):
    (kink,) = curves("relu", at_zero=at_zero).derivative.kinks
    assert (kink.at, kink.left, kink.right, kink.value) == (0, 0, 1, value)
    assert kink.jumps
    (kink,) = curves("relu", at_zero=at_zero).function.kinks
    assert not kink.jumps


def test_a_convention_that_is_left_open_fills_no_point():
    (kink,) = curves("leaky_relu", S.One / 2, Symbol("h_0")).derivative.kinks
    assert kink.value is None and kink.convention == S.Half + Symbol("h_0") / 2


def test_pieces_reach_to_the_limits_at_a_formulas_kinks():
    clipped = read_activation("ReLU(z + 1) - ReLU(z - 2) - 1")
    found = activation_curves(clipped, S.One)
    assert [piece[0][0] for piece in found.derivative.pieces] == [-3, -1, 2]
    assert [(k.at, k.left, k.right, k.value) for k in found.derivative.kinks] == [
        (-1, 0, 1, 1),
        (2, 1, 0, 0),
    ]


def test_a_slope_that_is_a_symbol_is_drawn_as_a_number_that_is_told():
    found = curves("leaky_relu", Symbol("alpha"))
    assert found.slope == S.One / 10
    assert found.function.pieces[0][0] == (-2, pytest.approx(-0.2))


def test_a_network_has_a_row_for_each_activation_but_the_identity():
    figure = activation_figure(read_network("binary-classifier"))
    assert [row.activation.name for row in figure.rows] == ["relu", "sigmoid"]
    assert activation_figure(read_network("2-1", activation="identity")) is None
