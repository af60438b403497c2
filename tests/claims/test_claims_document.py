"""The document of the claims compiles, renders, stays inside GitHub's limits, and is all there."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest
from click.testing import CliRunner

from derive.claims import report
from derive.claims.page import SEEDS
from derive.cli import main
from derive.documents.rendering import Page, render
from derive.documents.targets.dialects import DIALECTS
from derive.documents.templating.environment import templates_folder
from tests.documents.formulas import (
    GITHUB_PAGE_BUDGET,
    check_with_engines,
    compile_latex,
    formulas_of_markdown,
    github_bans,
    github_cost,
    markdown_faults,
    read_latex_log,
    requires,
)
from tests.judged_claims import document
from tests.sweeps import sweep

IDS = [claim.id for sections in SEEDS.values() for s in sections for claim in s.claims]


@cache
def pages(dialect: str) -> tuple[Page, ...]:
    return render(document(), DIALECTS[dialect])


def test_latex_compiles_with_nothing_out_of_place(tmp_path: Path) -> None:
    requires("pdflatex")
    (page,) = pages("latex")
    log = compile_latex(page.text, tmp_path)
    assert log.errors == []
    assert [box for box in log.overfull if box[1] > 1.0] == []
    assert log == read_latex_log(f"Output written on document.pdf ({log.pages} pages, 1 bytes).")


@pytest.mark.parametrize("dialect", ["github", "plain"])
def test_markdown_is_sound(dialect: str) -> None:
    for page in pages(dialect):
        assert page.text.isascii()
        assert markdown_faults(page.text) == []
        formulas = formulas_of_markdown(page.text)
        assert len(formulas) > 50
        assert [f for f in formulas if github_bans(f)] == []


def test_github_pages_are_inside_the_budget() -> None:
    for page in pages("github"):
        costs = [github_cost(formula) for formula in formulas_of_markdown(page.text)]
        assert sum(costs) <= GITHUB_PAGE_BUDGET and max(costs) <= 100


def test_every_formula_is_accepted_by_katex_and_mathjax() -> None:
    requires("node")
    formulas = {
        (f.source, f.display): f
        for dialect in ("github", "plain")
        for page in pages(dialect)
        for f in formulas_of_markdown(page.text)
    }
    answers = check_with_engines(list(formulas.values()))
    wrong = [(f, a) for f, a in zip(formulas, answers, strict=True) if a != (None, None)]
    assert wrong == []


@pytest.mark.parametrize("dialect", ["latex", "github", "plain"])
def test_every_claim_has_an_entry(dialect: str) -> None:
    text = "\n".join(page.text for page in pages(dialect))
    mark = r"\\textbf\{(S\d\.\d+)\}" if dialect == "latex" else r"^\*\*(S\d\.\d+)\*\*"
    assert re.findall(mark, text, re.MULTILINE) == IDS


@pytest.mark.parametrize(
    ("part", "conditions"),
    [
        ("S1.5", ["0 with probability 0", "symmetric about 0", "x > 0", "so there the equation"]),
        ("S1.7", ["0 with probability 0", "symmetric about 0", "x > 0"]),
        ("S1.10", ["by fan-in", "fixed error at the output", "input that is not 0", "*first*"]),
        ("S2.2", ["ELU with the scale 1"]),
        ("S2.6", ["if the bias has a density", "exactly 0"]),
        ("S3.7", ["off the kinks", "unless both weights are 0"]),
        ("S3.16", ["n_2 = 3", "i = 1"]),
        ("S3.21", ["n_2 = 3", "i = 1"]),
        ("Draw all weights", ["the sum of the squares", "over the units of a layer"]),
        ("Draw all weights", ["symmetric about 0", "no single value", "not 0", "fixed", "*first*"]),
        ("Singularity is no accident", ["positive factor", "off the kinks", "unless both"]),
    ],
)
def test_conditions_stand_with_their_statements(part: str, conditions: list[str]) -> None:
    text = "\n".join(page.text for page in pages("github"))
    start = text.index(f"**{part}**" if part[0] == "S" and part[1].isdigit() else part)
    found = re.split(r"\n\*\*S\d|\n\n\||\n\n#|\n\nThat", text[start + 3 :])[0]
    assert [condition for condition in conditions if condition not in found] == []


def test_the_range_of_costs_is_that_of_the_table_beside_it() -> None:
    text = "\n".join(page.text for page in pages("plain"))
    least, most = re.search(r"add between \$([\d.]+)\$ and \$([\d.]+)\$ gradients", text).groups()
    rows = text[text.index("Product, in gradients") :].split("Entries of the Hessian")[0]
    shown = [float(v) for v in re.findall(r"\$([\d.]+)\$ \|$", rows, re.MULTILINE)]
    assert len(shown) == 4 and (float(least), float(most)) == (min(shown), max(shown))


def test_every_reference_is_cited() -> None:
    text = "\n".join(page.text for page in pages("github"))
    body, listed = text.split("## References")
    for name in re.findall(r"^- \*\*(.+)\.\*\*", listed, re.MULTILINE):
        assert re.search(rf"(See|;) ([^.]*; )?{re.escape(name)}", body), name
    leaky = body[body.index("**S2.13**") : body.index("**S2.14**")]
    assert "Glorot" not in leaky and "Maas et al. 2013" in leaky


def test_tables_have_as_many_cells_as_columns() -> None:
    tables = 0
    for page in pages("github"):
        rows = [line for line in page.text.splitlines() if line.startswith("|")]
        rules = [n for n, line in enumerate(rows) if set(line) <= set("| -")]
        tables += len(rules)
        for start, end in zip(rules, [*(n - 1 for n in rules[1:]), len(rows)], strict=True):
            assert {row.count("|") for row in rows[start - 1 : end]} == {rows[start].count("|")}
    assert tables == 7


def test_templates_have_words_for_the_claims_and_for_nothing_else() -> None:
    words = (templates_folder() / "claims.jinja").read_text(encoding="utf-8")
    says = re.findall(r"macro says_(S\d_\d+)\(", words)
    why = re.findall(r"macro why_(S\d_\d+)\(", words)
    assert says == [name.replace(".", "_") for name in IDS]
    assert set(why) <= set(says) and len(why) == len(set(why))


@pytest.mark.parametrize("judged_again", sweep([False, True], [False]))
def test_command(judged_again: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not judged_again:
        monkeypatch.setattr(report, "claims_document", lambda progress: document())
    result = CliRunner().invoke(main, ["report", "claims", "-o", str(tmp_path)])
    assert result.exit_code == 0, result.output
    *paths, summary = result.output.splitlines()
    names = [Path(path).name for path in paths]
    assert sorted(names) == sorted(path.name for path in tmp_path.iterdir())
    assert {"claims.tex", "claims.md", "claims.json"} <= set(names)
    assert re.fullmatch(r"83 claims: \d+ proved, .*", summary)
    assert sum(map(int, re.findall(r"\d+", summary)[1:])) == 83


@pytest.mark.parametrize("option", [("--entries",), ("--order", "2"), ("--no-bias",)])
def test_options_for_networks_are_refused(option: tuple[str, ...], tmp_path: Path) -> None:
    result = CliRunner().invoke(main, ["report", "claims", "-o", str(tmp_path), *option])
    assert result.exit_code == 2 and "network" in result.output
