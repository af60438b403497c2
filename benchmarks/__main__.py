"""Time reports and proofs as depth and width grow, and write benchmarks/results.md.

Run by `make bench`; `python -m benchmarks layers peers` measures these parts again.  What a part
found is written when it ends, so that a run that is stopped loses that part alone.  Where nothing
else is said, each figure is the median of three runs in one process, after sympy has been loaded;
documents are rendered in LaTeX and Markdown.
"""

from __future__ import annotations

import platform
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from time import perf_counter

import sympy

from benchmarks import (
    derivations,
    first_order,
    kernels,
    layers,
    models,
    operations,
    peers,
    phases,
    ratio,
    second_order,
)

RESULTS = Path(__file__).parent / "results.md"


#: What follows is written by hand, from what other programs of this folder print.
_BY_HAND = "# Texts of others"
_DURATIONS = "How long the parts take"
_HOW = f"""
Each table is what `python -m benchmarks PART` printed when that part last ran;
"{_DURATIONS}" says which part prints which. `make bench` runs all parts, but
these tables are of several days and states of the program, on a shared machine. What is
below "{_BY_HAND.strip("# ")}" is written by hand, and so is where the time of a Hessian goes.
"""


#: By the names that the command line knows.
PARTS: dict[str, tuple[Callable[[], Iterable[str]], ...]] = {
    "first-order": (
        first_order.growth_with_depth,
        first_order.growth_with_width,
        first_order.gallery,
        first_order.whole_process,
    ),
    "ratio": (ratio.table,),
    "phases": (phases.table,),
    "models": (models.built_in, models.growth_with_definitions),
    "second-order": (
        second_order.beside_sympy,
        second_order.growth_with_depth,
        second_order.growth_with_width,
    ),
    "derivations": (derivations.table,),
    "peers": (peers.table,),
    "operations": (operations.table,),
    "kernels": (kernels.tables,),
    "layers": (layers.tables,),
}


def main(*names: str) -> None:
    """Run all, or the parts of these names, and write the results; others stay as they are."""
    for unknown in {*names} - {*PARTS}:
        sys.exit(f"a part is one of {', '.join(PARTS)}, not {unknown}")
    chosen, first = names or tuple(PARTS), perf_counter()
    failed = [name for n, name in enumerate(chosen, 1) if not _run(name, f"{n}/{len(chosen)}")]
    _say(f"{len(chosen) - len(failed)} of {len(chosen)} parts, {perf_counter() - first:.0f} s")
    if failed:
        sys.exit(f"failed: {', '.join(failed)}")


def _run(name: str, place: str) -> bool:
    """Run a part and write what it found; whether it did not fail, which the others survive."""
    lasted = _lasted().get(name, ("", "not measured"))[1]
    _say(f"{place} {name} (last time: {lasted} s)" if lasted.isdigit() else f"{place} {name}")
    start = perf_counter()
    lines: list[str] = []
    try:
        for table in PARTS[name]:
            for line in table():
                print(line, flush=True)
                lines.append(line)
    except Exception as error:
        _say(f"{name} failed: {type(error).__name__}: {str(error).splitlines()[0]}")
        return False
    seconds = perf_counter() - start
    _write(name, _sections("\n".join(lines) + "\n"), seconds)
    _say(f"{name} took {seconds:.0f} s")
    return True


def _say(progress: str) -> None:
    """A line of progress, which is no part of a table."""
    print(f"--- {progress}", file=sys.stderr, flush=True)


def _lasted() -> dict[str, tuple[str, str]]:
    """What the results say of each part: its tables, and how long it took."""
    text = RESULTS.read_text(encoding="utf-8").partition(_BY_HAND)[0]
    rows = re.findall(
        r"^\| `([\w-]+)` \| (.*) \| (.*) \|$", _sections(text).get(_DURATIONS, ""), re.M
    )
    return {part: (titles, lasted) for part, titles, lasted in rows}


def _write(name: str, found: Mapping[str, str], seconds: float) -> None:
    """The results with the sections of a part that has run, and how long it took."""
    measured, by_hand, kept = RESULTS.read_text(encoding="utf-8").partition(_BY_HAND)
    sections = _sections(measured)
    known = _lasted()
    sections.pop(_DURATIONS, None)
    known[name] = "; ".join(dict.fromkeys(title.split(":")[0] for title in found)), f"{seconds:.0f}"
    python, machine = platform.python_version(), platform.machine()
    text = f"# Benchmarks\n\nPython {python}, SymPy {sympy.__version__}, {machine}.\n{_HOW}"
    text += "".join({**sections, **found}.values()) + _durations(known)
    RESULTS.write_text(text + (f"\n{by_hand}{kept}" if by_hand else ""), encoding="utf-8")


def _durations(known: Mapping[str, tuple[str, str]]) -> str:
    """The section about the parts: the tables that each prints, and its time."""
    rows = [f"| `{name}` | {' | '.join(known[name])} |" for name in PARTS if name in known]
    text = f"\n## {_DURATIONS}\n\nWall time of `python -m benchmarks PART` when it last ran."
    text += "\n\n| part | tables | seconds |\n| --- | --- | ---: |\n"
    return text + "\n".join(rows) + "\n"


def _sections(text: str) -> dict[str, str]:
    """Each part of the results by its title."""
    parts = f"\n{text}".split("\n## ")[1:]
    return {part.split("\n", 1)[0]: f"\n## {part.rstrip()}\n" for part in parts}


if __name__ == "__main__":
    main(*sys.argv[1:])
