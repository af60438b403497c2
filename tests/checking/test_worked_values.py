"""Numbers that are filled in on a worksheet are marked, each by evaluating the network."""

import pytest

from derive import read_network
from derive.checking.check import check
from derive.checking.verdicts import Verdict
from derive.documents.rendering import rendered
from derive.documents.worksheets.worksheet import worksheet

MARK = "<!-- derive: values = below -->"
GIVEN = f"""{MARK}
| Quantity | Value |
| --- | --- |
| $`x`$ | 2 |
| $`y`$ | $`1`$ |
| $`W^{{(0)}}`$ | $`\\frac{{3}}{{2}}`$ |
| $`W^{{(1)}}`$ | 0.5 |

"""
CHAIN = read_network("two-layer-chain")


def verdict_of(row, text=GIVEN, network=CHAIN):
    found = [one for one in check(text + row, network, kind="markdown").judged if one.is_equation]
    return found[-1] if found else None


@pytest.mark.parametrize(
    ("row", "verdict"),
    [
        ("| $`z^{(1)}`$ | 3 | |", Verdict.RIGHT),
        ("| $`z^{(1)}`$ | $`-3`$ |", Verdict.WRONG),
        ("| $`z^{(2)}`$ | 1.5 |", Verdict.RIGHT),
        ("| $`z^{(2)}`$ | 3/2 |", Verdict.RIGHT),
        ("| $`C`$ | $`\\frac{1}{8}`$ |", Verdict.RIGHT),
        ("| $`C`$ | 0.13 |", Verdict.RIGHT),
        ("| $`C`$ | 0.12 |", Verdict.RIGHT),
        ("| $`C`$ | 0.1250 |", Verdict.RIGHT),
        ("| $`C`$ | 0.126 |", Verdict.WRONG),
        ("| $`C`$ | 1/0 |", Verdict.NOT_UNDERSTOOD),
        ("| $`\\frac{\\partial C}{\\partial W^{(0)}}`$ | 0.5 |", Verdict.RIGHT),
        ("| $`\\frac{\\partial C}{\\partial W^{(0)}}`$ | -0.5 |", Verdict.WRONG),
        ("| $`C`$ | an eighth |", Verdict.NOT_UNDERSTOOD),
        ("| $`C`$ | $`\\begin{pmatrix} 1 & 2 \\end{pmatrix}`$ |", Verdict.NOT_UNDERSTOOD),
    ],
)
def test_a_number_is_marked(row, verdict):
    found = verdict_of(row)
    assert found is not None and found.verdict is verdict
    if verdict is Verdict.WRONG:
        assert found.should_be is not None and found.line == 9


OF_SEVERAL_UNITS = """
<!-- derive: values = below -->

| Quantity | Value |
| --- | --- |
| $`x`$ | (3, 3) |
| $`y`$ | -1 |
| $`W^{(0)}`$ | [[1, 2, 2], [1, 2, 1]] |
| $`W^{(1)}`$ | $`\\begin{pmatrix} -1 \\\\ -2 \\\\ 1 \\end{pmatrix}`$ |
"""


@pytest.mark.parametrize(
    ("value", "verdict"),
    [
        ("[6, 12, 9]", Verdict.RIGHT),
        ("(6, 12, 9)^T", Verdict.RIGHT),
        ("$`(6, 12, 9)^\\top`$", Verdict.RIGHT),
        ("[[6], [12], [9]]", Verdict.RIGHT),
        ("[6; 12; 9]", Verdict.RIGHT),
        ("$`\\left[6, 12, \\frac{18}{2}\\right]`$", Verdict.RIGHT),
        ("[6, 12, 8]", Verdict.WRONG),
        ("[6, 12]", Verdict.NOT_UNDERSTOOD),
        ("[[6, 12, 9]]", Verdict.NOT_UNDERSTOOD),
        ("[6, twelve, 9]", Verdict.NOT_UNDERSTOOD),
    ],
)
def test_vectors_are_read_as_students_write_them(value, verdict):
    network = read_network("2-3-1", output_activation="identity")
    found = verdict_of(f"| $`z^{{(1)}}`$ | {value} |", OF_SEVERAL_UNITS, network)
    assert found is not None and found.verdict is verdict


@pytest.mark.parametrize("value", ["", "  ", "$`\\ldots`$"])
def test_what_is_left_open_is_not_marked(value):
    assert verdict_of(f"| $`C`$ | {value} |") is None


def test_tables_of_other_documents_are_left_alone():
    assert verdict_of("| $`C`$ | 7 |", GIVEN.removeprefix(MARK)) is None
    assert verdict_of("| $`C`$ | 7 |", GIVEN.replace("| $`x`$ | 2 |\n", "")) is None


@pytest.mark.parametrize("dialect", ["github", "plain", "latex"])
@pytest.mark.parametrize(
    ("name", "options"), [("regression-2-3-1", {}), ("2-2-1", {"activation": "tanh"})]
)
def test_every_number_of_the_solutions_is_right(name, options, dialect):
    network = read_network(name, **options)
    sheet, solutions = worksheet(network, seed=3)
    kind = "latex" if dialect == "latex" else "markdown"
    ((_, text),) = rendered(solutions, [dialect])
    judged = values(check(text, network, kind=kind))
    (open_table,) = [block for block in sheet.blocks if getattr(block, "key", "") == "asked"
                     and hasattr(block, "rows")]  # fmt: skip
    assert len(judged) == len(open_table.rows)
    assert {one.verdict for one in judged} == {Verdict.RIGHT}
    ((_, empty),) = rendered(sheet, [dialect])
    assert values(check(empty, network, kind=kind)) == []


def test_of_a_matrix_the_wrong_entry_is_named():
    network = read_network("regression-2-3-1")
    ((_, text),) = rendered(worksheet(network)[1], ["github"])
    (row,) = [line for line in text.split("\n") if line.startswith("| $`r^{(1)}`$")]
    changed = text.replace(row, row.replace("11", "12"))
    assert changed != text
    (wrong,) = [one for one in check(changed, network).judged if one.verdict is Verdict.WRONG]
    assert wrong.assessment.counterexample.values == {"r1[1]": 11}


def values(checked):
    return [one for one in checked.judged if one.is_equation and "=" not in one.statement.source]
