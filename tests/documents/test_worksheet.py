"""Worksheets: what is asked, that its solutions are right, and that `check` marks an answer."""

import pytest
from click.testing import CliRunner
from sympy import ImmutableMatrix

from derive import prove, read_network
from derive.checking.check import check
from derive.checking.verdicts import Verdict
from derive.cli import main
from derive.documents.blocks import Exercise, NumberTable
from derive.documents.rendering import rendered
from derive.documents.worksheet import worksheet
from derive.errors import DeriveError
from derive.evaluating.evaluate import evaluate
from tests.sweeps import sweep

NAMES = ["regression-2-3-1", "three-layer-chain", "softmax-classifier", "leaky-chain", "2-2"]


def blocks(sheet, kind):
    return [block for block in sheet.blocks if isinstance(block, kind)]


@pytest.mark.parametrize("name", sweep(NAMES, NAMES[:2]))
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


def test_a_filled_in_sheet_is_marked():
    network = read_network("two-layer-chain")
    ((_, text),) = rendered(worksheet(network)[0], ["github"])
    gradient = r"\frac{\partial C}{\partial W^{(1)}} = "
    right = text.replace(
        gradient + r"\ldots", gradient + r"(r^{(2)} - y)\,\mathrm{Step}(z^{(2)})\,r^{(1)}"
    )
    wrong = text.replace(gradient + r"\ldots", gradient + r"(r^{(2)} - y)\,r^{(1)}")
    before = check(text, network).summary.counts
    assert check(right, network).summary.counts[Verdict.RIGHT] == before[Verdict.RIGHT] + 1
    assert check(wrong, network).summary.counts[Verdict.WRONG] == 1


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
    assert len(lefts) == len(set(lefts)) == 10
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
