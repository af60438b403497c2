"""Newton's method without damping against jax.hessian and numpy's solver in float64."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from sympy import S, Symbol

from derive.claims.analysis.undamped import dead_unit, on_the_chain
from tests.sweeps import sweep, thorough

jax.config.update("jax_enable_x64", True)


def cost(w: jax.Array, x: float, y: float) -> jax.Array:
    return (jax.nn.relu(w[1] * jax.nn.relu(w[0] * x)) - y) ** 2 / 2


def stepped(w: np.ndarray, x: float, y: float) -> np.ndarray:
    """Where one Newton step leads."""
    curvature, gradient = jax.hessian(cost)(w, x, y), jax.grad(cost)(w, x, y)
    return w - np.linalg.solve(np.asarray(curvature), np.asarray(gradient))


@pytest.mark.thorough
@pytest.mark.parametrize("x", sweep([1.0, 0.5], [0.5]))
@pytest.mark.parametrize("w", [(2.0, 1.0), *(thorough((w,)) for w in ((0.9, 1.6), (3.0, 4.0)))])
def test_it_converges_quadratically_above_a_third_of_the_target(w: tuple, x: float) -> None:
    y, weights = 1.2, np.array(w)
    errors = []
    for _ in range(9):
        errors.append(weights[0] * weights[1] * x - y)
        if abs(errors[-1]) < 1e-7:
            break
        weights = stepped(weights, x, y)
    assert abs(errors[-1]) < 1e-7
    assert abs(errors[-1]) < 2 * 3 / (4 * y) * errors[-2] ** 2 + 1e-12


@pytest.mark.thorough
def test_the_formula_is_that_of_a_step() -> None:
    found = on_the_chain()
    assert found.holds
    p, y = Symbol("p", real=True), Symbol("y", real=True)
    random = np.random.default_rng(4)
    for w_1, w_2, x, target in random.uniform(0.3, 2, (20, 4)):
        if abs(3 * w_1 * w_2 * x - target) < 0.1 or abs(w_1 * w_2 * x - target) < 0.1:
            continue
        at = {p: w_1 * w_2 * x, y: target}
        after = stepped(np.array([w_1, w_2]), x, target)
        growth = float(found.values["growth"].subs(at))
        np.testing.assert_allclose(after, [w_1 * growth, w_2 * growth], rtol=1e-9)
        error = after[0] * after[1] * x - target
        assert float(found.values["next_error"].subs(at)) == pytest.approx(error, rel=1e-9)


@pytest.mark.thorough
def test_the_errors_that_are_shown() -> None:
    weights, found = np.array([2.0, 1.0]), on_the_chain().values
    for n in range(1, 4):
        weights = stepped(weights, 1.0, 3.0)
        assert float(found[f"error_{n}"]) == pytest.approx(weights[0] * weights[1] - 3, rel=0.02)


def test_below_a_third_of_the_target_the_step_ends_in_inactivity() -> None:
    after = stepped(np.array([0.5, 1.0]), 1.0, 3.0)
    assert (after < 0).all()
    assert (np.asarray(jax.grad(cost)(after, 1.0, 3.0)) == 0).all()
    assert (np.asarray(jax.hessian(cost)(after, 1.0, 3.0)) == 0).all()


def test_a_dead_unit_divides_0_by_0() -> None:
    found = dead_unit()
    assert not found.holds
    assert (found.values["dead_gradient"], found.values["dead_curvature"]) == (S.Zero, S.Zero)
    one = lambda w: (jax.nn.relu(w) - 1.0) ** 2 / 2  # noqa: E731
    assert jnp.isnan(jax.grad(one)(-1.0) / jax.grad(jax.grad(one))(-1.0))
    assert dead_unit(w=2).holds
