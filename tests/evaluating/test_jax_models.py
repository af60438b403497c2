"""Built-in models mean what their names say: every gradient against JAX, at random sizes."""

import jax
import numpy as np
import pytest

from derive import evaluate, read_model
from derive.files.built_in import builtin_models
from derive.model.assumptions import rows_of_sum_one
from tests.evaluating import jax_models
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
    forward = getattr(jax_models, name.replace("-", "_"))
    moved = {}

    def record(quantity, value):
        moved[quantity] = np.zeros(value.shape)
        return value

    cost = forward(given, record)
    if one.objective is not None:
        assert float(found.C) == pytest.approx(float(cost), rel=1e-12)
    by_given, by_moved = jax.grad(
        lambda arrays, add: forward(arrays, lambda quantity, value: value + add[quantity]),
        argnums=(0, 1),
    )(given, moved)
    defined = {d.left.kind for d in one.definitions} - {one.objective}
    assert {*moved} == defined
    for quantity, gradient in found.gradients.items():
        wanted = by_moved[quantity] if quantity in defined else by_given[quantity]
        assert np.array(as_floats(gradient)) == pytest.approx(
            np.array(wanted), rel=1e-10, abs=1e-12
        )


def as_text(array):
    """Each number exactly as JAX has it."""
    return array.tolist() if array.ndim else float(array)


def as_floats(nested):
    return [as_floats(part) for part in nested] if isinstance(nested, tuple) else float(nested)
