"""The functions of a program in C: arguments, loops, and the numbers that its test compares."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sympy import Integer

from derive.algebra.quantities import Quantity
from derive.kernels.assignments import SAMPLE, Kernel
from derive.kernels.c.blocks import BlockWriter
from derive.kernels.c.expressions import argument_of
from derive.kernels.c.lines import lines_of
from derive.kernels.c.loops import LoopWriter
from derive.kernels.naming import C_WORDS, Identifiers
from derive.kernels.routines import Computation, Routine, blocks
from derive.kernels.vectors import ExactVector, rounded
from derive.notation.ascii.printing import ascii_text

_WIDTH = 92


@dataclass(frozen=True)
class WrittenFunction:
    """A function of a program in C, as texts.

    Attributes:
        kind: which of the functions it is.
        arguments: with their types.
        unused: the arguments that nothing is computed from.
        work: pointers into the memory of the function, with their sizes.
        lines: of its body.
        results: the names of what is returned, each an argument.
        rows: for the Hessian, how many rows it has.
        call: the names of the arguments without types.
        scalars: those of the arguments that are numbers.
        has_symbols: whether hyperparameters are among them.
        through: the call of the function that writes the results; without it this one does.
    """

    kind: str
    arguments: tuple[str, ...]
    unused: tuple[str, ...]
    work: tuple[tuple[str, str], ...]
    lines: tuple[str, ...]
    results: tuple[str, ...]
    rows: str
    call: tuple[str, ...]
    assuming: tuple[str, ...]
    scalars: tuple[str, ...]
    has_symbols: bool
    through: str = ""


@dataclass(frozen=True)
class WrittenColumns:
    """What functions of a program in C have that make a matrix of products with unit directions.

    Attributes:
        arguments: with their types, but for the results.
        rows: of the matrix.
        call: of the product, with the direction `along_` and the result `row_`.
        moving: what is differentiated by, each with the number of its entries, and what is added
            to the number of one to count it among all.
    """

    arguments: tuple[str, ...]
    rows: str
    call: str
    moving: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class FunctionWriter:
    """Writes the routines of a kernel in C."""

    kernel: Kernel

    @property
    def names(self) -> Identifiers:
        """What programs in C call tensors."""
        return Identifiers(self.kernel, C_WORDS)

    @property
    def sizes(self) -> dict[Any, str]:
        """The argument for the size of each axis that is no number."""
        writer = LoopWriter(self.kernel, self.names)
        model = self.kernel.model
        found = {SAMPLE: "samples"} if self.kernel.per_sample else {}
        axes = (axis for axis in model.all_axes if not isinstance(model.width(axis), Integer))
        return found | {axis: writer.argument(axis) for axis in axes}

    def written(self, routine: Routine) -> WrittenFunction:
        """A routine as a function of C."""
        writer = LoopWriter(self.kernel, self.names)
        results = [one if isinstance(one, str) else self.names.of(one) for one in routine.results]
        places = self._places(writer, results) if routine.kind == "hessian" else {}
        matrix = BlockWriter(writer)
        shapes: dict[str, list[Any]] = {}
        lines: list[str] = []
        for step in routine.steps:
            target = self._identifier(step)
            lines += _comment(step, self.kernel)
            if target in places:
                lines += matrix.written(step, *places[target])
            else:
                statements, letters = writer.assigned(target, step.left, step.formula)
                shapes[target] = [writer.axes[letter] for letter in letters]
                lines += lines_of(writer, statements)
        through = ""
        if routine.through is not None:
            passed = [*map(self.names.of, routine.given), *results]
            results = [f"Gv_{self.names.of(one)}" for one in self.kernel.differentiated]
            call = [*self.sizes.values(), *passed, *_symbols(routine.through), *results]
            through = f"{routine.through.kind}({', '.join(call)})"
            writer.named.update(call)
        arrays = {name: axes for name, axes in shapes.items() if name not in results}
        work = [(name, _size(writer, axes)) for name, axes in (arrays | writer.scratch).items()]
        work += matrix.work.items()
        given = [self._given(one) for one in routine.given]
        given += [(f"const real *{name}", name) for name in map(self.names.of, routine.along)]
        given += [(f"real {name}", name) for name in _symbols(routine)]
        outer = ["hessian_"] if places else results
        arguments = [(f"size_t {name}", name) for name in self.sizes.values()] + given
        rows = " + ".join(self._counts(writer)) if places else ""
        return WrittenFunction(
            routine.kind,
            (*(text for text, _ in arguments), *(f"real *{name}" for name in outer)),
            tuple(name for _, name in arguments if name not in writer.named),
            tuple(work),
            tuple(lines),
            tuple(outer),
            rows,
            (*(name for _, name in arguments), *outer),
            routine.assuming,
            tuple(name for text, name in given if text.startswith("real ")),
            bool(routine.symbols),
            through,
        )

    def columns(self, product: Routine) -> WrittenColumns:
        """What the matrix of products with unit directions is made of."""
        writer = LoopWriter(self.kernel, self.names)
        given = [self._given(one) for one in product.given]
        given += [(f"real {name}", name) for name in _symbols(product)]
        arguments = [*((f"size_t {name}", name) for name in self.sizes.values()), *given]
        moving = [self.names.of(one) for one in self.kernel.differentiated]
        axes = (list(self.kernel.model.axes(one)) for one in self.kernel.differentiated)
        counts = [_size(writer, one) for one in axes]
        starts = ["".join(f"{one} + " for one in counts[:place]) for place in range(len(counts))]
        arrays = [f"{start}{array}" for array in ("along_", "row_") for start in starts]
        call = ", ".join([*(name for _, name in arguments), *arrays])
        return WrittenColumns(
            tuple(text for text, _ in arguments),
            " + ".join(counts),
            f"{product.kind}({call})",
            tuple(zip(moving, counts, starts, strict=True)),
        )

    def _identifier(self, step: Computation) -> str:
        return step.target if isinstance(step.target, str) else self.names.of(step.target)

    def _given(self, one: Any) -> tuple[str, str]:
        name = self.names.of(one)
        is_number = not self.kernel.model.axes(one) and not self.kernel.varies(one)
        return (f"real {name}", name) if is_number else (f"const real *{name}", name)

    def _counts(self, writer: LoopWriter) -> list[str]:
        """How many entries each parameter has."""
        return [_size(writer, self.kernel.model.axes(one)) for one in self.kernel.parameters]

    def _places(self, writer: LoopWriter, results: list[str]) -> dict[str, tuple[str, str]]:
        """The first row and column of each block in the Hessian."""
        counts = self._counts(writer)
        firsts = [" + ".join(counts[:place]) or "0" for place in range(len(counts))]
        named = zip(blocks(self.kernel), results, strict=True)
        return {name: (firsts[row], firsts[column]) for (row, column, _), name in named}


def sizes_at(writer: FunctionWriter, vector: ExactVector) -> dict[str, int]:
    """The sizes that a test vector has, by the arguments for them."""
    found: dict[str, int] = {}
    kernel, known = writer.kernel, {**vector.given, **vector.values}
    defined = (Quantity(*head) for head in kernel.model.defined)
    for one in (*kernel.given, *defined):
        value: Any = known.get(ascii_text(one))
        slots = kernel.model.slots(one.kind, one.layer)
        for axis in [SAMPLE, *slots] if kernel.varies(one) else slots:
            if value is None:
                break
            if axis in writer.sizes:
                found.setdefault(writer.sizes[axis], len(value))
            value = value[0]
    return found


def numbers_of(writer: FunctionWriter, vector: ExactVector) -> dict[str, list[str]]:
    """Every number of a test vector as C writes it, by identifier."""
    return {
        writer.names.of_text(name): [repr(number) for number in _flat(of)]
        for name, of in rounded(vector).items()
    }


def _flat(value: Any) -> Iterator[float]:
    if isinstance(value, list | tuple):
        for part in value:
            yield from _flat(part)
    else:
        yield value


def _symbols(routine: Routine) -> list[str]:
    return [*map(argument_of, routine.symbols)]


def _size(writer: LoopWriter, axes: Sequence[Any]) -> str:
    return " * ".join(map(writer.size, axes)) or "1"


def _comment(step: Computation, kernel: Kernel) -> Iterator[str]:
    """The equation, with its numbers."""
    numbers = ", ".join(f"({a})" if a == b else f"({a})-({b})" for a, b in step.equations)
    right = ascii_text(step.formula, kernel.model.step_at_zero)
    said = f"{numbers} {step.said} = {right}".strip()
    lines = textwrap.wrap(said, _WIDTH, subsequent_indent="    ", break_long_words=False)
    yield from (f"// {line}" for line in lines)
