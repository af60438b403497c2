"""The Hessian of a network as a program without loops: by derive, SymPy, symengine and CasADi.

`python -m benchmarks.peers WAY SHAPE` prints JSON: operations and processor seconds of building
C, its gradient and its Hessian, each entry that differs once; a small one is built beforehand.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from itertools import pairwise
from time import process_time
from typing import Any

from sympy import Expr, Max, Symbol, cse, hessian
from sympy.core.cache import clear_cache

from benchmarks.installed import is_installed, left_out, peer
from benchmarks.timing import in_fresh_processes
from derive import hessian_program, read_network
from derive.algebra.quantities import Quantity
from tests.definitions import expanded_cost

SHAPES = ("2-2-2-1", "3-4-4-2")
#: For two widths more SymPy needs minutes, and gigabytes for `cse`.
SLOW = {("sympy", "3-4-4-2")}

Counted = tuple[int, float]


def by_derive(shape: str) -> Counted:
    start = process_time()
    program = hessian_program(read_network(shape))
    return program.operations, process_time() - start


def by_sympy(shape: str) -> Counted:
    cost, weights = cost_by_entries(shape)
    start = process_time()
    slopes = [cost.diff(one) for one in weights]
    matrix = hessian(cost, weights)
    named, rest = cse([cost, *slopes, *_triangle(matrix, len(weights))])
    time = process_time() - start
    return _operations((*(right for _, right in named), *rest)), time


def by_symengine(shape: str) -> Counted:
    symengine = peer("symengine")
    cost, weights = cost_by_entries(shape)
    own, by = symengine.sympify(cost), [symengine.sympify(one) for one in weights]
    start = process_time()
    slopes = [own.diff(one) for one in by]
    size = range(len(by))
    entries = [slopes[p].diff(by[q]) for p in size for q in size if p <= q]
    named, rest = symengine.cse([own, *slopes, *entries])
    time = process_time() - start
    return sum(map(symengine.count_ops, (*(right for _, right in named), *rest))), time


def by_casadi(shape: str) -> Counted:
    casadi = peer("casadi")
    widths = [int(one) for one in shape.split("-")]
    start = process_time()
    count = sum(a * b for a, b in pairwise(widths))
    flat = casadi.SX.sym("w", count)
    x, y = casadi.SX.sym("x", widths[0]), casadi.SX.sym("y", widths[-1])
    r, first = x, 0
    for a, b in pairwise(widths):
        weights = casadi.reshape(flat[first : first + a * b], a, b)
        r, first = casadi.fmax(weights.T @ r, 0), first + a * b
    C = casadi.sumsqr(r - y) / 2
    H, g = casadi.hessian(C, flat)
    function = casadi.Function("f", [flat, x, y], casadi.cse([C, g, casadi.triu(H)]))
    time = process_time() - start
    none = (casadi.OP_INPUT, casadi.OP_OUTPUT, casadi.OP_CONST)
    every = range(function.n_instructions())
    return sum(function.instruction_id(one) not in none for one in every), time


WAYS: dict[str, Callable[[str], Counted]] = {
    "derive": by_derive,
    "sympy": by_sympy,
    "symengine": by_symengine,
    "casadi": by_casadi,
}


def cost_by_entries(shape: str) -> tuple[Expr, list[Symbol]]:
    """The cost in the parameters, ReLU as a maximum."""
    network = read_network(shape)
    widths = {n: int(network.width(n)) for n in network.layer_numbers if network.has_index(n)}
    cost, parameters = expanded_cost(network, widths)
    plain = {q: Symbol(str(q), real=True) for q in cost.atoms(Quantity)}
    return cost.xreplace(plain).rewrite(Max), [plain[q] for q in parameters]


def _triangle(matrix: Any, count: int) -> list[Expr]:
    return [matrix[p, q] for p in range(count) for q in range(count) if p <= q]


def _operations(expressions: Iterable[Expr]) -> int:
    return sum(int(expression.count_ops()) for expression in expressions)


def table() -> Iterator[str]:
    """A row for each network, with what is installed."""
    ways = [name for name in WAYS if is_installed(name)]
    yield "\n## The Hessian as a program, beside SymPy, symengine and CasADi\n"
    yield "C, the gradient, and the Hessian on and above the diagonal, with shared parts found by"
    yield "`cse` of each: operations, and processor seconds to build them, medians of fresh"
    yield "processes. In brackets how many times as much as `hessian_program`. Counters differ a"
    yield "little: CasADi's counts instructions, the others SymPy's `count_ops`.\n"
    yield from left_out(*WAYS)
    yield f"| network | | {' | '.join(ways)} |"
    yield "| --- | --- |" + " ---: |" * len(ways)
    for shape in SHAPES:
        found = {
            way: in_fresh_processes("benchmarks.peers", way, shape)
            for way in ways
            if (way, shape) not in SLOW
        }
        for key, form in (("operations", "{:.0f}"), ("seconds", "{:.4f}")):
            base = found["derive"][key]
            cells = [
                f"{form.format(found[way][key])} ({found[way][key] / base:.2g})"
                if way in found
                else "not tried"
                for way in ways
            ]
            yield f"| {shape} | {key} | {' | '.join(cells)} |"


def main(way: str, shape: str) -> None:
    """Print the numbers of one way."""
    WAYS[way]("1-1-1")
    clear_cache()
    operations, seconds = WAYS[way](shape)
    print(json.dumps({"operations": operations, "seconds": seconds}))


if __name__ == "__main__":
    main(*sys.argv[1:])
