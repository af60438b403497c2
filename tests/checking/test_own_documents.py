"""Our own documents, judged like anybody's: all is understood, and all is right."""

import json
from collections import Counter
from pathlib import Path

import pytest

from derive.assessment import Verdict
from derive.built_in import builtin_network
from derive.checking import check

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
