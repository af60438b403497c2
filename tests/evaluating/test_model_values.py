"""`derive evaluate` on models from definitions, against mpmath and numbers by hand."""

import json
import random
from fractions import Fraction
from itertools import product

import mpmath
import pytest
from click.testing import CliRunner

from derive import evaluate, read_model
from derive.cli import main
from derive.errors import DeriveError
from derive.files.built_in import builtin_models
from derive.files.network_file import read_point_file
from tests.definition_files import TEXTS, model
from tests.finite_differences import computed, difference
from tests.sweeps import sweep

NORM = '''
definitions = """
s := sqrt(sum(j, x[j]^2)/d)
n[i] := x[i]/s
C := 1/2*sum(i, (g[i]*n[i] - y[i])^2)
"""
[tensors]
x = { axes = ["d"], role = "input" }
g = { axes = ["d"], role = "parameter" }
y = { axes = ["d"], role = "target" }
[point]
x = [1, 7]
g = ["1/2", 2]
y = [0, 1]
'''
OPEN = """
output = "O"
definitions = "O[t,j] := ReLU(sum(s, A[t,s]*V[s,j]))"
[tensors]
A = { axes = ["T", "T"], role = "constant" }
V = { axes = ["T", "m"], role = "parameter" }
"""


def written(tmp_path, text):
    path = tmp_path / "model.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def drawn(one, seed=3):
    """Random sizes, all different, and exact entries for all given tensors."""
    draw = random.Random(seed)
    axes = sorted(one.all_axes, key=str)
    sizes = dict(zip(axes, draw.sample(range(2, 3 + len(axes)), len(axes)), strict=True))

    def entries(of):
        if not of:
            return Fraction(draw.choice([2, 3, 5, 7, -4]), draw.choice([3, 5, 7]))
        return [entries(of[1:]) for _ in range(sizes[of[0]])]

    point = {tensor.name: entries(tensor.axes) for tensor in one.tensors}
    return sizes, {name: abs(v) if name in ("eps", "lambda") else v for name, v in point.items()}


def entry_of(nested, units):
    for unit in units:
        nested = nested[unit - 1]
    return nested


#: Built-in models that have values at any point; all of them are held against JAX elsewhere.
ANYWHERE = [
    name
    for name in builtin_models()
    if (one := read_model(name)).objective and not one.assumptions and name != "kl-divergence"
]


@pytest.mark.parametrize("name", [*sweep(ANYWHERE, ["rms-norm", "residual"]), *TEXTS])
def test_values_and_gradients_of_every_quantity_are_those_of_differences(name):
    one = model(name) if name in TEXTS else read_model(name)
    sizes, point = drawn(one)
    given = {
        (tensor.name, units): mpmath.mpf(value.numerator) / value.denominator
        for tensor in one.tensors
        for units in product(*(range(1, sizes[axis] + 1) for axis in tensor.axes))
        for value in [entry_of(point[tensor.name], units)]
    }
    found = evaluate(one, point)
    assert {*found.quantities} == {d.left.kind for d in one.definitions} - {one.objective}
    forward = computed(one, sizes, given)
    assert float(found.C) == pytest.approx(float(forward[one.objective, ()]), rel=1e-13)
    draw = random.Random(5)
    for name, gradient in found.gradients.items():
        places = [units for kind, units in forward if kind == name]
        for units in draw.sample(places, min(4, len(places))):
            wanted = float(difference(one, sizes, given, (name, units)))
            assert float(entry_of(gradient, units)) == pytest.approx(wanted, rel=1e-10, abs=1e-12)
            if name in found.quantities:
                value = float(entry_of(found.quantities[name], units))
                assert value == pytest.approx(float(forward[name, units]), rel=1e-13)
    parameters = {tensor.name for tensor in one.tensors if tensor.role == "parameter"}
    assert {name.partition("[")[0] for name in found.parameters} == parameters
    assert parameters <= {*found.gradients}


def test_rational_values_are_exact_and_named_as_for_networks(tmp_path):
    path = written(tmp_path, NORM)
    result = CliRunner().invoke(main, ["evaluate", path, "--json"])
    found = json.loads(result.output)
    # s = 5, n = (1/5, 7/5), o - y = (1/10, 9/5); dC/dg = (o - y) n
    assert found["C"] == "13/8"
    assert found["quantities"] == {"s": "5", "n": ["1/5", "7/5"]}
    assert found["gradients"]["g"] == found["gradient"] == ["1/50", "63/25"]
    assert found["gradients"]["n"] == ["1/20", "18/5"]
    assert found["gradients"]["s"] == "-101/100"
    assert found["parameters"] == ["g[0]", "g[1]"]
    assert found["kinks"] == [] and found["step_at_zero"] == "0"
    text = CliRunner().invoke(main, ["evaluate", path]).output
    assert "dC/dg = [1/50, 63/25]" in text
    assert "gradients" not in evaluate(read_model(path), order=0).to_json()


def test_decimals_have_thirty_digits():
    found = evaluate(read_model("softmax-cross-entropy"), {
        "x": [[1]], "W": [[1, 2]], "b": [0, 0], "y": [[1, 0]],
    }).to_json()  # fmt: skip
    with mpmath.workdps(50):
        assert found["C"] == mpmath.nstr(mpmath.log(1 + mpmath.e), 30)
        assert found["gradient"][0] == mpmath.nstr(-mpmath.e / (1 + mpmath.e), 30)


def test_at_a_kink_the_convention_decides_and_is_named(tmp_path):
    one = read_model(written(tmp_path, OPEN), at_zero="1/3")
    found = evaluate(one, {"A": [[1, 1], [2, 0]], "V": [[1], [-1]], "dC/dO": [[6], [5]]})
    assert found.C is None
    assert found.kinks == ("V[0,0]*A[0,0] + V[1,0]*A[0,1]",) or len(found.kinks) == 1
    # dC/dV[s] = sum_t dO[t] Step(.) A[t,s]
    assert found.to_json()["gradients"]["V"] == [["12"], ["2"]]
    with pytest.raises(DeriveError, match="C is not specified, so its gradient needs dC/dO"):
        evaluate(one, {"A": [[1, 1], [2, 0]], "V": [[1], [-1]]})
    assert evaluate(one, {"A": [[1]], "V": [[1, 2]]}, order=0).to_json()["quantities"] == {
        "O": [["1", "2"]]
    }


@pytest.mark.parametrize(
    "change, problem",
    [
        ({"y": [0, 1, 2]}, "y has 3 along the axis d, but x has 2"),
        ({"g": [[1, 2]]}, "g is a list of numbers, and more is given"),
        ({"g": 3}, "g is a list of numbers, and not so deep here"),
        ({"g": ["a", 2]}, "g holds exact numbers such as"),
        ({"w": 1}, "'w' is no given tensor of this model; the point gives x, g, y"),
        ({"x": [0, 0]}, r"n\[0\] divides by 0 at this point"),
    ],
)
def test_a_point_that_does_not_fit_is_said_in_one_sentence(change, problem, tmp_path):
    one = read_model(written(tmp_path, NORM))
    with pytest.raises(DeriveError, match=problem):
        evaluate(one, {**one.point, **change})


def test_a_point_in_a_file_is_named_with_its_line(tmp_path):
    with pytest.raises(DeriveError, match=r"line 14: \[point\]: y has 1 along the axis d, but x"):
        read_model(written(tmp_path, NORM.replace("y = [0, 1]", "y = [0]")))
    path = tmp_path / "point.json"
    path.write_text('{"x": ["3", "4"], "g": [1, 0.5], "y": [0, 0]}')
    point = read_point_file(path, model := read_model(written(tmp_path, NORM)))
    assert str(evaluate(model, point).quantities["s"]) == "3.53553390593273762200422181052"
    result = CliRunner().invoke(main, ["evaluate", "rms-norm"])
    assert result.exit_code == 2 and "rms-norm has no [point]" in result.output
    missing = {"x": [1, 2], "y": [1, 2]}
    with pytest.raises(DeriveError, match="g is missing; the point needs x, g, y"):
        evaluate(model, missing)
    with pytest.raises(DeriveError, match="order 0"):
        evaluate(model, order=2)


def test_the_size_of_an_axis_that_no_tensor_has_is_given_by_name(tmp_path):
    text = OPEN.replace('"O[t,j] := ', '"E[n:N,j] := V[0,j]\\nO[t,j] := ').replace('"T"', '"T"')
    text = text.replace('"O[t', '"O[t') + "[axes]\nT = 2\n"
    one = read_model(written(tmp_path, text))
    point = {"A": [[1, 0], [0, 1]], "V": [[1], [2]]}
    with pytest.raises(DeriveError, match="N is the size of an axis that no tensor tells"):
        evaluate(one, point, order=0)
    found = evaluate(one, {**point, "N": 3}, order=0)
    assert found.to_json()["quantities"]["E"] == [["1"], ["1"], ["1"]]
