"""Printed programs beside JAX, jitted, and torch.func, on the same arrays: one thread, float64.

Processor time of interleaved runs, so that what else the machine does matters little.  `tables`
starts a process of its own, since threads are limited before NumPy and JAX are loaded.  Results are
compared to 1e-10, and matrices filled with NaN, before they are timed.
"""

from __future__ import annotations

import ctypes
import subprocess
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from itertools import pairwise
from pathlib import Path
from statistics import median
from time import perf_counter, process_time
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from benchmarks.installed import is_installed, left_out, peer
from benchmarks.timing import printed_by
from derive import code, read_network

jax.config.update("jax_enable_x64", True)

HESSIANS = [
    (shape, batch)
    for batch in (1, 32, 128)
    for shape in ("16-32-16-4", "32-48-32-8", "16-16-16-16-16-16-4")
]
GRADIENT, BATCH = "784-128-64-10", 256
ROUNDS, FEW_ROUNDS = 9, 3
#: Short ones are run more often: this many times, or for this many seconds in all.
MOST_ROUNDS, SECONDS = 61, 2
ONE_THREAD = {
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
    **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1"),
}


def tables() -> Iterator[str]:
    """The tables, measured on one thread."""
    return printed_by("benchmarks.kernels", ONE_THREAD)


def interleaved(
    actions: Mapping[str, Callable[[], object]], seldom: Collection[str] = ()
) -> dict[str, float]:
    """The median time of each, run one after the other again and again; of some in a few rounds."""
    times: dict[str, list[float]] = {name: [] for name in actions}
    first = perf_counter()
    for number in range(MOST_ROUNDS):
        if number >= ROUNDS and perf_counter() - first > SECONDS:
            break
        for name, action in actions.items():
            if name in seldom and number >= FEW_ROUNDS:
                continue
            start = process_time()
            action()
            times[name].append(process_time() - start)
    return {name: median(of) for name, of in times.items()}


def drawn(shape: str, batch: int) -> tuple[Any, list[int], list[np.ndarray]]:
    """A network, its widths, and x, y and weights at which about half of the units are on."""
    network = read_network(shape)
    widths = [int(network.width(number)) for number in network.layer_numbers]
    draw = np.random.default_rng(0)
    weights = [draw.normal(size=pair) * np.sqrt(2 / pair[0]) for pair in pairwise(widths)]
    given = [draw.normal(size=(batch, widths[0])), draw.normal(size=(batch, widths[-1])), *weights]
    return network, widths, given


def cost(x: Any, y: Any, *weights: Any) -> Any:
    """Half the squared error of ReLU layers."""
    for one in weights:
        z = x @ one
        x = jnp.where(z > 0, z, 0)
    return ((x - y) ** 2).sum() / 2


def library(text: str) -> ctypes.CDLL:
    """A program in C, compiled."""
    folder = Path(tempfile.mkdtemp())
    (folder / "program.c").write_text(text)
    options = ["-O3", "-march=native", "-shared", "-fPIC", "-DWITHOUT_MAIN"]
    made = folder / "program.so"
    command = ["gcc", *options, str(folder / "program.c"), "-o", str(made), "-lm"]
    subprocess.run(command, check=True)
    return ctypes.CDLL(str(made))


def in_c(function: Any, sizes: list[int], arrays: list[np.ndarray]) -> Callable[[], object]:
    """A call of a function in C."""
    pointers = [ctypes.c_void_p(one.ctypes.data) for one in arrays]
    arguments = [*map(ctypes.c_size_t, sizes), *pointers]
    return lambda: function(*arguments)


def matrix(count: int, by: int = 0) -> np.ndarray:
    """A square one of NaN, which starts so many numbers past a multiple of 64 bytes."""
    numbers = np.full(count**2 + 8 + by, np.nan)
    start = -numbers.ctypes.data % 64 // 8 + by
    return numbers[start : start + count**2].reshape(count, count)


def same(found: Any, wanted: Any) -> None:
    """Hold a result to another."""
    wanted = np.asarray(wanted)
    assert np.abs(found - wanted).max() <= 1e-10 * np.abs(wanted).max()


def by_jax(given: list[np.ndarray]) -> Callable[[], Any]:
    """The whole Hessian by `jax.jit(jax.hessian)`."""
    x, y, *weights = given

    def flat_cost(flat: Any) -> Any:
        parts = jnp.split(flat, np.cumsum([one.size for one in weights])[:-1])
        pairs = zip(parts, weights, strict=True)
        return cost(x, y, *(part.reshape(one.shape) for part, one in pairs))

    compiled = jax.jit(jax.hessian(flat_cost))
    flat = jnp.concatenate([one.ravel() for one in weights])
    return lambda: compiled(flat).block_until_ready()


def by_torch(given: list[np.ndarray]) -> Callable[[], Any]:
    """The whole Hessian by `torch.func.hessian`."""
    torch = peer("torch")

    x, y, *weights = map(torch.tensor, given)

    def flat_cost(flat: Any) -> Any:
        parts = flat.split([one.numel() for one in weights])
        pairs = zip(parts, weights, strict=True)
        return torch_cost(x, y, *(part.reshape(one.shape) for part, one in pairs))

    flat = torch.cat([one.ravel() for one in weights])
    return lambda: torch.func.hessian(flat_cost)(flat)


def torch_cost(x: Any, y: Any, *weights: Any) -> Any:
    """The same as `cost`, of tensors."""
    torch = peer("torch")

    for one in weights:
        x = torch.relu(x @ one)
    return ((x - y) ** 2).sum() / 2


def torch_gradient(given: list[np.ndarray]) -> Callable[[], Any]:
    """The gradient by `torch.autograd.grad`."""
    torch = peer("torch")

    x, y, *weights = map(torch.tensor, given)
    moved = [one.requires_grad_() for one in weights]
    return lambda: torch.autograd.grad(torch_cost(x, y, *moved), moved)


def hessian(shape: str, batch: int) -> str:
    """The row of a network: how many times as fast as JAX."""
    network, widths, given = drawn(shape, batch)
    count = sum(one.size for one in given[2:])
    jax_hessian = by_jax(given)
    wanted = jax_hessian()
    others = {"torch": by_torch(given)} if is_installed("torch") else {}
    for other in others.values():
        same(other().numpy(), wanted)
    names: dict[str, Any] = {}
    exec(code(network, "numpy", 2), names)
    first, second, apart = matrix(count), matrix(count), matrix(count, 2)
    function, sizes = library(code(network, "c", 2)).hessian, [batch, *widths]
    runs = {one: in_c(function, sizes, [*given, of]) for one, of in (("c", second), ("by", apart))}
    same(names["hessian"](*given, out=first), wanted)
    for run, found in zip(runs.values(), (second, apart), strict=True):
        run()
        same(found, wanted)
    times = interleaved(
        {
            "jax": jax_hessian,
            **others,
            "numpy": lambda: names["hessian"](*given, out=first),
            **runs,
            "fill": lambda: first.fill(1.0),
        },
        seldom=("torch",),
    )
    base = times["jax"]
    cells = [shape, str(batch), str(count), f"{1e3 * base:.1f}"]
    cells += [f"{base / times['torch']:.2f}" if others else "-"]
    cells += [f"{base / times[way]:.1f}" for way in ("numpy", "c", "by")]
    cells += [f"{times[way] / times['fill']:.1f}" for way in ("numpy", "c")]
    return f"| {' | '.join(cells)} |"


def gradients() -> list[str]:
    """The gradient beside those of JAX and PyTorch, and the product with the Hessian."""
    network, widths, given = drawn(GRADIENT, BATCH)
    weights = given[2:]
    every = tuple(range(2, 2 + len(weights)))
    jax_gradient = jax.jit(jax.grad(cost, every))
    others = {"torch": torch_gradient(given)} if is_installed("torch") else {}
    names: dict[str, Any] = {}
    exec(code(network, "numpy", 2, product=True), names)
    found = [np.full(1, np.nan), *(np.full_like(one, np.nan) for one in weights)]
    moved = [np.full_like(one, np.nan) for one in weights]
    functions = library(code(network, "c", 2, product=True))
    sizes = [BATCH, *widths]
    run = in_c(functions.cost_and_gradient, sizes, [*given, *found])
    along = in_c(functions.hessian_vector_product, sizes, [*given, *weights, *moved])
    run()
    along()
    wanted = jax_gradient(*given)
    products = names["hessian_vector_product"](*given, *weights)
    slopes = names["cost_and_gradient"](*given)[1:]
    by_others = [other() for other in others.values()]
    for *own, third in zip(slopes, found[1:], *by_others, wanted, strict=True):
        for one in own:
            same(np.asarray(one), third)
    for one, other in zip(products, moved, strict=True):
        same(other, one)
    times = interleaved(
        {
            "jax": lambda: jax.block_until_ready(jax_gradient(*given)),
            **others,
            "numpy": lambda: names["cost_and_gradient"](*given),
            "numpy product": lambda: names["hessian_vector_product"](*given, *weights),
            "c": run,
            "c product": along,
        }
    )
    rows: list[str] = []
    for name, way in (("NumPy", "numpy"), ("C", "c")):
        of_torch = f"{times['torch'] / times[way]:.2f}" if others else "-"
        product = times[f"{way} product"] / times[way]
        rows.append(f"| {name} | {times['jax'] / times[way]:.2f} | {of_torch} | {product:.2f} |")
    return rows


def main() -> None:
    """Print the tables."""
    if is_installed("torch"):
        torch = peer("torch")

        torch.set_num_threads(1)
    print("\n## Printed programs beside `jax.jit`, on the same arrays\n")
    print(
        "ReLU everywhere, float64, one thread, medians of the processor time of interleaved runs;"
    )
    print("all agree to 1e-10. C with `gcc -O3 -march=native`.\n")
    print("The whole Hessian: how many times as fast as `jax.jit(jax.hessian)`, and how many times")
    print("as long as filling the matrix. NumPy and C write into a matrix that is there, and that")
    print("starts at a multiple of 64 bytes, as those of JAX do; `C + 16` is C where it starts 16")
    print("bytes further, as those that NumPy makes itself.\n")
    for line in left_out("torch"):
        print(line)
    names = ("network", "batch", "parameters", "JAX ms", "torch.func", "NumPy", "C", "C + 16")
    print(f"| {' | '.join(names)} | NumPy / fill | C / fill |")
    print(f"| --- |{' ---: |' * 9}")
    for shape, batch in HESSIANS:
        print(hessian(shape, batch), flush=True)
    print(f"\nThe gradient of {GRADIENT} at a batch of {BATCH}: how many times as fast as")
    print("`jax.jit(jax.grad)` and as `torch.autograd.grad`, which runs the cost too, and the")
    print("product with the Hessian in gradients.\n")
    print("| | × JAX | × PyTorch | product / gradient |\n| --- | ---: | ---: | ---: |")
    print("\n".join(gradients()))


if __name__ == "__main__":
    main()
