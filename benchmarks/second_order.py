"""The Hessian: its size beside what SymPy writes, and its growth with depth and width."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from benchmarks.chart import line_chart
from benchmarks.timing import in_fresh_processes
from benchmarks.write_hessian import NETWORK

FOLDER = Path(__file__).parent
DEPTHS = (2, 4, 6, 8, 10)
WIDTHS = (2, 8, 64, 1024)

Table = Iterator[str]


def beside_sympy() -> Table:
    program = _written("program")
    derivation = _written("derivation")
    size, time = int(program["operations"]), program["seconds"]
    yield f"\n## The Hessian of {NETWORK}: 55 entries, beside SymPy's `hessian` of the cost\n"
    yield "`count_ops` of all definitions, each counted once, C and the gradient included;"
    yield "processor time with SymPy loaded and its caches empty, median of five processes.\n"
    yield "| shared definitions | operations | seconds |"
    yield "| --- | ---: | ---: |"
    yield f"| `hessian_program` | {size} | {time:.4f} |"
    yield (
        "| the equations of `second_order`, written out for all units "
        f"| {derivation['operations']} | {derivation['seconds']:.4f} |"
    )
    cold = _written("program", "cold")["seconds"]
    yield (
        f"\nIn a process that has not added or differentiated anything before, {cold:.3f} seconds:"
    )
    yield "SymPy then loads parts of itself."
    yield "\n`hessian` of the cost in the parameters, with ReLU as one of SymPy's functions; in"
    yield "brackets how many times as much as `hessian_program`:\n"
    yield "| ReLU, cost | operations | of them on and above the diagonal | seconds |"
    yield "| --- | ---: | ---: | ---: |"
    found = {
        name: _written(way)
        for way, name in (
            ("max", "Max"),
            ("max-expanded", "Max, multiplied out"),
            ("piecewise", "Piecewise"),
            ("piecewise-expanded", "Piecewise, multiplied out"),
        )
    }
    for name, numbers in found.items():
        cells = (
            f"{numbers[key]:.0f} ({numbers[key] / size:.0f})" for key in ("operations", "triangle")
        )
        ratio = numbers["seconds"] / time
        yield f"| {name} | {' | '.join(cells)} | {numbers['seconds']:.2f} ({ratio:.0f}) |"
    yield "\nThe same with SymPy's `cse` after it, which finds shared parts again:\n"
    yield "| ReLU, cost | operations | seconds, both |"
    yield "| --- | ---: | ---: |"
    for name, numbers in found.items():
        shared, both = numbers["shared"], numbers["shared_seconds"]
        yield (f"| {name} | {shared:.0f} ({shared / size:.1f}) | {both:.2f} ({both / time:.0f}) |")


def _written(*arguments: str) -> dict[str, float]:
    return in_fresh_processes("benchmarks.write_hessian", *arguments, runs=5)


def growth_with_depth() -> Table:
    yield "\n## All Hessian blocks, symbolic widths: equations grow with the square of the depth\n"
    yield "Index form, n_0-n_1-...; processor time, every run in a fresh process.  `second_order`"
    yield "derives the blocks, their Gauss-Newton and residual parts, and products with vectors.\n"
    yield "![seconds over depth](growth-depth.svg)\n"
    yield "| layers | equations | deriving, s | proving all, s | proving the blocks alone, s |"
    yield "| ---: | ---: | ---: | ---: | ---: |"
    found = [_derived("-".join(f"n_{k}" for k in range(depth + 1))) for depth in DEPTHS]
    for depth, numbers in zip(DEPTHS, found, strict=True):
        yield f"| {depth} | {_row(numbers)} |"
    places = [
        f"{depth}/{numbers['equations']:.0f}" for depth, numbers in zip(DEPTHS, found, strict=True)
    ]
    _draw(
        "growth-depth.svg",
        "Hessian, symbolic widths: seconds",
        places,
        found,
        "layers; below, equations",
    )


def growth_with_width() -> Table:
    yield "\n## All Hessian blocks of three ReLU layers, numeric widths: width does not matter\n"
    yield "![seconds over width](growth-width.svg)\n"
    yield "| width | equations | deriving, s | proving all, s | proving the blocks alone, s |"
    yield "| ---: | ---: | ---: | ---: | ---: |"
    found = [_derived("-".join([str(width)] * 4)) for width in WIDTHS]
    for width, numbers in zip(WIDTHS, found, strict=True):
        yield f"| {width} | {_row(numbers)} |"
    _draw(
        "growth-width.svg",
        "Hessian, three layers in index form: seconds",
        [str(width) for width in WIDTHS],
        found,
        "units in each layer",
    )


def _derived(shape: str) -> dict[str, float]:
    return in_fresh_processes("benchmarks.derive_hessian", shape)


def _row(numbers: dict[str, float]) -> str:
    times = (numbers[key] for key in ("deriving", "proving", "proving_blocks"))
    return " | ".join([f"{numbers['equations']:.0f}", *(f"{time:.2f}" for time in times)])


def _draw(
    file: str, title: str, places: list[str], found: list[dict[str, float]], below: str
) -> None:
    keys = {"proving all": "proving", "proving blocks": "proving_blocks", "deriving": "deriving"}
    series = {name: [numbers[key] for numbers in found] for name, key in keys.items()}
    (FOLDER / file).write_text(line_chart(title, places, series, below), encoding="utf-8")
