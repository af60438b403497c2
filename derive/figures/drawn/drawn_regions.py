"""The plane of inputs with its activation regions, darker where more units are active."""

from __future__ import annotations

from typing import Any

from matplotlib.colors import to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Polygon

from derive.figures.colours import BLUE, INK, ORANGE, PAPER
from derive.figures.drawing import Labels
from derive.figures.input_regions import InputRegions
from derive.notation.tex import LatexWriter

#: The part of blue in the darkest shade.
_DARKEST = 0.65


def drawn_regions(data: InputRegions, writer: LatexWriter, labels: Labels) -> Figure:
    """Each region filled by how many of its units are active; the samples as points."""
    figure = Figure(figsize=(5.3, 3.7), layout="constrained")
    axes: Any = figure.subplots()
    for region in data.regions:
        corners = [(float(x), float(y)) for x, y in region.corners]
        face = _shade(len(region.active), data.most_active)
        axes.add_patch(Polygon(corners, facecolor=face, edgecolor=INK, linewidth=0.9))
    for x, y in data.samples:
        axes.plot([x], [y], "o", color=ORANGE, markeredgecolor=PAPER, markersize=7, zorder=5)
    reach = float(data.reach)
    axes.set_xlim(-reach, reach)
    axes.set_ylim(-reach, reach)
    axes.set_aspect("equal")
    first, second = (f"${writer.text(one)}$" for one in data.inputs)
    axes.set_xlabel(first)
    axes.set_ylabel(second, rotation=0, labelpad=10)
    counts = sorted({len(region.active) for region in data.regions})
    shades = [
        Patch(facecolor=_shade(count, data.most_active), edgecolor=INK, linewidth=0.6,
              label=str(count))
        for count in counts
    ]  # fmt: skip
    axes.legend(handles=shades, title=labels["active"], loc="upper left",
                bbox_to_anchor=(1.02, 1.0), borderaxespad=0.0)  # fmt: skip
    return figure


def _shade(active: int, most: int) -> tuple[float, float, float]:
    """White for none, and the more blue the more units are active."""
    part = _DARKEST * active / most if most else 0.0
    red, green, blue = ((1 - part) + part * channel for channel in to_rgb(BLUE))
    return red, green, blue
