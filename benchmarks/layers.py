"""Backward passes of layers: printed programs beside automatic differentiation, on the same arrays.

What is timed is the cost with all derivatives of it: a forward and a backward pass.  One thread,
float64, processor time, medians of interleaved runs; results are compared to 1e-10, in buffers
that are filled with NaN before.  `tables` starts a process of its own, as in `benchmarks.kernels`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.installed import is_installed, left_out, peer
from benchmarks.kernels import ONE_THREAD, interleaved, library, same
from benchmarks.timing import printed_by
from derive import code

jax.config.update("jax_enable_x64", True)

#: Rows and columns of what a norm is given; tokens and features of an attention head.
NORM, HEAD = (512, 512), (256, 64)
Arrays = Mapping[str, np.ndarray]
Action = Callable[[], Any]


def tables() -> Iterator[str]:
    """The table, measured on one thread."""
    return printed_by("benchmarks.layers", ONE_THREAD)


def rms_norm(module: Any, x: Any, eps: Any, y: Any, g: Any) -> Any:
    s = module.sqrt((x**2).mean(1) + eps)
    return ((g * x / s[:, None] - y) ** 2).sum() / 2


def layer_norm(module: Any, x: Any, eps: Any, y: Any, g: Any, b: Any) -> Any:
    apart = x - x.mean(1)[:, None]
    s = module.sqrt((apart**2).mean(1) + eps)
    return ((g * apart / s[:, None] + b - y) ** 2).sum() / 2


def attention(module: Any, x: Any, y: Any, WQ: Any, WK: Any, WV: Any) -> Any:
    softmax = jax.nn.softmax if module is jnp else module.softmax
    P = softmax((x @ WQ) @ (x @ WK).T / WQ.shape[1] ** 0.5, -1)
    return ((P @ (x @ WV) - y) ** 2).sum() / 2


def fused(of: str, x: Any, y: Any, *rest: Any) -> Any:
    """The same through PyTorch's own kernels."""
    F = peer("torch.nn.functional")

    if of == "rms-norm":
        eps, g = rest
        return ((F.rms_norm(x, x.shape[1:], g, float(eps)) - y) ** 2).sum() / 2
    if of == "layer-norm":
        eps, g, b = rest
        return ((F.layer_norm(x, x.shape[1:], g, b, float(eps)) - y) ** 2).sum() / 2
    WQ, WK, WV = rest
    heads = (one[None, None] for one in (x @ WQ, x @ WK, x @ WV))
    return ((F.scaled_dot_product_attention(*heads)[0, 0] - y) ** 2).sum() / 2


def drawn(of: str) -> dict[str, np.ndarray]:
    """The arrays of a model, in the order of arguments of its programs."""
    draw = np.random.default_rng(0)
    rows, columns = HEAD if of == "attention-head" else NORM
    found: dict[str, np.ndarray] = {"x": draw.normal(size=(rows, columns))}
    if of != "attention-head":
        found["eps"] = np.array(1e-5)
    found["y"] = draw.normal(size=(rows, columns))
    if of == "attention-head":
        shape = (columns, columns)
        return found | {one: draw.normal(size=shape) / 8 for one in ("WQ", "WK", "WV")}
    vectors = ("g",) if of == "rms-norm" else ("g", "b")
    return found | {one: draw.normal(size=columns) for one in vectors}


MODELS = {"rms-norm": rms_norm, "layer-norm": layer_norm, "attention-head": attention}
MOVING = {
    "rms-norm": ("x", "g"),
    "layer-norm": ("x", "g", "b"),
    "attention-head": ("x", "WQ", "WK", "WV"),
}


def by_jax(of: str, arrays: Arrays) -> dict[str, Action]:
    """JAX's own derivatives, and the printed program, both jitted."""
    names = [*arrays]
    places = tuple(names.index(one) for one in MOVING[of])
    own = jax.jit(jax.value_and_grad(lambda *given: MODELS[of](jnp, *given), places))
    printed: dict[str, Any] = {}
    exec(code(of, "jax"), printed)
    ours = jax.jit(printed["cost_and_gradient"])
    given = [jnp.asarray(one) for one in arrays.values()]
    return {
        "JAX": lambda: jax.block_until_ready(own(*given)[1]),
        "printed for JAX": lambda: jax.block_until_ready(ours(*given)[1:]),
    }


def by_torch(of: str, arrays: Arrays) -> dict[str, Action]:
    """PyTorch's own derivatives, of the formulas and of its kernels, and the printed program."""
    torch = peer("torch")

    torch.set_num_threads(1)
    given = {name: torch.tensor(one) for name, one in arrays.items()}
    moving = [given[name].requires_grad_() for name in MOVING[of]]
    printed: dict[str, Any] = {}
    exec(code(of, "torch"), printed)
    order = ("x", "y", *(name for name in given if name not in "xy"))

    def differentiated(cost: Callable[[], Any]) -> Action:
        return lambda: torch.autograd.grad(cost(), moving)

    def plain() -> Any:
        with torch.no_grad():
            return printed["cost_and_gradient"](*given.values())[1:]

    return {
        "PyTorch": differentiated(lambda: MODELS[of](torch, *given.values())),
        "PyTorch's kernel": differentiated(lambda: fused(of, *(given[one] for one in order))),
        "printed for PyTorch": plain,
        "as autograd.Function": differentiated(lambda: printed["Cost"].apply(*given.values())),
    }


def by_numpy(of: str, arrays: Arrays) -> dict[str, Action]:
    printed: dict[str, Any] = {}
    exec(code(of, "numpy"), printed)
    return {"printed for NumPy": lambda: printed["cost_and_gradient"](*arrays.values())[1:]}


def by_c(of: str, arrays: Arrays) -> dict[str, Action]:
    """The program in C, with results in buffers of NaN."""
    import ctypes

    function = library(code(of, "c")).cost_and_gradient
    found = [np.full(1, np.nan), *(np.full_like(arrays[one], np.nan) for one in MOVING[of])]
    sizes = list(arrays["x"].shape)
    if of == "attention-head":  # T, d, k, m
        sizes += [one.shape[1] for one in (arrays["WQ"], arrays["WV"])]
    given: list[Any] = [
        ctypes.c_double(float(one)) if one.ndim == 0 else ctypes.c_void_p(one.ctypes.data)
        for one in arrays.values()
    ]
    results = [ctypes.c_void_p(one.ctypes.data) for one in found]
    arguments = [*map(ctypes.c_size_t, sizes), *given, *results]

    def action() -> Sequence[np.ndarray]:
        assert function(*arguments) == 0
        return found[1:]

    return {"printed in C": action}


def table(of: str) -> list[str]:
    """Each way with its time, and how many times as fast it is as each library's own."""
    arrays = drawn(of)
    actions = by_jax(of, arrays) | by_numpy(of, arrays) | by_c(of, arrays)
    if is_installed("torch"):
        actions |= by_torch(of, arrays)
    wanted = [np.asarray(one) for one in actions["JAX"]()]
    for action in actions.values():
        for one, other in zip(action(), wanted, strict=True):
            same(np.asarray(one), other)
    times = interleaved(actions)
    own = [name for name in ("JAX", "PyTorch", "PyTorch's kernel") if name in times]
    shape = " × ".join(map(str, arrays["x"].shape))
    lines = [f"\n{of}, x of {shape}:\n"]
    lines.append(f"| | ms | {' | '.join(f'× {name}' for name in own)} |")
    lines.append("| --- | ---: |" + " ---: |" * len(own))
    for name, time in times.items():
        ratios = " | ".join(f"{times[one] / time:.2f}" for one in own)
        lines.append(f"| {name} | {1e3 * time:.2f} | {ratios} |")
    return lines


def main() -> None:
    """Print the tables."""
    print("\n## The cost and its gradient, of layers, beside automatic differentiation\n")
    print("float64, one thread, medians of the processor time of interleaved runs; all agree to")
    print("1e-10. How many times as fast each is as `jax.jit(jax.value_and_grad)`, as autograd of")
    print("the formulas in PyTorch, and as autograd of PyTorch's own kernel for the layer.")
    for line in left_out("torch"):
        print(line)
    for of in MODELS:
        print("\n".join(table(of)), flush=True)


if __name__ == "__main__":
    main()
