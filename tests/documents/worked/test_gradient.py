"""The numbers of a document, each found once more by automatic differentiation in JAX."""

import re
from dataclasses import replace

import jax
import numpy as np
import pytest
from jax import numpy as jnp
from sympy import ImmutableMatrix, Integer

from derive import read_network, report_on
from derive.algebra.quantities import Partial, Quantity
from derive.checking.check import check
from derive.checking.verdicts import Verdict
from derive.documents.blocks import NumberTable, Paragraph
from derive.documents.worked.gradient import worked_numbers
from derive.files.built_in import builtin_names
from tests.deriving.test_backpropagation_jax import ACTIVATIONS, COSTS

jax.config.update("jax_enable_x64", True)

WITH_POINT = [name for name in builtin_names() if read_network(name).point]
IN_NUMBERS = [name for name in WITH_POINT if name != "leaky-chain"]


def array(value):
    return np.array(value.tolist() if isinstance(value, ImmutableMatrix) else value, float)


def tables(network):
    found = {}
    for block in worked_numbers(network):
        if isinstance(block, NumberTable):
            found.setdefault(block.key, {}).update({row.name: row for row in block.rows})
    return found


def in_jax(network, parameters, x, y):
    """C, and all z and r on the way."""
    r, seen = jnp.array(x, float).ravel(), {}
    for k, layer in enumerate(network.layers):
        z = r @ parameters["W", k].reshape(len(r), -1)
        z = z + parameters["b", k].ravel() if layer.bias else z
        r = ACTIVATIONS[layer.activation.name](z, 0)
        seen |= {("z", k + 1): z, ("r", k + 1): r}
    return COSTS[network.cost.name](r, jnp.array(y, float).ravel()), seen


def given(table):
    return {(q.kind, int(q.layer)): jnp.array(array(row.value)) for q, row in table.items()
            if isinstance(q, Quantity) and q.kind in "Wb"}  # fmt: skip


@pytest.mark.parametrize("name", IN_NUMBERS)
def test_every_number_is_that_of_jax(name):
    network = read_network(name)
    found, point = tables(network), network.point
    parameters = given(found["given"])
    run = lambda values: in_jax(network, values, point["x"], point["y"])  # noqa: E731
    (cost, seen), slopes = run(parameters), jax.grad(lambda v: run(v)[0])(parameters)
    for quantity, row in found["forward"].items():
        if quantity.kind == "y" or quantity.layer == network.first:
            continue
        expected = seen[quantity.kind, int(quantity.layer)]
        assert array(row.value).ravel() == pytest.approx(np.array(expected), rel=1e-7)
    for name_of, row in found["gradient"].items():
        if name_of == network.C:
            assert array(row.value) == pytest.approx(float(cost), rel=1e-7)
            continue
        expected = slopes[name_of.wrt.kind, int(name_of.wrt.layer)]
        assert array(row.value).ravel() == pytest.approx(np.array(expected).ravel(), rel=1e-7)
    for row in found["quotients"].values():
        assert float(row.decimals) == pytest.approx(float(row.value), abs=1e-4)
    if "step" in found:
        after, _ = run(given(found["step"]))
        printed = array(found["step"][network.C].value)
        assert printed == pytest.approx(float(after), rel=1e-6) and printed < cost


@pytest.mark.parametrize("name", WITH_POINT)
def test_decimals_are_the_fractions_beside_them(name):
    for table in tables(read_network(name)).values():
        for row in table.values():
            if row.decimals and not isinstance(row.name, Partial):
                written = [float(part) for part in re.split("[,;]", row.decimals)]
                assert written == pytest.approx(list(array(row.value).ravel()), rel=1e-7)


def test_a_symbolic_slope_leaves_polynomials_and_no_step():
    network = read_network("leaky-chain")
    found = tables(network)
    assert {*found} == {"given", "forward", "gradient"}
    assert found["gradient"][network.C].value.free_symbols


def test_samples_are_added_and_each_is_shown():
    network = read_network("one-layer-chain")
    samples = ({"x": (1,), "y": (2,)}, {"x": (3,), "y": (1,)})
    network = replace(network, point={"samples": samples, "W0": ((1,),)})
    blocks = worked_numbers(network)
    shown = [
        b.about["number"] for b in blocks if isinstance(b, Paragraph) and b.about.get("number")
    ]
    assert shown == [1, 2]
    (gradient,) = [b for b in blocks if isinstance(b, NumberTable) and b.key == "gradient"]
    assert [row.value for row in gradient.rows] == [Integer(5) / 2, -1 + 6]


def test_at_a_kink_it_is_said():
    network = replace(read_network("one-layer-chain"), point={"x": (1,), "y": (2,), "W0": ((0,),)})
    assert any(b.key == "numbers_at_kinks" for b in worked_numbers(network) if hasattr(b, "key"))


def test_without_a_point_there_is_no_section():
    assert worked_numbers(read_network("2-3-1")) == ()


@pytest.mark.thorough
@pytest.mark.parametrize("name", ["regression-2-3-1", "sigmoid-chain"])
def test_values_are_nothing_that_check_calls_wrong(name):
    network = read_network(name)
    for file, text in report_on(network, ["github", "latex"]).files:
        counts = check(text, network).summary.counts
        assert counts[Verdict.RIGHT] == sum(counts.values()), file


def test_wide_layers_are_left_to_evaluate():
    wide = replace(read_network("1-6"), point={"x": (1,), "y": (1,) * 6, "W0": ((1,) * 6,)})
    assert [block.key for block in worked_numbers(wide)] == ["numbers", "numbers_too_many"]
    ((_, text),) = report_on(wide, ["github"]).files
    assert "`derive evaluate` works them out" in text


def test_a_step_is_taken_by_which_the_cost_falls():
    """With rate 1/10 the cost of this network would grow from 2 to 6; the next rate is taken."""
    network = read_network("regression-2-3-1")
    blocks = worked_numbers(network)
    (step,) = (
        block for block in blocks if isinstance(block, Paragraph) and block.key == "numbers_step"
    )
    assert step.about["rate"] == Integer(1) / 100
