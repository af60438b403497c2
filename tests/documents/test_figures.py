"""Documents with figures: files beside them, words in their place, nothing without the option."""

import re
from dataclasses import replace

import pytest
from click.testing import CliRunner

from derive import read_model, read_network, report_on
from derive.cli import main
from derive.documents.blocks import Illustration
from derive.documents.illustrating import illustrations
from derive.figures import drawing
from tests.documents.formulas import requires
from tests.documents.test_html import Page

ORDERS = [("two-layer-chain", 1), ("two-layer-chain", 2)]


def report(name, dialects, order=1, **options):
    return dict(report_on(read_network(name), dialects, order=order, figures=True, **options).files)


@pytest.mark.parametrize(("name", "order"), ORDERS)
def test_markdown_names_each_figure_and_says_what_is_seen(name, order):
    files = report(name, ["github"], order)
    text = "".join(content for file, content in files.items() if file.endswith(".md"))
    links = re.findall(r"^!\[(.+)\]\((.+)\)$", text, re.M)
    assert {link for _, link in links} == {file for file in files if file.endswith(".svg")}
    assert len(links) == (4 if order == 1 else 3)
    assert all(len(words) > 60 for words, _ in links)


def test_the_words_in_place_of_a_figure_have_its_data():
    text = report("two-layer-chain", ["plain"])["two-layer-chain.md"]
    assert "At the point the cost is 0.125" in text
    assert "the step leads to (1.45, 0.35)" in text
    assert "jumps from 0 to 1, with the value 0 there" in text
    assert r"with a kink of z^\{(1)\}, z^\{(2)\} at 0" in text


@pytest.mark.parametrize(("name", "order"), ORDERS)
def test_a_page_holds_its_figures_and_needs_nothing_else(name, order):
    files = report(name, ["html"], order)
    ((_, text),) = files.items()
    page = Page(text)
    assert len(page.ids) == len(set(page.ids))
    assert all(link.startswith("#") for link in page.links)
    assert {link[1:] for link in page.links} <= set(page.ids)
    assert text.count('role="img"') == text.count("<figcaption>") == (4 if order == 1 else 3)
    assert text.count("<desc") == text.count("<figure>")
    assert "http" not in text and not page.tags & {"script", "link", "img", "image"}


@pytest.mark.thorough
def test_latex_compiles_with_its_figures(monkeypatch):
    requires("pdflatex")
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1")
    network = replace(read_network("one-layer-chain"), name="odd & #1 of_100%")
    first, second = (
        dict(report_on(network, ["latex", "pdf"], figures=True).files) for _ in range(2)
    )
    assert first == second
    included = re.findall(r"\\includegraphics\[alt=\{(.+)\}\]\{\\detokenize\{(.+?)\}\}",
                          first["odd & #1 of_100%.tex"])  # fmt: skip
    assert [file.rpartition("/")[2] for _, file in included] == [
        "network.pdf",
        "activation.pdf",
        "cost-lines.pdf",
    ]
    assert {file for _, file in included} <= first.keys()
    assert len(first["odd & #1 of_100%.pdf"]) > sum(len(first[file]) for _, file in included)


@pytest.mark.parametrize("dialect", ["latex", "github", "html"])
def test_without_the_option_nothing_of_figures_is_there(dialect):
    files = report_on(read_network("two-layer-chain"), [dialect]).files
    assert len(files) == 1 and not re.search("igure|graphic|svg", files[0][1])


def test_without_matplotlib_one_line_says_what_is_left_out(monkeypatch, tmp_path):
    monkeypatch.setattr(drawing, "find_spec", lambda name: None)
    ((_, text),) = report("one-layer-chain", ["github"]).items()
    whole = dict(report_on(read_network("one-layer-chain"), ["github"]).files)
    line = "The figures are left out here: they need the package matplotlib.\n\n"
    assert text.replace(line, "") == whole["one-layer-chain.md"] != text
    options = ["report", "one-layer-chain", "--figures", "-o", str(tmp_path)]
    run = CliRunner().invoke(main, options)
    assert run.exit_code == 0
    assert "pip install 'derive-backprop[figures]'" in run.stderr


def test_the_command_writes_figures_beside_the_document(tmp_path):
    options = ["report", "one-layer-chain", "--figures", "--format", "markdown"]
    assert CliRunner().invoke(main, [*options, "-o", str(tmp_path)]).exit_code == 0
    written = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.*")}
    assert written == {"one-layer-chain.md"} | {
        f"one-layer-chain-figures/{name}.svg" for name in ("network", "activation", "cost-lines")
    }


@pytest.mark.parametrize("order", [1, 2])
def test_a_model_from_definitions_has_the_graph_of_these(order):
    files = dict(report_on(read_model("rms-norm"), ["plain"], order=order, figures=True).files)
    (text,) = (content for name, content in files.items() if name.endswith(".md"))
    ((words, file),) = re.findall(r"^!\[(.+)\]\((.+)\)$", text, re.M)
    assert files[file].startswith(b"<?xml") and "/definitions" in file
    assert r"s\_t is computed from" in words and r"o\_\{ti\} is computed from g\_i and" in words


@pytest.mark.thorough
def test_names_that_a_notation_gives_are_drawn_and_said():
    text = report("two-layer-chain", ["plain"], notation="nielsen")["two-layer-chain.md"]
    assert "reached by w^2" in text


def test_figures_stand_in_their_sections():
    found = illustrations(read_network("regression-2-3-1"), 1, "name")
    keys = {place: [block.key for block in blocks if isinstance(block, Illustration)]
            for place, blocks in found.items()}  # fmt: skip
    assert keys == {
        "result": ["network"],
        "activations": ["activation"],
        "numbers": ["cost_lines", "cost_surface"],
        "regions": ["input_regions"],
    }


def test_every_part_of_a_name_has_a_place_of_its_own():
    names = ["a b", "a&b", "a-b"]
    files = {illustrations(read_network("1-1"), 1, name)["result"][0].file for name in names}
    assert len(files) == 3
