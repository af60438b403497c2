"""From a network to the texts of its documents: derive, verify, lay out, render."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sympy import Expr

from derive.algebra.arguments import instance_of, quoted, several
from derive.deriving.first_order import backpropagate
from derive.deriving.verifying import verify
from derive.documents.certificate import certificate
from derive.documents.document import document
from derive.documents.rendering import DIALECTS, rendered
from derive.errors import DeriveError
from derive.lazy import late
from derive.meaning.derivation import Derivation, Line
from derive.model.network import Network, needed_network
from derive.notation.ascii.printing import ascii_text
from derive.notation.tex import tex

if TYPE_CHECKING:
    from derive.evaluating.confirmation import Confirmation

#: Loaded where they are called: most reports are of first order.
second_order = late("derive.deriving.second_order", "second_order")
with_dirac_terms = late("derive.deriving.dirac", "with_dirac_terms")
confirmed = late("derive.evaluating.confirming", "confirmed")


@dataclass(frozen=True)
class Topic:
    """What is derived: how, the template with the words, and the end of the file name."""

    derive: Callable[[Network], Derivation]
    words: str
    suffix: str


#: By the order of the derivatives.
TOPICS = {
    1: Topic(backpropagate, "words.jinja", ""),
    2: Topic(second_order, "second_order.jinja", "-second-order"),
}


@dataclass(frozen=True)
class Report:
    """The files of a report, and what was proved; `unproved` has numbers and remarks."""

    files: tuple[tuple[str, str], ...]
    equations: int
    proved: int
    unproved: tuple[tuple[int, str], ...]
    confirmation: Confirmation | None = None


def report_on(
    network: Network,
    dialects: Sequence[str] = ("latex", "github", "json"),
    entries: bool = False,
    templates: Path | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
    thorough: bool = False,
    order: int = 1,
    dirac: bool = False,
) -> Report:
    """Derive the gradient of a network (order 1) or its Hessian (order 2), prove, and render.

    `dialects` are those of `derive.documents.rendering`, and "json" for the certificate.
    `dirac` adds what second derivatives have at kinks.
    `thorough` also confirms the gradient, and the Hessian at order 2, by power series, which no
    derivation rule is part of.
    """
    needed_network(network)
    for name in (chosen := several(dialects, "dialects")):
        if name not in (*DIALECTS, "json"):
            known = ", ".join((*DIALECTS, "json"))
            raise DeriveError(f"dialects are of {known}, and {quoted(name)} is none")
    if order not in (1, 2):
        raise DeriveError(f"order is 1 (gradient) or 2 (Hessian), not {quoted(order)}")
    if templates is not None:
        instance_of(Path, templates, "templates")
    if dirac and order != 2:
        raise DeriveError("--dirac adds terms to second derivatives, so it needs --order 2")
    confirmation = confirmed(network, order) if thorough else None
    topic = TOPICS[order]
    derivation = topic.derive(network)
    if dirac:
        derivation = with_dirac_terms(network, derivation)
    if entries:
        from derive.deriving.entries import written_out

        derivation = written_out(derivation)
    total = sum(1 for _ in derivation.steps)
    progress(0, total)
    verdicts = verify(derivation, lambda done: progress(done, total))
    name = network.name + topic.suffix
    laid_out = document(network, derivation, verdicts, topic.words, name)
    files = rendered(laid_out, chosen, templates)
    if "json" in chosen:
        files.append((f"{name}.json", certificate(derivation, verdicts)))
    unproved = tuple(
        (number, verdict.proof.remark or verdict.proof.status.value)
        for number, verdict in enumerate(verdicts, start=1)
        if not verdict.proved
    )
    return Report(
        tuple(files),
        laid_out.equations,
        laid_out.proved,
        unproved,
        confirmation,
    )


def shown(network: Network, quantity: str, language: str) -> str:
    """How one quantity, or part of the Hessian, is derived: text, LaTeX or Python.

    Raises:
        DeriveError: when the derivation has no such quantity.
    """
    chains = _chains(network, quantity)
    if language == "latex":
        return "\n".join(map(_as_latex, chains))
    if language == "python":
        from sympy import srepr

        return "\n".join(srepr(chain[-1].rhs) for chain in chains)
    return "\n".join(_as_text(chain, network.step_at_zero) for chain in chains)


def _chains(network: Network, quantity: str) -> tuple[tuple[Line, ...], ...]:
    """What derives a quantity of first or second order, or a part of the Hessian by name.

    What is nowhere is reported as missing from the first order, whose names are the ones
    that people look for.
    """
    from derive.deriving.hessian_parts import HESSIAN_PARTS, hessian_part

    if quantity in HESSIAN_PARTS:
        return hessian_part(second_order(network), quantity)
    first = backpropagate(network)
    if quantity not in first and network.cost and quantity.startswith(("d2", "G", "R(")):
        return (second_order(network)[quantity],)
    try:
        return (first[quantity],)
    except DeriveError as problem:
        parts = ", ".join(HESSIAN_PARTS)
        raise DeriveError(f"{problem}; parts of the Hessian are {parts}") from None


def _as_latex(chain: Sequence[Line]) -> str:
    left, *right = map(tex, (chain[0].printed_left, *(step.printed_right for step in chain)))
    rows = " \\\\\n".join(f"  &= {side}" for side in right)
    return f"\\begin{{aligned}}\n{left}\n{rows}\n\\end{{aligned}}"


def _as_text(chain: Sequence[Line], at_zero: Expr) -> str:
    start = ascii_text(chain[0].lhs, at_zero)
    right = [ascii_text(step.rhs, at_zero) for step in chain]
    room = max(map(len, right))
    lines = [
        f"{start if n == 0 else '':<{len(start)}} = {text:<{room}}   {step.rule}"
        for n, (step, text) in enumerate(zip(chain, right, strict=True))
    ]
    return "\n".join(line.rstrip() for line in lines)
