"""Our own documents, judged like anybody's: all is understood, and all is right."""

import json
from collections import Counter
from pathlib import Path

import pytest
from sympy import Piecewise

from benchmarks.mutants import described_by
from derive import read_network
from derive.checking.assessment import Verdict
from derive.checking.check import check, check_parts
from derive.checking.verdicts import Judged
from derive.claims.outcome import Outcome, Word
from derive.documents.reporting import report_on
from derive.notation.tex import tex
from derive.proving import Kinks
from derive.reading.network_parts import network_parts
from tests.judged_claims import document
from tests.own_pages import begins_a_document, whole_text
from tests.read_again import FINE
from tests.sweeps import sweep

OUTPUT = Path(__file__).parent.parent.parent / "output"
KINDS = {".md": "markdown", ".tex": "latex"}

#: The documents of one network.
DOCUMENTS = sorted(
    path
    for path in OUTPUT.rglob("*.*")
    if path.suffix in KINDS and path.parent.name != "claims" and begins_a_document(path)
)  # fmt: skip
#: Short ones in Markdown: of chains and of any layer.
ALWAYS = [
    path
    for path in DOCUMENTS
    if path.suffix == ".md"
    and path.parent == OUTPUT
    and path.stem in ("one-layer-chain", "two-layer-chain", "general-layer")
]


@pytest.mark.parametrize(
    "path", sweep(DOCUMENTS, ALWAYS), ids=lambda path: f"{path.parent.name}/{path.name}"
)
def test_every_equation_of_our_documents_is_judged_right(path: Path) -> None:
    checked = check(whole_text(path), described_by(path), kind=KINDS[path.suffix])
    verdicts = Counter(one.verdict for one in checked.equations)
    assert set(verdicts) <= FINE
    certificate = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    proved = sum(len(group["equations"]) for group in certificate["groups"])
    assert verdicts[Verdict.RIGHT] >= proved


@pytest.mark.parametrize("name", sweep(["2-1-1-2", "1-2-1"], ["1-2-1"]))
@pytest.mark.parametrize("suffix", sweep(KINDS, [".md"]))
@pytest.mark.parametrize("order", sweep([1, 2], [1]))
def test_layers_of_one_unit_between_wider_ones_are_read_back(
    name: str, suffix: str, order: int
) -> None:
    network = read_network(name)
    dialect = "latex" if suffix == ".tex" else "github"
    pages = report_on(network, dialects=(dialect,), order=order).files
    text = "\n\n".join(text for _, text in pages)
    checked = check(text, network, kind=KINDS[suffix])
    assert {one.verdict for one in checked.equations} <= FINE


@pytest.mark.thorough  # test_claims has the same of every claim by itself
@pytest.mark.parametrize("suffix", KINDS)
def test_every_equation_of_the_claims_is_judged_as_the_document_says(suffix: str) -> None:
    """What holds is right; what does not hold is asked, and the answer is no."""
    text = (OUTPUT / f"claims/claims{suffix}").read_text(encoding="utf-8")
    parts = [
        (read_network(part.network, **part.options), part.text)
        for part in network_parts(text, KINDS[suffix])
    ]
    checked = check_parts(parts, kind=KINDS[suffix])
    claimed = {one.verdict for one in checked.equations if not one.is_asked}
    assert claimed <= FINE
    asked = Counter(_answer(one) for one in checked.equations if one.is_asked)
    stated = [
        outcome
        for entries in document().entries.values()
        for entry in entries
        for outcome in (*entry.outcomes, *entry.remarks)
        if outcome.equation is not None and not outcome.is_claimed and _is_written(outcome, text)
    ]
    # Two claims may state one equation, which is then written for one of them or for both.
    written = sum(text.count(question) for question in set(map(_question, stated)))
    assert asked["no"] + asked["under a condition"] == written > 10
    conditional = {_question(one) for one in stated if one.word is Word.TRUE_IF}
    assert asked["under a condition"] >= len(conditional) > 3
    assert asked["yes"] == asked["unknown"] == 0


def _answer(one: Judged) -> str:
    """What is said of an equation that is asked for; right off the kinks is a condition too."""
    match one.verdict:
        case Verdict.RIGHT:
            assert one.assessment is not None and one.assessment.proof is not None
            scope = one.assessment.proof.scope
            off_kinks = scope.kinks is Kinks.EXCLUDED or scope.derivative
            return "under a condition" if off_kinks else "yes"
        case Verdict.RIGHT_IF:
            return "under a condition"
        case Verdict.WRONG:
            return "no"
        case _:
            return "unknown"


def _is_written(outcome: Outcome, text: str) -> bool:
    """Whether the document writes the equation, and does not only speak of it."""
    assert outcome.equation is not None
    if outcome.equation.lhs.has(Piecewise) or outcome.equation.rhs.has(Piecewise):
        return False
    return _question(outcome) in text


def _question(outcome: Outcome) -> str:
    """How the document asks for an equation that does not hold as it stands."""
    assert outcome.equation is not None
    return rf"{tex(outcome.equation.lhs)} \overset{{?}}{{=}} {tex(outcome.equation.rhs)}"


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("shape", ["1-2", "2-1"])
def test_in_one_layer_a_function_of_z_is_no_jacobian(shape: str, order: int) -> None:
    """There z means all pre-activations of the layer, but in d/dz sigma(z) a number."""
    network = read_network(shape, activation="sigmoid")
    texts = dict(report_on(network, ("github", "latex"), order=order).files)
    for name, text in texts.items():
        kind = KINDS[Path(name).suffix]
        checked = check(str(text), network, kind=kind)
        assert {one.verdict for one in checked.equations} <= FINE
