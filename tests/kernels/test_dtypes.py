"""Programs of a type compute in it, whatever they are given, and are as exact as it allows."""

import subprocess
from functools import lru_cache
from inspect import signature

import numpy as np
import pytest

from derive import code, read_model, read_network, vectors
from derive.errors import DeriveError
from derive.files.built_in import builtin_models
from derive.kernels import sources
from derive.notation.ascii.printing import ascii_text
from tests.documents.formulas import requires_package
from tests.kernels.running import relative
from tests.kernels.test_c_programs import SANITIZED, compiled
from tests.kernels.test_model_programs import in_code
from tests.kernels.test_numpy_programs import BUILT_IN, OTHERS, sized
from tests.sweeps import sweep

#: A thousand roundings.
ENOUGH = {name: 1000 * np.finfo(name).eps for name in ("float32", "float64")}


def model_of(name):
    if isinstance(name, dict):
        return read_network("2-3-2", bias=True, **name)
    return sized(read_network(name)) if name in BUILT_IN else read_model(name)


@lru_cache(maxsize=4)
def vector_of(name):
    (vector,) = vectors(model_of(dict(name) if isinstance(name, tuple) else name))
    return vector


def checked(name, target, dtype):
    """Hold each function to the exact vector, with arrays of the other type given."""
    vector = vector_of(tuple(name.items()) if isinstance(name, dict) else name)
    names, model = {}, model_of(name)
    exec(compile(code(model, target, 2, dtype=dtype), f"<{name}>", "exec"), names)
    other = "float64" if dtype == "float32" else "float32"
    given = {in_code(key): value for key, value in vector.arrays(other).items()}
    exact = {in_code(key): value for key, value in vector.arrays().items()}
    seen = 0
    every = names["every_quantity"]
    found = every(**{key: given[key] for key in signature(every).parameters})
    products = names["hessian_vector_product"]
    results = products(**{key: given[key] for key in signature(products).parameters})
    results = results if isinstance(results, tuple) else (results,)
    kernel = sources.kernel(model, 2)
    ends = [
        in_code(f"R(d{kernel.model.C.args[0]}/d{ascii_text(one)})") for one in kernel.differentiated
    ]
    for key, value in (*found.items(), *zip(ends, results, strict=True)):
        assert str(value.dtype).removeprefix("torch.") == dtype, key
        if key in exact:
            seen += 1
            assert relative(np.asarray(value), exact[key]) < ENOUGH[dtype], key
    assert seen >= 3


#: Each target takes others of all that there are: what computes in a type is the same in all.
_ALL = [*BUILT_IN, *OTHERS, *builtin_models()]
_NAMED = [*BUILT_IN, *builtin_models()]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(
    "name", sweep([*_ALL[::3], OTHERS[1]], ["softmax-classifier", OTHERS[1]]), ids=str
)
def test_numpy(name, dtype):
    checked(name, "numpy", dtype)


@pytest.mark.parametrize("name", sweep([*_NAMED[1::6], "rms-norm"], ["rms-norm"]))
def test_jax(name):
    checked(name, "jax", "float32")


@pytest.mark.parametrize("name", sweep([*_NAMED[2::6], "swiglu"], ["swiglu"]))
def test_torch(name):
    requires_package("torch")
    checked(name, "torch", "float32")


@pytest.mark.parametrize("name", sweep(_ALL[1::4], ["layer-norm"]), ids=str)
def test_c(name, tmp_path):
    """Nothing is computed in double on the way, which gcc would say."""
    text = code(model_of(name), "c", 2, dtype="float32")
    made = compiled(text, tmp_path, *SANITIZED, "-Wdouble-promotion")
    done = subprocess.run([str(made)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


def test_another_type_is_refused():
    with pytest.raises(DeriveError, match="a dtype is one of float32, float64, not 'float16'"):
        code("2-1", dtype="float16")
