"""What a line of a program claims of a gradient, and how it would be without a likely mistake."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from derive.reading.statements import Claim, NotUnderstood


@dataclass(frozen=True)
class Mended:
    """A claim as it would be without one mistake.

    Attributes:
        mistake: the name of the mistake.
        details: what the sentence about it speaks of.
    """

    claim: Claim
    mistake: str
    details: Mapping[str, Any]


@dataclass(frozen=True)
class CodeClaim(Claim):
    """A gradient that a line of code claims; `mended` tries its likely mistakes."""

    name: str = ""
    mended: Callable[[], Iterator[Mended]] = field(
        default=lambda: iter(()), compare=False, repr=False
    )


@dataclass(frozen=True)
class CodeShapes(NotUnderstood):
    """A gradient of another shape than what it is the gradient of, or of no shape.

    Attributes:
        name: what the gradient is called.
        certain: whether the shapes are what the author wrote down.
        of_one: whether it has the right shape where there is one sample, as nobody denies.
    """

    name: str = ""
    mended: Callable[[], Iterator[Mended]] = field(
        default=lambda: iter(()), compare=False, repr=False
    )
    certain: bool = False
    of_one: bool = False
