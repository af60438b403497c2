"""Write out the Hessian of 2-2-2-1 in one of several ways, and print its size and the time.

`python -m benchmarks.write_hessian max` prints JSON.  A small Hessian is taken beforehand, so
that SymPy is loaded, and its caches are emptied; the cost is made before the clock starts.
With `cold` as second argument nothing is taken beforehand.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Any

from sympy import Expr, Max, Piecewise, Symbol, cse, expand, hessian
from sympy.core.cache import clear_cache

from benchmarks.timing import first_time
from derive import Derivation, Network, hessian_program, read_network, second_order
from derive.algebra.quantities import Quantity
from tests.definitions import FOR_THE_BLOCKS, assignments, expanded_cost

NETWORK = "2-2-2-1"
#: Name -> what ReLU is written as, and whether the cost is multiplied out.
SYMPY = {
    "max": (Max, False),
    "max-expanded": (Max, True),
    "piecewise": (Piecewise, False),
    "piecewise-expanded": (Piecewise, True),
}


def main(way: str, start: str = "warm") -> None:
    network = read_network(NETWORK)
    if start == "warm":
        a = Symbol("a", real=True)
        hessian(a + Max(0, a) ** 2, [a])  # SymPy loads parts of itself when they are first used
    ways = {"program": _program, "derivation": _derivation}
    print(json.dumps(ways[way](network) if way in ways else _by_sympy(network, *SYMPY[way])))


def _program(network: Network) -> dict[str, Any]:
    program, time = _timed(lambda: hessian_program(network))
    return {"operations": program.operations, "seconds": time}


def _derivation(network: Network) -> dict[str, Any]:
    """The equations in index form, each written out for all units, symmetric pairs twice."""

    def written_out() -> list[tuple[Expr, Expr]]:
        groups = second_order(network).groups
        needed = tuple(group for group in groups if group.title in FOR_THE_BLOCKS)
        return list(assignments(Derivation(needed), _widths(network)))

    found, time = _timed(written_out)
    return {"operations": _operations(right for _, right in found), "seconds": time}


def _by_sympy(network: Network, form: type, expanded: bool) -> dict[str, Any]:
    cost, parameters = expanded_cost(network, _widths(network))
    plain = {q: Symbol(str(q), real=True) for q in cost.atoms(Quantity)}
    weights = [plain[q] for q in parameters]
    cost = cost.xreplace(plain).rewrite(form)
    if expanded:
        cost = expand(cost)
    matrix, time = _timed(lambda: hessian(cost, weights))
    size = range(len(weights))
    (named, entries), more = _timed(lambda: cse(list(matrix)))
    return {
        "operations": _operations(matrix),
        "triangle": _operations(matrix[p, q] for p in size for q in size if p <= q),
        "seconds": time,
        "shared": _operations([*(formula for _, formula in named), *entries]),
        "shared_seconds": time + more,
    }


def _widths(network: Network) -> dict[Expr, int]:
    return {n: int(network.width(n)) for n in network.layer_numbers if network.has_index(n)}


def _operations(expressions: Iterable[Expr]) -> int:
    return sum(int(expression.count_ops()) for expression in expressions)


def _timed(action: Any) -> tuple[Any, float]:
    """What an action returns, and its processor time with empty caches."""
    clear_cache()
    found: list[Any] = []
    time = first_time(lambda: found.append(action()))
    return found[0], time


if __name__ == "__main__":
    main(*sys.argv[1:])
