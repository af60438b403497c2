"""Programs of models with fixed parts, strides and pools give what `evaluate` gives."""

from inspect import signature

import jax
import numpy as np
import pytest

from derive import Model, evaluate
from tests.deriving.test_fixed import STRAIGHT_THROUGH, WEIGHTED
from tests.documents.formulas import requires_package
from tests.evaluating.test_jax_models import as_floats, as_text
from tests.kernels.running import program, relative
from tests.kernels.test_model_programs import in_code
from tests.proving.test_shifts import POOLS, STRIDED

POOLED = f"input x[C,L]\nsize P = 2\n{POOLS['mean'][0]}\noutput p"
SHAPES = {
    STRAIGHT_THROUGH: {"x": 3, "w": 3, "a": (), "y": 3},
    WEIGHTED: {"z": (2, 3), "y": (2, 3)},
    STRIDED: {"x": (2, 7), "W": (4, 2, 3), "b": 4, "dC/do": (4, 2)},
    POOLED: {"x": (3, 5), "dC/dp": (3, 2)},
}


def given(text):
    draw = np.random.default_rng(11)
    return {name: draw.uniform(0.2, 0.9, shape) for name, shape in SHAPES[text].items()}


@pytest.mark.parametrize("text", SHAPES, ids=["straight-through", "weighted", "strided", "pooled"])
def test_programs_have_the_exact_values(text):
    model, arrays = Model.from_definitions(text), given(text)
    moving = {str(head[0]) for head in model.moved} | {key for key in arrays if "/" in key}
    along = {f"R({key})": np.cos(arrays[key]) for key in moving}
    exact = evaluate(model, {key: as_text(array) for key, array in (arrays | along).items()})
    functions = program(model)
    known = {in_code(key): array for key, array in (arrays | along).items()}

    def run(kind):
        return functions[kind](**{key: known[key] for key in signature(functions[kind]).parameters})

    every = run("every_quantity")
    for key, value in exact.quantities.items():
        assert relative(every[in_code(key)], as_floats(value)) < 1e-12
    for key, value in exact.gradients.items():
        own = every.get(in_code(f"dC/d{key}"))
        assert own is None or relative(own, as_floats(value)) < 1e-12
    products = run("hessian_vector_product")
    products = products if isinstance(products, tuple) else (products,)
    names = [f"R(dC/d{head[0]})" for head in model.given if head in model.moved]
    for key, found in zip(names, products, strict=True):
        assert relative(found, as_floats(exact.motions[key])) < 1e-11


def test_jax_holds_still_what_is_fixed():
    model, arrays = Model.from_definitions(STRAIGHT_THROUGH), given(STRAIGHT_THROUGH)
    cost = program(model, 1, "jax")["cost"]
    slope = jax.grad(lambda w: cost(**(arrays | {"w": w})))(arrays["w"])
    exact = evaluate(model, {key: as_text(array) for key, array in arrays.items()})
    assert relative(slope, as_floats(exact.gradients["w"])) < 1e-12


def test_torch_holds_still_what_is_fixed():
    torch = requires_package("torch")
    model, arrays = Model.from_definitions(STRAIGHT_THROUGH), given(STRAIGHT_THROUGH)
    tensors = {key: torch.tensor(array) for key, array in arrays.items()}
    tensors["w"].requires_grad_(True)
    program(model, 1, "torch")["cost"](**tensors).backward()
    exact = evaluate(model, {key: as_text(array) for key, array in arrays.items()})
    assert relative(tensors["w"].grad.numpy(), as_floats(exact.gradients["w"])) < 1e-12
