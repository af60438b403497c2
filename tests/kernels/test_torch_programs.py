"""PyTorch programs, where PyTorch is installed: exact values, `gradcheck` and `gradgradcheck`."""

import numpy as np
import pytest

from derive import read_model, read_network
from derive.files.built_in import builtin_models
from tests.documents.formulas import requires_package
from tests.evaluating.test_evaluating import point_of
from tests.evaluating.test_jax_models import drawn
from tests.kernels.running import arrays, compared, program, relative
from tests.kernels.test_numpy_programs import BUILT_IN, CLOSE, OTHERS, sized, small_point
from tests.networks import random_network
from tests.sweeps import sweep

SPECIFIED = [name for name in builtin_models() if read_model(name).objective is not None]
OFTEN = ["attention-head", "rms-norm", "swiglu"]


@pytest.fixture(name="torch", autouse=True)
def _torch():
    return requires_package("torch")


@pytest.mark.parametrize("name", BUILT_IN)
def test_built_in_networks(name):
    network = sized(read_network(name))
    assert compared(network, small_point(network, name, 2), target="torch") < CLOSE


@pytest.mark.parametrize("options", OTHERS, ids=str)
def test_other_activations_and_costs(options):
    network = read_network("2-3-2", bias=True, **options)
    assert compared(network, small_point(network, str(options), 2), target="torch") < CLOSE


@pytest.mark.parametrize(
    ("hidden", "output", "cost"),
    [
        ("relu", "relu", "half_squared_error"),
        ("tanh", "tanh", "mean_squared_error"),
        ("sigmoid", "softmax", "cross_entropy"),
        ("softplus", "sigmoid", "binary_cross_entropy"),
    ],
)
def test_autograd_gets_both_derivatives(hidden, output, cost, torch):
    sample = random_network(f"torch {hidden} {output} {cost}", hidden, output, cost)
    network = sample.network
    x, y, *parameters = map(torch.tensor, arrays(network, point_of(sample)))
    functions = program(network, 2, "torch")
    apply = functions["Cost"].apply
    parameters = [one.requires_grad_() for one in parameters]
    assert torch.autograd.gradcheck(lambda *of: apply(x, y, *of), parameters)
    assert torch.autograd.gradgradcheck(lambda *of: apply(x, y, *of), parameters)
    with pytest.raises(NotImplementedError, match="no derivatives by x, y"):
        apply(x.requires_grad_(), y, *parameters).backward()


@pytest.mark.parametrize("name", sweep(SPECIFIED, OFTEN))
def test_models_from_definitions(name, torch):
    one = read_model(name)
    given = drawn(one, 1)
    order = {"input": 0, "constant": 1, "target": 2, "parameter": 3}
    tensors = sorted(one.tensors, key=lambda tensor: order[tensor.role])
    moving = {str(head[0]) for head in one.moved}
    values = [
        torch.tensor(np.asarray(given[tensor.name])).requires_grad_(tensor.name in moving)
        for tensor in tensors
    ]
    functions = program(one, 2, "torch")
    assert torch.autograd.gradcheck(functions["Cost"].apply, values)
    assert torch.autograd.gradgradcheck(functions["Cost"].apply, values)
    found = functions["cost"](*values)
    assert (
        relative(found.detach(), program(one, 2)["cost"](*(given[t.name] for t in tensors))) < CLOSE
    )
