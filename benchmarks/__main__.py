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
these tables are of several days and states of the program, on a shared machine, and some rows
were measured apart, which is said there. What is below "{_BY_HAND.strip("# ")}" is written by
hand.
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
    for name in names or PARTS:
        start = perf_counter()
        lines = [line for table in PARTS[name] for line in table()]
        _write(name, _sections("\n".join(lines) + "\n"), perf_counter() - start)
        print("\n".join(lines), flush=True)


def _write(name: str, found: Mapping[str, str], seconds: float) -> None:
    """The results with the sections of a part that has run, and how long it took."""
    measured, by_hand, kept = RESULTS.read_text(encoding="utf-8").partition(_BY_HAND)
    sections = _sections(measured)
    rows = re.findall(r"^\| `([\w-]+)` \| (.*) \| (.*) \|$", sections.pop(_DURATIONS, ""), re.M)
    known = {part: (titles, lasted) for part, titles, lasted in rows}
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
