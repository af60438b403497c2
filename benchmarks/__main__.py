"""Time reports and proofs as depth and width grow, and write benchmarks/results.md.

Run by `make bench`.  Where nothing else is said, each figure is the median of three runs in
one process, after sympy has been loaded; documents are rendered in LaTeX and Markdown.
"""

from __future__ import annotations

import platform
from pathlib import Path

import sympy

from benchmarks import first_order, kernels, models, second_order

RESULTS = Path(__file__).parent / "results.md"


#: What follows is written by hand, from what other programs of this folder print.
_BY_HAND = "# Texts of others"


def _kept() -> str:
    """The part of the results that is not written here."""
    _, found, kept = RESULTS.read_text(encoding="utf-8").partition(_BY_HAND)
    return f"\n{found}{kept}" if found else ""


def main() -> None:
    """Run all and write the results."""
    python, machine = platform.python_version(), platform.machine()
    lines = [
        "# Benchmarks\n",
        f"Python {python}, SymPy {sympy.__version__}, {machine}; written by `make bench`.\n",
        *first_order.growth_with_depth(),
        *first_order.growth_with_width(),
        *first_order.gallery(),
        *first_order.whole_process(),
        *models.built_in(),
        *models.growth_with_definitions(),
        *second_order.beside_sympy(),
        *second_order.growth_with_depth(),
        *second_order.growth_with_width(),
        *kernels.tables(),
    ]
    text = "\n".join(lines) + "\n" + _kept()
    RESULTS.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
