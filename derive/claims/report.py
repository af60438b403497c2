"""The document of the claims as files, with a certificate of the equations in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from derive.claims.claim import Entry
from derive.claims.outcome import Outcome, Word
from derive.claims.page import claims_document
from derive.documents.certificate import certificate
from derive.documents.rendering import rendered
from derive.documents.templating.environment import LANGUAGES
from derive.figures.drawing import can_draw
from derive.meaning.derivation import Derivation, Group, Line
from derive.model.network import Network
from derive.proving import Proof


@dataclass(frozen=True)
class ClaimsReport:
    """The files, and how many claims have which verdict, most telling first."""

    files: tuple[tuple[str, str | bytes], ...]
    counts: tuple[tuple[Word, int], ...]
    figures_left_out: bool = False  #: for want of matplotlib

    @property
    def total(self) -> int:
        """How many claims there are."""
        return sum(number for _, number in self.counts)

    @property
    def undecided(self) -> int:
        """How many claims nothing could be said of."""
        return dict(self.counts).get(Word.UNDECIDED, 0)


def report_on_claims(
    dialects: Sequence[str] = ("latex", "github", "json"),
    templates: Path | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
    figures: bool = False,
    language: str = LANGUAGES[0],
) -> ClaimsReport:
    """Judge all claims and render the document.

    `dialects` are those of `derive.documents.rendering`, and "json" for a certificate of the proved
    equations about networks (those about plain variables are not in it, for a certificate
    has quantities of networks only).  `figures` are drawn where matplotlib is installed.
    `language` has English for what it has no words for.

    Raises:
        DeriveError: for a language that there is not.
    """
    document = claims_document(progress, figures and can_draw())
    files = rendered(document, dialects, templates, language)
    if "json" in dialects:
        entries = [entry for own in document.entries.values() for entry in own]
        files.append((f"{document.name}.json", _certificate(entries)))
    left_out = figures and not can_draw()
    return ClaimsReport(tuple(files), tuple(document.counts.items()), left_out)


@dataclass(frozen=True)
class _Verdict:
    """An equation that the judge proved, and no rule derived."""

    proof: Proof
    rule_confirmed: bool = False


def _certificate(entries: Iterable[Entry]) -> str:
    """The proved equations, each once, in groups of one network."""
    groups: dict[Network, dict[Line, _Verdict]] = {}
    for network, step, proof in _proved(entries):
        groups.setdefault(network, {}).setdefault(step, _Verdict(proof))
    return certificate(
        Derivation(tuple(Group("claims", network, tuple(own)) for network, own in groups.items())),
        [verdict for own in groups.values() for verdict in own.values()],
    )


def _proved(entries: Iterable[Entry]) -> Iterator[tuple[Network, Line, Proof]]:
    for entry in entries:
        for outcome in (*entry.outcomes, *entry.remarks):
            stated = outcome.condition is None and _closed(outcome)
            network, equation, proof = outcome.network, outcome.equation, outcome.proof
            if stated and network is not None and equation is not None and proof is not None:
                sides = equation.lhs, equation.rhs
                yield (
                    network,
                    Line(*sides, rule="claimed", where=outcome.where),
                    proof,
                )


def _closed(outcome: Outcome) -> bool:
    """Whether the equation is about the network alone, without variables of its own."""
    return not outcome.names
