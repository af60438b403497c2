"""What C is not computed from takes no part in the chain rule, and has the derivative 0."""

import numpy as np
import pytest

from derive import Model
from derive.deriving.model_gradient import model_gradient
from derive.notation.ascii.printing import ascii_text
from tests.kernels.running import program

UNUSED = """
input x[n]
parameter W[n,m], v[m]
h[j] := sum(i, W[i,j]*x[i])
C := 1/2*sum(i, sum(j, W[i,j]^2))
objective C
"""


@pytest.fixture(scope="module")
def model():
    return Model.from_definitions(UNUSED, name="unused")


def test_the_derivation_has_no_derivative_by_it(model):
    said = [
        f"{ascii_text(line.lhs)} = {ascii_text(line.rhs)}" for line in model_gradient(model).steps
    ]
    assert not any("dC/dh" in one for one in said)
    assert said[-1] == "dC/dW[i,j] = W[i,j]"


def test_programs_have_zeros(model):
    x, W, v = np.ones(2), np.arange(6.0).reshape(2, 3), np.ones(3)
    functions = program(model, 2)
    C, by_x, by_W, by_v = functions["cost_and_gradient"](x, W, v)
    assert (C, by_x.tolist(), by_v.tolist()) == (27.5, [0, 0], [0, 0, 0])
    assert by_W.tolist() == W.tolist()
    assert functions["hessian"](x, W, v).tolist() == np.diag([0] * 2 + [1] * 6 + [0] * 3).tolist()
