"""The index of the gallery: its links lead somewhere, and each document is found from it."""

import re
from pathlib import Path

GALLERY = Path(__file__).parents[2] / "output"
LINKS = re.findall(r"\]\(([^)]+)\)", (GALLERY / "README.md").read_text(encoding="utf-8"))


def test_every_link_of_the_index_leads_to_a_file():
    assert len(LINKS) > 20
    assert [link for link in LINKS if not (GALLERY / link.partition("#")[0]).is_file()] == []


def test_every_page_is_linked_or_goes_on_from_one_that_is():
    linked = {str(Path(link.partition("#")[0]).with_suffix("")) for link in LINKS}
    pages = (*GALLERY.rglob("*.md"), *GALLERY.rglob("*.html"))
    names = {str(page.relative_to(GALLERY).with_suffix("")) for page in pages} - {"README"}
    assert {name for name in names if name not in linked and name[:-2] not in linked} == set()


def test_every_picture_has_words_in_its_place():
    text = (GALLERY / "README.md").read_text(encoding="utf-8")
    assert all(len(words) > 20 for words in re.findall(r"!\[([^\]]*)\]", text))
