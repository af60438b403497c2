from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from sympy import Integer, Rational, Symbol, symbols

from derive.algebra.numerals import exact
from derive.errors import NetworkError
from derive.files.built_in import builtin_names, builtin_network, builtin_networks
from derive.files.network_file import read_network, read_point_file
from derive.files.network_table import network_from_toml
from derive.files.starter import starter_file
from derive.model.activations import Activation
from derive.model.network import Network

EXAMPLES = Path(__file__).parents[2] / "examples"
LAYER = "[[layers]]\nunits = 1\n"
CHAIN = "inputs = 1\n" + LAYER  # 3 lines; whatever follows starts on line 4
PAIR = "inputs = 2\n" + LAYER


def message(text: str) -> str:
    with pytest.raises(NetworkError) as caught:
        network_from_toml(text, "net.toml")
    return str(caught.value)


def refusal(source: str, **options: Any) -> str:
    with pytest.raises(NetworkError) as caught:
        read_network(source, **options)
    return str(caught.value)


def sizes(network: Network) -> list[str]:
    return [str(network.inputs), *(str(layer.units) for layer in network.layers)]


# -- built-in networks ---------------------------------------------------------------------

BUILT_IN = {
    "one-layer-chain": ["1", "1"],
    "two-layer-chain": ["1", "1", "1"],
    "three-layer-chain": ["1", "1", "1", "1"],
    "general-layer": ["n_k", "n_{k+1}"],
    "two-layer-general": ["n_0", "n_1", "n_2"],
    "regression-2-3-1": ["2", "3", "1"],
    "deep-relu": ["3", "4", "3", "2", "1"],
    "leaky-chain": ["1", "1", "1", "1"],
    "sigmoid-chain": ["1", "1", "1", "1"],
    "softmax-classifier": ["2", "3", "3"],
    "binary-classifier": ["2", "2", "1"],
}


@pytest.mark.parametrize("name", BUILT_IN)
def test_every_built_in_network_loads(name: str) -> None:
    network = read_network(name)
    assert (sizes(network), network.name) == (BUILT_IN[name], name)


def test_built_in_names_descriptions_and_files_agree() -> None:
    assert builtin_names() == tuple(BUILT_IN) == tuple(builtin_networks())
    for description in builtin_networks().values():
        assert re.fullmatch(r"[A-Z][^\n]{20,90}\.", description)
    files = {path.stem for path in EXAMPLES.glob("*.toml")}
    assert files >= set(BUILT_IN) - {"general-layer"}


def test_built_in_networks_of_known_size_have_a_point() -> None:
    without = {name for name in BUILT_IN if builtin_network(name).point is None}
    assert without == {"general-layer", "two-layer-general"}


def test_the_general_layer_is_symbolic_and_has_no_cost() -> None:
    network = read_network("general-layer")
    assert (network.first, network.cost) == (Symbol("k", integer=True), None)


def test_there_is_no_other_built_in_network() -> None:
    with pytest.raises(KeyError):
        builtin_network("two-layer-chian")


def test_the_starter_file_is_a_network() -> None:
    network = network_from_toml(starter_file(), "starter.toml")
    assert sizes(network) == ["2", "3", "1"]
    assert network.point is not None


def test_every_commented_line_of_the_starter_file_works_too() -> None:
    text = re.sub(
        r"^# (?=(reduction|name|notation|\[symbols\]|\") ?)", "", starter_file(), flags=re.M
    )
    network = network_from_toml(text, "starter.toml")
    assert (network.name, network.symbols) == ("my network", {"w_1": "W0", "a": "r1"})
    assert network.notation == "nielsen"


# -- shorthands ----------------------------------------------------------------------------


def test_a_shorthand_is_relu_half_squared_error_without_biases() -> None:
    network = read_network("2-3-1")
    assert (sizes(network), network.name) == (["2", "3", "1"], "2-3-1")
    assert {layer.activation for layer in network.layers} == {Activation("relu")}
    assert not any(layer.bias for layer in network.layers)
    assert network.cost is not None
    assert (network.cost.name, network.step_at_zero) == ("half_squared_error", 0)


def test_a_shorthand_may_have_symbols() -> None:
    network = read_network("n_0-n_1-1")
    n0, n1 = symbols("n_0 n_1", integer=True, positive=True)
    assert (network.inputs, network.layers[0].units) == (n0, n1)


def test_options_complete_a_shorthand() -> None:
    network = read_network(
        "2-3-2",
        activation="leaky_relu",
        output_activation="softmax",
        cost="cross_entropy",
        bias=True,
        slope="alpha",
        at_zero="h0",
    )
    hidden, output = network.layers
    assert hidden.activation == Activation("leaky_relu", Symbol("alpha", real=True))
    assert (output.activation.name, hidden.bias, output.bias) == ("softmax", True, True)
    assert network.step_at_zero == Symbol("h_0", real=True)


def test_the_output_activation_is_that_of_the_hidden_layers_by_default() -> None:
    assert read_network("1-1", activation="sigmoid").layers[-1].activation.name == "sigmoid"


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("2", "2: a shorthand has inputs and at least one layer, such as 2-3-1"),
        ("2--1", "2--1: a shorthand is widths with one dash between them, such as 2-3-1"),
        ("-2-1", "-2-1: a shorthand is widths with one dash between them, such as 2-3-1"),
        (
            "1.5-1",
            "1.5-1: a width is a whole number from 1 or a symbol such as n_1, not '1.5'",
        ),
        (
            "2-0-1",
            "2-0-1: a width is a whole number from 1 or a symbol such as n_1, not '0'",
        ),
        (
            "b-1",
            "b-1: a width cannot be the symbol 'b': that name is taken; "
            "choose another, such as n_1",
        ),
        (
            "2-2000000",
            "2-2000000: layer 1: 2000000 units are more than 1000000; "
            "write a symbol such as n_1 for a layer of any size",
        ),
    ],
)
def test_a_wrong_shorthand(source: str, expected: str) -> None:
    assert refusal(source) == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"activation": "leaky_relu"}, "1-2: leaky_relu needs a slope, such as 1/10 or alpha"),
        ({"slope": "1/2"}, "1-2: slope is for leaky_relu and elu; give activation leaky_relu too"),
        (
            {"activation": "leaky_relu", "slope": "1/0"},
            "1-2: slope is a number such as 1/10 or a symbol, not '1/0'",
        ),
        (
            {"output_activation": "softmax"},
            '1-2: a softmax output layer goes with cost = "cross_entropy"',
        ),
        (
            {"cost": "cross_entropy"},
            "1-2: cost cross_entropy goes with activation = 'softmax' in the last layer, "
            "not 'relu'",
        ),
        (
            {"activation": "rleu"},
            "1-2: activation is one of relu, leaky_relu, identity, sigmoid, tanh, softplus, "
            "silu, gelu, elu, softmax, not 'rleu'; did you mean relu?",
        ),
        ({"at_zero": "often"}, "1-2: at_zero is a number from 0 to 1, or h0, not 'often'"),
    ],
)
def test_wrong_options(options: dict[str, str], expected: str) -> None:
    assert refusal("1-2", **options) == expected


def test_a_width_and_the_slope_may_not_share_a_name() -> None:
    assert (
        refusal("n-1", activation="leaky_relu", slope="n")
        == "n-1: n is a number of units and the slope; rename one"
    )


def test_more_layers_than_allowed() -> None:
    assert refusal("1-" * 1001 + "1").endswith(
        ": 1001 layers are more than the 1000 that derive accepts"
    )


def test_only_at_zero_changes_a_network_that_is_no_shorthand() -> None:
    assert read_network("deep-relu", at_zero="1/2").step_at_zero == Rational(1, 2)
    assert refusal("deep-relu", bias=False, cost="mean_squared_error") == (
        "deep-relu: cost, bias can only be given for a shorthand such as 2-3-1; "
        "write a network file for anything else"
    )
    assert refusal("deep-relu", at_zero="2").startswith(
        "deep-relu: step_at_zero is a number from 0 to 1 or the symbol h0, not 2"
    )


# -- files ---------------------------------------------------------------------------------


def test_a_file_is_read_and_named_after_itself(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_bytes(b"\xef\xbb\xbf" + CHAIN.replace("\n", "\r\n").encode())  # as Windows writes it
    assert read_network(path).name == "mine"
    assert read_network(str(path)) == read_network(path)


def test_a_file_may_say_everything() -> None:
    network = network_from_toml(
        """
        name = "A small one"
        inputs = 2
        cost = "mean_squared_error"
        reduction = "mean"
        step_at_zero = 0.5
        [[layers]]
        units = "n_1"
        activation = "leaky_relu"
        slope = 0.15
        bias = true
        [[layers]]
        units = 1
        activation = "identity"
        [symbols]
        "w_{1}" = "W0[1, 7]"
        '\\delta' = "dC/dz2"
        H = "d2C/dW0dW1"
        """,
        "net.toml",
    )
    assert (network.name, network.reduction) == ("A small one", "mean")
    assert network.step_at_zero == Rational(1, 2)
    assert network.layers[0].activation == Activation("leaky_relu", Rational(3, 20))
    assert network.layers[0].bias and not network.layers[1].bias
    assert network.symbols == {"w_{1}": "W0[1,7]", "\\delta": "dC/dz2", "H": "d2C/dW0dW1"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", "the file is empty; `derive init` writes one to start from"),
        (b"\x7fELF\x00\x01\xff", "this is not a text file in UTF-8"),
        (b"inputs = 1\x00", "this is not a text file in UTF-8"),
        (b"#" * 1_000_001, "the file is larger than 1000 kB"),
    ],
)
def test_files_that_are_no_network(tmp_path: Path, content: bytes, expected: str) -> None:
    path = tmp_path / "x.toml"
    path.write_bytes(content)
    assert refusal(str(path)).removeprefix(str(path)) in (f": {expected}", expected)


def test_paths_that_lead_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").touch()
    assert refusal("nope.toml") == "nope.toml: there is no such file"
    assert refusal("folder/nope") == "folder/nope: there is no such file"
    assert refusal("folder") == "folder: this is a folder; name the file inside it"
    assert refusal("file/x").startswith("file/x: the file cannot be read: ")
    assert refusal("./\0").startswith(r"'./\x00': the file cannot be read")
    assert refusal("./" + "x" * 5000).startswith("…" + "x" * 200 + ": the file cannot be read")


def test_what_a_network_may_be_and_the_name_that_was_meant() -> None:
    text = refusal("two-layer-chian")
    assert text.startswith(
        "there is no network 'two-layer-chian'; a network is a TOML file, "
        "a shorthand such as 2-3-1, or one of one-layer-chain, two-layer-chain, "
    )
    assert text.endswith("; did you mean two-layer-chain?")


MISTAKES = {
    "no inputs": (
        LAYER,
        ': the key inputs is missing; add inputs = 2, or a symbol such as "n_0"',
    ),
    "no layers": (
        "inputs = 1",
        ": a network needs at least one layer; add [[layers]] and units = 1",
    ),
    "no units": (
        CHAIN + "[[layers]]\nbias = true",
        ', line 4: layer 2: the key units is missing; add units = 1, or a symbol such as "n_1"',
    ),
    "single brackets": (
        "inputs = 1\n[layers]\nunits = 1",
        ", line 2: layers is written [[layers]], in double brackets, once for each layer",
    ),
    "unknown key": ("input = 1\n" + LAYER, ", line 1: unknown key 'input'; did you mean inputs?"),
    "unknown key of a layer": (
        CHAIN + "unit = 2",
        ", line 4: layer 1: unknown key 'unit'; did you mean units?",
    ),
    "key in the wrong table": (
        CHAIN + 'cost = "half_squared_error"',
        ", line 4: layer 1: cost belongs at the top, before the first [[layers]]",
    ),
    "key twice": ("inputs = 1\ninputs = 2\n" + LAYER, ", line 2: a key or table is given twice"),
    "syntax": ("inputs = \n" + LAYER, ", line 1: this is not TOML: invalid value"),
    "zero": (
        "inputs = 0\n" + LAYER,
        ", line 1: inputs is a whole number from 1 or a symbol such as n_1, not 0",
    ),
    "negative": (
        "inputs = 1\n[[layers]]\nunits = -3",
        ", line 3: layer 1: units is a whole number from 1 or a symbol such as n_1, not -3",
    ),
    "true is no number": (
        "inputs = true\n" + LAYER,
        ", line 1: inputs is a whole number from 1 or a symbol such as n_1, not true",
    ),
    "2.0 is no whole number": (
        "inputs = 2.0\n" + LAYER,
        ", line 1: inputs is a whole number from 1 or a symbol such as n_1, not 2.0",
    ),
    "a date": (
        "inputs = 1979-05-27\n" + LAYER,
        ", line 1: inputs is a whole number from 1 or a symbol such as n_1, not a date or time",
    ),
    "huge": (
        "inputs = 0x" + "f" * 6000 + "\n" + LAYER,
        ", line 1: inputs is a whole number from 1 or a symbol such as n_1, "
        "not a number of more than 60 digits",
    ),
    "huge decimal": (
        "inputs = " + "9" * 6000 + "\n" + LAYER,
        ": it holds a number with too many digits",
    ),
    "nested": ("inputs = " + "[" * 5000, ": it holds lists or tables nested too deeply"),
    "dots": ("a" + ".a" * 400_000, ": it holds a key with too many dots"),
    "taken": (
        'inputs = "z"\n' + LAYER,
        ", line 1: inputs cannot be the symbol 'z': that name is taken; "
        "choose another, such as n_1",
    ),
    "an index letter": (
        'inputs = "m_1"\n' + LAYER,
        ", line 1: inputs cannot be the symbol 'm_1': that name is taken; "
        "choose another, such as n_1",
    ),
    "a LaTeX command": (
        "inputs = '\\input'\n" + LAYER,
        r", line 1: inputs cannot be the symbol '\\input': a symbol is up to 20 characters, "
        "letters and then perhaps _ and an index, such as n_1",
    ),
    "code": (
        'inputs = "__import__(1)"\n' + LAYER,
        ", line 1: inputs cannot be the symbol '__import__(1)': a symbol is up to "
        "20 characters, letters and then perhaps _ and an index, such as n_1",
    ),
    "bias is no number": (CHAIN + "bias = 1", ", line 4: layer 1: bias is true or false, not 1"),
    "cost": (
        'inputs = 1\ncost = "half-squared-eror"\n' + LAYER,
        ", line 2: cost is one of half_squared_error, mean_squared_error, cross_entropy, "
        "binary_cross_entropy, squared_error, half_mean_squared_error, absolute_error, huber, not "
        "'half-squared-eror'; did you mean half_squared_error?",
    ),
    "reduction": (
        'inputs = 1\nreduction = "max"\n' + LAYER,
        ", line 2: reduction is one of sum, mean, not 'max'",
    ),
    "no slope": (
        CHAIN + 'activation = "leaky_relu"',
        ", line 2: layer 1: the key slope is missing; leaky_relu needs one, "
        'such as slope = "1/10" or slope = "alpha"',
    ),
    "a slope too many": (
        CHAIN + "slope = 1",
        ", line 4: layer 1: slope is for leaky_relu and elu, and the activation is relu",
    ),
    "one name twice": (
        'inputs = "n"\n' + LAYER + 'activation = "leaky_relu"\nslope = "n"',
        ": n is a number of units and a slope; rename one",
    ),
    "path as name": (
        'inputs = 1\nname = "../x"\n' + LAYER,
        ", line 2: name is a text of 1 to 60 characters that starts with a letter or digit "
        "and has no slash, not '../x'",
    ),
    "softmax of one unit": (
        'inputs = 2\ncost = "cross_entropy"\n[[layers]]\nactivation = "softmax"\nunits = 1',
        ", line 5: a softmax layer needs at least two units: with one, its output is 1",
    ),
    "softmax inside": (
        'inputs = 2\n[[layers]]\nunits = 2\nactivation = "softmax"\n[[layers]]\nunits = 1',
        ", line 4: layer 1: softmax is for the last layer only",
    ),
    "too wide": (
        "inputs = 2\n[[layers]]\nunits = 99999999",
        ", line 3: layer 1: 99999999 units are more than 1000000; "
        "write a symbol such as n_1 for a layer of any size",
    ),
    "cost of another output": (
        'inputs = 2\ncost = "cross_entropy"\n[[layers]]\nunits = 2\nactivation = "relu"',
        ", line 5: cost cross_entropy goes with activation = 'softmax' in the last layer, "
        "not 'relu'",
    ),
    "softmax": (
        CHAIN + 'activation = "softmax"',
        ': a softmax output layer goes with cost = "cross_entropy"',
    ),
    "step": (
        'inputs = 1\nstep_at_zero = "2"\n' + LAYER,
        ", line 2: step_at_zero is a number from 0 to 1 or the symbol h0, not 2: "
        "the slope of ReLU at its kink lies between its slopes on both sides",
    ),
    "point is no table": ("point = 1\n" + CHAIN, ", line 1: point is a table, not 1"),
    "samples is no list of tables": (
        CHAIN + "[point]\nsamples = [1]",
        ", line 5: [point]: samples is a list of one or more tables such as {x = [1, 2], y = [1]}",
    ),
    "samples and x": (
        CHAIN + "[point]\nx = 1\nsamples = []",
        ", line 5: [point]: x belongs inside samples, or samples is left out",
    ),
    "a sample without y": (
        CHAIN + "[point]\nsamples = [{x = 1}]\nW0 = 1",
        ", line 5: [point]: sample 1: the key y is missing; it is a list of 1 number",
    ),
    "point without W0": (
        CHAIN + "[point]\nx = 1\ny = 1",
        ", line 4: [point]: the key W0 is missing; it is 1 row of 1 number",
    ),
    "point of another shape": (
        PAIR + "[point]\nx = [1, 2]\ny = 1\nW0 = [[1, 2]]",
        ", line 7: [point]: W0 is 2 rows of 1 number, not 1 row of 2",
    ),
    "ragged": (
        PAIR + "[point]\nx = [1, 2]\ny = 1\nW0 = [[1], [2, 3]]",
        ", line 7: [point]: W0 is 2 rows of 1 number, not rows of unequal length",
    ),
    "point that is no number": (
        CHAIN + '[point]\nx = "1+1"\ny = 1\nW0 = 1',
        """, line 5: [point]: x holds exact numbers such as "3/2" or "0.15", not '1+1'""",
    ),
    "biases that are not there": (
        CHAIN + "[point]\nb0 = 1",
        ", line 5: [point]: layer 1 has no biases b0",
    ),
    "a parameter too many": (
        CHAIN + "[point]\nW1 = 1",
        ", line 5: [point]: unknown key 'W1'; known are x, y, W0, samples",
    ),
    "a point for symbols": (
        'inputs = "n_0"\n' + LAYER + "[point]\nx = 1",
        ", line 4: [point]: numbers need layers of known size, and layer 0 has n_0 units",
    ),
    "no such quantity": (
        CHAIN + '[symbols]\n"\\\\w" = "W1"',
        r", line 5: [symbols]: '\\w' stands for 'W1', which this network does not have",
    ),
    "no quantity": (
        CHAIN + '[symbols]\nw = "weight"',
        ", line 5: [symbols]: 'w' stands for a quantity such as W0, W0[0,1], b1, z2, r1[0], "
        "x, y, yhat, C or dC/dW0, a family W, b, z or r, a function such as Step or phi, or for a "
        "number, not 'weight'",
    ),
    "too many indices": (
        PAIR + '[symbols]\nw = "W0[0,0,0]"',
        ", line 5: [symbols]: 'w' stands for 'W0[0,0,0]', which has 2 indices",
    ),
    "index out of range": (
        PAIR + '[symbols]\nw = "dC/dW0[2]"',
        ", line 5: [symbols]: 'w' stands for 'W0[2]', but the units of layer 0 count from 0 to 1",
    ),
    "unprintable": (
        CHAIN + '[symbols]\n"\\n" = "W0"',
        r", line 4: [symbols]: '\n' cannot name a quantity: a name is 1 to 40 printable "
        "characters",
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_each_mistake_is_told_in_one_sentence(mistake: str) -> None:
    text, expected = MISTAKES[mistake]
    assert message(text) == "net.toml" + expected


# -- numbers -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("0.15", Rational(3, 20)),
        ("-3/2", Rational(-3, 2)),
        ("+007", Integer(7)),
        (".5", Rational(1, 2)),
        ("2.", Integer(2)),
        ("1e-3", Rational(1, 1000)),
        (" 1 ", Integer(1)),
        (3, Integer(3)),
    ],
)
def test_numbers_are_exact(written: object, value: Rational) -> None:
    assert exact(written) == value


@pytest.mark.parametrize(
    "written",
    ["", "1/0", "1/2/3", "1e999", "nan", "inf", "1,5", "0x10", "٣", "1" * 61, True, None, 0.5],
)
def test_what_is_no_number(written: object) -> None:
    assert exact(written) is None


# -- points --------------------------------------------------------------------------------


def test_a_point_has_one_shape_however_it_is_written() -> None:
    ways = (
        'x = 2\ny = "1"\nW0 = 3\nW1 = -0.5',
        "x = [2]\ny = [1]\nW0 = [3]\nW1 = ['-1/2']",
        "x = '2'\ny = 1.0\nW0 = [[3]]\nW1 = [[-5e-1]]",
    )
    points = [network_from_toml(CHAIN + LAYER + "[point]\n" + way, "x").point for way in ways]
    minus_half = Rational(-1, 2)
    one_way = {"x": (2,), "y": (1,), "W0": ((3,),), "W1": ((minus_half,),)}
    assert points == [one_way] * 3


def test_rows_and_columns_may_be_flat() -> None:
    text = "inputs = 1\n[[layers]]\nunits = 2\n" + LAYER
    text += "[point]\nx = 1\ny = 1\nW0 = [1, 2]\nW1 = [3, 4]"
    point = network_from_toml(text, "x").point
    assert point == {"x": (1,), "y": (1,), "W0": ((1, 2),), "W1": ((3,), (4,))}


def test_samples() -> None:
    text = CHAIN + "[point]\nW0 = 1\nsamples = [{x = 1, y = 2}, {x = [3], y = [4]}]"
    point = network_from_toml(text, "x").point
    assert point is not None
    assert point["samples"] == ({"x": (1,), "y": (2,)}, {"x": (3,), "y": (4,)})


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("p.toml", "x = 2\ny = 1\nW0 = 1.5"),
        ("p.toml", "[point]\nx = 2\ny = 1\nW0 = '3/2'"),
        ("p.json", '{"x": [2], "y": 1, "W0": [[1.5]]}'),
        ("p.json", '{"point": {"x": [2], "y": 1, "W0": "3/2"}}'),
    ],
)
def test_a_point_in_a_file_of_its_own(tmp_path: Path, name: str, content: str) -> None:
    (tmp_path / name).write_text(content)
    point = read_point_file(tmp_path / name, read_network("one-layer-chain"))
    assert point == {"x": (2,), "y": (1,), "W0": ((Rational(3, 2),),)}


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("p.json", "{", ", line 1: this is not JSON: expecting property name"),
        ("p.json", "[]", ": a point is a JSON object"),
        ("p.json", '{"x": 1, "x": 2}', ": a key is given twice"),
        ("p.json", '{"x": NaN, "y": 1, "W0": 1}', ": x holds exact numbers such as"),
        ("p.json", '{"x": ' + "9" * 6000 + "}", ": it holds a number with too many digits"),
        ("p.json", "[" * 100_000, ": it holds lists or objects nested too deeply"),
        ("p.toml", "x = 2\ny = 1", ": the key W0 is missing; it is 1 row of 1 number"),
        ("p.toml", "x = 2\nz = 1", ", line 2: unknown key 'z'"),
    ],
)
def test_a_wrong_point_file(tmp_path: Path, name: str, content: str, expected: str) -> None:
    path = tmp_path / name
    path.write_text(content)
    with pytest.raises(NetworkError) as caught:
        read_point_file(path, read_network("one-layer-chain"))
    assert str(caught.value).startswith(f"{path}{expected}")


# -- anything at all -----------------------------------------------------------------------

WORDS = st.sampled_from(
    [
        "inputs",
        "units",
        "layers",
        "point",
        "symbols",
        "cost",
        "slope",
        "bias",
        "samples",
        "x",
        "W0",
        "name",
        "reduction",
        "activation",
        "step_at_zero",
        '"\\\\w"',
        "q",
    ]
)
VALUES = st.one_of(
    st.integers().map(str),
    st.floats().map(str),
    st.text(max_size=8).map(lambda text: f"'{text}'"),
    st.sampled_from(
        [
            '"relu"',
            '"leaky_relu"',
            '"softmax"',
            '"cross_entropy"',
            '"n_1"',
            '"alpha"',
            '"h0"',
            '"W0[0]"',
            '"1/2"',
            "true",
            "[]",
            "[[]]",
            "[[1]]",
            "[1,[2]]",
            "{}",
            "{x=1}",
            "[{x=1,y=2}]",
            "1979-05-27",
            '"\\u0000"',
        ]
    ),
)
LINES = st.one_of(
    st.tuples(WORDS, VALUES).map(lambda pair: f"{pair[0]} = {pair[1]}"),
    st.sampled_from(["[[layers]]", "[point]", "[symbols]", "[layers]", "# note", "]"]),
)
DOCUMENTS = st.lists(LINES, max_size=12).map("\n".join)


def is_one_helpful_sentence(text: str, where: str) -> bool:
    return text.startswith(where) and text.isprintable() and len(text) < 500


@settings(max_examples=300, deadline=None)
@given(DOCUMENTS, st.booleans())
def test_no_document_raises_anything_else(document: str, whole: bool) -> None:
    text = CHAIN + document if whole else document
    try:
        network_from_toml(text, "net.toml")
    except NetworkError as problem:
        assert is_one_helpful_sentence(str(problem), "net.toml")


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=200))
@example(b"inputs = 1\n[[layers]]\nunits = 1\n[point]\nx = [")
def test_no_bytes_raise_anything_else(
    tmp_path_factory: pytest.TempPathFactory, content: bytes
) -> None:
    path = tmp_path_factory.getbasetemp() / "any.toml"
    path.write_bytes(content)
    with pytest.raises(NetworkError):
        read_network(path)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="0123n_-kb./é\0\n 9", max_size=12), st.none() | st.text(max_size=4))
def test_no_name_or_option_raises_anything_else(source: str, option: str | None) -> None:
    try:
        read_network(source, slope=option, at_zero=option)
    except NetworkError as problem:
        assert str(problem).isprintable()
