"""Programs that derive wrote, run on numbers, and the exact values that they are held to."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import numpy as np
from sympy import Rational

from derive.evaluating.evaluate import evaluate
from derive.kernels.modules import code


@lru_cache(maxsize=64)
def program(model: Any, order: int = 2, target: str = "numpy") -> dict[str, Any]:
    """The names that a program defines."""
    names: dict[str, Any] = {}
    exec(compile(code(model, target, order), f"<{model}>", "exec"), names)
    return names


def arrays(network: Any, point: Mapping[str, Any], dtype: Any = np.float64) -> list[np.ndarray]:
    """x, y and the parameters of a point, in the shapes of the mathematics."""
    rows = point.get("samples", (point,))
    widths = [int(network.width(n)) for n in network.layer_numbers]
    found = [
        np.array([floats(row["x"]) for row in rows], dtype).reshape(len(rows), widths[0]),
        np.array([floats(row["y"]) for row in rows], dtype).reshape(len(rows), widths[-1]),
    ]
    for kind, source in network.parameter_groups:
        shape = (widths[int(source)], widths[int(source) + 1])
        shape = shape if kind == "W" else shape[1:]
        found.append(np.array(floats(point[f"{kind}{source}"]), dtype).reshape(shape))
    return found


def array_of(target: str) -> Any:
    """What makes an array of a library of one of NumPy."""
    if target == "torch":
        import torch

        return torch.tensor
    return np.asarray


def floats(value: Any) -> list[float]:
    """All numbers of nested lists."""
    if isinstance(value, list | tuple):
        return [number for part in value for number in floats(part)]
    return [float(Rational(value) if isinstance(value, str) else value)]


def directions(parameters: list[np.ndarray]) -> list[np.ndarray]:
    """How parameters move: whole numbers, so that exact products can be compared."""
    source = np.random.default_rng(0)
    return [source.integers(-3, 4, size=one.shape).astype(float) for one in parameters]


def flat(results: Any) -> np.ndarray:
    """Arrays, as one list of numbers."""
    results = results if isinstance(results, tuple | list) else (results,)
    return np.concatenate([np.ravel(one) for one in results])


def compared(
    network: Any,
    point: Mapping[str, Any],
    exact: Any = None,
    target: str = "numpy",
    **symbols: Any,
) -> float:
    """The largest difference of a program from exact values, beside the size of these.

    `exact` is the network with numbers for its symbols, whose values are `symbols`.
    """
    given, functions = arrays(network, point), program(network, 2, target)
    parameters = given[2:]
    moves = directions(parameters)
    values = evaluate(exact or network, point, order=2)
    gradient = np.array(floats(values.gradient))
    squares = (values.hessian, values.gauss_newton)
    hessian, curved = (np.array([floats(row) for row in of]) for of in squares)

    array = array_of(target)

    def run(name: str, *more: Any) -> Any:
        return functions[name](*map(array, given), *map(array, more), **symbols)

    C, *slopes = run("cost_and_gradient")
    pairs = [
        (run("cost"), float(values.C)),
        (C, float(values.C)),
        (flat(slopes), gradient),
        (flat(run("hessian_vector_product", *moves)), hessian @ flat(moves)),
        (flat(run("gauss_newton_product", *moves)), curved @ flat(moves)),
        (flat(run("hessian_diagonal")), np.diag(hessian)),
        (run("hessian"), hessian),
    ]
    return max(relative(one, other) for one, other in pairs)


def relative(found: Any, expected: Any) -> float:
    """max |a - b| / (1 + max |b|); of what is no number infinite."""
    found, expected = np.asarray(found), np.asarray(expected)
    assert found.shape == expected.shape
    if not np.isfinite(found).all():
        return np.inf
    difference = np.abs(found - expected).max(initial=0)
    return float(difference / (1 + np.abs(expected).max(initial=0)))
