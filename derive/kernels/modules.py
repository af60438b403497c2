"""Programs as text: the routines of a kernel in a language, through its template."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from derive.documents.templating.environment import template_environment
from derive.errors import DeriveError
from derive.kernels.arrays import ArrayWriter
from derive.kernels.assignments import Kernel, Name
from derive.kernels.dialects import ARRAY_DIALECTS
from derive.kernels.naming import Identifiers
from derive.kernels.routines import Computation, Routine, blocks, routines
from derive.kernels.sources import kernel
from derive.kernels.stable import stable
from derive.model.model import Model, Source
from derive.notation.ascii.printing import ascii_text

#: In the order in which messages list them.
TARGETS = (*ARRAY_DIALECTS,)
_WIDTH = 96


@dataclass(frozen=True)
class WrittenLine:
    """A line of a program: its comment, in lines, and its text, in lines."""

    comment: tuple[str, ...]
    code: tuple[str, ...]


@dataclass(frozen=True)
class WrittenRoutine:
    """A function of a program as texts.

    `symbols` says whether it takes hyperparameters; `places` are the row and the column of each
    block of the Hessian, among `parameters`.
    """

    kind: str
    arguments: str
    steps: tuple[WrittenLine, ...]
    results: tuple[str, ...]
    assuming: tuple[str, ...]
    symbols: bool
    places: tuple[tuple[int, int], ...]
    parameters: tuple[str, ...]


def code(
    model: Model | Source,
    target: str = "numpy",
    order: int = 1,
    product: bool = False,
    templates: Path | None = None,
) -> str:
    """A program that computes a model's cost and derivatives, from its derivation.

    Args:
        model: a network or a model from definitions, or its name.
        target: the language, one of `TARGETS`.
        order: 0 for the cost, 1 for the gradient too, 2 for the Hessian and its products too.
        product: with order 2, leave out matrices of second derivatives.
        templates: a folder with templates that come before the packaged ones.

    Raises:
        DeriveError: when the target or the order is none, or the model has no cost.
    """
    if target not in TARGETS:
        raise DeriveError(f"a target is one of {', '.join(TARGETS)}, not {target!r}")
    if order not in (0, 1, 2):
        raise DeriveError(f"order is 0 (cost), 1 (gradient) or 2 (Hessian), not {order!r}")
    made = kernel(model, max(order, 1))
    functions = tuple(_written(made, one, target) for one in routines(made, order, product))
    text = "".join("\n".join(step.code) for one in functions for step in one.steps)
    kinds = {one.kind for one in functions}
    names, moving = Identifiers(made), {*made.differentiated}
    return (
        template_environment(templates)
        .get_template(f"kernels/{target}.jinja")
        .render(
            name=_in_a_docstring(made.source.name),
            order=made.order,
            per_sample=made.per_sample,
            reduction=getattr(made.model, "reduction", "sum"),
            functions=functions,
            uses={name: f"{name}(" in text for name in ("erf", "softmax", "log_sum_exp", "step")},
            gradient="cost_and_gradient" in kinds and not any(one.symbols for one in functions),
            product="hessian_vector_product" in kinds,
            has_hessian="hessian" in kinds,
            given=[names.of(one) for one in made.given],
            moving=[names.of(one) for one in made.differentiated],
            fixed=[names.of(one) for one in made.given if one not in moving],
            moves=[one in moving for one in made.given],
        )
    )


def _in_a_docstring(name: str) -> str:
    """A name of a user's without what would end a text or a line of a program."""
    return "".join(c if c.isalnum() or c in " -_.,()" else "_" for c in name)


def _written(made: Kernel, routine: Routine, target: str) -> WrittenRoutine:
    names = Identifiers(made)
    writer = ArrayWriter(made, ARRAY_DIALECTS[target], names)
    arguments = [names.of(one) for one in (*routine.given, *routine.along)]
    if routine.symbols:
        arguments += ["*", *(symbol.name.replace("h_0", "h0") for symbol in routine.symbols)]
    return WrittenRoutine(
        routine.kind,
        ", ".join(arguments),
        tuple(_step(made, writer, one) for one in routine.steps),
        tuple(_identifier(names, one) for one in routine.results),
        routine.assuming,
        bool(routine.symbols),
        tuple((row, column) for row, column, _ in blocks(made)),
        tuple(map(names.of, made.parameters)),
    )


def _step(made: Kernel, writer: ArrayWriter, step: Computation) -> WrittenLine:
    formula = stable(made.model, step.formula)
    text = writer.assigned(step.left, formula)
    numbers = ", ".join(
        f"({first})" if first == last else f"({first})-({last})" for first, last in step.equations
    )
    said = f"{numbers} {step.said} = {ascii_text(step.formula, made.model.step_at_zero)}".strip()
    comment = textwrap.wrap(said, _WIDTH - 2, subsequent_indent="    ", break_long_words=False)
    return WrittenLine(tuple(comment), tuple(_broken(_identifier(writer.names, step.target), text)))


def _identifier(names: Identifiers, target: Name | str) -> str:
    return target if isinstance(target, str) else names.of(target)


def _broken(name: str, text: str) -> Iterator[str]:
    """name = text, on several lines where it is long: each term of a sum on its own."""
    if len(name) + len(text) + 3 <= _WIDTH:
        yield f"{name} = {text}"
        return
    yield f"{name} = ("
    for term in _terms(text):
        yield f"    {term}"
    yield ")"


def _terms(text: str) -> Sequence[str]:
    """A sum cut before its signs, where no bracket is open."""
    parts, depth, start = [], 0, 0
    for place, character in enumerate(text):
        depth += (character in "([") - (character in ")]")
        if depth == 0 and place > start and text[place : place + 3] in (" + ", " - "):
            parts.append(text[start:place].strip())
            start = place + 1
    return [*parts, text[start:].strip()]
