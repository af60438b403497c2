"""Programs as text: the routines of a kernel in a language, through its template."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sympy import Add, Expr, Symbol

from derive.algebra.functions import Step
from derive.algebra.quantities import Partial
from derive.documents.templating.environment import template_environment
from derive.errors import DeriveError
from derive.kernels.arrays import ArrayWriter
from derive.kernels.assignments import SAMPLE, Kernel, Name, variables_of
from derive.kernels.c.functions import FunctionWriter, WrittenFunction, numbers_of, sizes_at
from derive.kernels.deltas import Letters, along_deltas, diagonal_terms
from derive.kernels.dialects import ARRAY_DIALECTS
from derive.kernels.factoring import factored
from derive.kernels.naming import Identifiers
from derive.kernels.points import narrowed
from derive.kernels.routines import Computation, Routine, blocks, routines, shared_gates
from derive.kernels.sources import kernel
from derive.kernels.stable import stable
from derive.kernels.vectors import vectors
from derive.model.model import Model, Source
from derive.model.network import Network
from derive.notation.ascii.printing import ascii_text

#: In the order in which messages list them.
TARGETS = (*ARRAY_DIALECTS, "c")
#: What C calls each type of numbers.
_REALS = {"float32": "float", "float64": "double"}
DTYPES = tuple(_REALS)
_WIDTH = 96
#: The functions of C that programs define where they use them.
_HELPERS = (
    "relu",
    "leaky_relu",
    "step",
    "sigmoid",
    "softplus",
    "or_zero",
    "or_one",
    "multiply",
    "any",
)


@dataclass(frozen=True)
class WrittenLine:
    """A line of a program: its comment, in lines, and its text, in lines."""

    comment: tuple[str, ...]
    code: tuple[str, ...]


@dataclass(frozen=True)
class WrittenRoutine:
    """A function of a program as texts.

    `arrays` are the arguments without hyperparameters, which are `symbols`; `through` is the call
    that ends it, if one does; `places` are the row and the column of each block of the Hessian,
    among `parameters`.
    """

    kind: str
    arguments: str
    arrays: tuple[str, ...]
    steps: tuple[WrittenLine, ...]
    results: tuple[str, ...]
    assuming: tuple[str, ...]
    symbols: tuple[str, ...]
    places: tuple[tuple[int, int], ...]
    parameters: tuple[str, ...]
    through: str


def code(
    model: Model | Source,
    target: str = "numpy",
    order: int = 1,
    product: bool = False,
    templates: Path | None = None,
    dtype: str | None = None,
) -> str:
    """A program that computes a model's cost and derivatives, from its derivation.

    Args:
        model: a network or a model from definitions, or its name.
        target: the language, one of `TARGETS`.
        order: 0 for the cost, 1 for the gradient too, 2 for the Hessian and its products too.
        product: with order 2, leave out matrices of second derivatives.
        templates: a folder with templates that come before the packaged ones.
        dtype: what is computed in, one of `DTYPES`; without it the type of the arrays that a
            program is given, and in C float64.

    Raises:
        DeriveError: when the target, the order or the type is none, or the model has no cost.
    """
    if target not in TARGETS:
        raise DeriveError(f"a target is one of {', '.join(TARGETS)}, not {target!r}")
    if order not in (0, 1, 2):
        raise DeriveError(f"order is 0 (cost), 1 (gradient) or 2 (Hessian), not {order!r}")
    if dtype not in (None, *DTYPES):
        raise DeriveError(f"a dtype is one of {', '.join(DTYPES)}, not {dtype!r}")
    made = kernel(model, max(order, 1))
    if target == "c":
        return _in_c(made, order, product, templates, dtype or "float64")
    return _in_arrays(made, order, product, templates, target, dtype)


def _in_arrays(
    made: Kernel,
    order: int,
    product: bool,
    templates: Path | None,
    target: str,
    dtype: str | None,
) -> str:
    """The program in a library of arrays."""
    functions = tuple(_written(made, one, target) for one in routines(made, order, product))
    text = "".join("\n".join(step.code) for one in functions for step in one.steps)
    symbols = {one.kind: one.symbols for one in functions}
    names, moving = Identifiers(made), {*made.differentiated}
    has_columns = _has_columns(made, order, product)
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
            gradient="cost_and_gradient" in symbols and not any(symbols.values()),
            product="hessian_vector_product" in symbols,
            product_symbols=symbols.get("hessian_vector_product", ()),
            has_hessian="hessian" in symbols,
            given=[names.of(one) for one in made.given],
            moving=[names.of(one) for one in made.differentiated],
            fixed=[names.of(one) for one in made.given if one not in moving],
            moves=[one in moving for one in made.given],
            dtype=dtype,
            units=_units(target) if has_columns else "",
        )
    )


def _units(target: str) -> str:
    """The unit directions, as rows."""
    return ARRAY_DIALECTS[target].eye("sum(prod(one.shape) for one in moving)", "moving[0]")


def _has_columns(made: Kernel, order: int, product: bool) -> bool:
    """Whether matrices are made of products with unit directions: no derivation has them."""
    return order == 2 and not product and not made.per_sample and made.is_specified


def _in_c(made: Kernel, order: int, product: bool, templates: Path | None, dtype: str) -> str:
    """The program in C, with a test vector in its main function."""
    writer = FunctionWriter(made)
    chosen = [*routines(made, order, product)]
    functions = [writer.written(one) for one in chosen]
    columns = None
    if _has_columns(made, order, product):
        along = next(one for one in chosen if one.kind == "hessian_vector_product")
        columns = writer.columns(along)
    text = "".join(line for one in functions for line in one.lines)
    tests: list[FunctionTest] = []
    numbers: dict[str, list[str]] = {}
    sizes: dict[str, int] = {}
    if not any(one.has_symbols for one in functions):
        source = made.source
        (vector,) = vectors(narrowed(source) if isinstance(source, Network) else source)
        numbers, sizes = numbers_of(writer, vector), sizes_at(writer, vector)
        tests = [test for one in functions if (test := _test(one, numbers)) is not None]
    used = {name for test in tests for name in test.call}
    inside = {result.name for test in tests for result in test.results}
    given = {name: of for name, of in numbers.items() if name in used and name not in inside}
    return (
        template_environment(templates)
        .get_template("kernels/c.jinja")
        .render(
            name=_in_a_docstring(made.source.name),
            order=made.order,
            per_sample=made.per_sample,
            reduction=getattr(made.model, "reduction", "sum"),
            functions=functions,
            columns=columns,
            uses={name: f"{name}(" in text for name in _HELPERS},
            has_hessian=any(one.kind == "hessian" for one in functions),
            sizes={name: size for name, size in sizes.items() if name in used},
            given=given,
            scalars=[name for one in functions for name in one.scalars],
            tests=tests,
            real=_REALS[dtype],
        )
    )


@dataclass(frozen=True)
class ComparedResult:
    """What a function must give in a test, by name."""

    name: str
    numbers: list[str]


@dataclass(frozen=True)
class FunctionTest:
    """A call of a function in C, and what it must give."""

    kind: str
    call: tuple[str, ...]
    results: tuple[ComparedResult, ...]


def _test(function: WrittenFunction, numbers: Mapping[str, list[str]]) -> FunctionTest | None:
    """The test of a function, where a vector has all that it is given and gives."""
    found = {"hessian_": "H"} if function.kind == "hessian" else {}
    results = [(name, found.get(name, name)) for name in function.results]
    known = all(one in numbers for _, one in results)
    if not known or function.has_symbols or function.kind == "vector_jacobian_product":
        return None
    compared = tuple(ComparedResult(name, numbers[one]) for name, one in results)
    return FunctionTest(function.kind, function.call, compared)


def _in_a_docstring(name: str) -> str:
    """A name of a user's without what would end a text or a line of a program."""
    return "".join(c if c.isalnum() or c in " -_.,()" else "_" for c in name)


def _written(made: Kernel, routine: Routine, target: str) -> WrittenRoutine:
    names = Identifiers(made)
    gates = shared_gates(routine)
    writer = ArrayWriter(made, ARRAY_DIALECTS[target], names, gates)
    arrays = tuple(names.of(one) for one in (*routine.given, *routine.along))
    symbols = tuple(map(_called, routine.symbols))
    arguments = [*arrays, "*", *symbols] if symbols else [*arrays]
    through = ""
    if (other := routine.through) is not None:
        passed = [
            *map(names.of, other.given),
            *(_identifier(names, one) for one in routine.results),
        ]
        through = _call(other.kind, passed, map(_called, other.symbols))
    is_filled = routine.kind == "hessian" and writer.dialect.has_views
    places: dict[Name | str, tuple[int, int]] = {}
    if is_filled:
        places = {name: (row, column) for row, column, name in blocks(made)}
    return WrittenRoutine(
        routine.kind,
        ", ".join(arguments),
        arrays,
        (
            *_gates(writer, gates, {*made.given}),
            *(
                line
                for one in routine.steps
                for line in (
                    _step(writer, one, places.get(one.target)),
                    *_gates(writer, gates, {one.target}),
                )
            ),
        ),
        tuple(_identifier(names, one) for one in routine.results),
        routine.assuming,
        symbols,
        tuple((row, column) for row, column, _ in blocks(made)),
        tuple(map(names.of, made.parameters)),
        through,
    )


def _gates(
    writer: ArrayWriter, gates: Iterable[Expr], known: Collection[Name | str]
) -> Iterator[WrittenLine]:
    """A line for each Step(z) with a name, where z has just become known."""
    plain, model = replace(writer, gates=()), writer.kernel.model
    for gate in gates:
        name, at_zero = gate.args
        if name in known:
            entry, _ = model.general_entry(name.args[:2])
            text = plain.assigned(entry, Step(entry, at_zero))
            yield WrittenLine((), (f"{writer.names.gate(name)} = {text}",))


def _called(symbol: Symbol) -> str:
    return symbol.name.replace("h_0", "h0")


def _call(function: str, arguments: Sequence[str], symbols: Iterable[str]) -> str:
    """f(x, W, alpha=alpha)."""
    return f"{function}({', '.join([*arguments, *(f'{one}={one}' for one in symbols)])})"


def _step(writer: ArrayWriter, step: Computation, place: tuple[int, int] | None) -> WrittenLine:
    """A line; `place` is the row and the column of a block that is put into a matrix."""
    numbers = ", ".join(
        f"({first})" if first == last else f"({first})-({last})" for first, last in step.equations
    )
    right = ascii_text(step.formula, writer.kernel.model.step_at_zero)
    said = f"{numbers} {step.said} = {right}".strip()
    comment = textwrap.wrap(said, _WIDTH - 2, subsequent_indent="    ", break_long_words=False)
    name = _identifier(writer.names, step.target)
    lines = _lines(writer, name, step) if place is None else _block(writer, place, step)
    return WrittenLine(tuple(comment), tuple(lines))


def _lines(writer: ArrayWriter, name: str, step: Computation) -> Iterator[str]:
    """The array, and what is added along its diagonals where the library can do so."""
    formula = stable(writer.kernel.model, step.formula)
    yield from _array(writer, name, step.left, formula, writer.letters(step.left))


def _array(
    writer: ArrayWriter, name: str, left: Name, formula: Expr, letters: Letters
) -> Iterator[str]:
    """name = the formula at some letters, and its diagonals."""
    rest, diagonal = diagonal_terms(formula, letters)
    if not writer.dialect.has_views or rest == 0:
        rest, diagonal = formula, ()
    yield from _broken(f"{name} = ", writer.at_letters(left, rest, letters))
    for term in diagonal:
        view, text = writer.along_diagonal(name, left, term, letters)
        yield from _broken(f"{view} += ", text)


def _block(writer: ArrayWriter, place: tuple[int, int], step: Computation) -> Iterator[str]:
    """A block of the Hessian into its place: what all of its terms have times the rest, if any."""
    made, target = writer.kernel, f"blocks, {place}"
    formula = stable(made.model, step.formula)
    *_, first, second = variables_of(step.left)
    outer, rest = factored(formula, unit := second.indices[0])
    if outer == 1 or len(second.indices) < 2:
        name = _identifier(writer.names, step.target)
        yield from _lines(writer, name, step)
        yield f"put_array({target}, {name})"
        return
    left = writer.at_letters(Partial(made.model.C, second), outer, (SAMPLE, unit))
    if getattr(made.model, "reduction", "sum") == "mean":
        left = f"{left} / {writer.names.samples}"
    letters = (*first.indices, *second.indices[1:])
    plain, diagonal = diagonal_terms(rest, letters)
    by_row, factors = factored(plain, first.indices[0])
    beside = _beside(diagonal, letters)
    if by_row == 1 or len(first.indices) < 2 or beside is None:
        yield from _array(writer, "factors", step.left, rest, (SAMPLE, *letters))
        yield f"put({target}, {left}, factors)"
        return
    arguments = [target, writer.at_letters(step.left, by_row, (SAMPLE, first.indices[0])), left]
    parts = {"factors": (factors, letters[1:]), "diagonal": (beside, first.indices)}
    for name, (part, own) in parts.items():
        if name == "diagonal" and part == 0:
            continue
        text = writer.at_letters(step.left, part, (SAMPLE, *own))
        if not text.isidentifier():
            yield from _broken(f"{name} = ", text)
        arguments.append(text if text.isidentifier() else name)
    yield f"put_products({', '.join(arguments)})"


def _beside(diagonal: Iterable[Expr], letters: Letters) -> Expr | None:
    """g where terms are delta_im g_ij of the letters i, j and m; none where some are others."""
    found = [along_deltas(term, letters) for term in diagonal]
    kept = dict(zip(letters, (*letters[:-1], letters[0]), strict=True))
    return Add(*(value for value, _ in found)) if all(u == kept for _, u in found) else None


def _identifier(names: Identifiers, target: Name | str) -> str:
    return target if isinstance(target, str) else names.of(target)


def _broken(start: str, text: str) -> Iterator[str]:
    """name = text, on several lines where it is long: each term of a sum on its own."""
    if len(start) + len(text) <= _WIDTH:
        yield f"{start}{text}"
        return
    yield f"{start}("
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
