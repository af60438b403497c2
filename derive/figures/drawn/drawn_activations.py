"""An activation on the left, its derivative on the right; a row for each activation."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure
from sympy import Symbol

from derive.figures.activation_curves import ActivationCurves, ActivationFigure, Curve, KinkPoint
from derive.figures.colours import BLUE, INK, ORANGE, PAPER, SOFT
from derive.figures.drawing import Labels
from derive.notation.tex import LatexWriter

_WIDTH, _HEIGHT = 6.3, 2.3
_DOT = 6.0


def drawn_activations(data: ActivationFigure, writer: LatexWriter, labels: Labels) -> Figure:
    """The figure of the activations of a network."""
    figure = Figure(figsize=(_WIDTH, _HEIGHT * len(data.rows)), layout="constrained")
    panels: Any = figure.subplots(len(data.rows), 2, squeeze=False)
    for curves, (left, right) in zip(data.rows, panels, strict=True):
        z = writer.text(Symbol("z"))
        name = _name(curves)
        _panel(left, curves.function, writer, BLUE)
        left.set_title(f"${name}({z})$")
        _panel(right, curves.derivative, writer, ORANGE)
        slope = rf"{name}'({z})"
        is_gate = curves.activation.kind.is_gate
        right.set_title(rf"${slope} = \mathrm{{Step}}({z})$" if is_gate else f"${slope}$")
        for axes in (left, right):
            axes.set_xlabel(f"${z}$", loc="right", labelpad=-2)
    return figure


def _name(curves: ActivationCurves) -> str:
    if curves.activation.formula is not None:
        return r"\varphi"
    kind = curves.activation.kind
    return rf"\mathrm{{{(kind.title or kind.name).replace(' ', '~')}}}"


def _panel(axes: Any, curve: Curve, writer: LatexWriter, colour: str) -> None:
    axes.axhline(0, color=SOFT, linewidth=0.6, zorder=1)
    axes.axvline(0, color=SOFT, linewidth=0.6, zorder=1)
    for piece in curve.pieces:
        axes.plot(*zip(*piece, strict=True), color=colour, zorder=2)
    for kink in curve.kinks:
        if kink.jumps:
            _jump(axes, kink, writer, colour)
    axes.margins(x=0.02, y=0.12)


def _jump(axes: Any, kink: KinkPoint, writer: LatexWriter, colour: str) -> None:
    """Open points at the limits that are not taken on, a filled one at the value."""
    ends = (kink.left, kink.right)
    axes.plot([kink.at] * 2, ends, color=colour, linewidth=1.0, linestyle=(0, (2, 2)), zorder=2)
    for end in ends:
        if end != kink.value:
            _dot(axes, kink.at, end, colour, PAPER)
    if kink.value is not None:
        _dot(axes, kink.at, kink.value, colour, colour)
    else:
        label = f"${writer.text(kink.convention)}$"
        axes.annotate(label, (kink.at, sum(ends) / 2), (6, 0), textcoords="offset points",
                      va="center", color=INK)  # fmt: skip


def _dot(axes: Any, x: float, y: float, colour: str, face: str) -> None:
    axes.plot([x], [y], "o", markersize=_DOT, markerfacecolor=face, markeredgecolor=colour,
              markeredgewidth=1.4, zorder=3, clip_on=False)  # fmt: skip
