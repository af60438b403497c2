"""A stack of layers over samples: the sum, or the mean, of what the network has at each."""

from dataclasses import replace
from typing import Any

import pytest

from derive import evaluate, over_samples, read_network
from derive.deriving.model_gradient import model_gradient
from derive.deriving.verifying import verify
from derive.errors import NetworkError
from derive.files.definitions_file import model_of, table_of
from derive.files.toml_tables import TomlTable
from derive.model.model import Model
from derive.model.network import Network

SAMPLES = [{"x": [1, 2], "y": [1]}, {"x": [-3, "1/2"], "y": [0]}, {"x": [0, 0], "y": ["2/3"]}]


def with_samples(reduction: str) -> Network:
    network = read_network("regression-2-3-1", at_zero="1/3")
    assert network.point is not None
    given = {name: value for name, value in network.point.items() if name not in ("x", "y")}
    # The bias 0 of an input of zeros puts a unit at its kink.
    return replace(network, reduction=reduction, point={**given, "samples": SAMPLES})


def entries(value: Any) -> list[Any]:
    """The numbers of nested lists, in order."""
    rows = value if isinstance(value, list | tuple) else None
    return [value] if rows is None else [one for row in rows for one in entries(row)]


@pytest.mark.parametrize("reduction", ["sum", "mean"])
def test_the_values_are_those_that_the_network_has_for_its_samples(reduction: str):
    network = with_samples(reduction)
    assert network.point is not None
    own = evaluate(network, network.point)
    assert own.kinks
    batch = over_samples(network)
    assert batch.point is not None
    found = evaluate(batch, {**batch.point})
    assert found.C == own.C and found.gradients is not None and own.gradient is not None
    assert [e for name in ("W0", "b0", "W1", "b1") for e in entries(found.gradients[name])] == [
        *own.gradient
    ]


def test_an_axis_of_samples_stands_before_that_of_a_layer():
    batch = over_samples(read_network("two-layer-general"))
    axes = {
        str(name): tuple(map(str, batch.slots(str(name), level))) for name, level in batch.defined
    }
    assert axes["z1"] == ("N", "n_1") and axes["z2"] == ("N", "n_2") and axes["C"] == ()
    assert [str(head[0]) for head in batch.parameters] == ["W0", "W1"]


def test_the_mean_is_divided_by_the_number_of_samples():
    text = table_of(over_samples(with_samples("mean")))["definitions"]
    assert text.splitlines()[-1].replace(" ", "") in (
        "C:=sum(n,1/2*(y[n]-r2[n])^2)/N",
        "C:=1/N*sum(n,1/2*(y[n]-r2[n])^2)",
    )


@pytest.mark.parametrize("name", ["2-3-1", "softmax-classifier", "leaky-chain", "sigmoid-chain"])
def test_its_definitions_are_read_back_as_the_same_model(name: str):
    batch = over_samples(read_network(name))
    assert model_of(TomlTable("batch", "", table_of(batch)), batch.name) == batch


def unproved(model: Model) -> list[str]:
    derivation = model_gradient(model)
    marks = verify(derivation)
    lines = [line for group in derivation.groups for line in group.steps]
    return [str(line) for line, mark in zip(lines, marks, strict=True) if not mark.proved]


@pytest.mark.parametrize(
    "name",
    [
        "three-layer-chain",
        *(
            pytest.param(name, marks=pytest.mark.thorough)
            for name in ("softmax-classifier", "binary-classifier", "leaky-chain", "2-3-3-2")
        ),
    ],
)
def test_every_line_over_samples_is_proved(name: str):
    assert unproved(over_samples(read_network(name))) == []


def test_the_targets_of_a_softmax_layer_sum_to_one():
    batch = over_samples(read_network("softmax-classifier"))
    end = model_gradient(batch)["dC/dz2"][-1]
    assert str(end.rhs).count("Sum") == 0


def test_a_network_without_a_cost_has_no_batch():
    with pytest.raises(NetworkError, match="a batch needs a cost"):
        over_samples(read_network("general-layer"))
