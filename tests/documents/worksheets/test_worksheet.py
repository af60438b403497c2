"""Worksheets: what is asked, that its solutions are right, and that `check` marks an answer."""

import re

import pytest
from click.testing import CliRunner
from sympy import ImmutableMatrix

from derive import prove, read_network
from derive.checking.check import check
from derive.checking.diagnosing.mistakes import Mistake
from derive.checking.verdicts import Verdict
from derive.cli import main
from derive.documents.blocks import Exercise, NumberTable
from derive.documents.rendering import rendered
from derive.documents.worksheets.drawn_network import drawn_network
from derive.documents.worksheets.worksheet import worksheet
from derive.errors import DeriveError
from derive.evaluating.evaluate import evaluate
from derive.files.document_setting import setting_of
from derive.notation.tex import tex
from derive.reading.network_parts import network_parts
from tests.sweeps import sweep

SIGNS = {Mistake.SIGN, Mistake.SWAPPED_DIFFERENCE}
NAMES = [
    "two-layer-chain",
    "regression-2-3-1",
    "three-layer-chain",
    "softmax-classifier",
    "leaky-chain",
    "2-2",
]


def blocks(sheet, kind):
    return [block for block in sheet.blocks if isinstance(block, kind)]


@pytest.mark.parametrize("name", sweep(NAMES, NAMES[:1]))
def test_solutions_are_right_and_the_sheet_has_none(name):
    network = read_network(name)
    sheet, solutions = worksheet(network)
    asked, answered = blocks(sheet, Exercise), blocks(solutions, Exercise)
    assert [one.left for one in asked] == [one.left for one in answered]
    assert [one.number for one in asked] == list(range(1, len(asked) + 1))
    assert all(one.right is None for one in asked) and None not in [one.right for one in answered]
    for dialect in ("github", "latex"):
        ((_, text),) = rendered(solutions, [dialect])
        counts = check(text, network).summary.counts
        assert counts[Verdict.RIGHT] == sum(counts.values()) >= len(answered)
        ((_, text),) = rendered(sheet, [dialect])
        counts = check(text, network).summary.counts
        assert counts[Verdict.RIGHT] == sum(counts.values()) < len(answered)  # the definitions


@pytest.mark.parametrize("dialect", ["html", "plain", "typst", "slides", "latex-body"])
def test_every_format_has_every_exercise(dialect):
    """HTML was refused for its colours of layers, since a worksheet's headings have none."""
    for sheet in worksheet(read_network("two-layer-chain")):
        ((_, text),) = rendered(sheet, [dialect])
        assert isinstance(text, str)
        count = len(blocks(sheet, Exercise))
        assert f"({count})" in text or f"{count}." in text or f"{{{count}}}" in text


def filled_in(network, dialect, answer):
    """The sheet with an answer, made of the solution, in place of each row of dots."""
    sheet, solutions = worksheet(network)
    ((_, text),) = rendered(sheet, [dialect])
    dots = re.compile(r"\\ldots(\\hspace\{20em\})?")
    rights = iter(tex(one.right) for one in blocks(solutions, Exercise))
    filled = dots.sub(lambda _: answer(next(rights)), text)
    assert next(rights, None) is None and "ldots" not in filled
    return filled


@pytest.mark.parametrize("dialect", ["github", "latex"])
@pytest.mark.parametrize("name", sweep(NAMES, NAMES[:1]))
def test_a_sheet_with_the_solutions_filled_in_is_all_right(name, dialect):
    network = read_network(name)
    checked = check(filled_in(network, dialect, str), network)
    assert checked.summary.all_right and not checked.summary.counts[Verdict.NOT_UNDERSTOOD]
    definitions = check(rendered(worksheet(network)[0], [dialect])[0][1], network)
    exercises = blocks(worksheet(network)[0], Exercise)
    assert len(checked.equations) == len(definitions.equations) + len(exercises)


@pytest.mark.parametrize("name", sweep(NAMES, NAMES[:1]))
def test_a_sheet_with_every_sign_wrong_is_marked_so(name):
    network = read_network(name)
    checked = check(filled_in(network, "github", "-({})".format), network)
    wrong = [one for one in checked.equations if one.verdict is Verdict.WRONG]
    assert len(wrong) == len(blocks(worksheet(network)[0], Exercise))
    named = {one.diagnosis and one.diagnosis.mistake for one in wrong if one.carried_from is None}
    assert named <= SIGNS


def test_one_wrong_answer_among_right_ones_is_named():
    network = read_network("two-layer-chain")
    text = filled_in(network, "github", str)
    right = r"W^{(1)}} = (r^{(2)} - y)\,\mathrm{Step}(z^{(2)})\,r^{(1)}"
    assert text.count(right) == 1
    checked = check(text.replace(right, r"W^{(1)}} = (r^{(2)} - y)\,r^{(1)}"), network)
    (wrong,) = (one for one in checked.equations if one.verdict is not Verdict.RIGHT)
    assert wrong.verdict is Verdict.WRONG
    assert wrong.diagnosis.mistake is Mistake.MISSING_FACTOR


def test_a_block_of_the_hessian_is_asked_with_what_it_is_made_of():
    network = read_network("n_0-n_1-n_2")
    asked = [tex(one.left) for one in blocks(worksheet(network)[0], Exercise)]
    assert asked[-5:] == [
        r"\frac{\partial^2 C}{\partial r^{(2)}_i\,\partial r^{(2)}_j}",
        r"\frac{\partial^2 C}{\partial z^{(2)}_i\,\partial z^{(2)}_j}",
        r"\frac{\partial z^{(2)}_i}{\partial z^{(1)}_m}",
        r"\frac{\partial^2 C}{\partial W^{(1)}_{ij}\,\partial W^{(1)}_{lm}}",
        r"\frac{\partial^2 C}{\partial W^{(1)}_{ij}\,\partial W^{(0)}_{lm}}",
    ]


@pytest.mark.parametrize("seed", sweep(range(8), range(1)))
def test_a_drawn_network_is_named_on_its_sheet(seed, tmp_path):
    arguments = ["--seed", str(seed), "--format", "markdown", "-o", str(tmp_path)]
    run = CliRunner().invoke(main, ["worksheet", *arguments])
    assert run.exit_code == 0, run.output
    (solutions,) = tmp_path.glob("*-solutions.md")
    marked = CliRunner().invoke(main, ["check", str(solutions)])
    assert marked.exit_code == 0, marked.output


def test_what_a_sheet_says_of_its_network_is_read_back():
    options = {"activation": "leaky_relu", "slope": "1/10", "bias": True, "at_zero": "h0"}
    setting = setting_of("2-3-1", {**options, "cost": None})
    (part,) = network_parts(f"<!-- derive: network = {setting} -->", "markdown")
    assert (part.network, part.options) == ("2-3-1", options)
    assert setting_of("my network.toml", {}) == setting_of("a--b", {}) == ""


def test_seeds_draw_networks_that_differ_and_do_so_again():
    drawn = [drawn_network(seed) for seed in range(40)]
    assert drawn == [drawn_network(seed) for seed in range(40)]
    costs = {options.get("cost") for _, options in drawn}
    activations = {options["activation"] for _, options in drawn}
    assert len(costs) == 3 and len(activations) == 4 and len({name for name, _ in drawn}) > 5


def nested_lists(value):
    """A matrix as rows; a column, or a number alone, as a list."""
    rows = value.tolist() if isinstance(value, ImmutableMatrix) else [[value]]
    return rows if len(rows[0]) > 1 else [entry for (entry,) in rows]


@pytest.mark.parametrize("seed", range(3))
def test_numbers_are_those_of_evaluate(seed):
    network = read_network("regression-2-3-1")
    sheet, solutions = worksheet(network, seed)
    given, asked = ({row.name: row.value for row in t.rows} for t in blocks(solutions, NumberTable))
    empty = blocks(sheet, NumberTable)[1]
    assert all(row.value is None and not row.decimals for row in empty.rows)
    assert [row.name for row in empty.rows] == list(asked)
    nested = {str(name): nested_lists(value) for name, value in given.items()}
    point = {"x": nested.pop("r0"), **nested}
    point |= {"W1": [[entry] for entry in nested["W1"]]}
    assert asked[network.C] == evaluate(network, point, 0).C


def test_another_seed_has_other_numbers_and_the_same_exercises():
    network = read_network("2-2-1")
    first, again, other = (worksheet(network, seed)[1] for seed in (0, 0, 1))
    assert first == again and blocks(first, Exercise) == blocks(other, Exercise)
    assert blocks(first, NumberTable) != blocks(other, NumberTable)


def test_symbolic_widths_have_no_numbers():
    assert not blocks(worksheet(read_network("n_0-n_1"))[0], NumberTable)


def test_what_has_no_gradient_is_refused():
    with pytest.raises(DeriveError, match="general-layer has no cost"):
        worksheet(read_network("general-layer"))


def test_local_derivatives_are_asked_of_each_formula():
    network = read_network("2-3-1")
    lefts = [str(one.left) for one in blocks(worksheet(network)[0], Exercise)]
    assert len(lefts) == len(set(lefts)) == 15
    for one in blocks(worksheet(network)[1], Exercise):
        assert prove(one.left, one.right, network).proved


def test_the_command_writes_both(tmp_path):
    run = CliRunner().invoke(main, ["worksheet", "two-layer-chain", "-o", str(tmp_path)])
    assert run.exit_code == 0, run.output
    names = {path.name for path in tmp_path.iterdir()}
    ends = ("worksheet.md", "worksheet.tex", "solutions.md", "solutions.tex")
    assert names == {f"two-layer-chain-{end}" for end in ends}
    certificate = CliRunner().invoke(main, ["worksheet", "2-1", "--format", "json"])
    assert certificate.exit_code == 2 and "a worksheet has none" in certificate.output
    model = CliRunner().invoke(main, ["worksheet", "attention-head", "-o", str(tmp_path)])
    assert model.exit_code == 2 and "Traceback" not in model.output
