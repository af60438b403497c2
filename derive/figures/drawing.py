"""Figures drawn with matplotlib, as SVG or PDF: the same bytes each time.

Nothing of pyplot is used, so no figure outlives its drawing, and no window or setting is shared.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from importlib.util import find_spec
from io import BytesIO
from typing import Any

from derive.errors import DeriveError
from derive.figures.activation_curves import ActivationFigure
from derive.figures.cost_landscape import CostLines, CostSurface
from derive.figures.definitions_graph import DefinitionsGraph
from derive.figures.depth_curves import DepthCurves
from derive.figures.hessian_structure import HessianStructure
from derive.figures.input_regions import InputRegions
from derive.figures.network_graph import NetworkGraph
from derive.lazy import late
from derive.notation.tex import LatexWriter

#: What can be drawn.
FigureData = (
    ActivationFigure
    | NetworkGraph
    | CostLines
    | CostSurface
    | DefinitionsGraph
    | DepthCurves
    | HessianStructure
    | InputRegions
)

#: Words in a figure, by their key in the templates.
Labels = Mapping[str, str]

#: How each kind of data is drawn: loaded with matplotlib, when it is needed.
_DRAWN: dict[type, Callable[..., Any]] = {
    ActivationFigure: late("derive.figures.drawn.drawn_activations", "drawn_activations"),
    NetworkGraph: late("derive.figures.drawn.drawn_network", "drawn_network"),
    CostLines: late("derive.figures.drawn.drawn_cost", "drawn_lines"),
    CostSurface: late("derive.figures.drawn.drawn_cost", "drawn_surface"),
    DefinitionsGraph: late("derive.figures.drawn.drawn_definitions", "drawn_definitions"),
    DepthCurves: late("derive.figures.drawn.drawn_depth", "drawn_depth"),
    InputRegions: late("derive.figures.drawn.drawn_regions", "drawn_regions"),
    HessianStructure: late("derive.figures.drawn.drawn_hessian", "drawn_hessian"),
}
#: No date, and in SVG no random names; letters are outlines, so no font is asked for.
_SETTINGS = {
    "svg.hashsalt": "derive",
    "svg.fonttype": "path",
    "pdf.fonttype": 42,
    "font.family": "STIXGeneral",
    "mathtext.fontset": "stix",
    "font.size": 11.0,
    "axes.linewidth": 0.7,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.formatter.use_mathtext": True,
    "axes.unicode_minus": True,
    "hatch.linewidth": 0.6,
    "lines.linewidth": 1.6,
    "legend.frameon": False,
}
_UNDATED = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}


def can_draw() -> bool:
    """Whether matplotlib is installed."""
    return find_spec("matplotlib") is not None


def drawn(data: FigureData, writer: LatexWriter, labels: Labels, form: str) -> bytes:
    """The figure as "svg" or "pdf", with symbols by `writer`, and `labels` for its words.

    Raises:
        DeriveError: for a name of the user's that is no mathematics to matplotlib.
    """
    stream = BytesIO()
    with _settings():
        try:
            figure = _DRAWN[type(data)](data, writer, labels)
            figure.savefig(stream, format=form, metadata=_UNDATED[form], facecolor="white")
        except ValueError as error:  # as matplotlib says of a formula with two subscripts
            name = str(error).strip().partition("\n")[0]
            raise DeriveError(
                f"the name {name} cannot be written in a figure; rename it, or ask for no figures"
            ) from error
    return stream.getvalue()


def _settings() -> AbstractContextManager[None]:
    """matplotlib's own defaults with ours, whatever a file of the user's says."""
    import matplotlib

    settings: Any = {**matplotlib.rcParamsDefault, **_SETTINGS, "backend": "agg"}
    return matplotlib.rc_context(settings)
