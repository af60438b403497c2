"""Deriving all Hessian blocks beside tensorgrad and SymPy, over depth and over width.

`python -m benchmarks.derivations WAY SHAPE` prints JSON: processor seconds to derive the gradient
by each parameter and each block of the Hessian on and above the diagonal, ReLU on every layer.
`derive` and tensorgrad write tensors of any size; SymPy writes every entry out.  Nothing but
`proofs` proves anything.
"""

from __future__ import annotations

import json
import resource
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import combinations_with_replacement
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from sympy import hessian
from sympy.core.cache import clear_cache

from benchmarks.chart import line_chart
from benchmarks.installed import is_installed, left_out, peer
from benchmarks.peers import cost_by_entries
from derive import Derivation, read_network, second_order, verify
from tests.definitions import FOR_THE_BLOCKS

FOLDER = Path(__file__).parent
#: Processor seconds: what takes longer is stopped, and what is larger is not tried.
LIMIT = 10
#: What takes longer than this is run once, and else three times.
LONG = 1
DEPTHS = (1, 2, 3, 4, 6, 8)
WIDTHS = (1, 2, 3, 4, 8, 64)


def by_derive(shape: str) -> object:
    return second_order(read_network(shape))


def with_proofs(shape: str) -> None:
    groups = second_order(read_network(shape)).groups
    needed = Derivation(tuple(group for group in groups if group.title in FOR_THE_BLOCKS))
    assert all(verdict.proved for verdict in verify(needed))


def by_tensorgrad(shape: str) -> object:
    tensorgrad, functions = peer("tensorgrad"), peer("tensorgrad.functions")
    depth = shape.count("-")
    sizes = tensorgrad.symbols(" ".join(f"n{k}" for k in range(depth + 1)))
    r = tensorgrad.Variable("x", n0=sizes[0])
    weights: list[Any] = []
    for k in range(depth):
        axes = {f"n{n}": sizes[n] for n in (k, k + 1)}
        weights.append(tensorgrad.Variable(f"W{k}", **axes))
        r = functions.relu(weights[-1] @ r)
    y = tensorgrad.Variable("y", **{f"n{depth}": sizes[depth]})
    C = functions.frobenius2(r - y) / 2
    slopes = [tensorgrad.Derivative(C, one).full_simplify() for one in weights]
    pairs = combinations_with_replacement(range(depth), 2)
    return [tensorgrad.Derivative(slopes[a], weights[b]).full_simplify() for a, b in pairs]


def by_sympy(shape: str) -> object:
    return hessian(*cost_by_entries(shape))


WAYS: dict[str, Callable[[str], object]] = {
    "derive": by_derive,
    "derive, proofs": with_proofs,
    "tensorgrad": by_tensorgrad,
    "SymPy": by_sympy,
}


def main(way: str, shape: str) -> None:
    """Print the numbers of one way; a small network comes before, to load what it needs."""
    WAYS[way]("1-1")
    clear_cache()
    most = LIMIT + int(process_time()) + 1
    resource.setrlimit(resource.RLIMIT_CPU, (most, most + 1))
    start = process_time()
    WAYS[way](shape)
    print(json.dumps(process_time() - start))


def table() -> Iterator[str]:
    """Seconds over depth and over width, and the figures."""
    yield "\n## Deriving all Hessian blocks, beside tensorgrad and SymPy\n"
    yield "The gradient and all blocks on and above the diagonal of ReLU networks, processor"
    yield f"seconds in fresh processes, medians of three, or one run of more than {LONG} s;"
    yield f"after {LIMIT} seconds it is stopped, and what is larger is not tried."
    yield "`derive` and tensorgrad take any width; SymPy writes out every entry. Only `derive`"
    yield "proves what it wrote: its proofs of the blocks are in the second row.\n"
    yield from left_out("tensorgrad")
    yield "Over depth, all layers two wide for SymPy and of any width for the others:\n"
    yield "![seconds over depth](derivations-depth.svg)\n"
    shapes = {
        str(depth): ("-".join(f"n_{k}" for k in range(depth + 1)), "-".join(["2"] * (depth + 1)))
        for depth in DEPTHS
    }
    yield from _rows("layers", "derivations-depth.svg", shapes)
    yield "\nOver width, two layers:\n"
    yield "![seconds over width](derivations-width.svg)\n"
    widths = {str(n): (f"{n}-{n}-{n}", f"{n}-{n}-{n}") for n in WIDTHS}
    yield from _rows("units in each layer", "derivations-width.svg", widths)


def _rows(below: str, file: str, shapes: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    ways = [way for way in WAYS if way != "tensorgrad" or is_installed(way)]
    found = {way: _times(way, [pair[way == "SymPy"] for pair in shapes.values()]) for way in ways}
    yield f"| {below} | {' | '.join(shapes)} |"
    yield "| --- |" + " ---: |" * len(shapes)
    for way, times in found.items():
        later = ["-"] * len(shapes)
        cells = [*(f"{time:.2f}" for time in times), f"> {LIMIT}", *later][: len(shapes)]
        yield f"| {way} | {' | '.join(cells)} |"
    drawn = {way: times for way, times in found.items() if times}
    chart = line_chart(f"All Hessian blocks: seconds over {below}", [*shapes], drawn, below)
    (FOLDER / file).write_text(chart, encoding="utf-8")


def _times(way: str, shapes: Sequence[str]) -> list[float]:
    """The times of growing networks, as far as they stay below the limit."""
    found: list[float] = []
    for shape in shapes:
        times: list[float] = []
        while len(times) < 3 and (not times or times[0] < LONG):
            time = _time(way, shape)
            if time is None:
                return found
            times.append(time)
        found.append(median(times))
    return found


def _time(way: str, shape: str) -> float | None:
    """The seconds of one run; none where it was stopped."""
    command = [sys.executable, "-m", "benchmarks.derivations", way, shape]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        return None
    done.check_returncode()
    return json.loads(done.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
