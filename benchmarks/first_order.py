"""Whole reports of first order as depth and width grow, the gallery, and whole processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from tempfile import TemporaryDirectory

from benchmarks.timing import first_time, seconds
from derive import backpropagate, judge, read_network, report_on
from derive.files.built_in import builtin_names


def growth_with_depth() -> Iterator[str]:
    yield "## A chain of one-unit ReLU layers: time grows linearly with depth\n"
    yield "| layers | equations | seconds | ms per equation |"
    yield "| ---: | ---: | ---: | ---: |"
    for depth in (10, 25, 50, 100, 200):
        network = read_network("-".join(["1"] * (depth + 1)))
        count = report_on(network).equations
        time = seconds(lambda network=network: report_on(network))
        yield f"| {depth} | {count} | {time:.2f} | {1000 * time / count:.2f} |"


def growth_with_width() -> Iterator[str]:
    yield "\n## Ten ReLU layers in index form: width does not matter\n"
    yield "| width | equations | seconds |"
    yield "| ---: | ---: | ---: |"
    for width in ("2", "8", "64", "1024", "n_0"):
        network = read_network("-".join([width] * 11))
        count = report_on(network).equations
        yield f"| {width} | {count} | {seconds(lambda network=network: report_on(network)):.2f} |"


def gallery() -> Iterator[str]:
    yield "\n## Proving the gallery: one equation at a time, sympy loaded (processor time)\n"
    yield "| network | equations | seconds | median ms | worst ms |"
    yield "| --- | ---: | ---: | ---: | ---: |"
    for name in builtin_names():
        derivation = backpropagate(read_network(name))
        times = sorted(
            1000 * first_time(
                lambda n=group.network, s=step: judge(n, s.lhs, s.rhs, s.where, s.assuming)
            )
            for group in derivation.groups
            for step in group.steps
        )  # fmt: skip
        yield (
            f"| {name} | {len(times)} | {sum(times) / 1000:.2f} | {times[len(times) // 2]:.1f} "
            f"| {times[-1]:.0f} |"
        )
    loaded = "z3" in sys.modules
    yield f"\nz3 was {'' if loaded else 'not '}loaded for this."


def whole_process() -> Iterator[str]:
    yield "\n## Whole processes\n"
    yield "| command | seconds |"
    yield "| --- | ---: |"
    for arguments in (["--help"], ["examples"], ["report", "--output", "{tmp}"]):
        with TemporaryDirectory() as folder:
            command = [sys.executable, "-m", "derive", *(a.format(tmp=folder) for a in arguments)]
            time = seconds(lambda c=command: subprocess.run(c, check=True, capture_output=True))
        yield f"| `derive {' '.join(arguments[:1])}` | {time:.2f} |"
