"""Reading what people write: formulas in ASCII, and whole documents as statements.

The names are loaded when they are first used: `derive.ascii`, which documents are read with,
itself needs the table of functions that is kept here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.lazy import loader

if TYPE_CHECKING:
    from derive.reading.documents import kind_of, read_document
    from derive.reading.formulas import read_condition, read_equation, read_expression
    from derive.reading.notation import NOTATIONS, Layout, Notation
    from derive.reading.statements import (
        Assumption,
        Claim,
        NotUnderstood,
        Outside,
        Place,
        ShapesDisagree,
        Statement,
    )

#: Where each name lives.
_HOMES = {
    "kind_of": "documents",
    "read_document": "documents",
    "read_condition": "formulas",
    "read_equation": "formulas",
    "read_expression": "formulas",
    "NOTATIONS": "notation",
    "Layout": "notation",
    "Notation": "notation",
    "Assumption": "statements",
    "Claim": "statements",
    "NotUnderstood": "statements",
    "Outside": "statements",
    "Place": "statements",
    "ShapesDisagree": "statements",
    "Statement": "statements",
}

__all__ = [
    "NOTATIONS",
    "Assumption",
    "Claim",
    "Layout",
    "NotUnderstood",
    "Notation",
    "Outside",
    "Place",
    "ShapesDisagree",
    "Statement",
    "kind_of",
    "read_condition",
    "read_document",
    "read_equation",
    "read_expression",
]


__getattr__ = loader(__name__, _HOMES)
