"""Counterexamples in tables that fit on a line: all of their numbers, in order, none alone."""

import re

import pytest

from derive import read_model, report_on
from derive.documents.blocks import Mistaken
from derive.documents.reporting import naming_for
from derive.documents.targets.point_tables import point_tables
from derive.notation.tex import LatexWriter
from tests.documents.test_usual_mistakes import mistakes_of

#: GitHub's page has 846 pixels for a table where a tree of files stands beside it.
PAGE, PADDING, EM = 846, 27, 14


def tables_of(name):
    network, found = mistakes_of(name)
    writer = LatexWriter(naming_for(network))
    return [(block, point_tables(block, writer)) for block in found], writer


@pytest.mark.parametrize("name", ["three-layer-chain", "softmax-classifier"])
def test_the_tables_have_all_values_and_the_last_both_sides(name):
    found, _ = tables_of(name)
    assert found and all(isinstance(block, Mistaken) for block, _ in found)
    for block, tables in found:
        assert sum((table.values for table in tables), ()) == block.point
        assert all(table.values for table in tables)
        assert [table.sides for table in tables] == [()] * (len(tables) - 1) + [block.values]


def test_a_point_that_is_wider_than_a_line_has_two_tables():
    found, writer = tables_of("softmax-classifier")
    assert {len(tables) for _, tables in found} == {1, 2}
    for _, tables in found:
        for table in tables:
            columns = [
                max(writer.box(v.name).width, writer.box(v.value).width) for v in table.values
            ]
            columns += [max(5.0, writer.box(side).width) for side in table.sides]
            assert sum(PADDING + EM * width for width in columns) < PAGE


def test_every_dialect_has_every_table():
    texts = dict(report_on(read_model("attention-head"), ["latex", "plain", "html", "typst"]).files)
    heads = {
        ".tex": (r"left side & right side", r"W\^V\$ \\\\\n\\midrule"),
        ".md": (r"\| left side \| right side \|", r"\$W\^V\$ \|\n\| --- "),
        ".html": (r"left side</th><th", r"</math></span></th></tr></thead>"),
        ".typ": (r"\[left side\], \[right side\]", r"#ruled\(6, "),
    }
    for name, text in texts.items():
        whole, first = heads[name[name.rindex(".") :]]
        assert (len(re.findall(whole, text)), len(re.findall(first, text))) == (5, 2), name
