"""Forms that do not overflow: each is proved equal to that of the derivation, and has values."""

import numpy as np
import pytest

from derive import prove, read_model, read_network
from tests.kernels.running import program

SIGMOID = {"output_activation": "sigmoid", "cost": "binary_cross_entropy"}
SOFTMAX = {"output_activation": "softmax", "cost": "cross_entropy"}


@pytest.mark.parametrize(
    ("left", "right", "options"),
    [
        ("log(r2[j])", "z2[j] - log(sum(m, exp(z2[m])))", SOFTMAX),
        ("log(r2[j])", "-softplus(-z2[j])", SIGMOID),
        ("log(1 - r2[j])", "-softplus(z2[j])", SIGMOID),
        ("(1 - Step(z1[j]))*exp(z1[j])", "(1 - Step(z1[j]))*exp(-ReLU(-z1[j]))", {}),
        ("Step(z1[j])*exp(-2*z1[j])", "Step(z1[j])*exp(-2*ReLU(z1[j]))", {"at_zero": "1/2"}),
        ("exp(z2[j])/sum(m, exp(z2[m]))", "exp(z2[j] - z2[1])/sum(m, exp(z2[m] - z2[1]))", {}),
        ("log(sum(m, exp(z2[m])))", "z2[1] + log(sum(m, exp(z2[m] - z2[1])))", {}),
        ("softplus(x)", "ReLU(x) + log(1 + exp(-ReLU(x) - ReLU(-x)))", None),
        ("sigmoid(x)", "exp(-ReLU(-x))/(1 + exp(-ReLU(x) - ReLU(-x)))", None),
    ],
)
def test_each_form_is_proved(left, right, options):
    """A shift by z_1 stands for one by the largest: which unit that is does not matter."""
    network = None if options is None else read_network("2-3-3", **options)
    assert prove(left, right, network=network).proved


HUGE = 1e4


@pytest.mark.parametrize(
    "options", [SIGMOID, SOFTMAX, {"activation": "elu", "slope": "1"}], ids=str
)
def test_huge_numbers_do_not_overflow(options):
    network = read_network("2-3-3", **options)
    draw = np.random.default_rng(1)
    x, y = HUGE * draw.normal(size=(4, 2)), np.eye(4)[:, :3]
    y[3, 0] = 1.0
    weights = [draw.normal(size=(2, 3)), draw.normal(size=(3, 3))]
    functions = program(network)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        C, *slopes = functions["cost_and_gradient"](x, y, *weights)
        product = functions["hessian_vector_product"](x, y, *weights, *weights)
    assert np.isfinite(C) and C > 0
    assert all(np.isfinite(one).all() for one in (*slopes, *product))


def test_a_masked_row_gets_no_attention():
    """Where the mask is -inf, shares are 0; where it is so in a whole row, all are."""
    functions = program(read_model("masked-attention"), 1)
    draw = np.random.default_rng(2)
    Q, K, V = (draw.normal(size=shape) for shape in ((3, 2), (4, 2), (4, 2)))
    mask = np.zeros((3, 4))
    mask[0, 1:] = mask[2] = -np.inf
    found = functions["every_quantity"](mask, Q, K, V, np.ones((3, 2)))
    assert found["P"][0].tolist() == [1, 0, 0, 0]
    assert found["P"][1].sum() == pytest.approx(1)
    assert found["P"][2].tolist() == [0, 0, 0, 0]
    assert all(np.isfinite(value).all() for name, value in found.items() if name != "S")


def test_float32_stays_float32():
    for options in (SIGMOID, SOFTMAX, {"activation": "elu", "slope": "1", "bias": True}):
        functions = program(read_network("2-3-3", **options))
        bias = options.get("bias", False)
        shapes = [(4, 2), (4, 3), (2, 3), *([(3,)] * bias), (3, 3), *([(3,)] * bias)]
        given = [np.ones(shape, np.float32) / 2 for shape in shapes]
        every = functions["every_quantity"](*given)
        assert {value.dtype for value in every.values()} == {np.dtype(np.float32)}
        assert functions["hessian"](*given).dtype == np.float32
