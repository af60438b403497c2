"""LaTeX formulas as MathML, which browsers draw without a script and readers read aloud.

The package math-core converts them: it knows the LaTeX that KaTeX knows, and takes microseconds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from functools import cache
from html import unescape
from typing import Any
from xml.etree import ElementTree

from derive.documents.targets.colouring import MARKS
from derive.errors import DeriveError

#: Names of characters that HTML knows and XML does not.
_NAMED = re.compile(r"&(?!(?:lt|gt|amp|quot|apos);)[A-Za-z]+;")


def mathml(latex: str, spoken: str = "") -> str:
    """The MathML of a formula in running text; `spoken` is what is read aloud in its place."""
    return _written(_tree(latex), spoken)


def displayed_mathml(latex: str, spoken: str = "") -> str:
    """The MathML of a formula that stands alone: with full fractions and limits below sums."""
    tree = _tree(latex)
    tree.set("displaystyle", "true")
    return _written(tree, spoken)


def silent_mathml(latex: str) -> str:
    """The MathML of a part of a formula, of which the whole is read aloud elsewhere."""
    tree = _tree(latex)
    tree.set("displaystyle", "true")
    tree.set("aria-hidden", "true")
    return _written(tree, "")


def _tree(latex: str) -> ElementTree.Element:
    """The formula, in which a class tells the origin of a factor that has a colour."""
    tree = converted(latex, _converter().convert_with_local_state)
    for table in tree.iter("mtable"):
        # It would matter in a script, where no table of ours stands; validators know it not.
        table.attrib.pop("scriptlevel", None)
    for part in tree.iter("mrow"):
        if (origin := _origins().get(part.get("style", ""))) is not None:
            del part.attrib["style"]
            part.set("class", f"from-{origin}")
    return tree


def _written(tree: ElementTree.Element, spoken: str) -> str:
    if spoken:
        tree.set("aria-label", spoken)
    return ElementTree.tostring(tree, encoding="unicode")


@cache
def _origins() -> Mapping[str, int]:
    """The origin for which each colour stands, by how the converter writes the colour."""
    styles: dict[str, int] = {}
    for origin, mark in enumerate(MARKS):
        made = converted(rf"\textcolor{{{mark}}}x", _converter().convert_with_local_state)
        styles[made[0].attrib["style"]] = origin
    return styles


def converted(
    latex: str, convert: Callable[..., object], display: bool = False
) -> ElementTree.Element:
    """What a converter makes of a formula, as a tree of XML.

    Raises:
        DeriveError: where it knows no MathML for it.
    """
    from math_core import LatexError

    try:
        made = str(convert(latex, displaystyle=display))
    except LatexError:
        shown = latex if len(latex) < 80 else f"{latex[:80]}…"
        raise DeriveError(f"the formula {shown} cannot be written in HTML") from None
    return ElementTree.fromstring(_NAMED.sub(lambda found: unescape(found[0]), made))


def converter(id_prefix: str = "") -> Any:
    """A new converter.

    Raises:
        DeriveError: where its package is missing.
    """
    try:
        from math_core import LatexToMathML
    except ImportError:
        raise DeriveError(
            "HTML needs the package math-core; install it with pip install 'derive-backprop[html]'"
        ) from None
    return LatexToMathML(id_prefix=id_prefix)


_converter = cache(converter)
