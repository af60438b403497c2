"""Time reports and proofs as depth and width grow, and write benchmarks/results.md.

Run by `make bench`; `python -m benchmarks layers peers` measures these parts again.  Where nothing
else is said, each figure is the median of three runs in one process, after sympy has been loaded;
documents are rendered in LaTeX and Markdown.
"""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

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


def _kept() -> str:
    """The part of the results that is not written here."""
    _, found, kept = RESULTS.read_text(encoding="utf-8").partition(_BY_HAND)
    return f"\n{found}{kept}" if found else ""


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
    python, machine = platform.python_version(), platform.machine()
    head = "# Benchmarks\n\n"
    head += f"Python {python}, SymPy {sympy.__version__}, {machine}; written by `make bench`.\n"
    kept = _sections(RESULTS.read_text(encoding="utf-8").partition(_BY_HAND)[0]) if names else {}
    found: dict[str, str] = {}
    for name, tables in PARTS.items():
        if not names or name in names:
            lines = (line for table in tables for line in table())
            found |= _sections("\n".join(lines) + "\n")
    text = head + "".join((kept | found).values()) + _kept()
    RESULTS.write_text(text, encoding="utf-8")
    print(text)


def _sections(text: str) -> dict[str, str]:
    """Each part of the results by its title."""
    parts = text.split("\n## ")[1:]
    return {part.split("\n", 1)[0]: f"\n## {part.rstrip()}\n" for part in parts}


if __name__ == "__main__":
    main(*sys.argv[1:])
