"""From a network to the texts of its documents: derive, verify, lay out, render."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sympy import Expr, Tuple

from derive.algebra.arguments import instance_of, quoted, several
from derive.algebra.indices import index_symbols
from derive.deriving.first_order import backpropagate
from derive.deriving.verifying import Marks, Verifying
from derive.documents.certificate import certificate
from derive.documents.document import Document, with_proofs, without_proofs
from derive.documents.rendering import rendered, written_ahead
from derive.documents.targets.dialects import COMPILED, DIALECTS
from derive.documents.templating.environment import LANGUAGES, template_environment
from derive.errors import DeriveError
from derive.files.document_setting import document_setting
from derive.lazy import late
from derive.meaning.derivation import Derivation, Group, Line
from derive.model.defined_model import DefinedModel
from derive.model.model import Model, Source, needed_model
from derive.model.network import Network
from derive.notation.ascii.printing import ascii_text
from derive.notation.naming import BookNaming, TensorNaming, own_tensors
from derive.notation.notations import NOTATIONS
from derive.notation.tex import LatexWriter

if TYPE_CHECKING:
    from derive.evaluating.confirmation import Confirmation

#: Loaded where they are called: most reports are of first order.
second_order = late("derive.deriving.second_order", "second_order")
with_dirac_terms = late("derive.deriving.dirac", "with_dirac_terms")
confirmed = late("derive.evaluating.confirming", "confirmed")
can_draw = late("derive.figures.drawing", "can_draw")
illustrations = late("derive.documents.illustrating", "illustrations")
worked_numbers = late("derive.documents.worked.gradient", "worked_numbers")
at_the_point = late("derive.documents.worked.steps", "at_the_point")
worked_curvature = late("derive.documents.worked.curvature", "worked_curvature")
model_gradient = late("derive.deriving.model_gradient", "model_gradient")
model_curvature = late("derive.deriving.model_curvature", "model_curvature")


@dataclass(frozen=True)
class Topic:
    """What is derived: how, the template with the words, and the end of the file name."""

    derive: Callable[[Any], Derivation]
    words: str
    suffix: str


#: The title of what stands for equations between matrices that are left out.
_LEFT_OUT = "matrices_left_out"

#: By the order of the derivatives.
TOPICS = {
    1: Topic(backpropagate, "words.jinja", ""),
    2: Topic(second_order, "second_order.jinja", "-second-order"),
}


#: The same of models from definitions.
OF_DEFINITIONS = {
    1: Topic(model_gradient, "model.jinja", ""),
    2: Topic(model_curvature, "model_second_order.jinja", "-second-order"),
}


@dataclass(frozen=True)
class Report:
    """The files of a report, and what was proved; `unproved` has numbers and remarks."""

    files: tuple[tuple[str, str | bytes], ...]
    equations: int
    proved: int
    unproved: tuple[tuple[int, str], ...]
    confirmation: Confirmation | None = None
    figures_left_out: bool = False  #: for want of matplotlib


def report_on(
    network: Model | Source,
    dialects: Sequence[str] = ("latex", "github", "json"),
    entries: bool = False,
    templates: Path | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
    thorough: bool = False,
    order: int = 1,
    dirac: bool = False,
    notation: str | None = None,
    language: str = LANGUAGES[0],
    figures: bool = False,
    called: str = "",
    processes: int = 1,
) -> Report:
    """Derive the gradient of a network (order 1) or its Hessian (order 2), prove, and render.

    `dialects` are those of `derive.documents.rendering`, and "json" for the certificate.
    `dirac` adds what second derivatives have at kinks; `notation` is that of the documents, if
    not the one that the network names; `language` has English for what it has no words for.
    `figures` are drawn beside the documents, where matplotlib is installed.
    `called` is how documents name a model for `derive check` that no built-in name or shorthand
    says, such as the path of its file.
    `thorough` also confirms the gradient, and the Hessian at order 2, by power series, which no
    derivation rule is part of.  Proofs are shared by so many `processes`.
    """
    network = needed_model(network)
    chosen = _known_dialects(dialects)
    naming = naming_for(network, notation)
    _check_options(order, templates, language)
    if dirac:
        _check_dirac(order, naming)
    topic = _topic(network, order, thorough)
    confirmation = confirmed(network, order) if thorough else None
    derivation = _derived(network, topic, naming, dirac, entries)

    def laid_out(proved: Sequence[bool]) -> Document:
        body = _laid_out(network, derivation, proved, topic, naming, order, figures)
        return replace(body, setting=document_setting(network, called, naming.book))

    def ahead_of(body: Document) -> Mapping[str, Sequence[str]]:
        return written_ahead(body, chosen, language) if templates is None else {}

    whole, ahead, verdicts = _proved(derivation, laid_out, ahead_of, progress, processes)
    files = rendered(whole, chosen, templates, language, ahead)
    if "json" in chosen:
        files.append((f"{whole.name}.json", certificate(derivation, verdicts)))
    return Report(
        tuple(files),
        whole.equations,
        whole.proved,
        _unproved(verdicts),
        confirmation,
        figures and not can_draw(),
    )


def _proved(
    derivation: Derivation,
    laid_out: Callable[[Sequence[bool]], Document],
    ahead_of: Callable[[Document], Mapping[str, Sequence[str]]],
    progress: Callable[[int, int], None],
    processes: int,
) -> tuple[Document, Mapping[str, Sequence[str]], Sequence[Marks]]:
    """The whole document, what of it was written while others looked for proofs, the verdicts.

    What is written for an equation that is proved does not wait for its proof.
    """
    total = sum(1 for _ in derivation.steps)
    progress(0, total)
    with Verifying(derivation, processes) as begun:
        body = laid_out([True] * total)
        ahead = ahead_of(body)
        verdicts = begun.marks(lambda done: progress(done, total))
    if not all(proved := [verdict.proved for verdict in verdicts]):
        body, ahead = laid_out(proved), {}
    return with_proofs(body, derivation, verdicts), ahead, verdicts


def _derived(
    network: Model, topic: Topic, naming: BookNaming, dirac: bool, entries: bool
) -> Derivation:
    """What a document is to show: no matrices where W is turned, and all entries if asked."""
    derivation = topic.derive(network)
    if naming.turned:
        derivation = _without_matrices(derivation)
    if dirac:
        derivation = with_dirac_terms(network, derivation)
    if entries:
        from derive.deriving.entries import written_out

        derivation = written_out(derivation)
    return derivation


def _laid_out(
    network: Model,
    derivation: Derivation,
    proved: Sequence[bool],
    topic: Topic,
    naming: BookNaming,
    order: int,
    figures: bool,
) -> Document:
    """The document but for its proofs, with numbers at the point where there are layers."""
    name = network.name + topic.suffix
    worked = worked_numbers if order == 1 else worked_curvature
    numbers = worked(network) if isinstance(network, Network) else ()
    values = at_the_point(network, order) if isinstance(network, Network) else {}
    drawings = illustrations(network, order, name) if figures else {}
    return without_proofs(
        network, derivation, proved, topic.words, name, naming, numbers, drawings, values
    )


def _unproved(verdicts: Sequence[Marks]) -> tuple[tuple[int, str], ...]:
    return tuple(
        (number, verdict.proof.remark or verdict.proof.status.value)
        for number, verdict in enumerate(verdicts, start=1)
        if not verdict.proved
    )


def _check_options(order: int, templates: Path | None, language: str) -> None:
    if order not in (1, 2):
        raise DeriveError(f"order is 1 (gradient) or 2 (Hessian), not {quoted(order)}")
    if templates is not None:
        instance_of(Path, templates, "templates")
    template_environment(templates, language)  # refuses what is no language


def _check_dirac(order: int, naming: BookNaming) -> None:
    if naming.book != "derive":
        raise DeriveError(f"--dirac is written in derive's own notation, not in {naming.book}'s")
    if order != 2:
        raise DeriveError("--dirac adds terms to second derivatives, so it needs --order 2")


def _known_dialects(dialects: Sequence[str]) -> Sequence[str]:
    for name in (chosen := several(dialects, "dialects")):
        if name not in (known := (*DIALECTS, *COMPILED, "json")):
            raise DeriveError(f"dialects are of {', '.join(known)}, and {quoted(name)} is none")
    return chosen


def _topic(network: Model, order: int, thorough: bool) -> Topic:
    """What is derived of a model.

    Raises:
        DeriveError: for what is derived of stacks of layers alone.
    """
    if isinstance(network, Network):
        return TOPICS[order]
    if thorough:
        raise DeriveError("models from definitions are confirmed by proofs alone")
    return OF_DEFINITIONS[order]


def _has_own_e(model: Model) -> bool:
    """Whether a size, a tensor or an index of a model is called e."""
    heads = (*model.given, *model.defined)
    names = {str(kind) for kind, _ in heads} | {*model.latex.values()}
    sizes = (model.width(axis) for axis in model.all_axes)
    defined = model.definitions if isinstance(model, DefinedModel) else ()
    letters = index_symbols(Tuple(*(one.right for one in defined)))
    return "e" in {*names, *map(str, sizes), *map(str, letters)}


def naming_for(network: Model, notation: str | None = None) -> BookNaming:
    """The names of documents about a model: of its [symbols], in its notation or in another.

    Raises:
        DeriveError: for a notation that is none.
    """
    if not isinstance(network, Network):
        if notation is not None:
            raise DeriveError("--notation is for stacks of layers; a model has names of its own")
        return TensorNaming(latex=network.latex, e_is_taken=_has_own_e(network))
    book = network.notation if notation is None else notation
    if book not in NOTATIONS:
        raise DeriveError(
            f"a notation is one of {', '.join(NOTATIONS)}, and {quoted(book)} is none"
        )
    return BookNaming(book, network.symbols)


def _without_matrices(derivation: Derivation) -> Derivation:
    """What is left where W is the transpose of ours: equations between matrices are not turned.

    An empty group, for words that say so, stands for the first that is left out.
    """
    groups: list[Group] = []
    for group in derivation.groups:
        if not any(line.matrices for line in group.steps):
            groups.append(group)
        elif all(one.title != _LEFT_OUT for one in groups):
            groups.append(Group(_LEFT_OUT, group.network, ()))
    return Derivation(tuple(groups))


def shown(network: Model, quantity: str, language: str, notation: str | None = None) -> str:
    """How one quantity, or part of the Hessian, is derived: text, LaTeX or Python.

    `notation` is that of LaTeX, if not the one that the network names.

    Raises:
        DeriveError: when the derivation has no such quantity, or the notation cannot write it.
    """
    chains = _chains(network, quantity)
    if notation is not None and language != "latex":
        raise DeriveError("--notation is for --as latex; text is in the ASCII notation")
    if language == "latex":
        naming = naming_for(network, notation)
        if naming.turned and any(line.matrices for chain in chains for line in chain):
            raise DeriveError(
                f"{quantity} is an equation between matrices, which are written in derive's own "
                "notation only; add --notation derive"
            )
        writer = LatexWriter(naming)
        return "\n".join(_as_latex(chain, writer) for chain in chains)
    if language == "python":
        from sympy import srepr

        return "\n".join(srepr(chain[-1].rhs) for chain in chains)
    declared = own_tensors(network.symbols, network)
    names = {ours: name for ours, name in declared.items() if name.isidentifier()}
    return "\n".join(_as_text(chain, network.step_at_zero, names) for chain in chains)


def _chains(network: Model, quantity: str) -> tuple[tuple[Line, ...], ...]:
    """What derives a quantity of first or second order, or a part of the Hessian by name.

    What is nowhere is reported as missing from the first order, whose names are the ones
    that people look for.
    """
    from derive.deriving.hessian_parts import HESSIAN_PARTS, hessian_part

    if not isinstance(network, Network):
        return (_model_chain(network, quantity),)
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


def _model_chain(model: Model, quantity: str) -> tuple[Line, ...]:
    """What derives dC/dq, R(q), R(dC/dq), d2C/dpdq or, of any two quantities, dq/dv."""
    from derive.deriving.model_curvature import jacobian_named

    if quantity.startswith(("R(", "d2")):
        return model_curvature(model)[quantity]
    first = model_gradient(model)
    return (quantity not in first and jacobian_named(model, quantity)) or first[quantity]


def _as_latex(chain: Sequence[Line], writer: LatexWriter) -> str:
    sides = (chain[0].printed_left, *(step.printed_right for step in chain))
    left, *right = map(writer.text, sides)
    rows = " \\\\\n".join(f"  &= {side}" for side in right)
    return f"\\begin{{aligned}}\n{left}\n{rows}\n\\end{{aligned}}"


def _as_text(chain: Sequence[Line], at_zero: Expr, names: Mapping[str, str]) -> str:
    start = ascii_text(chain[0].lhs, at_zero, names)
    right = [ascii_text(step.rhs, at_zero, names) for step in chain]
    room = max(map(len, right))
    lines = [
        f"{start if n == 0 else '':<{len(start)}} = {text:<{room}}   {step.rule}"
        for n, (step, text) in enumerate(zip(chain, right, strict=True))
    ]
    return "\n".join(line.rstrip() for line in lines)
