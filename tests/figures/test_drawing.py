"""Figures as files: the same bytes each time, with no date and nothing shared."""

import subprocess
import sys
from xml.etree import ElementTree

import pytest

from derive import read_network
from derive.errors import DeriveError
from derive.figures.activation_curves import activation_figure
from derive.figures.cost_landscape import cost_lines, cost_surface
from derive.figures.drawing import drawn
from derive.figures.hessian_structure import HessianPart, hessian_structure
from derive.figures.inlining import inlined
from derive.figures.network_graph import network_graph
from derive.notation.naming import BookNaming
from derive.notation.tex import LatexWriter

MAKERS = [activation_figure, network_graph, cost_lines, cost_surface, hessian_structure]
LABELS = {str(part): str(part) for part in HessianPart} | {f"layer {n}": str(n) for n in range(9)}


def picture(maker, form, name="regression-2-3-1"):
    return drawn(maker(read_network(name)), LatexWriter(), LABELS, form)


@pytest.mark.parametrize("maker", MAKERS)
def test_a_figure_is_the_same_bytes_each_time(maker):
    svg, pdf = picture(maker, "svg"), picture(maker, "pdf")
    assert svg == picture(maker, "svg") and pdf == picture(maker, "pdf")
    assert b"<dc:date>" not in svg and b"CreationDate" not in pdf
    assert pdf.startswith(b"%PDF-")


@pytest.mark.thorough
def test_another_process_draws_the_same():
    code = (
        "import sys; from tests.figures.test_drawing import *; "
        "sys.stdout.buffer.write(picture(cost_surface, 'svg', 'two-layer-chain'))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert run.stdout == picture(cost_surface, "svg", "two-layer-chain")


def test_pyplot_is_not_used_and_settings_stay():
    import matplotlib

    before = dict(matplotlib.rcParams)
    picture(network_graph, "svg", "two-layer-chain")
    assert dict(matplotlib.rcParams) == before
    assert "matplotlib.pyplot" not in sys.modules


def test_a_drawing_on_a_page_has_names_of_its_own():
    text = inlined(picture(hessian_structure, "svg"), "here", "The <title>", "a & b")
    root = ElementTree.fromstring(text)
    assert root.tag == "svg" and root.attrib["role"] == "img"
    names = [node.attrib["id"] for node in root.iter() if "id" in node.attrib]
    assert len(names) == len(set(names)) and all(name.startswith("here-") for name in names)
    used = [value for node in root.iter() for key, value in node.attrib.items()
            if key == "href" or value.startswith("url(")]  # fmt: skip
    targets = {value.removeprefix("url(").removesuffix(")") for value in used}
    assert targets and targets <= {f"#{name}" for name in names}
    assert [(node.tag, node.text) for node in root[:2]] == [("title", "The <title>"),
                                                            ("desc", "a & b")]  # fmt: skip
    assert root.attrib["aria-labelledby"] == "here-title"
    assert not {"style", "metadata", "script"} & {node.tag for node in root.iter()}


def test_a_name_that_cannot_be_drawn_is_told():
    graph = network_graph(read_network("1-1"))
    with pytest.raises(DeriveError, match="the name a_b_c cannot be written"):
        drawn(graph, LatexWriter(BookNaming(names={"a_b_c": "W0"})), LABELS, "svg")
