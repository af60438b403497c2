"""From a network to the texts of its documents: derive, verify, lay out, render."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from derive.backpropagation import backpropagate
from derive.derivation import Step
from derive.document import document
from derive.network import Network
from derive.rendering import DIALECTS, render
from derive.tex import tex
from derive.verifying import verify


@dataclass(frozen=True)
class Report:
    """The files of a report, and what was proved; `unproved` has numbers and remarks."""

    files: tuple[tuple[str, str], ...]
    equations: int
    proved: int
    unproved: tuple[tuple[int, str], ...]


def report_on(
    network: Network,
    dialects: Sequence[str] = ("latex", "github"),
    entries: bool = False,
    templates: Path | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Report:
    """Derive the gradient of a network, prove each step, and render the documents."""
    derivation = backpropagate(network)
    if entries:
        from derive.entries import written_out

        derivation = written_out(derivation)
    total = sum(1 for _ in derivation.steps)
    verdicts = verify(derivation, lambda done: progress(done, total))
    laid_out = document(network, derivation, verdicts)
    pages = [page for name in dialects for page in render(laid_out, DIALECTS[name], templates)]
    unproved = tuple(
        (number, verdict.proof.remark or verdict.proof.status.value)
        for number, verdict in enumerate(verdicts, start=1)
        if not verdict.proved
    )
    return Report(
        tuple((page.name, page.text) for page in pages),
        laid_out.equations,
        laid_out.proved,
        unproved,
    )


def shown(network: Network, quantity: str, language: str) -> str:
    """How one quantity is derived, as text, LaTeX or Python, a line for each step.

    Raises:
        DeriveError: when the derivation has no such quantity.
    """
    chain = backpropagate(network)[quantity]
    if language == "latex":
        rows = " \\\\\n".join(f"  &= {tex(step.rhs)}" for step in chain)
        return f"\\begin{{aligned}}\n{tex(chain[0].lhs)}\n{rows}\n\\end{{aligned}}"
    if language == "python":
        from sympy import srepr

        return srepr(chain[-1].rhs)
    return _as_text(chain)


def _as_text(chain: Sequence[Step]) -> str:
    start = str(chain[0].lhs)
    room = max(len(str(step.rhs)) for step in chain)
    lines = [
        f"{start if n == 0 else '':<{len(start)}} = {step.rhs!s:<{room}}   {step.rule}"
        for n, step in enumerate(chain)
    ]
    return "\n".join(line.rstrip() for line in lines)
