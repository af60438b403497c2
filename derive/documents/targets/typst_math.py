"""LaTeX formulas as Typst, which sets documents where no TeX is installed.

The package tylax converts them, one by one: whole documents have templates of their own.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib import import_module
from typing import Any

from derive.errors import DeriveError

#: The size of a bracket, which Typst finds by itself.
_SIZED = re.compile(r"\\[bB]igg?[lrm]?(?![A-Za-z])")
#: A group that has a power or an index of its own: {W^{(0)}}^2.
_BASE = re.compile(r"(?<![\\A-Za-z}\]^_])\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}(?=[\^_])")
#: A name of several letters, one by one.
_NAME = re.compile(r"upright\(([A-Za-z](?: [A-Za-z])+)\)( (?=\())?")


def typst(latex: str, spoken: str = "") -> str:
    """A formula in running text; `spoken` is for pages that are read aloud."""
    return f"${typst_math(latex)}$"


def displayed_typst(latex: str) -> str:
    """A formula on lines of its own."""
    return f"$ {typst_math(latex)} $"


@lru_cache(maxsize=4096)
def typst_math(latex: str) -> str:
    """A formula, without the signs around it.

    Raises:
        DeriveError: without tylax.
    """
    convert, options = _converter()
    grouped = _BASE.sub(r"\\mathord{\1}", _SIZED.sub("", latex))
    found = str(convert(grouped, options=options)).strip()
    return _NAME.sub(lambda match: f'upright("{match[1].replace(" ", "")}")', found)


@cache
def _converter() -> tuple[Any, Any]:
    try:
        tylax = import_module("tylax")
    except ImportError:
        raise DeriveError(
            "a document for Typst needs the package tylax: pip install 'derive-backprop[pdf]'"
        ) from None
    return tylax.latex_to_typst, tylax.L2TOptions(frac_to_slash=False, prefer_shorthands=False)
