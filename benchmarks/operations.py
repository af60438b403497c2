"""How many operations programs have: the gradient beside the cost, for every built-in model.

Programs in NumPy are run on arrays that count what is done with them: one operation for each entry
of a sum, product, power or function entry by entry, and of a sum along an axis; two for each term
of a product of matrices or of a sum of Einstein's.  Those in C have loops and products of matrices,
whose sizes say how often each sign and each call in them is met.  Every axis whose size is a symbol
has `UNITS` entries, so that products of matrices outweigh the rest, as they do in use.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from inspect import signature
from math import prod
from typing import Any

import numpy as np

from derive import code, read_model, read_network
from derive.algebra.quantities import Quantity
from derive.files.built_in import builtin_models, builtin_names
from derive.kernels.assignments import Kernel
from derive.kernels.c.functions import FunctionWriter
from derive.kernels.c.loops import Loop, LoopWriter, Statement
from derive.kernels.naming import Identifiers
from derive.kernels.routines import Routine, routines
from derive.kernels.sources import kernel
from derive.model.instances import shifts_of
from derive.notation.ascii.printing import ascii_text

UNITS = 16
#: A gradient takes at most four times the operations of its function, five with the function:
#: Baur and Strassen 1983; Griewank and Walther 2008, section 4.6.
BOUND = 4


class Counting(np.ndarray):
    """An array that counts the operations in which it takes part."""

    total = 0

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        plain = [np.asarray(one) for one in inputs]
        found = getattr(ufunc, method)(*plain, **options)
        if ufunc is np.matmul:
            Counting.total += 2 * np.size(found) * plain[0].shape[-1]
        else:
            Counting.total += np.size(found) if method == "__call__" else plain[0].size
        return np.asarray(found).view(Counting)

    def __array_function__(self, function: Any, types: Any, inputs: Any, options: Any) -> Any:
        plain: list[Any] = [np.asarray(one) if isinstance(one, Counting) else one for one in inputs]
        found = function(*plain, **options)
        if function is np.einsum:
            Counting.total += _of_einsum(*plain)
        return np.asarray(found).view(Counting)


def _of_einsum(letters: str, *arrays: Any) -> int:
    """Of a sum of Einstein's: along axes, or, two arrays at a time, of products."""
    inputs, out = letters.split("->")
    if len(arrays) == 1:
        return arrays[0].size if len({*inputs}) > len({*out}) else 0
    sizes: dict[str, int] = {}
    for own, array in zip(inputs.split(","), arrays, strict=True):
        sizes |= dict(zip(own, array.shape, strict=True))
    assert len(arrays) == 2
    both = prod(sizes.values())
    return 2 * both if {*sizes} - {*out} else both


def gradient_and_cost(name: str) -> tuple[int, int]:
    """The operations of the gradient system, without the cost, and of the cost."""
    made = kernel(read_model(name), 1)
    program: dict[str, Any] = {}
    exec(code(made.source, "numpy"), program)
    given = _arrays(made)

    def counted(kind: str) -> int:
        function = program[kind]
        Counting.total = 0
        with np.errstate(all="ignore"):
            function(**{one: given.get(one, 0.5) for one in signature(function).parameters})
        return Counting.total

    if "cost" in program:
        cost = counted("cost")
        return counted("cost_and_gradient") - cost, cost
    return counted("gradient"), counted("outputs")


def _arrays(made: Kernel) -> dict[str, Any]:
    """Arrays for what is given, and for derivatives by an output, by identifier."""
    model, names = made.model, Identifiers(made)
    sizes = _sizes(made)
    draw = np.random.default_rng(0)
    found: dict[str, Any] = {}
    tensors = [*made.given, *(one.left for one in made.assignments.values())]
    for one in tensors:
        if isinstance(one, Quantity):
            shape = [sizes[axis] for axis in model.axes(one)]
            shape = [UNITS, *shape] if made.varies(one.at()) else shape
            array = draw.uniform(0.1, 0.9, shape).view(Counting)
            found[names.of(one.at())] = array
            found.setdefault(names.of_text(f"d{model.C.kind}/d{ascii_text(one.at())}"), array)
    return found


def _sizes(made: Kernel) -> dict[Any, int]:
    """How many entries each axis has."""
    model = made.model
    widths = {axis: model.width(axis) for axis in model.all_axes}
    sizes = {axis: int(of) if of.is_Integer else UNITS for axis, of in widths.items()}
    for axis, parts in shifts_of(model):
        sizes[axis] = sum(sizes[part] for part in parts) - len(parts) + 1
    return sizes


def gradient_and_cost_in_c(name: str) -> tuple[int, int]:
    """The same of the program in C."""
    made = kernel(read_model(name), 1)
    found = {one.kind: _of_routine(made, one) for one in routines(made, 1, product=False)}
    if "cost" in found:
        return found["cost_and_gradient"] - found["cost"], found["cost"]
    return found["gradient"], found["outputs"]


def _of_routine(made: Kernel, routine: Routine) -> int:
    """The operations of the statements of a function."""
    writer = LoopWriter(made, FunctionWriter(made).names)
    counts = {writer.size(axis): size for axis, size in _sizes(made).items()} | {"samples": UNITS}
    total = 0
    for step in routine.steps:
        statements, _ = writer.assigned(str(step.target), step.left, step.formula)
        total += sum(_of_statement(writer, one, counts) for one in statements)
    return total


def _of_statement(writer: LoopWriter, one: Statement, counts: Mapping[str, int]) -> int:
    def size(text: str) -> int:
        return prod(counts[part] if part in counts else int(part) for part in text.split(" * "))

    if not isinstance(one, Loop):
        outside = prod(size(writer.size_of(letter)) for letter in one.outside)
        return 2 * outside * prod(map(size, one.sizes))
    entries = prod(size(writer.size_of(letter)) for letter in one.order)
    found = entries * (_signs(one.value) + (one.how != "set"))
    if one.scale:
        found += entries + entries // size(writer.size_of(one.order[-1])) * _signs(one.scale)
    return found


def _signs(text: str) -> int:
    """How many operations an expression of C has, without those on indices."""
    while "[" in text:
        text = re.sub(r"\[[^][]*\]", "", text)
    text = re.sub(r"\b\d[\d.]*(e[+-]?\d+)?", "1", text)
    return len(re.findall(r"[-+*/?]|\b\w+\(", text))


def specified() -> list[str]:
    """The built-in models with something to differentiate."""
    networks = [name for name in builtin_names() if read_network(name).cost is not None]
    return [*networks, *builtin_models()]


def table() -> Iterator[str]:
    """A row for each built-in model."""
    yield "\n## Operations of the gradient beside those of the cost\n"
    yield "All operations that the program in NumPy does, counted as it runs, and those of the"
    yield f"loops and products of matrices in C, with {UNITS} units on every axis that is a symbol"
    yield f"and {UNITS} samples; the gradient without the cost, which it needs too. Baur and"
    yield f"Strassen: at most {BOUND} times as many.\n"
    yield "| model | cost | gradient | gradient / cost | cost in C | gradient | gradient / cost |"
    yield "| --- |" + " ---: |" * 6
    for name in specified():
        cells: list[str] = []
        for gradient, cost in (gradient_and_cost(name), gradient_and_cost_in_c(name)):
            cells += [f"{cost}", f"{gradient}", f"{gradient / cost:.2f}"]
        yield f"| {name} | {' | '.join(cells)} |"


if __name__ == "__main__":
    print("\n".join(table()))
