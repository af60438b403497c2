"""Our own documents, judged like anybody's: all is understood, and all is right."""

import json
from collections import Counter
from pathlib import Path

import pytest

from derive import read_network
from derive.assessment import Verdict
from derive.built_in import builtin_network
from derive.checking import check
from derive.reporting import report_on

OUTPUT = Path(__file__).parent.parent.parent / "output"
KINDS = {".md": "markdown", ".tex": "latex"}

#: The documents of one network; what people say of many networks has claims that are false.
DOCUMENTS = sorted(
    path
    for path in OUTPUT.rglob("*.*")
    if path.suffix in KINDS and path.parent.name != "claims"
)  # fmt: skip


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_every_equation_of_our_documents_is_judged_right(path: Path) -> None:
    network = builtin_network(path.stem.removesuffix("-second-order"))
    checked = check(path.read_text(encoding="utf-8"), network, kind=KINDS[path.suffix])
    verdicts = Counter(one.verdict for one in checked.equations)
    assert set(verdicts) == {Verdict.RIGHT}
    certificate = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    proved = sum(len(group["equations"]) for group in certificate["groups"])
    assert verdicts[Verdict.RIGHT] >= proved


@pytest.mark.parametrize("name", ["2-1-1-2", "1-2-1"])
@pytest.mark.parametrize("suffix", KINDS)
def test_layers_of_one_unit_between_wider_ones_are_read_back(name: str, suffix: str) -> None:
    network = read_network(name)
    dialect = "latex" if suffix == ".tex" else "github"
    ((_, text),) = report_on(network, dialects=(dialect,), order=2).files
    checked = check(text, network, kind=KINDS[suffix])
    assert {one.verdict for one in checked.equations} == {Verdict.RIGHT}
