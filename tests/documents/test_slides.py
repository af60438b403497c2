"""Slides: one step a frame, with the steps before it; each frame is one page."""

from __future__ import annotations

import re
import subprocess
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from derive import read_model, read_network, report_on
from derive.cli import main
from derive.documents.blocks import Row
from derive.documents.rendering import rendered
from derive.documents.targets.printed_lines import PrintedLine
from derive.documents.targets.slides import frames, sheets
from derive.documents.worksheets.worksheet import worksheet
from tests.documents.formulas import requires
from tests.sweeps import sweep

FRAME = re.compile(r"\\begin\{talkframe\}\{(.*)\}\{\((\d+)\)\}")


def chain(count: int, *, continued: int = 0) -> list[PrintedLine]:
    """a = b1 = b2 = ..., each step followed by lines that continue it."""
    found: list[PrintedLine] = []
    for number in range(1, count + 1):
        row: Any = Row(None, None, "rule", number, proved=True)  # pyright: ignore[reportArgumentType]
        found.append(PrintedLine("a" if number == 1 else "", f"= b{number}", row, f"rule {number}"))
        found += [PrintedLine("", "+ c", None, "")] * continued
    return found


def shown(display: list[PrintedLine]) -> list[str]:
    """What stands on each frame."""
    return [
        " ".join(f"{line.left}{line.right}" for line in (*one.before, *one.lines)).replace(
            "= ", "="
        )
        for one in frames([display])
    ]


def test_a_frame_has_the_steps_before_its_own_as_far_as_there_is_room() -> None:
    assert shown(chain(6)) == [
        "a=b1",
        "a=b1 =b2",
        "a=b1 =b2 =b3",
        "a=b1 =b2 =b3 =b4",
        "a=b2 =b3 =b4 =b5",
        "a=b3 =b4 =b5 =b6",
    ]
    assert [one.label for one in frames([chain(3)])] == ["rule 1", "rule 2", "rule 3"]


def test_a_step_of_many_lines_is_not_cut() -> None:
    assert shown(chain(2, continued=4)) == ["a=b1" + " + c" * 4, "a=b2" + " + c" * 4]


def test_a_left_side_on_lines_of_its_own_stays_above() -> None:
    head = [PrintedLine("", "left side", None, "")]
    steps = [PrintedLine("", line.right, line.row, line.label) for line in chain(5)]
    assert shown(head + steps)[-1] == "left side =b3 =b4 =b5"


REPORTS: list[tuple[str, dict[str, Any]]] = [
    ("one-layer-chain", {"language": "german"}),
    ("two-layer-chain", {"order": 2, "dirac": True}),
    ("softmax-classifier", {"notation": "ng"}),
    ("attention-head", {}),
]


@pytest.mark.parametrize(("name", "options"), sweep(REPORTS, REPORTS[:1]))
def test_every_step_has_a_frame_and_every_frame_a_page(
    name: str, options: dict[str, Any], tmp_path: Path
) -> None:
    requires("pdflatex")
    report = report_on(read_model(name), ["slides"], **options)
    ((_, source),) = report.files
    assert isinstance(source, str)
    numbers = [int(number) for _, number in FRAME.findall(source)]
    assert numbers == list(range(1, report.equations + 1))
    pages = _pages_of_frames(source, tmp_path)
    after = pages[1:]
    assert all(
        next_page == page + 1
        for (page, kind), (next_page, _) in zip(pages, after, strict=False)
        if kind == "frame"
    )
    assert len(pages) > report.equations


def _pages_of_frames(source: str, folder: Path) -> list[tuple[int, str]]:
    """The page on which each frame, or each paragraph, begins."""
    begins = r"\newcommand{\newframe}{\clearpage"
    boxed = r"  \newframe{\color{beside}"
    assert source.count(begins) == source.count(boxed) == 1
    told = source.replace(begins, begins + r"\typeout{PAGE \thepage\space\kind}\gdef\kind{text}")
    told = told.replace(boxed, r"  \gdef\kind{frame}" + boxed)
    told = told.replace(r"\begin{document}", r"\def\kind{text}\begin{document}")
    (folder / "told.tex").write_text(told, encoding="utf-8")
    run = subprocess.run(
        ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "told.tex"],
        cwd=folder, capture_output=True, check=False,
    )  # fmt: skip
    output = run.stdout.decode(errors="replace")
    assert run.returncode == 0, output[-2000:]
    return [(int(page), kind) for page, kind in re.findall(r"PAGE (\d+) (\w+)", output)]


@pytest.mark.thorough
@pytest.mark.parametrize(("name", "order"), [("regression-2-3-1", 1), ("two-layer-chain", 2)])
def test_every_frame_has_a_title_and_nothing_beside_the_page(
    name: str, order: int, tmp_path: Path
) -> None:
    requires("pdftotext")
    report = report_on(read_model(name), ["slides-pdf"], order=order)
    ((_, content),) = report.files
    assert isinstance(content, bytes)
    (tmp_path / "talk.pdf").write_bytes(content)
    found = _told_of(tmp_path / "talk.pdf", "-layout")
    titles = [page.strip().partition("\n")[0].strip() for page in found.split("\f")[1:-1]]
    again = [one for one, other in pairwise(titles) if one == other]
    assert len(set(titles)) == len([*groupby(titles)]) and len(again) > len(titles) / 2
    right = max(
        map(
            float,
            re.findall(r'<word [^>]*xMax="([\d.]+)"', _told_of(tmp_path / "talk.pdf", "-bbox")),
        )
    )
    assert right < 160 / 25.4 * 72 - 18


def _told_of(path: Path, form: str) -> str:
    command = ["pdftotext", form, str(path), "-"]
    return subprocess.run(command, capture_output=True, check=True).stdout.decode()


def test_tables_of_numbers_have_few_rows_on_a_frame() -> None:
    ((_, text),) = report_on(read_network("three-layer-chain"), ["slides"]).files
    assert isinstance(text, str)
    frames = [frame.count("\\noalign") for frame in text.split("\\end{talkframe}")]
    assert 3 < max(frames) <= 5 and sum(frames) > 20


def test_slides_are_compiled() -> None:
    requires("pdflatex")
    ((name, content),) = report_on(read_network("one-layer-chain"), ["slides-pdf"]).files
    assert name == "one-layer-chain-slides.pdf" and isinstance(content, bytes)
    assert content.startswith(b"%PDF-")


def test_a_solution_stands_on_a_frame_behind_its_exercise() -> None:
    _, solutions = worksheet(read_network("1-1"))
    ((name, text),) = rendered(solutions, ["slides"])
    assert name == "1-1-solutions-slides.tex" and isinstance(text, str)
    numbers = [int(number) for _, number in FRAME.findall(text)]
    assert numbers == sorted([*range(1, len(numbers) // 2 + 1)] * 2)
    assert text.count(r"\ldots") == len(numbers) // 2


def test_the_claims_are_no_talk(tmp_path: Path) -> None:
    run = CliRunner().invoke(main, ["report", "claims", "--format", "slides", "-o", str(tmp_path)])
    assert run.exit_code == 2 and "claims: --format slides is for reports" in run.output


def test_an_equation_stays_with_its_condition() -> None:
    pair, long, short = (chain(1, continued=more) for more in (1, 5, 0))
    parts = sheets([*pair, *pair, *pair, *long, *short])
    assert [len(part) for part in parts] == [4, 2, 6, 1]
