"""The figures of a document: which it has, at the end of which sections, and their files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from zlib import crc32

from jinja2 import Environment

from derive.documents.blocks import Block, Illustration, Paragraph, Printable
from derive.figures.activation_curves import activation_figure
from derive.figures.cost_landscape import cost_lines, cost_surface
from derive.figures.definitions_graph import definitions_graph
from derive.figures.depth_curves import DepthCurves
from derive.figures.drawing import FigureData, can_draw, drawn
from derive.figures.hessian_structure import HessianPart, hessian_structure
from derive.figures.input_regions import input_regions
from derive.figures.network_graph import NetworkGraph, network_graph
from derive.model.model import Model
from derive.model.network import Network
from derive.notation.tex import LatexWriter

#: The template with the words of figures.
_WORDS = "figures.jinja"
#: The section that a figure stands in, its key, and what it shows, if that can be drawn.
_Placed = tuple[str, str, FigureData | None]


def illustrations(model: Model, order: int, name: str) -> Mapping[str, tuple[Block, ...]]:
    """The figures of a model that a document of this order and name has.

    Without matplotlib there is one line that says so.
    """
    if not can_draw():
        return {"symbols": (Paragraph("figures_left_out"),)}
    if isinstance(model, Network):
        made = _of_layers(model, order)
    else:
        made = [("result", "definitions", definitions_graph(model))]
    found: dict[str, tuple[Block, ...]] = {}
    for section, key, data in made:
        if data is not None:
            file = f"{_folder(name)}/{key.replace('_', '-')}"
            found[section] = (*found.get(section, ()), Illustration(key, data, file))
    return found


def _of_layers(network: Network, order: int) -> list[_Placed]:
    made: list[_Placed] = [
        ("result", "network", network_graph(network)),
        ("activations", "activation", activation_figure(network)),
    ]
    if order == 1:
        made += [("numbers", "cost_lines", cost_lines(network))]
        made += [("numbers", "cost_surface", cost_surface(network))]
        made += [("regions", "input_regions", input_regions(network))]
    else:
        made += [("split", "hessian", hessian_structure(network))]
    return made


def pictures(
    document: Printable, forms: Iterable[str], environment: Environment
) -> Iterator[tuple[str, bytes]]:
    """The name and content of each figure in each form, "svg" or "pdf"."""
    chosen = tuple(forms)
    writer = LatexWriter(document.naming)
    for block in document.blocks:
        if isinstance(block, Illustration):
            labels = _labels(block, document, environment)
            for form in chosen:
                yield f"{block.file}.{form}", drawn(block.data, writer, labels, form)


def _labels(
    block: Illustration, document: Printable, environment: Environment
) -> Mapping[str, str]:
    """The words that stand in a figure, from the templates."""
    shared = {"network": document.network, "document": document}
    words: Any = environment.get_template(_WORDS).make_module(shared)
    labels = {
        str(part): str(words.part(part)).strip() for part in (*HessianPart, "active", "passed")
    }
    if isinstance(block.data, DepthCurves):
        for place, curve in enumerate(block.data.curves):
            labels[f"curve {place}"] = str(words.curve(curve)).strip()
    if isinstance(block.data, NetworkGraph):
        for layer in filter(None, block.data.layers):
            below = str(words.below(layer)).strip().splitlines()
            labels[f"layer {layer.number}"] = "\n".join(filter(None, map(str.strip, below)))
    return labels


def _folder(name: str) -> str:
    """Where figures lie; a name with characters that TeX has a use for is told apart by a sum."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name)
    return f"{plain}-figures" if plain == name else f"{plain}-{crc32(name.encode()):08x}-figures"
