"""Clocks: in this process, or in a fresh one for each run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from statistics import median
from time import perf_counter, process_time
from typing import Any


def first_time(action: Callable[[], object]) -> float:
    """Processor time of one run: a second one would find SymPy's caches filled."""
    start = process_time()
    action()
    return process_time() - start


def seconds(action: Callable[[], object], runs: int = 3) -> float:
    """The median time of a few runs."""
    times: list[float] = []
    for _ in range(runs):
        start = perf_counter()
        action()
        times.append(perf_counter() - start)
    return median(times)


def in_fresh_processes(module: str, *arguments: str, runs: int = 3) -> dict[str, Any]:
    """The numbers that `python -m module arguments` prints as JSON, the median of each."""
    command = [sys.executable, "-m", module, *arguments]
    found = [
        json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
        for _ in range(runs)
    ]
    return {key: median(run[key] for run in found) for key in found[0]}


def printed_by(module: str, environment: Mapping[str, str]) -> Iterator[str]:
    """The lines that `python -m module` prints, each as soon as it does."""
    command = [sys.executable, "-m", module]
    variables = os.environ | environment
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=variables) as process:
        assert process.stdout is not None
        for line in process.stdout:
            yield line.removesuffix("\n")
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
