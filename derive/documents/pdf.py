"""A LaTeX document as PDF, by the TeX that is installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from derive.errors import DeriveError

#: Nothing that a document says is run as a command, and no question stops the run.
_OPTIONS = ("-interaction=nonstopmode", "-halt-on-error", "-file-line-error", "-no-shell-escape")
_SECONDS = 120
_ERROR = re.compile(r"^(?:!|\./\S+?:\d+:)\s*(.+)$", re.MULTILINE)


def pdf(name: str, latex: str, beside: Mapping[str, bytes] = MappingProxyType({})) -> bytes:
    """The PDF of a document; with SOURCE_DATE_EPOCH set, the same bytes each time.

    `beside` are the files that it includes, by their names.

    Raises:
        DeriveError: one sentence that says what is missing, or what TeX stumbled over.
    """
    command = _command()
    with TemporaryDirectory() as folder:
        source = Path(folder, "document.tex")
        source.write_text(latex, encoding="utf-8")
        for included, content in beside.items():
            file = Path(folder, included)
            file.parent.mkdir(exist_ok=True)
            file.write_bytes(content)
        dated = "SOURCE_DATE_EPOCH" in os.environ
        environment = {**os.environ, "FORCE_SOURCE_DATE": "1"} if dated else dict(os.environ)
        try:
            run = subprocess.run(
                [*command, *_OPTIONS, source.name], cwd=folder, env=environment,
                stdin=subprocess.DEVNULL, capture_output=True, timeout=_SECONDS, check=False,
            )  # fmt: skip
        except subprocess.TimeoutExpired:
            raise DeriveError(
                f"{name}.pdf: {command[0]} did not end within {_SECONDS} seconds"
            ) from None
        made = Path(folder, "document.pdf")
        if run.returncode or not made.exists():
            cause = _ERROR.search(run.stdout.decode(errors="replace"))
            said = cause[1].strip().rstrip(".") if cause else f"exit code {run.returncode}"
            raise DeriveError(f"{name}.pdf: {command[0]} failed: {said}")
        return made.read_bytes()


def _command() -> list[str]:
    """latexmk, which runs TeX as often as references need, or else pdflatex."""
    if shutil.which("latexmk") and shutil.which("pdflatex"):
        return ["latexmk", "-pdf", "-norc"]
    if shutil.which("pdflatex"):
        return ["pdflatex"]
    raise DeriveError(
        "a PDF needs pdflatex, which is not installed; on Debian and Ubuntu it comes with "
        "apt install texlive-latex-base latexmk, and --format html needs no TeX"
    )
