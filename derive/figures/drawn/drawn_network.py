"""A network drawn: a column of circles for each layer, the cost at the end."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import Circle, FancyBboxPatch

from derive.figures.colours import INK, PALE_BLUE, PAPER, SOFT
from derive.figures.drawing import Labels
from derive.figures.network_graph import DrawnLayer, DrawnUnit, NetworkGraph
from derive.notation.tex import LatexWriter

_RADIUS = 0.46
_ACROSS, _DOWN = 2.2, 1.12
_INCH, _WIDEST = 0.72, 6.4
_ABOVE, _BELOW, _BESIDE = 0.3, 0.9, 0.4
#: Of symbols, and of the two in a circle.
_SIZE, _SMALL = 10.5, 9.0


def drawn_network(data: NetworkGraph, writer: LatexWriter, labels: Labels) -> Figure:
    """The figure of a network."""
    columns = len(data.layers) + (data.cost is not None)
    most = max((len(layer.units) for layer in data.layers if layer), default=1)
    width = (columns - 1) * _ACROSS + 2 * (_RADIUS + _BESIDE)
    top, bottom = _height(most), -_height(most)
    height = top - bottom + 2 * _RADIUS + _ABOVE + _BELOW
    inch = min(_INCH, _WIDEST / width)
    figure = Figure(figsize=(width * inch, height * inch))
    axes: Any = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    axes.set_xlim(-_RADIUS - _BESIDE, width - _RADIUS - _BESIDE)
    axes.set_ylim(bottom - _RADIUS - _BELOW, top + _RADIUS + _ABOVE)
    page = _Page(axes, writer, labels, inch / _INCH, bottom - _RADIUS)
    for place, layer in enumerate(data.layers):
        page.layer(place * _ACROSS, layer)
    for place, pair in enumerate(zip(data.layers, data.layers[1:], strict=False)):
        page.between(place * _ACROSS, *pair)
    if data.cost is not None:
        page.cost((columns - 1) * _ACROSS, data)
    return figure


def _height(units: int) -> float:
    return (units - 1) * _DOWN / 2


def _places(layer: DrawnLayer | None) -> Sequence[float]:
    """The heights of the units of a layer; of layers left out one."""
    if layer is None:
        return [0.0]
    top = _height(len(layer.units))
    return [top - place * _DOWN for place in range(len(layer.units))]


class _Page:
    """Where the parts of one network are drawn."""

    def __init__(
        self, axes: Any, writer: LatexWriter, labels: Labels, scale: float, floor: float
    ) -> None:
        self._axes, self._writer, self._labels = axes, writer, labels
        self._scale, self._floor = scale, floor

    def _text(self, x: float, y: float, words: str, size: float = _SIZE, **how: Any) -> None:
        style = {"ha": "center", "va": "center", "color": INK, "zorder": 4, **how}
        self._axes.text(x, y, words, fontsize=size * self._scale, **style)

    def layer(self, x: float, layer: DrawnLayer | None) -> None:
        """A column of units, and the name of the activation below it."""
        if layer is None:
            self._text(x, 0, r"$\cdots$", 18)
            return
        for y, unit in zip(_places(layer), layer.units, strict=True):
            if unit is None:
                self._text(x, y, r"$\vdots$", 16)
            else:
                self._unit(x, y, unit)
        words = self._labels[f"layer {layer.number}"]
        self._text(x, self._floor - 0.2, words, 10, color=SOFT, va="top")

    def _unit(self, x: float, y: float, unit: DrawnUnit) -> None:
        face = PALE_BLUE if unit.z is None else PAPER
        circle = Circle((x, y), _RADIUS, facecolor=face, edgecolor=INK, linewidth=1, zorder=3)
        self._axes.add_patch(circle)
        output = f"${self._writer.text(unit.r)}$"
        if unit.z is None:
            self._text(x, y, output)
            return
        self._axes.plot([x, x], [y - _RADIUS, y + _RADIUS], color=INK, linewidth=0.7, zorder=3.5)
        self._text(x - 0.22, y, f"${self._writer.text(unit.z)}$", _SMALL)
        self._text(x + 0.22, y, output, _SMALL)

    def between(self, x: float, before: DrawnLayer | None, after: DrawnLayer | None) -> None:
        """A line from each unit to each of the next layer, and the parameters above."""
        for start, one in _drawn(before):
            for end, other in _drawn(after):
                gaps = (0.3 if unit is None else _RADIUS for unit in (one, other))
                left, right = (x + next(gaps), x + _ACROSS - next(gaps))
                self._arrow((left, start), (right, end))
        if after is not None:
            names = ", ".join(f"${self._writer.text(one)}$" for one in after.parameters)
            top = max(_places(before)[0], _places(after)[0])
            self._text(x + _ACROSS / 2, top + 0.36, names)

    def cost(self, x: float, data: NetworkGraph) -> None:
        """The cost, to which the outputs and the targets lead."""
        size = 0.36
        box = FancyBboxPatch((x - size, -size), 2 * size, 2 * size, facecolor=PAPER, edgecolor=INK,
                             boxstyle="round,pad=0.05", linewidth=1, zorder=3)  # fmt: skip
        self._axes.add_patch(box)
        self._text(x, 0, f"${self._writer.text(data.cost)}$")  # pyright: ignore
        for start, _ in _drawn(data.layers[-1]):
            self._arrow((x - _ACROSS + _RADIUS, start), (x - size - 0.05, 0))
        foot = -size - 0.05
        self._arrow((x, foot - 0.5), (x, foot))
        self._text(x, foot - 0.68, f"${self._writer.text(data.target)}$")

    def _arrow(self, start: tuple[float, float], end: tuple[float, float]) -> None:
        style = {"arrowstyle": "-|>,head_length=0.3,head_width=0.12", "color": SOFT,
                 "linewidth": 0.7, "shrinkA": 0, "shrinkB": 0}  # fmt: skip
        self._axes.annotate("", end, start, arrowprops=style, zorder=2)


def _drawn(layer: DrawnLayer | None) -> list[tuple[float, DrawnUnit | None]]:
    """The heights from which lines start: those of units, and of a gap between layers."""
    if layer is None:
        return [(0.0, None)]
    pairs = zip(_places(layer), layer.units, strict=True)
    return [(y, unit) for y, unit in pairs if unit is not None]
