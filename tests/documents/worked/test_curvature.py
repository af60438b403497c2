"""The numbers of second order, against JAX's Hessian and NumPy's linear algebra."""

from pathlib import Path

import jax
import numpy as np
import pytest
from jax import numpy as jnp
from sympy import ImmutableMatrix, Matrix, Rational

from derive import evaluate, read_network, report_on
from derive.checking.check import check
from derive.checking.verdicts import Verdict
from derive.documents.blocks import NumberTable, Paragraph
from derive.documents.worked.curvature import eigenvalues, worked_curvature
from tests.sweeps import sweep

jax.config.update("jax_enable_x64", True)

EXAMPLES = Path(__file__).parents[3] / "examples"
PHI = {"relu": jax.nn.relu, "sigmoid": jax.nn.sigmoid, "tanh": jnp.tanh}
POINTS = ["one-layer-chain", "two-layer-chain", "three-layer-chain", "sigmoid-chain"]


def tables(blocks):
    return {block.key: block.rows for block in blocks if isinstance(block, NumberTable)}


def array(value):
    return np.array(
        Matrix(value).tolist() if isinstance(value, ImmutableMatrix) else [[value]], float
    )


def cost_of(network, x, y):
    phi = PHI[network.layers[0].activation.name]

    def cost(weights):
        r = x
        for w in weights:
            r = phi(w * r)
        return (r - y) ** 2 / 2

    return cost


@pytest.mark.parametrize("name", POINTS)
def test_every_number_is_found_again(name):
    network = read_network(name)
    x, y = float(network.point["x"][0]), float(network.point["y"][0])
    weights = jnp.array([float(network.point[f"W{n}"][0][0]) for n in network.layer_numbers[:-1]])
    cost = cost_of(network, x, y)
    hessian, gradient = np.array(jax.hessian(cost)(weights)), np.array(jax.grad(cost)(weights))
    found = tables(worked_curvature(network))
    parts = {str(row.name): array(row.value) for row in found["hessian"]}
    assert parts["H"] == pytest.approx(hessian, abs=1e-7)
    if "H_G" in parts:
        assert parts["H_G"] + parts["H_R"] == pytest.approx(hessian, abs=1e-7)
    (values,) = found["eigenvalues"]
    assert array(values.value).ravel() == pytest.approx(np.linalg.eigvalsh(hessian)[::-1], abs=1e-6)
    for place, row in enumerate(found["quotients"]):
        assert float(row.decimals) == pytest.approx(hessian[0][place], abs=1e-4)
    step, *new, after = found["step"]
    assert array(step.value).ravel() == pytest.approx(np.linalg.solve(hessian, -gradient), rel=1e-5)
    there = jnp.array([float(row.value) for row in new])
    assert there == pytest.approx(np.array(weights) + array(step.value).ravel(), rel=1e-6)
    assert float(after.value) == pytest.approx(float(cost(there)), rel=1e-5, abs=1e-9)


def keys(network):
    return [block.key for block in worked_curvature(network) if isinstance(block, Paragraph)]


@pytest.mark.parametrize(
    ("weights", "expected"),
    [
        ((1, 1, 3), "numbers_newton_none"),
        ((1, 3, 3), "numbers_newton_many"),
        ((-1, 1, 3), "numbers_at_kinks"),
    ],
)
def test_where_there_is_no_step_the_words_say_so(tmp_path, weights, expected):
    w0, w1, y = weights
    text = (EXAMPLES / "two-layer-chain.toml").read_text(encoding="utf-8").partition("[point]")[0]
    file = tmp_path / "chain.toml"
    file.write_text(f'{text}[point]\nx = "1"\ny = "{y}"\nW0 = "{w0}"\nW1 = "{w1}"\n')
    assert expected in keys(read_network(str(file)))


def test_eigenvalues_are_exactly_0_where_the_rank_says_so():
    assert eigenvalues(Matrix([[1, 2], [2, 4]])) == [5, 0]
    assert eigenvalues(Matrix([[0, 1], [1, 0]])) == [1, -1]
    third = Rational(1, 3)
    assert eigenvalues(Matrix([[third, third], [third, third]]))[1] == 0


def test_networks_without_a_point_have_no_section():
    assert worked_curvature(read_network("1-1-1")) == ()


def test_a_large_hessian_is_told_by_the_signs_of_its_eigenvalues():
    """For those of 2-3-1 NumPy is asked; what is given stands there in any case."""
    network = read_network("regression-2-3-1")
    assert network.point is not None
    hessian = evaluate(network, network.point, 2).hessian
    values = np.linalg.eigvalsh(np.array(hessian, dtype=float))
    (told,) = (one.about for one in worked_curvature(network) if is_told(one, "numbers_counted"))
    assert told["positive"] == sum(values > 1e-9) and told["negative"] == sum(values < -1e-9)
    assert told["zero"] == sum(abs(values) <= 1e-9)
    leaky = worked_curvature(read_network("leaky-chain"))  # its slope is a symbol
    assert [type(one).__name__ for one in leaky] == ["Heading", "Paragraph", "NumberTable"]
    softmax = worked_curvature(read_network("softmax-classifier"))  # no exact numbers
    assert [is_told(one, "numbers_large") for one in softmax] == [False, False, False, True]


def is_told(block, key):
    return isinstance(block, Paragraph) and block.key == key


@pytest.mark.parametrize("name", sweep(POINTS, ["one-layer-chain"]))
def test_the_document_is_read_back(name):
    network = read_network(name)
    for file, text in report_on(network, ["github"], order=2).files:
        counts = check(text, network).summary.counts
        assert counts[Verdict.RIGHT] + counts[Verdict.DEFINED] == sum(counts.values()), file
