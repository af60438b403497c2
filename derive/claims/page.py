"""The entries of all claims as a document: sections, a summary, and the numbers behind them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sympy import Integer

from derive.claims import seed_1, seed_2, seed_3
from derive.claims.analysis.blocks import Passage, Table
from derive.claims.analysis.gradient_depth import depth_curves
from derive.claims.analysis.sections import (
    curvature_blocks,
    gradient_flow_blocks,
    initialisation_blocks,
    newton_blocks,
)
from derive.claims.claim import Entry, judge_all
from derive.claims.outcome import Word
from derive.documents.blocks import Heading, Illustration, Paragraph
from derive.notation.naming import OURS, BookNaming

SEEDS = {"seed_1": seed_1.SECTIONS, "seed_2": seed_2.SECTIONS, "seed_3": seed_3.SECTIONS}

#: What readers come for, a paragraph each.
_SHORT_ANSWERS = (
    "is_the_derivation_right",
    "does_relu_prevent_vanishing",
    "does_the_kink_matter",
    "is_the_hessian_zero",
)
#: Verdicts in the order of a summary.
_ORDER = (
    Word.PROVED, Word.TRUE_IF, Word.REFUTED, Word.ARITHMETIC, Word.DEFINITION, Word.ANSWERED,
    Word.DOCUMENTED, Word.HEURISTIC, Word.NOT_JUDGED, Word.UNDECIDED,
)  # fmt: skip


#: Where the figure lies beside the document.
_FIGURE = "claims-figures/gradient-depth"


@dataclass(frozen=True)
class References:
    """The literature that entries refer to: keys of the templates."""

    keys: tuple[str, ...]


@dataclass(frozen=True)
class ClaimsDocument:
    """Everything that the templates need, by the names that `Document` has."""

    blocks: tuple[object, ...]
    entries: Mapping[str, tuple[Entry, ...]] = field(default_factory=dict)
    name: str = "claims"
    words: str = "claims.jinja"
    setting: str = ""
    network: None = None
    naming: BookNaming = OURS

    @property
    def by_id(self) -> Mapping[str, Entry]:
        """Every claim with its verdict, by its id such as "S1.5"."""
        return {entry.id: entry for own in self.entries.values() for entry in own}

    @property
    def counts(self) -> Mapping[Word, int]:
        """How many claims have each verdict."""
        return count(entry for entries in self.entries.values() for entry in entries)


def count(entries: Iterable[Entry]) -> dict[Word, int]:
    """Verdicts that occur, in the order of a summary."""
    found = Counter(entry.verdict for entry in entries)
    return {word: found[word] for word in _ORDER if found[word]}


def claims_document(
    progress: Callable[[int, int], None] = lambda done, total: None, figures: bool = False
) -> ClaimsDocument:
    """Judge every claim and lay the entries out, with figures if they are wanted.

    Raises:
        DeriveError: when something that the document itself states does not come out true.
    """
    total = sum(len(section.claims) for sections in SEEDS.values() for section in sections)
    body: list[object] = []
    entries: dict[str, tuple[Entry, ...]] = {}
    before = 0
    for seed, sections in SEEDS.items():
        own: list[Entry] = []
        start = before
        for section, found in judge_all(
            sections, lambda done, _, s=start: progress(s + done, total)
        ):
            body += [Heading(section.key), *found]
            own += found
        entries[seed] = tuple(own)
        before += len(own)
    numbers = (
        Heading("gradient_flow"), *gradient_flow_blocks(),
        Heading("initialisation"), *initialisation_blocks(),
        *((Illustration("gradient_depth", depth_curves(), _FIGURE),) if figures else ()),
        Heading("newton"), *newton_blocks(),
        Heading("second_order_methods"), *curvature_blocks(),
    )  # fmt: skip
    return ClaimsDocument(
        (
            Heading("short_answers"), *map(Paragraph, _SHORT_ANSWERS),
            Heading("introduction"), Paragraph("introduction"), _summary(entries), *body, *numbers,
            Heading("references"), _references(entries, numbers),
        ),
        entries,
    )  # fmt: skip


def _summary(entries: Mapping[str, Sequence[Entry]]) -> Table:
    """How many claims of each seed have each verdict."""
    by_seed = {seed: count(own) for seed, own in entries.items()}
    rows = [
        (
            word.value,
            *(Integer(found.get(word, 0)) for found in by_seed.values()),
            Integer(sum(found.get(word, 0) for found in by_seed.values())),
        )
        for word in _ORDER
    ]
    return Table("summary", ("verdict", *by_seed, "all"), tuple(row for row in rows if row[-1]))


def _references(entries: Mapping[str, Sequence[Entry]], numbers: Iterable[object]) -> References:
    every = {key for own in entries.values() for entry in own for key in entry.references}
    every |= {key for part in numbers if isinstance(part, Passage) for key in part.references}
    return References(tuple(sorted(every)))
