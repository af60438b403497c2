"""How much of a gradient is left after so many layers: in theory, and as it was drawn."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class DepthCurve:
    """The mean squared error signal, by layers passed from 0, as a part of that at the output.

    Attributes:
        rule: how the weights were drawn.
        activation: the name of that of the hidden layers.
        expected: the exact means; none where no formula is known.
        means: those of networks that were drawn, with their standard `errors`.
    """

    rule: str
    activation: str
    expected: tuple[float, ...]
    means: tuple[float, ...]
    errors: tuple[float, ...]


@dataclass(frozen=True)
class DepthCurves:
    """Curves of networks of one width, `draws` of each kind."""

    width: int
    draws: int
    curves: tuple[DepthCurve, ...]
