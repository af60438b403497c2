"""Second derivatives by jax of many networks at once.

Every network is padded with units of weight 0 and layers that do nothing, up to `SIZE`
layers of `SIZE` units and `SAMPLES` samples, so that jax compiles one program for all.
"""

from dataclasses import dataclass

import jax
import numpy as np
from jax import numpy as jnp

jax.config.update("jax_enable_x64", True)

SIZE = 5
SAMPLES = 3
ACTIVATIONS = ("relu", "leaky_relu", "identity", "sigmoid", "tanh", "softplus", "softmax")
COSTS = ("half_squared_error", "mean_squared_error", "cross_entropy", "binary_cross_entropy")


@dataclass(frozen=True)
class Padded:
    """One network as arrays of fixed shapes; `places` are its parameters among all."""

    arrays: dict
    places: np.ndarray


def padded(network, point):
    """The arrays of a network at a point; Step(0) is 0 or 1."""
    widths = [int(network.width(number)) for number in network.layer_numbers]
    weights = np.zeros((SIZE, SIZE + 1, SIZE))  # the last row of a layer has the biases
    used = np.zeros(weights.shape, bool)
    codes, slopes = np.full(SIZE, -1), np.zeros(SIZE)
    real = np.zeros((SIZE, SIZE))
    for k, layer in enumerate(network.layers):
        rows, columns = widths[k], widths[k + 1]
        weights[k, :rows, :columns] = _floats(point[f"W{k}"]).reshape(rows, columns)
        used[k, :rows, :columns] = True
        if layer.bias:
            weights[k, SIZE, :columns] = _floats(point[f"b{k}"])
            used[k, SIZE, :columns] = True
        codes[k], slopes[k] = ACTIVATIONS.index(layer.activation.name), layer.activation.slope
        real[k, :columns] = 1
    samples = point.get("samples", (point,))
    x, y, share = np.zeros((SAMPLES, SIZE)), np.zeros((SAMPLES, SIZE)), np.zeros(SAMPLES)
    for place, sample in enumerate(samples):
        x[place, : widths[0]], y[place, : widths[-1]] = _floats(sample["x"]), _floats(sample["y"])
        share[place] = 1 / len(samples) if network.reduction == "mean" else 1
    arrays = {
        "weights": weights, "codes": codes, "slopes": slopes, "real": real, "x": x, "y": y,
        "share": share, "outputs": float(widths[-1]), "cost": COSTS.index(network.cost.name),
        "at_zero": int(network.step_at_zero),
    }  # fmt: skip
    return Padded(arrays, np.flatnonzero(used))


def _floats(numbers):
    return np.array([float(n) for n in np.asarray(numbers, dtype=object).reshape(-1)])


def _layer(before, layer):
    """z and r of the next layer; what they were, if that layer does not exist."""
    z, r = before
    at_zero, real = layer["at_zero"], layer["real"] == 1
    here = r @ layer["weights"][:SIZE] + layer["weights"][SIZE]
    on = (here > 0) | ((here == 0) & (at_zero == 1))
    # Not jax.nn.softplus, whose second derivative at 0 is 1/2 inside a scan (jax 0.10.2).
    choices = (
        jnp.where(on, here, 0.0), jnp.where(on, here, layer["slopes"] * here), here,
        jax.nn.sigmoid(here), jnp.tanh(here), jnp.log1p(jnp.exp(here)),
        jax.nn.softmax(jnp.where(real, here, -1e9)),
    )  # fmt: skip
    new = sum(jnp.where(layer["codes"] == n, choice, 0.0) for n, choice in enumerate(choices))
    exists = layer["codes"] >= 0
    return (jnp.where(exists, here, z), jnp.where(exists, new * real, r)), None


def _last_layer(weights, x, given):
    """z^(L) and r^(L) of one sample."""
    layers = {name: given[name] for name in ("codes", "slopes", "real")} | {
        "weights": weights, "at_zero": jnp.full(SIZE, given["at_zero"]),
    }  # fmt: skip
    return jax.lax.scan(_layer, (x, x), layers)[0]


def _cost_of_outputs(r, y, given):
    square = jnp.sum((y - r) ** 2)
    return jnp.where(given["cost"] == 0, square / 2, square / given["outputs"])


def _cost_of_logits(z, y, given):
    """Both cross-entropies, with targets and logits of units that do not exist left out."""
    real = given["real"][jnp.sum(given["codes"] >= 0) - 1]
    log_p = jax.nn.log_softmax(jnp.where(real == 1, z, -1e9))
    cross = -jnp.sum(jnp.where(real == 1, y * log_p, 0.0))
    binary = jnp.sum(jnp.where(real == 1, jax.nn.softplus(z) - y * z, 0.0))
    return jnp.where(given["cost"] == 2, cross, binary)


def _curvature(given):
    """C, gradient, Hessian and Gauss-Newton matrix J' M J of one padded network."""
    shape = given["weights"].shape
    squared = given["cost"] < 2

    def split(flat, x):
        z, r = _last_layer(flat.reshape(shape), x, given)
        return jnp.where(squared, r, z)

    def of_split(s, y):
        return jnp.where(squared, _cost_of_outputs(s, y, given), _cost_of_logits(s, y, given))

    def cost(flat):
        costs = jax.vmap(lambda x, y: of_split(split(flat, x), y))(given["x"], given["y"])
        return jnp.dot(given["share"], costs)

    def gauss_newton(flat, x, y):
        jacobian = jax.jacrev(split)(flat, x)
        return jacobian.T @ jax.hessian(of_split)(split(flat, x), y) @ jacobian

    flat = given["weights"].reshape(-1)
    parts = jax.vmap(gauss_newton, (None, 0, 0))(flat, given["x"], given["y"])
    total = jnp.tensordot(given["share"], parts, 1)
    return cost(flat), jax.grad(cost)(flat), jax.hessian(cost)(flat), total


_program = jax.jit(_curvature)


def curvature(network, point):
    """C, gradient, Hessian and Gauss-Newton matrix in float64, in the order of `parameters`."""
    one = padded(network, point)
    value, gradient, hessian, gauss_newton = map(np.asarray, _program(one.arrays))
    block = np.ix_(one.places, one.places)
    return float(value), gradient[one.places], hessian[block], gauss_newton[block]
