"""What is left of a gradient after so many layers: lines in theory, points as drawn at random."""

from __future__ import annotations

from typing import Any

from matplotlib.figure import Figure

from derive.figures.colours import BLUE, DEEP, INK, ORANGE
from derive.figures.depth_curves import DepthCurves
from derive.figures.drawing import Labels
from derive.notation.tex import LatexWriter

_STYLES = ((INK, "s"), (BLUE, "o"), (ORANGE, "^"), (DEEP, "D"))
#: Bars reach so many standard errors to each side.
BARS = 2


def drawn_depth(data: DepthCurves, writer: LatexWriter, labels: Labels) -> Figure:
    """The figure; each curve is named by `labels`, by its place."""
    figure = Figure(figsize=(6.3, 3.4), layout="constrained")
    axes: Any = figure.subplots()
    for place, curve in enumerate(data.curves):
        colour, marker = _STYLES[place % len(_STYLES)]
        passed = range(len(curve.means))
        if curve.expected:
            axes.plot(passed, curve.expected, color=colour, linewidth=1.2)
        below = [min(BARS * e, 0.9 * m) for m, e in zip(curve.means, curve.errors, strict=True)]
        above = [BARS * e for e in curve.errors]
        axes.errorbar(passed, curve.means, (below, above), color=colour, marker=marker,
                      markersize=4.5, linestyle="none", elinewidth=0.9,
                      label=labels[f"curve {place}"])  # fmt: skip
    axes.set_yscale("log")
    axes.set_xlabel(labels["passed"])
    axes.set_ylabel(r"$\mathrm{E}\,|\delta^{(k)}|^2\,/\,|\delta^{(L)}|^2$")
    axes.legend(loc="upper left", bbox_to_anchor=(1.01, 1.0), borderaxespad=0.0)
    return figure
