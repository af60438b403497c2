"""The cost along weights, and over two of them."""

from __future__ import annotations

import math
from typing import Any

from matplotlib.colors import BoundaryNorm, LinearSegmentedColormap
from matplotlib.figure import Figure

from derive.figures.colours import BLUE, GREEN, INK, ORANGE, PAPER, SOFT
from derive.figures.cost_landscape import CostLine, CostLines, CostSurface, WeightEntry
from derive.figures.drawing import Labels
from derive.notation.tex import LatexWriter

_LEVELS = 12
#: The nearest levels, as a part of all, and what is just above 0 beside the largest gap.
_APART, _ZERO = 1e-3, 1e-9
#: What marks points at which the cost is stationary.
_MARKERS = {"saddle": "x", "minimum": "v", "maximum": "^"}
_PALE = LinearSegmentedColormap.from_list("pale", ("#2f7fb5", "#9ccbe6", "#e3f0f8", "#ffffff"))


def drawn_lines(data: CostLines, writer: LatexWriter, labels: Labels) -> Figure:
    """A panel for each weight: C, the kinks on the way, the point, and the tangent there."""
    count = len(data.lines)
    figure = Figure(figsize=((6.3 if count > 1 else 3.6), 2.5), layout="constrained")
    panels: Any = figure.subplots(1, count, squeeze=False)
    for axes, line in zip(panels[0], data.lines, strict=True):
        _line(axes, line, data.cost)
        axes.set_xlabel(f"${writer.text(line.weight.name)}$")
    panels[0][0].set_ylabel(f"${writer.text(data.symbol)}$", rotation=0, labelpad=10)
    return figure


def _line(axes: Any, line: CostLine, cost: float) -> None:
    finite = [c for c in line.costs if math.isfinite(c)]
    low, high = min(finite), max(finite)
    room = 0.08 * (high - low) or 1.0
    weight = line.weight
    for kink in line.kinks:
        axes.axvline(kink.at, color=SOFT, linewidth=0.8, linestyle=(0, (3, 3)), zorder=1)
    axes.plot(line.weights, line.costs, color=BLUE, zorder=2)
    reach = 0.3 * (line.weights[-1] - line.weights[0])
    ends = (weight.value - reach, weight.value + reach)
    axes.plot(ends, [cost + weight.slope * (end - weight.value) for end in ends], color=ORANGE,
              linewidth=1.1, linestyle=(0, (5, 2)), zorder=2)  # fmt: skip
    _point(axes, weight.value, cost)
    axes.set_ylim(low - room, high + room)
    axes.set_xlim(line.weights[0], line.weights[-1])


def _point(axes: Any, x: float, y: float) -> None:
    axes.plot([x], [y], "o", color=ORANGE, markeredgecolor=PAPER, markersize=7, zorder=5)


def drawn_surface(data: CostSurface, writer: LatexWriter, labels: Labels) -> Figure:
    """Contour lines of C, borders of activation regions, the point, and the first step."""
    figure = Figure(figsize=(4.9, 3.7), layout="constrained")
    axes: Any = figure.subplots()
    levels = _levels(data)
    if len(levels) > 2:
        filled = axes.contourf(data.across, data.up, data.costs, levels, cmap=_PALE,
                               norm=BoundaryNorm(levels, _PALE.N))  # fmt: skip
        axes.contour(data.across, data.up, data.costs, levels[1:-1], colors=SOFT, linewidths=0.5)
        bar = figure.colorbar(filled, ax=axes, ticks=levels[::2], spacing="uniform")
        bar.ax.set_yticklabels([f"{level:.3g}" for level in levels[::2]])
        bar.ax.set_title(f"${writer.text(data.symbol)}$", fontsize=11)
        bar.outline.set_linewidth(0.5)  # pyright: ignore
    for border in data.borders:
        size = max(abs(gap) for row in border.gaps for gap in row)
        axes.contour(data.across, data.up, border.gaps, [_ZERO * size], colors=INK,
                     linewidths=1.3, linestyles="dashed")  # fmt: skip
    if data.errors is not None:
        axes.contour(data.across, data.up, data.errors, [0.0], colors=PAPER, linewidths=2.0,
                     linestyles="dotted")  # fmt: skip
    for one in data.stationary:
        axes.plot([float(one.at[0])], [float(one.at[1])], _MARKERS[one.kind], color=INK,
                  markeredgecolor=INK, markersize=7, markeredgewidth=1.8, zorder=5)  # fmt: skip
    _step(axes, data)
    for place, weight in (("x", data.first), ("y", data.second)):
        _named(axes, place, weight, writer)
    return figure


def _levels(data: CostSurface) -> list[float]:
    """Costs with about as much of the surface between each two of them."""
    costs = sorted(c for row in data.costs for c in row if math.isfinite(c))
    if not costs:
        return []
    levels = [costs[n * (len(costs) - 1) // _LEVELS] for n in range(_LEVELS + 1)]
    apart = _APART * (costs[-1] - costs[0])
    found = [0.0 if abs(levels[0]) < apart else levels[0]]
    for level in levels[1:]:
        if level > found[-1] + apart:
            found.append(level)
    return found


def _step(axes: Any, data: CostSurface) -> None:
    point = (data.first.value, data.second.value)
    if data.step is not None and data.step_is_seen:
        _arrow(axes, point, data.step.to, ORANGE)
    if data.newton is not None:
        _arrow(axes, point, data.newton, GREEN)
    axes.plot([point[0]], [point[1]], "o", color=ORANGE, markersize=5, markeredgewidth=0, zorder=5)


def _arrow(axes: Any, start: tuple[float, float], end: tuple[float, float], colour: str) -> None:
    style = {"arrowstyle": "-|>,head_length=0.4,head_width=0.2", "color": colour,
             "linewidth": 1.8, "shrinkA": 0, "shrinkB": 0}  # fmt: skip
    axes.annotate("", end, start, arrowprops=style, zorder=6)


def _named(axes: Any, place: str, weight: WeightEntry, writer: LatexWriter) -> None:
    name = f"${writer.text(weight.name)}$"
    if place == "x":
        axes.set_xlabel(name)
    else:
        axes.set_ylabel(name, rotation=0, labelpad=12)
