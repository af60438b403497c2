"""JAX programs: exact values, and derivatives that `jax.grad` takes from them."""

import jax
import numpy as np
import pytest

from derive import Model, read_model, read_network
from tests.evaluating.test_jax_models import drawn
from tests.kernels.running import arrays, compared, flat, program, relative
from tests.kernels.test_numpy_programs import BUILT_IN, CLOSE, OTHERS, sized, small_point
from tests.sweeps import sweep

jax.config.update("jax_enable_x64", True)


@pytest.mark.parametrize("name", sweep(BUILT_IN, ["one-layer-chain"]))
def test_built_in_networks(name):
    network = sized(read_network(name))
    assert compared(network, small_point(network, name, 2), target="jax") < CLOSE


@pytest.mark.thorough
@pytest.mark.parametrize("options", OTHERS, ids=str)
def test_other_activations_and_costs(options):
    network = read_network("2-3-2", bias=True, **options)
    assert compared(network, small_point(network, str(options), 2), target="jax") < CLOSE


def test_jax_takes_the_derivative_that_was_derived():
    """At a kink that of the model's Step(0), where that of jnp.maximum is 1/2."""
    network = sized(read_network("two-layer-general"))
    x, y, *parameters = map(
        np.asarray, arrays(network, small_point(network, "two-layer-general", 3))
    )
    functions = program(network, 2, "jax")
    cost = functions["cost_at"](x, y)
    every = tuple(range(len(parameters)))
    C, *slopes = functions["cost_and_gradient"](x, y, *parameters)
    assert cost(*parameters) == C
    found = jax.grad(lambda *of: 3 * cost(*of), every)(*parameters)
    assert relative(flat(found), 3 * flat(slopes)) < 1e-14
    ordinary = jax.grad(lambda *of: functions["cost"](x, y, *of), every)(*parameters)
    assert relative(flat(ordinary), flat(slopes)) > 1e-3


@pytest.mark.thorough
def test_jax_differentiates_the_gradient_again_away_from_kinks():
    network = sized(read_network("two-layer-general"))
    x, y, *parameters = map(
        np.asarray, arrays(network, small_point(network, "two-layer-general", 3))
    )
    parameters = [one + np.linspace(0.01, 0.02, one.size).reshape(one.shape) for one in parameters]
    functions = program(network, 2, "jax")
    twice = jax.jacrev(jax.grad(functions["cost_at"](x, y), 0), 0)(*parameters)
    size = parameters[0].size
    whole = functions["hessian"](x, y, *parameters)
    assert relative(np.reshape(twice, (size, size)), whole[:size, :size]) < CLOSE


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["attention-head", "rms-norm", "swiglu"])
def test_models_from_definitions(name):
    one = read_model(name)
    given = drawn(one, 1)
    moving = [str(head[0]) for head in one.given if head in one.moved]
    fixed = [str(head[0]) for head in one.given if head not in one.moved]
    functions = program(one, 1, "jax")
    cost = functions["cost_at"](*(given[key] for key in sorted(fixed, key=order_of(one))))
    values = [given[key] for key in moving]
    ordered = {str(head[0]): given[str(head[0])] for head in one.given}
    found = jax.grad(cost, tuple(range(len(moving))))(*values)
    plain = jax.grad(lambda of: functions["cost"](**(ordered | of)))(
        dict(zip(moving, values, strict=True))
    )
    assert relative(flat(found), flat([plain[key] for key in moving])) < CLOSE


def order_of(model):
    """Inputs, constants, targets, parameters: the order of arguments."""
    roles = ("input", "constant", "target", "parameter")
    return lambda key: next(roles.index(one.role) for one in model.tensors if one.name == key)


@pytest.mark.parametrize("output", ["sigmoid", "softplus"])
def test_jax_differentiates_smooth_functions_where_their_forms_have_ties(output):
    """At z = 0 the second derivatives are 0 and 1/4, and not those of a maximum or of |z|."""
    model = Model.from_definitions(f"parameter z\nC := {output}(z)")
    cost = program(model, 1, "jax")["cost"]
    wanted = {"sigmoid": 0.0, "softplus": 0.25}[output]
    assert float(jax.grad(jax.grad(cost))(0.0)) == wanted
