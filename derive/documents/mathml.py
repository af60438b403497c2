"""LaTeX formulas as MathML, which browsers draw without a script and readers read aloud.

The package math-core converts them: it knows the LaTeX that KaTeX knows, and takes microseconds.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from derive.errors import DeriveError

_OPENING = "<math>"


def mathml(latex: str) -> str:
    """The MathML of a formula in running text."""
    return str(_converter().convert_with_local_state(latex, displaystyle=False))


def displayed_mathml(latex: str) -> str:
    """The MathML of a formula that stands alone: with full fractions and limits below sums."""
    inline = mathml(latex)
    return '<math displaystyle="true">' + inline.removeprefix(_OPENING)


@cache
def _converter() -> Any:
    try:
        from math_core import LatexToMathML
    except ImportError:
        raise DeriveError(
            "HTML needs the package math-core; install it with pip install 'derive-backprop[html]'"
        ) from None
    return LatexToMathML()
