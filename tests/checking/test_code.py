"""Backward passes in NumPy: right ones are right line by line, and known mistakes are named."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from derive.checking.assessment import Verdict
from derive.checking.code_parts import code_parts
from derive.checking.telling.check_wording import in_words
from derive.checking.verdicts import Checked
from derive.cli import main
from tests.sweeps import sweep

GUIDE = (Path(__file__).parents[2] / "docs" / "checking_code.md").read_text(encoding="utf-8")
CORPUS = sorted((Path(__file__).parent / "corpus" / "code").glob("*.toml"))


def programs() -> Iterator[tuple[str, dict[str, Any]]]:
    """The programs of the corpus: a file is one, or has several with names."""
    for path in CORPUS:
        read = tomllib.loads(path.read_text(encoding="utf-8"))
        if "program" not in read:
            yield path.stem, read
        for name, program in read.get("program", {}).items():
            yield f"{path.stem}-{name}", program


PROGRAMS = dict(programs())

QUICK = ("linear", "columns", "classes", "attention", "batch_norm")


def judged(code: str) -> list[tuple[str, str | None, str]]:
    """The gradient, the verdict and the sentence of each line."""
    checked = Checked(code_parts(code, "python"))
    return [
        (
            getattr(one.statement, "name", ""),
            one.verdict and one.verdict.value,
            wording.message(one),
        )
        for one, wording in in_words(checked)
        if one.is_equation
    ]


@pytest.mark.parametrize("name", sweep(PROGRAMS, QUICK))
def test_a_right_backward_pass_is_right_line_by_line(name: str) -> None:
    program = PROGRAMS[name]
    found = judged(program["code"])
    others = [one for one in found if one[1] != Verdict.RIGHT]
    expected = program.get("open", [])
    open_ones = (Verdict.NOT_UNDERSTOOD, Verdict.UNDECIDED)
    assert [one for one in others if one[1] not in open_ones] == []
    assert [one for one, why in zip(others, expected, strict=True) if why not in one[2]] == []
    assert len(found) - len(others) == program["right"]


def mistakes() -> Iterator[Any]:
    for name, program in PROGRAMS.items():
        for number, mistake in enumerate(program["mistake"]):
            marks = () if name in QUICK and number < 6 else pytest.mark.thorough
            yield pytest.param(program["code"], mistake, id=f"{name}-{number}", marks=marks)


@pytest.mark.parametrize(("code", "mistake"), [*mistakes()])
def test_a_known_mistake_is_wrong_and_nothing_else_is(code: str, mistake: dict[str, str]) -> None:
    assert mistake["old"] in code
    found = judged(code.replace(mistake["old"], mistake["new"]))
    wrong = [one for one in found if one[1] == Verdict.WRONG]
    gradient = mistake.get("gradient") or mistake["says"].partition(":")[0]
    assert [one[0] for one in wrong][:1] == [gradient], found
    assert mistake.get("says", "") in wrong[0][2]
    carried = [one for one in wrong[1:] if "carried forward" not in one[2]]
    assert len(carried) <= mistake.get("also", 0), carried


def test_the_guide_prints_what_it_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    blocks = dict(re.findall(r"^```(python|text)\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE))
    Path("layers.py").write_text(blocks["python"], encoding="utf-8")
    result = CliRunner().invoke(main, ["check", "layers.py"])
    assert result.stdout == blocks["text"]
    assert result.exit_code == 1


FORWARD = """
import numpy as np
def layer_forward(x, w, b):
    # x: (N, D), w: (D, M), b: (M,)
    out = x @ w + b
    return out
"""
BACKWARD = """
def layer_backward(dout, x, w, b):
    dw = x.T @ dout
    db = dout
    return dw, db
"""
MARKDOWN = f"# Notes\n\n```python{FORWARD}```\n\nand\n\n``` {{.python}}{BACKWARD}```\n"


@pytest.mark.parametrize(
    ("line", "mistake"),
    [
        ("db = np.sum(dout, axis=1)", "wrong_axis"),
        ("dx = w @ dout.T", "transposed"),
        ("dw = dout.T @ x", "transposed"),
        ("db = dout", "missing_sum"),
        ("dw = x.T @ dout / 2", "missing_factor"),
        ("ds = w.T @ dout", "exchanged_factors"),
    ],
)
def test_mistakes_have_names(line: str, mistake: str) -> None:
    code = f"""
def square_forward(s, w):
    # s: (D, D), w: (D, D)
    out = s @ w
    return out
def square_backward(dout, s, w):
    {line}
def layer_forward(x, w, b):
    # x: (N, D), w: (D, M), b: (M,)
    out = x @ w + b
    return out
def layer_backward(dout, x, w, b):
    {line}
"""
    square = line.startswith("ds")
    code = code[: code.index("def layer")] if square else code[code.index("def layer") :]
    found = [one.diagnosis for part in code_parts(code, "python") for one in part.judged]
    assert [one.mistake.value for one in found if one is not None] == [mistake]


def test_blocks_of_a_document_are_one_program() -> None:
    found = [one for part in code_parts(MARKDOWN, "markdown") for one in part.judged]
    lines = MARKDOWN.split("\n")
    said = {lines[one.line - 1].strip(): one.verdict for one in found if one.is_equation}
    assert said == {"dw = x.T @ dout": Verdict.RIGHT, "db = dout": Verdict.WRONG}


@pytest.mark.parametrize(
    "options",
    [
        ":tags: [remove-input]\n:name: a = b\n",
        "---\ntags: [hide-input]\n---\n",
        "pip install numpy\n",
    ],
)
def test_options_of_a_cell_are_no_python(options: str) -> None:
    text = f"```{{code-cell}} ipython3\n{options}{FORWARD}```\n\n```{{code-cell}}{BACKWARD}```\n"
    found = [one for part in code_parts(text, "markdown") for one in part.judged if one.is_equation]
    first = text[: text.index("dw =")].count("\n") + 1
    lines = [(one.line, one.verdict) for one in found]
    assert lines == [(first, Verdict.RIGHT), (first + 1, Verdict.WRONG)]


def test_cells_of_a_notebook_are_one_program() -> None:
    cells = [
        {"cell_type": "code", "source": ["%matplotlib inline\n", *FORWARD.splitlines(True)]},
        {"cell_type": "code", "source": BACKWARD.splitlines(True)},
    ]
    parts = code_parts(json.dumps({"cells": cells}, indent=1), "notebook")
    found = [one for part in parts for one in part.judged if one.is_equation]
    assert [(str(one.statement.place), one.verdict) for one in found] == [
        ("cell 2, line 3", Verdict.RIGHT),
        ("cell 2, line 4", Verdict.WRONG),
    ]


def test_formulas_beside_code_are_not_passed_over(tmp_path: Path) -> None:
    notes = tmp_path / "notes.md"
    notes.write_text(MARKDOWN + "\nso\n$\\frac{\\partial C}{\\partial w} = x$.\n", encoding="utf-8")
    printed = CliRunner().invoke(main, ["check", str(notes)]).stdout
    assert ": not understood: which network it is about is not said" in printed


@pytest.mark.parametrize(
    ("code", "says"),
    [
        (
            "def f_backward(dout, x, w):\n    for i in range(len(x)):\n        dw = x[i] * dout\n",
            "a loop",
        ),
        ("def f_backward(dout, x, w):\n    dw = np.einsum('n...,nm->m', x, dout)\n", "einsum"),
        ("def f_backward(dout, x, w):\n    dw = x[1:].T @ dout\n", "subscript [1:]"),
    ],
)
def test_what_is_not_read_is_said(code: str, says: str) -> None:
    forward = "def f_forward(x, w):\n    # x: (N, D), w: (D, M)\n    out = x @ w\n    return out\n"
    ((name, verdict, sentence),) = judged(forward + code)
    assert (name or sentence[:2], verdict) == ("dw", Verdict.NOT_UNDERSTOOD)
    assert says in sentence


@pytest.mark.parametrize("numbers", ["0", "1.0", "np.array([0, 0])", "-np.zeros(3)"])
def test_numbers_for_a_gradient_that_is_not_read_only_begin_something(numbers: str) -> None:
    code = "def f_forward(x, w):\n    h = 0\n    h = x @ w\n    h = h * h\n    return h\n"
    backward = f"def f_backward(dout, x, w):\n    dh = {numbers}\n    dh = dout * h\n"
    (said,) = [one for one in judged(code + backward) if "dh" in (one[0] or one[2])]
    assert said[1] == Verdict.NOT_UNDERSTOOD  # of the formula; the numbers are no claim


def test_a_column_minus_a_row_is_not_guessed() -> None:
    code = """
def loss_and_gradient(x, w, y):
    # x: (N, D), w: (D, 1), y: (N,)
    z = x @ w
    loss = np.sum((z - y) ** 2)
    dw = 2 * x.T @ (z - y)
"""
    assert {verdict for _, verdict, _ in judged(code)} == {Verdict.NOT_UNDERSTOOD}


def test_a_small_constant_is_named_and_not_held_against_the_line() -> None:
    code = """
def loss_and_gradient(x, w, y):
    # x: (N, D), w: (D, K), y: (N, K)
    z = x @ w
    p = 1 / (1 + np.exp(-z))
    loss = -np.sum(y * np.log(p + 1e-8) + (1 - y) * np.log(1 - p + 1e-8))
    dz = p - y
"""
    ((_, verdict, sentence),) = judged(code)
    assert (verdict, sentence.partition(";")[0]) == (Verdict.RIGHT_IF, "epsilon = 0")


@pytest.mark.parametrize(
    ("guard", "condition"),
    [("", "sum(j, y[i,j]) = 1"), (" + 1e-9", "sum(j, y[i,j]) = 1 and epsilon = 0")],
)
def test_targets_that_may_be_any_numbers_are_not_held_against_the_line(
    guard: str, condition: str
) -> None:
    code = f"""
def loss_and_gradient(x, w, y):
    # x: (N, D), w: (D, K), y: (N, K)
    z = x @ w
    e = np.exp(z)
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.sum(y * np.log(p{guard}))
    dz = p - y
"""
    ((_, verdict, sentence),) = judged(code)
    assert (verdict, sentence.partition(";")[0]) == (Verdict.RIGHT_IF, condition)


def test_nothing_is_run(tmp_path: Path) -> None:
    sentinel = tmp_path / "run"
    code = f"open({str(sentinel)!r}, 'w')\n__import__('os').mkdir({str(sentinel)!r})\n"
    judged(code + FORWARD + BACKWARD + f"dw = __import__('os').mkdir({str(sentinel)!r})\n")
    assert not sentinel.exists()


HEAD = "def f(x, w, y):\n    # x: (N, D), w: (D, K), y: (N, K)\n"
TAIL = "    loss = np.sum((z - y) ** 2)\n    dz = 2 * (z - y)\n    dw = x.T @ dz\n"


@pytest.mark.parametrize(
    "forward",
    [
        "    h = model(x)\n    z = h @ w\n",  # what may depend on w
        "    z, extra = layer(x, w)\n",
        "    z = x @ w\n    r = z.T\n    r[r < 0] = 0\n",  # a view, changed in place
        "    z = x @ w\n    z = np.maximum(0, z, out=z)\n",
        "    z = x @ w\n    np.maximum(0, z, out=z)\n",
        "    z = x @ w\n    np.copyto(z, y)\n",
        "    z = x\n    for t in range(5):\n        z = np.tanh(z @ w)\n",  # a recurrent network
        "    z = x @ w\n    if z.sum() > 0:\n        z = 2 * z\n",
        "    z = x @ w\n    q = y\n    z, q = q, z\n",
        "    z = x @ w + x.var(axis=0, ddof=1).sum()\n",
    ],
)
def test_what_is_not_read_for_certain_makes_nothing_right_or_wrong(forward: str) -> None:
    verdicts = {verdict for _, verdict, _ in judged(HEAD + forward + TAIL)}
    assert verdicts == {Verdict.NOT_UNDERSTOOD}


def test_the_sum_of_python_is_none_over_all() -> None:
    """It is over rows alone; without a cost dz is taken for given, and what follows is judged."""
    code = HEAD + "    z = x @ w\n" + TAIL.replace("np.sum", "sum")
    assert [(name, verdict) for name, verdict, _ in judged(code)] == [("dw", Verdict.RIGHT)]


def test_an_alias_is_changed_with_what_it_names() -> None:
    """p is p - y too once dz is, so that w is multiplied by another array."""
    code = """
def loss_and_gradients(x, w, y):
    # x: (N, D), w: (D, K)
    N = x.shape[0]
    z = x @ w
    e = np.exp(z)
    p = e / e.sum(axis=1, keepdims=True)
    loss = -np.sum(np.log(p[range(N), y]))
    dz = p
    dz[range(N), y] -= 1
    dw = x.T @ p
"""
    assert [verdict for _, verdict, _ in judged(code)] == [Verdict.RIGHT, Verdict.RIGHT]
    copied = code.replace("dz = p\n", "dz = p.copy()\n")
    assert [verdict for _, verdict, _ in judged(copied)] == [Verdict.RIGHT, Verdict.WRONG]


def test_a_number_by_guessed_shapes_alone_is_no_cost() -> None:
    """With two vectors z is a number, which does not make it what is differentiated."""
    code = """
import numpy as np
class Layer:
    def forward(self, inputs):
        z = np.dot(inputs, self.W) + self.b
        self.outputs = self.activation(z)
        self.inputs = inputs
        return self.outputs
    def backward(self, delta):
        self.dW = np.atleast_2d(self.inputs).T.dot(np.atleast_2d(delta))
"""
    assert {verdict for _, verdict, _ in judged(code)} == {Verdict.NOT_UNDERSTOOD}


def test_a_vector_becomes_a_row() -> None:
    code = """
import numpy as np
def layer_forward(x, w):
    # x: (D,), w: (D, M)
    out = x @ w
    return out
def layer_backward(dout, x, w):
    dw = np.atleast_2d(x).T @ np.atleast_2d(dout)
"""
    assert [verdict for _, verdict, _ in judged(code)] == [Verdict.RIGHT]


def test_a_clip_between_0_and_1_is_a_function() -> None:
    code = """
import numpy as np
def unit_forward(z):
    # z: (N,)
    out = np.clip(z, 0, 1)
    return out
def unit_backward(dout, z):
    dz = dout
"""
    ((_, verdict, _),) = judged(code)
    assert verdict not in (Verdict.RIGHT, Verdict.RIGHT_IF)


def test_a_list_that_a_loop_fills_is_not_what_it_was() -> None:
    code = """
import numpy as np
def step(x, y, weights, n):
    # x: (D,), y: (D,)
    a = [x]
    for k in range(n):
        a.append(np.tanh(weights[k] @ a[-1]))
    loss = np.sum((a[-1] - y) ** 2)
    dx = 2 * (a[-1] - y)
"""
    assert {verdict for _, verdict, _ in judged(code)} == {Verdict.NOT_UNDERSTOOD}


def test_sizes_that_are_numbers_are_axes_of_their_own() -> None:
    code = """
import torch
w = torch.randn(3, requires_grad=True)
X = torch.randn(50, 3)
t = torch.randn(50)
loss = ((X @ w - t) ** 2).sum()
dw = 2 * X.T @ (X @ w - t)
"""
    assert [verdict for _, verdict, _ in judged(code)] == [Verdict.RIGHT]


def test_a_script_that_computes_no_gradients_is_no_program() -> None:
    script = "data = load()\nderivation = backpropagate(network)\ndelta_t = data[0] * 2\n"
    assert judged(script) == []
    assert judged(script + "W = data[1]\ndW = data[2] @ W\n") != []


SIGMOID_OUTPUT = """
import numpy as np
def sigmoid(z):
    return 1 / (1 + np.exp(-z))
for epoch in range(100):
    hidden = sigmoid(X @ W1)
    output = sigmoid(hidden @ W2)
    d_output = output - y
    d_hidden = d_output @ W2.T * hidden * (1 - hidden)
    dW2 = hidden.T @ d_output
    dW1 = X.T @ d_hidden
"""
ENTROPY = "    loss = -np.sum(y * np.log(output) + (1 - y) * np.log(1 - output))\n"


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("", "", ["right", "right", "right"]),
        ("    d_output", f"{ENTROPY}    d_output", ["right", "right", "right", "right"]),
        ("d_output = output - y", "error = output - y\n    d_output = error", ["right"] * 3),
        ("* hidden * (1 - hidden)", "* hidden", ["wrong", "right", "wrong"]),
        ("    d_output = output", f"{ENTROPY}    d_output = -output", ["wrong", *["right"] * 3]),
    ],
)
def test_a_gradient_called_after_the_output_may_be_that_before_it(
    old: str, new: str, expected: list[str]
) -> None:
    """Output - y is the gradient of the cross-entropy by what goes into the last sigmoid."""
    found = judged(SIGMOID_OUTPUT.replace(old, new, 1) if old else SIGMOID_OUTPUT)
    assert [verdict for _, verdict, _ in found] == expected


@pytest.mark.parametrize(
    ("shapes", "line", "expected"),
    [
        ("# X: (N, D), y: (N, K), W: (D, K)", "dout = 2 * (out - y) / y.size", "right"),
        ("# X: (N, D), y: (N, K), W: (D, K)", "dout = 2 * (out - y) / len(y)", "wrong"),
        ("# X: (N, D), y: (N, K), W: (D, K)", "dW = 2 * X.T @ (out - y) / len(y)", "wrong"),
        ("# X: (N, D), y: (N, 1), W: (D, 1)", "dout = 2 * (out - y) / len(y)", "right"),
        ("", "dout = 2 * (out - y) / y.size", "right"),
    ],
)
def test_a_mean_over_samples_and_outputs_is_divided_by_both(
    shapes: str, line: str, expected: str
) -> None:
    code = f"""
import numpy as np
def train(X, y, W):
    {shapes}
    out = X @ W
    loss = np.mean((out - y) ** 2)
    {line}
"""
    assert [verdict for _, verdict, _ in judged(code)] == [expected]


def test_sizes_that_are_one_at_the_points_tried_are_not_one() -> None:
    """2 (out - y) / N for the same over K holds wherever N and K are the same number."""
    code = """
import numpy as np
def train(X, y, W):
    # X: (N, D), y: (N, K), W: (D, K)
    N, K = y.shape
    out = X @ W
    loss = np.mean((out - y) ** 2)
    dout = 2 * (out - y) / N
    dW = X.T @ dout / K
"""
    assert [verdict for _, verdict, _ in judged(code)] == ["wrong", "wrong"]


def test_a_number_of_outputs_that_nobody_wrote_may_be_one() -> None:
    mean = ENTROPY.replace("np.sum", "np.mean")
    code = SIGMOID_OUTPUT.replace("    d_output", f"{mean}    d_output", 1)
    code = code.replace("@ d_output\n", "@ d_output / len(y)\n")
    code = code.replace("@ d_hidden\n", "@ d_hidden / len(y)\n")
    expected = ["not_understood", "right", "right", "right"]
    assert [verdict for _, verdict, _ in judged(code)] == expected
    code = code.replace("    hidden =", "    # y: (N, 1), W2: (H, 1)\n    hidden =", 1)
    assert {verdict for _, verdict, _ in judged(code)} == {"right"}


def test_a_bias_is_no_number_only_so_that_its_line_is_right() -> None:
    """W x takes columns, and both gradients below take rows: no shapes fit both lines."""
    code = """
def linear_forward(x, W, b):
    return np.dot(W, x) + b

def linear_backward(dout, x, W):
    dW = x.T @ dout
    db = dout.sum(axis=0)
    return dW, db
"""
    assert [one[:2] for one in judged(code)] == [
        ("dW", "not_understood"),
        ("db", "not_understood"),
    ]


@pytest.mark.parametrize(("factor", "verdict"), [("X.T", "right"), ("X", "wrong")])
def test_one_output_is_found_where_the_bias_is_one_number(factor: str, verdict: str) -> None:
    code = f"""
class LinearRegression:
    def fit(self, X, y):
        n = X.shape[0]
        y_pred = np.dot(X, self.w) + self.b
        loss = np.mean((y_pred - y)**2)
        dw = (2/n) * np.dot({factor}, (y_pred - y))
        db = (2/n) * np.sum(y_pred - y)
        self.w -= 0.1 * dw
        self.b -= 0.1 * db
"""
    assert [one[:2] for one in judged(code)] == [("dw", verdict), ("db", "right")]


_GRU = """
def step(x, h, Wz, Uz, bz, Wc, Uc, bc, dhn):
    z = 1 / (1 + np.exp(-(x @ Wz + h @ Uz + bz)))
    c = np.tanh(x @ Wc + h @ Uc + bc)
    hn = (1 - z) * h + z * c
    dz = dhn * (c - h)
    dc = dhn * z
    daz = dz * z * (1 - z)
    dac = dc * (1 - c ** 2)
    dbz = daz.sum(axis=0)
    dh = dhn * (1 - z) + daz @ Uz.T + dac @ Uc.T
    dx = daz @ Wz.T + dac @ Wc.T
    return hn, dx, dh, dbz
"""


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ("", "", set[str]()),
        ("dhn * (1 - z) + daz", "daz", {"dh"}),
        ("daz @ Wz.T + dac", "daz @ Wz.T - dac", {"dx"}),
        ("dhn * (c - h)", "dhn * (h - c)", {"dz"}),
        ("daz.sum(axis=0)", "daz.sum(axis=1)", {"dbz"}),
    ],
)
def test_an_argument_named_so_is_the_gradient_of_what_is_computed(
    old: str, new: str, wrong: set[str]
) -> None:
    found = judged(_GRU.replace(old, new, 1) if old else _GRU)
    assert {one[0] for one in found} == {"dz", "dc", "dbz", "dh", "dx"}
    assert {one[0] for one in found if one[1] == "wrong"} == wrong
    assert all(one[1] in ("right", "wrong") for one in found)


@pytest.mark.parametrize(
    ("forward", "gradient", "verdict"),
    [
        ("x @ W + h0 @ U", "da.sum(axis=0)", "right"),
        ("x @ W + h0 @ U", "da.sum(axis=1)", "wrong"),
        ("W @ x + U @ h0", "da.sum(axis=1, keepdims=True)", "right"),
        ("W @ x + U @ h0", "da.sum(axis=0)", "wrong"),
    ],
)
def test_a_bias_beside_two_products_is_one_of_units(
    forward: str, gradient: str, verdict: str
) -> None:
    rows = forward.startswith("x")
    found = judged(f"""
def step(x, h0, W, U, b, dh):
    a = {forward} + b
    h = np.tanh(a)
    da = dh * (1 - h ** 2)
    dW = {"x.T @ da" if rows else "da @ x.T"}
    dU = {"h0.T @ da" if rows else "da @ h0.T"}
    db = {gradient}
    return dW, dU, db
""")
    assert [one[:2] for one in found][-2:] == [("dU", "right"), ("db", verdict)]


ROUND = """
W = np.random.randn(4, 3)
V = np.random.randn(3, 2)
K = W @ W.T
s = np.zeros((1, 3))
for u, t in samples:
    a = u @ W
    r = np.maximum(0, a)
    o = r @ V
    cost = 0.5 * np.sum((o - t) ** 2)
    count += 1
    do = o - t
    dV = r.T @ do
    dr = do @ V.T
    da = dr * (a > 0)
    dW = u.T @ da
    V -= rate * dV
    W = W - rate * dW
"""


def _of_round(*changes: tuple[str, str]) -> dict[str, str | None]:
    code = ROUND
    for old, new in changes:
        assert old in code
        code = code.replace(old, new)
    return {name or sentence.split(":")[0]: verdict for name, verdict, sentence in judged(code)}


def test_a_round_of_a_loop_over_samples_is_a_program_of_its_own() -> None:
    assert _of_round() == dict.fromkeys(("do", "dV", "dr", "da", "dW"), Verdict.RIGHT)
    counted = _of_round(("for u, t in samples:", "for k in range(len(U)):\n    u = U[k:k+1]"))
    assert counted == dict.fromkeys(("do", "dV", "dr", "da", "dW"), Verdict.RIGHT)


@pytest.mark.parametrize(
    ("line", "mistake"),
    [
        ("do = o - t", "do = t - o"),
        ("da = dr * (a > 0)", "da = dr * a"),
        ("dr = do @ V.T", "dr = 2 * do @ V.T"),
    ],
)
def test_a_mistake_in_a_round_is_wrong(line: str, mistake: str) -> None:
    found = _of_round((line, mistake))
    assert [name for name, verdict in found.items() if verdict == Verdict.WRONG] == [line[:2]]


@pytest.mark.parametrize(
    ("line", "other"),
    [
        ("    dW = u.T @ da", "    dW = dW + u.T @ da"),  # the sum over all rounds
        ("    a = u @ W", "    a = u @ W + s\n    s = a"),  # a state of the last round
        ("    o = r @ V", "    o = r @ V + u @ K"),  # made of W before
        ("for u, t in samples:", "V = W[:3, :2]\nfor u, t in samples:"),  # weights that are tied
        ("for u, t in samples:", "def f(u):\n    return u @ W\nfor u, t in samples:\n    q = f(u)"),
    ],
)
def test_a_round_that_needs_more_than_it_is_given_is_not_read(line: str, other: str) -> None:
    found = _of_round((line, other))
    assert {*found.values()} == {Verdict.NOT_UNDERSTOOD}
