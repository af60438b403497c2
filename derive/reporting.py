"""From a network to the texts of its documents: derive, verify, lay out, render."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from sympy import Expr, Float, Integer, Rational, S, Symbol, flatten

from derive.ascii import ascii_text
from derive.backpropagation import backpropagate
from derive.certificate import certificate
from derive.derivation import Derivation, Step
from derive.dirac import with_dirac_terms
from derive.document import document
from derive.errors import DeriveError
from derive.evaluating import evaluate
from derive.hessian import second_order
from derive.hessian_parts import HESSIAN_PARTS, hessian_part
from derive.instances import free_axes
from derive.network import Network
from derive.proving.series import (
    DIGITS,
    Confirmation,
    Gradient,
    Point,
    confirm_gradient,
    numeric_instance,
)
from derive.quantities import PARAMETERS, Partial, Quantity
from derive.rendering import rendered
from derive.tex import tex
from derive.valuation import Valuation
from derive.verifying import verify


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

    `dialects` are those of `derive.rendering`, and "json" for the certificate.
    `dirac` adds what second derivatives have at kinks.
    `thorough` also confirms the gradient by power series, which no derivation rule is part of.
    """
    if dirac and order != 2:
        raise DeriveError("--dirac adds terms to second derivatives, so it needs --order 2")
    confirmation = confirmed(network) if thorough else None
    topic = TOPICS[order]
    derivation = topic.derive(network)
    if dirac:
        derivation = with_dirac_terms(network, derivation)
    if entries:
        from derive.entries import written_out

        derivation = written_out(derivation)
    total = sum(1 for _ in derivation.steps)
    verdicts = verify(derivation, lambda done: progress(done, total))
    name = network.name + topic.suffix
    laid_out = document(network, derivation, verdicts, topic.words, name)
    files = rendered(laid_out, dialects, templates)
    if "json" in dialects:
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


def _chains(network: Network, quantity: str) -> tuple[tuple[Step, ...], ...]:
    """What derives a quantity of first or second order, or a part of the Hessian by name.

    What is nowhere is reported as missing from the first order, whose names are the ones
    that people look for.
    """
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


def _as_latex(chain: Sequence[Step]) -> str:
    left, *right = map(tex, (chain[0].printed_left, *(step.printed_right for step in chain)))
    rows = " \\\\\n".join(f"  &= {side}" for side in right)
    return f"\\begin{{aligned}}\n{left}\n{rows}\n\\end{{aligned}}"


def _as_text(chain: Sequence[Step], at_zero: Expr) -> str:
    start = ascii_text(chain[0].lhs, at_zero)
    right = [ascii_text(step.rhs, at_zero) for step in chain]
    room = max(map(len, right))
    lines = [
        f"{start if n == 0 else '':<{len(start)}} = {text:<{room}}   {step.rule}"
        for n, (step, text) in enumerate(zip(chain, right, strict=True))
    ]
    return "\n".join(line.rstrip() for line in lines)


# -- confirmation --------------------------------------------------------------------------

#: Of how many units a formula is confirmed, at each point.
_UNITS = 4


def confirmed(network: Network, points: int = 3) -> Confirmation:
    """Whether the gradient that `evaluate` finds and the derived formulas agree with series.

    Raises:
        DeriveError: when the network has no cost.
    """
    numeric_instance(network)  # refuses a network without a cost before anything is derived
    groups = backpropagate(network).groups
    chains = [
        (group.title, chain)
        for group in groups
        if group.network is network
        for chain in group.chains
        if isinstance(start := chain[0].lhs, Partial)
        and start.of == network.C
        and start.wrt.kind in PARAMETERS
    ]

    def claims(instance: Network, point: Point) -> Iterator[tuple[str, Gradient]]:
        found = evaluate(instance, point)
        assert found.gradient is not None
        yield "evaluate", dict(zip(found.parameters, found.gradient, strict=True))
        rational = all(isinstance(number, Rational) for number in (found.C, *found.gradient))
        formula_value = _formula_values(network, instance, point, rational)
        for title, chain in chains:
            if entries := formula_value(chain):
                yield f"{title} {chain[0].lhs}", entries

    return confirm_gradient(network, claims, points)


def _formula_values(
    network: Network, instance: Network, point: Point, rational: bool
) -> Callable[[Sequence[Step]], Gradient]:
    """The entries that the end of a chain gives at a point, for a few units."""
    widths = {n: int(instance.width(n)) for n in network.layer_numbers if network.has_index(n)}
    slopes = {
        one.activation.slope: other.activation.slope
        for one, other in zip(network.layers, instance.layers, strict=True)
    }
    shape = Valuation(network, widths, {})
    given: dict[Expr, Expr] = {}
    for kind, layer, name in (
        ("r", network.first, "x"),
        ("y", network.last, "y"),
        *((kind, source, f"{kind}{source}") for kind, source in network.parameter_groups),
    ):
        numbers = flatten(point[name])
        exact = numbers if rational else [Float(number, DIGITS) for number in numbers]
        given |= dict(zip(shape.entries(kind, layer), exact, strict=True))
    valuation = Valuation(network, widths, given)

    def values(chain: Sequence[Step]) -> Gradient:
        wrt, last = chain[0].lhs.wrt, chain[-1]
        axes = free_axes(network, wrt)
        units = list(product(*(range(1, widths[layer] + 1) for layer in axes.values())))
        found: dict[str, Expr] = {}
        for chosen in units[:: max(1, (len(units) - 1) // _UNITS)]:
            free = dict(zip(axes, map(Integer, chosen), strict=True))
            if valuation(last.where, free).xreplace(slopes) == S.true:
                found[_entry_name(network, wrt, free)] = valuation(last.rhs, free).xreplace(slopes)
        return found

    return values


def _entry_name(network: Network, entry: Quantity, free: Mapping[Symbol, Integer]) -> str:
    """W0[0,1], with every index that the mathematics has, from 0."""
    written = iter(free.get(index, index) for index in entry.indices)
    slots = network.slots(entry.kind, entry.layer)
    units = (next(written) - 1 if network.has_index(axis) else 0 for axis in slots)
    return f"{entry.kind}{entry.layer}[{','.join(map(str, units))}]"
