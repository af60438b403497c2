"""`Finding`: the outcome of a computation about a statement."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sympy import Basic, S, sympify


@dataclass(frozen=True)
class Finding:
    """Whether a statement holds, as computed, and the values that show it.

    Attributes:
        holds: true, false, or the condition (a relation) under which it holds.
        values: what was computed, by name, for a document to show.
    """

    holds: Basic
    values: Mapping[str, Basic] = field(default_factory=dict)


def found(holds: object, **values: object) -> Finding:
    """A finding from Python or SymPy values."""
    return Finding(
        S(bool(holds)) if isinstance(holds, bool) else sympify(holds, strict=True),
        {name: sympify(value, strict=True) for name, value in values.items()},
    )
