"""Costs of the user's own: read, refused in a sentence, derived, proved, evaluated."""

import json
from dataclasses import replace
from itertools import product
from random import Random

import jax
import pytest
from click.testing import CliRunner
from jax import numpy as jnp
from sympy import Abs, Float, Piecewise, Rational, S, Symbol

from derive.checking.check import check
from derive.checking.verdicts import Verdict
from derive.cli import main
from derive.deriving.first_order import backpropagate
from derive.errors import NetworkError
from derive.evaluating.evaluate import evaluate
from derive.files.network_file import read_network
from derive.files.network_table import network_from_toml
from derive.files.own_formula import read_cost
from derive.model.costs import Cost
from derive.proving import judge
from tests.programs.test_programs import given_by, pairs_of_values, same
from tests.read_again import assert_proved_and_read_again
from tests.sweeps import sweep

jax.config.update("jax_enable_x64", True)

HUBER = {"if": "abs(y-r) <= 1", "then": "(y-r)^2/2", "else": "abs(y-r) - 1/2"}
FORMULAS = {
    "(y-r)^4": lambda r, y: (y - r) ** 4,
    "huber": lambda r, y: jnp.where(abs(y - r) <= 1, (y - r) ** 2 / 2, abs(y - r) - 0.5),
    "max(3/4*(y-r), (r-y)/4)": lambda r, y: jnp.where(y > r, 0.75 * (y - r), 0.25 * (r - y)),
    "max(0, abs(y-r) - 1/10)^2": lambda r, y: jnp.maximum(abs(y - r) - 0.1, 0) ** 2,
    "log((exp(y-r) + exp(r-y))/2)": lambda r, y: jnp.log(jnp.cosh(y - r)),
    "sqrt(1 + (y-r)^2) - 1": lambda r, y: jnp.sqrt(1 + (y - r) ** 2) - 1,
    "max(0, 1 - y*r)": lambda r, y: jnp.maximum(1 - y * r, 0),
    "log(1 + exp(-y*r))": lambda r, y: jax.nn.softplus(-y * r),
    "softplus(r) - y*r": lambda r, y: jax.nn.softplus(r) - y * r,
    "exp(r) - y*r": lambda r, y: jnp.exp(r) - y * r,
    "(y-r)^2 + abs(r)": lambda r, y: (y - r) ** 2 + abs(r),
    "ReLU(y-r)^2 + 3*ReLU(r-y)^2": lambda r, y: jnp.where(y > r, 1, 3) * (y - r) ** 2,
}
r, y = Symbol("r", real=True), Symbol("y", real=True)
h0 = Symbol("h_0", real=True)


def cost(name):
    return read_cost(HUBER if name == "huber" else name)


def network(shape, name, output="identity", at_zero=None, hidden="tanh"):
    plain = read_network(shape, activation=hidden, output_activation=output, at_zero=at_zero)
    return replace(plain, cost=cost(name))


@pytest.mark.parametrize("name", FORMULAS)
def test_derivatives_of_a_term_against_jax(name):
    source, own, oracle = Random(name), cost(name), FORMULAS[name]
    term = own.kind.scale(S.One) * own.term(r, y, S.Zero)
    for _ in range(8):
        at = source.uniform(-3, 3), source.uniform(-3, 3)
        for formula, expected in (
            (term, oracle),
            (term.diff(r), jax.grad(oracle)),
            (term.diff(r, 2), jax.grad(jax.grad(oracle))),
        ):
            value = float(formula.subs({r: at[0], y: at[1]}))
            assert value == pytest.approx(float(expected(*at)), abs=1e-12)


@pytest.mark.thorough
@pytest.mark.parametrize(
    ("name", "output"),
    sweep(
        list(product(FORMULAS, ("identity", "silu", "tanh"))),
        always=[("huber", "silu"), ("log(1 + exp(-y*r))", "silu"), ("max(0, 1 - y*r)", "identity")],
    ),
)
def test_values_and_programs_against_jax(name, output):
    phi = {"identity": lambda z: z, "silu": jax.nn.silu, "tanh": jnp.tanh}[output]
    given = network("2-2-2", name, output)
    W0, W1 = [[1, -1], [2, 1]], [[1, -2], [3, 1]]
    point = {"x": [1, -2], "y": [1, -2], "W0": W0, "W1": W1}

    def total(w0, w1):
        outputs = phi(jnp.tanh(jnp.array([1.0, -2.0]) @ w0) @ w1)
        return sum(FORMULAS[name](a, b) for a, b in zip(outputs, (1.0, -2.0), strict=True))

    at = (jnp.array(W0, float), jnp.array(W1, float))
    found = evaluate(given, point, order=2)
    assert float(found.C) == pytest.approx(float(total(*at)), abs=1e-12)
    gradient = [float(v) for matrix in jax.grad(total, (0, 1))(*at) for v in matrix.ravel()]
    assert [float(v) for v in found.gradient] == pytest.approx(gradient, abs=1e-11)
    blocks = jax.hessian(total, (0, 1))(*at)
    rows = jnp.block([[blocks[a][b].reshape(4, 4) for b in (0, 1)] for a in (0, 1)])
    expected = [float(v) for v in rows.ravel()]
    assert [float(v) for row in found.hessian for v in row] == pytest.approx(expected, abs=1e-10)
    digits = {q: Float(v, 60) for q, v in given_by(given, point).items()}
    for ours, ours_too in pairs_of_values(given, point, digits):
        assert same(ours, ours_too)


@pytest.mark.parametrize(
    ("name", "order"),
    sweep(
        [(name, order) for name in FORMULAS for order in (1, 2)],
        always=[("huber", 1), ("softplus(r) - y*r", 1), ("max(0, 1 - y*r)", 1)],
    ),
)
def test_documents_are_proved_and_read_again(name, order):
    given = network("1-2" if order == 1 else "1-1-2", name)
    assert_proved_and_read_again(given, order, more_than=14)


#: Costs that have values in a part of all numbers only, with an output that lies there.
BOUNDED = {
    "-y*log(r) - (1-y)*log(1-r)": (
        "sigmoid",
        lambda r, y: -y * jnp.log(r) - (1 - y) * jnp.log(1 - r),
    ),
    "(y-r)^2/(r*(1-r))": ("1/(1 + exp(-z))", lambda r, y: (y - r) ** 2 / (r * (1 - r))),
    "r - y*log(r)": ("softplus", lambda r, y: r - y * jnp.log(r)),
    "y/r + sqrt(r)": ("sigmoid", lambda r, y: y / r + jnp.sqrt(r)),
}
_OUTPUTS = {"softplus": jax.nn.softplus}


@pytest.mark.parametrize("name", BOUNDED)
def test_costs_with_logarithms_and_quotients_of_outputs_against_jax(name):
    output, oracle = BOUNDED[name]
    phi = _OUTPUTS.get(output, jax.nn.sigmoid)
    given = read_network("2-2", output_activation=output, cost=name)
    point = {"x": [1, -2], "y": ["1/3", "2/3"], "W0": [[1, -1], [2, 1]]}

    def total(w):
        outputs = phi(jnp.array([1.0, -2.0]) @ w)
        return sum(oracle(a, b) for a, b in zip(outputs, (1 / 3, 2 / 3), strict=True))

    at = jnp.array(point["W0"], float)
    found = evaluate(given, point, order=2)
    assert float(found.C) == pytest.approx(float(total(at)), abs=1e-12)
    gradient = [float(v) for v in jax.grad(total)(at).ravel()]
    assert [float(v) for v in found.gradient] == pytest.approx(gradient, abs=1e-11)
    expected = [float(v) for v in jax.hessian(total)(at).ravel()]
    assert [float(v) for row in found.hessian for v in row] == pytest.approx(expected, abs=1e-10)


@pytest.mark.parametrize(
    ("name", "order"),
    sweep(
        list(product(BOUNDED, (1, 2))),
        always=[("-y*log(r) - (1-y)*log(1-r)", 2), ("y/r + sqrt(r)", 1)],
    ),
)
def test_documents_of_such_costs_are_proved_and_read_again(name, order):
    given = read_network("1-2", output_activation=BOUNDED[name][0], cost=name)
    assert_proved_and_read_again(given, order, more_than=14)


@pytest.mark.parametrize(
    ("name", "output", "words"),
    [
        ("-log(r)", "relu", "r > 0 only, and outputs of ReLU are not known to lie there"),
        ("-log(r)", "tanh", "those of sigmoid and softplus do"),
        ("-log(1-r)", "softplus", "0 < r < 1 only"),
        ("1/r", "z*sigmoid(z)", "outputs of the formula are not known"),
    ],
)
def test_outputs_must_lie_where_the_cost_has_values(name, output, words):
    with pytest.raises(NetworkError, match=words):
        read_network("1-2", output_activation=output, cost=name)


@pytest.mark.parametrize(
    ("row", "formula"),
    [
        ("half_squared_error", "(y-r)^2/2"),
        ("squared_error", "r^2 - 2*r*y + y^2"),
        ("absolute_error", "abs(y-r)"),
        ("absolute_error", "cases(y-r if y > r; r-y otherwise)"),
        ("huber", HUBER),
        ("huber", "cases((y-r)^2/2 if y-r < 1 and r-y < 1; abs(r-y) - 1/2 if abs(y-r) >= 1)"),
    ],
)
@pytest.mark.parametrize("at_zero", ["1/3", "h0"])
def test_a_row_as_a_formula_has_the_values_of_the_row(row, formula, at_zero):
    """The kinks too: at the second point U is -1 and 0, at the third 1."""
    built_in = read_network("1-2", activation="identity", cost=row, at_zero=at_zero)
    own = replace(built_in, cost=read_cost(formula))
    for targets in ([Rational(1, 2), 3], [1, 3], [3, Rational(-9, 7)]):
        point = {"x": [1], "y": targets, "W0": [[2, 3]]}
        expected, found = (evaluate(one, point, order=2) for one in (built_in, own))
        assert found.C == expected.C and found.kinks == expected.kinks
        for ours, theirs in (
            (found.gradient, expected.gradient),
            *zip(found.hessian, expected.hessian, strict=True),
        ):
            assert [(a - b).expand() for a, b in zip(ours, theirs, strict=True)] == [0, 0]


def test_a_square_is_known_for_one():
    half = read_cost("(y-r)^2/2")
    assert half.kind.is_square and half.kind.scale(Symbol("n")) == S.Half
    assert not half.has_kinks and half.has_difference
    assert not read_cost("(y-r)^4").kind.is_square
    assert not read_cost("r^2").has_difference


def test_kinks_are_found():
    assert set(cost("huber").kinks(r, y)) == {y - r - 1, y - r + 1}
    assert cost("max(0, 1 - y*r)").kinks(r, y) == (y * r - 1,)
    assert cost("max(0, abs(y-r) - 1/10)^2").jumps is False
    assert cost("max(3/4*(y-r), (r-y)/4)").jumps is True
    assert cost("exp(r) - y*r").kinks(r, y) == ()


@pytest.mark.parametrize(
    ("name", "kink", "left", "right"),
    [("abs(y-r)", 0, -1, 1), ("max(3/4*(y-r), (r-y)/4)", 0, "-1/4", "3/4")],
)
def test_the_slope_at_a_kink_is_the_mean_that_step_gives(name, kink, left, right):
    u = Symbol("u", real=True)
    slope = read_cost(name).of_difference(u, h0).diff(u).subs(u, kink)
    assert (slope - h0 * S(right) - (1 - h0) * S(left)).expand() == 0


def test_from_python():
    own = Cost(formula=Piecewise(((y - r) ** 2 / 2, Abs(y - r) <= 1), (Abs(y - r) - S.Half, True)))
    assert own.of_difference(y, S.Zero) == read_cost(HUBER).of_difference(y, S.Zero)
    assert Cost(formula=(y - r) ** 4) == read_cost("(y-r)^4")
    assert replace(Cost(formula=(y - r) ** 4), threshold=S.One) == read_cost("(y-r)^4")
    for refused in (
        {"name": "huber", "formula": r**2},
        {"formula": "(y-r)^4"},
        {"formula": y**2},
        {"formula": r / y},
        {"formula": Piecewise((r, r > 0), (S.One, True))},
        {"name": "formula"},
    ):
        with pytest.raises(NetworkError, match=r"^(a|the)? ?cost ") as problem:
            Cost(**refused)
        assert "\n" not in str(problem.value)


@pytest.mark.parametrize(
    ("formula", "words"),
    [
        ({**HUBER, "else": "abs(y-r)"}, "jumps at y - r = -1, by -0.5"),
        ("sign(y-r)", "jumps at y - r = 0, by 2.0"),
        ("cases(y if r > 0; 2*y otherwise)", "jumps at r = 0"),
        ("focal(r)", "has the function 'focal', which is not known"),
        ("(y-r)^2*__import__('os').system('true')", "__import__"),
        ("(y-t)^2", "in r and y alone, and t stands in it"),
        ("(y-r)^2 + C", "in r and y alone, and C stands in it"),
        ("y^2", "does not depend on r"),
        ("(y-r)/y", "divides by y, and that is not known to be different from 0 for every r and y"),
        ("1/r + r/y", "divides by y, and that is not known to be different from 0"),
        ("r/r + r^2", "divides by r, and that is not known to be different from 0"),
        ("-y*log(r - 1)", "may have log of what is positive for every r and y"),
        ("abs(r) + abs(y-r)", "at numbers of r and of y - r"),
        ("cases(r^2 if y > 0; r otherwise)", "where y is 0, and that is not linear in r"),
        ("max((y-r)^2, 1)", "is not linear in r"),
        ("r^y", "cannot be read"),
        ("(y-r)^999999", "cannot be read|not supported"),
        ("abs(abs(abs(abs(abs(y-r)-1)-1/2)-1/4)-1/8)", "has more than 6 kinks"),
        ("(r+y)*" * 120 + "r", "more than 500 characters"),
        ({"if": "r > 999", "then": "exp(exp(exp(r)))", "else": "r"}, "too large"),
        ({"if": "r > 0", "then": "r"}, "needs the key else"),
        (
            {**HUBER, "esle": "r"},
            r"unknown key 'esle'; did you mean else\?; two cases .*abs\(y-r\)",
        ),
        ({**HUBER, "if": "__import__('os')"}, "cannot be read"),
        ({**HUBER, "if": "y != r"}, "told apart by < and >"),
        (3, "is a name or a formula in r and y, not 3"),
    ],
)
def test_refusals(formula, words):
    with pytest.raises(NetworkError, match=words) as problem:
        read_cost(formula)
    assert "\n" not in str(problem.value)


def test_in_a_network_file():
    text = "inputs = 1\ncost = {}\n[[layers]]\nunits = 1\n"
    cases = '{ if = "abs(y-r) <= 1", then = "(y-r)^2/2", else = "abs(y-r) - 1/2" }'
    assert network_from_toml(text.format(cases), "own.toml").cost == cost("huber")
    assert network_from_toml(text.format('"(y-r)^4"'), "own.toml").cost == cost("(y-r)^4")
    for value, words in (
        ('"(y-r)^q"', r"own.toml, line 2: cost cannot be read"),
        ('"sign(y-r)"', r"own.toml, line 2: cost jumps at y - r = 0"),
        ('"y-r"', r"own.toml, line 2: cost is one of half_squared_error"),
        ('"(y-r)^4"\nthreshold = "2"', "threshold is for cost huber, and the cost is formula"),
    ):
        with pytest.raises(NetworkError, match=words):
            network_from_toml(text.format(value), "own.toml")


@pytest.mark.thorough
@pytest.mark.parametrize("shape", ["1-2", "n_0-n_1"])
def test_a_cost_of_several_outputs_is_shown_by_cases(shape):
    """Each unit's two gates are told apart for every width at once, symbolic ones too."""
    derivation = backpropagate(network(shape, "huber"))
    steps = [step for group in derivation.groups for step in group.steps if step.rhs.has(Piecewise)]
    assert len(steps) == 2
    for step in steps:
        proof = judge(network(shape, "huber"), step.lhs, step.rhs)
        assert proof.proved and proof.scope.widths.every
        wrong = step.rhs.xreplace({S.Half: S.One}) if step.rhs.has(S.Half) else -step.rhs
        assert not judge(network(shape, "huber"), step.lhs, wrong).proved


def test_a_softmax_has_its_own_cost():
    with pytest.raises(NetworkError, match="softmax output layer goes with"):
        read_network("1-2", activation="softmax", cost="(y-r)^2")


def test_on_the_command_line(tmp_path):
    point = tmp_path / "point.json"
    point.write_text(json.dumps({"x": [1], "y": [1], "W0": [[3]]}))
    options = ["1-1", "--activation", "identity", "--cost", "(y-r)^4"]
    run = CliRunner().invoke(main, ["evaluate", *options, "--point", str(point), "--json"])
    assert run.exit_code == 0, run.output
    found = json.loads(run.output)
    assert (found["C"], found["gradient"]) == ("16", ["32"])
    shown = CliRunner().invoke(main, ["show", "dC/dr1", *options])
    assert "(y - r1)^3" in shown.output
    refused = CliRunner().invoke(main, ["show", "dC/dW0", "1-1", "--cost", "sign(y-r)"])
    assert refused.exit_code == 2 and "cost jumps at y - r = 0" in refused.output


def test_a_text_may_write_sigma_for_the_sigmoid_of_the_cost():
    given = network("1-1", "softplus(r) - y*r", hidden="identity")
    text = "$\\frac{\\partial C}{\\partial r^{(1)}} = \\sigma(r^{(1)}) - y$"
    assert check(text, given).judged[0].verdict is Verdict.RIGHT
    wrong = text.replace("- y", "+ y")
    assert check(wrong, given).judged[0].verdict is Verdict.WRONG
