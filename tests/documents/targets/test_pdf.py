"""`--format pdf`: the LaTeX document, compiled; what goes wrong is one sentence."""

import shutil
import subprocess

import pytest

from derive import read_network, report_on
from derive.documents.targets import pdf as module
from derive.documents.targets.pdf import pdf
from derive.errors import DeriveError
from tests.documents.formulas import requires, text_of_pdf

WHOLE = r"\documentclass{article}\usepackage{amsmath}\begin{document}%s\end{document}"


def test_a_report_is_compiled_the_same_each_time(monkeypatch):
    requires("pdflatex")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    first, second = (report_on(read_network("one-layer-chain"), ["pdf"]).files for _ in range(2))
    assert first == second
    ((name, content),) = first
    assert name == "one-layer-chain.pdf" and content.startswith(b"%PDF-")


def test_without_latexmk_pdflatex_does(monkeypatch):
    requires("pdflatex")
    found = shutil.which
    monkeypatch.setattr(shutil, "which", lambda name: (name != "latexmk" and found(name)) or None)
    made = pdf("x", WHOLE % r"See \eqref{a:1}.\begin{equation}x\label{a:1}\end{equation}")
    assert "See (1)." in text_of_pdf(made)


def test_what_tex_stumbles_over_is_said():
    requires("pdflatex")
    said = r"^x\.pdf: \w+ failed: Undefined control sequence \\nothing$"
    with pytest.raises(DeriveError, match=said):
        pdf("x", WHOLE % r"Some \emph{words} \nothing and more")
    said = r"^x\.pdf: \w+ failed: it has no lacking\.sty, which the document asks for$"
    with pytest.raises(DeriveError, match=said):
        pdf("x", r"\documentclass{article}\usepackage{lacking}\begin{document}\end{document}")


def test_no_command_of_a_document_is_run(tmp_path):
    requires("pdflatex")
    written = tmp_path / "written"
    pdf("x", WHOLE % rf"\immediate\write18{{touch {written}}}text")
    assert not written.exists()


def test_without_tex_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(DeriveError, match="apt install texlive-latex-base"):
        pdf("x", WHOLE % "text")


def test_a_run_without_end_is_stopped(monkeypatch):
    requires("pdflatex")
    monkeypatch.setattr(module, "_SECONDS", 0.2)
    monkeypatch.setattr(subprocess, "run", slow(subprocess.run))
    with pytest.raises(DeriveError, match="did not end within"):
        pdf("x", WHOLE % "text")


def slow(run):
    def timed(command, **options):
        return run(["sleep", "5"], **options)

    return timed
