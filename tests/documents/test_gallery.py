"""The index of the gallery: its links lead somewhere, and each document is found from it."""

import json
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from derive.cli import main
from tests.sweeps import sweep

GALLERY = Path(__file__).parents[2] / "output"
LINKS = re.findall(r"\]\(([^)]+)\)", (GALLERY / "README.md").read_text(encoding="utf-8"))


def test_every_link_of_the_index_leads_to_a_file():
    assert len(LINKS) > 20
    assert [link for link in LINKS if not (GALLERY / link.partition("#")[0]).is_file()] == []


def test_every_page_is_linked_or_goes_on_from_one_that_is():
    linked = {str(Path(link.partition("#")[0]).with_suffix("")) for link in LINKS}
    pages = (*GALLERY.rglob("*.md"), *GALLERY.rglob("*.html"), *GALLERY.rglob("*.pdf"))
    names = {str(page.relative_to(GALLERY).with_suffix("")) for page in pages} - {"README"}
    assert {name for name in names if name not in linked and name[:-2] not in linked} == set()


def test_every_picture_has_words_in_its_place():
    text = (GALLERY / "README.md").read_text(encoding="utf-8")
    assert all(len(words) > 20 for words in re.findall(r"!\[([^\]]*)\]", text))


#: Pages in which `derive check` reads formulas; those for browsers have MathML.
PAGES = sorted(
    str(page.relative_to(GALLERY))
    for ending in ("*.md", "*.tex")
    for page in GALLERY.rglob(ending)
    if page.name != "README.md"
)


@pytest.mark.parametrize(
    "page",
    sweep(PAGES, ("two-layer-chain.md", "regression-2-3-1.tex", "models/rms-norm.md",
                  "worksheets/regression-2-3-1-worksheet.md")),
)  # fmt: skip
def test_every_page_names_its_network_and_is_right_as_it_stands(page):
    run = CliRunner().invoke(main, ["check", "-q", "--json", str(GALLERY / page)])
    summary = json.loads(run.stdout)["summary"]
    assert run.exit_code == 0, summary
    assert summary["wrong"] == summary["not_understood"] == summary["undecided"] == 0
    assert summary["right"] > 0 or page.endswith("-second-order-2.md")
