"""NumPy programs of models from definitions give what `evaluate` gives, to second order."""

from inspect import signature

import numpy as np
import pytest

from derive import evaluate, read_model
from derive.files.built_in import builtin_models
from derive.files.definitions_file import read_definitions
from tests.evaluating.test_jax_models import as_floats, as_text, drawn
from tests.kernels.running import program, relative
from tests.sweeps import sweep

OFTEN = ["rms-norm", "softmax-cross-entropy", "masked-attention"]


@pytest.mark.parametrize("name", sweep(builtin_models(), OFTEN))
def test_built_in_models(name):
    one = read_model(name)
    given = {key: np.asarray(value) for key, value in drawn(one, 1).items()}
    draw = np.random.default_rng(2)
    moving = {str(head[0]) for head in one.moved} | {key for key in given if key.startswith("dC/")}
    along = {f"R({key})": draw.uniform(-0.9, 0.9, given[key].shape) for key in moving}
    exact = evaluate(one, {key: as_text(array) for key, array in (given | along).items()})
    arrays = {in_code(key): array for key, array in (given | along).items()}
    functions = program(one)

    def run(kind):
        wanted = signature(functions[kind]).parameters
        return functions[kind](**{key: arrays[key] for key in wanted})

    if one.objective is not None:
        assert run("cost") == pytest.approx(float(exact.C), rel=1e-12)
    every = run("every_quantity")
    for key, value in exact.quantities.items():
        assert relative(every[in_code(key)], as_floats(value)) < 1e-12, key
    for key, value in exact.gradients.items():
        own = every.get(in_code(f"d{exact.objective}/d{key}"))
        assert own is None or relative(own, as_floats(value)) < 1e-11, key
    parameters = {str(head[0]) for head in one.parameters}
    assert {in_code(f"d{exact.objective}/d{key}") for key in parameters} <= {*every}
    products = run("hessian_vector_product")
    products = products if isinstance(products, tuple) else (products,)
    names = [f"R(d{exact.objective}/d{head[0]})" for head in one.given if head in one.moved]
    for key, found in zip(names, products, strict=True):
        assert relative(found, as_floats(exact.motions[key])) < 1e-11, key


def in_code(name):
    """A name as programs write it."""
    plain = name.replace("R(", "R_").replace(")", "").replace("/", "_")
    return f"{plain}_" if plain in ("lambda", "shift", "step") else plain


def test_what_is_held_fixed_is_a_value():
    """C = q z for q := fixed(z): dC/dz = q, and not 2 z."""
    one = read_definitions("parameter W\nz := 3*W\nq := fixed(z)\nC := q*z\n", name="fixed")
    C, slope = program(one, 1)["cost_and_gradient"](np.array(2.0))
    assert (C, slope) == (36, 18)
