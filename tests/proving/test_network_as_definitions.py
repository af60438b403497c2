"""A stack of layers, written out as definitions, is the same model."""

import pytest

from derive import Model, backpropagate, evaluate, read_network
from derive.notation.ascii.printing import ascii_text
from derive.proving.prove import prove

LAYERS = """
input x[a]
parameter W0[a,b], W1[b]
target y
z1[j] := sum(i, x[i]*W0[i,j])
r1[j] := relu(z1[j])
z2 := sum(j, r1[j]*W1[j])
r2 := z2
C := 1/2*(y - r2)^2
"""
POINT = {"x": [1, -2], "W0": [["1/2", 3, -1], ["1/4", "1/3", 2]], "y": [4]}


def test_the_equations_of_the_network_are_right_of_the_definitions():
    model = Model.from_definitions(LAYERS)
    network = read_network("2-3-1", output_activation="identity")
    equations = 0
    groups = [group for group in backpropagate(network).groups if group.network is network]
    for line in [line for group in groups if group.title != "activations" for line in group.steps]:
        left, right = ascii_text(line.lhs), ascii_text(line.rhs)
        if "U" in f"{left} {right}".replace("ReLU", ""):
            continue  # the difference y - r2, which the definitions do not name
        proof = prove(left, right, network=model)
        assert proof.proved and proof.scope.widths.every, f"{left} = {right}"
        equations += 1
    assert equations >= 25


@pytest.mark.parametrize("at_zero", ["0", "1"])
def test_the_values_are_the_same_at_a_kink_too(at_zero):
    model = Model.from_definitions(f"size a = 2\nsize b = 3\n{LAYERS}", at_zero=at_zero)
    network = read_network("2-3-1", output_activation="identity", at_zero=at_zero)
    found = evaluate(model, {**POINT, "W1": [2, "1/5", -3], "y": 4})
    own = evaluate(network, {**POINT, "W1": [[2], ["1/5"], [-3]]})
    assert found.C == own.C and "z1[0]" in own.kinks
    flat = [entry for row in found.gradients["W0"] for entry in row] + [*found.gradients["W1"]]
    assert flat == [*own.gradient]
