"""Definitions in a TOML file: what is wrong is said in one sentence, with its line."""

import pytest
from click.testing import CliRunner
from sympy import Integer, Rational, Symbol

from derive.algebra.quantities import NO_SUPERSCRIPT, Quantity
from derive.cli import main
from derive.errors import NetworkError
from derive.files.definitions_file import model_of, read_definitions, table_of
from derive.files.toml_tables import TomlTable, parse_toml
from tests.definition_files import TEXTS, model

START = """[tensors]
x = { axes = ["n"], role = "input" }
w = { axes = ["n"], role = "parameter" }
"""

WRONG = [
    ("C := sum(i, x[i]*v[i])", "definitions, line 1: after :=, column 14: 'v' is not in this"),
    ("h[i] := x[i]*w[j]\nC := sum(i, h[i])", "line 1: the index j stands on the right alone"),
    ("h[i] := x[i]\nh[j] := w[j]\nC := sum(i, h[i])", "line 2: h has a meaning already"),
    ("C = 1", "'C = 1' has no :="),
    ("C := sum(i, x[i]", "line 1: a bracket is not closed"),
    ("h[k] := sum(i, x[i])\nC := sum(k, h[k])", "line 1: the index k occurs in no factor"),
    ("dx[i] := x[i]\nC := sum(i, dx[i])", "'dx' would be read as the differential of x"),
    ("sum := 1", "'sum' is a word of the notation"),
    ("h[i] := x[i]*w[i]", "the objective 'h' has indices"),
    ("C := sum(i, sign(x[i]))", "a definition that jumps has no derivative there"),
    ("C := sum(i, Step(x[i]))", "write the whole with ReLU, max, min or abs"),
    ("C := sum(i, max(x[i]))", "'max' takes 2 to 6 arguments, not 1"),
    (
        "C := sum(i, cases(w[i] if w[i] > 0; 0 otherwise))",
        "cases are read as a function of one value",
    ),
    ("f(u) := cases(1 if u > 0; 0 otherwise)\nC := f(x[0])", "line 1: the function jumps at u = 0"),
    ("f(u) := u*v\nC := 1", "hand it in, as f(u, v)"),
    ("f(u, u) := u\nC := 1", "the values of f need names"),
    ("max(u) := u\nC := 1", "'max' is a word of the notation"),
    ("f(u) := u\nf(v) := v\nC := 1", "line 2: f has a meaning already"),
    ("f(u) := u\nC := f(1, 2)", "'f' takes 1 argument, not 2"),
    ("C := sum(i:m, x[i])", "'m' is no axis"),
    ("parameter V[n\nC := 1", "line 1: a bracket is not closed"),
    ("parameter V[n]; x\nC := 1", "write parameter x[T,d], with the axes in brackets"),
    ("parameter x\nC := 1", "x has a meaning already"),
    ("parameter V[V]\nC := 1", "V is a tensor and an axis"),
    ("size n = 0\nC := 1", "the size of n is one whole number from 1"),
    ("objective D\nC := 1", "the objective 'D' is not defined"),
    # Axes of one size are still two.
    (
        "size a = 2\nsize b = 2\nparameter V[a,b]\nC := sum(i, V[i,i])",
        "the index i counts both the units of the axis a and those of the axis b",
    ),
    ("C := x[0]", "the axis n has no size in [axes]"),
    ("== ==\nC := 1", "line 1: a title is written == Attention weights =="),
    ("== One = two ==\nC := 1", "in up to 80 characters without = and *"),
    ("== A ==\nh := 1\n== B ==\ng := 1\n== A ==\nC := 1", "line 5: the title 'A' stands over"),
    ("C := x[i]^2", "line 1: the index i stands on the right alone"),
]


def read(text, rest=START):
    return model_of(parse_toml(f"definitions = '''\n{text}\n'''\n{rest}", "m.toml"), "m")


@pytest.mark.parametrize(("text", "sentence"), WRONG)
def test_one_sentence_says_what_is_wrong(text, sentence):
    with pytest.raises(NetworkError) as caught:
        read(text)
    assert sentence in str(caught.value)
    assert str(caught.value).startswith("m.toml, line 1: ")


@pytest.mark.parametrize(
    ("tensors", "sentence"),
    [
        ("x = { axes = [2], role = 'input' }", "has the bare number 2; name the axis"),
        ("x = { axes = ['n'], role = 'weight' }", "role is one of input, parameter"),
        ("x = { axes = ['x'], role = 'input' }", "x is a tensor and an axis"),
        ("x = { axes = ['n'], role = 'input', latex = '\\input{a}' }", "latex is a name such as"),
        ("q = { latex = 'Q' }\nx = { axes = ['n'], role = 'input' }", "q is not defined"),
    ],
)
def test_tensors(tensors, sentence):
    with pytest.raises(NetworkError) as caught:
        read("C := sum(i, x[i]^2)", f"[tensors]\n{tensors}\n")
    assert sentence in str(caught.value)


@pytest.mark.parametrize("name", TEXTS)
def test_a_model_is_read_back_from_its_table(name):
    one = model(name)
    again = model_of(TomlTable("again", "", table_of(one)), one.name)
    assert again == one


def test_numbers_as_sizes_and_axes_that_are_written():
    one = read("B[k:N,i] := x[i]\nC := sum(k, sum(i, B[k,i]*w[i]))", START + "[axes]\nn = 2\n")
    assert [str(one.width(axis)) for axis in one.all_axes] == ["2", "N"]


@pytest.mark.parametrize(
    ("assumption", "sentence"),
    [
        ("x[i] > 0", "an assumption is that all rows"),
        ("sum(i, x[i]) = 1", "an assumption is that all rows"),  # an input is differentiated by
        ("sum(i, y[i]) = 2", "an assumption is that all rows"),
        ("sum(i, y[i]^2) = 1", "an assumption is that all rows"),
        ("sum(i, y[i]) = 1 and sum(j, y[j]) = 1", "of y one sum is assumed already"),
        ("sum(i, q[i]) = 1", "the assumption 'sum(i, q[i]) = 1': column"),
        ("y[i]", "the assumption 'y[i]': column"),
    ],
)
def test_assumptions_that_cannot_be_used(assumption, sentence):
    tensors = f"{START}y = {{ axes = ['n'], role = 'target' }}\n"
    with pytest.raises(NetworkError) as caught:
        read("C := sum(i, x[i]*y[i])", f"assumptions = ['{assumption}']\n{tensors}")
    assert sentence in str(caught.value) and str(caught.value).startswith("m.toml, line ")


#: Formulas with functions -> what they are read as, by the notation's own.
SAME = [
    ("f(u) := u*sigmoid(u)\nC := f(w[0])", "C := w[0]*sigmoid(w[0])"),
    ("f(u, v) := u^2*v\ng(u) := f(u, 2*u)\nC := g(w[0])", "C := 2*w[0]^3"),
    ("C := silu(w[0]) + relu(x[0])", "C := w[0]*sigmoid(w[0]) + ReLU(x[0])"),
    ("C := gelu(w[0])", "C := w[0]*(1 + erf(w[0]/sqrt(2)))/2"),
    ("C := leaky_relu(w[0], 1/10)", "C := LeakyReLU(w[0], 1/10)"),
    ("C := max(w[0], 0) + max(0, x[0])", "C := ReLU(w[0]) + ReLU(x[0])"),
    ("C := max(w[0], x[0])", "C := x[0] + ReLU(w[0] - x[0])"),
    ("C := min(w[0], 1)", "C := w[0] - ReLU(w[0] - 1)"),
    ("C := min(1, w[0])", "C := w[0] - ReLU(w[0] - 1)"),
    ("C := abs(w[0])", "C := 2*ReLU(w[0]) - w[0]"),
    ("C := sum(i, j, w[i]*x[j])", "C := sum(i, sum(j, w[i]*x[j]))"),
    ("C := sum(i:n, 1)", "C := n"),
    ("C := sum(i:n, j, x[j])", "C := n*sum(j, x[j])"),
    ("C := mean(i, w[i])", "C := sum(i, w[i])/n"),
    ("p[i] := softmax(i, w[i])\nC := p[0]", "p[i] := exp(w[i])/sum(j, exp(w[j]))\nC := p[0]"),
]


@pytest.mark.parametrize(("text", "same"), SAME)
def test_functions_of_definitions(text, same):
    sized = f"{START}[axes]\nn = 3\n" if "[0]" in text else START
    assert read(text, sized).definitions == read(same, sized).definitions


def test_at_a_kink_step_of_zero_says_the_slope():
    """h0 times the slope to the right, and 1 - h0 times that to the left."""
    h = Rational(1, 3)
    for text, left, right in (
        ("abs(w[0])", -1, 1),
        ("max(w[0], 0)", 0, 1),
        ("min(w[0], 0)", 1, 0),
        ("min(0, 2*w[0])", 2, 0),
        ("elu(w[0], 2)", 2, 1),
    ):
        one = read(f"C := {text}", f"step_at_zero = '1/3'\n{START}[axes]\nn = 1\n")
        w = Quantity("w", NO_SUPERSCRIPT, Integer(1))
        slope = one.definitions[0].right.subs(w, w0 := Symbol("w0", real=True)).diff(w0).subs(w0, 0)
        assert slope == h * right + (1 - h) * left, text


def test_a_text_declares_what_a_table_declares():
    lines = "z := sum(i, w[i]*x[i]) + b\nC := (z - y)^2*sum(k, M[k])\nD := z"
    declared = """
    input x[n]          # a comment
    parameter w[n], b
    target y
    size m = 2
    constant M[m]
    objective C
    """
    table = f"""
    objective = "C"
    step_at_zero = "1/2"
    {START}
    b = {{ axes = [], role = "parameter" }}
    y = {{ axes = [], role = "target" }}
    M = {{ axes = ["m"], role = "constant" }}
    [axes]
    m = 2
    """
    one = read_definitions(declared + lines, name="m", at_zero="1/2")
    same = model_of(parse_toml(f"definitions = '''\n{lines}\n'''\n{table}", "m.toml"), "m")
    assert one == same


def test_a_text_file_is_a_model_too(tmp_path):
    file = tmp_path / "line.txt"
    file.write_text("input x\nparameter w\nC := (w*x)^2\n")
    run = CliRunner().invoke(main, ["show", "dC/dw", str(file)])
    assert run.exit_code == 0 and "2" in run.output
    file.write_text("input x\nparameter w\nC := (w*x)^2 + v\n")
    run = CliRunner().invoke(main, ["show", "dC/dw", str(file)])
    assert run.exit_code == 2 and "definitions, line 3: after :=, column 12: 'v'" in run.output


def test_the_command_line_takes_a_model_and_says_where_it_cannot(tmp_path):
    file = tmp_path / "attention.toml"
    file.write_text(TEXTS["attention"])
    run = CliRunner().invoke(main, ["show", "dC/dS", str(file)])
    assert run.exit_code == 0 and "factor out" in run.output
    run = CliRunner().invoke(main, ["evaluate", str(file)])
    assert run.exit_code == 2 and "has no [point]" in run.output
    run = CliRunner().invoke(main, ["report", str(file), "-o", str(tmp_path), "--thorough"])
    assert run.exit_code == 2 and "by proofs alone" in run.output
