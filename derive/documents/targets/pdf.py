"""A LaTeX document as PDF, by the TeX that is installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from derive.errors import DeriveError

#: Nothing that a document says is run as a command, and no question stops the run.
_OPTIONS = ("-interaction=nonstopmode", "-halt-on-error", "-file-line-error", "-no-shell-escape")
_SECONDS = 120
_ERROR = re.compile(r"^(?:!|\./\S+?:\d+:)\s*(.+)$", re.MULTILINE)
#: The place, up to the command that TeX did not know.
_UNDEFINED = "Undefined control sequence"
_PLACE = re.compile(r"^l\.\d+ .*?(\\[A-Za-z@]+) *$", re.MULTILINE)
_LACKING = re.compile(r"File `([^']+)' not found")


def pdf(name: str, latex: str, beside: Mapping[str, bytes] = MappingProxyType({})) -> bytes:
    """The PDF of a document; with SOURCE_DATE_EPOCH set, the same bytes each time.

    `beside` are the files that it includes, by their names.

    Raises:
        DeriveError: one sentence that says what is missing, or what TeX stumbled over.
    """
    runs = _runs()
    program = runs[0][0]
    with TemporaryDirectory() as folder:
        Path(folder, "document.tex").write_text(latex, encoding="utf-8")
        for included, content in beside.items():
            file = Path(folder, included)
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(content)
        made = Path(folder, "document.pdf")
        for command in runs:
            try:
                run = _run(command, folder)
            except subprocess.TimeoutExpired:
                raise DeriveError(
                    f"{name}.pdf: {program} did not end within {_SECONDS} seconds"
                ) from None
            if run.returncode or not made.exists():
                said = _cause(run.stdout.decode(errors="replace"))
                said = said or f"it ended with exit code {run.returncode}"
                raise DeriveError(f"{name}.pdf: {program} failed: {said}")
        return made.read_bytes()


def has_tex() -> bool:
    """Whether a LaTeX document can be compiled here."""
    return shutil.which("pdflatex") is not None


def _run(command: Sequence[str], folder: str) -> subprocess.CompletedProcess[bytes]:
    dated = "SOURCE_DATE_EPOCH" in os.environ
    environment = {**os.environ, "FORCE_SOURCE_DATE": "1"} if dated else dict(os.environ)
    return subprocess.run(
        [*command, *_OPTIONS, "document.tex"], cwd=folder, env=environment,
        stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False,
    )  # fmt: skip


def _cause(log: str) -> str:
    """What TeX stumbled over first, and the command, if it does not know one; or nothing."""
    found = _ERROR.search(log)
    if found is None:
        return ""
    said = found[1].strip().rstrip(".")
    if lacking := _LACKING.search(said):
        return f"it has no {lacking[1]}, which the document asks for"
    place = _PLACE.search(log, found.end())
    return f"{said} {place[1]}" if place and said == _UNDEFINED else said


def _runs() -> list[list[str]]:
    """latexmk, which runs TeX as often as references need, or else pdflatex twice."""
    if shutil.which("latexmk") and has_tex():
        return [["latexmk", "-pdf", "-norc"]]
    if has_tex():
        return [["pdflatex"]] * 2
    raise DeriveError(
        "a PDF needs pdflatex, which is not installed: on Debian and Ubuntu it comes with "
        "apt install texlive-latex-base latexmk; pip install 'derive-backprop[pdf]' does "
        "without TeX for what is no slides, and --format html needs neither"
    )
