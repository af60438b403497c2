"""Factors of layers and chains against floating-point arithmetic and automatic differentiation."""

from __future__ import annotations

import math

import jax
import numpy as np
import pytest
from sympy import FiniteSet, Interval, Rational, Symbol

from derive import prove, read_network
from derive.claims.analysis.gradient_flow import (
    DEPTHS,
    FORMATS,
    depth_table,
    doubling,
    factor_table,
    products,
    saturation,
    slope_range,
    underflow_depth,
)
from derive.claims.analysis.newton import conserved
from derive.model.activations import Activation

jax.config.update("jax_enable_x64", True)

JAX = {
    "relu": jax.nn.relu,
    "leaky_relu": lambda z: jax.numpy.where(z > 0, z, 0.3 * z),
    "tanh": jax.numpy.tanh,
    "sigmoid": jax.nn.sigmoid,
    "softplus": jax.nn.softplus,
}


@pytest.mark.parametrize("name", JAX)
def test_slopes_lie_in_the_stated_range_and_come_close_to_its_ends(name: str) -> None:
    known = slope_range(Activation(name, Rational(3, 10)))
    z = np.concatenate([np.linspace(-30, -0.001, 500), [0.0], np.linspace(0.001, 30, 500)])
    z = z[z != 0] if name in ("relu", "leaky_relu") else z
    slopes = np.asarray(jax.vmap(jax.grad(JAX[name]))(z))
    high = float(known.supremum)
    assert slopes.max() <= high and slopes.max() > high - 1e-9
    if isinstance(known.values, FiniteSet):
        assert set(np.round(slopes, 12)) == {float(v) for v in known.values}
    else:
        assert isinstance(known.values, Interval)
        assert slopes.min() >= 0 and slopes.min() < 1e-12
        attained = bool(np.isclose(slopes[z == 0], high, atol=0, rtol=1e-15).any())
        assert attained == (high in known.values)


def test_bounds_of_smooth_activations_are_proved_not_assumed() -> None:
    for name in ("sigmoid", "tanh", "softplus"):
        equation = slope_range(Activation(name)).proved
        assert equation is not None and prove(equation.lhs, equation.rhs).proved


def test_an_activation_with_another_range_is_refused() -> None:
    with pytest.raises(ValueError, match="identity"):
        slope_range(Activation("identity"))


@pytest.mark.parametrize(
    ("number", "depth"), [(np.float64, 538), (np.float32, 75), (np.float16, 13)]
)
def test_the_best_case_of_sigmoid_underflows_where_floating_point_says(number, depth) -> None:
    (form,) = (f for f in FORMATS if f.name == number.__name__)
    assert form.smallest == Rational(float(np.finfo(number).smallest_subnormal))
    assert underflow_depth(Rational(1, 4), form) == depth
    value, steps = number(1), 0
    with np.errstate(under="ignore"):
        while value != 0:
            value, steps = number(value * number(0.25)), steps + 1
    assert steps == depth


def test_other_factors_underflow_where_exact_arithmetic_says() -> None:
    float16 = next(f for f in FORMATS if f.name == "float16")
    depth = underflow_depth(Rational(1, 2), float16)
    with np.errstate(under="ignore"):
        assert np.float16(0.5 ** (depth - 1)) != 0 and np.float16(0.5**depth) == 0


def test_the_table_over_depth_has_the_known_logarithms() -> None:
    expected = {
        "sigmoid_best": (-6.0, -30.1, -60.2, -602.1),
        "weights_below_one": (-0.5, -2.3, -4.6, -45.8),
        "weights_above_one": (0.4, 2.1, 4.1, 41.4),
        "glorot_rms": (-1.4, -7.4, -14.9, -150.4),
        "alive": (-3.0, -15.1, -30.1, -301.0),
    }
    table = depth_table()
    assert table.columns[1:] == DEPTHS == (10, 50, 100, 1000)
    shown = {row[0]: tuple(float(str(value)) for value in row[1:]) for row in table.rows}
    assert shown == expected


def test_products_over_a_thousand_layers() -> None:
    found = products()
    assert found.holds
    for name, base in (("low", 0.9), ("high", 1.1), ("near_low", 0.99), ("near_high", 1.01)):
        assert float(found.values[name]) == pytest.approx(base**1000, rel=5e-3)
    # Over few layers nothing vanishes: the finding is computed, not stated.
    assert not products(10).holds


def test_weights_of_two_explode_with_relu_and_not_with_sigmoid() -> None:
    found = doubling()
    assert not found.holds
    assert math.log10(2) * 1000 == pytest.approx(math.log10(float(found.values["relu"])), abs=0.01)
    assert float(found.values["sigmoid"]) == pytest.approx(0.5**1000, rel=5e-3)


def test_sigmoid_saturates() -> None:
    found = saturation()
    assert found.holds
    for z in (1, 2, 5, 10):
        slope = float(jax.grad(jax.nn.sigmoid)(float(z)))
        assert float(found.values[f"at_{z}"]) == pytest.approx(slope, rel=5e-3)


def test_only_large_weights_explode() -> None:
    w = Symbol("w", real=True)
    conditions = {row[0]: row[-1] for row in factor_table().rows}
    assert conditions["sigmoid"] == (abs(w) > 4)
    assert {conditions[n] for n in ("relu", "leaky_relu", "tanh", "softplus")} == {abs(w) > 1}


@pytest.mark.parametrize(
    ("activation", "slope", "conserves"),
    [("relu", None, True), ("leaky_relu", "alpha", True), ("identity", None, True),
     ("sigmoid", None, False), ("tanh", None, False)],
)  # fmt: skip
def test_what_chains_conserve(activation: str, slope: str | None, conserves: bool) -> None:
    network = read_network("1-1-1", activation=activation, slope=slope)
    (equation,) = conserved(network)
    proof = prove(equation.lhs, equation.rhs, network)
    assert proof.proved == conserves
    assert proof.status.value == ("proved" if conserves else "refuted")
