"""`derive report` beside `python -c "import sympy"`: whole processes, from an unpacked wheel.

`python -m benchmarks ratio` writes the table.  Both commands run in turn, with bytecode and
templates compiled before; the time of a process is that of all that it forks, too.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from zipfile import ZipFile

ROOT = Path(__file__).parents[1]
RUNS = 11
REPORT = ("-m", "derive", "report", "three-layer-chain", "-o", "out")
SYMPY = ("-c", "import sympy")
#: What is timed, with the number of processes.
ROWS = {
    "one process": (REPORT, "1"),
    "two processes": (REPORT, "2"),
    "one process, LaTeX and Markdown": ((*REPORT, "--format", "latex,markdown"), "1"),
}


def table() -> Iterator[str]:
    """The ratio of wall time and of processor time, medians of runs in turn."""
    yield '\n## A whole `derive report three-layer-chain` beside `python -c "import sympy"`\n'
    yield f"An unpacked wheel, proofs included; medians of {RUNS} runs in turn, as multiples of"
    yield "`import sympy`.\n"
    yield "| | wall time | processor time |"
    yield "| --- | ---: | ---: |"
    with TemporaryDirectory() as folder:
        _unpack(Path(folder))
        for name, (command, processes) in ROWS.items():
            wall, processor = _ratios(Path(folder), command, processes)
            yield f"| {name} | {wall:.2f} | {processor:.2f} |"


def _unpack(folder: Path) -> None:
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "-o", str(folder), ROOT]
    subprocess.run(build, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    with ZipFile(wheel) as archive:
        archive.extractall(folder)


def _ratios(folder: Path, command: Sequence[str], processes: str) -> tuple[float, float]:
    kept = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
    environment = kept | {"PYTHONPATH": str(folder), "DERIVE_PROCESSES": processes}
    runs = [
        (_timed(SYMPY, folder, environment), _timed(command, folder, environment))
        for _ in range(RUNS + 1)
    ][1:]
    wall, processor = (
        median(ours[n] for _, ours in runs) / median(base[n] for base, _ in runs) for n in (0, 1)
    )
    return wall, processor


def _timed(
    command: Sequence[str], folder: Path, environment: Mapping[str, str]
) -> tuple[float, float]:
    start = perf_counter()
    process = subprocess.Popen(
        [sys.executable, *command], cwd=folder, env=environment, stdout=subprocess.DEVNULL
    )
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return perf_counter() - start, used.ru_utime + used.ru_stime


if __name__ == "__main__":
    print("\n".join(table()))
