"""Loops and products of matrices as lines of C."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from derive.kernels.c.expressions import ExpressionWriter, Letters
from derive.kernels.c.loops import Loop, MatrixProduct, Statement


def lines_of(writer: ExpressionWriter, statements: Iterable[Statement]) -> Iterator[str]:
    """The lines of statements, one after the other."""
    for one in statements:
        yield from _nest(writer, one) if isinstance(one, Loop) else _products(writer, one)


def heads(writer: ExpressionWriter, letters: Letters, indent: str = "") -> Iterator[str]:
    """The first lines of loops in each other, each further in than the one before."""
    for letter in letters:
        size, name = writer.size_of(letter), writer.letter(letter)
        yield f"{indent}for (size_t {name} = 0; {name} < {size}; {name}++)"
        indent += "    "


def _nest(writer: ExpressionWriter, loop: Loop) -> Iterator[str]:
    """Loops over all letters, around one line."""
    place = writer.place(loop.target, loop.units)
    if loop.starts:
        count = writer.count([writer.axes[letter] for letter in loop.letters])
        start = "0" if loop.how == "add" else "-(real)INFINITY"
        yield f"for (size_t entry = 0; entry < {count}; entry++)"
        yield f"    {loop.target}[entry] = {start};"
    outer, inner = loop.order[:-1], loop.order[-1:]
    yield from heads(writer, outer)
    indent = "    " * len(outer)
    if loop.scale:
        yield f"{indent[4:]}{{"
        yield f"{indent}const real scale = {loop.scale};"
        yield f"{indent}if (scale == 0)"
        yield f"{indent}    continue;"
    yield from heads(writer, inner, indent)
    indent += "    " * len(inner)
    if loop.how == "largest":
        yield f"{indent}{place} = {loop.value} > {place} ? {loop.value} : {place};"
        return
    scale = "scale * " if loop.scale else ""
    line = f"{place} {'+=' if loop.how == 'add' else '='} {scale}{loop.value};"
    yield from _where_shifted(loop, line, indent)
    if loop.scale:
        yield f"{indent[8:]}}}"


def _where_shifted(loop: Loop, line: str, indent: str) -> Iterator[str]:
    """A line with the letters that others say, where these count an entry."""
    if not loop.shifted:
        yield f"{indent}{line}"
        return
    yield f"{indent[4:]}{{"
    yield from (f"{indent}const size_t {name} = {of};" for name, of, _ in loop.shifted)
    inside = " && ".join(f"{name} < {size}" for name, _, size in loop.shifted)
    yield f"{indent}if ({inside})"
    yield f"{indent}    {line}"
    yield f"{indent[4:]}}}"


def _products(writer: ExpressionWriter, product: MatrixProduct) -> Iterator[str]:
    """Calls of the function that multiplies matrices."""
    yield from heads(writer, product.outside)
    arguments = (
        *product.sizes,
        *product.left,
        *product.right,
        *product.result,
        "0" if product.starts else "1",
    )
    yield f"{'    ' * len(product.outside)}multiply({', '.join(arguments)});"
