"""The library: docs/library.md, help, what is shown, and errors in place of tracebacks."""

from __future__ import annotations

import pickle
import pydoc
import re
from pathlib import Path

import pytest
from sympy import (
    ITE,
    Abs,
    Expr,
    FiniteSet,
    Integral,
    Interval,
    Piecewise,
    Q,
    Rational,
    S,
    Symbol,
    conjugate,
    exp,
    integrate,
    is_increasing,
    is_monotonic,
    latex,
    log,
    oo,
    piecewise_fold,
    refine,
    simplify,
    solve,
    solveset,
)

import derive
from derive import (
    DeriveError,
    LeakyReLU,
    Network,
    Partial,
    Quantity,
    ReLU,
    Step,
    backpropagate,
    check,
    evaluate,
    hessian_program,
    judge,
    prove,
    read_network,
    report_on,
    second_order,
    sigmoid,
    softplus,
)

DOCUMENT = (Path(__file__).parent.parent / "docs" / "library.md").read_text(encoding="utf-8")
x, y = Symbol("x", real=True), Symbol("y", real=True)
a, h0 = Symbol("a", real=True), Symbol("h_0", real=True)
half, tenth = Rational(1, 2), Rational(1, 10)


@pytest.mark.parametrize("program", re.findall(r"^```python\n(.*?)^```$", DOCUMENT, re.S | re.M))
def test_the_document_prints_what_its_comments_say(program, capsys):
    exec(compile(program, "library.md", "exec"), {})
    printed = capsys.readouterr().out.splitlines()
    assert printed == re.findall(r"^print\(.*  # (.+)$", program, re.M)


def test_every_public_name_is_in_the_document_and_in_help():
    text = pydoc.plain(pydoc.render_doc(derive))
    for name in derive.__all__:
        assert f"`{name}`" in DOCUMENT, name
        assert re.search(rf"\b{name}\b", text), name


# -- equations and integrals ---------------------------------------------------------------

KINKED = [
    ReLU(x), ReLU(x) - 1, Step(x) - 1, Step(x), Step(x, half) - half, ReLU(x) - 2 * x - 1,
    LeakyReLU(x, tenth) + 2, y - ReLU(x), ReLU(x) * (x - 1), ReLU(x) - ReLU(y), x * Step(x) - 2,
]  # fmt: skip


@pytest.mark.parametrize("equation", KINKED, ids=str)
def test_solve_refuses_what_it_would_take_for_smooth(equation):
    for symbol in (x, Symbol("x")):
        with pytest.raises(NotImplementedError, match="solveset"):
            solve(equation.subs(x, symbol), symbol)


@pytest.mark.parametrize(
    ("equation", "solutions"),
    [
        (ReLU(x), Interval(-oo, 0)),
        (Step(x) - 1, Interval.open(0, oo)),
        (Step(x, half) - half, FiniteSet(0)),
        (ReLU(x) - 2 * x - 1, -half),
        (LeakyReLU(x, tenth) + 2, S(-20)),
        (ReLU(ReLU(x) - 1) - 1, S(2)),
        (sigmoid(x) - Rational(1, 3), -log(2)),
        (sigmoid(x) - 2, S.EmptySet),
        (softplus(x) - 1, log(exp(1) - 1)),
    ],
    ids=str,
)
def test_solveset_over_the_reals(equation, solutions):
    expected = FiniteSet(solutions) if isinstance(solutions, Expr) else solutions
    assert solveset(equation, x, S.Reals).simplify() == expected


def test_solve_of_smooth_functions():
    assert solve(sigmoid(x) - Rational(1, 3), x) == [-log(2)]
    assert solve(sigmoid(x) - 2, x) == solve(softplus(x) + 1, x) == []


@pytest.mark.parametrize(
    ("integrand", "low", "high", "value"),
    [
        (ReLU(x), -1, 2, 2), (2 * ReLU(x) + x, -1, 2, Rational(11, 2)), (Step(x - 1), 0, 3, 2),
        (Step(x - 1, half) + 1, 0, 3, 5), (LeakyReLU(x, tenth), -1, 1, Rational(9, 20)),
        (ReLU(2 * x + 1), -3, 3, Rational(49, 4)), (sigmoid(x), 0, 1, log(1 + exp(1)) - log(2)),
    ],
    ids=str,
)  # fmt: skip
def test_integrals(integrand, low, high, value):
    assert abs((integrate(integrand, (x, low, high)) - value).n(30)) < 1e-25


@pytest.mark.parametrize(
    "integrand",
    [exp(x) * Step(x), x * Step(x - 1), exp(x) * ReLU(x), x * ReLU(x - 1), Step(x) * Step(x - 1),
     exp(x) * LeakyReLU(x, tenth)],
    ids=str,
)  # fmt: skip
def test_an_integral_with_a_kink_in_a_product_stays_one(integrand):
    assert integrate(integrand, x).has(Integral)
    assert integrate(integrand, (x, -2, 3)).has(Integral)
    by_cases = piecewise_fold(integrand.rewrite(Piecewise))
    assert not integrate(by_cases, (x, -2, 3)).has(Integral)


def test_antiderivatives():
    assert integrate(sigmoid(3 * x + 1), x) == softplus(3 * x + 1) / 3
    assert integrate(ReLU(x), x).diff(x).subs(x, 3) == 3


# -- what is known of a value --------------------------------------------------------------


@pytest.mark.parametrize(
    "comparison",
    [
        Step(x) >= 0, Step(x) <= 1, Step(x, half) >= 0, Step(x, 1) < 2, ReLU(x) >= 0, ReLU(x) >= x,
        sigmoid(x) > 0, sigmoid(x) < 1, sigmoid(x) <= 1, sigmoid(x) < 2, softplus(x) > 0,
        softplus(x) > x, LeakyReLU(x, -1) >= 0,
    ],
)  # fmt: skip
def test_comparisons_that_always_hold(comparison):
    assert comparison is S.true


@pytest.mark.parametrize(
    "comparison",
    [sigmoid(x) > half, ReLU(x) > 0, Step(x, h0) >= 0, Step(x) > 0, LeakyReLU(x, a) >= 0,
     sigmoid(Symbol("c", complex=True)) > 0],
)  # fmt: skip
def test_comparisons_that_may_fail_stay_open(comparison):
    assert comparison not in (S.true, S.false)


def test_assumptions():
    assert ReLU(x).is_nonnegative and Step(x).is_nonnegative and Step(x, h0).is_nonnegative is None
    assert sigmoid(x).is_positive and softplus(x).is_positive and sigmoid(x).is_finite
    assert sigmoid(Symbol("c", complex=True)).is_real is None
    assert is_monotonic(sigmoid(x)) and is_increasing(ReLU(x)) and is_increasing(softplus(x))
    assert conjugate(ReLU(x)) == ReLU(x)


# -- other forms ---------------------------------------------------------------------------


@pytest.mark.parametrize("value", [-2, 0, 3])
def test_other_forms(value):
    for function, form in ((ReLU(x), Abs), (LeakyReLU(x, a), Abs)):
        rewritten = function.rewrite(form)
        assert rewritten.has(form)
        assert (rewritten - function).subs(x, value).expand() == 0
    by_cases = simplify((ReLU(x) - x * Step(x)).rewrite(Piecewise))
    assert by_cases.subs(x, value) == 0


@pytest.mark.parametrize(
    "function",
    [ReLU(ReLU(x) - y), Step(y * ReLU(x), half), ReLU(y * LeakyReLU(x, tenth) + ReLU(ReLU(x) - 1))],
    ids=str,
)
def test_nested_gates_by_cases_have_no_conditions_inside_conditions(function):
    cases = function.rewrite(Piecewise)
    assert not cases.has(ITE) and not any(value.has(Piecewise) for value, _ in cases.args)
    for point in ((-2, 1), (0, 3), (2, 1), (2, -1), (1, 1), (3, 0)):
        at = dict(zip((x, y), point, strict=True))
        assert cases.subs(at) == function.subs(at)


def test_refine():
    assert refine(ReLU(x), Q.positive(x)) == x and refine(ReLU(x), Q.negative(x)) == 0
    assert refine(Step(x, h0), Q.zero(x)) == h0 and refine(Step(x), Q.real(x)) == Step(x)


@pytest.mark.parametrize(
    "function", [Step(x, half), ReLU(x), LeakyReLU(x, a, 1), sigmoid(x), softplus(x)], ids=str
)
def test_pickling(function):
    assert pickle.loads(pickle.dumps(function)) == function


# -- what is shown -------------------------------------------------------------------------

i, j = Symbol("i", integer=True), Symbol("j", integer=True)
C, W, V = Quantity("C", 2), Quantity("W", 0, i, j), Quantity("W", 1, j)


@pytest.mark.parametrize(
    ("expression", "written"),
    [
        (ReLU(x), r"\mathrm{ReLU}\left(x\right)"),
        (Step(x, half), r"\mathrm{Step}_{\mathrm{Step}(0)=\frac{1}{2}}\left(x\right)"),
        (LeakyReLU(x, a), r"\mathrm{LeakyReLU}_{a}\left(x\right)"),
        (sigmoid(x) ** 2, r"\sigma^{2}\left(x\right)"),
        (W, "W^{(0)}_{ij}"),
        (W**2, r"\left(W^{(0)}_{ij}\right)^{2}"),
        (Quantity("r", 0, i), "x_i"),
        (Partial(C, W), r"\frac{\partial C}{\partial W^{(0)}_{ij}}"),
        (Partial(C, W) ** 2, r"\left(\frac{\partial C}{\partial W^{(0)}_{ij}}\right)^{2}"),
        (Partial(Partial(C, W), V),
         r"\frac{\partial^2 C}{\partial W^{(0)}_{ij}\,\partial W^{(1)}_j}"),
        (Partial(W, Quantity("t", 0)), r"\mathcal{R}\left\{W^{(0)}_{ij}\right\}"),
        (Partial(W * V, W),
         r"\frac{\partial}{\partial W^{(0)}_{ij}}\left[W^{(1)}_j W^{(0)}_{ij}\right]"),
    ],
    ids=str,
)  # fmt: skip
def test_latex(expression, written):
    assert latex(expression) == written


def test_a_proof_is_a_sentence_and_no_bool():
    with pytest.raises(TypeError, match=r"no yes or no: ask for \.proved"):
        bool(prove("x", "x"))


@pytest.mark.parametrize(
    ("proof", "sentence"),
    [
        (lambda: prove("x + x", "2*x"), "proved by normal form: for all real values"),
        (lambda: prove("dC/dW0[i,j]", "dC/dz1[j]*x[i]", "n_0-n_1"),
         "proved by normal form: wherever C is differentiable, and at kinks by the convention, "
         "for every Step(0)"),
        (lambda: prove("Step(x) + Step(-x)", "1", step_at_zero="1/2"),
         "proved by normal form: for all real values, with the Step(0) that was chosen"),
        (lambda: prove("x/y*y", "x"),
         "proved by normal form: for all real values, where y is not 0"),
        (lambda: prove("w*x", "x", assume="x > 0"), "refuted at w = -1, x = 1: left -1, right 1"),
        (lambda: prove("2", "3"), "refuted: left 2, right 3"),
        (lambda: prove("exp(" * 60 + "x" + ")" * 60, "0"),
         "undecided: the normal forms differ; z3 found neither a proof nor a point that refutes"),
    ],
)  # fmt: skip
def test_a_proof_is_a_sentence(proof, sentence):
    assert str(proof()) == sentence


def test_help_lists_the_public_names_with_a_line_each():
    lines = [line[4:24] for line in derive.__doc__.splitlines() if line.startswith("    ")]
    names = [name.strip() for line in lines for name in line.split(",")]
    assert sorted(names) == sorted(derive.__all__)


@pytest.mark.parametrize(
    "function",
    [
        backpropagate,
        second_order,
        hessian_program,
        lambda network: judge(network, 0, 0),
        lambda network: prove("r1", "x", network),
        lambda network: check("r1 = r1", network, kind="text"),
        lambda network: report_on(network, ["plain"]),
        lambda network: evaluate(network, {"x": [1], "y": [2], "W0": [[3]]}),
        lambda network: derive.Valuation(network, {}, {}).model,
    ],
)
def test_a_network_may_be_named_as_on_the_command_line(function, tmp_path):
    (file := tmp_path / "1-1.toml").write_text("inputs = 1\n[[layers]]\nunits = 1\n")
    network = read_network("1-1")
    for source in ("1-1", file, str(file)):
        assert function(source) == function(network)


@pytest.mark.parametrize(
    ("call", "sentence"),
    [
        (lambda: check("..", 2), "a Network is needed, or a name, .* not 2"),
        (lambda: backpropagate("two-layer-chian"), "did you mean two-layer-chain"),
        (lambda: backpropagate("layer-norm"), "this is for stacks of fully connected layers"),
        (lambda: evaluate("missing.toml"), "missing.toml: there is no such file"),
        (lambda: second_order(3), "a Network is needed, or a name, .* not 3"),
        (lambda: judge(None, 0, 0), "a Network is needed"),
        (lambda: Network(2, [3, 1]), "layer 1 is 3, and a layer is Layer"),
    ],
)
def test_wrong_types_are_refused_in_one_sentence(call, sentence):
    with pytest.raises(DeriveError, match=sentence):
        call()


def test_a_model_is_made_from_definitions():
    text = "input x[n]\nparameter w[n]\ntarget y\nz := sum(i, w[i]*x[i])\nC := (ReLU(z) - y)^2"
    model = derive.Model.from_definitions(text, name="neuron", at_zero="1/2")
    assert (model.name, model.step_at_zero) == ("neuron", Rational(1, 2))
    assert derive.prove("dC/dw[i]", "2*(ReLU(z) - y)*Step(z)*x[i]", model).proved
    assert evaluate(model, {"x": [1, 1], "w": [1, -1], "y": 1}).gradients["w"] == (-1, -1)
    with pytest.raises(derive.NetworkError, match="neuron: definitions, line 2"):
        derive.Model.from_definitions("input x\nC := x*w", name="neuron")
