"""Hessians, diagonals and Gauss-Newton products of models from definitions, beside JAX."""

import ctypes
from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from derive import Model, code, read_model
from derive.files.built_in import builtin_models
from derive.kernels.c.functions import FunctionWriter, sizes_at
from derive.kernels.sources import kernel
from derive.kernels.vectors import vectors
from tests.documents.formulas import requires_package
from tests.kernels.running import array_of, flat, program, relative
from tests.kernels.test_c_programs import compiled
from tests.kernels.test_model_programs import in_code
from tests.sweeps import sweep

jax.config.update("jax_enable_x64", True)
MODELS = [name for name in builtin_models() if read_model(name).objective is not None]
SPLIT = [name for name in MODELS if read_model(name).splits_at is not None]
CLOSE = 1e-11
NUMBERS = ctypes.POINTER(ctypes.c_double)
PENALIZED = """
input x[N,D]
parameter w[D,K], v[K]
target y[N]
h[n,k] := tanh(sum(i, x[n,i]*w[i,k]))
o[n] := exp(sum(k, h[n,k]*v[k]))
C := sum(n, (o[n] - y[n])^4) + 3*sum(k, v[k]^4)
output o
"""


def at(model):
    """The arrays of a test vector: what is given, what moves, and how."""
    (vector,) = vectors(model)
    exact = {in_code(key): value for key, value in vector.arrays().items()}
    made = kernel(model, 2)
    given = {in_code(str(one.kind)): exact[in_code(str(one.kind))] for one in made.given}
    moving = [in_code(str(one.kind)) for one in made.differentiated]
    for key in moving:  # off kinks, at which JAX has conventions of its own
        given[key] = (
            given[key] + np.sin(1.0 + np.arange(given[key].size)).reshape(given[key].shape) / 64
        )
    return vector, given, moving, [exact[f"R_{key.removesuffix('_')}"] for key in moving]


def by_jax(model, of, given, moving):
    """The Hessian of a function of what moves, or its Jacobian, as `jax.jacfwd` has it."""
    shapes = [given[key].shape for key in moving]
    ends = np.cumsum([0, *(given[key].size for key in moving)])

    def arranged(numbers):
        parts = (numbers[a:b] for a, b in pairwise(ends))
        own = (part.reshape(shape) for part, shape in zip(parts, shapes, strict=True))
        return of(**(given | dict(zip(moving, own, strict=True))))

    return arranged, jnp.concatenate([jnp.ravel(given[key]) for key in moving])


def held_to_jax(model, target):
    _, given, moving, along = at(model)
    cost, point = by_jax(model, program(model, 2, "jax")["cost"], given, moving)
    wanted = jax.jit(jax.hessian(cost))(point)
    functions, array = program(model, 2, target), array_of(target)
    arrays = {key: array(value) for key, value in given.items()}
    found = functions["hessian"](**arrays)
    assert relative(found, wanted) < CLOSE
    assert relative(flat(functions["hessian_diagonal"](**arrays)), np.diag(wanted)) < CLOSE
    if model.splits_at is None:
        assert "gauss_newton_product" not in functions
        return
    product = functions["gauss_newton_product"](*arrays.values(), *map(array, along))
    assert relative(flat(product), gauss_newton(model, given, moving) @ flat(along)) < CLOSE


def gauss_newton(model, given, moving):
    """J^T H J of the output o: what of C = f(o) + g is curved by f, at a point."""
    output = in_code(str(model.splits_at[0]))
    every = program(model, 2, "jax")["every_quantity"]
    of_output, point = by_jax(model, lambda **of: every(**of)[output].ravel(), given, moving)
    J = jax.jacfwd(of_output)(point)
    inner = model.with_given(model.splits_at)
    # `with_given` makes the output an input: C as a function of it alone.
    value = np.asarray(every(**given)[output])
    cost = program(inner, 2, "jax")["cost"]
    of_C, o = by_jax(inner, cost, given | {output: value}, [output])
    return np.asarray(J.T @ jax.hessian(of_C)(o) @ J)


@pytest.mark.parametrize("name", sweep(MODELS, ["ridge", "rms-norm", "focal-loss"]))
def test_numpy(name):
    held_to_jax(read_model(name), "numpy")


@pytest.mark.parametrize("name", sweep(SPLIT, ["logistic-loss"]))
def test_jax(name):
    held_to_jax(read_model(name), "jax")


@pytest.mark.parametrize("name", sweep(["ridge", "layer-norm", "attention-head"], ["ridge"]))
def test_torch(name):
    requires_package("torch")
    held_to_jax(read_model(name), "torch")


@pytest.mark.thorough
def test_a_penalty_is_no_part_of_gauss_newton():
    """C = sum (o - y)^4 + a penalty, so that neither curvature is constant."""
    held_to_jax(Model.from_definitions(PENALIZED, name="penalized"), "numpy")


@pytest.mark.parametrize("name", sweep(SPLIT, ["ridge", "layer-norm"]))
def test_c(name, tmp_path):
    model = read_model(name)
    vector, given, moving, along = at(model)
    cost, point = by_jax(model, program(model, 2, "jax")["cost"], given, moving)
    wanted = jax.jit(jax.hessian(cost))(point)
    made = compiled(code(model, "c", 2), tmp_path, "-shared", "-fPIC", "-DWITHOUT_MAIN")
    functions = ctypes.CDLL(str(made))
    writer = FunctionWriter(kernel(model, 2))
    known = sizes_at(writer, vector)
    sizes = [ctypes.c_size_t(known[name]) for name in writer.sizes.values()]
    held = {key: np.array(value, order="C") for key, value in given.items()}

    def run(kind, more, shapes):
        found = [np.full(shape, np.nan) for shape in shapes]
        pointers = [one.ctypes.data_as(NUMBERS) for one in (*held.values(), *more, *found)]
        for place, one in enumerate(held.values()):
            if one.ndim == 0:
                pointers[place] = ctypes.c_double(float(one))
        assert functions[kind](*sizes, *pointers) == 0
        return found

    shapes = [held[key].shape for key in moving]
    (whole,) = run("hessian", [], [wanted.shape])
    assert relative(whole, wanted) < CLOSE
    assert relative(flat(run("hessian_diagonal", [], shapes)), np.diag(wanted)) < CLOSE
    product = run("gauss_newton_product", along, shapes)
    assert relative(flat(product), gauss_newton(model, given, moving) @ flat(along)) < CLOSE


def test_an_unspecified_objective_has_no_hessian():
    functions = program(read_model("softmax"), 2)
    assert "hessian_vector_product" in functions
    assert "hessian" not in functions
