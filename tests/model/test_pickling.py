"""Models reach another process, whatever they have worked out before."""

import pickle

import pytest
from sympy import Integer, symbols

from derive import Activation, Cost, Layer, Network, read_model
from derive.files.built_in import builtin_model_names, builtin_names


@pytest.mark.parametrize("name", [*builtin_names(), *builtin_model_names()])
def test_a_model_is_the_same_in_another_process(name: str) -> None:
    model = read_model(name)
    assert hash(model) == hash(model)
    assert model.kinked is not None  # worked out, and left behind
    assert pickle.loads(pickle.dumps(model)) == model


def test_formulas_of_ones_own_come_along() -> None:
    z, r, y = symbols("z r y", real=True)
    layer = Layer(Integer(1), Activation(formula=z**2))
    own = Network(Integer(1), (layer,), Cost(formula=(y - r) ** 4))
    assert own.cost is not None
    assert own.cost.outputs is not None  # worked out, and left behind
    assert pickle.loads(pickle.dumps(own)) == own
