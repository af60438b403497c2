"""Kinks against automatic differentiation with each convention, and finite differences."""

from __future__ import annotations

from itertools import product

import jax
import jax.numpy as jnp
import mpmath
import pytest
from sympy import Rational, S, Symbol

from derive.algebra.functions import LeakyReLU, ReLU
from derive.claims.analysis.collapse import chain_output, condition_is_exact, links, sign_share
from derive.claims.analysis.kinks import (
    kinked_activations,
    no_convention_fits,
    one_sided_slopes,
    population_risk,
    relu_slopes,
    slope_jump,
    smooth_second_derivative,
    squared_step,
    three_gradients,
)
from derive.claims.analysis.stationary import (
    descent_into_inactivity,
    descent_to_a_kink,
    descent_with_a_kink,
    has_minimum,
    has_plateau,
    nowhere_stationary,
    relu_is_flat_below_zero,
    stuck_neuron,
    update_of_three,
)
from derive.files.network_file import read_network

jax.config.update("jax_enable_x64", True)

_h = Symbol("h_0", real=True)


def relu_with(s: float):
    """ReLU whose derivative at 0 is s, and whose second derivative is 0."""

    @jax.custom_jvp
    def relu(z):
        return jnp.maximum(z, 0.0)

    @relu.defjvp
    def _(primals, tangents):
        (z,), (t,) = primals, tangents
        return relu(z), jnp.where(z > 0, 1.0, jnp.where(z < 0, 0.0, s)) * t

    return relu


@pytest.mark.parametrize("s", [0.0, 0.5, 1.0])
def test_formal_values_are_what_automatic_differentiation_gives(s: float) -> None:
    relu = relu_with(s)
    odd, nested = no_convention_fits().values["odd"], no_convention_fits().values["nested"]
    assert jax.grad(lambda x: relu(x) - relu(-x))(0.0) == float(odd.subs(_h, s))
    assert jax.grad(lambda x: relu(relu(x)))(0.0) == float(nested.subs(_h, s))
    second = jax.grad(jax.grad(lambda x: relu(x * x)))(0.0)
    assert second == float(smooth_second_derivative().values["formal_second"].subs(_h, s))
    gradient = jax.grad(lambda w: relu(relu(w) - 1) - relu(1 - relu(w)))(1.0)
    assert gradient == float(three_gradients().values["formal"].subs(_h, s))


def test_no_convention_is_right_everywhere() -> None:
    assert not no_convention_fits().holds
    assert not smooth_second_derivative().holds
    assert not three_gradients().holds
    assert three_gradients().values["true_left"] == three_gradients().values["true_right"] == 1
    assert not squared_step().holds


def test_one_sided_slopes() -> None:
    x, alpha = Symbol("x", real=True), Symbol("alpha", positive=True)
    assert one_sided_slopes(ReLU(x)) == (0, 1)
    assert one_sided_slopes(LeakyReLU(x, alpha)) == (alpha, 1)
    assert one_sided_slopes(ReLU(x), S(2)) == (1, 1)
    assert one_sided_slopes(abs(x)) == (-1, 1)
    assert relu_slopes().holds and kinked_activations().holds


def test_the_slope_of_the_cost_jumps() -> None:
    assert slope_jump().holds
    for x, y in product((1.5, -0.5), (2.0, -1.0)):

        def cost(w, x=x, y=y):
            return 0.5 * (jax.nn.relu(w * x) - y) ** 2

        jump = jax.grad(cost)(1e-12) - jax.grad(cost)(-1e-12)
        assert jump == pytest.approx(-y * abs(x), abs=1e-9)


def test_the_curvature_of_a_mean_cost_by_finite_differences() -> None:
    found = population_risk()
    assert not found.holds and found.values["dropped"] == 0

    def risk(b: float) -> mpmath.mpf:
        """L(b) = E (ReLU(x + b) - 2)^2 / 2, by quadrature."""
        off = 2 * mpmath.ncdf(-b)
        return off + mpmath.quad(
            lambda x: (x + b - 2) ** 2 / 2 * mpmath.npdf(x), [-b, 0, 2, 5, mpmath.inf]
        )

    h = mpmath.mpf("1e-3")
    second = (risk(h) - 2 * risk(0) + risk(-h)) / h**2
    assert float(second) == pytest.approx(float(found.values["true"]), abs=2e-4)
    assert float(found.values["naive"]) == 0.5


# -- products of ReLU layers ---------------------------------------------------------------


@pytest.mark.parametrize("depth", [1, 2, 3, 5])
def test_the_share_of_signs_that_keep_the_product(depth: int) -> None:
    found = sign_share(depth)
    assert found.holds and found.values[f"share_{depth}"] == Rational(1, 2) ** depth


def test_weights_that_may_be_0_keep_more_products() -> None:
    """-1, 0 and 1 with equal chances: a 0 among them, or all of them 1, of 3^L."""
    for depth in (1, 2, 3):
        share = sign_share(depth).values[f"share_{depth}_with_zero"]
        assert share == Rational(3**depth - 2**depth + 1, 3**depth)
    assert sign_share(2).values["share_2_with_zero"] == Rational(2, 3)


def test_the_condition_is_exact_on_grids() -> None:
    assert condition_is_exact(2, 9).values == {"points": 729, "mismatches": 0}
    assert condition_is_exact(3, 7).values == {"points": 2401, "mismatches": 0}
    assert chain_output([-1, -1], 1) == 0


def test_links_do_not_depend_on_the_activation() -> None:
    for depth in (1, 2, 3, 6):
        relu, sigmoid = (
            links(read_network("-".join("1" * (depth + 1)), activation=name))
            for name in ("relu", "sigmoid")
        )
        assert relu.values == sigmoid.values
        assert relu.values["derivatives"] == depth + 1 and relu.values["weight"] == depth - 1
        assert bool(relu.holds) == (depth == 1)


# -- stationary points ---------------------------------------------------------------------


def test_stationary_points_of_activations() -> None:
    assert not relu_is_flat_below_zero().holds
    assert not nowhere_stationary("relu")().holds
    for name in ("sigmoid", "tanh", "softplus", "identity", "leaky_relu"):
        assert nowhere_stationary(name)().holds
    for name, at, minimum in (
        ("silu", -1.278465, -0.278465),
        ("gelu", -0.751792, -0.169971),
        ("mish", -1.192431, -0.308843),
    ):
        found = has_minimum(name)()
        assert not found.holds
        assert float(found.values["at"]) == pytest.approx(at, abs=2e-6)
        assert float(found.values["minimum"]) == pytest.approx(minimum, abs=2e-6)


def test_descent() -> None:
    stuck = stuck_neuron()
    assert not stuck.holds
    assert (stuck.values["gradient"], stuck.values["cost"], stuck.values["least"]) == (
        0, Rational(1, 2), 0,
    )  # fmt: skip
    crossing = descent_with_a_kink()
    assert not crossing.holds and crossing.values["left"] != crossing.values["right"]
    assert descent_with_a_kink(steps=2).holds  # too few steps to say so


@pytest.mark.parametrize("name", ["relu", "relu6", "hard_tanh"])
def test_plateaus(name: str) -> None:
    assert not has_plateau(name)().holds


def descended(cost, w: float, rates: list[float]) -> list[float]:
    visited = [w]
    for rate in rates:
        visited.append(visited[-1] - rate * float(jax.grad(cost)(visited[-1])))
    return visited


def test_descent_crosses_a_kink_dies_and_rings_as_automatic_differentiation_says() -> None:
    relu = jax.nn.relu
    crossing = descended(lambda w: (relu(w) - 1) ** 2 / 2 + relu(-w) ** 2 / 2, -1.0, [1.5] * 40)
    assert crossing[1] == float(descent_with_a_kink().values["crossed_to"]) == 0.5
    assert crossing[-1] == pytest.approx(1, abs=1e-11)
    dead = descended(lambda w: (relu(w) - 1) ** 2 / 2, 3.0, [2.5] * 3)
    assert dead[1:] == [-2, -2, -2] and descent_into_inactivity().values["stayed_at"] == -2
    ringing = descended(abs, 0.25, [0.5] * 6)
    assert ringing == [0.25, -0.25] * 3 + [0.25]
    falling = descended(abs, 0.25, [1 / n for n in range(1, 41)])
    found = descent_to_a_kink()
    assert not found.holds
    assert abs(falling[-1]) == pytest.approx(float(found.values["falling_distance"]), rel=0.05)


def test_all_three_weights_are_updated_by_their_own_derivatives() -> None:
    def cost(w):
        r = 1.0
        for weight in w:
            r = jax.nn.relu(weight * r)
        return (2 - r) ** 2 / 2

    before = jnp.ones(3)
    after = before - 0.1 * jax.grad(cost)(before)
    found = update_of_three()
    assert found.holds and found.values["before"] == Rational(1, 2)
    assert after.tolist() == pytest.approx([float(found.values["updated"])] * 3)
    assert float(cost(after)) == pytest.approx(float(found.values["after"]), rel=5e-3)


def test_frameworks_take_0_at_0() -> None:
    assert jax.grad(jax.nn.relu)(0.0) == 0
