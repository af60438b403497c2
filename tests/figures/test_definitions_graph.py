"""The graph of definitions: who stands where, what leads to what, and nothing on top of another."""

from itertools import combinations, pairwise

import pytest

from derive import Model, read_model
from derive.figures.definitions_graph import MOST_COLUMNS, definitions_graph
from derive.notation.ascii.printing import ascii_text

NAMES = ["attention-head", "layer-norm", "lstm-cell", "rnn-three-steps", "masked-attention"]


def chain(length):
    lines = [f"a{n}[i] := tanh(a{n - 1}[i])" for n in range(1, length + 1)]
    return Model.from_definitions("\n".join(["input a0[d]", *lines, f"output a{length}"]))


@pytest.mark.parametrize("name", NAMES)
def test_every_use_is_an_arrow_to_a_later_column(name):
    model = read_model(name)
    graph = definitions_graph(model)
    arrows = {(use.start.entry.args[:2], use.end.entry.args[:2]) for use in graph.uses}
    assert arrows == {(part, head) for head in model.defined for part in model.parts(head)}
    assert len(arrows) == len(graph.uses)
    for use in graph.uses:
        assert use.end.column - use.start.column == len(use.heights) + 1 >= 1


@pytest.mark.parametrize("name", NAMES)
def test_places_of_a_column_are_apart(name):
    graph = definitions_graph(read_model(name))
    for one, other in combinations(graph.tensors, 2):
        if one.column == other.column:
            assert abs(one.height - other.height) >= 0.999
    for use in graph.uses:
        for column, height in enumerate(use.heights, start=use.start.column + 1):
            beside = [one.height for one in graph.tensors if one.column == column]
            assert all(abs(height - other) >= 0.749 for other in beside)


def test_a_chain_is_a_straight_line():
    graph = definitions_graph(chain(4))
    assert [ascii_text(one.entry) for one in graph.tensors] == [
        "a0[i]", "a1[i]", "a2[i]", "a3[i]", "a4[i]", "C",
    ]  # fmt: skip
    assert {one.height for one in graph.tensors} == {0.0}
    assert all(after.column == before.column + 1 for before, after in pairwise(graph.tensors))


def test_attention_has_the_one_crossing_that_it_needs():
    graph = definitions_graph(read_model("attention-head"))
    steps = []
    for use in graph.uses:
        heights = (use.start.height, *use.heights, use.end.height)
        steps += [(use.start.column + n, *two) for n, two in enumerate(pairwise(heights))]
    crossings = [
        first == second and (a - c) * (b - d) < 0
        for (first, a, b), (second, c, d) in combinations(steps, 2)
    ]
    assert sum(crossings) == 1  # of Q, K and V the middle one has x on one side, its weights too


def test_what_is_given_stands_just_before_its_use():
    graph = definitions_graph(read_model("attention-head"))
    columns = {ascii_text(one.entry): one.column for one in graph.tensors}
    assert columns["y[t,j]"] == columns["O[t,j]"] == columns["C"] - 1
    assert {one.role for one in graph.tensors if one.column == 0} == {"input", "parameter"}


def test_a_graph_that_nobody_could_read_is_none():
    assert definitions_graph(chain(MOST_COLUMNS - 2)) is not None
    assert definitions_graph(chain(MOST_COLUMNS - 1)) is None
