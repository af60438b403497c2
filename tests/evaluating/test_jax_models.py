"""Built-in models mean what their names say: gradients and products with the Hessian by JAX."""

import jax
import numpy as np
import pytest

from derive import evaluate, read_model
from derive.files.built_in import builtin_models
from derive.model.assumptions import rows_of_sum_one
from derive.model.instances import shifts_of
from tests.jax_models import forward
from tests.sweeps import sweep

jax.config.update("jax_enable_x64", True)

#: Given values that are positive, and those that are between 0 and 1.
POSITIVE = {"eps", "lambda", "tau", "beta", "alpha", "q"}
CASES = [(name, seed) for name in builtin_models() for seed in (1, 2, 3)]


def drawn(one, seed):
    """Sizes that are all different, and arrays of tensors none of whose entries is 1."""
    draw = np.random.default_rng(seed)
    axes = sorted(one.all_axes, key=str)
    sizes = dict(zip(axes, draw.permutation(len(axes)) + 2, strict=True))
    for axis, parts in shifts_of(one):
        sizes[axis] = sum(sizes[part] for part in parts) - len(parts) + 1
    found = {}
    for tensor in one.tensors:
        shape = [int(sizes[axis]) for axis in tensor.axes]
        values = draw.uniform(0.2, 0.9, shape)
        signed = tensor.name not in POSITIVE and tensor.role != "target"
        found[tensor.name] = values * draw.choice([-1, 1], shape) if signed else values
        head = next(head for head in one.given if str(head[0]) == tensor.name)
        if (place := rows_of_sum_one(one).get(head)) is not None:
            found[tensor.name] = values / values.sum(axis=place, keepdims=True)
    if one.objective is None:
        output = next(d for d in one.definitions if d.left.kind == one.output)
        shape = [int(sizes[axis]) for axis in output.axes]
        found[f"dC/d{one.output}"] = draw.uniform(-0.9, 0.9, shape)
    return found


@pytest.mark.parametrize(("name", "seed"), sweep(CASES, [(n, 1) for n in ("rms-norm", "dropout")]))
def test_gradients_of_every_quantity_are_those_of_jax(name, seed):
    one = read_model(name)
    given = drawn(one, seed)
    found = evaluate(one, {key: as_text(array) for key, array in given.items()})
    run = forward(name)
    moved = {}

    def record(quantity, value):
        moved[quantity] = np.zeros(value.shape)
        return value

    cost = run(given, record)
    if one.objective is not None:
        assert float(found.C) == pytest.approx(float(cost), rel=1e-12)
    by_given, by_moved = jax.grad(
        lambda arrays, add: run(arrays, lambda quantity, value: value + add[quantity]),
        argnums=(0, 1),
    )(given, moved)
    defined = {d.left.kind for d in one.definitions} - {one.objective}
    assert {*moved} == defined
    for quantity, gradient in found.gradients.items():
        wanted = by_moved[quantity] if quantity in defined else by_given[quantity]
        assert np.array(as_floats(gradient)) == pytest.approx(
            np.array(wanted), rel=1e-10, abs=1e-12
        )


@pytest.mark.parametrize(("name", "seed"), sweep(CASES, [(n, 1) for n in ("rms-norm", "softmax")]))
def test_motions_of_every_quantity_and_derivative_are_those_of_jax(name, seed):
    one = read_model(name)
    given = drawn(one, seed)
    draw = np.random.default_rng(seed + 100)
    moving = {str(head[0]) for head in one.moved} | {key for key in given if key.startswith("dC/")}
    direction = {key: draw.uniform(-0.9, 0.9, array.shape) for key, array in given.items()}
    direction = {key: array * (key in moving) for key, array in direction.items()}
    along = {f"R({key})": as_text(direction[key]) for key in moving}
    found = evaluate(one, {key: as_text(array) for key, array in given.items()} | along)
    run = forward(name)

    def values(arrays):
        kept = {}
        run(arrays, lambda quantity, value: kept.setdefault(quantity, value))
        return kept

    def gradients(arrays):
        still = {quantity: np.zeros(value.shape) for quantity, value in values(given).items()}
        return jax.grad(
            lambda own, add: run(own, lambda quantity, value: value + add[quantity]), (0, 1)
        )(arrays, still)

    _, moved = jax.jvp(values, (given,), (direction,))
    _, (by_given, by_moved) = jax.jvp(gradients, (given,), (direction,))
    wanted = {f"R({quantity})": array for quantity, array in moved.items()}
    wanted |= {f"R(dC/d{quantity})": array for quantity, array in by_moved.items()}
    wanted |= {f"R(dC/d{quantity})": by_given[quantity] for quantity in by_given}
    needed = {f"R(dC/d{head[0]})" for head in one.moved} | {f"R({quantity})" for quantity in moved}
    assert needed <= {*found.motions}
    for quantity, motion in found.motions.items():
        assert np.array(as_floats(motion)) == pytest.approx(
            np.array(wanted[quantity]), rel=1e-10, abs=1e-12
        )


def as_text(array):
    """Each number exactly as JAX has it."""
    return array.tolist() if array.ndim else float(array)


def as_floats(nested):
    return [as_floats(part) for part in nested] if isinstance(nested, tuple) else float(nested)
