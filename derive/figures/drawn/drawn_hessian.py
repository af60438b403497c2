"""The Hessian as a matrix of squares, each coloured and hatched by the parts that it has."""

from __future__ import annotations

from itertools import accumulate, pairwise
from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import Patch, PathPatch
from matplotlib.path import Path

from derive.figures.colours import DEEP, FAINT, INK, PALE_BLUE, PALE_ORANGE, PAPER
from derive.figures.drawing import Labels
from derive.figures.hessian_structure import HessianPart, HessianStructure
from derive.notation.tex import LatexWriter

#: Colour, and lines that tell the parts apart in grey.
_STYLES = {
    HessianPart.GAUSS_NEWTON: (PALE_BLUE, ""),
    HessianPart.RESIDUAL: (PALE_ORANGE, "\\\\\\"),
    HessianPart.BOTH: (DEEP, "///"),
    HessianPart.ZERO: (PAPER, ""),
}
_SIDE, _LEGEND = 3.5, 2.4
#: A group that is narrower than this part of the matrix has its label smaller.
_NARROW = 0.06


def drawn_hessian(data: HessianStructure, writer: LatexWriter, labels: Labels) -> Figure:
    """The figure of the structure of a Hessian."""
    figure = Figure(figsize=(_SIDE + _LEGEND, _SIDE), layout="constrained")
    axes: Any = figure.subplots()
    size = len(data.parts)
    axes.set_xlim(-0.02 * size, 1.02 * size)
    axes.set_ylim(1.02 * size, -0.02 * size)
    axes.set_aspect("equal")
    for part, (face, hatch) in _STYLES.items():
        squares = _squares(data, part)
        axes.add_patch(PathPatch(squares, facecolor=face, edgecolor=FAINT, linewidth=0.4))
        if hatch:
            lines = PathPatch(squares, fill=False, hatch=hatch, edgecolor=PAPER, linewidth=0)
            axes.add_patch(lines)
    ends = [0, *accumulate(count for _, count in data.groups)]
    for end in ends:
        axes.plot([end, end], [0, size], color=INK, linewidth=1.1)
        axes.plot([0, size], [end, end], color=INK, linewidth=1.1)
    middles = [(a + b) / 2 for a, b in pairwise(ends)]
    names = [f"${writer.text(name)}$" for name, _ in data.groups]
    axes.xaxis.tick_top()
    axes.set_xticks(middles, names)
    axes.set_yticks(middles, names)
    axes.tick_params(length=0)
    for tick, (_, count) in zip(axes.get_xticklabels(), data.groups, strict=True):
        if count < 2 * _NARROW * size:
            tick.set_fontsize(9)
    axes.spines[:].set_visible(False)
    present = {part for row in data.parts for part in row}
    keys = [part for part in _STYLES if part in present]
    patches = [_key(part, labels[part]) for part in keys]
    figure.legend(handles=patches, loc="outside right center", handlelength=1.6, handleheight=1.4,
                  labelspacing=0.8)  # fmt: skip
    return figure


def _squares(data: HessianStructure, part: HessianPart) -> Path:
    """The entries that have a part, as one path."""
    corners = [
        ((j, i), (j + 1, i), (j + 1, i + 1), (j, i + 1), (j, i))
        for i, row in enumerate(data.parts)
        for j, one in enumerate(row)
        if one == part
    ]
    draw = (Path.MOVETO, Path.LINETO, Path.LINETO, Path.LINETO, Path.CLOSEPOLY)
    if not corners:
        return Path([(0, 0)])
    return Path([corner for square in corners for corner in square], draw * len(corners))


def _key(part: HessianPart, label: str) -> Patch:
    face, hatch = _STYLES[part]
    return Patch(facecolor=face, edgecolor=PAPER if hatch else FAINT, hatch=hatch, label=label)
