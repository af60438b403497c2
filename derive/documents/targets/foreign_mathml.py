"""Formulas of somebody else's as MathML, as far as that can be made.

What the converter does not know, such as a package's own commands, stays LaTeX.
"""

from __future__ import annotations

import re
from typing import Any
from xml.etree import ElementTree

from derive.documents.targets.mathml import converted, converter
from derive.errors import DeriveError

#: Longer formulas are not tried: the converter nests as deeply as its input, and has a stack.
_LONGEST = 2_000
#: The space below a row, which the converter would write as text: \\[6pt].
_ROW_SPACE = re.compile(r"\\\\\s*\[\s*-?[\d.]+\s*(?:pt|em|ex|mm|cm|in|mu|pc|\\jot)\s*\]")
#: What is kept of a tree, so that nothing but mathematics gets into a page.
_ATTRIBUTES = frozenset(
    {"display", "displaystyle", "scriptlevel", "stretchy", "accent", "accentunder", "style",
     "mathvariant", "width", "height", "depth", "lspace", "rspace", "minsize", "maxsize",
     "symmetric", "form", "fence", "separator", "linethickness", "movablelimits", "columnalign",
     "class", "largeop", "voffset", "columnspacing", "rowspacing"}
)  # fmt: skip


class ForeignMathml:
    """Converts the formulas of one document, whose equations are counted through."""

    def __init__(self) -> None:
        try:
            self._converter: Any = converter(id_prefix="formula-")
        except DeriveError:  # the package is missing
            self._converter = None

    def written(self, latex: str, display: bool) -> str:
        """The MathML of a formula, or nothing where it cannot be made."""
        if self._converter is None or len(latex) > _LONGEST:
            return ""
        try:
            tree = converted(
                _ROW_SPACE.sub(r"\\\\", latex), self._converter.convert_with_global_state, display
            )
            for part in tree.iter():
                if not part.tag.startswith("m"):
                    return ""
                for name in set(part.attrib) - _ATTRIBUTES:
                    del part.attrib[name]
            return ElementTree.tostring(tree, encoding="unicode")
        except (DeriveError, RecursionError, ElementTree.ParseError):
            return ""
