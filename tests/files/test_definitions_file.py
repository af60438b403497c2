"""Definitions in a TOML file: what is wrong is said in one sentence, with its line."""

import pytest
from click.testing import CliRunner

from derive.cli import main
from derive.errors import NetworkError
from derive.files.definitions_file import model_of, table_of
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
    ("C := sum(i, abs(x[i]))", "Abs is not supported in a definition"),
    ("C := sum(i, max(x[i], 0))", "write max(a, b) as b + ReLU(a - b)"),
    ("C := x[0]", "the axis n has no size in [axes]"),
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


def test_the_command_line_takes_a_model_and_says_where_it_cannot(tmp_path):
    file = tmp_path / "attention.toml"
    file.write_text(TEXTS["attention"])
    run = CliRunner().invoke(main, ["show", "dC/dS", str(file)])
    assert run.exit_code == 0 and "factor out" in run.output
    run = CliRunner().invoke(main, ["evaluate", str(file)])
    assert run.exit_code == 2 and "has no [point]" in run.output
    run = CliRunner().invoke(main, ["report", str(file), "-o", str(tmp_path), "--order", "2"])
    assert run.exit_code == 2 and "to first order" in run.output
