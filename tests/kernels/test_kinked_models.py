"""Programs of models from definitions, at their kinks, beside them and where they are dead."""

from functools import lru_cache
from inspect import signature

import numpy as np
import pytest

from derive.kernels.vectors import vectors
from tests.kernels.running import array_of, program, relative
from tests.kernels.test_model_programs import in_code

pytestmark = pytest.mark.thorough
#: All built-in ones with a kink.
KINKED = ("residual", "hinge", "huber")
EVERY = [(name, target) for name in KINKED for target in ("numpy", "jax", "torch")]
CLOSE = 1e-12


@pytest.fixture(autouse=True)
def float64(request):
    """The library of the test, if it is installed, in float64."""
    target = request.getfixturevalue("target")
    pytest.importorskip(target)
    if target == "jax":
        import jax

        jax.config.update("jax_enable_x64", True)


@lru_cache
def met(name):
    """The vectors of a model, each a dictionary of arrays by identifier, with its kind."""
    found = vectors(name, kinks=True, dead=True)
    assert {one.kind for one in found} >= {"kink", "above the kink", "below the kink", "dead"}
    return [
        (one.kind, {in_code(key): of for key, of in one.arrays().items()}, one) for one in found
    ]


def called(function, exact, target):
    """What a function of a program gives, its arguments taken from a vector."""
    array = array_of(target)
    wanted = signature(function).parameters
    found = function(**{key: array(exact[key]) for key in wanted if key != "out"})
    return found if isinstance(found, tuple) else (found,)


@pytest.mark.parametrize(("name", "target"), EVERY)
def test_values_derivatives_and_products_are_exact(name, target):
    functions = program(name, 2, target)
    for kind, exact, vector in met(name):
        every = functions["every_quantity"]
        for key, own in called(every, exact, target)[0].items():
            assert relative(own, exact[in_code(key)]) < CLOSE, (kind, key)
        C, *slopes = called(functions["cost_and_gradient"], exact, target)
        moved = [in_code(key.removeprefix("R(").removesuffix(")")) for key in vector.products]
        for found, key in zip((C, *slopes), ("C", *moved), strict=True):
            assert relative(found, exact[key]) < CLOSE, (kind, key)
        products = called(functions["hessian_vector_product"], exact, target)
        for found, key in zip(products, vector.products, strict=True):
            assert relative(found, exact[in_code(key)]) < CLOSE, (kind, key)
        assert vector.hessian is not None
        (whole,) = called(functions["hessian"], exact, target)
        assert relative(whole, exact["H"]) < CLOSE, kind


@pytest.mark.parametrize(("name", "target"), [("hinge", "jax"), ("hinge", "torch")])
def test_automatic_differentiation_is_given_the_derivatives_that_were_derived(name, target):
    functions, array = program(name, 2, target), array_of(target)
    for kind, exact, vector in met(name):
        wanted = signature(functions["cost"]).parameters
        given = {key: array(exact[key]) for key in wanted}
        moved = [in_code(key.partition("/d")[2].removesuffix(")")) for key in vector.products]
        for key, slope in zip(moved, _slopes(functions, given, moved, target), strict=True):
            assert relative(slope, exact[f"dC_d{key}"]) < CLOSE, (kind, key)


def _slopes(functions, given, moved, target):
    if target == "torch":
        import torch

        moving = [given[key].requires_grad_() for key in moved]
        return torch.autograd.grad(functions["Cost"].apply(*given.values()), moving)
    import jax

    fixed = [of for key, of in given.items() if key not in moved]
    cost = functions["cost_at"](*fixed)
    return jax.grad(cost, tuple(range(len(moved))))(*map(np.asarray, (given[key] for key in moved)))
