"""Reading what people write: whole documents as statements.

The names are loaded when they are first used: most commands read no document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from derive.lazy import loader

if TYPE_CHECKING:
    from derive.reading.documents import kind_of, read_document
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
    "Assumption": "statements",
    "Claim": "statements",
    "NotUnderstood": "statements",
    "Outside": "statements",
    "Place": "statements",
    "ShapesDisagree": "statements",
    "Statement": "statements",
}

__all__ = [
    "Assumption",
    "Claim",
    "NotUnderstood",
    "Outside",
    "Place",
    "ShapesDisagree",
    "Statement",
    "kind_of",
    "read_document",
]


__getattr__ = loader(__name__, _HOMES)
