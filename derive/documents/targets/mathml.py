"""LaTeX formulas as MathML, which browsers draw without a script and readers read aloud.

The package math-core converts them: it knows the LaTeX that KaTeX knows, and takes microseconds.
"""

from __future__ import annotations

import re
from functools import cache
from html import unescape
from typing import Any

from derive.errors import DeriveError

_OPENING = "<math>"
#: Names of characters that HTML knows and XML does not.
_NAMED = re.compile(r"&(?!(?:lt|gt|amp|quot|apos);)[A-Za-z]+;")


def mathml(latex: str) -> str:
    """The MathML of a formula in running text."""
    made = str(_converter().convert_with_local_state(latex, displaystyle=False))
    return _NAMED.sub(lambda found: unescape(found[0]), made)


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
