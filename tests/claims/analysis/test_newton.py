"""Newton's method and Hessians at a point against jax.hessian in float64."""

from __future__ import annotations

from itertools import pairwise, product

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from sympy import Matrix, Rational, symbols

from derive import prove, read_network
from derive.claims.analysis.newton import (
    Steps,
    chain_determinant,
    gauss_newton_differs,
    linear_saddle,
    newton_step,
    no_step,
    one_neuron,
    relu_alone,
    rescaled_input,
    rmsprop,
    same_layer_hessians,
    scale_symmetry,
    stuck_chain,
    two_curvatures,
)
from derive.claims.analysis.regions import derivatives_at
from derive.errors import DeriveError
from tests.sweeps import sampled, sweep

jax.config.update("jax_enable_x64", True)

PHI = {
    "relu": jax.nn.relu,
    "leaky_relu": lambda z: jnp.where(z > 0, z, 0.5 * z),
    "sigmoid": jax.nn.sigmoid,
    "tanh": jnp.tanh,
    "softplus": jax.nn.softplus,
    "identity": lambda z: z,
}


@pytest.mark.parametrize(
    ("bias", "shape", "activation"),
    sampled(product((False, True), ("1-1", "2-2-1", "1-2-2"), PHI), every=23),
)
def test_derivatives_at_a_point(activation: str, shape: str, bias: bool) -> None:
    random = np.random.default_rng(len(activation) + len(shape) + bias)
    widths = [int(n) for n in shape.split("-")]
    slope = "1/2" if activation == "leaky_relu" else None
    network = read_network(shape, activation=activation, bias=bias, slope=slope)

    def draw(*size: int) -> np.ndarray:
        return random.choice([-7, -5, -3, -1, 1, 3, 5, 7], size) / 4

    point = {"x": draw(widths[0]), "y": draw(widths[-1])}
    for k, (n, m) in enumerate(pairwise(widths)):
        point[f"W{k}"] = draw(n, m)
        if bias:
            point[f"b{k}"] = draw(m) / 8
    groups = [name for name in point if name[0] in "Wb"]
    flat = jnp.concatenate([jnp.ravel(point[name]) for name in groups])

    def cost(parameters: jax.Array) -> jax.Array:
        entries, at = {}, 0
        for name in groups:
            size = point[name].size
            entries[name] = parameters[at : at + size].reshape(point[name].shape)
            at += size
        r = point["x"]
        for k in range(len(widths) - 1):
            r = PHI[activation](entries[f"W{k}"].T @ r + entries.get(f"b{k}", 0.0))
        return ((point["y"] - r) ** 2).sum() / 2

    exact = {name: [[Rational(v) for v in row] for row in value] if value.ndim == 2
             else [Rational(v) for v in value] for name, value in point.items()}  # fmt: skip
    found = derivatives_at(network, exact)
    expected_cost, gradient, hessian = jax.jit(
        lambda p: (cost(p), jax.grad(cost)(p)[:, None], jax.hessian(cost)(p))
    )(flat)
    for value, expected in (
        (found.cost, expected_cost), (found.gradient, gradient), (found.hessian, hessian),
    ):  # fmt: skip
        as_array = np.array(Matrix([value]) if not isinstance(value, Matrix) else value.evalf(20))
        np.testing.assert_allclose(
            as_array.astype(float).squeeze(), np.squeeze(expected), rtol=1e-11, atol=1e-12
        )
    assert len(found.parameters) == flat.size == len(set(found.parameters))
    assert ("b0[0]" in found.parameters) == bias and "W0[0,0]" in found.parameters


def test_a_kink_has_no_derivatives() -> None:
    with pytest.raises(DeriveError, match="pre-activation is 0"):
        derivatives_at(read_network("1-1"), {"x": [0], "y": [1], "W0": [[1]]})


def test_softmax_outputs_are_refused() -> None:
    network = read_network("softmax-classifier")
    assert network.point is not None
    with pytest.raises(DeriveError, match="separable"):
        derivatives_at(network, network.point)


def test_steps() -> None:
    one = newton_step(Matrix([[2, 0], [0, 4]]), Matrix([2, 4]))
    assert one.steps is Steps.ONE and one.step == Matrix([-1, -1])
    assert newton_step(Matrix([[1, 1], [1, 1]]), Matrix([1, 1])).steps is Steps.MANY
    assert newton_step(Matrix([[1, 1], [1, 1]]), Matrix([1, 2])).steps is Steps.NONE
    assert newton_step(Matrix([[0]]), Matrix([0])).steps is Steps.MANY  # a dead unit: 0/0
    assert newton_step(Matrix([[0]]), Matrix([1])).steps is Steps.NONE  # ReLU itself: -1/0


def test_one_neuron_lands_on_the_target() -> None:
    assert one_neuron().holds and one_neuron().values["landed"] == Rational(3, 2)
    assert not one_neuron(w=-1).holds  # dead: there is no step
    proof = prove("W0-(dC/dW0)/(d2C/dW0dW0)", "y/x", read_network("1-1"), ["W0*x > 0"])
    assert proof.proved


def test_the_stuck_chain() -> None:
    at = stuck_chain()
    assert at.hessian == Matrix([[1, -1], [-1, 1]]) and at.gradient == Matrix([-2, -2])
    found = no_step()
    assert not found.holds
    assert (found.values["rank"], found.values["augmented"]) == (1, 2)


def test_the_determinant_of_the_two_layer_chain_is_that_of_the_network() -> None:
    w_1, w_2 = symbols("w_1 w_2", real=True)
    x, y = symbols("x y", real=True)
    p = x * w_1 * w_2
    expected = -(x**2) * (p - y) * (3 * p - y)
    assert (chain_determinant() - expected).expand() == 0
    found = derivatives_at(
        read_network("1-1-1"), {"x": [2], "y": [5], "W0": [[3]], "W1": [[Rational(1, 2)]]}
    )
    value = chain_determinant().subs({w_1: 3, w_2: Rational(1, 2), x: 2, y: 5})
    assert found.hessian.det() == value


@pytest.mark.parametrize("shape", sweep(["1-1-1", "1-1-1-1"], ["1-1-1"]))
def test_scale_symmetry_of_chains(shape: str) -> None:
    network = read_network(shape)
    for a, b in ((0, 1), (1, 0), (0, network.depth - 1)):
        for equation in scale_symmetry(network, a, b):
            assert prove(equation.lhs, equation.rhs, network).proved


def test_scale_symmetry_at_every_width() -> None:
    network = read_network("n_0-n_1-1")
    assert prove(
        "sum(i, sum(j, W0[i,j]*d2C/dW0[i,j]dW0[l,m])) - sum(j, W1[j]*d2C/dW1[j]dW0[l,m])",
        "-dC/dW0[l,m]", network,
    ).proved  # fmt: skip


def test_scale_symmetry_fails_for_sigmoid() -> None:
    network = read_network("1-1-1", activation="sigmoid")
    assert any(
        prove(e.lhs, e.rhs, network).status.value == "refuted"
        for e in scale_symmetry(network, 0, 1)
    )


def test_findings() -> None:
    assert not relu_alone().holds
    assert not same_layer_hessians().holds
    assert same_layer_hessians().values["inputs"] == Matrix([[1, 2], [2, 4]])
    assert same_layer_hessians().values["hidden"] == Matrix([[4, 6], [6, 9]])
    curvatures = two_curvatures()
    assert curvatures.holds and (curvatures.values["right"], curvatures.values["left"]) == (10, 4)
    assert linear_saddle().holds
    assert gauss_newton_differs().holds
    assert gauss_newton_differs().values["gauss_newton"] == Matrix([[1, 1], [1, 1]])
    assert not rmsprop().holds and rmsprop().values["curvature_at_fit"] == 1
    c = symbols("c", positive=True)
    assert dict(rescaled_input().values) == {"curvature": c**2, "gradient": c}
