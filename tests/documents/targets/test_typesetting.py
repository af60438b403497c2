"""`--format pdf` where no TeX is installed: a document for Typst, set by a package."""

import re
import shutil
from pathlib import Path

import pytest

from derive import read_model, read_network, report_on
from derive.claims.report import report_on_claims
from derive.documents.rendering import rendered
from derive.documents.targets.typesetting import can_typeset, typeset
from derive.documents.targets.typst_math import typst_math
from derive.documents.worksheets.worksheet import worksheet
from derive.errors import DeriveError
from tests.documents.formulas import formulas_of_markdown, requires_package, text_of_pdf
from tests.sweeps import sweep

GALLERY = Path(__file__).parents[3] / "output"


@pytest.fixture
def typesetter():
    requires_package("typst")
    requires_package("tylax")


@pytest.fixture
def without_tex(monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: None)


@pytest.mark.usefixtures("typesetter", "without_tex")
def test_a_report_is_set_without_tex_the_same_each_time():
    first, second = (report_on(read_network("one-layer-chain"), ["pdf"]).files for _ in range(2))
    assert first == second
    ((name, content),) = first
    assert name == "one-layer-chain.pdf" and content.startswith(b"%PDF-")
    assert b"CreationDate" not in content


@pytest.mark.usefixtures("typesetter")
def test_every_equation_has_its_number_and_its_reason(monkeypatch):
    network = read_network("two-layer-chain")
    monkeypatch.setattr(shutil, "which", without_pdflatex(shutil.which))
    report = report_on(network, ["pdf"])
    text = text_of_pdf(dict(report.files)["two-layer-chain.pdf"])
    numbers = {int(n) for n in re.findall(r"\((\d+)\)$", text, re.MULTILINE)}
    assert numbers >= set(range(1, report.equations + 1))
    assert "expand the square" in text and "insert (16), (18)" in text
    assert "all units are active" in text


def without_pdflatex(which):
    return lambda name: None if name in ("pdflatex", "latexmk") else which(name)


CASES = [
    ("one-layer-chain", {}),
    ("2-2-1", {"order": 2}),
    ("two-layer-chain", {"order": 2, "dirac": True, "figures": True}),
    ("softmax-classifier", {"language": "german"}),
    ("attention-head", {}),
    ("softmax-cross-entropy", {"order": 2}),
]


@pytest.mark.usefixtures("typesetter", "without_tex")
@pytest.mark.parametrize(("name", "options"), sweep(CASES, CASES[:1]))
def test_documents_of_every_kind_are_set(name, options):
    report = report_on(read_model(name), ["typst", "pdf"], **options)
    names = {Path(name).suffix for name, _ in report.files}
    assert names >= {".typ", ".pdf"}


@pytest.mark.usefixtures("typesetter", "without_tex")
def test_a_worksheet_is_set():
    for sheet in worksheet(read_network("two-layer-chain")):
        ((_, content),) = rendered(sheet, ["pdf"])
        assert bytes(content).startswith(b"%PDF-")


@pytest.mark.thorough
@pytest.mark.usefixtures("typesetter", "without_tex")
def test_the_claims_are_set():
    ((name, _),) = report_on_claims(["pdf"]).files
    assert name == "claims.pdf"


@pytest.mark.usefixtures("typesetter")
def test_every_formula_of_the_gallery_is_one_for_typst():
    formulas = {
        formula.source
        for page in GALLERY.rglob("*.md")
        for formula in formulas_of_markdown(page.read_text(encoding="utf-8"))
    }
    assert len(formulas) > 1000
    converted = [typst_math(source) for source in sorted(formulas)]
    typeset("formulas", "\n\n".join(f"$ {one} $" for one in converted))
    commands = {word for one in converted for word in re.findall(r"\\[A-Za-z]+", one)}
    assert commands == set()


@pytest.mark.usefixtures("typesetter")
def test_a_power_is_that_of_the_whole_and_names_are_words():
    assert typst_math(r"\partial {W^{(0)}}^2") == 'partial class("normal", W^((0)))^(2)'
    assert typst_math(r"\frac{a}{b}\,\mathrm{Step}(z)") == 'frac(a, b)thin upright("Step")(z)'
    assert typst_math(r"\bigl[x\bigr]") == "[x ]"


@pytest.mark.usefixtures("typesetter")
def test_what_typst_stumbles_over_is_one_sentence():
    with pytest.raises(DeriveError, match=r"^x\.pdf: typst failed: .*unknown variable"):
        typeset("x", "$ nowhere $")


@pytest.mark.usefixtures("typesetter")
def test_words_of_a_user_are_no_markup():
    network = read_network("two-layer-chain")
    named = type(network)(network.inputs, network.layers, name='#x[$1$] "a" //= *_`@~-<b>')
    ((_, text),) = report_on(named, ["typst"]).files
    made = typeset("x", str(text))
    assert "#x[$1$] “a” //= *_`@~-<b>" in text_of_pdf(made).replace('"a"', "“a”")


@pytest.mark.usefixtures("without_tex")
def test_without_either_one_sentence_says_what_to_install(monkeypatch):
    monkeypatch.setattr("derive.documents.rendering.can_typeset", lambda: False)
    with pytest.raises(DeriveError, match=r"apt install texlive.*'derive-backprop\[pdf\]'"):
        report_on(read_network("one-layer-chain"), ["pdf"])
    assert isinstance(can_typeset(), bool)


@pytest.mark.usefixtures("without_tex")
def test_slides_need_tex():
    with pytest.raises(DeriveError, match="a PDF needs pdflatex"):
        report_on(read_network("one-layer-chain"), ["slides-pdf"])
