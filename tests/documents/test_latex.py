"""LaTeX documents: numbers that are links, full pages, a body for documents of one's own."""

import re
import subprocess

import pytest

from derive import read_model, read_network, report_on
from derive.documents.rendering import rendered
from derive.documents.worksheets.worksheet import worksheet
from tests.documents.formulas import compile_latex, requires
from tests.sweeps import sweep

CASES = [
    ("one-layer-chain", 1),
    ("three-layer-chain", 1),
    ("regression-2-3-1", 1),
    ("two-layer-chain", 2),
    ("regression-2-3-1", 2),
    ("attention-head", 1),
]
#: Words may stand from here to there on a page, in points from its top; the number is below.
TOP, BOTTOM = 62.0, 780.0


def latex_of(name, order=1, dialect="latex"):
    result = report_on(read_model(name), [dialect], order=order)
    ((file, text),) = result.files
    assert file.endswith("-body.tex" if dialect == "latex-body" else ".tex")
    return text, result.equations


@pytest.mark.parametrize(("name", "order"), sweep(CASES, CASES[:1]))
def test_numbers_are_those_of_the_equations_and_links_to_them(name, order, tmp_path):
    text, equations = latex_of(name, order)
    log = compile_latex(r"\pdfobjcompresslevel=0 " + text, tmp_path)
    assert log.errors == log.undefined == [] and not log.rerun
    auxiliary = (tmp_path / "document.aux").read_text()
    numbers = re.findall(r"\\newlabel\{[\w.-]+:(\d+)\}\{\{(\d+)\}", auxiliary)
    assert numbers == [(str(n), str(n)) for n in range(1, equations + 1)]
    assert set(re.findall(r"\\eqref\{[\w.-]+:(\d+)\}", text)) <= {n for n, _ in numbers}
    links = (tmp_path / "document.pdf").read_bytes().count(b"/S /GoTo /D (equation.")
    assert links >= text.count(r"\eqref{") > equations / 4


@pytest.mark.parametrize(("name", "order"), sweep(CASES, CASES[1:2]))
def test_no_page_ends_a_quarter_early(name, order, tmp_path):
    requires("pdftotext")
    compile_latex(latex_of(name, order)[0], tmp_path)
    found = subprocess.run(
        ["pdftotext", "-bbox", tmp_path / "document.pdf", "-"], capture_output=True, check=True
    ).stdout.decode()
    pages = found.split("<page ")[1:]
    for page in pages[:-1]:
        lowest = max(y for y in map(float, re.findall(r'yMax="([\d.]+)"', page)) if y < BOTTOM)
        assert BOTTOM - lowest < (BOTTOM - TOP) / 4


@pytest.mark.thorough
@pytest.mark.parametrize(("name", "order"), [("three-layer-chain", 2), ("regression-2-3-1", 1)])
def test_no_page_ends_with_words_that_lead_to_what_is_overleaf(name, order, tmp_path):
    requires("pdftotext")
    compile_latex(latex_of(name, order)[0], tmp_path)
    found = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "document.pdf", "-"], capture_output=True, check=True
    ).stdout.decode()
    pages = [page.split("\n") for page in found.split("\f")[:-1]]
    assert len(pages) > 5
    for page in pages:
        *_, last, number = (line.strip() for line in page if line.strip())
        assert number.isdecimal() and not last.endswith(":")


def test_words_of_a_worksheet_stay_with_its_exercises():
    _, solutions = worksheet(read_network("1-1"))
    ((_, text),) = rendered(solutions, ["latex"])
    assert text.count("\\par\\nobreak\n\n\\begin{flalign*}") == 5


def test_rows_of_a_matrix_of_fractions_have_room():
    text, _ = latex_of("regression-2-3-1")
    matrices = re.findall(
        r"(\\derivetall)?\$(\\begin\{pmatrix\}[^$]*)\$ (?:&|\\tabularnewline)", text
    )
    assert {bool(mark) for mark, _ in matrices} == {True, False}
    assert all(bool(mark) == (r"\frac" in matrix) for mark, matrix in matrices)


def test_rows_of_a_table_do_not_stand_alone_on_a_page():
    text, _ = latex_of("three-layer-chain")
    tables = re.findall(r"\\begin\{longtable\}.*?\\end\{longtable\}", text, re.DOTALL)
    assert len(tables) > 1
    for table in tables:
        _, _, rows = table.partition(r"\endfoot")
        breaks = re.findall(r"\\tabularnewline(\*?)$", rows, re.MULTILINE)
        assert breaks[0] == breaks[-2] == "*" and "" in breaks[1:-2]


@pytest.mark.parametrize("packages", ["amsmath,amssymb,longtable,array", "amsmath,hyperref"])
def test_bodies_stand_in_a_document_of_ones_own(packages, tmp_path):
    bodies = [latex_of(name, dialect="latex-body")[0] for name in ("2-1", "one-layer-chain")]
    assert not any(r"\documentclass" in body or r"\begin{document}" in body for body in bodies)
    preamble = r"\documentclass{article}\usepackage[margin=2.2cm]{geometry}" + "".join(
        rf"\usepackage{{{one}}}" for one in (packages + ",amssymb,longtable,array").split(",")
    )
    own = r"\begin{equation} a = b \end{equation} "
    whole = "\n".join((preamble, r"\begin{document}", own, *bodies, r"\end{document}"))
    log = compile_latex(whole, tmp_path)
    assert log.errors == log.undefined == [] and not log.rerun
    # The numbers go on from those of the document around.
    auxiliary = (tmp_path / "document.aux").read_text()
    assert re.search(r"\\newlabel\{2-1:1\}\{\{2\}", auxiliary)


def test_figures_are_no_wider_than_the_lines_around_them(tmp_path):
    result = report_on(read_model("one-layer-chain"), ["latex-body"], figures=True)
    files = dict(result.files)
    (body,) = (files.pop(name) for name in list(files) if name.endswith(".tex"))
    assert len(files) == body.count(r"\derivefitted{\includegraphics") > 1
    for name, picture in files.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(picture)
    figures = re.findall(r"\\begin\{figure\}.*?\\end\{figure\}", body, re.DOTALL)
    commands = re.findall(r"\\providecommand.*", body)
    preamble = r"\documentclass{article}\usepackage{graphicx,amsmath}\setlength{\textwidth}{200pt}"
    whole = "\n".join((preamble, r"\begin{document}", *commands, *figures, r"\end{document}"))
    log = compile_latex(whole, tmp_path)
    assert log.errors == log.overfull == []


@pytest.mark.parametrize(
    ("dialect", "written"),
    [
        ("latex", r"\texttt{derive evaluate -{}-order 2}"),
        ("html", "<code>derive evaluate --order 2</code>"),
        ("plain", "`derive evaluate --order 2`"),
    ],
)
def test_commands_in_prose_are_code(dialect, written):
    """In LaTeX backticks are quotation marks and two dashes one."""
    texts = report_on(read_model("regression-2-3-1"), [dialect], order=2).files
    assert any(written in str(text) for _, text in texts)
