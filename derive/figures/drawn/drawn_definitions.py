"""The graph of definitions drawn: a box for each tensor, an arrow to each that uses it."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.path import Path

from derive.algebra.boxes import Box
from derive.figures.colours import INK, PALE_BLUE, PAPER, SOFT
from derive.figures.definitions_graph import DefinitionsGraph, DrawnTensor, DrawnUse
from derive.figures.drawing import Labels
from derive.notation.tex import LatexWriter

_ACROSS, _DOWN = 1.4, 0.8
_HALF_HEIGHT, _BESIDE = 0.24, 0.25
_INCH, _WIDEST = 0.72, 6.4
_SIZE = 12.0
#: The width of a box: one em of its letters, what stands beside them, and the least for both.
_EM = _SIZE / 72 / _INCH
_PADDING, _NARROWEST = 0.42, 0.66
_PARAMETER = "#f3ead7"


def drawn_definitions(data: DefinitionsGraph, writer: LatexWriter, labels: Labels) -> Figure:
    """The figure of the definitions of a model."""
    names = {one.entry: writer.box(one.entry) for one in data.tensors}
    page = _Sheet(data, names)
    for use in data.uses:
        page.use(use)
    for tensor in data.tensors:
        page.tensor(tensor)
    return page.figure


class _Sheet:
    """Where the boxes and arrows of one graph are drawn."""

    def __init__(self, data: DefinitionsGraph, names: dict[Any, Box]) -> None:
        self._data, self._names = data, names
        self._half = {entry: _half_width(name) for entry, name in names.items()}
        left = max(self._half[one.entry] for one in data.tensors if one.column == 0) + _BESIDE
        right = max(one.column * _ACROSS + self._half[one.entry] for one in data.tensors) + _BESIDE
        heights = [one.height for one in data.tensors]
        heights += [height for use in data.uses for height in use.heights]
        edge = _HALF_HEIGHT + _BESIDE
        top, foot = -min(heights) * _DOWN + edge, -max(heights) * _DOWN - edge
        inch = min(_INCH, _WIDEST / (left + right))
        self.figure = Figure(figsize=((left + right) * inch, (top - foot) * inch))
        self._axes: Any = self.figure.add_axes((0, 0, 1, 1))
        self._axes.set_axis_off()
        self._axes.set_xlim(-left, right)
        self._axes.set_ylim(foot, top)
        self._scale = inch / _INCH

    def tensor(self, tensor: DrawnTensor) -> None:
        """A box: pale for what is given, round for what is computed, heavy for the objective."""
        x, y = tensor.column * _ACROSS, -tensor.height * _DOWN
        half = self._half[tensor.entry]
        faces = {"defined": PAPER, "parameter": _PARAMETER}
        is_objective = tensor.entry.args[:2] == self._data.objective.args[:2]
        style = "round,pad=0,rounding_size="
        style += str(_HALF_HEIGHT if tensor.role == "defined" and not is_objective else 0.05)
        box = FancyBboxPatch(
            (x - half, y - _HALF_HEIGHT), 2 * half, 2 * _HALF_HEIGHT, boxstyle=style,
            facecolor=faces.get(tensor.role, PALE_BLUE), edgecolor=INK, zorder=3,
            linewidth=1.8 if is_objective else 1,
        )  # fmt: skip
        self._axes.add_patch(box)
        self._axes.text(
            x, y, f"${self._names[tensor.entry].text}$", fontsize=_SIZE * self._scale,
            ha="center", va="center_baseline", color=INK, zorder=4,
        )  # fmt: skip

    def use(self, use: DrawnUse) -> None:
        """An arrow, level where it leaves, arrives and passes."""
        first, last = use.start, use.end
        points = [(first.column * _ACROSS + self._half[first.entry], -first.height * _DOWN)]
        for number, height in enumerate(use.heights, start=first.column + 1):
            points.append((number * _ACROSS, -height * _DOWN))
        points.append((last.column * _ACROSS - self._half[last.entry], -last.height * _DOWN))
        corners, codes = [points[0]], [Path.MOVETO]
        for (x, y), (to_x, to_y) in pairwise(points):
            bend = (to_x - x) * 0.45
            corners += [(x + bend, y), (to_x - bend, to_y), (to_x, to_y)]
            codes += [Path.CURVE4] * 3
        arrow = FancyArrowPatch(
            path=Path(corners, codes), color=SOFT, linewidth=0.8, zorder=2,
            arrowstyle="-|>,head_length=3,head_width=1.3",
        )  # fmt: skip
        self._axes.add_patch(arrow)


def _half_width(name: Box) -> float:
    """Half of what a name takes with the room beside it."""
    return max(_PADDING + _EM * name.width, _NARROWEST) / 2
